/* What retention asks of the record: which keys there are, when what they seal came to its end, and how long a class is kept. */
#ifndef PCT_STORE_RETENTION_H
#define PCT_STORE_RETENTION_H

#include "store/store.h"

enum { PCT_STORE_CLASS_MAX = 16 };

typedef struct pct_aged_key {
    int64_t id, made_at_ms;
    pct_id object;
    char class[PCT_STORE_CLASS_MAX];
} pct_aged_key;

/* Keys above `after`, in order of id. A writer's. O(most). */
pct_status pct_store_list_keys(pct_store *store, int64_t after, size_t most, pct_aged_key *out, size_t *count,
                               pct_error *error) PCT_MUST_USE;
/* When the incident of an object ended (of a call without one: when it was received); 0: it has not. PCT_NOT_FOUND, without
 * a message, when the record has no such object. O(log rows). */
pct_status pct_store_object_ended(pct_store *store, pct_id object, int64_t *ended_at_ms,
                                  pct_error *error) PCT_MUST_USE;
/* The period of a class that was set last, in days; 0 when none ever was. It follows from the events. */
pct_status pct_store_get_period(pct_store *store, pct_text class, int64_t *days,
                                pct_error *error) PCT_MUST_USE;
pct_status pct_store_put_period(pct_store *store, pct_text class, int64_t days, int64_t seq,
                                pct_error *error) PCT_MUST_USE;
/* Was the key of this id destroyed? Its number outlives it, so that no backup brings it back. */
pct_status pct_store_was_destroyed(pct_store *store, int64_t key, bool *out, pct_error *error) PCT_MUST_USE;

#endif
