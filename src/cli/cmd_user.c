/* precinct user add|list|disable SITE …: local accounts. They may change while the server runs. */
#include <stdio.h>
#include <string.h>

#include "access/accounts.h"
#include "cli/command.h"
#include "cli/record.h"
#include "cli/user_change.h"
#include "site/now.h"
#include "site/site.h"

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

/* With a record, or with areas, which accounts.db does not know, what the account may do is an event. */
static pct_status entitle_new(pct_cli *cli, pct_accounts *accounts, pct_error *error) {
    const char *areas = pct_cli_option(cli, "--areas");
    const pct_user_change change = {"add", pct_cli_option(cli, "--roles"), areas};
    pct_error why;
    if (!areas && !pct_user_record_exists(cli->arguments[0])) return PCT_OK;
    pct_status status = pct_user_change_make(cli, &change, error);
    if (status) (void)!pct_accounts_remove(accounts, pct_text_of(cli->arguments[1]), &why);
    return status;
}

static pct_status run_add(pct_cli *cli, pct_error *error) {
    char password[PCT_PASSWORD_MAX + 2], made[PCT_PASSWORD_MADE];
    bool given = pct_cli_flag(cli, "--password-stdin");
    const char *person = pct_cli_option(cli, "--person");
    pct_text name = pct_text_of(cli->arguments[1]);
    pct_role_set roles = 0;
    pct_accounts *accounts = NULL;
    pct_status status = pct_roles_read(pct_text_of(pct_cli_option(cli, "--roles")), &roles, error);
    if (!status) status = open_accounts(cli, &accounts, error);
    if (!status)
        status = given ? read_password(password, sizeof password, error) : pct_password_make(made, error);
    if (!status)
        status = pct_accounts_add(accounts, name, roles, pct_text_of(given ? password : made), pct_wall_ms(),
                                  error);
    if (!status && person) status = pct_accounts_set_person(accounts, name, pct_text_of(person), error);
    if (!status) status = entitle_new(cli, accounts, error);
    if (!status) say_added(cli, roles, given ? NULL : made);
    pct_accounts_close(accounts);
    return status;
}

typedef struct listing {
    pct_cli *cli;
    pct_json_writer json;
} listing;

static void list_account(listing *l, pct_text name, pct_role_set held, pct_text areas, bool disabled) {
    pct_buffer roles = pct_buffer_init(PCT_ROLES_TEXT_MAX);
    pct_roles_write(held, &roles);
    if (l->cli->json) {
        pct_json_begin_object(&l->json);
        pct_json_key(&l->json, "account");
        pct_json_text(&l->json, name);
        pct_json_key(&l->json, "roles");
        pct_json_string(&l->json, pct_buffer_chars(&roles));
        pct_json_key(&l->json, "areas");
        pct_json_text(&l->json, areas);
        pct_json_key(&l->json, "disabled");
        pct_json_bool(&l->json, disabled);
        pct_json_end_object(&l->json);
    } else if (areas.length > 0 && !disabled) {
        PCT_SAY(l->cli, PCT_MSG_USER_ROW_AREAS, pct_view(name), pct_str(pct_buffer_chars(&roles)),
                pct_view(areas));
    } else {
        PCT_SAY(l->cli, disabled ? PCT_MSG_USER_ROW_DISABLED : PCT_MSG_USER_ROW, pct_view(name),
                pct_str(pct_buffer_chars(&roles)));
    }
    pct_buffer_dispose(&roles);
}

static void list_row(void *context, const pct_account_row *row) {
    list_account(context, row->name, row->roles, (pct_text){"", 0}, row->disabled);
}

static void list_rights(void *context, const pct_account_rights *a) {
    list_account(context, a->name, a->roles, a->areas, a->disabled);
}

/* What accounts may do is what the record says; before it is born, what accounts.db does. */
static pct_status list_record(pct_cli *cli, listing *l, bool *known, pct_error *error) {
    pct_record record = {0};
    pct_rights *rights = NULL;
    pct_status status = pct_record_open(cli->arguments[0], false, NULL, &record, error);
    if (!status) status = pct_rights_new(&rights, error);
    if (!status) status = pct_rights_load(rights, record.store, error);
    *known = !status && !pct_rights_are_empty(rights);
    if (*known) pct_rights_each(rights, list_rights, l);
    pct_rights_free(rights);
    pct_record_close(&record);
    return status;
}

static pct_status run_list(pct_cli *cli, pct_error *error) {
    pct_accounts *accounts = NULL;
    bool known = false;
    pct_status status = open_accounts(cli, &accounts, error);
    listing l = {cli, pct_json_writer_init(&cli->out)};
    if (!status && cli->json) {
        pct_json_begin_object(&l.json);
        pct_json_key(&l.json, "accounts");
        pct_json_begin_array(&l.json);
    }
    if (!status && pct_user_record_exists(cli->arguments[0])) status = list_record(cli, &l, &known, error);
    if (!status && !known) status = pct_accounts_list(accounts, list_row, &l, error);
    if (!status && cli->json) {
        pct_json_end_array(&l.json);
        pct_json_end_object(&l.json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    pct_accounts_close(accounts);
    return status;
}

/* Both, so that nobody gets in and the record says so; without a record accounts.db alone has it. */
static pct_status run_disable(pct_cli *cli, pct_error *error) {
    const pct_user_change change = {.verb = "disable"};
    pct_accounts *accounts = NULL;
    pct_status status = open_accounts(cli, &accounts, error);
    if (!status && pct_user_record_exists(cli->arguments[0]))
        status = pct_user_change_make(cli, &change, error);
    else if (!status)
        status = pct_accounts_disable(accounts, pct_text_of(cli->arguments[1]), error);
    if (!status && cli->json) (void)pct_buffer_append_text(&cli->out, "{\"disabled\":true}\n");
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_USER_DISABLED, pct_str(cli->arguments[1]));
    pct_accounts_close(accounts);
    return status;
}

static pct_status run_grant(pct_cli *cli, pct_error *error) {
    const char *given = pct_cli_option(cli, "--roles");
    const pct_user_change change = {"grant", given, pct_cli_option(cli, "--areas")};
    pct_role_set roles;
    pct_status status = given[0] ? pct_roles_read(pct_text_of(given), &roles, error) : PCT_OK;
    if (!status) status = pct_user_change_make(cli, &change, error);
    if (!status && cli->json) (void)pct_buffer_append_text(&cli->out, "{\"granted\":true}\n");
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_USER_GRANTED, pct_str(cli->arguments[1]), pct_str(given));
    return status;
}

static pct_status tie(pct_cli *cli, const char *verb, pct_message said, pct_error *error) {
    const char *unit = pct_cli_option(cli, "--unit"), *incident = pct_cli_option(cli, "--incident");
    const pct_user_change change = {verb, unit, incident};
    if (!unit == !incident) return pct_error_set(error, PCT_INPUT, PCT_MSG_USER_ONE_OF, NULL, 0);
    pct_status status = pct_user_change_make(cli, &change, error);
    if (!status && cli->json) (void)pct_buffer_append_format(&cli->out, "{\"%s\":true}\n", verb);
    if (!status && !cli->json)
        PCT_SAY(cli, said, pct_str(cli->arguments[1]), pct_str(unit ? unit : incident));
    return status;
}

static pct_status run_assign(pct_cli *cli, pct_error *error) {
    return tie(cli, "assign", PCT_MSG_USER_ASSIGNED, error);
}

static pct_status run_release(pct_cli *cli, pct_error *error) {
    return tie(cli, "release", PCT_MSG_USER_RELEASED, error);
}

const pct_cli_command pct_cmd_user_add = {"user add",
                                          "SITE NAME",
                                          PCT_MSG_USER_ADD_HELP,
                                          {{"--roles", "ROLES", PCT_MSG_USER_ROLES, true},
                                           {"--areas", "AREAS", PCT_MSG_USER_AREAS, false},
                                           {"--person", "NUMBER", PCT_MSG_USER_PERSON, false},
                                           {"--password-stdin", NULL, PCT_MSG_USER_PASSWORD_STDIN, false},
                                           {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                          run_add};
const pct_cli_command pct_cmd_user_list = {"user list", "SITE", PCT_MSG_USER_LIST_HELP, {{0}}, run_list};
const pct_cli_command pct_cmd_user_disable = {"user disable",
                                              "SITE NAME",
                                              PCT_MSG_USER_DISABLE_HELP,
                                              {{"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                              run_disable};
const pct_cli_command pct_cmd_user_grant = {"user grant",
                                            "SITE NAME",
                                            PCT_MSG_USER_GRANT_HELP,
                                            {{"--roles", "ROLES", PCT_MSG_USER_ROLES, true},
                                             {"--areas", "AREAS", PCT_MSG_USER_AREAS, false},
                                             {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                            run_grant};
const pct_cli_command pct_cmd_user_assign = {"user assign",
                                             "SITE NAME",
                                             PCT_MSG_USER_ASSIGN_HELP,
                                             {{"--unit", "UNIT", PCT_MSG_USER_UNIT, false},
                                              {"--incident", "ID", PCT_MSG_USER_INCIDENT, false},
                                              {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                             run_assign};
const pct_cli_command pct_cmd_user_release = {"user release",
                                              "SITE NAME",
                                              PCT_MSG_USER_RELEASE_HELP,
                                              {{"--unit", "UNIT", PCT_MSG_USER_UNIT, false},
                                               {"--incident", "ID", PCT_MSG_USER_INCIDENT, false},
                                               {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                              run_release};
