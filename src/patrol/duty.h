/* The duty problem as people state it: units, and tasks of nine kinds in places of the map. Its form: docs/reference/duty-plan.md.
 *
 *     status = pct_duty_read(file, bytes, &zone, &duty, error);
 *     status = pct_lowered_new(&duty, &roads, &lowered, error);       // lowered.h: the solver's problem, on the road
 *     pct_duty_dispose(&duty);
 *
 * All kinds are one record; the kind says where a task came from and what its absent members mean. Everything lies in the duty's arena.
 * Times are UTC ms; capabilities are bits in the order in which the file first names them. */
#ifndef PCT_PATROL_DUTY_H
#define PCT_PATROL_DUTY_H

#include "base/memory.h"
#include "clock/zone.h"
#include "geo/position.h"

typedef enum pct_duty_kind {
    PCT_DUTY_POINT,
    PCT_DUTY_LINE,
    PCT_DUTY_AREA,
    PCT_DUTY_HOLD,
    PCT_DUTY_PREMISES,
    PCT_DUTY_CHECK,
    PCT_DUTY_ORDER,
    PCT_DUTY_FIXED, /* a unit's own: roll call, hand-over, school gate */
    PCT_DUTY_BREAK, /* a unit's own, at one of its places */
    PCT_DUTY_KINDS
} pct_duty_kind;

typedef enum pct_duty_moves { PCT_DUTY_DRIVE, PCT_DUTY_WALK, PCT_DUTY_CYCLE, PCT_DUTY_MOVES } pct_duty_moves;

typedef enum pct_duty_direction {
    PCT_DUTY_EITHER,
    PCT_DUTY_FORWARD,
    PCT_DUTY_BACKWARD,
    PCT_DUTY_BOTH /* passes of both directions, at least one each */
} pct_duty_direction;

enum { PCT_DUTY_NONE = -1, PCT_DUTY_ORDER_DAYS_MAX = 14, PCT_DUTY_WINDOWS_MAX = 48 };

/* Words of the JSON forms: "point", "drive", "either", … */
const char *pct_duty_kind_name(pct_duty_kind kind);
const char *pct_duty_moves_name(pct_duty_moves moves);

typedef struct pct_duty_span {
    int64_t from_ms, to_ms;
} pct_duty_span;

typedef struct pct_duty_unit {
    pct_text id, station;
    pct_position start, end;
    pct_duty_span shift;
    pct_duty_moves moves;
    uint64_t capabilities;
    const pct_text *crew; /* [crew_count] */
    size_t crew_count;
} pct_duty_unit;

typedef struct pct_duty_task {
    pct_duty_kind kind;
    pct_text id, name; /* of a premises also its kind, below */
    pct_text detail;   /* kind of premises, of a check, of a fixed piece; reason of an order */
    pct_text author;   /* of an order */
    const pct_position *
        positions; /* [position_count] the place; the path of a line; the ring of an area; a break's places */
    size_t position_count;
    const pct_duty_span *windows; /* [window_count >= 1] it may begin in them */
    size_t window_count;
    int32_t times;                /* visits or passes wanted, debt included; of a hold: one for each window */
    int32_t owed;                 /* of these, from earlier shifts: always musts */
    int64_t gap_ms, dwell_ms;     /* dwell of a hold: 0, as long as its window */
    int64_t presence_ms_per_hour; /* of an area */
    int64_t seen_ms, within_ms;   /* of premises: last seen (INT64_MIN: never), to be seen every so often */
    uint64_t needs;
    int64_t weight;   /* in thousandths; > 0 */
    int32_t unit;     /* that alone may do it, PCT_DUTY_NONE */
    pct_text station; /* whose units alone may; "" any */
    pct_duty_direction direction;
    pct_duty_moves moves; /* how a line is passed */
    bool must, announced;
} pct_duty_task;

typedef struct pct_duty_ring {
    pct_text name;
    const pct_position *positions; /* [count], and the first once more behind them */
    size_t count;
} pct_duty_ring;

typedef struct pct_duty_demand {
    pct_position at;
    double per_hour;
} pct_duty_demand;

typedef struct pct_duty_lock {
    int32_t unit, task, n; /* n counts from 1 */
} pct_duty_lock;

typedef struct pct_duty {
    pct_text name, date; /* "2026-11-23" */
    pct_duty_span hours;
    pct_duty_unit *units;
    pct_duty_task *tasks;
    pct_duty_ring *forbidden;
    pct_duty_demand *demand;
    pct_duty_lock *locks;
    pct_text *capabilities;
    size_t unit_count, task_count, forbidden_count, demand_count, lock_count, capability_count;
    pct_arena arena;
} pct_duty;

/* Refused by member and place in the file: what is no JSON of this form, unknown members, ids used twice, unknown units, orders that last too
 * long, windows the wrong way round, anything aimed at a dwelling. */
pct_status pct_duty_read(const char *file, pct_text bytes, const pct_zone *zone, pct_duty *out,
                         pct_error *error) PCT_MUST_USE;
void pct_duty_dispose(pct_duty *duty);
/* From the first of its hours and shifts to the last. */
pct_duty_span pct_duty_span_of(const pct_duty *duty);

#endif
