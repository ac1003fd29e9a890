/* Where patrols were, for a map: unit-minutes by street (a road's segment) and hour of the day, over some days. A street is told only when
 * at least PCT_CREWS_LEAST crews were there in the hours that are asked for (docs/scope.md, L18); no crew is told, and there is no
 * other way out.
 *
 *     status = pct_streets_new(&zone, &streets, error);
 *     status = pct_streets_add(streets, crew, segment, from_ms, to_ms, error);      // each stretch of each crew
 *     status = pct_streets_tell(streets, hour, &rows, &hidden, error);              // of pct_street, the most first
 *
 * Minutes are whole multiples of PCT_STREETS_STEP_MIN: what two questions differ by (an hour more, a day more) would otherwise tell
 * of one crew what neither of them does. Of a street and hour three crews are remembered, no more: whether they are enough is all
 * that is asked of them. Memory: 40 bytes for each street and hour. O(1) for each hour of a stretch. */
#ifndef PCT_PATROL_STREETS_H
#define PCT_PATROL_STREETS_H

#include "base/vector.h"
#include "clock/zone.h"
#include "patrol/crews.h"

enum { PCT_STREETS_STEP_MIN = 5, PCT_STREETS_ALL_DAY = -1, PCT_STREETS_ROWS_MAX = 1 << 22 };

typedef struct pct_streets pct_streets;

typedef struct pct_street {
    uint32_t segment;
    int32_t unit_minutes; /* a multiple of the step; 0: less than half of one */
} pct_street;

/* The zone is borrowed. */
pct_status pct_streets_new(const pct_zone *zone, pct_streets **out, pct_error *error) PCT_MUST_USE;
void pct_streets_free(pct_streets *streets);
/* `crew`: any number above 0 that is this crew's alone. */
pct_status pct_streets_add(pct_streets *streets, int64_t crew, uint32_t segment, int64_t from_ms,
                           int64_t to_ms, pct_error *error) PCT_MUST_USE;
/* `hour`: 0 to 23, or PCT_STREETS_ALL_DAY. Pushes rows; *hidden: streets where too few crews were. */
pct_status pct_streets_tell(pct_streets *streets, int hour, pct_vector *rows, size_t *hidden,
                            pct_error *error) PCT_MUST_USE;

#endif
