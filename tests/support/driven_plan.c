#include "support/driven_plan.h"

#include <math.h>

#include "support/roads.h"
#include "support/test.h"

enum { SIDE = TEST_DRIVEN_SIDE, BLOCK_M = 200, MINUTE_MS = 60000, NODES = SIDE * SIDE, SEGMENTS = 2 * NODES };
static const int64_t begin_ms = 1795400000000;

static pct_road *streets(void) {
    pct_error error;
    pct_network_builder *builder;
    pct_network network;
    pct_position at[NODES];
    pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    pct_speeds speeds = pct_speeds_uniform(36.0);
    uint32_t number;
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (uint32_t v = 0; v < NODES; v++) {
        at[v] = pct_plane_from_m(&plane, v % SIDE * (double)BLOCK_M, v / SIDE * (double)BLOCK_M);
        test_ok(pct_network_add_node(builder, v, at[v], &number, &error), &error);
    }
    for (uint32_t v = 0; v < NODES; v++)
        for (int down = 0; down <= 1; down++) {
            uint32_t to = down ? v + SIDE : v + 1;
            if ((!down && v % SIDE == SIDE - 1) || to >= NODES) continue;
            pct_segment s = {.way = v,
                             .tail = v,
                             .head = to,
                             .length_mm = (uint32_t)lround(1000.0 * pct_geo_distance_m(at[v], at[to])),
                             .flags = 15,
                             .road_class = PCT_ROAD_RESIDENTIAL};
            test_ok(pct_network_add_segment(builder, &s, NULL, 0, &number, &error), &error);
        }
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    pct_network_builder_free(builder);
    return test_road_of(&network, &speeds);
}

/* --- the plan ------------------------------------------------------------------------------------------------------- */

static pct_position somewhere(const pct_road *road, pct_rng *rng) {
    const pct_network *net = pct_road_network(road);
    uint32_t segment = pct_rng_below(rng, net->segment_count), length_mm = net->segments[segment].length_mm;
    return pct_road_point_position(
        road, (pct_road_point){segment, length_mm / 4 + pct_rng_below(rng, length_mm / 2)});
}

static bool is_apart(const test_driven_plan *p, size_t count, pct_position at) {
    for (size_t i = 0; i < count; i++)
        if (pct_geo_distance_m(p->stops[i].from, at) < 160 || pct_geo_distance_m(p->stops[i].to, at) < 160)
            return false;
    return true;
}

static void add_line(test_driven_plan *p, size_t i, pct_rng *rng) {
    const pct_network *net = pct_road_network(p->road);
    uint32_t row = pct_rng_below(rng, SIDE), blocks = 3 + pct_rng_below(rng, 5);
    uint32_t from = pct_rng_below(rng, SIDE - blocks);
    bool down = pct_rng_below(rng, 2), back = pct_rng_below(rng, 2);
    for (uint32_t k = 0; k <= blocks; k++) {
        uint32_t along = from + (back ? blocks - k : k),
                 node = down ? along * SIDE + row : row * SIDE + along;
        p->path[i][k] = net->node_position[node];
    }
    p->stops[i] = (pct_duty_stop){.kind = PCT_DUTY_LINE, .from = p->path[i][0], .to = p->path[i][blocks]};
    p->tasks[i] = (pct_duty_task){.kind = PCT_DUTY_LINE,
                                  .positions = p->path[i],
                                  .position_count = blocks + 1,
                                  .direction = pct_rng_below(rng, 2) ? PCT_DUTY_EITHER : PCT_DUTY_FORWARD,
                                  .must = true};
}

static void add_point(test_driven_plan *p, size_t i, pct_rng *rng) {
    pct_position at = somewhere(p->road, rng);
    while (!is_apart(p, i, at)) at = somewhere(p->road, rng);
    p->stops[i] = (pct_duty_stop){.kind = PCT_DUTY_POINT, .from = at, .to = at};
    p->path[i][0] = at;
    p->tasks[i] = (pct_duty_task){
        .kind = PCT_DUTY_POINT, .positions = p->path[i], .position_count = 1, .must = pct_rng_below(rng, 2)};
}

/* --- driving -------------------------------------------------------------------------------------------------------- */

typedef struct driving {
    test_driven_plan *p;
    pct_position at;
    int64_t now_ms, seen_ms, every_ms;
    double noise_m;
    pct_rng *rng;
    bool tells;
    double *driven_m; /* [segments], NULL: nobody asks */
} driving;

static void see(driving *d, pct_position at, int64_t until_ms, int64_t from_ms, pct_position before) {
    for (; d->tells && d->seen_ms < until_ms; d->seen_ms += d->every_ms) {
        double share = until_ms > from_ms ? (double)(d->seen_ms - from_ms) / (double)(until_ms - from_ms) : 0;
        pct_position p = pct_geo_between(before, at, share);
        pct_plane plane = pct_plane_at(p);
        ck_assert_uint_lt(d->p->fix_count, TEST_DRIVEN_FIXES);
        d->p->fixes[d->p->fix_count++] =
            (pct_adherence_fix){.at_ms = d->seen_ms,
                                .position = pct_plane_from_m(&plane, d->noise_m * pct_rng_normal(d->rng),
                                                             d->noise_m * pct_rng_normal(d->rng))};
    }
}

static void stand(driving *d, int64_t ms) {
    see(d, d->at, d->now_ms + ms, d->now_ms, d->at);
    d->now_ms += ms;
}

static void go_to(driving *d, pct_position to) {
    pct_error error;
    pct_road_point a, b;
    pct_route route;
    double away_m;
    test_ok(pct_road_snap(d->p->road, d->at, 50, &a, &away_m, &error), &error);
    test_ok(pct_road_snap(d->p->road, to, 50, &b, &away_m, &error), &error);
    test_ok(pct_router_route(d->p->router, a, b, &route, &error), &error);
    for (size_t i = 0; i < route.leg_count; i++) {
        const pct_route_leg *leg = &route.legs[i];
        pct_position end = pct_road_point_position(d->p->road, (pct_road_point){leg->segment, leg->to_mm});
        pct_position start =
            pct_road_point_position(d->p->road, (pct_road_point){leg->segment, leg->from_mm});
        see(d, end, d->now_ms + leg->time_ms, d->now_ms, start);
        d->now_ms += leg->time_ms;
        if (d->driven_m) d->driven_m[leg->segment] += fabs((double)leg->to_mm - leg->from_mm) / 1000;
    }
    d->at = to;
}

static void serve(driving *d, const pct_duty_stop *stop, const pct_position *path, size_t count) {
    if (stop->kind == PCT_DUTY_POINT) stand(d, stop->end_ms - stop->start_ms);
    for (size_t i = 1; stop->kind == PCT_DUTY_LINE && i < count; i++) go_to(d, path[i]);
}

void test_driven_plan_drive(test_driven_plan *p, int left_out, int64_t every_ms, double noise_m,
                            pct_rng *rng) {
    p->fix_count = 0;
    driving d = {.p = p,
                 .at = p->route.start,
                 .now_ms = begin_ms,
                 .seen_ms = begin_ms,
                 .every_ms = every_ms,
                 .noise_m = noise_m,
                 .rng = rng,
                 .tells = true};
    for (size_t i = 0; i < p->route.stop_count; i++) {
        const pct_duty_stop *stop = &p->stops[i];
        if ((int)i == left_out) continue;
        go_to(&d, stop->from);
        if (d.now_ms < stop->start_ms) stand(&d, stop->start_ms - d.now_ms);
        serve(&d, stop, p->tasks[i].positions, p->tasks[i].position_count);
    }
    go_to(&d, p->route.end);
    if (d.now_ms < p->route.back_ms) stand(&d, p->route.back_ms - d.now_ms);
    stand(&d, every_ms);
}

/* Times of the plan: those of driving it, with some time to spare. */
static void plan_times(test_driven_plan *p, pct_rng *rng) {
    driving d = {.p = p, .at = p->route.start, .now_ms = begin_ms};
    for (size_t i = 0; i < p->route.stop_count; i++) {
        pct_duty_stop *stop = &p->stops[i];
        int64_t left_ms = d.now_ms;
        go_to(&d, stop->from);
        stop->travel_ms = d.now_ms - left_ms;
        stop->arrive_ms = d.now_ms;
        d.now_ms += pct_rng_below(rng, 4) * MINUTE_MS;
        stop->start_ms = stop->end_ms = d.now_ms;
        if (stop->kind == PCT_DUTY_POINT) stop->end_ms += (3 + pct_rng_below(rng, 8)) * MINUTE_MS;
        serve(&d, stop, p->tasks[i].positions, p->tasks[i].position_count);
        stop->end_ms = d.now_ms;
    }
    go_to(&d, p->route.end);
    p->route.leave_ms = begin_ms;
    p->route.back_ms = d.now_ms;
    p->window = (pct_duty_span){begin_ms, d.now_ms};
}

/* How much of each line others drive: then it would not be missed if it were left out. */
static void look_beside(test_driven_plan *p) {
    double driven_m[SEGMENTS], line_m[SEGMENTS];
    for (size_t i = 0; i < p->route.stop_count; i++) {
        if (p->stops[i].kind != PCT_DUTY_LINE) continue;
        for (size_t s = 0; s < SEGMENTS; s++) driven_m[s] = line_m[s] = 0;
        driving others = {.p = p, .at = p->route.start, .driven_m = driven_m};
        driving line = {.p = p, .at = p->stops[i].from, .driven_m = line_m};
        for (size_t k = 0; k <= p->route.stop_count; k++) {
            if (k == i) continue;
            go_to(&others, k < p->route.stop_count ? p->stops[k].from : p->route.end);
            if (k < p->route.stop_count)
                serve(&others, &p->stops[k], p->tasks[k].positions, p->tasks[k].position_count);
        }
        serve(&line, &p->stops[i], p->tasks[i].positions, p->tasks[i].position_count);
        double both_m = 0, length_m = 0;
        for (size_t s = 0; s < SEGMENTS; s++) both_m += fmin(driven_m[s], line_m[s]), length_m += line_m[s];
        p->beside[i] = both_m / length_m;
    }
}

static void mix(test_driven_plan *p, size_t count, pct_rng *rng) {
    for (size_t i = count; i > 1; i--) {
        size_t k = pct_rng_below(rng, (uint32_t)i);
        pct_duty_stop stop = p->stops[i - 1];
        pct_duty_task task = p->tasks[i - 1];
        p->stops[i - 1] = p->stops[k], p->tasks[i - 1] = p->tasks[k];
        p->stops[k] = stop, p->tasks[k] = task;
    }
}

void test_driven_plan_new(test_driven_plan *p, pct_rng *rng) {
    pct_error error;
    size_t count = 6 + pct_rng_below(rng, 5);
    *p = (test_driven_plan){.road = streets()};
    test_ok(pct_router_new(p->road, &p->router, &error), &error);
    p->fixes = malloc(TEST_DRIVEN_FIXES * sizeof *p->fixes);
    size_t lines = pct_rng_below(rng, (uint32_t)count / 2 + 1);
    for (size_t i = 0; i < count; i++) {
        if (i < lines)
            add_line(p, i, rng);
        else
            add_point(p, i, rng);
    }
    mix(p, count, rng);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(p->id[i], sizeof p->id[i], "T%zu", i);
        p->stops[i].id = p->tasks[i].id = pct_text_of(p->id[i]);
        p->stops[i].n = p->tasks[i].times = 1;
    }
    p->stops[count] = p->stops[0]; /* the first place once more */
    p->tasks[count] = p->tasks[0];
    p->stops[count].n = 2;
    p->route = (pct_duty_route){.unit = pct_text_of("N1"), .stops = p->stops};
    do p->route.start = somewhere(p->road, rng);
    while (!is_apart(p, count, p->route.start));
    p->route.end = p->route.start;
    p->route.stop_count = count + 1;
    plan_times(p, rng);
    look_beside(p);
    for (size_t i = 0; i <= count; i++) p->tasks[i].windows = &p->window, p->tasks[i].window_count = 1;
    p->problem = (pct_duty){.tasks = p->tasks, .task_count = count};
}

void test_driven_plan_free(test_driven_plan *p) {
    free(p->fixes);
    pct_router_free(p->router);
    pct_road_free(p->road);
}
