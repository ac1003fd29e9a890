/* precinct backup drill FROM [SITE]: restores into a folder of its own, looks at everything, compares with the site where there is
 * one, throws it away, and writes down how it went: SITE/backups/drill.json, and for `doctor` SITE/backups.json. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/log_text.h"
#include "cli/record.h"
#include "cli/restored.h"
#include "ledger/log_tree.h"
#include "site/now.h"

typedef struct drill {
    pct_restore_report report;
    bool tables_compared, log_compared;
    double began_s;
    int64_t at_ms;
} drill;

/* The site's log began as the restored one is. */
static pct_status compare_log(const char *site, drill *d, pct_error *error) {
    pct_record record = {0};
    pct_log_tree tree = {.store = NULL};
    const pct_crypto *crypto;
    pct_hash root;
    pct_status status = pct_record_open(site, false, NULL, &record, error);
    if (!status) status = pct_crypto_sodium(&crypto, error);
    if (!status) {
        status = pct_log_tree_open(record.store, crypto, &tree, error);
        pct_merkle_reader reader = pct_log_tree_reader(&tree);
        const int64_t size = status ? 0 : (int64_t)pct_log_tree_head(&tree).size;
        if (!status && size < d->report.events)
            status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_SHORT, pct_int(d->report.events),
                              pct_int(size));
        if (!status) status = pct_merkle_root_at(&reader, (uint64_t)d->report.events, &root, error);
        if (!status && !pct_hash_equal(root, d->report.root))
            status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_BACKUP_ROOT, pct_int(d->report.events));
        pct_log_tree_close(&tree);
    }
    d->log_compared = !status;
    pct_record_close(&record);
    return status;
}

static void write_result(pct_buffer *out, const drill *d, const char *from, const pct_error *why) {
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    pct_log_number(&json, "at_ms", d->at_ms);
    pct_json_key(&json, "passed");
    pct_json_bool(&json, !why);
    pct_log_word(&json, "from", pct_text_of(from));
    pct_log_word(&json, "chain", pct_text_of(d->report.chain));
    pct_log_number(&json, "parts", d->report.parts);
    pct_log_number(&json, "backed_up_ms", d->report.backed_up_ms);
    pct_log_number(&json, "events", d->report.events);
    pct_log_number(&json, "files", d->report.files);
    pct_log_hash(&json, "root_hash", d->report.root);
    pct_json_key(&json, "log_compared");
    pct_json_bool(&json, d->log_compared);
    pct_json_key(&json, "tables_compared");
    pct_json_bool(&json, d->tables_compared);
    pct_json_key(&json, "wall_s");
    pct_json_real(&json, pct_cli_seconds() - d->began_s, 3);
    pct_json_key(&json, "why");
    pct_buffer text = pct_buffer_init(1 << 12);
    pct_param params[PCT_ERROR_PARAMS];
    for (size_t i = 0; why && i < why->param_count; i++) params[i] = pct_error_param(why, i);
    if (why) (void)pct_message_render(why->message, params, why->param_count, PCT_EN, &text);
    pct_json_text(&json, pct_log_view(&text));
    pct_buffer_dispose(&text);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(out, '\n');
}

static pct_status keep_result(const char *site, const pct_buffer *text, int64_t at_ms, bool passed,
                              pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, site, PCT_BACKUP_FOLDER, error);
    if (!status && mkdir(path, 0700) != 0 && errno != EEXIST)
        status = PCT_FAIL(error, PCT_IO, PCT_MSG_FOLDER_NOT_MADE, pct_str(path), pct_str(strerror(errno)));
    if (!status) status = pct_path_join(path, site, PCT_BACKUP_FOLDER "/drill.json", error);
    if (!status) status = pct_file_replace(path, pct_log_view(text), error);
    return status ? status : pct_backup_note(site, at_ms, passed ? "passed" : "failed", error);
}

static pct_status try_it(const pct_restore_order *order, const char *scratch, const char *site, drill *d,
                         pct_error *error) {
    char folder[PCT_PATH_MAX], target[PCT_PATH_MAX];
    pct_staging staging = {.file = -1};
    pct_status status = pct_path_join(folder, scratch, "precinct-drill-XXXXXX", error);
    if (status) return status;
    if (!mkdtemp(folder))
        return PCT_FAIL(error, PCT_IO, PCT_MSG_FOLDER_NOT_MADE, pct_str(folder), pct_str(strerror(errno)));
    status = pct_path_join(target, folder, "site", error);
    if (!status) status = pct_staging_begin(&staging, target, error);
    if (!status) status = pct_restored_make(order, &staging, &d->report, &d->tables_compared, error);
    if (!status && site) status = compare_log(site, d, error);
    pct_staging_end(&staging);
    (void)rmdir(folder);
    return status;
}

/* Without a receipt the site says what the last part in this folder was. */
static pct_status ask_site(const char *site, pct_restored_order *wanted, pct_error *error) {
    struct stat info;
    bool there;
    if (!site || wanted->order.receipt || stat(wanted->order.from, &info) != 0 || !S_ISDIR(info.st_mode))
        return PCT_OK;
    pct_status status = pct_backup_receipt_of_site(site, wanted->order.from, &there, &wanted->receipt, error);
    if (!status && there) wanted->order.receipt = &wanted->receipt;
    return status;
}

static pct_status run(pct_cli *cli, pct_error *error) {
    const char *scratch = pct_cli_option(cli, "--scratch"), *temporary = getenv("TMPDIR"),
               *site = cli->arguments[1];
    pct_restored_order wanted;
    drill d = {.began_s = pct_cli_seconds()};
    pct_buffer result = pct_buffer_init(1 << 16);
    pct_error why, kept;
    d.at_ms = pct_wall_ms();
    pct_status status = pct_restored_order_read(cli, &wanted, error);
    if (!status) status = ask_site(site, &wanted, error);
    if (!status) {
        status = try_it(&wanted.order, scratch ? scratch : temporary ? temporary : "/tmp", site, &d, &why);
        if (status == PCT_DAMAGED || status == PCT_INPUT)
            why.status = status = PCT_CHECK_FAILED; /* the answer */
        write_result(&result, &d, wanted.order.from, status ? &why : NULL);
        if (status && error) *error = why;
        const pct_status wrote = site ? keep_result(site, &result, d.at_ms, !status, &kept) : PCT_OK;
        if (!status && wrote) {
            status = wrote;
            if (error) *error = kept;
        }
    }
    if (cli->json && result.length && (!status || status == PCT_CHECK_FAILED))
        (void)pct_buffer_append(&cli->out, result.bytes, result.length);
    if (!cli->json && !status) {
        char hex[PCT_LOG_HEX];
        pct_log_hex(d.report.root, hex);
        PCT_SAY(cli, PCT_MSG_BACKUP_DRILL_PASSED, pct_int(d.report.events), pct_int(d.report.parts),
                pct_str(hex));
    }
    pct_buffer_dispose(&result);
    pct_restored_order_dispose(&wanted);
    return status;
}

const pct_cli_command pct_cmd_backup_drill = {"backup drill",
                                              "FROM [SITE]",
                                              PCT_MSG_BACKUP_DRILL_HELP,
                                              {{"--secret", "FILE", PCT_MSG_RESTORE_SECRET, false},
                                               {"--pass-phrase", "FILE", PCT_MSG_BACKUP_PHRASE, false},
                                               {"--at", "TIME", PCT_MSG_RESTORE_AT, false},
                                               {"--scratch", "DIR", PCT_MSG_BACKUP_SCRATCH, false},
                                               {"--receipt", "FILE", PCT_MSG_RESTORE_RECEIPT, false},
                                               {"--keys", "FILE", PCT_MSG_RESTORE_KEYS_OPTION, false},
                                               {"--recovery", "FILE", PCT_MSG_RESTORE_RECOVERY, false},
                                               {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                              run};
