#include <stdio.h>
#include <string.h>

#include "access/rights.h"
#include "base/base64.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/record.h"
#include "cli/serve_socket.h"
#include "resource/acts.h"

static pct_status read_class(const char *given, pct_erased_class *out, pct_error *error) {
    *out = PCT_ERASED_CLASS_NONE;
    for (int i = 1; given && i < PCT_ERASED_CLASS_COUNT; i++)
        if (strcmp(given, pct_erased_class_names[i]) == 0) *out = (pct_erased_class)i;
    if (!given || *out) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPTION_CHOICE, pct_str("--class"),
                    pct_str("personal, narrative"), pct_str(given));
}

/* While `serve` holds the record it does the erasing, or asks for it: then *asked is the request's id. *error stays what it was
 * when there is nobody to ask. */
static pct_status ask_server(pct_cli *cli, const char *object, pct_text reason, int64_t *keys,
                             pct_buffer *asked, pct_error *error) {
    char request[128 + 4 * PCT_ERASE_REASON_MAX / 3];
    const char *class = pct_cli_option(cli, "--class");
    pct_buffer coded = pct_buffer_init(2 * PCT_ERASE_REASON_MAX);
    if (reason.length > 0) (void)pct_base64_append(&coded, PCT_BASE64_URL, reason.chars, reason.length);
    (void)snprintf(request, sizeof request, "erase %s %s %s %s %s\n", object, class ? class : "-",
                   pct_cli_flag(cli, "--alone") ? "alone" : "ask",
                   reason.length > 0 ? pct_buffer_chars(&coded) : "-", cli->language == PCT_ZH ? "zh" : "en");
    pct_buffer_dispose(&coded);
    pct_status status = pct_serve_socket_ask_for(cli->arguments[0], request, keys, asked, error);
    return status == PCT_UNREACHABLE ? PCT_BUSY : status;
}

/* Without a service nobody can be asked: alone where nobody could approve it, or in an emergency. */
static pct_status erase_here(const pct_cli *cli, pct_record *record, const pct_erasure *erasure,
                             int64_t *keys, pct_error *error) {
    pct_rights *rights = NULL;
    pct_status status = pct_rights_new(&rights, error);
    if (!status) status = pct_rights_load(rights, record->store, error);
    if (!status && !pct_cli_flag(cli, "--alone") &&
        pct_rights_somebody_else(rights, PCT_ROLES_APPROVE_ERASING, "", "console"))
        status = pct_error_set(error, PCT_REFUSED, PCT_MSG_ERASE_TWO, NULL, 0);
    if (!status) status = pct_desk_erase(record->desk, erasure, keys, error);
    pct_rights_free(rights);
    return status;
}

static pct_status read_reason(const pct_cli *cli, pct_text *out, pct_error *error) {
    const char *given = pct_cli_option(cli, "--reason");
    *out = pct_text_trim(pct_text_of(given ? given : ""));
    bool good = out->length <= PCT_ERASE_REASON_MAX && pct_text_is_utf8(*out) &&
                (out->length > 0 || !pct_cli_flag(cli, "--alone"));
    return good ? PCT_OK
                : PCT_FAIL(error, PCT_INPUT, PCT_MSG_ERASE_REASON_NEEDED, pct_int(PCT_ERASE_REASON_MAX));
}

static void tell(pct_cli *cli, const char *object, int64_t keys, const char *asked) {
    if (!cli->json && *asked) PCT_SAY(cli, PCT_MSG_ERASE_ASKED, pct_str(object), pct_str(asked));
    if (!cli->json && !*asked) PCT_SAY(cli, PCT_MSG_ERASE_DONE, pct_str(object), pct_int(keys));
    if (!cli->json) return;
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "object");
    pct_json_string(&json, object);
    pct_json_key(&json, "keys");
    pct_json_integer(&json, keys);
    if (*asked) pct_json_key(&json, "request");
    if (*asked) pct_json_string(&json, asked);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    const char *object = pct_cli_option(cli, "--object");
    pct_erasure erasure = {.account = pct_text_of("console"), .role = PCT_ROLE_SYSTEM};
    pct_buffer asked = pct_buffer_init(PCT_ID_TEXT);
    int64_t keys = 0;
    if (!pct_id_read(pct_text_of(object), &erasure.object))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ERASE_ID, pct_str(object));
    pct_status status = read_class(pct_cli_option(cli, "--class"), &erasure.class, error);
    if (!status) status = read_reason(cli, &erasure.purpose, error);
    if (!status)
        status = pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &record, error);
    if (status == PCT_BUSY)
        status = ask_server(cli, object, erasure.purpose, &keys, &asked, error);
    else if (!status)
        status = erase_here(cli, &record, &erasure, &keys, error);
    if (!status) tell(cli, object, keys, pct_buffer_chars(&asked));
    pct_buffer_dispose(&asked);
    pct_record_close(&record);
    return status;
}

const pct_cli_command pct_cmd_erase = {"erase",
                                       "SITE",
                                       PCT_MSG_ERASE_HELP,
                                       {{"--object", "ID", PCT_MSG_ERASE_OBJECT, true},
                                        {"--class", "CLASS", PCT_MSG_ERASE_CLASS, false},
                                        {"--reason", "TEXT", PCT_MSG_ERASE_REASON, false},
                                        {"--alone", NULL, PCT_MSG_ERASE_ALONE, false},
                                        {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                       run};
