/* A site for a load, in a folder of its own within another site: its map and definitions by links, a record of its own, so
 * that nothing a load writes reaches the site that it is measured on.
 *
 *     status = pct_load_site_make(&like, &rng, 1000, &site, &error);
 *     status = pct_load_server_start(site.folder, &server, &error);
 *     …
 *     pct_load_site_remove(&site);                          accepts a zeroed one
 *
 * A drill with units L00000, L00001, … at random places of the road, on duty round the clock, each with a device
 * load-device-00000 …; one account, PCT_LOAD_ACCOUNT, that may do everything. */
#ifndef PCT_CLI_LOAD_SITE_H
#define PCT_CLI_LOAD_SITE_H

#include "access/accounts.h"
#include "base/rng.h"
#include "site/site.h"

#define PCT_LOAD_ACCOUNT "load"
#define PCT_LOAD_DEVICE  "load-device-%05u"

typedef struct pct_load_site {
    char folder[PCT_PATH_MAX];
    char password[PCT_PASSWORD_MADE];
} pct_load_site;

/* `like` with its road open. Cost: one sync for each device. */
pct_status pct_load_site_make(const pct_site *like, pct_rng *rng, uint32_t units, pct_load_site *out,
                              pct_error *error) PCT_MUST_USE;
void pct_load_site_remove(pct_load_site *site);
/* Somewhere on the road. */
pct_position pct_load_place(const pct_site *like, pct_rng *rng);

#endif
