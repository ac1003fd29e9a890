#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/record.h"
#include "cli/serve_socket.h"
#include "ledger/log_check.h"
#include "store/tables.h"

enum { HEX = 2 * PCT_HASH_BYTES + 1 };

static void hex_of(pct_hash hash, char out[HEX]) {
    for (int i = 0; i < PCT_HASH_BYTES; i++) (void)snprintf(out + 2 * i, 3, "%02x", hash.bytes[i]);
}

static void number(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

static void hash_member(pct_json_writer *json, const char *key, pct_hash hash) {
    char hex[HEX];
    hex_of(hash, hex);
    pct_json_key(json, key);
    pct_json_string(json, hex);
}

static void end_document(pct_cli *cli, pct_json_writer *json, double began_s) {
    pct_json_key(json, "wall_s");
    pct_json_real(json, pct_cli_seconds() - began_s, 3);
    pct_json_end_object(json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

/* --- log verify -------------------------------------------------------------------------------------------------- */

static pct_status verify(pct_store *store, pct_ledger_verdict *verdict, pct_error *error) {
    const pct_crypto *crypto;
    pct_status status = pct_crypto_sodium(&crypto, error);
    if (status) return status;
    pct_merkle tree = pct_merkle_init(crypto);
    return pct_log_check(store, &tree, NULL, NULL, verdict, error);
}

static void write_verdict(pct_cli *cli, const pct_ledger_verdict *verdict, bool sound, double began_s) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    number(&json, "events", (int64_t)verdict->tree.size);
    pct_json_key(&json, "verified");
    pct_json_bool(&json, sound);
    pct_json_key(&json, "first_bad");
    if (sound)
        pct_json_null(&json);
    else
        pct_json_integer(&json, verdict->bad_seq ? verdict->bad_seq : (int64_t)verdict->tree.size + 1);
    hash_member(&json, "root_hash", pct_merkle_root(&verdict->tree));
    end_document(cli, &json, began_s);
}

static pct_status run_verify(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    pct_ledger_verdict verdict = {0};
    char hex[HEX];
    double began_s = pct_cli_seconds();
    pct_status status = pct_record_open(cli->arguments[0], false, NULL, &record, error);
    if (!status) {
        status = verify(record.store, &verdict, error);
        if (status == PCT_DAMAGED) error->status = status = PCT_CHECK_FAILED; /* that is the answer */
        if (cli->json && (status == PCT_OK || status == PCT_CHECK_FAILED))
            write_verdict(cli, &verdict, !status, began_s);
    }
    if (!status && !cli->json) {
        hex_of(pct_merkle_root(&verdict.tree), hex);
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
    number(&json, "events", r->events);
    number(&json, "rows", r->rows);
    number(&json, "changed", r->changed);
    pct_json_key(&json, "tables");
    pct_json_begin_object(&json);
    for (size_t i = 0; i < r->count; i++) number(&json, r->after[i].table, r->after[i].rows);
    pct_json_end_object(&json);
    end_document(cli, &json, began_s);
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

/* --- log export -------------------------------------------------------------------------------------------------- */

typedef struct export_file {
    FILE *file;
    const char *path;
    int64_t events;
} export_file;

static pct_status export_failed(const export_file *e, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LOG_EXPORT_FAILED, pct_str(e->path), pct_str(strerror(errno)));
}

static pct_status export_event(void *context, const pct_stored_event *event, pct_error *error) {
    export_file *e = context;
    if (fwrite(event->bytes.chars, 1, event->bytes.length, e->file) != event->bytes.length ||
        fputc('\n', e->file) == EOF)
        return export_failed(e, error);
    e->events++;
    return PCT_OK;
}

static pct_status export_log(pct_store *store, export_file *e, pct_error *error) {
    e->file = fopen(e->path, "wxb");
    if (!e->file) return export_failed(e, error);
    pct_status status = pct_store_each_event(store, 1, INT64_MAX, export_event, e, error);
    int closed = fclose(e->file);
    if (!status && closed != 0) status = export_failed(e, error);
    if (status) (void)remove(e->path);
    return status;
}

static pct_status run_export(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    export_file e = {.path = pct_cli_option(cli, "--out")};
    double began_s = pct_cli_seconds();
    pct_status status = pct_record_open(cli->arguments[0], false, NULL, &record, error);
    if (!status) status = export_log(record.store, &e, error);
    if (!status && cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        number(&json, "events", e.events);
        end_document(cli, &json, began_s);
    }
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_LOG_EXPORTED, pct_int(e.events), pct_str(e.path));
    pct_record_close(&record);
    return status;
}

/* --- log prove --------------------------------------------------------------------------------------------------- */

typedef struct leaf_reader {
    pct_store *store;
    pct_hash *out;
    size_t count;
} leaf_reader;

static pct_status take_leaf(void *context, const pct_stored_event *event, pct_error *error) {
    leaf_reader *r = context;
    (void)error;
    memcpy(r->out[r->count++].bytes, event->leaf, PCT_HASH_BYTES);
    return PCT_OK;
}

static pct_status read_hashes(void *context, unsigned level, uint64_t index, size_t count, pct_hash *out,
                              pct_error *error) {
    leaf_reader r = {context, out, 0};
    if (level > 0) return PCT_NOT_FOUND;
    int64_t from = (int64_t)index + 1;
    pct_status status = pct_store_each_event(r.store, from, from + (int64_t)count, take_leaf, &r, error);
    if (!status && r.count != count)
        status = PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_DESK_GAP, pct_int(from + (int64_t)r.count), pct_int(0));
    return status;
}

typedef struct proof {
    int64_t seq, since, events;
    pct_hash root;
    pct_merkle_proof hashes;
} proof;

static pct_status prove(pct_store *store, proof *p, pct_error *error) {
    pct_merkle_reader reader = {.context = store, .read = read_hashes};
    pct_status status = pct_crypto_sodium(&reader.crypto, error);
    if (!status) status = pct_store_last_seq(store, &p->events, error);
    int64_t given = p->seq ? p->seq : p->since;
    if (!status && given > p->events)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_LOG_PROVE_RANGE, pct_int(given), pct_int(p->events));
    if (status) return status;
    uint64_t size = (uint64_t)p->events;
    status = p->seq ? pct_merkle_prove_inclusion(&reader, (uint64_t)p->seq - 1, size, &p->hashes, error)
                    : pct_merkle_prove_consistency(&reader, (uint64_t)p->since, size, &p->hashes, error);
    return status ? status : pct_merkle_root_at(&reader, size, &p->root, error);
}

static void write_proof(pct_cli *cli, const proof *p, double began_s) {
    char hex[HEX];
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    number(&json, "events", p->events);
    number(&json, p->seq ? "seq" : "since", p->seq ? p->seq : p->since);
    hash_member(&json, "root_hash", p->root);
    pct_json_key(&json, "proof");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < p->hashes.length; i++) {
        hex_of(p->hashes.hashes[i], hex);
        pct_json_string(&json, hex);
    }
    pct_json_end_array(&json);
    end_document(cli, &json, began_s);
}

static pct_status run_prove(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    proof p = {0};
    char hex[HEX];
    double began_s = pct_cli_seconds();
    pct_status status = pct_cli_integer(cli, "--seq", 1, INT64_MAX / 2, &p.seq, error);
    if (!status) status = pct_cli_integer(cli, "--since", 1, INT64_MAX / 2, &p.since, error);
    if (!status && (p.seq == 0) == (p.since == 0))
        status = pct_error_set(error, PCT_MISUSE, PCT_MSG_LOG_PROVE_WHICH, NULL, 0);
    if (!status) status = pct_record_open(cli->arguments[0], false, NULL, &record, error);
    if (!status) status = prove(record.store, &p, error);
    if (!status && cli->json) write_proof(cli, &p, began_s);
    if (!status && !cli->json) {
        hex_of(p.root, hex);
        PCT_SAY(cli, PCT_MSG_LOG_PROVED, pct_int((int64_t)p.hashes.length), pct_str(hex));
    }
    pct_record_close(&record);
    return status;
}

const pct_cli_command pct_cmd_log_verify = {"log verify", "SITE", PCT_MSG_LOG_VERIFY_HELP, {{0}}, run_verify};
const pct_cli_command pct_cmd_log_rebuild = {"log rebuild",
                                             "SITE",
                                             PCT_MSG_LOG_REBUILD_HELP,
                                             {{"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                             run_rebuild};
const pct_cli_command pct_cmd_log_export = {"log export",
                                            "SITE",
                                            PCT_MSG_LOG_EXPORT_HELP,
                                            {{"--out", "FILE", PCT_MSG_LOG_EXPORT_OUT, true}},
                                            run_export};
const pct_cli_command pct_cmd_log_prove = {
    "log prove",
    "SITE",
    PCT_MSG_LOG_PROVE_HELP,
    {{"--seq", "N", PCT_MSG_LOG_PROVE_SEQ, false}, {"--since", "N", PCT_MSG_LOG_PROVE_SINCE, false}},
    run_prove};
