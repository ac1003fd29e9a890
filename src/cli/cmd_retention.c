/* precinct retention run SITE, precinct retention set SITE: what is destroyed by its age, and after how long. While `serve` holds
 * the record it does both. */
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/record.h"
#include "cli/serve_socket.h"
#include "desk/retention.h"

enum { REQUEST_BYTES = 1000, NAME_BYTES = 64 };

static const char *language(const pct_cli *cli) {
    return cli->language == PCT_ZH ? "zh" : "en";
}

/* --- run ------------------------------------------------------------------------------------------------------------ */

static pct_status ask_run(pct_cli *cli, bool dry, pct_retention_report *out, pct_error *error) {
    char request[80];
    int64_t number;
    pct_buffer text = pct_buffer_init(REQUEST_BYTES);
    (void)snprintf(request, sizeof request, "retain %s %s\n", dry ? "dry" : "all", language(cli));
    pct_status status = pct_serve_socket_ask_for(cli->arguments[0], request, &number, &text, error);
    pct_text rest = {(const char *)text.bytes, text.length}, word;
    int64_t *const numbers[] = {&out->looked, &out->keys, &out->events};
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT && !status; c++)
        for (int64_t *n = &out->days[c]; n; n = n == &out->days[c] ? &out->objects[c] : NULL)
            if (!pct_text_next(&rest, ' ', &word) || !pct_text_to_integer(word, n))
                status = pct_error_set(error, PCT_IO, PCT_MSG_SOCKET_REPLY, NULL, 0);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && !status; i++)
        if (!pct_text_next(&rest, ' ', &word) || !pct_text_to_integer(word, numbers[i]))
            status = pct_error_set(error, PCT_IO, PCT_MSG_SOCKET_REPLY, NULL, 0);
    pct_buffer_dispose(&text);
    return status == PCT_UNREACHABLE ? PCT_BUSY : status;
}

static void integer(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

static void print_json(pct_cli *cli, bool dry, const pct_retention_report *r) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "dry_run");
    pct_json_bool(&json, dry);
    pct_json_key(&json, "classes");
    pct_json_begin_array(&json);
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT; c++) {
        pct_json_begin_object(&json);
        pct_json_key(&json, "class");
        pct_json_string(&json, pct_erased_class_names[c]);
        integer(&json, "days", r->days[c]);
        integer(&json, "objects", r->objects[c]);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    integer(&json, "looked", r->looked);
    integer(&json, "keys", r->keys);
    integer(&json, "events", r->events);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    pct_retention_report report = {0};
    const bool dry = pct_cli_flag(cli, "--dry-run");
    pct_status status =
        pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &record, error);
    if (status == PCT_BUSY)
        status = ask_run(cli, dry, &report, error);
    else if (!status)
        status = pct_desk_retain(record.desk, dry, &report, error);
    if (!status && cli->json) print_json(cli, dry, &report);
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT && !status && !cli->json; c++)
        PCT_SAY(cli, dry ? PCT_MSG_RETENTION_DUE : PCT_MSG_RETENTION_GONE, pct_str(pct_erased_class_names[c]),
                pct_int(report.days[c]), pct_int(report.objects[c]));
    if (!status && !cli->json && !dry) PCT_SAY(cli, PCT_MSG_RETENTION_KEYS, pct_int(report.keys));
    pct_record_close(&record);
    return status;
}

const pct_cli_command pct_cmd_retention_run = {
    "retention run",
    "SITE",
    PCT_MSG_RETENTION_RUN_HELP,
    {{"--dry-run", NULL, PCT_MSG_RETENTION_DRY, false}, {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
    run};

/* --- set ------------------------------------------------------------------------------------------------------------ */

static pct_status read_change(const pct_cli *cli, pct_retention_change *out, pct_error *error) {
    const char *class = pct_cli_option(cli, "--class"), *ground = pct_cli_option(cli, "--ground"),
               *account = pct_cli_option(cli, "--account"), *second = pct_cli_option(cli, "--approved-by");
    int64_t days = 0;
    *out = (pct_retention_change){.role = PCT_ROLE_SYSTEM};
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT; c++)
        if (strcmp(class, pct_erased_class_names[c]) == 0) out->class = (pct_erased_class)c;
    if (!out->class)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPTION_CHOICE, pct_str("--class"),
                        pct_str("personal, narrative"), pct_str(class));
    pct_status status = pct_cli_integer(cli, "--days", 1, PCT_RETENTION_DAYS_MAX, &days, error);
    out->days = (int32_t)days;
    out->account = pct_text_of(account ? account : "console");
    out->approved_by = pct_text_of(second ? second : "");
    out->ground = pct_text_of(ground ? ground : "");
    return status;
}

/* Names are one word each. */
static bool is_word(pct_text text) {
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.chars[i] <= ' ') return false;
    return text.length <= NAME_BYTES;
}

static bool is_line(pct_text text) {
    return text.length == 0 || !memchr(text.chars, '\n', text.length);
}

static pct_status ask_set(pct_cli *cli, const pct_retention_change *c, int64_t *seq, pct_error *error) {
    pct_buffer request = pct_buffer_init(REQUEST_BYTES);
    (void)pct_buffer_append_format(&request, "period %s %d %s %s ", pct_erased_class_names[c->class],
                                   (int)c->days, c->account.chars,
                                   c->approved_by.length ? c->approved_by.chars : "-");
    if (c->ground.length)
        (void)pct_base64_append(&request, PCT_BASE64_URL, (const unsigned char *)c->ground.chars,
                                c->ground.length);
    (void)pct_buffer_append_format(&request, "%s %s\n", c->ground.length ? "" : "-", language(cli));
    const char *line = pct_buffer_chars(&request);
    pct_status status = pct_buffer_status(&request, error);
    if (!status) status = pct_serve_socket_ask(cli->arguments[0], line, seq, error);
    pct_buffer_dispose(&request);
    return status == PCT_UNREACHABLE ? PCT_BUSY : status;
}

static pct_status run_set(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    pct_retention_change change;
    int64_t seq = 0;
    pct_status status = read_change(cli, &change, error);
    if (!status && !(is_word(change.account) && is_word(change.approved_by) && is_line(change.ground) &&
                     change.ground.length <= PCT_RETENTION_GROUND_MAX))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_RETENTION_WORDS, pct_int(NAME_BYTES),
                          pct_int(PCT_RETENTION_GROUND_MAX));
    if (!status)
        status = pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &record, error);
    if (status == PCT_BUSY)
        status = ask_set(cli, &change, &seq, error);
    else if (!status)
        status = pct_desk_set_retention(record.desk, &change, &seq, error);
    if (!status && cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        pct_json_key(&json, "class");
        pct_json_string(&json, pct_erased_class_names[change.class]);
        integer(&json, "days", change.days);
        integer(&json, "seq", seq);
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    if (!status && !cli->json)
        PCT_SAY(cli, PCT_MSG_RETENTION_SET, pct_str(pct_erased_class_names[change.class]),
                pct_int(change.days), pct_int(seq));
    pct_record_close(&record);
    return status;
}

const pct_cli_command pct_cmd_retention_set = {"retention set",
                                               "SITE",
                                               PCT_MSG_RETENTION_SET_HELP,
                                               {{"--class", "CLASS", PCT_MSG_ERASE_CLASS, true},
                                                {"--days", "N", PCT_MSG_RETENTION_DAYS, true},
                                                {"--ground", "TEXT", PCT_MSG_RETENTION_GROUND, false},
                                                {"--account", "NAME", PCT_MSG_RETENTION_ACCOUNT, false},
                                                {"--approved-by", "NAME", PCT_MSG_RETENTION_APPROVED, false},
                                                {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                               run_set};
