/* Inside the rounds that are driven: tours.c makes and counts them, tours_drive.c drives them, tours_keep.c chooses what is kept. */
#ifndef PCT_SIM_TOURS_STATE_H
#define PCT_SIM_TOURS_STATE_H

#include "sim/tours.h"

typedef enum pct_tour_stop_state { PCT_TOUR_OPEN, PCT_TOUR_DONE, PCT_TOUR_DONE_LATE } pct_tour_stop_state;

/* A stop of a plan, on the road; the same on every day. */
typedef struct pct_tour_place {
    const pct_duty_stop *planned;
    const pct_duty_task *task; /* NULL: not known */
    pct_road_point from, to;
    uint32_t series; /* visits of one id */
    bool must;
} pct_tour_place;

/* A stop on one day. */
typedef struct pct_tour_stop {
    const pct_tour_place *place;
    int64_t start_ms, end_ms;
    int64_t held_ms;
    uint8_t state;
} pct_tour_stop;

/* What one unit has to do on one day. */
typedef struct pct_tour {
    const pct_duty_route *route; /* NULL: nothing */
    uint32_t first, count;       /* stops */
    uint32_t plan, route_index;
    int64_t leave_ms, until_ms;
} pct_tour;

typedef enum pct_tour_phase {
    PCT_TOUR_FREE,
    PCT_TOUR_UNDER_WAY,
    PCT_TOUR_SERVES,
    PCT_TOUR_HOMEWARD
} pct_tour_phase;

typedef struct pct_tour_unit {
    pct_road_point post;
    uint32_t day;
    uint32_t doing; /* stop, PCT_NO_INDEX */
    uint8_t phase;
    bool away, any;
    int64_t since_ms, before_ms; /* it serves since; the end of the series' last visit before */
} pct_tour_unit;

typedef struct pct_tour_plan {
    uint32_t *route_of;    /* [unit_count] PCT_NO_INDEX: none */
    uint32_t *first_place; /* [route_count + 1] */
    uint32_t *
        *between_ms; /* [route_count] [stops²] from the end of one to another; made when first asked for */
    int64_t day;     /* of its date, since 1970 */
} pct_tour_plan;

struct pct_tours {
    pct_tours_source in;
    pct_tour_plan *plans;
    pct_vector places; /* pct_tour_place */
    uint32_t series_count;
    int64_t first_day; /* days since 1970, local */
    uint32_t day_count;
    /* Of the present run. */
    uint32_t *plan_of; /* [day_count] PCT_NO_INDEX: none */
    pct_tour *tours;   /* [day_count × unit_count] */
    pct_tour_stop *stops;
    size_t stops_max;
    pct_tour_unit *units;
    int64_t *series_ms; /* [series_count] the end of the last visit; INT64_MIN: none */
    uint64_t called_away;
    /* Scratch of one decision. */
    uint32_t *open; /* [PCT_TOUR_AHEAD_MAX] stops, by when they may begin */
    int64_t *best;
    int16_t *before;
    pct_arena arena;
};

/* tours_keep.c */
/* How many cells `best` and `before` have. */
size_t pct_tour_scratch_cells(void);
/* When the stop may begin at or after `from_ms`; INT64_MAX: never any more. */
int64_t pct_tour_may_begin_ms(const pct_tours *tours, const pct_tour_stop *stop, int64_t from_ms);
/* Beginning at `at_ms`, when it is over. */
int64_t pct_tour_over_ms(const pct_tour_stop *stop, int64_t at_ms);
/* Times between places as this tour's unit moves. */
void pct_tour_times_ms(const pct_tours *tours, const pct_tour *tour, pct_road_point from,
                       const pct_road_point *to, size_t count, uint32_t *times_ms);
/* The stop that the unit should do next from `here`, PCT_NO_INDEX: none that it can; *travel_ms to it, *begin_ms when it may begin. */
pct_status pct_tour_choose(pct_tours *tours, const pct_tour *tour, pct_road_point here, int64_t now_ms,
                           uint32_t *stop, uint32_t *travel_ms, int64_t *begin_ms,
                           pct_error *error) PCT_MUST_USE;

#endif
