/* From counts at roads to points where calls are expected. The clustering is the simulator's (sim/demand_points.h). */
#include <math.h>

#include "resource/demand.h"
#include "sim/demand_points.h"

enum { CALLS_MAX = 1 << 20 };
#define HOUR_MS 3600000.0
static const double snap_max_m = 50.0;

static pct_demand_point *nearest_large(pct_demand_point *points, size_t count, const pct_demand_point *small,
                                       double rate_min) {
    pct_demand_point *found = NULL;
    double least_m = INFINITY;
    for (size_t i = 0; i < count; i++) {
        double away_m = pct_geo_distance_m(points[i].position, small->position);
        if (points[i].calls_per_hour < rate_min || away_m >= least_m) continue;
        least_m = away_m;
        found = &points[i];
    }
    return found;
}

void pct_demand_merge_small(pct_vector *vector, double calls_of_rate) {
    pct_demand_point *points = vector->items;
    size_t count = vector->length, kept = 0;
    /* Half a call below, for rounding. */
    double rate_min = (PCT_DEMAND_GROUP_MIN - 0.5) / calls_of_rate, largest = 0.0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, points[i].calls_per_hour);
    if (largest < rate_min) rate_min = largest;
    for (size_t i = 0; i < count; i++) {
        if (points[i].calls_per_hour >= rate_min) continue;
        pct_demand_point *large = nearest_large(points, count, &points[i], rate_min);
        if (large) large->calls_per_hour += points[i].calls_per_hour;
        points[i].calls_per_hour = 0.0;
    }
    for (size_t i = 0; i < count; i++)
        if (points[i].calls_per_hour > 0.0) points[kept++] = points[i];
    vector->length = kept;
}

/* A call at the middle of its road for each incident there, the first and the last at the ends of the time. */
static pct_status make_calls(const pct_road *road, const pct_demand_place *places, size_t count,
                             int64_t now_ms, pct_vector *calls, pct_error *error) {
    int64_t first_ms = now_ms;
    for (size_t i = 0; i < count; i++) {
        uint32_t segment;
        if (pct_closed_find_named(road, places[i].road, &segment) != PCT_OK) continue; /* the map lost it */
        if (places[i].first_ms < first_ms) first_ms = places[i].first_ms;
        for (int64_t n = 0; n < places[i].incidents && calls->length < CALLS_MAX; n++) {
            pct_sim_call *call = pct_vector_push(calls);
            if (!call) return pct_error_memory(error, sizeof *call);
            call->position = pct_closed_middle(road, segment);
            call->at_ms = now_ms;
        }
    }
    if (calls->length > 0) ((pct_sim_call *)calls->items)[0].at_ms = first_ms;
    return PCT_OK;
}

static pct_status learn_points(const pct_road *road, const pct_vector *calls, pct_vector *points,
                               pct_error *error) {
    pct_travel_road on_road = {road, NULL, snap_max_m};
    const pct_travel travel = pct_travel_on_road(&on_road);
    const pct_sim_call *all = calls->items;
    pct_status status =
        pct_demand_points_learn(&travel, all, calls->length, PCT_DEMAND_POINTS_LEARNT, points, error);
    if (status) return status;
    double hours = (double)(all[calls->length - 1].at_ms - all[0].at_ms) / HOUR_MS;
    pct_demand_merge_small(points, fmax(1.0, hours));
    return PCT_OK;
}

pct_status pct_demand_learn(const pct_road *road, const pct_demand_place *places, size_t count,
                            int64_t now_ms, pct_vector *points, int64_t *calls_count, pct_error *error) {
    pct_vector calls = pct_vector_init(sizeof(pct_sim_call), CALLS_MAX);
    *points = pct_vector_init(sizeof(pct_demand_point), PCT_DEMAND_POINTS_MAX);
    pct_status status = make_calls(road, places, count, now_ms, &calls, error);
    *calls_count = (int64_t)calls.length;
    if (!status && calls.length >= PCT_DEMAND_CALLS_MIN) status = learn_points(road, &calls, points, error);
    pct_vector_dispose(&calls);
    return status;
}
