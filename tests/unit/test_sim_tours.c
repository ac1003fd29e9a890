/* Rounds driven between calls, on a straight street (10 m a second): every moment can be worked out by hand.
 * Calls: acknowledge 5 s, turnout 60 s when it stands, on scene 600 s, report 100 s. */
#include "sim/tours.h"

#include "sim/operations.h"
#include "support/sim_world.h"
#include "support/test.h"

enum { STOPS_MAX = 8, CALLS_MAX = 16, PLANS_MAX = 2, SEEN_MAX = 256 };

typedef struct moment {
    int64_t at_s;
    pct_event_type type;
} moment;

typedef struct world {
    pct_codes *codes;
    pct_service_times *times;
    pct_travel travel;
    pct_unit_row units[2];
    pct_sim_shift shifts[2];
    pct_sim_call calls[CALLS_MAX];
    pct_duty_stop stops[STOPS_MAX];
    pct_duty_route route;
    pct_duty_unmet unmet;
    pct_duty_plan plan;
    pct_duty_task tasks[STOPS_MAX];
    pct_duty_span windows[STOPS_MAX];
    pct_duty_unit duty_unit;
    pct_duty problem;
    pct_zone zone;
    pct_tours_source source;
    pct_tours *tours;
    pct_operations_input in;
    moment seen[SEEN_MAX];
    size_t seen_count;
} world;

static pct_status see(void *context, const pct_event *event, pct_error *error) {
    (void)error;
    world *w = context;
    if (w->seen_count < SEEN_MAX)
        w->seen[w->seen_count++] = (moment){event->recorded_at_ms / 1000, event->type};
    return PCT_OK;
}

/* One unit at 0 m that is always on; its round is added stop by stop. */
static void world_open(world *w) {
    *w = (world){.codes = sim_world_codes(), .travel = sim_world_street(), .zone = pct_zone_utc()};
    w->times = sim_world_times(w->codes);
    w->units[0] = sim_world_unit("A", 0, SIM_PATROL);
    w->shifts[0] = (pct_sim_shift){0, 0, 500000000};
    w->route = (pct_duty_route){.unit = pct_text_of("A"), .stops = w->stops};
    w->plan = (pct_duty_plan){
        .date = pct_text_of("1970-01-01"), .routes = &w->route, .route_count = 1, .unmet = &w->unmet};
    w->source = (pct_tours_source){.plans = &w->plan,
                                   .plan_count = 1,
                                   .zone = &w->zone,
                                   .units = w->units,
                                   .unit_count = 1,
                                   .way = &w->travel,
                                   .other = &w->travel,
                                   .to_ms = 80000000};
    w->in = (pct_operations_input){.codes = w->codes,
                                   .service_times = w->times,
                                   .travel = &w->travel,
                                   .policy = &pct_policy_nearest,
                                   .units = w->units,
                                   .shifts = w->shifts,
                                   .calls = w->calls,
                                   .unit_count = 1,
                                   .shift_count = 1,
                                   .settings = pct_operations_settings_default(),
                                   .observer = {w, see}};
}

static void world_close(world *w) {
    pct_tours_free(w->tours);
    pct_service_times_free(w->times);
    pct_codes_free(w->codes);
}

static pct_duty_stop *add_stop(world *w, pct_duty_kind kind, const char *id, int32_t at_m, int64_t start_s,
                               int64_t long_s) {
    pct_duty_stop *stop = &w->stops[w->route.stop_count++];
    *stop = (pct_duty_stop){.kind = kind,
                            .id = pct_text_of(id),
                            .n = 1,
                            .start_ms = start_s * 1000,
                            .end_ms = (start_s + long_s) * 1000,
                            .from = sim_world_at_m(at_m),
                            .to = sim_world_at_m(at_m)};
    w->route.back_ms = stop->end_ms;
    return stop;
}

/* What the problem says of an id; from then on the world's plan has a problem. */
static void add_task(world *w, pct_duty_kind kind, const char *id, int64_t from_s, int64_t to_s,
                     int64_t gap_s) {
    size_t t = w->problem.task_count++;
    w->windows[t] = (pct_duty_span){from_s * 1000, to_s * 1000};
    w->tasks[t] = (pct_duty_task){.kind = kind,
                                  .id = pct_text_of(id),
                                  .windows = &w->windows[t],
                                  .window_count = 1,
                                  .gap_ms = gap_s * 1000,
                                  .must = true};
    w->duty_unit = (pct_duty_unit){.id = pct_text_of("A"), .shift = {0, 86400000}};
    w->problem.tasks = w->tasks;
    w->problem.units = &w->duty_unit;
    w->problem.unit_count = 1;
    w->source.problem = &w->problem;
}

static void add_call(world *w, int64_t at_s, int32_t at_m, uint8_t priority) {
    w->calls[w->in.call_count++] = (pct_sim_call){at_s * 1000, sim_world_at_m(at_m), SIM_JOB, priority};
}

static pct_report run(world *w) {
    pct_operations *operations = NULL;
    pct_report report;
    pct_error error;
    test_ok(pct_tours_new(&w->source, &w->tours, &error), &error);
    w->in.tours = w->tours;
    test_ok(pct_operations_new(&w->in, &operations, &error), &error);
    test_ok(pct_operations_run(operations, 1, &report, &error), &error);
    report.unit_utilisation = NULL;
    pct_operations_free(operations);
    return report;
}

static int64_t when(const world *w, pct_event_type type, int n) {
    for (size_t i = 0; i < w->seen_count; i++)
        if (w->seen[i].type == type && n-- == 0) return w->seen[i].at_s;
    return -1;
}

/* A call far behind everything keeps the run going until then. */
static const int64_t end_s = 70000;

TEST(unit_without_calls_drives_its_round_and_returns) {
    world w;
    world_open(&w);
    add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 1000, 300);
    pct_duty_stop *line = add_stop(&w, PCT_DUTY_LINE, "L1", 2000, 2000, 400);
    line->to = sim_world_at_m(4000);
    add_call(&w, 10, 0, 3); /* the run begins */
    add_call(&w, end_s, 0, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.tours.musts.wanted, 2);
    ck_assert_uint_eq(r.tours.musts.done, 2);
    ck_assert_uint_eq(r.tours.musts.late, 0);
    ck_assert_int_eq(r.tours.of_kind[PCT_DUTY_LINE].held_ms, 400000);
    ck_assert_uint_eq(r.tours.days, 1);
    /* Free at 775 s it goes to P1 and waits there; from the line's end at 4,000 m it is home 400 s after 2,400 s. */
    ck_assert_int_eq(when(&w, PCT_EVENT_UNIT_POSITIONED, 0), 2800);
    world_close(&w);
}

TEST(call_is_answered_from_where_the_unit_is_on_its_round) {
    world w;
    world_open(&w);
    add_stop(&w, PCT_DUTY_POINT, "P1", 10000, 2000, 300);
    add_call(&w, 0, 0, 3);
    add_call(&w, 1500, 9350, 3); /* it left at 765 s: at 7,350 m, rolling */
    pct_report r = run(&w);
    ck_assert_int_eq(r.response.max, (5 + 200) * 1000);
    ck_assert_uint_eq(r.tours.called_away, 1);
    world_close(&w);
}

TEST(call_is_answered_from_the_line_that_is_driven) {
    world w;
    world_open(&w);
    pct_duty_stop *line =
        add_stop(&w, PCT_DUTY_LINE, "L1", 2000, 2000, 800); /* 2 km, slower than the road allows */
    line->to = sim_world_at_m(4000);
    add_call(&w, 0, 0, 3);
    add_call(&w, 2400, 4000, 3); /* half of it */
    pct_report r = run(&w);
    ck_assert_int_eq(r.response.max, (5 + 100) * 1000);
    world_close(&w);
}

TEST(unit_that_was_called_away_returns_and_does_what_was_broken_off) {
    world w;
    world_open(&w);
    add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 2000, 300);
    add_stop(&w, PCT_DUTY_POINT, "P2", 2000, 5000, 300);
    add_call(&w, 0, 0, 3);
    add_call(&w, 2100, 0, 3); /* at P1: 5 + 60 + 100 s there, 700 s: closed at 2,965 s */
    add_call(&w, end_s, 0, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.tours.musts.done, 2);
    ck_assert_uint_eq(r.tours.musts.late, 1); /* P1 again at 3,065 s */
    ck_assert_uint_eq(r.tours.called_away, 1);
    ck_assert_int_eq(r.tours.of_kind[PCT_DUTY_POINT].held_ms, (100 + 300 + 300) * 1000);
    world_close(&w);
}

TEST(stop_whose_time_has_passed_is_lost_and_the_rest_is_kept) {
    world w;
    world_open(&w);
    add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 2000, 300);
    add_stop(&w, PCT_DUTY_POINT, "P2", 2000, 9000, 300);
    add_call(&w, 0, 0, 3);
    for (int i = 0; i < 6; i++)
        add_call(&w, 1500 + i, 0, 3); /* busy for more than an hour beyond P1's time */
    add_call(&w, end_s, 0, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.tours.musts.wanted, 2);
    ck_assert_uint_eq(r.tours.musts.done, 1);
    ck_assert_uint_eq(r.tours.musts.late, 0);
    world_close(&w);
}

TEST(window_of_the_problem_keeps_a_stop_open_and_closes_it) {
    for (int closes = 0; closes < 2; closes++) {
        world w;
        world_open(&w);
        add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 2000, 300);
        add_task(&w, PCT_DUTY_POINT, "P1", 1000, closes ? 3000 : 60000, 0);
        add_call(&w, 0, 0, 3);
        for (int i = 0; i < 9; i++) add_call(&w, 1500 + i, 0, 3); /* until some 8,300 s */
        add_call(&w, end_s, 0, 3);
        pct_report r = run(&w);
        ck_assert_uint_eq(r.tours.musts.done, closes ? 0 : 1);
        ck_assert_uint_eq(r.tours.musts.late, closes ? 0 : 1);
        world_close(&w);
    }
}

TEST(gap_is_kept_when_a_visit_comes_late) {
    world w;
    world_open(&w);
    add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 2000, 300);
    add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 4000, 300)->n = 2;
    add_task(&w, PCT_DUTY_POINT, "P1", 1000, 60000, 1500);
    add_call(&w, 0, 0, 3);
    add_call(&w, 2100, 1000,
             3); /* there at once; closed at 2,865 s, when the visit is made anew, until 3,165 s */
    add_call(&w, end_s, 0, 3);
    add_call(&w, end_s + 1, 0, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.tours.musts.done, 2);
    ck_assert_uint_eq(r.tours.musts.late, 0);
    /* The second not at 4,000 s but at 4,665 s: home from it 100 s after 4,965 s. */
    ck_assert_int_eq(when(&w, PCT_EVENT_UNIT_POSITIONED, 0), 5065);
    world_close(&w);
}

TEST(musts_are_kept_before_others_when_not_all_can_be) {
    world w;
    world_open(&w);
    /* Two premises 20 km away, both in time, or one must near by. */
    add_stop(&w, PCT_DUTY_PREMISES, "F1", 20000, 2000, 300);
    add_stop(&w, PCT_DUTY_PREMISES, "F2", 20000, 2350, 300);
    add_stop(&w, PCT_DUTY_POINT, "P2", 1000, 2400, 300);
    add_task(&w, PCT_DUTY_PREMISES, "F1", 2000, 3000, 0);
    add_task(&w, PCT_DUTY_PREMISES, "F2", 2000, 4000, 0);
    w.tasks[0].must = w.tasks[1].must = false;
    add_task(&w, PCT_DUTY_POINT, "P2", 2400, 2500, 0);
    add_call(&w, 0, 0, 3);
    add_call(&w, end_s, 0, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.tours.of_kind[PCT_DUTY_PREMISES].done, 0);
    ck_assert_uint_eq(r.tours.musts.done, 1);
    world_close(&w);
}

TEST(hold_is_taken_up_again_until_its_end) {
    world w;
    world_open(&w);
    add_stop(&w, PCT_DUTY_HOLD, "H1", 1000, 2000, 7000);
    add_call(&w, 0, 0, 3);
    add_call(&w, 3000, 1000, 3); /* away 765 s */
    add_call(&w, end_s, 0, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.tours.of_kind[PCT_DUTY_HOLD].done, 1);
    ck_assert_int_eq(r.tours.of_kind[PCT_DUTY_HOLD].held_ms, (7000 - 765) * 1000);
    ck_assert_uint_eq(r.tours.musts.wanted, 0); /* a hold is no visit */
    world_close(&w);
}

TEST(unit_goes_back_to_its_post_between_stops_when_told_to) {
    for (int back = 0; back < 2; back++) {
        world w;
        world_open(&w);
        w.source.to_post = back;
        add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 1000, 100);
        add_stop(&w, PCT_DUTY_POINT, "P2", 1000, 9000, 100);
        add_call(&w, 0, 0, 3);
        add_call(&w, 5000, 0, 3);
        add_call(&w, end_s, 0, 3);
        pct_report r = run(&w);
        ck_assert_uint_eq(r.tours.musts.done, 2);
        ck_assert_int_eq(r.response.max, (back ? 65 : 165) * 1000);
        world_close(&w);
    }
}

TEST(plan_is_of_its_day_or_of_every_day) {
    for (int daily = 0; daily < 2; daily++) {
        world w;
        world_open(&w);
        w.source.daily = daily;
        w.source.to_ms = INT64_C(3) * PCT_DAY_MS - 1;
        add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 2000, 100);
        w.unmet = (pct_duty_unmet){.kind = PCT_DUTY_POINT, .id = pct_text_of("P2"), .must = true};
        w.plan.unmet_count = 1;
        add_call(&w, 0, 0, 3);
        add_call(&w, 3 * 86400 - 1, 0, 3);
        pct_report r = run(&w);
        ck_assert_uint_eq(r.tours.days, daily ? 3 : 1);
        ck_assert_uint_eq(r.tours.musts.done, daily ? 3 : 1);
        ck_assert_uint_eq(r.tours.musts.wanted, daily ? 6 : 2); /* what the plan left out is wanted too */
        world_close(&w);
    }
}

TEST(run_with_rounds_repeats) {
    uint64_t digests[2];
    for (int i = 0; i < 2; i++) {
        world w;
        world_open(&w);
        add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 2000, 300);
        for (int c = 0; c < 6; c++) add_call(&w, 1000 + 700 * c, 300 * c, 3);
        digests[i] = run(&w).digest;
        world_close(&w);
    }
    ck_assert_uint_eq(digests[0], digests[1]);
}

TEST(plan_that_does_not_fit_is_refused_by_name) {
    world w;
    pct_error error;
    world_open(&w);
    add_stop(&w, PCT_DUTY_POINT, "P1", -500, 1000, 100);
    ck_assert_int_eq(pct_tours_new(&w.source, &w.tours, &error), PCT_INPUT);
    ck_assert_int_eq(error.message, PCT_MSG_TOUR_OFF_MAP);
    w.stops[0].from = w.stops[0].to = sim_world_at_m(10);
    w.route.unit = pct_text_of("Z");
    ck_assert_int_eq(pct_tours_new(&w.source, &w.tours, &error), PCT_INPUT);
    ck_assert_int_eq(error.message, PCT_MSG_TOUR_UNIT_UNKNOWN);
    w.route.unit = pct_text_of("A");
    w.plan.date = pct_text_of("1970-02-01");
    ck_assert_int_eq(pct_tours_new(&w.source, &w.tours, &error), PCT_MISUSE);
    ck_assert_int_eq(error.message, PCT_MSG_TOUR_OTHER_DAYS);
    w.plan.date = pct_text_of("today");
    ck_assert_int_eq(pct_tours_new(&w.source, &w.tours, &error), PCT_INPUT);
    ck_assert_int_eq(error.message, PCT_MSG_TOUR_DATE);
    w.tours = NULL;
    world_close(&w);
}

TEST(who_walks_takes_the_time_of_a_walk) {
    world w;
    world_open(&w);
    w.route.moves = PCT_DUTY_WALK;
    add_stop(&w, PCT_DUTY_POINT, "P1", 1300, 3000, 300);
    add_call(&w, 0, 0, 3);
    /* It sets out at 765 s. The street's 1,300 m are 145 m on the map: 145 s for 1.3 times that; half of it at 837 s. */
    add_call(&w, 837, 650, 3);
    add_call(&w, end_s, 0, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.tours.musts.done, 1);
    ck_assert_double_eq_tol(r.response.mean, (65 + 5 + 65) * 1000 / 3.0, 500.0);
    world_close(&w);
}

TEST(line_is_driven_along_its_path_from_the_end_that_is_planned) {
    world w;
    world_open(&w);
    const pct_position path[] = {sim_world_at_m(2000), sim_world_at_m(3000), sim_world_at_m(4000)};
    pct_duty_stop *line = add_stop(&w, PCT_DUTY_LINE, "L1", 4000, 2000, 400);
    line->to = sim_world_at_m(2000);
    add_task(&w, PCT_DUTY_LINE, "L1", 1000, 9000, 0);
    w.tasks[0].positions = path;
    w.tasks[0].position_count = 3;
    add_call(&w, 0, 0, 3);
    add_call(&w, 2100, 2500, 3); /* a quarter of it driven: at 3,500 m, rolling */
    add_call(&w, end_s, 0, 3);
    pct_report r = run(&w);
    ck_assert_int_eq(r.response_by_priority[2].p50, (5 + 60) * 1000); /* the others: at the post */
    ck_assert_int_eq(r.response.max, (5 + 100) * 1000);
    ck_assert_uint_eq(r.tours.musts.done, 1);
    world_close(&w);
}

TEST(entropy_is_that_of_the_half_hours_of_arrival) {
    world w;
    pct_error error;
    world_open(&w);
    add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 1800, 100);
    add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 20000, 100)->n = 2;
    pct_duty_stop later[2] = {w.stops[0], w.stops[1]};
    later[0].start_ms = 40000 * 1000;
    later[1].start_ms = 60000 * 1000;
    pct_duty_route route = w.route;
    route.stops = later;
    pct_duty_plan plans[2] = {w.plan, w.plan};
    plans[1].routes = &route;
    w.source.plans = plans;
    w.source.plan_count = 2;
    w.source.daily = true;
    test_ok(pct_tours_new(&w.source, &w.tours, &error), &error);
    const pct_tours_entropy entropy = pct_tours_entropy_of(w.tours);
    ck_assert_uint_eq(entropy.ids, 1);
    ck_assert_double_eq_tol(entropy.bits, 2.0, 1e-9); /* four half-hours, each as likely */
    ck_assert_double_eq_tol(entropy.alone_bits, 1.0, 1e-9);
    world_close(&w);
}

static pct_status attempt(void *context) {
    world *w = context;
    pct_operations *operations = NULL;
    pct_report report;
    pct_error error;
    pct_status status = pct_tours_new(&w->source, &w->tours, &error);
    w->in.tours = w->tours;
    if (!status) status = pct_operations_new(&w->in, &operations, &error);
    if (!status) status = pct_operations_run(operations, 1, &report, &error);
    pct_operations_free(operations);
    pct_tours_free(w->tours);
    w->tours = NULL;
    return status;
}

TEST(every_failed_allocation_of_a_run_with_rounds_is_reported) {
    world w;
    world_open(&w);
    add_stop(&w, PCT_DUTY_POINT, "P1", 1000, 1000, 100);
    add_stop(&w, PCT_DUTY_LINE, "L1", 2000, 2000, 100)->to = sim_world_at_m(3000);
    add_task(&w, PCT_DUTY_POINT, "P1", 500, 9000, 60);
    add_call(&w, 10, 0, 3);
    add_call(&w, 2900, 1000, 3);
    w.in.observer.event = NULL;
    ck_assert_uint_gt(test_torture(attempt, &w), 20);
    world_close(&w);
}

TEST_MAIN("sim_tours", TEST_CASE(unit_without_calls_drives_its_round_and_returns),
          TEST_CASE(call_is_answered_from_where_the_unit_is_on_its_round),
          TEST_CASE(call_is_answered_from_the_line_that_is_driven),
          TEST_CASE(unit_that_was_called_away_returns_and_does_what_was_broken_off),
          TEST_CASE(stop_whose_time_has_passed_is_lost_and_the_rest_is_kept),
          TEST_CASE(window_of_the_problem_keeps_a_stop_open_and_closes_it),
          TEST_CASE(gap_is_kept_when_a_visit_comes_late),
          TEST_CASE(musts_are_kept_before_others_when_not_all_can_be),
          TEST_CASE(hold_is_taken_up_again_until_its_end),
          TEST_CASE(unit_goes_back_to_its_post_between_stops_when_told_to),
          TEST_CASE(plan_is_of_its_day_or_of_every_day), TEST_CASE(run_with_rounds_repeats),
          TEST_CASE(plan_that_does_not_fit_is_refused_by_name), TEST_CASE(who_walks_takes_the_time_of_a_walk),
          TEST_CASE(line_is_driven_along_its_path_from_the_end_that_is_planned),
          TEST_CASE(entropy_is_that_of_the_half_hours_of_arrival),
          TEST_CASE(every_failed_allocation_of_a_run_with_rounds_is_reported))
