/* precinct user totp SITE NAME [--remove]: the second factor of an account, by whoever owns the site's folder and its key. */
#include "cli/command.h"
#include "cli/factors.h"
#include "site/now.h"

static void say(pct_cli *cli, const char *name, const char *secret, const char *uri, const pct_recovery *r) {
    if (!cli->json) {
        PCT_SAY(cli, PCT_MSG_USER_TOTP_SECRET, pct_str(name), pct_str(secret), pct_str(uri));
        for (int i = 0; i < PCT_RECOVERY_CODES; i++)
            PCT_SAY(cli, PCT_MSG_USER_TOTP_RECOVERY, pct_str(r->codes[i]));
        return;
    }
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "secret");
    pct_json_string(&json, secret);
    pct_json_key(&json, "uri");
    pct_json_string(&json, uri);
    pct_json_key(&json, "recovery");
    pct_json_begin_array(&json);
    for (int i = 0; i < PCT_RECOVERY_CODES; i++) pct_json_string(&json, r->codes[i]);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status give(pct_cli *cli, pct_accounts *accounts, pct_error *error) {
    const char *name = cli->arguments[1];
    char secret[PCT_TOTP_TEXT];
    pct_recovery recovery;
    pct_buffer uri = pct_buffer_init(PCT_FACTOR_URI_MAX);
    pct_status status = pct_factor_begin(accounts, pct_text_of(name), secret, error);
    if (!status)
        status = pct_factor_confirm(accounts, pct_text_of(name), (pct_text){"", 0}, pct_wall_ms(), &recovery,
                                    error);
    if (!status) status = pct_totp_uri(secret, pct_text_of(name), &uri);
    if (!status) say(cli, name, secret, pct_buffer_chars(&uri), &recovery);
    pct_buffer_dispose(&uri);
    return status;
}

static pct_status take(pct_cli *cli, pct_accounts *accounts, pct_error *error) {
    pct_status status = pct_factor_remove(accounts, pct_text_of(cli->arguments[1]), error);
    if (!status && cli->json) (void)pct_buffer_append_text(&cli->out, "{\"removed\":true}\n");
    if (!status && !cli->json) PCT_SAY(cli, PCT_MSG_USER_TOTP_REMOVED, pct_str(cli->arguments[1]));
    return status;
}

/* Taking away needs no key: who has lost that as well must get in. */
static pct_status run(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    pct_agency agency = {0};
    pct_accounts *accounts = NULL;
    bool remove = pct_cli_flag(cli, "--remove");
    pct_status status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_accounts_open(site.folder, &accounts, error);
    if (!status && !remove) status = pct_agency_init(&site, pct_cli_option(cli, "--key"), &agency, error);
    if (!status && !remove) status = pct_agency_load(&agency, true, error);
    if (!status && !remove) status = pct_factors_unlock(accounts, agency.key.bytes, error);
    if (!status) status = remove ? take(cli, accounts, error) : give(cli, accounts, error);
    pct_accounts_close(accounts);
    pct_agency_dispose(&agency);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_user_totp = {
    "user totp",
    "SITE NAME",
    PCT_MSG_USER_TOTP_HELP,
    {{"--remove", NULL, PCT_MSG_USER_TOTP_REMOVE, false}, {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
    run};
