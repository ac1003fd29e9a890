/* Units' time by area beside calls for service by area, of one month that is over (docs/scope.md, L22): whoever decides where to patrol sees
 * whether patrols go where calls come from, or where patrols went before. Areas stand in the order in which they are given and are not ranked;
 * time is of all units together; an area with fewer than PCT_BESIDE_CALLS calls is told without their number, and the sum is of those
 * told, so that no difference gives it away. O(areas). */
#ifndef PCT_DEMAND_BESIDE_H
#define PCT_DEMAND_BESIDE_H

#include <stddef.h>
#include <stdint.h>

enum { PCT_BESIDE_CALLS = 10, PCT_BESIDE_HIDDEN = -1 };

typedef struct pct_beside_row {
    int64_t unit_ms, calls;        /* calls: PCT_BESIDE_HIDDEN when they are few */
    double time_share, call_share; /* of the sums; NaN of what is hidden, and of nothing */
} pct_beside_row;

typedef struct pct_beside_sums {
    int64_t unit_ms, calls; /* calls: of the areas that are told with them */
    size_t hidden;
} pct_beside_sums;

/* rows[i] from unit_ms[i] and calls[i]. */
pct_beside_sums pct_beside_tell(const int64_t *unit_ms, const int64_t *calls, size_t areas,
                                pct_beside_row *rows);

#endif
