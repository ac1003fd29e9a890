#include "cli/serve_confine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "site/agency.h"

/* A stick may be taken out and put back: its folder, not the file that lies there now. */
static pct_status name_key_folder(const pct_cli *cli, const pct_site *site, pct_serve_confine *c,
                                  pct_error *error) {
    pct_agency agency;
    pct_status status = pct_agency_init(site, pct_cli_option(cli, "--key"), &agency, error);
    if (status) return status;
    (void)snprintf(c->key_folder, sizeof c->key_folder, "%s", agency.path);
    c->has_key = access(agency.path, F_OK) == 0; /* it is made when a site is first served */
    pct_agency_dispose(&agency);
    char *slash = strrchr(c->key_folder, '/');
    if (slash)
        slash[slash == c->key_folder] = '\0';
    else
        (void)snprintf(c->key_folder, sizeof c->key_folder, ".");
    return PCT_OK;
}

pct_status pct_serve_confine_begin(const pct_cli *cli, const pct_site *site,
                                   const pct_server_sockets *sockets, pct_serve_confine *out,
                                   pct_error *error) {
    out->off = pct_cli_flag(cli, "--unconfined");
    pct_status status = name_key_folder(cli, site, out, error);
    if (status || out->off) {
        if (!status) pct_cli_warn(cli, PCT_MSG_SERVE_UNCONFINED, NULL, 0);
        return status;
    }
    out->options = (pct_confine_options){
        .places = {{site->folder, PCT_CONFINE_WRITE},
                   {site->spool[0] ? site->spool : NULL, PCT_CONFINE_WRITE},
                   {out->key_folder, out->has_key ? PCT_CONFINE_READ : PCT_CONFINE_WRITE}},
        .ports = {sockets->port, sockets->positions_port}};
    pct_confine_begin(&out->options, &out->held);
    return PCT_OK;
}

void pct_serve_confine_end(const pct_cli *cli, pct_serve_confine *c) {
    static const char *const yes_no[] = {"-", "+"};
    if (c->off) return;
    pct_confine_end(&c->options, &c->held);
    if (!c->held.why) return;
    const pct_param params[] = {pct_str(yes_no[c->held.files]), pct_str(yes_no[c->held.ports]),
                                pct_str(yes_no[c->held.calls && c->held.ended]),
                                pct_str(strerror(c->held.why))};
    pct_cli_warn(cli, PCT_MSG_SERVE_CONFINED_PARTLY, params, 4);
}
