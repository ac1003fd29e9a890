/* Map matching on networks drawn by hand: which segments, when, and what is told of positions that fit nowhere. Metres east
 * and north of a corner. */
#include "road/match.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "support/roads.h"
#include "support/test.h"

enum {
    LEGS_MAX = 200,
    MISSES_MAX = 50,
    BOTH = 15,
    ALONG = PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD
};

typedef struct heard {
    pct_match_leg legs[LEGS_MAX];
    pct_match_miss misses[MISSES_MAX];
    size_t leg_count, miss_count;
} heard;

typedef struct world {
    pct_road *road;
    pct_matcher *matcher;
    pct_plane plane;
    heard heard;
    int64_t now_ms;
    double east_m, north_m; /* where the unit was last */
} world;

static void hear_leg(void *context, const pct_match_leg *leg) {
    heard *h = context;
    if (h->leg_count < LEGS_MAX) h->legs[h->leg_count++] = *leg; /* an assertion here would allocate */
}

static void hear_miss(void *context, const pct_match_miss *miss) {
    heard *h = context;
    if (h->miss_count < MISSES_MAX) h->misses[h->miss_count++] = *miss;
}

typedef struct spot {
    double east_m, north_m;
} spot;
typedef struct line {
    int from, to, flags;
} line;

/* Straight segments between spots; node ids are their places in the list. */
static void open_world(world *w, const spot *spots, int spot_count, const line *lines, int line_count) {
    pct_network_builder *builder;
    pct_network network;
    pct_error error;
    uint32_t number;
    pct_speeds speeds = pct_speeds_uniform(36.0);
    *w = (world){.plane = pct_plane_at((pct_position){1000000000, 300000000})};
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (int i = 0; i < spot_count; i++)
        test_ok(pct_network_add_node(builder, i,
                                     pct_plane_from_m(&w->plane, spots[i].east_m, spots[i].north_m), &number,
                                     &error),
                &error);
    for (int i = 0; i < line_count; i++) {
        spot a = spots[lines[i].from], b = spots[lines[i].to];
        pct_segment s = {.way = i,
                         .tail = (uint32_t)lines[i].from,
                         .head = (uint32_t)lines[i].to,
                         .length_mm =
                             (uint32_t)lround(1000.0 * hypot(a.east_m - b.east_m, a.north_m - b.north_m)),
                         .flags = (uint8_t)lines[i].flags,
                         .road_class = PCT_ROAD_RESIDENTIAL};
        test_ok(pct_network_add_segment(builder, &s, NULL, 0, &number, &error), &error);
    }
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    pct_network_builder_free(builder);
    w->road = test_road_of(&network, &speeds);
    const pct_match_sink sink = {hear_leg, hear_miss, &w->heard};
    const pct_match_options options = {.sigma_m = 5.0};
    test_ok(pct_matcher_new(w->road, &options, &sink, &w->matcher, &error), &error);
}

static void close_world(world *w) {
    pct_matcher_free(w->matcher);
    pct_road_free(w->road);
}

static void see(world *w, double east_m, double north_m) {
    pct_matcher_push(w->matcher, (pct_match_fix){w->now_ms, pct_plane_from_m(&w->plane, east_m, north_m)});
    w->east_m = east_m;
    w->north_m = north_m;
}

/* Goes straight on at 10 m/s and is seen once a second on the way. */
static void go(world *w, double east_m, double north_m) {
    double way_m = hypot(east_m - w->east_m, north_m - w->north_m), a = w->east_m, b = w->north_m;
    for (double at_m = 10.0; at_m <= way_m; at_m += 10.0) {
        w->now_ms += 1000;
        see(w, a + (east_m - a) * at_m / way_m, b + (north_m - b) * at_m / way_m);
    }
}

static void begin(world *w, double east_m, double north_m) {
    see(w, east_m, north_m);
}

/* "0+ 1- 1+" are the segments driven, along or against the direction in which they were drawn; | between chains. */
static void expect(world *w, const char *driven) {
    char found[LEGS_MAX * 5] = "";
    pct_matcher_finish(w->matcher);
    for (size_t i = 0; i < w->heard.leg_count; i++) {
        const pct_match_leg *leg = &w->heard.legs[i];
        const char *between = i == 0 ? "" : leg->chain != leg[-1].chain ? " | " : " ";
        size_t used = strlen(found);
        (void)snprintf(found + used, sizeof found - used, "%s%u%c", between, leg->segment,
                       leg->backward ? '-' : '+');
        ck_assert_int_le(leg->from_ms, leg->to_ms);
        if (i > 0 && leg->chain == leg[-1].chain) ck_assert_int_eq(leg->from_ms, leg[-1].to_ms);
    }
    ck_assert_str_eq(found, driven);
}

static void near_ms(int64_t found_ms, int64_t expected_ms) {
    ck_assert_int_le(llabs(found_ms - expected_ms), 1500);
}

static const spot row_spots[] = {{0, 0}, {300, 0}, {600, 0}, {900, 0}, {300, 200}, {300, -250}};
static const line row_lines[] = {{0, 1, BOTH}, {2, 1, BOTH}, {2, 3, BOTH}, {1, 4, BOTH}, {1, 5, BOTH}};

static void open_row(world *w) {
    open_world(w, row_spots, 6, row_lines, 5);
}

TEST(legs_have_their_segments_directions_and_times) {
    world w;
    open_row(&w);
    begin(&w, 40, 3);
    go(&w, 700, -3);
    expect(&w, "0+ 1- 2+");
    const pct_match_leg *legs = w.heard.legs;
    near_ms(legs[0].to_ms, 26000);
    near_ms(legs[1].to_ms, 56000);
    near_ms(legs[2].to_ms, 66000);
    ck_assert_int_eq(legs[0].from_ms, 0);
    ck_assert_uint_eq(legs[1].from_mm, 300000);
    ck_assert_uint_eq(legs[1].to_mm, 0);
    ck_assert_int_le(llabs((int64_t)legs[0].from_mm - 40000), 100);
    ck_assert_int_le(llabs((int64_t)legs[2].to_mm - 100000), 1000);
    pct_match_counters counters = pct_matcher_counters(w.matcher);
    ck_assert_uint_eq(counters.unmatched, 0);
    ck_assert_uint_eq(counters.chains, 1);
    ck_assert_uint_eq(counters.positions, 67);
    ck_assert_int_le(llabs((int64_t)counters.distance_mm - 660000), 1000);
    close_world(&w);
}

TEST(a_turn_off_is_followed_and_a_crossing_road_is_not) {
    world w;
    open_row(&w);
    begin(&w, 50, 2);
    go(&w, 300, 0);
    go(&w, 302, 180);
    expect(&w, "0+ 3+");
    close_world(&w);
    open_row(&w);
    begin(&w, 50, -2);
    go(&w, 850, -2);
    expect(&w, "0+ 1- 2+");
    close_world(&w);
}

TEST(turning_round_on_a_road_is_seen) {
    world w;
    open_row(&w);
    begin(&w, 100, 0);
    go(&w, 450, 0);
    go(&w, 100, 0);
    expect(&w, "0+ 1- 1+ 0-");
    ck_assert_int_le(llabs((int64_t)w.heard.legs[1].to_mm - 150000), 15000);
    ck_assert_uint_eq(w.heard.legs[1].to_mm, w.heard.legs[2].from_mm);
    near_ms(w.heard.legs[2].from_ms, 35000);
    close_world(&w);
}

TEST(noise_turns_nobody_round) {
    world w;
    pct_rng rng = pct_rng_init(5, 0);
    open_row(&w);
    begin(&w, 20, 0);
    for (int i = 0; i < 85; i++) {
        w.now_ms += 1000;
        see(&w, 20 + 10 * i + 5 * pct_rng_normal(&rng), 5 * pct_rng_normal(&rng));
    }
    expect(&w, "0+ 1- 2+");
    close_world(&w);
}

/* Two roads 20 m apart, joined at their ends. */
TEST(of_two_parallel_roads_the_one_that_was_driven) {
    const spot spots[] = {{0, 0}, {600, 0}, {0, 20}, {600, 20}};
    const line lines[] = {{0, 1, BOTH}, {2, 3, BOTH}, {0, 2, BOTH}, {1, 3, BOTH}};
    world w;
    open_world(&w, spots, 4, lines, 4);
    begin(&w, 50, 1);
    go(&w, 250, 2);
    w.now_ms += 2000; /* three positions in a row nearer to the other road */
    see(&w, 270, 12);
    w.now_ms += 2000;
    see(&w, 290, 13);
    w.now_ms += 2000;
    see(&w, 310, 12);
    go(&w, 550, -1);
    expect(&w, "0+");
    close_world(&w);
}

TEST(of_two_carriageways_the_one_in_whose_direction_was_driven) {
    const spot spots[] = {{0, 0}, {600, 0}, {0, 16}, {600, 16}};
    const line lines[] = {{0, 1, ALONG}, {3, 2, ALONG}, {0, 2, BOTH}, {1, 3, BOTH}};
    for (int west = 0; west <= 1; west++) {
        world w;
        open_world(&w, spots, 4, lines, 4);
        begin(&w, west ? 550 : 50, 8);
        go(&w, west ? 50 : 550, 8);
        expect(&w, west ? "1+" : "0+");
        close_world(&w);
    }
}

TEST(a_way_against_the_traffic_is_taken_only_when_there_is_no_other) {
    const int emergency_back = ALONG | PCT_SEGMENT_EMERGENCY_BACKWARD;
    const spot spots[] = {{0, 0}, {600, 0}, {0, 16}, {600, 16}};
    const line lines[] = {{0, 1, emergency_back}, {3, 2, emergency_back}, {0, 2, BOTH}, {1, 3, BOTH}};
    world w;
    open_world(&w, spots, 4, lines, 4);
    begin(&w, 550, 7);
    go(&w, 50, 7); /* nearer to the eastbound one */
    expect(&w, "1+");
    close_world(&w);
    open_world(&w, spots, 4, lines, 1);
    begin(&w, 550, 7);
    go(&w, 50, 7);
    expect(&w, "0-");
    close_world(&w);
}

TEST(a_tunnel_without_positions_is_driven_through) {
    const spot spots[] = {{0, 0}, {200, 0}, {2200, 0}, {2400, 0}, {200, 150}, {2200, 150}};
    const line lines[] = {
        {0, 1, BOTH}, {1, 2, BOTH | PCT_SEGMENT_TUNNEL}, {2, 3, BOTH}, {1, 4, BOTH}, {2, 5, BOTH}};
    world w;
    open_world(&w, spots, 6, lines, 5);
    begin(&w, 20, 2);
    go(&w, 180, 2);
    w.now_ms += 204000;
    see(&w, 2220, -2);
    go(&w, 2380, 0);
    expect(&w, "0+ 1+ 2+");
    near_ms(w.heard.legs[1].from_ms, 18000);
    near_ms(w.heard.legs[1].to_ms, 218000);
    ck_assert_uint_eq(pct_matcher_counters(w.matcher).gaps, 0);
    close_world(&w);
}

TEST(a_long_silence_ends_a_chain) {
    world w;
    open_row(&w);
    begin(&w, 40, 0);
    go(&w, 250, 0);
    w.now_ms += 301000;
    see(&w, 620, 0);
    go(&w, 880, 0);
    expect(&w, "0+ | 2+");
    ck_assert_uint_eq(pct_matcher_counters(w.matcher).gaps, 1);
    ck_assert_uint_eq(pct_matcher_counters(w.matcher).chains, 2);
    ck_assert_uint_eq(w.heard.miss_count, 0);
    close_world(&w);
}

/* A road that nothing leads to: the unit was ferried, or the map lacks a bridge. */
TEST(where_no_way_leads_on_another_chain_begins) {
    const spot spots[] = {{0, 0}, {600, 0}, {0, 500}, {600, 500}};
    const line lines[] = {{0, 1, BOTH}, {2, 3, BOTH}};
    world w;
    open_world(&w, spots, 4, lines, 2);
    begin(&w, 40, 0);
    go(&w, 400, 0);
    w.now_ms += 60000;
    see(&w, 400, 500);
    go(&w, 100, 500);
    expect(&w, "0+ | 1-");
    ck_assert_uint_eq(pct_matcher_counters(w.matcher).gaps, 1);
    ck_assert_uint_eq(w.heard.miss_count, 0);
    close_world(&w);
}

TEST(a_single_position_elsewhere_is_an_outlier) {
    const spot spots[] = {{0, 0}, {600, 0}, {0, 500}, {600, 500}};
    const line lines[] = {{0, 1, BOTH}, {2, 3, BOTH}};
    world w;
    open_world(&w, spots, 4, lines, 2);
    begin(&w, 40, 0);
    go(&w, 200, 0);
    for (int i = 0; i < 2; i++) {
        w.now_ms += 1000;
        see(&w, 210 + 10 * i, 490);
    }
    w.now_ms += 1000;
    see(&w, 230, 0);
    go(&w, 500, 0);
    expect(&w, "0+");
    ck_assert_uint_eq(w.heard.miss_count, 2);
    ck_assert_int_eq(w.heard.misses[0].reason, PCT_MATCH_OUTLIER);
    ck_assert_double_eq_tol(w.heard.misses[0].distance_m, 10.0, 0.1);
    ck_assert_uint_eq(pct_matcher_counters(w.matcher).gaps, 0);
    close_world(&w);
}

TEST(faster_than_anybody_drives_is_no_way) {
    world w;
    open_row(&w);
    begin(&w, 40, 0);
    go(&w, 100, 0);
    w.now_ms += 1000;
    see(&w, 700, 0); /* 600 m in a second */
    w.now_ms += 1000;
    see(&w, 120, 0);
    go(&w, 250, 0);
    expect(&w, "0+");
    ck_assert_uint_eq(w.heard.miss_count, 1);
    close_world(&w);
}

TEST(positions_far_from_any_road_are_counted_with_how_far) {
    world w;
    open_row(&w);
    begin(&w, 40, 0);
    go(&w, 200, 0);
    w.now_ms += 1000;
    see(&w, 100, 180); /* 180 m from the row, 200 m from the side road */
    w.now_ms += 1000;
    see(&w, 0, 30000);
    w.now_ms += 18000;
    see(&w, 240, 0);
    go(&w, 290, 0);
    expect(&w, "0+");
    ck_assert_uint_eq(w.heard.miss_count, 2);
    ck_assert_int_eq(w.heard.misses[0].reason, PCT_MATCH_FAR);
    ck_assert_double_eq_tol(w.heard.misses[0].distance_m, 180.0, 0.5);
    ck_assert(isinf(w.heard.misses[1].distance_m));
    ck_assert_uint_eq(pct_matcher_counters(w.matcher).unmatched, 2);
    close_world(&w);
}

TEST(standing_is_one_stop_on_one_leg) {
    world w;
    pct_rng rng = pct_rng_init(7, 0);
    open_row(&w);
    begin(&w, 40, 0);
    go(&w, 200, 0);
    for (int i = 0; i < 600; i++) {
        w.now_ms += 1000;
        see(&w, 200 + 3 * (pct_rng_unit(&rng) - 0.5), 3 * (pct_rng_unit(&rng) - 0.5));
    }
    w.east_m = 200;
    w.north_m = 0;
    go(&w, 500, 0);
    expect(&w, "0+ 1-");
    ck_assert_int_le(llabs((int64_t)w.heard.legs[0].stood_ms - 600000), 3000);
    ck_assert_uint_eq(w.heard.legs[1].stood_ms, 0);
    near_ms(w.heard.legs[0].to_ms, 626000);
    close_world(&w);
}

TEST(who_only_stands_has_one_leg_without_length) {
    world w;
    open_row(&w);
    begin(&w, 40, 0);
    for (int i = 0; i < 100; i++) {
        w.now_ms += 1000;
        see(&w, 40 + i % 3, i % 2);
    }
    pct_matcher_finish(w.matcher);
    ck_assert_uint_eq(w.heard.leg_count, 1);
    ck_assert_uint_eq(w.heard.legs[0].stood_ms, 100000);
    ck_assert_uint_eq(w.heard.legs[0].from_mm, w.heard.legs[0].to_mm);
    ck_assert_uint_eq(w.heard.miss_count, 0);
    close_world(&w);
}

TEST(a_position_alone_and_one_out_of_time_are_unmatched) {
    world w;
    open_row(&w);
    begin(&w, 40, 0);
    expect(&w, "");
    ck_assert_int_eq(w.heard.misses[0].reason, PCT_MATCH_ALONE);
    begin(&w, 40, 0); /* another track may begin at the same time */
    see(&w, 60, 0);
    w.now_ms += 2000;
    see(&w, 60, 0);
    expect(&w, "0+");
    ck_assert_uint_eq(w.heard.miss_count, 2);
    ck_assert_int_eq(w.heard.misses[1].reason, PCT_MATCH_LATE);
    close_world(&w);
}

TEST(matching_allocates_nothing) {
    world w;
    open_row(&w);
    size_t before = test_allocation_count();
    begin(&w, 40, 3);
    go(&w, 700, -3);
    go(&w, 40, 4);
    w.now_ms += 1000;
    see(&w, 0, 400);
    pct_matcher_finish(w.matcher);
    ck_assert_uint_eq(test_allocation_count(), before);
    ck_assert_uint_gt(w.heard.leg_count, 5);
    close_world(&w);
}

static pct_status attempt(void *context) {
    pct_matcher *matcher = NULL;
    const pct_match_sink sink = {hear_leg, NULL, NULL};
    const pct_match_options options = {0};
    pct_status status = pct_matcher_new(context, &options, &sink, &matcher, NULL);
    pct_matcher_free(matcher);
    return status;
}

TEST(failing_allocations_are_returned) {
    world w;
    open_row(&w);
    ck_assert_uint_eq(test_torture(attempt, w.road), 2);
    close_world(&w);
}

TEST_MAIN("match", TEST_CASE(legs_have_their_segments_directions_and_times),
          TEST_CASE(a_turn_off_is_followed_and_a_crossing_road_is_not),
          TEST_CASE(turning_round_on_a_road_is_seen), TEST_CASE(noise_turns_nobody_round),
          TEST_CASE(of_two_parallel_roads_the_one_that_was_driven),
          TEST_CASE(of_two_carriageways_the_one_in_whose_direction_was_driven),
          TEST_CASE(a_way_against_the_traffic_is_taken_only_when_there_is_no_other),
          TEST_CASE(a_tunnel_without_positions_is_driven_through), TEST_CASE(a_long_silence_ends_a_chain),
          TEST_CASE(where_no_way_leads_on_another_chain_begins),
          TEST_CASE(a_single_position_elsewhere_is_an_outlier),
          TEST_CASE(faster_than_anybody_drives_is_no_way),
          TEST_CASE(positions_far_from_any_road_are_counted_with_how_far),
          TEST_CASE(standing_is_one_stop_on_one_leg), TEST_CASE(who_only_stands_has_one_leg_without_length),
          TEST_CASE(a_position_alone_and_one_out_of_time_are_unmatched),
          TEST_CASE(matching_allocates_nothing), TEST_CASE(failing_allocations_are_returned))
