/* The map under a record is said by its events: each carries the version that it was decided on, and where that changes
 * stands an event `map_updated`.
 *
 *     precinct map update: new map made ─► folders change places ─► map_updated        cut here ──┐
 *     whoever opens the record next: does the newest event name the map that lies there? no ─► map_updated
 *
 * So a map and its event cannot disagree for longer than nobody writes, and there is one event for a change however often
 * it was cut. A record without events has none to explain. */
#ifndef PCT_DESK_MAP_TOLD_H
#define PCT_DESK_MAP_TOLD_H

#include "desk/desk.h"

typedef struct pct_map_told {
    int64_t version; /* of the map that lies there now */
    int64_t at_ms;   /* when it came; 0: now */
    const char *source_sha256;
    const pct_event_map_updated
        *found; /* by the update that brought it, if there was one: version_before is not 0 */
} pct_map_told;

/* From now on events carry this version. *seq: of the event, 0 when none was needed. What was found is said only when it
 * was found between these two versions: a folder that somebody put back came without an update. O(1). */
pct_status pct_desk_tell_map(pct_desk *desk, const pct_map_told *map, int64_t *seq,
                             pct_error *error) PCT_MUST_USE;

#endif
