#include "support/patrol_plan.h"

#include "patrol/check.h"
#include "patrol/rounds.h"
#include "support/test.h"

enum { DAY_MS = 1000, SIDE = 60 };

static int32_t draw(pct_rng *rng, int32_t below) {
    return (int32_t)pct_rng_below(rng, (uint32_t)below);
}

static void draw_travel(pct_rng *rng, test_plan_problem *out, int32_t places) {
    int32_t x[TEST_PLAN_PLACES], y[TEST_PLAN_PLACES];
    for (int32_t i = 0; i < places; i++) {
        x[i] = draw(rng, SIDE);
        y[i] = draw(rng, SIDE);
    }
    for (int32_t i = 0; i < places; i++)
        for (int32_t j = 0; j < places; j++) {
            out->travel_ms[i * places + j] = abs(x[i] - x[j]) + abs(y[i] - y[j]) + (i > j ? 3 : 0);
            out->cost[i * places + j] = abs(x[i] - x[j]) * 2 + abs(y[i] - y[j]) + draw(rng, 4);
        }
}

static int32_t add_modes(pct_rng *rng, test_plan_problem *out, int32_t demand, int32_t at, int32_t places,
                         bool timed) {
    int32_t from = draw(rng, places), to = draw(rng, 3) ? from : draw(rng, places);
    int32_t count = from != to && draw(rng, 2) ? 2 : timed && draw(rng, 3) == 0 ? 2 : 1;
    for (int32_t i = 0; i < count; i++) {
        bool turned = from != to && i == 1;
        int32_t open = timed ? draw(rng, DAY_MS - 300) : 0, length = timed ? 40 + draw(rng, 400) : DAY_MS;
        out->modes[at + i] = (pct_patrol_mode){.demand = demand,
                                               .from = turned ? to : from,
                                               .to = turned ? from : to,
                                               .service_ms = draw(rng, 20),
                                               .open_ms = open,
                                               .close_ms = open + length,
                                               .cost = draw(rng, 5)};
    }
    return count;
}

void test_plan_draw(pct_rng *rng, test_plan_problem *out, int32_t demands, int32_t units,
                    test_plan_rules rules) {
    int32_t places = 2 + draw(rng, TEST_PLAN_PLACES - 2), modes = 0;
    bool full = rules == TEST_PLAN_FULL;
    draw_travel(rng, out, places);
    for (int32_t d = 0; d < demands; d++) {
        int32_t count = add_modes(rng, out, d, modes, places, rules != TEST_PLAN_FREE);
        out->demands[d] =
            (pct_patrol_demand){.first_mode = modes,
                                .mode_count = count,
                                .weight = 1 + draw(rng, 9),
                                .series = full && draw(rng, 2) ? draw(rng, 3) : PCT_PATROL_NONE,
                                .unit = full && draw(rng, 6) == 0 ? draw(rng, units) : PCT_PATROL_NONE,
                                .needs = full && draw(rng, 4) == 0 ? 1U << draw(rng, 2) : 0,
                                .group = full && draw(rng, 4) == 0 ? draw(rng, 2) : PCT_PATROL_NONE,
                                .load = draw(rng, 4),
                                .must = draw(rng, 2)};
        modes += count;
    }
    for (int32_t u = 0; u < units; u++) {
        bool like = u > 0 && draw(rng, 2);
        out->units[u] = (pct_patrol_unit){.start = draw(rng, places),
                                          .end = draw(rng, places),
                                          .open_ms = full ? draw(rng, 100) : 0,
                                          .close_ms = DAY_MS + 500,
                                          .duration_max_ms = full ? 200 + draw(rng, 1000) : DAY_MS + 500,
                                          .capacity = rules == TEST_PLAN_FREE ? 1000 : 5 + draw(rng, 20),
                                          .has = (uint64_t)draw(rng, 4),
                                          .fixed_cost = draw(rng, 30),
                                          .group = full ? draw(rng, 2) : 0};
        if (like) out->units[u] = out->units[u - 1];
    }
    for (int32_t s = 0; s < 3; s++) out->gap_ms[s] = draw(rng, 150);
    out->problem = (pct_patrol_problem){.place_count = places,
                                        .mode_count = modes,
                                        .demand_count = demands,
                                        .unit_count = units,
                                        .series_count = full && demands >= 3 ? 3 : 0,
                                        .travel_ms = out->travel_ms,
                                        .cost = out->cost,
                                        .modes = out->modes,
                                        .demands = out->demands,
                                        .units = out->units,
                                        .gap_ms = out->gap_ms};
    for (int32_t d = 0; d < demands && !out->problem.series_count; d++)
        out->demands[d].series = PCT_PATROL_NONE;
}

void test_plan_draw_bands(pct_rng *rng, test_plan_problem *out) {
    int32_t cells = out->problem.place_count * out->problem.place_count, from_ms = 0;
    out->problem.band_count = 2 + draw(rng, TEST_PLAN_BANDS - 1);
    out->problem.band_from_ms = out->band_from_ms;
    for (int32_t b = 0; b < out->problem.band_count; b++) {
        int32_t percent = 30 + draw(rng, 200);
        out->band_from_ms[b] = from_ms;
        from_ms += 1 + draw(rng, 400);
        for (int32_t i = 0; i < cells && b; i++)
            out->travel_ms[b * cells + i] = out->travel_ms[i] * percent / 100 + draw(rng, 5);
    }
}

int64_t test_plan_arrive_ms(const pct_patrol_problem *p, int32_t from, int32_t to, int64_t leave_ms) {
    int32_t cells = p->place_count * p->place_count, cell = from * p->place_count + to;
    if (p->band_count < 2) return leave_ms + p->travel_ms[cell];
    int64_t least_ms = INT64_MAX;
    for (int64_t at_ms = leave_ms; at_ms < least_ms; at_ms++) {
        int32_t band = p->band_count - 1;
        while (band > 0 && p->band_from_ms[band] > at_ms) band--;
        int64_t there_ms = at_ms + p->travel_ms[band * cells + cell];
        if (there_ms < least_ms) least_ms = there_ms;
    }
    return least_ms;
}

/* Back at the end post when left at leave_ms; -1 when a window is missed. */
static int64_t drive_from(const pct_patrol_problem *p, int32_t unit, const int32_t *modes, int32_t count,
                          int64_t leave_ms, int64_t *starts_ms) {
    int32_t place = p->units[unit].start;
    int64_t now_ms = leave_ms;
    for (int32_t i = 0; i < count; i++) {
        const pct_patrol_mode *m = &p->modes[modes[i]];
        now_ms = test_plan_arrive_ms(p, place, m->from, now_ms);
        if (now_ms < m->open_ms) now_ms = m->open_ms;
        if (now_ms > m->close_ms) return -1;
        starts_ms[i] = now_ms;
        now_ms += m->service_ms;
        place = m->to;
    }
    return test_plan_arrive_ms(p, place, p->units[unit].end, now_ms);
}

bool test_plan_drive(const pct_patrol_problem *p, int32_t unit, const int32_t *modes, int32_t count,
                     int64_t *starts_ms, int64_t *leave_ms, int64_t *back_ms, int64_t *travel) {
    const pct_patrol_unit *is = &p->units[unit];
    int64_t load = 0;
    *travel = 0;
    *leave_ms = is->open_ms;
    *back_ms = drive_from(p, unit, modes, count, *leave_ms, starts_ms);
    if (*back_ms < 0 || *back_ms > is->close_ms) return false;
    while (*leave_ms < is->close_ms &&
           drive_from(p, unit, modes, count, *leave_ms + 1, starts_ms) == *back_ms)
        ++*leave_ms;
    (void)drive_from(p, unit, modes, count, *leave_ms, starts_ms);
    int32_t place = is->start;
    for (int32_t i = 0; i < count; i++) {
        const pct_patrol_mode *m = &p->modes[modes[i]];
        *travel += p->cost[place * p->place_count + m->from] + m->cost;
        load += p->demands[m->demand].load;
        place = m->to;
    }
    if (count) *travel += p->cost[place * p->place_count + is->end] + is->fixed_cost;
    return load <= is->capacity && *back_ms - *leave_ms <= is->duration_max_ms;
}

bool test_plan_is_sound(const pct_patrol_problem *p, const int32_t *first, int32_t *modes, int64_t *travel) {
    int64_t starts_ms[TEST_PLAN_DEMANDS], leave_ms[TEST_PLAN_UNITS], back_ms[TEST_PLAN_UNITS], of_round;
    *travel = 0;
    for (int32_t u = 0; u < p->unit_count; u++) {
        int32_t at = first[u], count = first[u + 1] - at;
        if (!test_plan_drive(p, u, modes + at, count, starts_ms + at, &leave_ms[u], &back_ms[u], &of_round))
            return false;
        *travel += of_round;
    }
    pct_patrol_plan plan = {.unit_count = p->unit_count,
                            .visit_count = first[p->unit_count],
                            .first = (int32_t *)(uintptr_t)first,
                            .mode = modes,
                            .start_ms = starts_ms,
                            .leave_ms = leave_ms,
                            .back_ms = back_ms};
    pct_patrol_fault fault = pct_patrol_check(p, &plan, false).fault;
    return fault == PCT_PATROL_SOUND || fault == PCT_PATROL_COST;
}

int32_t test_plan_round(const pct_rounds *r, int32_t unit, int32_t *modes) {
    int32_t count = 0;
    for (int32_t s = r->stops[pct_rounds_begin(r, unit)].next; !pct_rounds_is_post(r, s);
         s = r->stops[s].next)
        modes[count++] = r->stops[s].mode;
    return count;
}

pct_patrol_plan test_plan_of(const pct_rounds *r) {
    static int32_t first[TEST_PLAN_UNITS + 1], mode[TEST_PLAN_DEMANDS];
    static int64_t start_ms[TEST_PLAN_DEMANDS], leave_ms[TEST_PLAN_UNITS], back_ms[TEST_PLAN_UNITS];
    int32_t at = 0, units = r->problem->unit_count;
    for (int32_t u = 0; u < units; u++) {
        int64_t travel = 0;
        first[u] = at;
        int32_t count = test_plan_round(r, u, mode + at);
        ck_assert_int_eq(count, r->rounds[u].size);
        ck_assert_msg(test_plan_drive(r->problem, u, mode + at, count, start_ms + at, &leave_ms[u],
                                      &back_ms[u], &travel),
                      "round %d cannot be driven", (int)u);
        ck_assert_int_eq(travel, r->rounds[u].travel);
        at += count;
    }
    first[units] = at;
    return (pct_patrol_plan){.unit_count = units,
                             .visit_count = at,
                             .first = first,
                             .mode = mode,
                             .start_ms = start_ms,
                             .leave_ms = leave_ms,
                             .back_ms = back_ms,
                             .cost = pct_rounds_cost(r, false)};
}

void test_plan_draw_calls(pct_rng *rng, test_plan_problem *out) {
    for (int32_t i = 0; i < out->problem.place_count * TEST_PLAN_CALLS; i++)
        out->call_ms[i] = (int32_t)pct_rng_below(rng, 80);
    out->calls = (pct_patrol_calls){.point_count = TEST_PLAN_CALLS,
                                    .per_hour = out->per_hour,
                                    .time_ms = out->call_ms,
                                    .busy = 0.2,
                                    .slice_ms = 60,
                                    .step_ms = 2,
                                    .nobody_ms = 300};
    out->problem.calls = &out->calls;
}
