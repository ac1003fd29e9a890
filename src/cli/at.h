/* --at TIME: in which band a route sets out. */
#ifndef PCT_CLI_AT_H
#define PCT_CLI_AT_H

#include "cli/command.h"
#include "site/site.h"

/* Takes the road of the band that --at lies in; without the option the site's road stays as it is. After opening the road
 * and before anything refers to it. */
pct_status pct_cli_take_band(const pct_cli *cli, pct_site *site, pct_error *error) PCT_MUST_USE;
#define PCT_CLI_AT_OPTION                                                                                    \
    { "--at", "TIME", PCT_MSG_ROUTE_AT, false }

#endif
