/* precinct keys backup|restore|change SITE …: short-lived copies of keys.db, and another key of the agency. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/factors.h"
#include "cli/keys_copy.h"
#include "cli/record.h"
#include "cli/serve_socket.h"
#include "site/file.h"

enum { REQUEST_BYTES = 2000 };

static void integer(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

/* --- backup --------------------------------------------------------------------------------------------------------- */

static pct_status append_key(const pct_site *site, const pct_keys_order *order, pct_buffer *request,
                             pct_error *error) {
    pct_key key = {{0}};
    pct_status status = PCT_OK;
    if (!order->key && !order->recovery)
        (void)pct_buffer_append_byte(request, '-');
    else
        status = pct_keys_copy_key(site, order, &key, error);
    if (!status && (order->key || order->recovery))
        (void)pct_base64_append(request, PCT_BASE64_URL, key.bytes, sizeof key.bytes);
    explicit_bzero(&key, sizeof key);
    return status;
}

static pct_status ask_backup(pct_cli *cli, const pct_site *site, const pct_keys_order *order,
                             pct_key_copy_head *head, pct_error *error) {
    char left[PCT_PATH_MAX];
    const int64_t number = getpid();
    pct_buffer request = pct_buffer_init(REQUEST_BYTES), told = pct_buffer_init(REQUEST_BYTES);
    pct_text rest, word;
    if (access(order->file, F_OK) == 0)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_KEYS_FILE_THERE, pct_str(order->file));
    (void)pct_buffer_append_format(&request, "keys %lld ", (long long)number);
    pct_status status = append_key(site, order, &request, error);
    (void)pct_buffer_append_format(&request, " %lld %s\n", (long long)order->days,
                                   cli->language == PCT_ZH ? "zh" : "en");
    const char *line = pct_buffer_chars(&request);
    if (!status) status = pct_buffer_status(&request, error);
    if (!status) status = pct_serve_socket_ask_for(cli->arguments[0], line, &head->count, &told, error);
    rest = (pct_text){(const char *)told.bytes, told.length};
    if (!status && (!pct_text_next(&rest, ' ', &word) || !pct_text_to_integer(word, &head->until_ms)))
        status = pct_error_set(error, PCT_IO, PCT_MSG_SOCKET_REPLY, NULL, 0);
    pct_keys_copy_path(site, number, left);
    if (!status) status = pct_keys_copy_fetch(left, order->file, error);
    if (request.length) explicit_bzero(request.bytes, request.length);
    pct_buffer_dispose(&request);
    pct_buffer_dispose(&told);
    return status == PCT_UNREACHABLE ? PCT_BUSY : status;
}

static void say_copied(pct_cli *cli, const pct_record *record, const char *file,
                       const pct_key_copy_head *head) {
    pct_buffer until = pct_buffer_init(100);
    (void)pct_zone_format(&record->site.zone, head->until_ms, &until);
    if (cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        integer(&json, "keys", head->count);
        pct_json_key(&json, "until");
        pct_json_string(&json, pct_buffer_chars(&until));
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    } else {
        PCT_SAY(cli, PCT_MSG_KEYS_COPIED, pct_int(head->count), pct_str(file),
                pct_str(pct_buffer_chars(&until)));
    }
    pct_buffer_dispose(&until);
}

static pct_status run_backup(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    pct_key_copy_head head = {0};
    pct_keys_order order = {.file = cli->arguments[1],
                            .key = pct_cli_option(cli, "--key"),
                            .recovery = pct_cli_option(cli, "--recovery"),
                            .days = PCT_KEYS_DAYS};
    pct_status status = pct_cli_integer(cli, "--days", 1, PCT_KEYS_DAYS_MAX, &order.days, error);
    if (!status) status = pct_record_open(cli->arguments[0], true, order.key, &record, error);
    if (status == PCT_BUSY)
        status = ask_backup(cli, &record.site, &order, &head, error);
    else if (!status)
        status = pct_keys_copy_write(record.desk, &record.site, &order, &head, error);
    if (!status) say_copied(cli, &record, order.file, &head);
    pct_record_close(&record);
    return status;
}

const pct_cli_command pct_cmd_keys_backup = {"keys backup",
                                             "SITE FILE",
                                             PCT_MSG_KEYS_BACKUP_HELP,
                                             {{"--days", "N", PCT_MSG_KEYS_DAYS, false},
                                              {"--recovery", "FILE", PCT_MSG_KEYS_RECOVERY, false},
                                              {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                             run_backup};

/* --- restore -------------------------------------------------------------------------------------------------------- */

static pct_status restore(pct_cli *cli, pct_record *record, pct_text bytes, pct_keys_restored *out,
                          pct_error *error) {
    const char *recovery = pct_cli_option(cli, "--recovery");
    pct_buffer entries = pct_buffer_init((size_t)PCT_KEY_COPY_MAX * PCT_KEY_COPY_ENTRY);
    pct_key_copy_head head = {0};
    pct_agency agency;
    pct_status status =
        pct_agency_init(&record->site, recovery ? recovery : pct_cli_option(cli, "--key"), &agency, error);
    if (!status) status = pct_agency_load(&agency, false, error);
    if (!status)
        status =
            pct_key_copy_read(agency.crypto, &agency.key, cli->arguments[1], bytes, &head, &entries, error);
    if (!status) status = pct_desk_restore_keys(record->desk, &head, &entries, out, error);
    if (entries.length) agency.crypto->wipe(entries.bytes, entries.length);
    pct_agency_dispose(&agency);
    pct_buffer_dispose(&entries);
    return status;
}

static pct_status run_restore(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    pct_keys_restored done = {0};
    pct_mapped_file file = {{"", 0}, NULL};
    pct_status status = pct_file_map(cli->arguments[1], &file, error);
    if (!status)
        status = pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &record, error);
    if (!status) status = restore(cli, &record, file.bytes, &done, error);
    if (!status && cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        integer(&json, "restored", done.restored);
        integer(&json, "present", done.present);
        integer(&json, "destroyed", done.destroyed);
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    if (!status && !cli->json)
        PCT_SAY(cli, PCT_MSG_KEYS_RESTORED, pct_int(done.restored), pct_int(done.present),
                pct_int(done.destroyed));
    pct_record_close(&record);
    pct_file_unmap(&file);
    return status;
}

const pct_cli_command pct_cmd_keys_restore = {
    "keys restore",
    "SITE FILE",
    PCT_MSG_KEYS_RESTORE_HELP,
    {{"--recovery", "FILE", PCT_MSG_KEYS_RECOVERY, false}, {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
    run_restore};

/* --- change --------------------------------------------------------------------------------------------------------- */

static pct_status run_change(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    pct_agency next = {0};
    pct_accounts *accounts = NULL;
    pct_status status =
        pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &record, error);
    if (!status) status = pct_agency_make_next(&record.agency, &next, error);
    if (!status) status = pct_accounts_open(record.site.folder, &accounts, error);
    if (!status) status = pct_factors_open(accounts, &record.agency, error);
    if (!status) status = pct_factors_rewrap_begin(accounts, next.key.bytes, error);
    if (!status) status = pct_store_rewrap(record.store, &next.keeper, error);
    if (!status) status = record.agency.keeper.next(&record.agency, PCT_KEEPER_TAKE, error);
    if (!status) status = pct_factors_rewrap_end(accounts, next.key.bytes, error);
    pct_accounts_close(accounts);
    if (!status && cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        pct_json_key(&json, "file");
        pct_json_string(&json, record.agency.path);
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_KEYS_CHANGED, pct_str(record.agency.path));
    pct_record_close(&record);
    pct_agency_dispose(&next);
    return status;
}

const pct_cli_command pct_cmd_keys_change = {"keys change",
                                             "SITE",
                                             PCT_MSG_KEYS_CHANGE_HELP,
                                             {{"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                             run_change};
