/* Positions as the command line takes them: "lon,lat", or a CSV file with a column `id` (of a network node) or with
 * `lon` and `lat`. What they become are points on roads. */
#ifndef PCT_CLI_POINTS_H
#define PCT_CLI_POINTS_H

#include "road/router.h"

extern const double pct_cli_snap_max_m; /* how far from a road a position may lie */

typedef struct pct_cli_points {
    pct_road_point *items;
    char (*labels)[64]; /* the row's id, unit or number */
    size_t count;
} pct_cli_points;

/* `option` names the value in errors. */
pct_status pct_cli_point(const pct_road *road, const char *option, const char *text, pct_road_point *out,
                         pct_error *error) PCT_MUST_USE;
pct_status pct_cli_points_read(const pct_road *road, const char *file, pct_cli_points *out,
                               pct_error *error) PCT_MUST_USE;
void pct_cli_points_dispose(pct_cli_points *points);

#endif
