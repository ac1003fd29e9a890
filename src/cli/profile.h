/* The option --profile of commands that ask the roads. */
#ifndef PCT_CLI_PROFILE_H
#define PCT_CLI_PROFILE_H

#include "cli/command.h"
#include "site/site.h"

#define PCT_CLI_PROFILE_OPTION                                                                               \
    { "--profile", "NAME", PCT_MSG_OPTION_PROFILE, false }

/* Opens the site's roads; *out are those of the profile that was asked for, response unless it was. The site owns them. */
pct_status pct_cli_open_road(const pct_cli *cli, pct_site *site, double speed_kmh, const pct_road **out,
                             pct_error *error) PCT_MUST_USE;

#endif
