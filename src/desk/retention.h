/* Retention: sealed data whose period is over are destroyed with their keys, so that the log, the tables and every copy of them
 * become unreadable; an event says which class, after how many days, how many keys, of which objects. It says nothing of what
 * they held.
 *
 *     keys.db, in order of id ─► is its period over? ─► batch ─► one group: event, keys, tables ─► … ─► logs emptied
 *
 * A slice looks at SLICE_KEYS keys and destroys at most 32 objects of a kind and class in one group; calls are taken between
 * slices. The desk begins a run by itself at the quiet minute of the site's day, when its options have a plan, and once soon
 * after an opening that finds the last run more than a day ago.
 *
 * How long: what was set last by an event (set_retention), or the schema's period; a site's own table may only be shorter. */
#ifndef PCT_DESK_RETENTION_H
#define PCT_DESK_RETENTION_H

#include "clock/zone.h"
#include "desk/desk.h"

struct pct_retention_plan {
    const pct_zone *zone;                 /* NULL: never by itself */
    int32_t quiet_minute;                 /* of the local day */
    int32_t days[PCT_ERASED_CLASS_COUNT]; /* the site's own; 0: none */
};

typedef struct pct_retention_report {
    int64_t days[PCT_ERASED_CLASS_COUNT];    /* the period that holds */
    int64_t objects[PCT_ERASED_CLASS_COUNT]; /* whose data of this class were due */
    int64_t looked, keys, events;            /* keys looked at and destroyed */
} pct_retention_report;

enum { PCT_RETENTION_DAYS_MAX = 3650, PCT_RETENTION_GROUND_MIN = 10, PCT_RETENTION_GROUND_MAX = 400 };

/* The periods that hold, from what was set, the schema and the plan. */
pct_status pct_desk_retention_days(pct_desk *desk, int64_t days[PCT_ERASED_CLASS_COUNT],
                                   pct_error *error) PCT_MUST_USE;
/* All that is due now; `dry`: only counted. PCT_BUSY: destroyed, but a reader is in the middle of something and the logs could
 * not be emptied; ask again. On a started desk the writer does it slice by slice. */
pct_status pct_desk_retain(pct_desk *desk, bool dry, pct_retention_report *out,
                           pct_error *error) PCT_MUST_USE;

typedef struct pct_retention_change {
    pct_erased_class class;
    int32_t days;
    pct_text ground; /* the legal ground: required to make it longer */
    pct_text account,
        approved_by; /* two persons, required to make it longer: whoever calls knows that they agreed */
    pct_role role;
} pct_retention_change;

/* PCT_REFUSED: longer without a ground or without a second person. *seq: the event's. */
pct_status pct_desk_set_retention(pct_desk *desk, const pct_retention_change *change, int64_t *seq,
                                  pct_error *error) PCT_MUST_USE;

#endif
