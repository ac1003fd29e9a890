/* precinct token add|list|revoke SITE …: API tokens, for programs that act in an account's name. They may change while the server runs. */
#include <string.h>

#include "access/tokens.h"
#include "base/text.h"
#include "cli/command.h"
#include "clock/time.h"
#include "site/now.h"
#include "site/site.h"

static pct_status open_accounts(const pct_cli *cli, pct_site *site, pct_accounts **out, pct_error *error) {
    pct_status status = pct_site_open(cli->arguments[0], site, error);
    return status ? status : pct_accounts_open(site->folder, out, error);
}

static void time_member(pct_json_writer *json, const char *key, const pct_zone *zone, int64_t ms) {
    pct_buffer text = pct_buffer_init(100);
    pct_json_key(json, key);
    if (ms) (void)pct_zone_format(zone, ms, &text);
    if (ms)
        pct_json_string(json, pct_buffer_chars(&text));
    else
        pct_json_null(json);
    pct_buffer_dispose(&text);
}

static void write_row(pct_json_writer *json, const pct_zone *zone, const pct_token_row *row,
                      const char *token) {
    char number[PCT_SESSION_NUMBER];
    pct_buffer roles = pct_buffer_init(PCT_ROLES_TEXT_MAX);
    pct_session_number_write(row->number, number);
    if (row->roles) pct_roles_write(row->roles, &roles);
    pct_json_begin_object(json);
    if (!token) {
        pct_json_key(json, "number");
        pct_json_string(json, number);
    }
    pct_json_key(json, "account");
    pct_json_text(json, row->account);
    pct_json_key(json, "name");
    pct_json_text(json, row->name);
    pct_json_key(json, "roles");
    pct_json_string(json, pct_buffer_chars(&roles));
    pct_json_key(json, "reads_only");
    pct_json_bool(json, row->reads_only);
    time_member(json, "expires_at", zone, row->expires_at_ms);
    if (!token) time_member(json, "used_at", zone, row->used_at_ms);
    if (token) {
        pct_json_key(json, "token");
        pct_json_string(json, token);
    }
    pct_json_end_object(json);
    pct_buffer_dispose(&roles);
}

static void say_added(pct_cli *cli, const pct_zone *zone, const pct_token_row *row, const char *token) {
    if (cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        write_row(&json, zone, row, token);
        (void)pct_buffer_append_byte(&cli->out, '\n');
        return;
    }
    pct_buffer until = pct_buffer_init(100);
    (void)pct_zone_format(zone, row->expires_at_ms, &until);
    PCT_SAY(cli, PCT_MSG_TOKEN_ADDED, pct_str(token), pct_view(row->account),
            pct_str(pct_buffer_chars(&until)));
    pct_buffer_dispose(&until);
}

static pct_status run_add(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    pct_accounts *accounts = NULL;
    char token[PCT_TOKEN];
    int64_t days = PCT_TOKEN_DAYS, now_ms = pct_wall_ms();
    const char *roles = pct_cli_option(cli, "--roles");
    pct_token_row row = {.account = pct_text_of(cli->arguments[1]),
                         .name = pct_text_of(pct_cli_option(cli, "--name")),
                         .reads_only = pct_cli_flag(cli, "--read"),
                         .created_at_ms = now_ms};
    pct_status status = pct_cli_integer(cli, "--days", 1, PCT_TOKEN_DAYS_MAX, &days, error);
    if (!status && roles) status = pct_roles_read(pct_text_of(roles), &row.roles, error);
    row.expires_at_ms = now_ms + days * PCT_DAY_MS;
    if (!status) status = open_accounts(cli, &site, &accounts, error);
    if (!status) status = pct_tokens_add(accounts, &row, token, error);
    if (!status) say_added(cli, &site.zone, &row, token);
    pct_accounts_close(accounts);
    pct_site_close(&site);
    return status;
}

typedef struct listing {
    pct_cli *cli;
    const pct_zone *zone;
    pct_json_writer json;
} listing;

static void list_row(void *context, const pct_token_row *row) {
    listing *l = context;
    char number[PCT_SESSION_NUMBER];
    if (l->cli->json) {
        write_row(&l->json, l->zone, row, NULL);
        return;
    }
    pct_buffer until = pct_buffer_init(100), used = pct_buffer_init(100);
    pct_session_number_write(row->number, number);
    (void)pct_zone_format(l->zone, row->expires_at_ms, &until);
    if (row->used_at_ms)
        (void)pct_zone_format(l->zone, row->used_at_ms, &used);
    else
        (void)pct_message_render(PCT_MSG_TOKEN_NEVER, NULL, 0, l->cli->language, &used);
    PCT_SAY(l->cli, PCT_MSG_TOKEN_ROW, pct_str(number), pct_view(row->account), pct_view(row->name),
            pct_str(pct_buffer_chars(&until)), pct_str(pct_buffer_chars(&used)));
    pct_buffer_dispose(&until);
    pct_buffer_dispose(&used);
}

static pct_status run_list(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    pct_accounts *accounts = NULL;
    pct_status status = open_accounts(cli, &site, &accounts, error);
    listing l = {cli, &site.zone, pct_json_writer_init(&cli->out)};
    if (!status && cli->json) {
        pct_json_begin_object(&l.json);
        pct_json_key(&l.json, "tokens");
        pct_json_begin_array(&l.json);
    }
    if (!status) status = pct_tokens_list(accounts, list_row, &l, error);
    if (!status && cli->json) {
        pct_json_end_array(&l.json);
        pct_json_end_object(&l.json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    pct_accounts_close(accounts);
    pct_site_close(&site);
    return status;
}

static pct_status run_revoke(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    pct_accounts *accounts = NULL;
    int64_t number;
    const char *given = cli->arguments[1];
    if (!pct_session_number_read(pct_text_of(given), &number))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_TOKEN_NUMBER, pct_str(given));
    pct_status status = open_accounts(cli, &site, &accounts, error);
    if (!status) status = pct_tokens_revoke(accounts, number, error);
    if (!status && cli->json) (void)pct_buffer_append_text(&cli->out, "{\"revoked\":true}\n");
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_TOKEN_REVOKED, pct_str(given));
    pct_accounts_close(accounts);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_token_add = {"token add",
                                           "SITE ACCOUNT",
                                           PCT_MSG_TOKEN_ADD_HELP,
                                           {{"--name", "TEXT", PCT_MSG_TOKEN_NAME_OPTION, true},
                                            {"--roles", "ROLES", PCT_MSG_TOKEN_ROLES, false},
                                            {"--days", "N", PCT_MSG_TOKEN_DAYS, false},
                                            {"--read", NULL, PCT_MSG_TOKEN_READS, false}},
                                           run_add};
const pct_cli_command pct_cmd_token_list = {"token list", "SITE", PCT_MSG_TOKEN_LIST_HELP, {{0}}, run_list};
const pct_cli_command pct_cmd_token_revoke = {
    "token revoke", "SITE NUMBER", PCT_MSG_TOKEN_REVOKE_HELP, {{0}}, run_revoke};
