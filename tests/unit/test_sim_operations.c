/* The operations model on a straight street with fixed service times: every moment can be worked out by hand.
 * Acknowledge 5 s, turnout 60 s (30 s for priority 1), 10 m a second, on scene 600 s, report 100 s. */
#include "sim/operations.h"

#include "support/sim_world.h"
#include "support/test.h"

enum { UNITS_MAX = 4, CALLS_MAX = 16, SHIFTS_MAX = 8 };

typedef struct moment {
    int64_t at_s;
    pct_event_type type;
    int64_t object;
} moment;

/* One test's service; what it does not set is as `world` makes it. */
typedef struct world {
    pct_codes *codes;
    pct_service_times *times;
    pct_travel travel;
    pct_unit_row units[UNITS_MAX];
    pct_sim_shift shifts[SHIFTS_MAX];
    pct_sim_call calls[CALLS_MAX];
    pct_operations_input in;
    moment seen[512];
    size_t seen_count;
} world;

static pct_status see(void *context, const pct_event *event, pct_error *error) {
    (void)error;
    world *w = context;
    if (w->seen_count < sizeof w->seen / sizeof *w->seen)
        w->seen[w->seen_count++] = (moment){event->recorded_at_ms / 1000, event->type, event->object.seq};
    return PCT_OK;
}

static void world_open(world *w) {
    *w = (world){.codes = sim_world_codes(), .travel = sim_world_street()};
    w->times = sim_world_times(w->codes);
    w->in = (pct_operations_input){.codes = w->codes,
                                   .service_times = w->times,
                                   .travel = &w->travel,
                                   .policy = &pct_policy_nearest,
                                   .units = w->units,
                                   .shifts = w->shifts,
                                   .calls = w->calls,
                                   .settings = pct_operations_settings_default(),
                                   .observer = {w, see}};
}

static void world_close(world *w) {
    pct_service_times_free(w->times);
    pct_codes_free(w->codes);
}

static void add_unit(world *w, int32_t station_m, pct_capability_set capabilities) {
    static const char *const names[UNITS_MAX] = {"A", "B", "C", "D"};
    w->units[w->in.unit_count] = sim_world_unit(names[w->in.unit_count], station_m, capabilities);
    w->in.unit_count++;
}

static void add_shift(world *w, uint32_t unit, int64_t on_s, int64_t off_s) {
    w->shifts[w->in.shift_count++] = (pct_sim_shift){unit, on_s * 1000, off_s * 1000};
}

static void add_unit_always_on(world *w, int32_t station_m, pct_capability_set capabilities) {
    add_unit(w, station_m, capabilities);
    add_shift(w, (uint32_t)w->in.unit_count - 1, 0, 1000000);
}

static void add_call(world *w, int64_t at_s, int32_t at_m, uint32_t type, uint8_t priority) {
    w->calls[w->in.call_count++] = (pct_sim_call){at_s * 1000, sim_world_at_m(at_m), type, priority};
}

static pct_report run(world *w) {
    pct_operations *operations = NULL;
    pct_report report;
    pct_error error;
    test_ok(pct_operations_new(&w->in, &operations, &error), &error);
    test_ok(pct_operations_run(operations, 1, &report, &error), &error);
    ck_assert_uint_eq(report.calls, report.served + report.waiting + report.referred + report.rejected);
    report.unit_utilisation = NULL; /* it goes with the operations */
    pct_operations_free(operations);
    return report;
}

/* When the n-th event of a type (from 0) was recorded, in seconds; −1: there were fewer. */
static int64_t when(const world *w, pct_event_type type, int n) {
    for (size_t i = 0; i < w->seen_count; i++)
        if (w->seen[i].type == type && n-- == 0) return w->seen[i].at_s;
    return -1;
}

TEST(one_call_runs_through_every_step_at_its_time) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 100, 2000, SIM_JOB, 3);
    pct_report r = run(&w);
    ck_assert_int_eq(when(&w, PCT_EVENT_CALL_RECEIVED, 0), 100);
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_SENT, 0), 100);
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_ACKNOWLEDGED, 0), 105);
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_SET_OUT, 0), 165);
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_ARRIVED, 0), 365);
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_REPORTED, 0), 965);
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_CLOSED, 0), 1065);
    ck_assert_int_eq(when(&w, PCT_EVENT_INCIDENT_CLOSED, 0), 1065);
    ck_assert_uint_eq(r.served, 1);
    ck_assert_int_eq(r.response.p50, 265000);
    ck_assert_int_eq(r.response_by_priority[2].max, 265000);
    ck_assert_int_eq(r.queued.max, 0);
    ck_assert_int_eq(r.ended_ms, 1065000);
    world_close(&w);
}

TEST(waiting_calls_are_taken_by_priority_then_by_arrival) {
    world w;
    world_open(&w);
    w.in.settings.divert_up_to = 0;
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 0, 0, SIM_JOB, 3);
    add_call(&w, 10, 0, SIM_JOB, 3);
    add_call(&w, 20, 0, SIM_JOB, 4);
    add_call(&w, 30, 0, SIM_JOB, 1);
    add_call(&w, 40, 0, SIM_JOB, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.served, 5);
    /* Each job takes 5 + 60 + 600 + 100 s, the urgent one 5 + 30 + 600 + 100 s. */
    ck_assert_int_eq(r.response_by_priority[0].max, (765 - 30 + 35) * 1000);
    ck_assert_int_eq(r.response_by_priority[2].max, (765 + 735 + 765 - 40 + 65) * 1000);
    ck_assert_int_eq(r.response_by_priority[3].max, (765 + 735 + 765 + 765 - 20 + 65) * 1000);
    ck_assert_int_eq(r.queued.max, (765 + 735 + 765 + 765 - 20) * 1000);
    world_close(&w);
}

TEST(unit_under_way_is_diverted_to_a_more_urgent_call_from_where_it_is) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 0, 10000, SIM_JOB, 3);
    add_call(&w, 565, 4000, SIM_JOB, 1); /* the unit has driven 500 s: it is at 5,000 m */
    pct_report r = run(&w);
    ck_assert_uint_eq(r.diverted, 1);
    ck_assert_uint_eq(r.served, 2);
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_DIVERTED, 0), 565);
    ck_assert_int_eq(r.response_by_priority[0].max, (5 + 100) * 1000); /* no turnout: it was rolling */
    /* Then the first call, from 4,000 m: 565 + 105 + 700 s, acknowledged, 60 s turnout, 6,000 m. */
    ck_assert_int_eq(r.response_by_priority[2].max, (565 + 105 + 700 + 5 + 60 + 600) * 1000);
    world_close(&w);
}

TEST(unit_under_way_is_not_diverted_to_an_equal_call_or_when_diversion_is_off) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 0, 10000, SIM_JOB, 1);
    add_call(&w, 565, 4000, SIM_JOB, 1);
    ck_assert_uint_eq(run(&w).diverted, 0);
    w.calls[0].priority = 3;
    w.in.settings.divert_up_to = 0;
    ck_assert_uint_eq(run(&w).diverted, 0);
    world_close(&w);
}

TEST(unit_on_its_way_back_is_free_where_it_is) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 0, 5000, SIM_JOB, 3);
    add_call(&w, 1465, 1000, SIM_JOB, 3); /* closed at 565 + 700 s; 200 s later it is at 3,000 m */
    pct_report r = run(&w);
    ck_assert_int_eq(r.response.p50, (5 + 200) * 1000);
    ck_assert_int_eq(r.response.max, 565 * 1000);
    world_close(&w);
}

TEST(unit_that_came_home_stands_at_its_station) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 0, 1000, SIM_JOB, 3); /* closed at 165 + 700 s, home at 965 s */
    add_call(&w, 2000, 3000, SIM_JOB, 3);
    pct_report r = run(&w);
    ck_assert_int_eq(when(&w, PCT_EVENT_UNIT_POSITIONED, 0), 965);
    ck_assert_int_eq(r.response.max, (65 + 300) * 1000);
    world_close(&w);
}

TEST(nearest_suitable_unit_goes_even_if_an_unsuitable_one_is_nearer) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 1000, SIM_PATROL);
    add_unit_always_on(&w, 3000, SIM_PATROL | SIM_RESCUE);
    add_call(&w, 0, 0, SIM_HEAVY, 3);
    add_call(&w, 1, 0, SIM_JOB, 3);
    pct_report r = run(&w);
    ck_assert_int_eq(r.response.max, (65 + 300) * 1000);
    ck_assert_int_eq(r.response.p50, (65 + 100) * 1000);
    world_close(&w);
}

TEST(unsuited_waiting_call_does_not_hold_up_those_behind_it) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_unit(&w, 0, SIM_PATROL | SIM_RESCUE);
    add_shift(&w, 1, 5000, 1000000);
    add_call(&w, 0, 0, SIM_JOB, 3);
    add_call(&w, 1, 0, SIM_HEAVY, 2);
    add_call(&w, 2, 0, SIM_JOB, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.served, 3);
    ck_assert_int_eq(r.response_by_priority[2].max, (765 - 2 + 65) * 1000);
    ck_assert_int_eq(r.response_by_priority[1].max, (5000 - 1 + 65) * 1000);
    world_close(&w);
}

TEST(unit_finishes_its_order_before_it_goes_off_duty) {
    world w;
    world_open(&w);
    add_unit(&w, 0, SIM_PATROL);
    add_shift(&w, 0, 0, 300);
    add_shift(&w, 0, 4000, 5000);
    add_call(&w, 0, 1000, SIM_JOB, 3);
    add_call(&w, 400, 1000, SIM_JOB, 3); /* waits for the next shift */
    pct_report r = run(&w);
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_CLOSED, 0), 865);
    ck_assert_int_eq(when(&w, PCT_EVENT_UNIT_SIGNED_OFF, 0), 865);
    ck_assert_int_eq(when(&w, PCT_EVENT_UNIT_SIGNED_ON, 1), 4000);
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_ARRIVED, 1), 4165);
    ck_assert_uint_eq(r.served, 2);
    world_close(&w);
}

TEST(free_unit_goes_off_duty_when_its_shift_ends_and_stays_on_into_the_next) {
    world w;
    world_open(&w);
    add_unit(&w, 0, SIM_PATROL);
    add_unit(&w, 0, SIM_PATROL);
    add_shift(&w, 0, 0, 300);
    add_shift(&w, 1, 0, 500);
    add_shift(&w, 1, 500, 900); /* straight on */
    add_call(&w, 0, 0, SIM_STRANGE, 3);
    add_call(&w, 800, 0, SIM_JOB, 3);
    pct_report r = run(&w);
    ck_assert_int_eq(when(&w, PCT_EVENT_UNIT_SIGNED_OFF, 0), 300);
    ck_assert_int_eq(when(&w, PCT_EVENT_UNIT_SIGNED_OFF, 1), 1565);
    ck_assert_int_eq(when(&w, PCT_EVENT_UNIT_SIGNED_ON, 2), -1);
    ck_assert_uint_eq(r.served, 1);
    world_close(&w);
}

TEST(calls_off_the_map_are_rejected_and_strange_ones_referred) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 0, -700, SIM_JOB, 3);
    add_call(&w, 1, 0, SIM_STRANGE, 1);
    add_call(&w, 2, 0, SIM_JOB, 3);
    pct_operations *operations = NULL;
    pct_report r;
    pct_error error;
    test_ok(pct_operations_new(&w.in, &operations, &error), &error);
    test_ok(pct_operations_run(operations, 1, &r, &error), &error);
    size_t count;
    const pct_rejection *rejections = pct_operations_rejections(operations, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(rejections[0].call, 0);
    ck_assert_double_eq(rejections[0].distance_m, 700.0);
    ck_assert_uint_eq(r.rejected, 1);
    ck_assert_uint_eq(r.referred, 1);
    ck_assert_uint_eq(r.served, 1);
    pct_operations_free(operations);
    world_close(&w);
}

TEST(run_without_anybody_on_duty_ends_with_its_calls_waiting) {
    world w;
    world_open(&w);
    add_unit(&w, 0, SIM_PATROL);
    add_shift(&w, 0, 0, 10);
    add_call(&w, 100, 0, SIM_JOB, 3);
    add_call(&w, 200, 0, SIM_JOB, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.waiting, 2);
    ck_assert_uint_eq(r.queued.count, 2);
    ck_assert_uint_eq(r.response.count, 0);
    world_close(&w);
}

TEST(utilisation_is_the_busy_share_of_duty_until_the_last_call) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_unit_always_on(&w, 900000, SIM_PATROL);
    add_call(&w, 0, 0, SIM_JOB, 3);
    add_call(&w, 1530, 0, SIM_JOB, 3);
    pct_report r = run(&w); /* one unit busy for 765 of 1,530 s, the other not at all */
    ck_assert_double_eq_tol(r.utilisation, 0.25, 1e-9);
    world_close(&w);
}

TEST(late_steps_are_reminded_of) {
    world w;
    world_open(&w);
    pct_service_times_free(w.times);
    w.times = sim_world_times_of(w.codes,
                                 "type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,turnout_cv,"
                                 "on_scene_mean_s,on_scene_cv,report_mean_s,report_cv\n"
                                 "*,,130,0,60,0,600,0,100,0\n");
    w.in.service_times = w.times;
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 0, 0, SIM_JOB, 3);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.reminders, 3); /* after 30, 60 and 120 s without acknowledgement */
    ck_assert_int_eq(when(&w, PCT_EVENT_ORDER_REMINDED, 2), 120);
    world_close(&w);
}

TEST(calls_or_shifts_out_of_order_and_units_off_the_map_are_refused) {
    world w;
    world_open(&w);
    pct_operations *operations = NULL;
    pct_error error;
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 5, 0, SIM_JOB, 3);
    add_call(&w, 4, 0, SIM_JOB, 3);
    ck_assert_int_eq(pct_operations_new(&w.in, &operations, &error), PCT_MISUSE);
    test_error_says(&error, "calls");
    w.in.call_count = 1;
    add_unit_always_on(&w, -5, SIM_PATROL);
    ck_assert_int_eq(pct_operations_new(&w.in, &operations, &error), PCT_INPUT);
    test_error_says(&error, "'B'");
    add_shift(&w, 0, -10, 0);
    ck_assert_int_eq(pct_operations_new(&w.in, &operations, &error), PCT_MISUSE);
    test_error_says(&error, "shifts");
    world_close(&w);
}

TEST(run_of_no_calls_is_empty) {
    world w;
    world_open(&w);
    add_unit_always_on(&w, 0, SIM_PATROL);
    pct_report r = run(&w);
    ck_assert_uint_eq(r.calls, 0);
    ck_assert_double_eq(r.response.mean, 0.0);
    world_close(&w);
}

static pct_status simulate_once(void *context) {
    const world *w = context;
    pct_operations *operations = NULL;
    pct_report report;
    pct_status status = pct_operations_new(&w->in, &operations, NULL);
    if (!status) status = pct_operations_run(operations, 1, &report, NULL);
    pct_operations_free(operations);
    return status;
}

TEST(every_failed_allocation_of_a_run_is_reported) {
    world w;
    world_open(&w);
    w.in.observer.event = NULL;
    add_unit_always_on(&w, 0, SIM_PATROL);
    add_call(&w, 0, 10000, SIM_JOB, 3);
    add_call(&w, 0, -10, SIM_JOB, 3);
    add_call(&w, 565, 4000, SIM_JOB, 1);
    ck_assert_uint_ge(test_torture(simulate_once, &w), 20);
    world_close(&w);
}

TEST_MAIN("sim operations", TEST_CASE(one_call_runs_through_every_step_at_its_time),
          TEST_CASE(waiting_calls_are_taken_by_priority_then_by_arrival),
          TEST_CASE(unit_under_way_is_diverted_to_a_more_urgent_call_from_where_it_is),
          TEST_CASE(unit_under_way_is_not_diverted_to_an_equal_call_or_when_diversion_is_off),
          TEST_CASE(unit_on_its_way_back_is_free_where_it_is),
          TEST_CASE(unit_that_came_home_stands_at_its_station),
          TEST_CASE(nearest_suitable_unit_goes_even_if_an_unsuitable_one_is_nearer),
          TEST_CASE(unsuited_waiting_call_does_not_hold_up_those_behind_it),
          TEST_CASE(unit_finishes_its_order_before_it_goes_off_duty),
          TEST_CASE(free_unit_goes_off_duty_when_its_shift_ends_and_stays_on_into_the_next),
          TEST_CASE(calls_off_the_map_are_rejected_and_strange_ones_referred),
          TEST_CASE(run_without_anybody_on_duty_ends_with_its_calls_waiting),
          TEST_CASE(utilisation_is_the_busy_share_of_duty_until_the_last_call),
          TEST_CASE(late_steps_are_reminded_of),
          TEST_CASE(calls_or_shifts_out_of_order_and_units_off_the_map_are_refused),
          TEST_CASE(run_of_no_calls_is_empty), TEST_CASE(every_failed_allocation_of_a_run_is_reported))
