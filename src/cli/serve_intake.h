/* The spool of `serve`, and what becomes of a record whose disk failed: it is closed, opened and read anew once a second, and
 * verified from its first event on, while calls go to the spool. Without a spool that works there is nothing to wait for: the
 * server ends, and whoever started it starts it again. */
#ifndef PCT_CLI_SERVE_INTAKE_H
#define PCT_CLI_SERVE_INTAKE_H

#include "cli/command.h"
#include "desk/intake.h"
#include "resource/service.h"
#include "site/agency.h"

typedef struct pct_serve_intake {
    const pct_cli *cli;
    pct_service *service;
    pct_store **store; /* of serve: the desk's */
    pct_store_options options;
    char folder[PCT_PATH_MAX];
    int64_t failed_ms, next_ms, failures; /* failed_ms 0: the desk works */
} pct_serve_intake;

/* "spool" of site.json, else SITE/spool, which is made. A spool that cannot be opened is said on stderr. Starts its thread. */
pct_status pct_serve_intake_open(const pct_cli *cli, const pct_site *site, const pct_store_options *record,
                                 pct_store **store, pct_service *service, pct_serve_intake *out,
                                 pct_error *error) PCT_MUST_USE;
/* Every half second: PCT_OK while it is worth going on. */
pct_status pct_serve_intake_mend(pct_serve_intake *s, pct_error *error) PCT_MUST_USE;

#endif
