/* Keys out to a short-lived copy, and back. Copying is done in slices between groups, so that calls are taken meanwhile; restoring is
 * one group, on a desk that nobody else uses.
 *
 * A destroyed key never comes back: its number stands in the record, and restoring leaves it out. So the record must be at
 * least as new as the copy, and the same one. */
#ifndef PCT_DESK_KEYS_COPY_H
#define PCT_DESK_KEYS_COPY_H

#include "desk/desk.h"
#include "ledger/key_copy.h"

/* All keys as entries, and of *head all but the end. The caller wipes what is in `entries`. */
pct_status pct_desk_copy_keys(pct_desk *desk, pct_buffer *entries, pct_key_copy_head *head,
                              pct_error *error) PCT_MUST_USE;

typedef struct pct_keys_restored {
    int64_t restored, present,
        destroyed; /* put back; there already; left out, for they were destroyed since */
} pct_keys_restored;

/* PCT_REFUSED: the copy's end has come, it is of another record, or of a later state of this one. The tables and the board are made again
 * with what can be read now. */
pct_status pct_desk_restore_keys(pct_desk *desk, const pct_key_copy_head *head, const pct_buffer *entries,
                                 pct_keys_restored *out, pct_error *error) PCT_MUST_USE;

#endif
