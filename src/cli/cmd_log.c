#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/log_offline.h"
#include "cli/log_text.h"
#include "cli/record.h"
#include "cli/serve_socket.h"
#include "ledger/log_check.h"
#include "store/tables.h"

/* --- log verify -------------------------------------------------------------------------------------------------- */

static int smaller_first(const void *a, const void *b) {
    uint64_t x = ((const pct_tree_head *)a)->size, y = ((const pct_tree_head *)b)->size;
    return (x > y) - (x < y);
}

/* The tree heads that the caller has brought along, by size. */
static pct_status read_heads(pct_cli *cli, const pct_crypto *crypto, pct_tree_head *out, size_t *count,
                             pct_error *error) {
    pct_buffer text = pct_buffer_init(PCT_NOTE_BYTES_MAX), note = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_note_key key;
    pct_status status = PCT_OK;
    const char *given = pct_cli_option(cli, "--key"), *head = pct_cli_option(cli, "--head");
    *count = 0;
    if (head && !given) status = pct_error_set(error, PCT_MISUSE, PCT_MSG_LOG_HEAD_WITHOUT_KEY, NULL, 0);
    if (head && !status) status = pct_log_key_given(given, PCT_NOTE_ED25519, crypto, &text, &key, error);
    for (int i = 0; !status && (head = pct_cli_option_at(cli, "--head", i)) != NULL; i++) {
        pct_checkpoint read;
        pct_buffer_clear(&note);
        status = pct_log_file_read(head, PCT_NOTE_BYTES_MAX, &note, error);
        if (!status) status = pct_checkpoint_read(crypto, pct_log_view(&note), &key, &read, error);
        if (!status) out[(*count)++] = read.head;
    }
    qsort(out, *count, sizeof *out, smaller_first);
    pct_buffer_dispose(&text);
    pct_buffer_dispose(&note);
    return status;
}

static pct_status verify(pct_cli *cli, pct_store *store, pct_ledger_verdict *verdict, pct_error *error) {
    const pct_crypto *crypto;
    pct_tree_head heads[PCT_CLI_MORE_MAX + 1];
    size_t count;
    pct_status status = pct_crypto_sodium(&crypto, error);
    if (!status) verdict->tree = pct_merkle_init(crypto);
    if (!status) status = read_heads(cli, crypto, heads, &count, error);
    if (status) return status;
    pct_merkle tree = pct_merkle_init(crypto);
    return pct_log_check_heads(store, &tree, heads, count, NULL, NULL, verdict, error);
}

static void write_verdict(pct_cli *cli, const pct_ledger_verdict *verdict, bool sound, double began_s) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_log_number(&json, "events", (int64_t)verdict->tree.size);
    pct_json_key(&json, "verified");
    pct_json_bool(&json, sound);
    pct_json_key(&json, "first_bad");
    if (sound)
        pct_json_null(&json);
    else
        pct_json_integer(&json, verdict->bad_seq ? verdict->bad_seq : (int64_t)verdict->tree.size + 1);
    pct_log_hash(&json, "root_hash", pct_merkle_root(&verdict->tree));
    pct_log_document_end(cli, &json, began_s);
}

static pct_status run_verify(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    pct_ledger_verdict verdict = {0};
    char hex[PCT_LOG_HEX];
    double began_s = pct_cli_seconds();
    if (!cli->arguments[0]) return pct_log_verify_offline(cli, error);
    if (pct_cli_option(cli, "--proof"))
        return pct_error_set(error, PCT_MISUSE, PCT_MSG_LOG_PROOF_OR_SITE, NULL, 0);
    pct_status status = pct_record_open(cli->arguments[0], false, NULL, &record, error);
    if (!status) {
        status = verify(cli, record.store, &verdict, error);
        if (status == PCT_DAMAGED) error->status = status = PCT_CHECK_FAILED; /* that is the answer */
        if (cli->json && verdict.tree.crypto && (status == PCT_OK || status == PCT_CHECK_FAILED))
            write_verdict(cli, &verdict, !status, began_s);
    }
    if (!status && !cli->json) {
        pct_log_hex(pct_merkle_root(&verdict.tree), hex);
        PCT_SAY(cli, PCT_MSG_LOG_VERIFIED, pct_int((int64_t)verdict.tree.size), pct_str(hex));
    }
    pct_record_close(&record);
    return status;
}

/* --- log rebuild ------------------------------------------------------------------------------------------------- */

typedef struct rebuilt {
    pct_table_digest before[PCT_TABLES_MAX], after[PCT_TABLES_MAX];
    size_t count;
    int64_t events, rows, changed;
} rebuilt;

static pct_status count_rebuilt(pct_store *store, rebuilt *r, pct_error *error) {
    pct_status status = pct_store_digest_tables(store, r->after, &r->count, error);
    if (!status) status = pct_store_last_seq(store, &r->events, error);
    for (size_t i = 0; i < r->count && !status; i++) {
        r->rows += r->after[i].rows;
        r->changed += r->before[i].digest != r->after[i].digest || r->before[i].rows != r->after[i].rows;
    }
    return status;
}

static pct_status rebuild(pct_record *record, rebuilt *r, pct_error *error) {
    pct_status status = pct_store_digest_tables(record->store, r->before, &r->count, error);
    if (!status) status = pct_desk_rebuild(record->desk, error);
    return status ? status : count_rebuilt(record->store, r, error);
}

/* While `serve` holds the record it does the rebuilding; the tables are looked at from here. */
static pct_status rebuild_by_server(pct_cli *cli, rebuilt *r, pct_error *error) {
    pct_record reader = {0};
    int64_t number;
    pct_error why;
    const char *request = cli->language == PCT_ZH ? "rebuild zh\n" : "rebuild en\n";
    if (pct_record_open(cli->arguments[0], false, NULL, &reader, &why) != PCT_OK) {
        pct_record_close(&reader);
        return PCT_BUSY;
    }
    pct_status status = pct_store_digest_tables(reader.store, r->before, &r->count, error);
    if (!status) status = pct_serve_socket_ask(cli->arguments[0], request, &number, error);
    if (status == PCT_UNREACHABLE) status = PCT_BUSY;
    if (!status) status = count_rebuilt(reader.store, r, error);
    pct_record_close(&reader);
    return status;
}

static void write_rebuilt(pct_cli *cli, const rebuilt *r, double began_s) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_log_number(&json, "events", r->events);
    pct_log_number(&json, "rows", r->rows);
    pct_log_number(&json, "changed", r->changed);
    pct_json_key(&json, "tables");
    pct_json_begin_object(&json);
    for (size_t i = 0; i < r->count; i++) pct_log_number(&json, r->after[i].table, r->after[i].rows);
    pct_json_end_object(&json);
    pct_log_document_end(cli, &json, began_s);
}

static pct_status run_rebuild(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    rebuilt r = {0};
    double began_s = pct_cli_seconds();
    pct_status status =
        pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &record, error);
    if (status == PCT_BUSY)
        status = rebuild_by_server(cli, &r, error);
    else if (!status)
        status = rebuild(&record, &r, error);
    if (!status && cli->json) write_rebuilt(cli, &r, began_s);
    if (!status && !cli->json)
        PCT_SAY(cli, PCT_MSG_LOG_REBUILT, pct_int(r.rows), pct_int(r.events), pct_int(r.changed));
    pct_record_close(&record);
    return status;
}

const pct_cli_command pct_cmd_log_verify = {
    "log verify",
    "[SITE]",
    PCT_MSG_LOG_VERIFY_HELP,
    {{"--head", "FILE", PCT_MSG_LOG_VERIFY_HEAD, PCT_OPTION_REPEATED},
     {"--proof", "FILE", PCT_MSG_LOG_VERIFY_PROOF, false},
     {"--key", "KEY", PCT_MSG_LOG_VERIFY_KEY, false},
     {"--witness", "KEY", PCT_MSG_LOG_VERIFY_WITNESS, PCT_OPTION_REPEATED}},
    run_verify};
const pct_cli_command pct_cmd_log_rebuild = {"log rebuild",
                                             "SITE",
                                             PCT_MSG_LOG_REBUILD_HELP,
                                             {{"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                             run_rebuild};
