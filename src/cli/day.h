/* Days as options give them: 2026-06-01, on the site's clock. */
#ifndef PCT_CLI_DAY_H
#define PCT_CLI_DAY_H

#include "cli/command.h"
#include "clock/zone.h"

enum { PCT_DAY_TEXT = 16 };

int64_t pct_cli_today(const pct_zone *zone);
/* Days since 1970; today when the option was not given. */
pct_status pct_cli_day(const pct_cli *cli, const char *option, const pct_zone *zone, int64_t *day,
                       pct_error *error) PCT_MUST_USE;
void pct_cli_day_text(int64_t day, char out[PCT_DAY_TEXT]);

#endif
