/* Where units were: unit-seconds by street (a road's segment) and hour. It names no unit and holds none: who was there cannot be asked.
 *
 *     pct_presence *p;  status = pct_presence_new(&zone, &p, error);
 *     pct_presence_add(p, segment, from_ms, to_ms);          // or as the sink of pct_adherer_judge
 *     rows = pct_presence_rows(p, &count);                   // by segment, then hour
 *
 * O(1) for each hour of a stretch. */
#ifndef PCT_PATROL_PRESENCE_H
#define PCT_PATROL_PRESENCE_H

#include "clock/zone.h"

typedef struct pct_presence pct_presence;

typedef struct pct_presence_row {
    uint32_t segment;
    int64_t hour; /* of the wall's clock since 1970 */
    int64_t unit_ms;
} pct_presence_row;

enum { PCT_PRESENCE_ROWS_MAX = 1 << 24 };

/* The zone is borrowed. */
pct_status pct_presence_new(const pct_zone *zone, pct_presence **out, pct_error *error) PCT_MUST_USE;
void pct_presence_free(pct_presence *presence);
pct_status pct_presence_add(pct_presence *presence, uint32_t segment, int64_t from_ms, int64_t to_ms,
                            pct_error *error) PCT_MUST_USE;
/* In order of segment and hour; borrowed until the next call. */
const pct_presence_row *pct_presence_rows(pct_presence *presence, size_t *count);

#endif
