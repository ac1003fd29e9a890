/* Proofs that others check without this site: of one event, of all events of an object, of the log's growth. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/log_site.h"
#include "ledger/proof_text.h"

typedef struct proof {
    pct_cli *cli;
    pct_log_site *site;
    pct_proof_kind kind;
    int64_t number; /* seq, or the old size */
    pct_proof_text text;
    pct_buffer event, file;
} proof;

static pct_status take_event(void *context, const pct_stored_event *event, pct_error *error) {
    proof *p = context;
    pct_hash leaf = pct_merkle_leaf(p->site->signer.crypto, event->bytes);
    if (memcmp(leaf.bytes, event->leaf, sizeof leaf.bytes) != 0)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_LEAF, pct_int(event->seq));
    (void)pct_buffer_append(&p->event, event->bytes.chars, event->bytes.length);
    return pct_buffer_status(&p->event, error);
}

/* Fills p->file. */
static pct_status prove(proof *p, pct_error *error) {
    pct_merkle_reader reader = pct_log_tree_reader(&p->site->tree);
    uint64_t size = p->site->head.size;
    pct_buffer_clear(&p->event);
    pct_buffer_clear(&p->file);
    if ((uint64_t)p->number > size)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LOG_PROVE_RANGE, pct_int(p->number),
                        pct_int((int64_t)size));
    p->text.note = pct_log_view(&p->site->head.note);
    p->text.number = (uint64_t)p->number - (p->kind == PCT_PROOF_INCLUSION ? 1 : 0);
    pct_status status =
        p->kind == PCT_PROOF_INCLUSION
            ? pct_merkle_prove_inclusion(&reader, p->text.number, size, &p->text.proof, error)
            : pct_merkle_prove_consistency(&reader, p->text.number, size, &p->text.proof, error);
    if (!status && p->kind == PCT_PROOF_INCLUSION)
        status = pct_store_each_event(p->site->record.store, p->number, p->number + 1, take_event, p, error);
    if (status) return status;
    return pct_proof_text_write(p->kind, &p->text, pct_log_view(&p->event), &p->file, error);
}

/* --- of one object: a file for each of its events ------------------------------------------------------------------ */

static pct_status write_one(void *context, const pct_stored_event *event, pct_error *error) {
    proof *p = context;
    char path[PCT_PATH_MAX], name[48];
    if ((uint64_t)event->seq > p->site->head.size) return PCT_OK; /* committed meanwhile */
    p->number = event->seq;
    (void)snprintf(name, sizeof name, "%lld.tlog-proof", (long long)event->seq);
    pct_status status = prove(p, error);
    if (!status) status = pct_path_join(path, pct_cli_option(p->cli, "--out"), name, error);
    return status ? status : pct_file_replace(path, pct_log_view(&p->file), error);
}

typedef struct seqs {
    int64_t items[4096];
    size_t count;
} seqs;

static pct_status take_seq(void *context, const pct_stored_event *event, pct_error *error) {
    seqs *s = context;
    if (s->count == sizeof s->items / sizeof *s->items)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_str("--object"),
                        pct_int((int64_t)s->count));
    s->items[s->count++] = event->seq;
    return PCT_OK;
}

static pct_status prove_object(proof *p, seqs *found, pct_error *error) {
    const char *folder = pct_cli_option(p->cli, "--out");
    pct_id object;
    if (!pct_id_read(pct_text_of(pct_cli_option(p->cli, "--object")), &object))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_ERASE_ID, pct_str(pct_cli_option(p->cli, "--object")));
    if (!folder) return pct_error_set(error, PCT_MISUSE, PCT_MSG_LOG_PROVE_FOLDER, NULL, 0);
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_LOG_EXPORT_FAILED, pct_str(folder), pct_str(strerror(errno)));
    pct_status status = pct_store_each_event_of(p->site->record.store, object, 1, take_seq, found, error);
    if (!status && found->count == 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LOG_PROVE_NOTHING,
                          pct_str(pct_cli_option(p->cli, "--object")));
    for (size_t i = 0; i < found->count && !status; i++) {
        pct_stored_event event = {.seq = found->items[i]};
        status = write_one(p, &event, error);
    }
    return status;
}

/* --- what is said --------------------------------------------------------------------------------------------------- */

static void write_json(proof *p, const seqs *found, double began_s) {
    pct_json_writer json = pct_json_writer_init(&p->cli->out);
    pct_json_begin_object(&json);
    pct_log_number(&json, "events", (int64_t)p->site->head.size);
    pct_log_hash(&json, "root_hash", pct_log_tree_head(&p->site->tree).root);
    pct_log_word(&json, "checkpoint", pct_log_view(&p->site->head.note));
    pct_json_key(&json, found->count ? "seqs" : "proof");
    if (!found->count) {
        pct_json_begin_array(&json);
        for (size_t i = 0; i < p->text.proof.length; i++) {
            char hex[PCT_LOG_HEX];
            pct_log_hex(p->text.proof.hashes[i], hex);
            pct_json_string(&json, hex);
        }
        pct_json_end_array(&json);
        pct_log_number(&json, p->kind == PCT_PROOF_INCLUSION ? "seq" : "since", p->number);
    } else {
        pct_json_begin_array(&json);
        for (size_t i = 0; i < found->count; i++) pct_json_integer(&json, found->items[i]);
        pct_json_end_array(&json);
    }
    pct_log_document_end(p->cli, &json, began_s);
}

static pct_status put_out(proof *p, const seqs *found, double began_s, pct_error *error) {
    const char *path = pct_cli_option(p->cli, "--out");
    pct_status status = PCT_OK;
    if (path && !found->count) status = pct_file_replace(path, pct_log_view(&p->file), error);
    if (status) return status;
    if (p->cli->json)
        write_json(p, found, began_s);
    else if (!path)
        (void)pct_buffer_append(&p->cli->out, p->file.bytes, p->file.length);
    else
        PCT_SAY(p->cli, PCT_MSG_LOG_PROVED, pct_int(found->count ? (int64_t)found->count : 1), pct_str(path),
                pct_int((int64_t)p->site->head.size));
    return PCT_OK;
}

static pct_status run_prove(pct_cli *cli, pct_error *error) {
    pct_log_site site = {0};
    seqs found = {.count = 0};
    int64_t seq = 0, since = -1;
    double began_s = pct_cli_seconds();
    const char *object = pct_cli_option(cli, "--object");
    pct_status status = pct_cli_integer(cli, "--seq", 1, INT64_MAX / 2, &seq, error);
    if (!status) status = pct_cli_integer(cli, "--since", 0, INT64_MAX / 2, &since, error);
    if (!status && (seq != 0) + (since >= 0) + (object != NULL) != 1)
        status = pct_error_set(error, PCT_MISUSE, PCT_MSG_LOG_PROVE_WHICH, NULL, 0);
    proof p = {.cli = cli,
               .site = &site,
               .kind = since >= 0 ? PCT_PROOF_GROWTH : PCT_PROOF_INCLUSION,
               .number = since >= 0 ? since : seq,
               .event = pct_buffer_init(PCT_EVENT_BYTES_MAX),
               .file = pct_buffer_init(PCT_PROOF_TEXT_MAX)};
    if (!status) status = pct_log_site_open(cli->arguments[0], &site, error);
    if (!status) status = object ? prove_object(&p, &found, error) : prove(&p, error);
    if (!status) status = put_out(&p, &found, began_s, error);
    pct_buffer_dispose(&p.event);
    pct_buffer_dispose(&p.file);
    pct_log_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_log_prove = {"log prove",
                                           "SITE",
                                           PCT_MSG_LOG_PROVE_HELP,
                                           {{"--seq", "N", PCT_MSG_LOG_PROVE_SEQ, false},
                                            {"--object", "ID", PCT_MSG_LOG_PROVE_OBJECT, false},
                                            {"--since", "N", PCT_MSG_LOG_PROVE_SINCE, false},
                                            {"--out", "FILE", PCT_MSG_LOG_PROVE_OUT, false}},
                                           run_prove};
