/* Destroyed positions are told by the desk: each day of a class once, whatever is cut between the record and the tracks. */
#include "desk/tracks_told.h"

#include "ledger/read.h"
#include "support/desk_world.h"
#include "support/test.h"

static desk_world world;

static int64_t tell(pct_track_class class, int64_t until_ms, int64_t rows) {
    pct_error error;
    int64_t seq;
    const pct_event_tracks_thinned destroyed = {.class = class, .until = until_ms, .rows = rows};
    test_ok(pct_desk_tell_tracks(world.desk, &destroyed, &seq, &error), &error);
    return seq;
}

static pct_status see(void *context, const pct_event *event, pct_error *error) {
    pct_event_tracks_thinned **at = context;
    (void)error;
    if (event->type == PCT_EVENT_TRACKS_THINNED) *(*at)++ = event->data.tracks_thinned;
    return PCT_OK;
}

TEST(destroyed_positions_are_told_once_for_each_day_and_class_also_after_a_restart) {
    pct_event_tracks_thinned seen[8] = {0}, *end = seen;
    pct_error error;
    desk_world_begin(&world, 1);
    desk_world_start(&world);
    ck_assert_int_gt(tell(PCT_TRACK_CLASS_RAW, 86400000, 12), 0);
    ck_assert_int_eq(tell(PCT_TRACK_CLASS_RAW, 86400000, 12), 0);
    ck_assert_int_gt(tell(PCT_TRACK_CLASS_THINNED, 86400000, 3), 0);
    desk_world_restart(&world);
    ck_assert_int_eq(tell(PCT_TRACK_CLASS_RAW, 86400000, 12), 0);
    ck_assert_int_gt(tell(PCT_TRACK_CLASS_RAW, 2 * 86400000, 5), 0);
    test_ok(pct_ledger_each_event(world.store, 1, INT64_MAX, see, &end, &error), &error);
    ck_assert_int_eq(end - seen, 3);
    ck_assert_int_eq(seen[0].rows, 12);
    ck_assert_int_eq(seen[1].class, PCT_TRACK_CLASS_THINNED);
    ck_assert_int_eq(seen[2].until, 2 * 86400000);
    desk_world_close(&world);
    const char *fault = desk_world_find_fault(&world, true);
    ck_assert_msg(!fault, "%s", fault);
    desk_world_end(&world);
}

TEST_MAIN("desk_tracks_told",
          TEST_CASE(destroyed_positions_are_told_once_for_each_day_and_class_also_after_a_restart))
