/* When units were on their way to an incident: from setting out to arriving, by the record. What they drove then tells how fast
 * response is, the rest how fast patrol is. */
#ifndef PCT_CLI_UNDER_WAY_H
#define PCT_CLI_UNDER_WAY_H

#include "base/vector.h"
#include "store/tables.h"

typedef struct pct_under_way {
    int64_t unit, from_ms, to_ms;
} pct_under_way;

/* All of them, in order of unit and time. A site without a record has none. */
pct_status pct_under_way_read(const char *folder, pct_vector *out, pct_error *error) PCT_MUST_USE;
bool pct_under_way_covers(const pct_vector *all, int64_t unit, int64_t from_ms, int64_t to_ms);

#endif
