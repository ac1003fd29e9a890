#include "cli/serve_confine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "site/agency.h"

/* The folder of a path, in its place. */
static void cut_name(char *path) {
    char *slash = strrchr(path, '/');
    if (slash)
        slash[slash == path] = '\0';
    else
        memcpy(path, ".", 2);
}

/* A renewed certificate is a new file: where its name lies, and where that leads. */
static void name_tls_folders(const pct_server_options *server, pct_serve_confine *c) {
    if (!server->tls) return;
    const pct_tls_view view = pct_tls_look(server->tls);
    const char *const files[] = {view.certificate, view.key};
    for (int i = 0; i < 2; i++) {
        (void)snprintf(c->tls_folders[2 * i], PATH_MAX, "%s", files[i]);
        if (!realpath(files[i], c->tls_folders[2 * i + 1])) c->tls_folders[2 * i + 1][0] = '\0';
    }
    for (int i = 0; i < 4; i++) {
        if (!c->tls_folders[i][0]) continue;
        cut_name(c->tls_folders[i]);
        c->options.places[3 + i] = (pct_confine_place){c->tls_folders[i], PCT_CONFINE_READ};
    }
}

/* Whom to trust to name the provider: renewed, too, it is a new file. */
static void name_authority_folder(const pct_site *site, pct_serve_confine *c) {
    enum { AT = 3 + sizeof c->tls_folders / sizeof *c->tls_folders };
    if (site->openid.ca_file[0] != '/') return; /* below the site's folder, or none */
    (void)snprintf(c->authority_folder, sizeof c->authority_folder, "%s", site->openid.ca_file);
    cut_name(c->authority_folder);
    c->options.places[AT] = (pct_confine_place){c->authority_folder, PCT_CONFINE_READ};
}

/* A stick may be taken out and put back: its folder, not the file that lies there now. */
static pct_status name_key_folder(const pct_cli *cli, const pct_site *site, pct_serve_confine *c,
                                  pct_error *error) {
    pct_agency agency;
    pct_status status = pct_agency_init(site, pct_cli_option(cli, "--key"), &agency, error);
    if (status) return status;
    (void)snprintf(c->key_folder, sizeof c->key_folder, "%s", agency.path);
    c->has_key = access(agency.path, F_OK) == 0; /* it is made when a site is first served */
    pct_agency_dispose(&agency);
    cut_name(c->key_folder);
    return PCT_OK;
}

pct_status pct_serve_confine_begin(const pct_cli *cli, const pct_site *site, const pct_server_options *server,
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
        .ports = {sockets->port, sockets->positions_port, site->openid.on ? site->openid.port : 0},
        .outgoing = site->openid.on};
    name_tls_folders(server, out);
    name_authority_folder(site, out);
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
