/* That positions of units were destroyed is an event: of which class, how many, of which days; never whose.
 *
 *     tracks.db: rows destroyed, counted by day of the positions ─► a day is over ─► tracks_thinned ─► forgotten there
 *
 * Told after a cut between the last two, it is found in the record and not told twice. */
#ifndef PCT_DESK_TRACKS_TOLD_H
#define PCT_DESK_TRACKS_TOLD_H

#include "desk/desk.h"

/* Days of a class are told in order. *seq: of the event; 0 when it stands there already. O(events of kind T). */
pct_status pct_desk_tell_tracks(pct_desk *desk, const pct_event_tracks_thinned *destroyed, int64_t *seq,
                                pct_error *error) PCT_MUST_USE;

#endif
