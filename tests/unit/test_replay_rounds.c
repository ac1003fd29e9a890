/* A replay whose units drive rounds between calls, stepped by hand on the straight street (10 m a second). */
#include "replay/replay.h"
#include "support/power_disk.h"
#include "support/replay_world.h"
#include "support/test.h"

enum { SECOND_MS = 1000, HOUR_MS = 3600000 };

static const char calls[] = REPLAY_CALLS "a,2026-03-02T08:00:00,job,3,0.000000,0\n"
                                         "b,2026-03-02T08:40:00,job,3,0.009350,0\n"
                                         "c,2026-03-02T11:00:00,job,3,0.000000,0\n";
static const char car[] = REPLAY_UNITS "A,S,0,0,car,patrol,2,1,06:00,18:00\n";

static replay_world world;
static pct_duty_stop stops[2];
static pct_duty_route route;
static pct_duty_plan plan;
static pct_tours_source source;

/* After eight in the morning. */
static int64_t at_ms(int64_t after_s) {
    const int64_t eight_ms = INT64_C(8) * HOUR_MS;
    return world.plan.from_ms / PCT_DAY_MS * PCT_DAY_MS + eight_ms + after_s * SECOND_MS;
}

/* P1 at 10 km from 08:33:20 to 08:50, and a line from there to 8 km at 09:40. */
static pct_tours *new_tours(void) {
    pct_error error;
    pct_tours *tours = NULL;
    stops[0] = (pct_duty_stop){.kind = PCT_DUTY_POINT,
                               .id = pct_text_of("P1"),
                               .start_ms = at_ms(2000),
                               .end_ms = at_ms(3000),
                               .from = sim_world_at_m(10000),
                               .to = sim_world_at_m(10000)};
    stops[1] = (pct_duty_stop){.kind = PCT_DUTY_LINE,
                               .id = pct_text_of("L1"),
                               .start_ms = at_ms(6000),
                               .end_ms = at_ms(6400),
                               .from = sim_world_at_m(10000),
                               .to = sim_world_at_m(8000)};
    route = (pct_duty_route){.unit = pct_text_of("A"),
                             .stops = stops,
                             .stop_count = 2,
                             .leave_ms = at_ms(1000),
                             .back_ms = at_ms(7200)};
    plan = (pct_duty_plan){.date = pct_text_of("2026-03-02"), .routes = &route, .route_count = 1};
    source = (pct_tours_source){.plans = &plan,
                                .plan_count = 1,
                                .zone = &world.zone,
                                .units = world.units.rows,
                                .unit_count = world.units.count,
                                .way = &world.travel,
                                .other = &world.travel,
                                .from_ms = world.plan.from_ms,
                                .to_ms = world.plan.to_ms,
                                .daily = true};
    test_ok(pct_tours_new(&source, &tours, &error), &error);
    return tours;
}

static void open_world_of(const char *of_calls) {
    power_disk_new(7);
    replay_world_init(&world, of_calls, car, NULL);
    world.tours = new_tours();
    replay_world_open(&world, 60000);
}

static void open_world(void) {
    open_world_of(calls);
}

static void close_world(void) {
    pct_tours *tours = world.tours;
    replay_world_dispose(&world);
    pct_tours_free(tours);
    power_disk_free();
}

static int32_t seen_at(int64_t after_s) {
    replay_world_run_to(&world, at_ms(after_s));
    return replay_world_seen_m(&world, "A");
}

TEST(idle_unit_moves_along_its_round) {
    open_world();
    /* The first call is closed at 765 s; its round begins at 1,000 s. */
    ck_assert_int_eq(seen_at(900), 0);
    ck_assert_int_eq(seen_at(1500), 5000);
    ck_assert_int_eq(replay_world_unit(&world, "A").status, PCT_UNIT_AVAILABLE);
    ck_assert_int_eq(seen_at(2050), 10000);
    close_world();
}

TEST(unit_is_sent_from_where_it_is_on_its_round_and_comes_back_to_it) {
    open_world();
    replay_world_run_to(&world, at_ms(2400)); /* it stands at P1; the call is 650 m away, 65 s */
    replay_world_run_to(&world, at_ms(2401));
    pct_order order = replay_world_order(&world, replay_world_unit(&world, "A").order);
    ck_assert_int_eq(order.expected_travel_ms, 65 * SECOND_MS);
    /* 2,400 + 5 + 60 + 65 + 600 + 100 s: it goes back to P1, from 3,295 s to 4,295 s, and then waits for its line. */
    ck_assert_int_eq(seen_at(3270), 9750);
    ck_assert_int_eq(seen_at(5000), 10000);
    ck_assert_int_eq(seen_at(6200), 9000); /* half of the line */
    ck_assert_int_eq(seen_at(6800), 4000); /* homeward */
    replay_world_run_to(&world, at_ms(7300));
    ck_assert_int_eq(replay_world_unit(&world, "A").status, PCT_UNIT_AT_STATION);
    const pct_tour_figures figures = pct_tours_figures(world.tours, at_ms(0), at_ms(9999));
    ck_assert_uint_eq(figures.musts.done, 2);
    ck_assert_uint_eq(figures.called_away, 1);
    close_world();
}

static pct_status count_event(void *context, const pct_event *event, pct_error *error) {
    (void)error;
    *(int64_t *)context = event->seq;
    return PCT_OK;
}

TEST(replay_with_rounds_leaves_the_board_that_the_simulator_leaves) {
    pct_error error;
    pct_report report;
    pct_operations *operations;
    int64_t events = 0;
    /* The shift begins after the first call, which no car can handle: at one moment a desk takes calls first. */
    open_world_of(REPLAY_CALLS "z,2026-03-02T05:00:00,strange,3,0.001000,0\n"
                               "a,2026-03-02T08:00:00,job,3,0.000000,0\n"
                               "b,2026-03-02T08:40:00,job,3,0.009350,0\n"
                               "c,2026-03-02T11:00:00,job,3,0.001000,0\n");
    pct_operations_input input = replay_world_input(&world);
    input.tours = new_tours();
    input.observer = (pct_event_observer){&events, count_event};
    input.settings.keep_closed = true;
    test_ok(pct_operations_new(&input, &operations, &error), &error);
    test_ok(pct_operations_run(operations, world.seed, &report, &error), &error);
    while (replay_world_seq(&world) < events)
        replay_world_run_to(&world, pct_replay_next_due_ms(world.replay));
    ck_assert_int_eq(replay_world_seq(&world), events);
    ck_assert_uint_eq(replay_world_digest(&world), report.board_digest);
    ck_assert_uint_eq(report.tours.musts.done,
                      pct_tours_figures(world.tours, at_ms(0), at_ms(9999)).musts.done);
    pct_operations_free(operations);
    pct_tours_free(input.tours);
    close_world();
}

TEST(unit_in_a_persons_hands_leaves_its_round_and_takes_it_up_again) {
    pct_error error;
    open_world();
    replay_world_run_to(&world, at_ms(1500));
    pct_unit unit = replay_world_unit(&world, "A");
    test_ok(pct_replay_take_over(world.replay, unit.id, true, &error), &error);
    ck_assert_int_eq(seen_at(1900), 5000);
    test_ok(pct_replay_take_over(world.replay, unit.id, false, &error), &error);
    ck_assert_int_eq(seen_at(2100), 7000);
    close_world();
}

TEST(unit_that_a_person_places_goes_on_with_its_round_from_there) {
    open_world();
    replay_world_run_to(&world, at_ms(1500));
    pct_event_data data = {.unit_positioned = {.position = sim_world_at_m(8000)}};
    (void)replay_world_person(&world, PCT_COMMAND_POSITION_UNIT,
                              (pct_id){replay_world_unit(&world, "A").id.seq, 'U'}, &data);
    ck_assert_int_eq(seen_at(1600), 9000);
    close_world();
}

TEST(shift_that_ends_on_a_round_ends_it) {
    open_world();
    replay_world_run_to(&world, at_ms(10 * 3600 + 60));
    ck_assert_int_eq(replay_world_unit(&world, "A").status, PCT_UNIT_OFF_DUTY);
    ck_assert(pct_replay_figures_view(world.replay).finished);
    close_world();
}

TEST_MAIN("replay_rounds", TEST_CASE(idle_unit_moves_along_its_round),
          TEST_CASE(unit_is_sent_from_where_it_is_on_its_round_and_comes_back_to_it),
          TEST_CASE(replay_with_rounds_leaves_the_board_that_the_simulator_leaves),
          TEST_CASE(unit_in_a_persons_hands_leaves_its_round_and_takes_it_up_again),
          TEST_CASE(unit_that_a_person_places_goes_on_with_its_round_from_there),
          TEST_CASE(shift_that_ends_on_a_round_ends_it))
