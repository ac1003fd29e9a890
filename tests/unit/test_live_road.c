/* The road that is exchanged under those who use it: threads ask for ways while closures come and go. */
#include "resource/live_road.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "road/dijkstra.h"
#include "support/codes.h"
#include "support/patrol.h"
#include "support/roads.h"
#include "support/test.h"

enum {
    READERS = 3,
    ROUNDS = 25,
    HOUR_MS = 3600000,
    WAIT_MS = 5000,
    WAIT_STEP_MS = 2,
    CLOSED_BELOW = ROUNDS + 7
};

typedef struct world {
    char folder[64];
    pct_codes *codes;
    pct_store *store;
    pct_desk *desk;
    pct_road *road, *patrol;
    pct_live_road *live;
    pct_live_bands bands;
    atomic_llong clock_ms;
    atomic_bool stop;
    atomic_llong looks, closed_looks;
} world;

static void open_record(world *w) {
    pct_error error;
    const pct_store_options store = {.folder = w->folder};
    test_ok(pct_store_open(&store, &w->store, &error), &error);
    const pct_desk_options desk = {.store = w->store, .codes = w->codes, .epoch = 1, .map_version = 1};
    test_ok(pct_desk_open(&desk, &w->desk, &error), &error);
    test_ok(pct_desk_start(w->desk, &error), &error);
    test_ok(pct_live_road_new(w->road, w->patrol, w->bands.site ? &w->bands : NULL, w->desk, w->folder,
                              &w->live, &error),
            &error);
}

static void close_record(world *w) {
    pct_live_road_free(w->live);
    pct_desk_close(w->desk);
    pct_store_close(w->store);
}

static void open_world(world *w, uint64_t seed) {
    pct_rng rng = pct_rng_init(seed, 0);
    memset(w, 0, sizeof *w);
    memcpy(w->folder, "/tmp/precinct-live-XXXXXX", sizeof "/tmp/precinct-live-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(w->folder));
    w->codes = test_codes();
    const pct_speeds speeds = pct_speeds_uniform(36.0);
    w->road = test_road_random(&rng, 150);
    w->patrol = test_patrol_road(w->road, &speeds);
    open_record(w);
}

static void close_world(world *w) {
    static const char *const leaves[] = {"record.db", "record.db-wal", "record.db-shm",
                                         "keys.db",   "keys.db-wal",   "keys.db-shm"};
    close_record(w);
    pct_road_free(w->patrol);
    pct_road_free(w->road);
    pct_codes_free(w->codes);
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", w->folder, leaves[i]);
        (void)unlink(path);
    }
    (void)rmdir(w->folder);
}

static pct_id submit(world *w, const pct_command *command) {
    pct_error error;
    const pct_desk_request request = {.lane = PCT_LANE_DISPATCH,
                                      .command = *command,
                                      .account = pct_text_of("anna"),
                                      .role = PCT_ROLE_DISPATCHER};
    pct_desk_reply reply;
    test_ok(pct_desk_submit_and_wait(w->desk, &request, &reply, &error), &error);
    pct_live_road_poke(w->live);
    return reply.object;
}

static int64_t now_ms(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static pct_id close_segment(world *w, uint32_t segment) {
    const pct_road_ref ref = pct_closed_ref(pct_road_network(w->road), segment, false);
    const pct_position middle = pct_closed_middle(w->road, segment);
    pct_command command;
    memset(&command, 0, sizeof command);
    command.kind = PCT_COMMAND_ORDER_CLOSURE;
    command.data.closure_ordered = (pct_event_closure_ordered){.kind = PCT_CLOSURE_KIND_CLOSE,
                                                               .reason = PCT_CLOSURE_REASON_WORKS,
                                                               .until = now_ms() + HOUR_MS,
                                                               .both_ways = true,
                                                               .roads = &ref,
                                                               .roads_count = 1,
                                                               .points = &middle,
                                                               .points_count = 1};
    return submit(w, &command);
}

static void lift(world *w, pct_id id) {
    pct_command command;
    memset(&command, 0, sizeof command);
    command.kind = PCT_COMMAND_LIFT_CLOSURE;
    command.object = id;
    command.data.closure_lifted.reason = PCT_CLOSURE_LIFT_CLEARED;
    (void)submit(w, &command);
}

/* The road follows. */
static void wait_for(world *w, size_t closures) {
    const struct timespec step = {0, WAIT_STEP_MS * 1000000L};
    for (int waited_ms = 0; waited_ms < WAIT_MS; waited_ms += WAIT_STEP_MS) {
        const pct_live_version *v = pct_live_road_hold(w->live);
        size_t seen = v->closure_count;
        pct_live_road_release(w->live, v);
        if (seen == closures) return;
        (void)nanosleep(&step, NULL);
    }
    ck_abort_msg("the road does not follow its closures");
}

/* Inside a segment that no test closes: patrol's Dijkstra lets nobody out of a junction whose roads are all closed. */
static pct_road_point inner_point(const pct_network *net, pct_rng *rng) {
    uint32_t segment = CLOSED_BELOW + pct_rng_below(rng, net->segment_count - CLOSED_BELOW);
    return (pct_road_point){segment, net->segments[segment].length_mm / 2};
}

static bool is_whole(const pct_live_version *v, const pct_road *road, pct_router *router, pct_rng *rng) {
    pct_error error;
    pct_dijkstra *slow;
    const pct_network *net = pct_road_network(road);
    if (pct_dijkstra_new(road, &slow, &error) != PCT_OK) return false;
    pct_router_take_road(router, road);
    bool same = true;
    for (int i = 0; i < 8 && same; i++) {
        pct_road_point a = inner_point(net, rng), b = inner_point(net, rng);
        same = pct_router_time_ms(router, a, b) == pct_dijkstra_time_ms(slow, a, b);
    }
    pct_dijkstra_free(slow);
    for (size_t c = 0; c < v->closure_count && same; c++) {
        uint32_t segment = v->closures[c].segments[0].segment;
        for (uint32_t arc = 0; arc < net->arc_count; arc++)
            same &= net->arc_segment[arc] >> 1 != segment || pct_road_drive_ms(road, arc) == PCT_NO_WAY_MS;
    }
    return same;
}

static void *read_on(void *context) {
    world *w = context;
    pct_error error;
    pct_router *router, *patrol;
    pct_rng rng = pct_rng_init((uint64_t)(uintptr_t)&router, 3);
    if (pct_router_new(w->road, &router, &error) != PCT_OK) return w;
    if (pct_router_new(w->patrol, &patrol, &error) != PCT_OK) return w;
    void *failed = NULL;
    while (!atomic_load(&w->stop) && !failed) {
        const pct_live_version *v = pct_live_road_hold(w->live);
        if (!is_whole(v, v->road, router, &rng) || !is_whole(v, v->patrol, patrol, &rng)) failed = w;
        (void)atomic_fetch_add(&w->looks, 1);
        (void)atomic_fetch_add(&w->closed_looks, v->closure_count > 0);
        pct_live_road_release(w->live, v);
    }
    pct_router_free(router);
    pct_router_free(patrol);
    return failed;
}

TEST(readers_see_whole_roads_while_closures_come_and_go) {
    world w;
    pthread_t readers[READERS];
    open_world(&w, 11);
    for (int i = 0; i < READERS; i++) ck_assert_int_eq(pthread_create(&readers[i], NULL, read_on, &w), 0);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        pct_id first = close_segment(&w, round % pct_road_network(w.road)->segment_count);
        wait_for(&w, 1);
        pct_id second = close_segment(&w, (round + 7) % pct_road_network(w.road)->segment_count);
        wait_for(&w, 2);
        lift(&w, first);
        lift(&w, second);
        wait_for(&w, 0);
    }
    atomic_store(&w.stop, true);
    for (int i = 0; i < READERS; i++) {
        void *failed;
        (void)pthread_join(readers[i], &failed);
        ck_assert_msg(!failed, "a reader saw a road that is not one");
    }
    ck_assert_int_gt(atomic_load(&w.looks), READERS);
    ck_assert_int_gt(atomic_load(&w.closed_looks), 0);
    const pct_live_version *v = pct_live_road_hold(w.live);
    ck_assert_ptr_eq(v->patrol, w.patrol);
    ck_assert_ptr_eq(v->road, w.road); /* nothing closed is the open road itself */
    pct_live_road_release(w.live, v);
    close_world(&w);
}

TEST(held_road_stays_as_it_was_and_a_start_closes_what_is_open) {
    world w;
    open_world(&w, 12);
    const pct_live_version *before = pct_live_road_hold(w.live);
    (void)close_segment(&w, 3);
    wait_for(&w, 1);
    ck_assert_uint_eq(before->closure_count, 0);
    ck_assert_ptr_eq(before->road, w.road);
    pct_live_road_release(w.live, before);
    close_record(&w);
    open_record(&w);
    const pct_live_version *v = pct_live_road_hold(w.live);
    ck_assert_uint_eq(v->closure_count, 1);
    ck_assert_uint_eq(v->closures[0].count, 1);
    ck_assert_uint_eq(v->closures[0].segments[0].segment, 3);
    ck_assert_uint_eq(v->closures[0].missing, 0);
    for (uint32_t arc = 0; arc < w.road->network.arc_count; arc++) /* in both profiles */
        if (w.road->network.arc_segment[arc] >> 1 == 3)
            ck_assert(pct_road_drive_ms(v->road, arc) == PCT_NO_WAY_MS &&
                      pct_road_drive_ms(v->patrol, arc) == PCT_NO_WAY_MS);
    pct_live_road_release(w.live, v);
    close_world(&w);
}

static int64_t set_clock(void *context) {
    world *w = context;
    return atomic_load(&w->clock_ms);
}

static const char *band_of(const pct_live_version *v, pct_profile profile) {
    return v->bands[profile] ? v->bands[profile]->code : "none";
}

/* As the road of that band would be with the same closures: metric, own segments, and bounds that hold. */
static bool is_of_band(const pct_road *without, const pct_live_version *v, const pct_site_bands *site,
                       int band) {
    pct_error error;
    pct_road *base = NULL, *closed = NULL;
    if (band >= 0)
        test_ok(pct_road_of_band(without, &site->learnt, band, &site->base, &base, &error), &error);
    const pct_road *open = base ? base : without;
    const pct_road *shown = without->profile == PCT_PROFILE_PATROL ? v->patrol : v->road;
    const pct_closed_segment *segments = v->closure_count > 0 ? v->closures[0].segments : NULL;
    test_ok(pct_road_close(open, segments, v->closure_count, &closed, &error), &error);
    bool same = memcmp(shown->metric.ms, closed->metric.ms,
                       closed->hierarchy.arc_count * sizeof *closed->metric.ms) == 0 &&
                shown->crow.ms_per_m <= open->crow.ms_per_m && shown->max_speed_mps >= open->max_speed_mps;
    for (uint32_t a = 0; a < without->network.arc_count && shown->own_ms; a++)
        same &= shown->own_ms[a] == closed->own_ms[a];
    pct_road_free(closed);
    pct_road_free(base);
    return same;
}

static void expect_band(world *w, const pct_site_bands *site, const char *code, const char *patrol_code,
                        size_t closures) {
    const struct timespec step = {0, WAIT_STEP_MS * 1000000L};
    bool found = false;
    for (int waited_ms = 0; waited_ms < WAIT_MS && !found; waited_ms += WAIT_STEP_MS) {
        const pct_live_version *v = pct_live_road_hold(w->live);
        found = strcmp(band_of(v, PCT_PROFILE_RESPONSE), code) == 0 &&
                strcmp(band_of(v, PCT_PROFILE_PATROL), patrol_code) == 0 && v->closure_count == closures;
        if (found) {
            const pct_bands *bands = &site->bands;
            ck_assert(is_of_band(w->road, v, site, pct_bands_named(bands, pct_text_of(code))));
            ck_assert(is_of_band(w->patrol, v, site, pct_bands_named(bands, pct_text_of(patrol_code))));
        }
        pct_live_road_release(w->live, v);
        if (!found) (void)nanosleep(&step, NULL);
    }
    ck_assert_msg(found, "the road does not take the band %s", code);
}

static int64_t closures_of(world *w) {
    const pct_live_version *v = pct_live_road_hold(w->live);
    int64_t number = v->closed_number;
    pct_live_road_release(w->live, v);
    return number;
}

TEST(road_takes_the_band_of_the_clock_and_keeps_its_closures) {
    static const char table[] =
        "band,days,from_hour,to_hour,name_zh,name_en\n"
        "day,every,7,17,白天,day\nevening,every,17,22,傍晚,evening\n"
        "night,every,22,24,夜间,night\nnight,every,0,5,夜间,night\ndawn,every,5,7,清晨,dawn\n";
    static const char rows[] = "class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n"
                               "residential,,,,day,response,18,,,,\nresidential,,,,evening,response,90,,,,\n"
                               "residential,,,,day,patrol,12,,,,\nresidential,,,,dawn,patrol,80,,,,\n";
    enum { DAY = 12, EVENING = 18, NIGHT = 23, DAWN = 5 };
    pct_error error;
    world w;
    open_world(&w, 13);
    close_record(&w);
    pct_site_bands site = {.base = pct_speeds_uniform(36.0), .has_learnt = true};
    const pct_zone zone = pct_zone_utc();
    test_ok(pct_bands_read("bands.csv", pct_text_of(table), &site.bands, &error), &error);
    test_ok(
        pct_learnt_read("learnt_speeds.csv", pct_text_of(rows), &site.bands, w.road, &site.learnt, &error),
        &error);
    w.bands = (pct_live_bands){&site, &zone, set_clock, &w};
    atomic_store(&w.clock_ms, (int64_t)DAY * HOUR_MS);
    open_record(&w);
    const pct_live_version *v = pct_live_road_hold(w.live); /* at start directly */
    ck_assert_str_eq(band_of(v, PCT_PROFILE_RESPONSE), "day");
    pct_live_road_release(w.live, v);
    expect_band(&w, &site, "day", "day", 0);
    pct_id closure = close_segment(&w, 5);
    expect_band(&w, &site, "day", "day", 1);
    const int64_t closed_number = closures_of(&w);
    atomic_store(&w.clock_ms, (int64_t)EVENING * HOUR_MS);
    expect_band(&w, &site, "evening", "none", 1);
    ck_assert_int_eq(closures_of(&w), closed_number); /* a band closes nothing */
    lift(&w, closure);
    expect_band(&w, &site, "evening", "none", 0);
    ck_assert_int_eq(closures_of(&w), closed_number + 1);
    atomic_store(&w.clock_ms, (int64_t)NIGHT * HOUR_MS);
    expect_band(&w, &site, "none", "none", 0);
    v = pct_live_road_hold(w.live);
    ck_assert_ptr_eq(v->road, w.road);
    ck_assert_ptr_eq(v->patrol, w.patrol);
    pct_live_road_release(w.live, v);
    atomic_store(&w.clock_ms,
                 (int64_t)DAWN * HOUR_MS); /* faster than the site's table, and for patrol alone */
    expect_band(&w, &site, "none", "dawn", 0);
    pct_learnt_dispose(&site.learnt);
    close_world(&w);
}

TEST_MAIN("live road", TEST_CASE(road_takes_the_band_of_the_clock_and_keeps_its_closures),
          TEST_CASE(readers_see_whole_roads_while_closures_come_and_go),
          TEST_CASE(held_road_stays_as_it_was_and_a_start_closes_what_is_open))
