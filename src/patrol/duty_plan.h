/* A duty plan as people read it: for each unit its stops with place and time, and what was left out and why. Its JSON:
 * docs/reference/duty-plan.md. It stands alone: whoever has the plan needs neither the problem nor the map to follow it. */
#ifndef PCT_PATROL_DUTY_PLAN_H
#define PCT_PATROL_DUTY_PLAN_H

#include "base/message.h"
#include "patrol/duty.h"

typedef enum pct_duty_reason {
    PCT_DUTY_TIME, /* more is asked than there are hours; `with` is a least set that cannot stand together, itself for its own visits */
    PCT_DUTY_NO_PLACE, /* the search found none beside what counts as much or more; nothing says that there is none */
    PCT_DUTY_UNREACHABLE,
    PCT_DUTY_OFF_NETWORK,
    PCT_DUTY_WINDOW,
    PCT_DUTY_CAPABILITY,
    PCT_DUTY_REASONS
} pct_duty_reason;

typedef struct pct_duty_stop {
    pct_duty_kind kind;
    pct_duty_moves moves; /* how it is come to */
    pct_text id, name;
    int32_t n;                                      /* the how-manieth of its id, from 1 */
    int64_t travel_ms, arrive_ms, start_ms, end_ms; /* UTC; travel to it from the stop before */
    pct_position from, to;                          /* equal but for lines */
} pct_duty_stop;

typedef struct pct_duty_route {
    pct_text unit;
    pct_duty_moves moves;
    pct_position start, end;
    int64_t leave_ms, back_ms, travel_ms;
    const pct_duty_stop *stops;
    size_t stop_count;
    const pct_position *line; /* [line_count] what it drives; none: not asked for */
    size_t line_count;
} pct_duty_route;

typedef struct pct_duty_unmet {
    pct_duty_kind kind;
    pct_text id, name;
    int32_t n;
    bool must;
    pct_duty_reason reason;
    const pct_text *with; /* [with_count] ids */
    size_t with_count;
} pct_duty_unmet;

typedef struct pct_duty_plan {
    pct_text name, date;
    int64_t map_version; /* of the site's map; 0: not said */
    uint64_t seed, iterations;
    bool feasible;                                                              /* every must is in */
    double musts_left, response_s, shoulds_left, spread, travel_s, imbalance_s; /* NaN: not reckoned */
    double bound_travel_s, wall_s;
    double first_s; /* until the first plan was there; NaN: not measured */
    double
        entropy_bits; /* of the quarter of an hour of arrival, mean over points; NaN: the plan was not drawn from its like */
    pct_duty_route *routes;
    pct_duty_unmet *unmet;
    size_t route_count, unmet_count;
    pct_arena arena;
} pct_duty_plan;

/* Their words in the JSON: "time", "unreachable", … */
extern const char *const pct_duty_reason_names[PCT_DUTY_REASONS];

/* Reads what pct_duty_plan_write wrote; refused like a problem. */
pct_status pct_duty_plan_read(const char *file, pct_text bytes, const pct_zone *zone, pct_duty_plan *out,
                              pct_error *error) PCT_MUST_USE;
/* One JSON document; failures stick in the buffer. `language`: of the texts that explain what is left out. */
void pct_duty_plan_write(const pct_duty_plan *plan, const pct_zone *zone, pct_language language,
                         pct_buffer *out);
/* Why it is left out, as a sentence, appended. */
void pct_duty_unmet_text(const pct_duty_unmet *unmet, pct_language language, pct_buffer *out);
void pct_duty_plan_dispose(pct_duty_plan *plan);

#endif
