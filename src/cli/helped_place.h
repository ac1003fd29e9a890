/* precinct patrol helped for one place: --order or --street (resource/place_calls.h). */
#ifndef PCT_CLI_HELPED_PLACE_H
#define PCT_CLI_HELPED_PLACE_H

#include "cli/command.h"
#include "clock/zone.h"

pct_status pct_cli_helped_place(pct_cli *cli, pct_error *error) PCT_MUST_USE;

/* "18-24" of --hours; all day without it. */
pct_status pct_cli_helped_hours(const pct_cli *cli, int *from_hour, int *until_hour,
                                pct_error *error) PCT_MUST_USE;
/* --from and --until: a week to a year, over by today. */
pct_status pct_cli_helped_days(const pct_cli *cli, const pct_zone *zone, int64_t *from, int64_t *until,
                               pct_error *error) PCT_MUST_USE;

#endif
