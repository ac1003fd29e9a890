/* Off route: positions farther than off_route_m from every planned way for longer than off_route_ms. Any sensible way between two stops
 * lies near the fastest one, and whoever takes a parallel street is not off it. O(log pieces) a position, one every LOOK_MS. */
#include <math.h>

#include "base/memory.h"
#include "patrol/adherence_state.h"

enum { PIECES_MAX = 1 << 22, LOOK_MS = 5000, SNAP_M = 1000, POINTS_MAX = 1024 };

pct_planned_ways pct_planned_ways_init(void) {
    return (pct_planned_ways){.pieces = pct_vector_init(sizeof(pct_position), 2 * PIECES_MAX)};
}

void pct_planned_ways_dispose(pct_planned_ways *ways) {
    pct_vector_dispose(&ways->pieces);
    pct_free(ways->boxes);
    pct_free(ways->items);
}

pct_status pct_planned_ways_add_path(pct_planned_ways *ways, const pct_position *path, size_t count,
                                     pct_error *error) {
    for (size_t i = count > 1 ? 1 : 0; i < count; i++)
        for (int end = 0; end < 2; end++) {
            pct_position *p = pct_vector_push(&ways->pieces);
            if (!p) return pct_vector_failed(&ways->pieces, PCT_MSG_WHAT_TRACK_POINTS, error);
            *p = path[end || i == 0 ? i : i - 1];
        }
    return PCT_OK;
}

pct_status pct_planned_ways_add_way(pct_planned_ways *ways, pct_router *router, pct_position from,
                                    pct_position to, pct_error *error) {
    pct_position line[POINTS_MAX];
    const pct_road *road = pct_router_road(router);
    pct_road_point a, b;
    pct_route route;
    double away_m;
    bool found = !pct_road_snap(road, from, SNAP_M, &a, &away_m, NULL) &&
                 !pct_road_snap(road, to, SNAP_M, &b, &away_m, NULL) &&
                 !pct_router_route(router, a, b, &route, NULL);
    pct_status status = pct_planned_ways_add_path(ways, (pct_position[]){from, to}, found ? 1 : 2, error);
    for (size_t i = 0; found && i < route.leg_count && !status; i++) {
        size_t count = POINTS_MAX;
        pct_network_segment_line(pct_road_network(road), route.legs[i].segment, false, line, &count);
        status = pct_planned_ways_add_path(ways, line, count < POINTS_MAX ? count : POINTS_MAX, error);
    }
    return status;
}

pct_status pct_planned_ways_build(pct_planned_ways *ways, pct_error *error) {
    const pct_position *p = ways->pieces.items;
    uint32_t count = (uint32_t)(ways->pieces.length / 2);
    pct_box *each = pct_alloc(count + 1, sizeof *each);
    ways->boxes = pct_alloc(pct_tree_box_count(count) + 1, sizeof *ways->boxes);
    ways->items = pct_alloc(count + 1, sizeof *ways->items);
    pct_status status = PCT_OK;
    if (!each || !ways->boxes || !ways->items) status = pct_error_memory(error, count * sizeof *each);
    for (uint32_t i = 0; i < count && !status; i++) each[i] = pct_box_of(&p[2 * (size_t)i], 2);
    if (!status) status = pct_tree_build(each, count, ways->boxes, ways->items, &ways->tree, error);
    pct_free(each);
    return status;
}

typedef struct looking {
    const pct_position *pieces;
    pct_position at;
} looking;

static double distance_m(void *context, uint32_t item, double beyond_m) {
    const looking *l = context;
    (void)beyond_m;
    return pct_geo_project(l->at, l->pieces[2 * (size_t)item], l->pieces[2 * (size_t)item + 1]).distance_m;
}

static double away_m(const pct_planned_ways *ways, pct_position at, double near_m) {
    looking l = {ways->pieces.items, at};
    uint32_t item;
    double found_m;
    if (pct_tree_nearest(&ways->tree, at, near_m, distance_m, &l, &item, &found_m)) return found_m;
    return pct_tree_nearest(&ways->tree, at, PCT_ADHERENCE_FAR_M, distance_m, &l, &item, &found_m)
               ? found_m
               : PCT_ADHERENCE_FAR_M;
}

static bool is_excused(const pct_vector *spans, int64_t at_ms) {
    const pct_duty_span *span = spans->items;
    for (size_t i = 0; i < spans->length; i++)
        if (span[i].from_ms <= at_ms && at_ms < span[i].to_ms) return true;
    return false;
}

typedef struct straying {
    pct_adherence_stray now;
    bool off;
    int64_t least_ms;
    pct_vector *strays;
} straying;

static pct_status come_back(straying *s, pct_error *error) {
    if (s->off && s->now.to_ms - s->now.from_ms >= s->least_ms) {
        pct_adherence_stray *stray = pct_vector_push(s->strays);
        if (!stray) return pct_error_memory(error, sizeof *stray);
        *stray = s->now;
    }
    s->off = false;
    return PCT_OK;
}

pct_status pct_planned_ways_strays(const pct_planned_ways *ways, const pct_fixes *fixes, pct_duty_span hours,
                                   const pct_vector *excused, const pct_adherence_options *options,
                                   pct_vector *strays, pct_error *error) {
    straying s = {.least_ms = options->off_route_ms, .strays = strays};
    int64_t looked_ms = INT64_MIN;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < fixes->count && !status; i++) {
        const pct_adherence_fix *fix = &fixes->items[i];
        if (fix->at_ms < hours.from_ms || fix->at_ms >= hours.to_ms) continue;
        if (looked_ms != INT64_MIN && fix->at_ms - looked_ms < LOOK_MS) continue;
        if (s.off && fix->at_ms - looked_ms > fixes->gap_ms) status = come_back(&s, error);
        looked_ms = fix->at_ms;
        double off_m =
            is_excused(excused, fix->at_ms) ? 0 : away_m(ways, fix->position, options->off_route_m);
        if (off_m <= options->off_route_m) {
            if (!status) status = come_back(&s, error);
            continue;
        }
        if (!s.off) s.now = (pct_adherence_stray){.from_ms = fix->at_ms};
        s.off = true;
        s.now.to_ms = fix->at_ms;
        if (off_m > s.now.farthest_m) s.now.farthest_m = off_m, s.now.farthest = fix->position;
    }
    return status ? status : come_back(&s, error);
}
