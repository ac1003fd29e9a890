/* What `serve` looks after beside serving, on its main thread: sessions that have ended, room held back for a full disk,
 * events about destroyed positions. */
#ifndef PCT_CLI_SERVE_UPKEEP_H
#define PCT_CLI_SERVE_UPKEEP_H

#include "cli/command.h"
#include "resource/service.h"

typedef struct pct_serve_upkeep {
    const pct_cli *cli;
    const char *folder; /* the site's */
    pct_service *service;
    double next_s, forget_s; /* of the monotonic clock */
    bool gave_up;            /* the reserve: said when it is back */
} pct_serve_upkeep;

/* Before anything is opened: a full disk gets the room that was held back for it, and that is said. */
void pct_serve_upkeep_begin(const pct_cli *cli, const char *site_folder, pct_service *service,
                            pct_serve_upkeep *out);
/* Now and then; does what is due. */
void pct_serve_upkeep_step(pct_serve_upkeep *upkeep);

#endif
