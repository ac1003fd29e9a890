/* Adherence on small drawn roads: entering and leaving between positions, late, short, walked, the wrong way, tags and codes, calls, off
 * route, positions that say nothing; and every allocation fails once. */
#include "patrol/adherence.h"

#include <math.h>
#include <string.h>

#include "patrol/adherence_state.h"
#include "support/roads.h"
#include "support/test.h"

enum { S = 1000, MINUTE = 60 * S, FIXES = 4000 };
/*   A──────────B──────────C   each 1 km; one way from C to D   */
static const char *const rows[] = {"A---------B---------C", "|         |         |", "|         |         v",
                                   "|         |         |", "E---------F---------D", NULL};

typedef struct world {
    pct_road *road;
    pct_adherence_fix fixes[FIXES];
    size_t fix_count;
    pct_duty_stop stops[4];
    pct_duty_task tasks[4];
    pct_duty problem;
    pct_duty_route route;
    pct_adherence_evidence evidence;
    pct_adherence found;
    pct_plane plane;
} world;
static world w;

static pct_position at(double east_m, double north_m) {
    return pct_plane_from_m(&w.plane, east_m, north_m);
}

static void world_new(void) {
    memset(&w, 0, sizeof w);
    w.road = test_road_drawn(rows);
    w.plane = pct_plane_at((pct_position){1000000000, 300000000});
    w.route = (pct_duty_route){.start = at(0, 0), .end = at(0, 0), .stops = w.stops, .back_ms = 60 * MINUTE};
    w.problem = (pct_duty){.tasks = w.tasks};
}

static void world_end(void) {
    pct_adherence_dispose(&w.found);
    pct_road_free(w.road);
}

static void add_stop(pct_duty_kind kind, const char *id, int from_min, int to_min, pct_position from,
                     pct_position to) {
    w.stops[w.route.stop_count++] = (pct_duty_stop){.kind = kind,
                                                    .id = pct_text_of(id),
                                                    .n = 1,
                                                    .start_ms = (int64_t)from_min * MINUTE,
                                                    .end_ms = (int64_t)to_min * MINUTE,
                                                    .from = from,
                                                    .to = to};
}

/* On a straight line from where it was last, seen every so many seconds, until then. */
static void move(double east_m, double north_m, int until_s, int every_s) {
    pct_position to = at(east_m, north_m), from = to;
    int64_t begin_ms = 0;
    if (w.fix_count > 0)
        from = w.fixes[w.fix_count - 1].position, begin_ms = w.fixes[w.fix_count - 1].at_ms;
    else
        w.fixes[w.fix_count++] = (pct_adherence_fix){0, to, 0};
    for (int64_t t = begin_ms + every_s * S; t <= (int64_t)until_s * S; t += every_s * S) {
        double share = (double)(t - begin_ms) / ((double)until_s * S - (double)begin_ms);
        w.fixes[w.fix_count++] = (pct_adherence_fix){t, pct_geo_between(from, to, share), 0};
    }
}

static pct_status judge_with(const pct_adherence_options *options, bool problem, pct_error *error) {
    pct_adherer *adherer;
    pct_adherence_dispose(&w.found);
    w.found = (pct_adherence){0};
    w.evidence.fixes = w.fixes;
    w.evidence.fix_count = w.fix_count;
    pct_status status = pct_adherer_new(w.road, w.road, options, &adherer, error);
    if (!status)
        status = pct_adherer_judge(adherer, &w.route, problem ? &w.problem : NULL, &w.evidence, NULL,
                                   &w.found, error);
    pct_adherer_free(adherer);
    return status;
}

static const pct_adherence_visit *judge(void) {
    pct_error error;
    test_ok(judge_with(NULL, w.problem.task_count > 0, &error), &error);
    return w.found.visits.items;
}

TEST(adherence_enters_and_leaves_between_positions) {
    world_new();
    add_stop(PCT_DUTY_POINT, "P", 2, 7, at(1000, 0), at(1000, 0));
    w.route.end = at(2000, 0);
    move(0, 0, 0, 30);
    move(1000, 0, 120, 30); /* 8.3 m/s: the fence's 50 m are entered 6 s before, between positions */
    move(1000, 0, 420, 30);
    move(2000, 0, 540, 30);
    move(2000, 0, 3600, 30);
    const pct_adherence_visit *v = judge();
    ck_assert_int_eq(v->state, PCT_ADHERED_DONE);
    ck_assert_int_eq(v->proof, PCT_PROOF_POSITION);
    ck_assert_int_le(llabs(v->enter_ms - 114 * S), 100);
    ck_assert_int_le(llabs(v->leave_ms - 426 * S), 100);
    ck_assert_int_eq(v->planned_ms, 300 * S);
    ck_assert(v->must && v->late_ms == 0 && w.found.gaps.length == 0 && w.found.strays.length == 0);
    world_end();
}

TEST(adherence_tells_late_short_and_passing_by) {
    world_new();
    add_stop(PCT_DUTY_POINT, "P", 2, 7, at(500, 0), at(500, 0));
    add_stop(PCT_DUTY_POINT, "Q", 10, 20, at(1000, 0), at(1000, 0));
    add_stop(PCT_DUTY_PREMISES, "R", 30, 35, at(1500, 0), at(1500, 0));
    add_stop(PCT_DUTY_BREAK, "B", 36, 40, at(1500, 0), at(1500, 0));
    move(0, 0, 1300, 10);
    move(500, 0, 1350, 10);
    move(500, 0, 1650, 10); /* P: 22 minutes after its time */
    move(1000, 0, 1700, 10);
    move(1000, 0, 2000, 10); /* Q: half as long as planned */
    move(2000, 0, 2100, 10); /* R: driven by */
    move(2000, 0, 3600, 10);
    const pct_adherence_visit *v = judge();
    ck_assert_uint_eq(w.found.visits.length, 3);
    ck_assert_uint_eq(w.found.not_judged, 1);
    ck_assert_int_eq(v[0].state, PCT_ADHERED_LATE);
    ck_assert_int_le(llabs(v[0].late_ms - 1225 * S), 2 * S);
    ck_assert_int_eq(v[1].state, PCT_ADHERED_SHORT);
    ck_assert_int_le(llabs(v[1].dwell_ms - 310 * S), 2 * S);
    ck_assert(v[2].state == PCT_ADHERED_MISSED && !v[2].must && v[2].enter_ms == 0);
    world_end();
}

TEST(adherence_asks_the_window_that_a_problem_states) {
    world_new();
    static const pct_duty_span window = {0, 8 * MINUTE};
    add_stop(PCT_DUTY_POINT, "P", 5, 10, at(1000, 0), at(1000, 0));
    w.tasks[0] = (pct_duty_task){
        .kind = PCT_DUTY_POINT, .id = pct_text_of("P"), .windows = &window, .window_count = 1};
    w.problem.task_count = 1;
    move(0, 0, 460, 10);
    move(1000, 0, 560, 10);
    move(1000, 0, 1000, 10);
    move(1000, 0, 3600, 10);
    const pct_adherence_visit *v = judge(); /* 4 minutes after its time, and behind its window */
    ck_assert(v->state == PCT_ADHERED_LATE && !v->must);
    w.problem.task_count = 0;
    v = judge();
    ck_assert(v->state == PCT_ADHERED_DONE && v->must);
    world_end();
}

static void line_of(const char *id, pct_duty_direction direction, pct_duty_moves moves,
                    const pct_position *path, size_t count) {
    w.tasks[w.problem.task_count++] = (pct_duty_task){.kind = PCT_DUTY_LINE,
                                                      .id = pct_text_of(id),
                                                      .positions = path,
                                                      .position_count = count,
                                                      .direction = direction,
                                                      .moves = moves,
                                                      .must = true};
}

TEST(adherence_counts_a_line_only_in_an_allowed_direction) {
    world_new();
    const pct_position path[] = {at(0, 0), at(2000, 0)};
    add_stop(PCT_DUTY_LINE, "L", 2, 6, path[0], path[1]);
    line_of("L", PCT_DUTY_FORWARD, PCT_DUTY_DRIVE, path, 2);
    move(2000, 0, 0, 5);
    move(2000, 0, 100, 5);
    move(0, 0, 350, 5); /* the wrong way */
    move(0, 0, 3600, 5);
    ck_assert_int_eq(judge()->state, PCT_ADHERED_MISSED);
    w.tasks[0].direction = PCT_DUTY_EITHER;
    const pct_adherence_visit *v = judge();
    ck_assert(v->state == PCT_ADHERED_DONE && v->proof == PCT_PROOF_ROAD && v->share > 0.95);
    w.tasks[0].direction = PCT_DUTY_BACKWARD;
    ck_assert_int_eq(judge()->state, PCT_ADHERED_DONE);
    w.tasks[0].direction = PCT_DUTY_BOTH; /* and this pass was planned forward */
    ck_assert_int_eq(judge()->state, PCT_ADHERED_MISSED);
    world_end();
}

TEST(adherence_tells_the_share_of_a_line_that_was_driven) {
    world_new();
    const pct_position path[] = {at(0, 0), at(1000, 0), at(2000, 0)};
    add_stop(PCT_DUTY_LINE, "L", 2, 6, path[0], path[2]);
    line_of("L", PCT_DUTY_EITHER, PCT_DUTY_DRIVE, path, 3);
    move(0, 0, 120, 5);
    move(1000, 0, 240, 5);
    move(1000, -400, 300, 5); /* turns off half-way */
    move(1000, -400, 3600, 5);
    const pct_adherence_visit *v = judge();
    ck_assert_int_eq(v->state, PCT_ADHERED_SHORT);
    ck_assert_double_eq_tol(v->share, 0.5, 0.03);
    ck_assert_double_eq_tol((double)v->enter_ms, 120.0 * S, 125.0 * S);
    world_end();
}

TEST(adherence_follows_a_walked_line_there_and_back) {
    world_new();
    const pct_position path[] = {at(200, 60), at(500, 60), at(500, 300)}; /* on no road */
    add_stop(PCT_DUTY_LINE, "L", 2, 8, path[0], path[2]);
    add_stop(PCT_DUTY_LINE, "L", 10, 16, path[2], path[0]);
    w.stops[1].n = 2;
    line_of("L", PCT_DUTY_EITHER, PCT_DUTY_WALK, path, 3);
    w.route.moves = PCT_DUTY_WALK;
    move(200, 60, 120, 10);
    move(500, 60, 320, 10);
    move(500, 300, 500, 10);
    move(500, 300, 600, 10);
    move(500, 60, 780, 10);
    move(200, 60, 980, 10);
    move(200, 60, 3600, 10);
    const pct_adherence_visit *v = judge();
    ck_assert(v[0].state == PCT_ADHERED_DONE && v[1].state == PCT_ADHERED_DONE);
    ck_assert(v[0].proof == PCT_PROOF_POSITION && v[0].share > 0.9 && v[1].share > 0.9);
    ck_assert_int_lt(v[0].enter_ms, v[1].enter_ms);
    world_end();
}

TEST(adherence_takes_one_long_stay_for_two_visits_in_it) {
    world_new();
    add_stop(PCT_DUTY_POINT, "P", 2, 7, at(0, 0), at(0, 0));
    add_stop(PCT_DUTY_POINT, "P", 30, 35, at(0, 0), at(0, 0));
    move(0, 0, 3600, 20);
    const pct_adherence_visit *v = judge();
    ck_assert(v[0].state == PCT_ADHERED_DONE && v[1].state == PCT_ADHERED_DONE);
    world_end();
}

TEST(adherence_asks_for_each_place_of_an_area) {
    world_new();
    add_stop(PCT_DUTY_AREA, "A", 2, 17, at(0, 0), at(0, 0));
    add_stop(PCT_DUTY_AREA, "A", 20, 35, at(1000, 0), at(1000, 0));
    move(0, 0, 1040, 20);
    move(1000, 0, 1180, 20);
    move(1000, 0, 3600, 20);
    const pct_adherence_visit *v = judge();
    ck_assert(v[0].state == PCT_ADHERED_DONE && v[1].state == PCT_ADHERED_DONE);
    world_end();
}

TEST(adherence_takes_no_last_seconds_for_a_gap) {
    world_new();
    add_stop(PCT_DUTY_LINE, "L", 59, 60, at(1000, 0), at(1010, 0)); /* so short that seconds would do */
    move(1200, 0, 3590, 10);
    ck_assert_int_eq(judge()->state, PCT_ADHERED_MISSED);
    world_end();
}

TEST(adherence_is_unknown_where_a_gap_has_room_and_missed_where_it_has_none) {
    world_new();
    add_stop(PCT_DUTY_POINT, "P", 10, 20, at(2000, 0), at(2000, 0));
    move(0, 0, 600, 10);
    size_t before = w.fix_count;
    move(0, 0, 3600, 10);
    for (size_t i = before; i < w.fix_count; i++)
        w.fixes[i].at_ms += 9 * MINUTE; /* 9 min: too short for 8 there */
    w.route.back_ms = 69 * MINUTE;
    ck_assert_int_eq(judge()->state, PCT_ADHERED_MISSED);
    for (size_t i = before; i < w.fix_count; i++) w.fixes[i].at_ms += 5 * MINUTE;
    w.route.back_ms = 74 * MINUTE;
    const pct_adherence_visit *v = judge();
    ck_assert_int_eq(v->state, PCT_ADHERED_UNKNOWN);
    ck_assert(v->gap.from_ms == 600 * S && v->gap.to_ms == 600 * S + 14 * MINUTE + 10 * S);
    ck_assert_int_eq(w.found.unknown_ms, 14 * MINUTE + 10 * S);
    w.fix_count = 0; /* no position at all */
    v = judge();
    ck_assert_int_eq(v->state, PCT_ADHERED_UNKNOWN);
    ck_assert_int_eq(w.found.unknown_ms, w.found.shift_ms);
    world_end();
}

TEST(adherence_takes_tags_and_doubts_codes) {
    world_new();
    add_stop(PCT_DUTY_POINT, "P", 10, 15, at(2000, 0), at(2000, 0));
    pct_adherence_sign sign = {11 * MINUTE, pct_text_of("P"), PCT_PROOF_CODE};
    w.evidence.signs = &sign;
    w.evidence.sign_count = 1;
    move(0, 0, 3600, 10); /* 2 km from there all the time */
    const pct_adherence_visit *v = judge();
    ck_assert(v->state == PCT_ADHERED_MISSED && v->contradicted && v->proof == PCT_PROOF_NONE);
    sign.proof = PCT_PROOF_TAG;
    v = judge();
    ck_assert(v->state == PCT_ADHERED_DONE && v->contradicted && v->proof == PCT_PROOF_TAG);
    sign.proof = PCT_PROOF_CODE;
    w.fix_count = 0; /* nothing says otherwise */
    v = judge();
    ck_assert(v->state == PCT_ADHERED_DONE && !v->contradicted && v->proof == PCT_PROOF_CODE);
    ck_assert_str_eq(pct_adherence_proof_name(v->proof), "code");
    sign.at_ms = 40 * MINUTE;
    ck_assert_int_eq(judge()->state, PCT_ADHERED_LATE);
    sign.id = pct_text_of("Q");
    ck_assert_int_eq(judge()->state, PCT_ADHERED_UNKNOWN);
    sign = (pct_adherence_sign){601 * S, pct_text_of("P"), PCT_PROOF_TAG}; /* there, and gone at once */
    move(1000, 0, 0, 10);
    move(1000, 0, 500, 10);
    move(2000, 0, 600, 10);
    move(1000, 0, 700, 10);
    move(1000, 0, 3600, 10);
    ck_assert_int_eq(judge()->state, PCT_ADHERED_SHORT);
    world_end();
}

TEST(adherence_tells_off_route_but_not_on_calls_and_in_breaks) {
    world_new();
    add_stop(PCT_DUTY_POINT, "P", 2, 7, at(1000, 0), at(1000, 0));
    move(0, 0, 0, 10);
    move(1000, 0, 100, 10);
    move(1000, 0, 420, 10);
    move(1000, -2000, 700, 10);
    move(1000, -2000, 1500, 10);
    move(1000, 0, 1800, 10);
    move(1000, 0, 3600, 10);
    (void)judge();
    ck_assert_uint_eq(w.found.strays.length, 1);
    const pct_adherence_stray *stray = w.found.strays.items;
    ck_assert_double_eq_tol(stray->farthest_m, 2000, 20);
    ck_assert(stray->from_ms > 420 * S && stray->to_ms < 1800 * S && stray->to_ms > 1500 * S);
    const pct_duty_span call = {430 * S, 1800 * S};
    w.evidence.calls = &call;
    w.evidence.call_count = 1;
    (void)judge();
    ck_assert_uint_eq(w.found.strays.length, 0);
    w.evidence.call_count = 0;
    add_stop(PCT_DUTY_BREAK, "B", 9, 26, at(1000, 0), at(1000, 0));
    (void)judge();
    ck_assert_uint_eq(w.found.strays.length, 0);
    world_end();
}

TEST(adherence_says_what_was_lost_to_a_call) {
    world_new();
    add_stop(PCT_DUTY_POINT, "P", 10, 15, at(2000, 0), at(2000, 0));
    add_stop(PCT_DUTY_POINT, "Q", 30, 35, at(2000, -400), at(2000, -400));
    move(0, 0, 3600, 10);
    const pct_duty_span call = {8 * MINUTE, 14 * MINUTE};
    w.evidence.calls = &call;
    w.evidence.call_count = 1;
    const pct_adherence_visit *v = judge();
    ck_assert(v[0].state == PCT_ADHERED_MISSED && v[0].called);
    ck_assert(v[1].state == PCT_ADHERED_MISSED && !v[1].called);
    world_end();
}

TEST(adherence_passes_over_positions_that_say_nothing) {
    world_new();
    add_stop(PCT_DUTY_POINT, "P", 2, 7, at(0, 0), at(0, 0));
    move(0, 0, 3600, 60);
    w.fixes[3].accuracy_m = 500;
    w.fixes[3].position = at(5000, 0);
    w.fixes[7].at_ms = w.fixes[5].at_ms;
    ck_assert_int_eq(judge()->state, PCT_ADHERED_DONE);
    ck_assert_uint_eq(w.found.useless, 2);
    ck_assert_uint_eq(w.found.positions, w.fix_count);
    world_end();
}

static pct_status attempt(void *context) {
    pct_error error;
    (void)context;
    pct_status status = judge_with(NULL, true, &error);
    return status == PCT_MEMORY || status == PCT_OK ? status : PCT_INTERNAL;
}

TEST(adherence_bears_every_allocation_that_fails) {
    world_new();
    const pct_position path[] = {at(0, 0), at(2000, 0)};
    add_stop(PCT_DUTY_POINT, "P", 2, 7, at(1000, 0), at(1000, 0));
    add_stop(PCT_DUTY_LINE, "L", 10, 14, path[0], path[1]);
    line_of("L", PCT_DUTY_EITHER, PCT_DUTY_DRIVE, path, 2);
    move(0, 0, 60, 20);
    move(2000, 0, 300, 20);
    move(2000, -400, 900, 20);
    ck_assert_uint_gt(test_torture(attempt, NULL), 10);
    world_end();
}

TEST_MAIN("adherence", TEST_CASE(adherence_enters_and_leaves_between_positions),
          TEST_CASE(adherence_tells_late_short_and_passing_by),
          TEST_CASE(adherence_asks_the_window_that_a_problem_states),
          TEST_CASE(adherence_counts_a_line_only_in_an_allowed_direction),
          TEST_CASE(adherence_tells_the_share_of_a_line_that_was_driven),
          TEST_CASE(adherence_follows_a_walked_line_there_and_back),
          TEST_CASE(adherence_takes_one_long_stay_for_two_visits_in_it),
          TEST_CASE(adherence_asks_for_each_place_of_an_area),
          TEST_CASE(adherence_takes_no_last_seconds_for_a_gap),
          TEST_CASE(adherence_is_unknown_where_a_gap_has_room_and_missed_where_it_has_none),
          TEST_CASE(adherence_takes_tags_and_doubts_codes),
          TEST_CASE(adherence_tells_off_route_but_not_on_calls_and_in_breaks),
          TEST_CASE(adherence_says_what_was_lost_to_a_call),
          TEST_CASE(adherence_passes_over_positions_that_say_nothing),
          TEST_CASE(adherence_bears_every_allocation_that_fails))
