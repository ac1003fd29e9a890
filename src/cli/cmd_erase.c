#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/record.h"
#include "cli/serve_socket.h"

static pct_status read_class(const char *given, pct_erased_class *out, pct_error *error) {
    *out = PCT_ERASED_CLASS_NONE;
    for (int i = 1; given && i < PCT_ERASED_CLASS_COUNT; i++)
        if (strcmp(given, pct_erased_class_names[i]) == 0) *out = (pct_erased_class)i;
    if (!given || *out) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPTION_CHOICE, pct_str("--class"),
                    pct_str("personal, narrative"), pct_str(given));
}

/* While `serve` holds the record it does the erasing. *error stays what it was when there is nobody to ask. */
static pct_status ask_server(pct_cli *cli, const char *object, int64_t *keys, pct_error *error) {
    char request[128];
    const char *class = pct_cli_option(cli, "--class");
    (void)snprintf(request, sizeof request, "erase %s %s %s\n", object, class ? class : "-",
                   cli->language == PCT_ZH ? "zh" : "en");
    pct_status status = pct_serve_socket_ask(cli->arguments[0], request, keys, error);
    return status == PCT_UNREACHABLE ? PCT_BUSY : status;
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_record record = {0};
    const char *object = pct_cli_option(cli, "--object");
    pct_erasure erasure = {.account = pct_text_of("console"), .role = PCT_ROLE_SYSTEM};
    int64_t keys = 0;
    if (!pct_id_read(pct_text_of(object), &erasure.object))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ERASE_ID, pct_str(object));
    pct_status status = read_class(pct_cli_option(cli, "--class"), &erasure.class, error);
    if (!status)
        status = pct_record_open(cli->arguments[0], true, pct_cli_option(cli, "--key"), &record, error);
    if (status == PCT_BUSY)
        status = ask_server(cli, object, &keys, error);
    else if (!status)
        status = pct_desk_erase(record.desk, &erasure, &keys, error);
    if (!status && cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        pct_json_key(&json, "object");
        pct_json_string(&json, object);
        pct_json_key(&json, "keys");
        pct_json_integer(&json, keys);
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_ERASE_DONE, pct_str(object), pct_int(keys));
    pct_record_close(&record);
    return status;
}

const pct_cli_command pct_cmd_erase = {"erase",
                                       "SITE",
                                       PCT_MSG_ERASE_HELP,
                                       {{"--object", "ID", PCT_MSG_ERASE_OBJECT, true},
                                        {"--class", "CLASS", PCT_MSG_ERASE_CLASS, false},
                                        {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                       run};
