/* precinct backup SITE TO: a part of a backup, while the site serves; with --every one after the other. */
#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include "cli/backup_lock.h"
#include "cli/log_text.h"
#include "cli/record.h"
#include "site/backup_receipt.h"
#include "site/now.h"

static void say(pct_cli *cli, const pct_backup_report *r, int64_t parts, double began_s) {
    char hex[PCT_LOG_HEX];
    if (!cli->json) {
        if (!parts) {
            PCT_SAY(cli, PCT_MSG_BACKUP_NOTHING_NEW, pct_str(cli->arguments[0]));
            return;
        }
        pct_log_hex(r->root, hex);
        PCT_SAY(cli, PCT_MSG_BACKUP_MADE, pct_str(r->file), pct_int(r->until - r->from + 1),
                pct_int(r->files), pct_int(r->bytes), pct_int(r->until), pct_str(hex));
        return;
    }
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_log_number(&json, "parts", parts);
    pct_log_word(&json, "file", pct_text_of(r->file));
    pct_log_word(&json, "chain", pct_text_of(r->chain));
    pct_log_number(&json, "part", r->part);
    pct_log_number(&json, "from", r->from);
    pct_log_number(&json, "until", r->until);
    pct_log_number(&json, "files", r->files);
    pct_log_number(&json, "bytes", r->bytes);
    pct_log_hash(&json, "root_hash", r->root);
    pct_log_document_end(cli, &json, began_s);
}

/* A part, its receipt, and a word when the part before it has gone. */
static pct_status make_one(pct_cli *cli, pct_store *store, const pct_backup_order *order,
                           pct_backup_report *report, pct_error *error) {
    const char *receipt = pct_cli_option(cli, "--receipt");
    pct_status status = pct_backup_make(store, order, report, error);
    if (!status && report->file[0] && receipt)
        status = pct_backup_receipt_write(receipt, report, order->now_ms, error);
    if (!status && report->lost) {
        const pct_param params[] = {pct_str(order->to)};
        pct_cli_warn(cli, PCT_MSG_BACKUP_LOST, params, 1);
    }
    return status;
}

/* Until somebody ends it; a part is whole or not there, so that an end by any signal is as good. */
static pct_status every(pct_cli *cli, pct_store *store, pct_backup_order *order, int64_t seconds,
                        pct_backup_report *last, int64_t *parts, pct_error *error) {
    sigset_t ends;
    const struct timespec pause = {.tv_sec = seconds};
    pct_backup_report report;
    pct_status status = PCT_OK;
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ends, NULL);
    order->when_new = true;
    do {
        order->now_ms = pct_wall_ms();
        status = make_one(cli, store, order, &report, error);
        order->full = false;
        if (status || !report.file[0]) continue;
        *last = report;
        ++*parts;
    } while (!status && sigtimedwait(&ends, NULL, &pause) < 0);
    return status;
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    pct_backup_lock lock;
    pct_backup_report report = {.part = 0};
    int64_t seconds = 0, parts = 0;
    double began_s = pct_cli_seconds();
    pct_status status = pct_backup_lock_for_writing(cli, &lock, error);
    if (!status) status = pct_cli_integer(cli, "--every", 1, 86400, &seconds, error);
    if (!status) status = pct_record_open(cli->arguments[0], false, NULL, &record, error);
    pct_backup_order order = {.site = cli->arguments[0],
                              .to = cli->arguments[1],
                              .lock = &lock.lock,
                              .now_ms = pct_wall_ms(),
                              .full = pct_cli_flag(cli, "--full")};
    if (!status && seconds)
        status = every(cli, record.store, &order, seconds, &report, &parts, error);
    else if (!status)
        status = make_one(cli, record.store, &order, &report, error);
    if (!status && !seconds) parts = 1;
    if (!status) say(cli, &report, parts, began_s);
    pct_record_close(&record);
    pct_backup_lock_dispose(&lock);
    return status;
}

const pct_cli_command pct_cmd_backup = {"backup",
                                        "SITE TO",
                                        PCT_MSG_BACKUP_HELP,
                                        {{"--to", "KEY", PCT_MSG_BACKUP_TO, false},
                                         {"--pass-phrase", "FILE", PCT_MSG_BACKUP_PHRASE, false},
                                         {"--full", NULL, PCT_MSG_BACKUP_FULL, false},
                                         {"--every", "SECONDS", PCT_MSG_BACKUP_EVERY, false},
                                         {"--receipt", "FILE", PCT_MSG_BACKUP_RECEIPT, false}},
                                        run};
