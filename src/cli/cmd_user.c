/* precinct user add|list|disable SITE …: local accounts. They may change while the server runs. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "access/accounts.h"
#include "cli/command.h"
#include "site/site.h"

static int64_t now_ms(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* That the folder is a site is checked first: no accounts.db appears in a mistyped folder. */
static pct_status open_accounts(pct_cli *cli, pct_accounts **out, pct_error *error) {
    pct_site site = {0};
    pct_status status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_accounts_open(site.folder, out, error);
    pct_site_close(&site);
    return status;
}

static pct_status read_password(char *out, size_t size, pct_error *error) {
    if (!fgets(out, (int)size, stdin))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PASSWORD_NOT_READ, pct_int(0));
    out[strcspn(out, "\r\n")] = '\0';
    return PCT_OK;
}

static void say_added(pct_cli *cli, pct_role_set roles, const char *made) {
    pct_buffer text = pct_buffer_init(PCT_ROLES_TEXT_MAX);
    pct_roles_write(roles, &text);
    if (cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        pct_json_key(&json, "account");
        pct_json_string(&json, cli->arguments[1]);
        pct_json_key(&json, "roles");
        pct_json_string(&json, pct_buffer_chars(&text));
        if (made) {
            pct_json_key(&json, "password");
            pct_json_string(&json, made);
        }
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    } else {
        PCT_SAY(cli, PCT_MSG_USER_ADDED, pct_str(cli->arguments[1]), pct_str(pct_buffer_chars(&text)));
        if (made) PCT_SAY(cli, PCT_MSG_USER_PASSWORD, pct_str(made));
    }
    pct_buffer_dispose(&text);
}

static pct_status run_add(pct_cli *cli, pct_error *error) {
    char password[PCT_PASSWORD_MAX + 2], made[PCT_PASSWORD_MADE];
    bool given = pct_cli_flag(cli, "--password-stdin");
    pct_role_set roles = 0;
    pct_accounts *accounts = NULL;
    pct_status status = pct_roles_read(pct_text_of(pct_cli_option(cli, "--roles")), &roles, error);
    if (!status) status = open_accounts(cli, &accounts, error);
    if (!status)
        status = given ? read_password(password, sizeof password, error) : pct_password_make(made, error);
    if (!status)
        status = pct_accounts_add(accounts, pct_text_of(cli->arguments[1]), roles,
                                  pct_text_of(given ? password : made), now_ms(), error);
    if (!status) say_added(cli, roles, given ? NULL : made);
    pct_accounts_close(accounts);
    return status;
}

typedef struct listing {
    pct_cli *cli;
    pct_json_writer json;
} listing;

static void list_row(void *context, const pct_account_row *row) {
    listing *l = context;
    pct_buffer roles = pct_buffer_init(PCT_ROLES_TEXT_MAX);
    pct_roles_write(row->roles, &roles);
    if (l->cli->json) {
        pct_json_begin_object(&l->json);
        pct_json_key(&l->json, "account");
        pct_json_text(&l->json, row->name);
        pct_json_key(&l->json, "roles");
        pct_json_string(&l->json, pct_buffer_chars(&roles));
        pct_json_key(&l->json, "disabled");
        pct_json_bool(&l->json, row->disabled);
        pct_json_end_object(&l->json);
    } else {
        PCT_SAY(l->cli, row->disabled ? PCT_MSG_USER_ROW_DISABLED : PCT_MSG_USER_ROW, pct_view(row->name),
                pct_str(pct_buffer_chars(&roles)));
    }
    pct_buffer_dispose(&roles);
}

static pct_status run_list(pct_cli *cli, pct_error *error) {
    pct_accounts *accounts = NULL;
    pct_status status = open_accounts(cli, &accounts, error);
    listing l = {cli, pct_json_writer_init(&cli->out)};
    if (!status && cli->json) {
        pct_json_begin_object(&l.json);
        pct_json_key(&l.json, "accounts");
        pct_json_begin_array(&l.json);
    }
    if (!status) status = pct_accounts_list(accounts, list_row, &l, error);
    if (!status && cli->json) {
        pct_json_end_array(&l.json);
        pct_json_end_object(&l.json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    pct_accounts_close(accounts);
    return status;
}

static pct_status run_disable(pct_cli *cli, pct_error *error) {
    pct_accounts *accounts = NULL;
    pct_status status = open_accounts(cli, &accounts, error);
    if (!status) status = pct_accounts_disable(accounts, pct_text_of(cli->arguments[1]), error);
    if (!status && cli->json) (void)pct_buffer_append_text(&cli->out, "{\"disabled\":true}\n");
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_USER_DISABLED, pct_str(cli->arguments[1]));
    pct_accounts_close(accounts);
    return status;
}

const pct_cli_command pct_cmd_user_add = {"user add",
                                          "SITE NAME",
                                          PCT_MSG_USER_ADD_HELP,
                                          {{"--roles", "ROLES", PCT_MSG_USER_ROLES, true},
                                           {"--password-stdin", NULL, PCT_MSG_USER_PASSWORD_STDIN, false}},
                                          run_add};
const pct_cli_command pct_cmd_user_list = {"user list", "SITE", PCT_MSG_USER_LIST_HELP, {{0}}, run_list};
const pct_cli_command pct_cmd_user_disable = {
    "user disable", "SITE NAME", PCT_MSG_USER_DISABLE_HELP, {{0}}, run_disable};
