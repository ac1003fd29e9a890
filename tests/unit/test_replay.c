/* A replay on a desk, stepwise: what the simulator would have done, until a person has a hand in it. */
#include "replay/replay.h"

#include <string.h>

#include "support/power_disk.h"
#include "support/replay_world.h"
#include "support/test.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

/* Four calls of a morning, two cars: the third waits for the first to be free. Stations at 0 and 20 km. */
static const char morning[] = REPLAY_CALLS "a,2026-03-02T08:00:00,job,3,0.001000,0\n"
                                           "b,2026-03-02T08:02:00,job,2,0.018000,0\n"
                                           "c,2026-03-02T08:05:00,job,3,0.003000,0\n"
                                           "d,2026-03-02T09:10:00,job,1,0.005000,0\n";
static const char cars[] = REPLAY_UNITS "A,S,0,0,car,patrol,2,1,06:00,18:00\n"
                                        "B,T,0.020000,0,car,patrol,2,1,06:00,18:00\n";
static const char uneven[] = "type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,turnout_cv,"
                             "on_scene_mean_s,on_scene_cv,report_mean_s,report_cv\n"
                             "*,,20,0.5,60,0.5,600,1,100,0.5\n";

static replay_world world;

static void open_world(const char *calls, const char *units, const char *times, int64_t speed_milli) {
    power_disk_new(7);
    replay_world_init(&world, calls, units, times);
    replay_world_open(&world, speed_milli);
}

static void close_world(void) {
    replay_world_dispose(&world);
    power_disk_free();
}

static int64_t at_ms(int64_t after_ms) {
    return world.plan.from_ms + after_ms;
}

static uint64_t digest_after_the_morning(uint64_t seed, int64_t speed_milli) {
    power_disk_new(7);
    replay_world_init(&world, morning, cars, uneven);
    world.seed = seed;
    replay_world_open(&world, speed_milli);
    replay_world_run_to(&world, at_ms(5 * HOUR_MS));
    uint64_t digest = replay_world_digest(&world);
    close_world();
    return digest;
}

/* --- as the simulator ---------------------------------------------------------------------------------------- */

static pct_status until_closed(void *context, const pct_event *event, pct_error *error) {
    (void)error;
    *(int64_t *)context = event->seq;
    return PCT_OK;
}

TEST(replay_leaves_the_board_that_the_simulator_leaves) {
    pct_error error;
    pct_report report;
    pct_operations *operations;
    int64_t events = 0;
    /* The shifts begin after the first call, which no car can handle: at one moment a desk takes calls first. */
    open_world(REPLAY_CALLS
               "z,2026-03-02T05:00:00,strange,3,0.001000,0\n"
               "a,2026-03-02T08:00:00,job,3,0.001000,0\nb,2026-03-02T08:02:00,job,2,0.018000,0\n"
               "c,2026-03-02T08:05:00,job,3,0.003000,0\nd,2026-03-02T09:10:00,job,1,0.005000,0\n",
               cars, uneven, 600000);
    pct_operations_input input = replay_world_input(&world);
    input.observer = (pct_event_observer){&events, until_closed};
    input.settings.keep_closed = true;
    test_ok(pct_operations_new(&input, &operations, &error), &error);
    test_ok(pct_operations_run(operations, world.seed, &report, &error), &error);
    ck_assert_uint_eq(report.served, 4);
    while (replay_world_seq(&world) < events)
        replay_world_run_to(&world, pct_replay_next_due_ms(world.replay));
    ck_assert_int_eq(replay_world_seq(&world), events);
    ck_assert_uint_eq(replay_world_digest(&world), report.board_digest);
    pct_operations_free(operations);
    close_world();
}

TEST(same_seed_leaves_the_same_board_at_every_speed) {
    uint64_t digest = digest_after_the_morning(3, 60000);
    ck_assert_uint_eq(digest_after_the_morning(3, 60000), digest);
    ck_assert_uint_eq(digest_after_the_morning(3, 1000), digest);
    ck_assert_uint_eq(digest_after_the_morning(3, 1000000), digest);
    ck_assert_uint_ne(digest_after_the_morning(4, 60000), digest);
}

TEST(every_call_is_answered_and_the_units_go_home) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run(&world);
    pct_replay_figures figures = pct_replay_figures_view(world.replay);
    ck_assert(figures.finished);
    ck_assert_int_eq(figures.calls_done, 4);
    ck_assert_int_eq(figures.failed, 0);
    ck_assert_int_eq(figures.refused, 0);
    ck_assert_int_eq(figures.speed_milli, PCT_SPEED_LIFE_MILLI);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(replay_world_incident(&world, i).status, PCT_INCIDENT_CLOSED);
    ck_assert_int_eq(replay_world_unit(&world, "A").status, PCT_UNIT_AT_STATION);
    ck_assert_int_eq(replay_world_unit(&world, "B").status, PCT_UNIT_AT_STATION);
    replay_world_run_to(&world, at_ms(11 * HOUR_MS)); /* and off duty at six */
    ck_assert_int_eq(replay_world_unit(&world, "A").status, PCT_UNIT_OFF_DUTY);
    close_world();
}

TEST(what_no_unit_can_reach_or_handle_is_referred) {
    open_world(REPLAY_CALLS "a,2026-03-02T08:00:00,strange,2,0.001000,0\nb,2026-03-02T08:01:00,job,2,5.0,0\n",
               cars, NULL, 60000);
    replay_world_run(&world);
    ck_assert_int_eq(replay_world_incident(&world, 0).status, PCT_INCIDENT_REFERRED);
    ck_assert_int_eq(replay_world_incident(&world, 1).status, PCT_INCIDENT_REFERRED);
    close_world();
}

TEST(what_is_said_occurred_when_it_was_due_however_late_it_was_said) {
    open_world(morning, cars, NULL, 60000);
    world.wall_us += 5 * 60 * 1000000 / 60; /* five minutes of the replay in one go */
    replay_world_settle(&world);
    pct_incident first = replay_world_incident(&world, 0);
    ck_assert_int_eq(first.opened_at_ms, at_ms(0));
    pct_replay_figures figures = pct_replay_figures_view(world.replay);
    ck_assert_int_eq(figures.behind_max_ms, 5 * MINUTE_MS / 60);
    close_world();
}

/* --- the clock ----------------------------------------------------------------------------------------------- */

TEST(speed_0_stands_still_and_goes_on_where_it_stood) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run_to(&world, at_ms(MINUTE_MS));
    pct_replay_set_speed(world.replay, 0);
    int64_t seq = replay_world_seq(&world), now_ms = replay_world_now_ms(&world);
    int32_t seen_m = replay_world_seen_m(&world, "A");
    world.wall_us += INT64_C(3600) * 1000000;
    replay_world_settle(&world);
    ck_assert_int_eq(replay_world_seq(&world), seq);
    ck_assert_int_eq(replay_world_now_ms(&world), now_ms);
    ck_assert_int_eq(replay_world_seen_m(&world, "A"), seen_m);
    ck_assert_int_eq(pct_replay_clock_sleep_us(&world.clock, pct_replay_next_due_ms(world.replay)),
                     INT64_MAX);
    pct_replay_set_speed(world.replay, 1000);
    replay_world_run(&world);
    ck_assert_int_eq(replay_world_incident(&world, 3).status, PCT_INCIDENT_CLOSED);
    close_world();
}

TEST(a_replay_goes_on_where_its_record_ends) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run_to(&world, at_ms(4 * MINUTE_MS));
    ck_assert_int_eq(replay_world_unit(&world, "B").status, PCT_UNIT_EN_ROUTE);
    replay_world_close(&world);
    replay_world_open(&world, 60000);
    ck_assert_int_le(replay_world_now_ms(&world), at_ms(4 * MINUTE_MS) + 1);
    replay_world_run(&world);
    ck_assert_int_eq(pct_replay_figures_view(world.replay).calls_done, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(replay_world_incident(&world, i).status, PCT_INCIDENT_CLOSED);
    close_world();
}

/* --- people -------------------------------------------------------------------------------------------------- */

static pct_order_id order_of(const char *unit) {
    pct_order_id order = replay_world_unit(&world, unit).order;
    ck_assert_int_ne(order.seq, 0);
    return order;
}

static void take_over(const char *unit, bool by_hand) {
    pct_error error;
    pct_unit_id id = replay_world_unit(&world, unit).id;
    test_ok(pct_replay_take_over(world.replay, id, by_hand, &error), &error);
    ck_assert_int_eq(pct_replay_drives(world.replay, id), !by_hand);
    replay_world_settle(&world);
}

TEST(a_unit_taken_over_stays_where_it_is_until_it_is_handed_back) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run_to(&world, at_ms(2 * MINUTE_MS)); /* 65 s to set out; 1,000 m take 100 s */
    pct_order_id order = order_of("A");
    take_over("A", true);
    int32_t seen_m = replay_world_seen_m(&world, "A");
    ck_assert_int_gt(seen_m, 500);
    ck_assert_int_lt(seen_m, 600);
    replay_world_run_to(&world, at_ms(30 * MINUTE_MS));
    ck_assert_int_eq(replay_world_seen_m(&world, "A"), seen_m);
    ck_assert_int_eq(replay_world_order(&world, order).status, PCT_ORDER_SET_OUT);
    take_over("A", false);
    replay_world_run_to(&world, at_ms(31 * MINUTE_MS));
    pct_order arrived = replay_world_order(&world, order);
    ck_assert_int_eq(arrived.status, PCT_ORDER_ON_SCENE);
    ck_assert_int_eq(arrived.at_ms[PCT_ORDER_ON_SCENE] - at_ms(30 * MINUTE_MS), (1000 - seen_m) * 100);
    close_world();
}

TEST(a_unit_taken_over_is_not_sent_by_the_replay) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run_to(&world, at_ms(MINUTE_MS));
    ck_assert_int_eq(replay_world_unit(&world, "B").status, PCT_UNIT_AT_STATION);
    take_over("B", true);
    replay_world_run_to(&world, at_ms(4 * MINUTE_MS)); /* the second call is B's by the way to it */
    ck_assert_int_eq(replay_world_unit(&world, "B").order.seq, 0);
    ck_assert_int_eq(replay_world_incident(&world, 1).status, PCT_INCIDENT_WAITING);
    take_over("B", false);
    (void)order_of("B");
    pct_error error;
    ck_assert_int_eq(pct_replay_take_over(world.replay, (pct_unit_id){4711}, true, &error), PCT_NOT_FOUND);
    test_error_says(&error, "U4711");
    close_world();
}

TEST(a_unit_taken_over_says_nothing_by_itself_when_a_person_sends_it) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run_to(&world, at_ms(MINUTE_MS));
    take_over("B", true);
    pct_event_data data = {.order_sent = {.incident = replay_world_incident(&world, 0).id,
                                          .unit = replay_world_unit(&world, "B").id}};
    pct_id order = replay_world_person(&world, PCT_COMMAND_SEND_ORDER, (pct_id){0}, &data);
    replay_world_run_to(&world, at_ms(HOUR_MS));
    ck_assert_int_eq(replay_world_order(&world, (pct_order_id){order.seq}).status, PCT_ORDER_SENT);
    take_over("B", false);
    replay_world_run_to(&world, at_ms(HOUR_MS + MINUTE_MS));
    ck_assert_int_gt(replay_world_order(&world, (pct_order_id){order.seq}).status, PCT_ORDER_SENT);
    close_world();
}

TEST(an_incident_that_a_person_acted_on_is_left_to_people) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run_to(&world, at_ms(MINUTE_MS));
    pct_order_id order = order_of("A");
    pct_event_data data = {.order_cancelled = {.reason = PCT_CANCEL_REASON_NOT_NEEDED}};
    (void)replay_world_person(&world, PCT_COMMAND_CANCEL_ORDER, (pct_id){order.seq, 'O'}, &data);
    replay_world_run_to(&world, at_ms(3 * HOUR_MS));
    pct_incident theirs = replay_world_incident(&world, 0);
    ck_assert_int_eq(theirs.status, PCT_INCIDENT_WAITING);
    ck_assert_uint_eq(theirs.orders, 1);
    for (int i = 1; i < 4; i++)
        ck_assert_int_eq(replay_world_incident(&world, i).status, PCT_INCIDENT_CLOSED);
    close_world();
}

TEST(looking_at_what_is_sealed_leaves_an_incident_to_the_replay) {
    ck_assert(!pct_replay_is_act(PCT_ROLE_DISPATCHER, PCT_EVENT_ORDER_LOOKED));
    ck_assert(!pct_replay_is_act(PCT_ROLE_DISPATCHER, PCT_EVENT_INCIDENT_LOOKED));
    ck_assert(!pct_replay_is_act(PCT_ROLE_DISPATCHER, PCT_EVENT_CALL_LOOKED));
    ck_assert(!pct_replay_is_act(PCT_ROLE_SYSTEM, PCT_EVENT_INCIDENT_CLASSIFIED));
    ck_assert(pct_replay_is_act(PCT_ROLE_DISPATCHER, PCT_EVENT_INCIDENT_CLASSIFIED));
}

TEST(a_unit_that_a_person_sends_goes_and_the_incident_stays_theirs) {
    open_world(morning, cars, NULL, 60000);
    pct_replay_set_automatic(world.replay, false);
    replay_world_run_to(&world, at_ms(6 * MINUTE_MS));
    ck_assert_int_eq(replay_world_unit(&world, "A").order.seq, 0);
    pct_event_data data = {.incident_opened = {.type = pct_text_of("job"),
                                               .priority = 3,
                                               .gravity = PCT_GRAVITY_ORDINARY,
                                               .position = sim_world_at_m(2000),
                                               .has_position = true}};
    pct_id incident = replay_world_person(&world, PCT_COMMAND_OPEN_INCIDENT, (pct_id){0}, &data);
    data = (pct_event_data){
        .order_sent = {.incident = {incident.seq}, .unit = replay_world_unit(&world, "A").id}};
    (void)replay_world_person(&world, PCT_COMMAND_SEND_ORDER, (pct_id){0}, &data);
    replay_world_run_to(&world, at_ms(30 * MINUTE_MS));
    ck_assert_int_eq(replay_world_unit(&world, "A").order.seq, 0);
    ck_assert_int_eq(replay_world_incident(&world, 0).status, PCT_INCIDENT_HANDLED);
    pct_replay_set_automatic(world.replay, true); /* the calls that nobody opened an incident for */
    replay_world_run_to(&world, at_ms(5 * HOUR_MS));
    ck_assert_int_eq(replay_world_incident(&world, 0).status, PCT_INCIDENT_HANDLED);
    for (int i = 1; i < 5; i++)
        ck_assert_int_eq(replay_world_incident(&world, i).status, PCT_INCIDENT_CLOSED);
    close_world();
}

TEST(a_step_that_a_person_takes_for_a_unit_is_gone_on_from) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run_to(&world, at_ms(1000));
    pct_order_id order = order_of("A");
    (void)replay_world_person(&world, PCT_COMMAND_ACKNOWLEDGE, (pct_id){order.seq, 'O'}, NULL);
    (void)replay_world_person(&world, PCT_COMMAND_SET_OUT, (pct_id){order.seq, 'O'}, NULL);
    replay_world_run_to(&world, at_ms(2 * MINUTE_MS));
    pct_order now = replay_world_order(&world, order);
    ck_assert_int_eq(now.at_ms[PCT_ORDER_ON_SCENE] - now.at_ms[PCT_ORDER_SET_OUT], 100000);
    ck_assert_int_eq(pct_replay_figures_view(world.replay).refused, 0);
    close_world();
}

TEST(a_unit_that_a_person_places_drives_on_from_there) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run_to(&world, at_ms(80 * 1000));
    pct_order_id order = order_of("A");
    pct_event_data data = {.unit_positioned = {.position = sim_world_at_m(900)}};
    (void)replay_world_person(&world, PCT_COMMAND_POSITION_UNIT,
                              (pct_id){replay_world_unit(&world, "A").id.seq, 'U'}, &data);
    replay_world_run_to(&world, at_ms(81 * 1000));
    ck_assert_int_eq(replay_world_seen_m(&world, "A"), 910);
    replay_world_run_to(&world, at_ms(90 * 1000));
    ck_assert_int_eq(replay_world_order(&world, order).at_ms[PCT_ORDER_ON_SCENE], at_ms(90 * 1000));
    close_world();
}

TEST(fixes_of_a_unit_under_way_tell_speed_and_heading_and_that_they_are_simulated) {
    open_world(morning, cars, NULL, 60000);
    replay_world_run_to(&world, at_ms(100 * 1000));
    pct_fix fix;
    ck_assert(pct_desk_fix_of(world.desk, replay_world_unit(&world, "A").id, &fix));
    ck_assert(fix.simulated);
    ck_assert_int_eq(fix.at_ms, at_ms(100 * 1000));
    ck_assert_int_eq(fix.heading_deg, 90);
    ck_assert_int_gt(fix.speed_cms, 0);
    take_over("A", true);
    replay_world_run_to(&world, at_ms(101 * 1000));
    ck_assert(pct_desk_fix_of(world.desk, replay_world_unit(&world, "A").id, &fix));
    close_world();
}

TEST(a_file_without_calls_is_refused) {
    pct_error error;
    pct_replay_plan plan;
    power_disk_new(7);
    replay_world_init(&world, morning, cars, NULL);
    const pct_replay_source source = {.calls_name = "calls.csv",
                                      .calls = pct_text_of(REPLAY_CALLS),
                                      .units = &world.units,
                                      .codes = world.codes,
                                      .zone = &world.zone};
    ck_assert_int_eq(pct_replay_plan_read(&source, &plan, &error), PCT_INPUT);
    test_error_says(&error, "calls.csv");
    close_world();
}

/* --- roads that change ---------------------------------------------------------------------------------------- */

enum { SLOWER = 3 };

static uint32_t slow_time_ms(void *context, pct_road_point from, pct_road_point to) {
    return SLOWER * sim_world_street().time_ms(context, from, to);
}

static pct_status slow_legs(void *context, pct_road_point from, pct_road_point to, pct_vector *legs,
                            pct_error *error) {
    pct_status status = sim_world_street().legs(context, from, to, legs, error);
    pct_route_leg *items = legs->items;
    for (size_t i = 0; i < legs->length; i++) items[i].time_ms *= SLOWER;
    return status;
}

static uint32_t no_time_ms(void *context, pct_road_point from, pct_road_point to) {
    (void)context;
    return from.segment == to.segment && from.offset_mm == to.offset_mm ? 0 : PCT_UNREACHABLE_MS;
}

static void roads_change(uint32_t (*time_ms)(void *, pct_road_point, pct_road_point)) {
    world.travel.time_ms = time_ms;
    world.travel.legs = time_ms == slow_time_ms ? slow_legs : sim_world_street().legs;
    world.road_number++;
    replay_world_settle(&world);
}

/* One car, one call 4 km away: 400 s of driving at 10 m/s. */
static const char one_call[] = REPLAY_CALLS "a,2026-03-02T08:00:00,job,3,0.004000,0\n";
static const char one_car[] = REPLAY_UNITS "A,S,0,0,car,patrol,2,1,06:00,18:00\n";

static pct_order run_until(pct_order_status status) {
    for (int i = 0; i < 20; i++) {
        pct_unit car = replay_world_unit(&world, "A");
        pct_order order = car.order.seq ? replay_world_order(&world, car.order) : (pct_order){.status = 0};
        if (car.order.seq && order.status == status) return order;
        replay_world_run_to(&world, pct_replay_next_due_ms(world.replay));
    }
    ck_abort_msg("the order does not get so far");
    return (pct_order){.status = 0};
}

/* The car is DRIVEN_MS under way, of WAY_MS. */
enum { WAY_MS = 400000, DRIVEN_MS = 100000 };

static pct_order drive_on_the_way(void) {
    pct_error error;
    open_world(one_call, one_car, NULL, 1000);
    pct_order order = run_until(PCT_ORDER_SET_OUT);
    replay_world_run_to(&world, order.at_ms[PCT_ORDER_SET_OUT] + DRIVEN_MS);
    test_ok(pct_replay_put_fixes(world.replay, &error), &error);
    return order;
}

TEST(who_is_under_way_takes_the_new_road_from_where_it_is) {
    pct_error error;
    pct_order order = drive_on_the_way();
    int64_t out_ms = order.at_ms[PCT_ORDER_SET_OUT];
    int32_t seen_m = replay_world_seen_m(&world, "A");
    roads_change(slow_time_ms);
    test_ok(pct_replay_put_fixes(world.replay, &error), &error);
    ck_assert_int_eq(replay_world_seen_m(&world, "A"), seen_m); /* no jump */
    order = run_until(PCT_ORDER_ON_SCENE);
    int64_t took_ms = order.at_ms[PCT_ORDER_ON_SCENE] - out_ms;
    ck_assert_int_ge(took_ms, DRIVEN_MS + (WAY_MS - DRIVEN_MS) * SLOWER - 1000);
    ck_assert_int_le(took_ms, DRIVEN_MS + (WAY_MS - DRIVEN_MS) * SLOWER + 1000);
    close_world();
}

TEST(whom_no_road_is_left_stands_until_there_is_one) {
    enum { CLOSED_MS = 900000 };
    pct_order order = drive_on_the_way();
    roads_change(no_time_ms);
    world.wall_us += (int64_t)CLOSED_MS * 1000;
    replay_world_settle(&world);
    ck_assert_int_eq(replay_world_order(&world, order.id).status, PCT_ORDER_SET_OUT);
    int64_t opened_ms = replay_world_now_ms(&world);
    roads_change(sim_world_street().time_ms);
    order = run_until(PCT_ORDER_ON_SCENE);
    int64_t after_ms = order.at_ms[PCT_ORDER_ON_SCENE] - opened_ms;
    ck_assert_int_ge(after_ms, WAY_MS - DRIVEN_MS - 1000);
    ck_assert_int_le(after_ms, WAY_MS - DRIVEN_MS + 1000);
    close_world();
}

TEST_MAIN("replay", TEST_CASE(who_is_under_way_takes_the_new_road_from_where_it_is),
          TEST_CASE(whom_no_road_is_left_stands_until_there_is_one),
          TEST_CASE(replay_leaves_the_board_that_the_simulator_leaves),
          TEST_CASE(same_seed_leaves_the_same_board_at_every_speed),
          TEST_CASE(every_call_is_answered_and_the_units_go_home),
          TEST_CASE(what_no_unit_can_reach_or_handle_is_referred),
          TEST_CASE(what_is_said_occurred_when_it_was_due_however_late_it_was_said),
          TEST_CASE(speed_0_stands_still_and_goes_on_where_it_stood),
          TEST_CASE(a_replay_goes_on_where_its_record_ends),
          TEST_CASE(a_unit_taken_over_stays_where_it_is_until_it_is_handed_back),
          TEST_CASE(a_unit_taken_over_is_not_sent_by_the_replay),
          TEST_CASE(a_unit_taken_over_says_nothing_by_itself_when_a_person_sends_it),
          TEST_CASE(an_incident_that_a_person_acted_on_is_left_to_people),
          TEST_CASE(looking_at_what_is_sealed_leaves_an_incident_to_the_replay),
          TEST_CASE(a_unit_that_a_person_sends_goes_and_the_incident_stays_theirs),
          TEST_CASE(a_step_that_a_person_takes_for_a_unit_is_gone_on_from),
          TEST_CASE(a_unit_that_a_person_places_drives_on_from_there),
          TEST_CASE(fixes_of_a_unit_under_way_tell_speed_and_heading_and_that_they_are_simulated),
          TEST_CASE(a_file_without_calls_is_refused))
