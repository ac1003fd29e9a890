/* What `serve` keeps itself to (server/confine.h): its site, the spool and the agency's key where they lie elsewhere, its own ports.
 * What the kernel cannot hold, or --unconfined, is said when it starts; doctor finds it too. */
#ifndef PCT_CLI_SERVE_CONFINE_H
#define PCT_CLI_SERVE_CONFINE_H

#include <limits.h>

#include "cli/command.h"
#include "server/confine.h"
#include "server/server.h"
#include "site/site.h"

typedef struct pct_serve_confine {
    pct_confine_options options;
    pct_confined held;
    char key_folder[PCT_PATH_MAX];
    char tls_folders[4][PATH_MAX]; /* of certificate and key: where the names lie, and where they lead */
    char authority_folder[PCT_OPENID_PATH_MAX];
    bool has_key;
    bool off; /* --unconfined */
} pct_serve_confine;

/* Before the first thread is started, when the site and everything that options name has been read. */
pct_status pct_serve_confine_begin(const pct_cli *cli, const pct_site *site, const pct_server_options *server,
                                   const pct_server_sockets *sockets, pct_serve_confine *out,
                                   pct_error *error) PCT_MUST_USE;
/* When everything listens. */
void pct_serve_confine_end(const pct_cli *cli, pct_serve_confine *confine);

#endif
