/* Laws of learning: from the tracks of units that drive at given speeds by band, these speeds come back; what few units and
 * few days stand behind is not published; who stands on scene changes nothing. */
#include "road/learn.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "cli/drawn_track.h"
#include "support/roads.h"
#include "support/test.h"

#define HOUR_MS INT64_C(3600000)
static const char bands_table[] =
    "band,days,from_hour,to_hour,name_zh,name_en\n"
    "day,every,6,22,日,day\nnight,every,22,24,夜,night\nnight,every,0,6,夜,night\n";
static const char *const town[] = {"A--B--C--D", "|  |  |  |", "|  |  |  |", "E--F--G--H", NULL};

typedef struct world {
    pct_bands bands;
    pct_zone zone;
    pct_road *road;
    pct_router *router;
    pct_learner *learner;
    pct_matcher *matcher;
    pct_rng rng;
    uint32_t unit;
    pct_learnt_profile profile;
    int64_t start_ms;
} world;

static void hear(void *context, const pct_match_leg *leg) {
    world *w = context;
    pct_error error;
    test_ok(pct_learner_add(w->learner, w->unit, w->profile, leg, &error), &error);
}

static void open_world(world *w) {
    pct_error error;
    const pct_match_sink sink = {hear, NULL, w};
    const pct_match_options options = {.sigma_m = 4.0};
    *w = (world){.zone = pct_zone_utc(),
                 .road = test_road_drawn(town),
                 .rng = pct_rng_init(1, 0),
                 .profile = PCT_LEARNT_RESPONSE};
    test_ok(pct_bands_read("bands.csv", pct_text_of(bands_table), &w->bands, &error), &error);
    test_ok(pct_router_new(w->road, &w->router, &error), &error);
    test_ok(pct_learner_new(w->road, &w->bands, &w->zone, &w->learner, &error), &error);
    test_ok(pct_matcher_new(w->road, &options, &sink, &w->matcher, &error), &error);
    ck_assert(pct_zone_parse(&w->zone, pct_text_of("2026-10-05T00:00"), &w->start_ms, NULL));
}

static void close_world(world *w) {
    pct_matcher_free(w->matcher);
    pct_learner_free(w->learner);
    pct_router_free(w->router);
    pct_road_free(w->road);
}

/* From one letter to another, `pace` times as long as at 36 km/h, seen each second; stands on the way for so long. */
static void drive(world *w, char from, char to, int day, int hour, double pace, int64_t stand_ms) {
    pct_error error;
    pct_route route;
    pct_drawn_track track = pct_drawn_track_init();
    const pct_drive how = {w->start_ms + day * PCT_DAY_MS + hour * HOUR_MS, 1000, 2.0, pace};
    test_ok(pct_router_route(w->router, test_road_point(w->road, from), test_road_point(w->road, to), &route,
                             &error),
            &error);
    test_ok(pct_drawn_track_drive(&track, w->road, route.legs, route.leg_count, &how, &w->rng, &error),
            &error);
    const pct_match_fix *fixes = track.fixes.items;
    for (size_t i = 0; i < track.fixes.length; i++) {
        pct_match_fix fix = fixes[i];
        if (i > track.fixes.length / 2) fix.at_ms += stand_ms;
        for (int64_t s = 0; i == track.fixes.length / 2 && s < stand_ms; s += 1000)
            pct_matcher_push(w->matcher, (pct_match_fix){fix.at_ms + s, fix.position});
        if (i != track.fixes.length / 2 || stand_ms == 0) pct_matcher_push(w->matcher, fix);
    }
    pct_matcher_finish(w->matcher);
    pct_drawn_track_dispose(&track);
}

static pct_learnt finish(world *w) {
    pct_error error;
    pct_learnt learnt;
    test_ok(pct_learner_finish(w->learner, &learnt, &error), &error);
    return learnt;
}

static void near(double found, double expected) {
    ck_assert_double_ge(found, expected * 0.93);
    ck_assert_double_le(found, expected * 1.07);
}

TEST(speeds_by_band_are_recovered_from_tracks) {
    world w;
    open_world(&w);
    for (int day = 0; day < 6; day++)
        for (w.unit = 0; w.unit < 4; w.unit++) {
            drive(&w, 'A', 'H', day, 8, 2.0, 0); /* 18 km/h by day, 45 by night */
            drive(&w, 'H', 'A', day, 12, 2.0, 0);
            drive(&w, 'A', 'H', day, 23, 0.8, 0);
        }
    pct_learnt learnt = finish(&w);
    const pct_learnt_figure *day = &learnt.classes[PCT_LEARNT_RESPONSE][0][PCT_ROAD_RESIDENTIAL];
    const pct_learnt_figure *night = &learnt.classes[PCT_LEARNT_RESPONSE][1][PCT_ROAD_RESIDENTIAL];
    near(day->kmh, 18.0);
    near(night->kmh, 45.0);
    ck_assert_uint_eq(day->basis.units, 4);
    ck_assert_int_eq(day->basis.until_day - day->basis.since_day, 5);
    ck_assert_uint_ge(day->basis.n, 4 * 6 * 2 * 2);
    ck_assert_uint_gt(learnt.segment_count, 5);
    for (size_t i = 0; i < learnt.segment_count; i++) {
        near(learnt.segments[i].figure.kmh, learnt.segments[i].band == 0 ? 18.0 : 45.0);
        ck_assert_uint_ge(learnt.segments[i].figure.basis.n, PCT_LEARN_SEGMENT_DRIVES);
    }
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) {
        ck_assert(c == PCT_ROAD_RESIDENTIAL || learnt.classes[PCT_LEARNT_RESPONSE][0][c].kmh == 0.0);
        ck_assert(learnt.classes[PCT_LEARNT_PATROL][0][c].kmh == 0.0);
    }
    pct_learnt_dispose(&learnt);
    close_world(&w);
}

TEST(a_slow_street_has_its_own_figure_beside_its_class) {
    world w;
    open_world(&w);
    for (int i = 0; i < 24; i++)
        for (uint32_t segment = 0; segment < 6; segment++) {
            pct_error error;
            const int64_t begin_ms = w.start_ms + i % 5 * PCT_DAY_MS + 9 * HOUR_MS;
            uint32_t length_mm = w.road->network.segments[segment].length_mm;
            const pct_match_leg leg = {.segment = segment,
                                       .to_mm = length_mm,
                                       .from_ms = begin_ms,
                                       .to_ms = begin_ms + length_mm / 10 * (segment == 4 ? 4 : 1)};
            test_ok(pct_learner_add(w.learner, (uint32_t)i % 3, PCT_LEARNT_RESPONSE, &leg, &error), &error);
        }
    pct_learnt learnt = finish(&w);
    near(learnt.classes[PCT_LEARNT_RESPONSE][0][PCT_ROAD_RESIDENTIAL].kmh, 36.0);
    size_t slow = 0;
    for (size_t i = 0; i < learnt.segment_count; i++) slow += learnt.segments[i].figure.kmh < 12.0;
    ck_assert_uint_eq(slow, 1);
    pct_learnt_dispose(&learnt);
    close_world(&w);
}

static pct_learnt learn_from(world *w, uint32_t units, int days) {
    open_world(w);
    for (int i = 0; i < 30; i++) {
        w->unit = (uint32_t)i % units;
        drive(w, 'A', 'H', i == 29 ? days : i % (days + 1), 9, 1.0, 0);
    }
    return finish(w);
}

TEST(figures_of_few_units_and_few_days_are_not_published) {
    const struct {
        uint32_t units;
        int days;
        bool published;
    } cases[] = {{1, 5, false}, {2, 27, false}, {2, 28, true}, {3, 0, true}, {1, 28, true}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        world w;
        pct_learnt learnt = learn_from(&w, cases[c].units, cases[c].days);
        ck_assert_uint_gt(pct_learner_drives(w.learner), 80);
        ck_assert_int_eq(learnt.classes[PCT_LEARNT_RESPONSE][0][PCT_ROAD_RESIDENTIAL].kmh > 0.0,
                         cases[c].published);
        ck_assert_int_eq(learnt.segment_count > 0, cases[c].published);
        pct_learnt_dispose(&learnt);
        close_world(&w);
    }
}

TEST(few_drives_are_no_figure) {
    world w;
    open_world(&w);
    for (int i = 0; i < PCT_LEARN_SEGMENT_DRIVES - 1; i++) {
        w.unit = (uint32_t)i % 5;
        drive(&w, 'A', 'C', 1, 9, 1.0, 0);
    }
    pct_learnt learnt = finish(&w);
    ck_assert_uint_eq(learnt.segment_count, 0);
    ck_assert(learnt.classes[PCT_LEARNT_RESPONSE][0][PCT_ROAD_RESIDENTIAL].kmh == 0.0);
    pct_learnt_dispose(&learnt);
    close_world(&w);
}

/* Three of four stop for a quarter of an hour in the middle of B–C; a red light of half a minute is traffic. */
TEST(stops_on_scene_are_left_out_and_red_lights_are_not) {
    const struct {
        int64_t stand_ms;
        double kmh;
        uint32_t n;
    } cases[] = {{900000, 36.0, 30}, {30000, 18.0, 120}};
    for (size_t c = 0; c < 2; c++) {
        world w;
        open_world(&w);
        for (int i = 0; i < 120; i++) {
            w.unit = (uint32_t)i % 6;
            drive(&w, 'A', 'D', 1, 9, 1.0, i % 4 ? cases[c].stand_ms : 0);
        }
        pct_learnt learnt = finish(&w);
        bool found = false;
        for (size_t i = 0; i < learnt.segment_count; i++) {
            uint32_t tail = w.road->network.segments[learnt.segments[i].arc_segment >> 1].tail;
            if (w.road->network.node_source[tail] != 'B') continue;
            near(learnt.segments[i].figure.kmh, cases[c].kmh);
            ck_assert_uint_le(learnt.segments[i].figure.basis.n, cases[c].n);
            ck_assert_uint_ge(learnt.segments[i].figure.basis.n + 8, cases[c].n);
            found = true;
        }
        ck_assert(found);
        pct_learnt_dispose(&learnt);
        close_world(&w);
    }
}

TEST(what_is_learnt_is_written_and_read_again) {
    world w;
    pct_error error;
    pct_learnt learnt = learn_from(&w, 3, 4), again;
    pct_buffer first = pct_buffer_init(1 << 20), second = pct_buffer_init(1 << 20);
    test_ok(pct_learnt_write(&learnt, &w.bands, &w.road->network, &first, &error), &error);
    test_ok(pct_learnt_read("learnt_speeds.csv", pct_text_of(pct_buffer_chars(&first)), &w.bands, w.road,
                            &again, &error),
            &error);
    test_ok(pct_learnt_write(&again, &w.bands, &w.road->network, &second, &error), &error);
    ck_assert_uint_gt(again.segment_count, 1);
    ck_assert_str_eq(pct_buffer_chars(&first), pct_buffer_chars(&second));
    pct_buffer_dispose(&first);
    pct_buffer_dispose(&second);
    pct_learnt_dispose(&learnt);
    pct_learnt_dispose(&again);
    close_world(&w);
}

TEST_MAIN("learn: laws", TEST_CASE(speeds_by_band_are_recovered_from_tracks),
          TEST_CASE(a_slow_street_has_its_own_figure_beside_its_class),
          TEST_CASE(figures_of_few_units_and_few_days_are_not_published), TEST_CASE(few_drives_are_no_figure),
          TEST_CASE(stops_on_scene_are_left_out_and_red_lights_are_not),
          TEST_CASE(what_is_learnt_is_written_and_read_again))
