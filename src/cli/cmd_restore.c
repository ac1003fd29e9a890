/* precinct restore FROM SITE: a site as it was at a time, out of its backups. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/log_text.h"
#include "cli/record.h"
#include "cli/restored.h"
#include "clock/time.h"
#include "desk/desk.h"
#include "ledger/log_check.h"
#include "site/now.h"
#include "store/backup.h"

static pct_status compare_tables(pct_store *store, const pct_restore_report *report, pct_error *error) {
    pct_table_digest now[PCT_TABLES_MAX];
    size_t count = 0;
    pct_status status = pct_store_digest_unsealed(store, now, &count, error);
    if (!status && count != report->table_count)
        status =
            PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_RESTORE_TABLE, pct_str("*"), pct_int((int64_t)count));
    for (size_t i = 0; i < count && !status; i++)
        if (now[i].rows != report->tables[i].rows || now[i].digest != report->tables[i].digest)
            status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_RESTORE_TABLE, pct_str(now[i].table),
                              pct_int(now[i].rows));
    return status;
}

static pct_status check_log(pct_store *store, const pct_restore_report *report, pct_error *error) {
    const pct_crypto *crypto;
    pct_ledger_verdict verdict;
    pct_status status = pct_crypto_sodium(&crypto, error);
    if (status) return status;
    pct_merkle tree = pct_merkle_init(crypto);
    status = pct_log_check(store, &tree, NULL, NULL, &verdict, error);
    if (!status && !pct_hash_equal(pct_merkle_root(&tree), report->root))
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LOG_FRONTIER, pct_int(report->events));
    return status;
}

static pct_status sync_all(const char *folder, pct_error *error) {
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    pct_status status = file >= 0 && syncfs(file) == 0 ? PCT_OK
                                                       : PCT_FAIL(error, PCT_IO, PCT_MSG_FILE_NOT_WRITTEN,
                                                                  pct_str(folder), pct_str(strerror(errno)));
    if (file >= 0) (void)close(file);
    return status;
}

pct_status pct_restored_make(const pct_restore_order *order, pct_staging *staging, pct_restore_report *report,
                             bool *tables_compared, pct_error *error) {
    pct_record record = {0};
    pct_status status = pct_restore_make(order, staging, report, error);
    *tables_compared = false;
    if (status) return status;
    status = pct_record_open(staging->folder, true, order->agency, &record, error);
    if (!status) status = pct_desk_rebuild(record.desk, error);
    if (!status) status = check_log(record.store, report, error);
    if (!status && report->table_count) {
        status = compare_tables(record.store, report, error);
        *tables_compared = !status;
    }
    pct_record_close(&record);
    return status ? status : sync_all(staging->folder, error);
}

static pct_status read_time(const char *text, int64_t *out, pct_error *error) {
    pct_time time;
    *out = INT64_MAX;
    if (!text) return PCT_OK;
    if (!pct_time_parse(pct_text_of(text), &time) || !time.has_offset)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_RESTORE_TIME, pct_str(text));
    *out = pct_civil_to_ms(&time.civil) - (int64_t)time.offset_s * 1000;
    return PCT_OK;
}

pct_status pct_restored_order_read(const pct_cli *cli, pct_restored_order *out, pct_error *error) {
    const char *receipt = pct_cli_option(cli, "--receipt");
    out->order = (pct_restore_order){.from = cli->arguments[0],
                                     .lock = &out->lock.lock,
                                     .now_ms = pct_wall_ms(),
                                     .keys = pct_cli_option(cli, "--keys"),
                                     .agency = pct_cli_option(cli, "--key"),
                                     .recovery = pct_cli_option(cli, "--recovery"),
                                     .receipt = receipt ? &out->receipt : NULL};
    pct_status status = pct_backup_lock_for_reading(cli, &out->lock, error);
    if (!status) status = read_time(pct_cli_option(cli, "--at"), &out->order.at_ms, error);
    return status || !receipt ? status : pct_backup_receipt_read(receipt, &out->receipt, error);
}

void pct_restored_order_dispose(pct_restored_order *order) {
    pct_backup_lock_dispose(&order->lock);
}

static void write_json(pct_cli *cli, const pct_restore_report *r, bool tables, double began_s) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_buffer at = pct_buffer_init(64);
    (void)pct_time_format(r->recorded_at_ms, 0, &at);
    pct_json_begin_object(&json);
    pct_log_word(&json, "chain", pct_text_of(r->chain));
    pct_log_number(&json, "parts", r->parts);
    pct_log_number(&json, "files", r->files);
    pct_log_number(&json, "events", r->events);
    pct_log_number(&json, "left_out", r->left_out);
    pct_log_number(&json, "keys_dropped", r->keys_dropped);
    pct_json_key(&json, "last_event_at");
    if (r->events)
        pct_json_text(&json, pct_log_view(&at));
    else
        pct_json_null(&json);
    pct_json_key(&json, "tables_compared");
    pct_json_bool(&json, tables);
    pct_json_key(&json, "forks");
    pct_json_bool(&json, r->forks);
    pct_log_hash(&json, "root_hash", r->root);
    pct_log_document_end(cli, &json, began_s);
    pct_buffer_dispose(&at);
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_restored_order wanted;
    pct_staging staging = {.file = -1};
    pct_restore_report report;
    char hex[PCT_LOG_HEX];
    bool tables = false;
    double began_s = pct_cli_seconds();
    pct_status status = pct_restored_order_read(cli, &wanted, error);
    if (!status) status = pct_staging_begin(&staging, cli->arguments[1], error);
    if (!status) status = pct_restored_make(&wanted.order, &staging, &report, &tables, error);
    if (!status) status = pct_staging_commit(&staging, error);
    pct_staging_end(&staging);
    pct_restored_order_dispose(&wanted);
    if (status) return status;
    if (cli->json) {
        write_json(cli, &report, tables, began_s);
        return PCT_OK;
    }
    pct_log_hex(report.root, hex);
    PCT_SAY(cli, PCT_MSG_RESTORE_DONE, pct_str(cli->arguments[1]), pct_int(report.events),
            pct_int(report.parts), pct_str(hex), pct_int(report.left_out));
    if (report.keys_dropped) PCT_SAY(cli, PCT_MSG_RESTORE_KEYS, pct_int(report.keys_dropped));
    if (!wanted.order.keys) pct_cli_say(cli, PCT_MSG_RESTORE_WITHOUT_KEYS, NULL, 0);
    if (report.forks) PCT_SAY(cli, PCT_MSG_RESTORE_FORKS, pct_int(report.events));
    return PCT_OK;
}

const pct_cli_command pct_cmd_restore = {"restore",
                                         "FROM SITE",
                                         PCT_MSG_RESTORE_HELP,
                                         {{"--secret", "FILE", PCT_MSG_RESTORE_SECRET, false},
                                          {"--pass-phrase", "FILE", PCT_MSG_BACKUP_PHRASE, false},
                                          {"--at", "TIME", PCT_MSG_RESTORE_AT, false},
                                          {"--receipt", "FILE", PCT_MSG_RESTORE_RECEIPT, false},
                                          {"--keys", "FILE", PCT_MSG_RESTORE_KEYS_OPTION, false},
                                          {"--recovery", "FILE", PCT_MSG_RESTORE_RECOVERY, false},
                                          {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                         run};
