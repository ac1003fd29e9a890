/* The certificate of `serve --tls-cert --tls-key`: read before anything is opened, read anew on SIGHUP; when it ends is said and counted. */
#ifndef PCT_CLI_SERVE_TLS_H
#define PCT_CLI_SERVE_TLS_H

#include "cli/command.h"
#include "resource/service.h"
#include "server/tls.h"

/* *out NULL without the options. */
pct_status pct_serve_tls_open(const pct_cli *cli, pct_service *service, pct_tls **out,
                              pct_error *error) PCT_MUST_USE;
/* What cannot be read is said, and the old certificate goes on. */
void pct_serve_tls_again(const pct_cli *cli, pct_service *service, pct_tls *tls);

#endif
