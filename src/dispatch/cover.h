/* Cover: how soon the free units reach the places where the next calls are expected, and what is lost when one goes.
 *
 *     status = pct_cover_new(points, count, unit_count, travel, &cover, error);
 *     status = pct_cover_know(cover, stations, station_count, error);   // times from them are asked once and kept
 *     pct_cover_measure(cover, board, unit_points, &settings);          // for every free unit; allocates nothing
 *     double loss_ms = pct_cover_loss_ms(cover, unit_index);
 *
 *   demand point j:   expected response   T_j = (1 − q) × nearest free unit + q × second nearest
 *                     q: how likely the nearest is busy when the call comes; each time at most the cap, which
 *                     stands also for a unit that is not there and for a way that does not exist
 *   loss of unit u:   gap × Σ_j calls per hour_j × (T_j without u − T_j)
 *
 * The loss is a time like a travel time, so that the two may be added: while u is away, for `gap` long, gap × Σ calls
 * are expected to come, and the loss is how much longer all of them together are expected to wait. It is never negative.
 *
 * Free is a unit at its station or available, with an officer and a known place. Costs of a measurement: units ×
 * points comparisons; a unit at a known place, or where it was when measured last, needs no travel time; each other
 * asks for one row of them (one query from one point to all demand points). Memory: 4 bytes × points for each unit and
 * each known place. */
#ifndef PCT_DISPATCH_COVER_H
#define PCT_DISPATCH_COVER_H

#include "dispatch/board.h"
#include "road/router.h"

typedef struct pct_demand_point {
    pct_road_point point;
    pct_position position;
    double calls_per_hour; /* expected; from 0 on */
    pct_text name;         /* as reasons call it, borrowed; empty: by its direction, such as "the north" */
} pct_demand_point;

enum { PCT_DEMAND_POINTS_MAX = 1000 };

/* Travel times from a source to each target, PCT_UNREACHABLE_MS where no way leads there. */
typedef struct pct_travel_times_out {
    void *context;
    void (*from)(void *context, pct_road_point source, const pct_road_point *targets, size_t count,
                 uint32_t *times_ms);
} pct_travel_times_out;

/* The road network as the source; the router is borrowed. */
pct_travel_times_out pct_travel_times_out_of_router(pct_router *router);

typedef struct pct_cover_settings {
    int64_t gap_ms;    /* how long a unit that is sent is missed; 0: cover does not count */
    int64_t cap_ms;    /* a place that no unit reaches sooner counts as reached then */
    double busy_share; /* q, from 0 to 1 */
} pct_cover_settings;

typedef struct pct_cover pct_cover;

/* Points are copied; travel is asked for rows from then on. PCT_LIMIT for too many points. */
pct_status pct_cover_new(const pct_demand_point *points, size_t count, size_t unit_capacity,
                         pct_travel_times_out travel, pct_cover **out, pct_error *error) PCT_MUST_USE;
void pct_cover_free(pct_cover *cover);
/* Asks for the times from these places now and keeps them, instead of those known before. After a failure none is. */
pct_status pct_cover_know(pct_cover *cover, const pct_road_point *places, size_t count,
                          pct_error *error) PCT_MUST_USE;
/* Travel times have changed (a closure): known places are asked again, the others when they are needed. */
void pct_cover_renew(pct_cover *cover);

size_t pct_cover_unit_capacity(const pct_cover *cover);
size_t pct_cover_point_count(const pct_cover *cover);

/* Losses of all units of the board, of those that are not free 0. The board has at most unit_capacity units. */
void pct_cover_measure(pct_cover *cover, const pct_board *board, const pct_road_point *unit_points,
                       const pct_cover_settings *settings);

/* Asks now for the times of a unit that stands there, so that a measurement later need not. */
void pct_cover_ask(pct_cover *cover, uint32_t unit_index, pct_road_point at);

/* Of the last measurement. Before the first one: 0, and no harm. */
double pct_cover_loss_ms(const pct_cover *cover, uint32_t unit_index);
double pct_cover_expected_ms(const pct_cover *cover); /* Σ calls × T ÷ Σ calls: E of all free units */

/* The unit is part of cover. */
bool pct_cover_is_free(const pct_unit *unit, pct_road_point at);

/* What share of the expected calls has a free unit within target_ms, and for each unit the share that no other has: what is left
 * if it goes is the difference. lost [pct_board_unit_count]. 0 without expected calls. Takes the place of the last
 * measurement, and asks for rows as that does. */
double pct_cover_within(pct_cover *cover, const pct_board *board, const pct_road_point *unit_points,
                        int64_t target_ms, double *lost);

/* Where the unit is missed most: the point whose calls lose most of all. False when nothing is lost. */
typedef struct pct_cover_harm {
    const pct_demand_point *point;
    double before_ms, after_ms; /* expected response there */
    pct_message direction;      /* of the point from the middle of all: PCT_MSG_COVER_NORTH … */
} pct_cover_harm;
bool pct_cover_worst(const pct_cover *cover, uint32_t unit_index, pct_cover_harm *out);

#endif
