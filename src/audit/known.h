/* What the watch keeps in mind of cases and of who worked on them: two tables of fixed size that forget the oldest.
 *
 * Set-associative, as a processor's cache is: a key has PCT_KNOWN_WAYS places, and a new key takes the place of the oldest there.
 * Every operation O(1), nothing is allocated after _init. Dispose accepts a zeroed table. */
#ifndef PCT_AUDIT_KNOWN_H
#define PCT_AUDIT_KNOWN_H

#include "event/codec.h"

enum { PCT_KNOWN_WAYS = 8 };

/* A call, an incident, an order, or a request for an act of two persons. */
typedef struct pct_known_object {
    int64_t seq;               /* 0: an empty place */
    int64_t case_seq;          /* its incident, or the call itself; of a request: the unit */
    int64_t first_call;        /* of an incident: the call that it was opened from */
    int64_t made_ms, ended_ms; /* ended 0: open */
    uint64_t place;            /* 0: not known */
    uint32_t ordinal;          /* among those of its kind, from 1 */
    char kind;
    bool replays_track;
} pct_known_object;

/* (who, what) → when last. */
typedef struct pct_known_relation {
    uint64_t key; /* 0: an empty place */
    int64_t last_ms;
} pct_known_relation;

typedef struct pct_known {
    pct_known_object *objects;
    pct_known_relation *relations;
    uint32_t object_mask, relation_mask; /* of sets */
} pct_known;

/* Sizes are powers of two of at least PCT_KNOWN_WAYS. */
pct_status pct_known_init(uint32_t objects, uint32_t relations, pct_known *out,
                          pct_error *error) PCT_MUST_USE;
void pct_known_dispose(pct_known *known);
/* A place for it, zeroed but for its seq; valid until the next one is added. */
pct_known_object *pct_known_add(pct_known *known, int64_t seq);
pct_known_object *pct_known_find(const pct_known *known, int64_t seq); /* NULL: not known (any more) */

uint64_t pct_known_key(uint64_t who, char kind, uint64_t what);
/* Returns whether it is new. */
bool pct_known_touch(pct_known *known, uint64_t key, int64_t at_ms);
bool pct_known_since(const pct_known *known, uint64_t key, int64_t since_ms);

#endif
