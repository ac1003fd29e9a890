/* The map's change told by the desk: once for each change, on a disk that can be full, whatever was in the record before. */
#include "desk/map_told.h"

#include <string.h>

#include "ledger/seal.h"
#include "support/desk_world.h"
#include "support/test.h"

static desk_world world;

static void open_world(void) {
    desk_world_begin(&world, 1);
    desk_world_start(&world);
}

static void receive(const char *key) {
    pct_error error;
    pct_desk_request request = desk_world_call(key, "a noise");
    test_ok(desk_world_do(&world, &request, &error).status, &error);
}

static int64_t tell(int64_t version, const pct_event_map_updated *found) {
    pct_error error;
    int64_t seq;
    const pct_map_told map = {version, 5, "ab", found};
    test_ok(pct_desk_tell_map(world.desk, &map, &seq, &error), &error);
    return seq;
}

typedef struct seen {
    int count;
    pct_event_map_updated last;
    int64_t at_ms, header, newest_header;
} seen;

static pct_status see(void *context, const pct_stored_event *stored, pct_error *error) {
    seen *s = context;
    const pct_crypto *crypto;
    pct_arena arena = pct_arena_init(1 << 20);
    pct_event event;
    pct_status status = pct_crypto_sodium(&crypto, error);
    if (!status) status = pct_ledger_open(crypto, NULL, stored->bytes, &arena, &event, NULL, error);
    s->newest_header = event.map_version;
    if (!status && event.type == PCT_EVENT_MAP_UPDATED) {
        s->count++;
        s->last = event.data.map_updated;
        s->last.source_sha256 = (pct_text){"", 0};
        s->at_ms = event.occurred_at_ms;
        s->header = event.map_version;
    }
    pct_arena_dispose(&arena);
    return status;
}

static seen look(void) {
    pct_error error;
    seen s = {0};
    test_ok(pct_store_each_event(world.store, 1, INT64_MAX, see, &s, &error), &error);
    return s;
}

static void is_sound(void) {
    const char *fault;
    desk_world_close(&world);
    fault = desk_world_find_fault(&world, true);
    ck_assert_msg(!fault, "%s", fault);
}

TEST(a_change_is_told_once_and_a_record_without_events_tells_nothing) {
    open_world();
    ck_assert_int_eq(tell(1, NULL), 0);
    ck_assert_int_eq(tell(2, NULL), 0);
    receive("a");
    ck_assert_int_eq(look().newest_header, 2);
    ck_assert_int_eq(tell(2, NULL), 0);
    ck_assert_int_gt(tell(3, NULL), 0);
    ck_assert_int_eq(tell(3, NULL), 0);
    receive("b");
    ck_assert_int_eq(look().newest_header, 3);
    desk_world_restart(&world);
    ck_assert_int_eq(tell(3, NULL), 0);
    seen s = look();
    ck_assert_int_eq(s.count, 1);
    ck_assert_int_eq(s.last.version_before, 2);
    ck_assert_int_eq(s.last.version, 3);
    ck_assert_int_eq(s.header, 3);
    ck_assert_int_eq(s.at_ms, 5);
    is_sound();
    desk_world_end(&world);
}

TEST(an_older_map_is_a_change_too) {
    open_world();
    (void)tell(4, NULL);
    receive("a");
    ck_assert_int_gt(tell(2, NULL), 0);
    ck_assert_int_eq(tell(2, NULL), 0);
    ck_assert_int_gt(tell(4, NULL), 0);
    ck_assert_int_eq(look().count, 2);
    desk_world_end(&world);
}

TEST(what_was_found_between_other_versions_is_not_said) {
    const pct_event_map_updated found = {.version_before = 1,
                                         .version = 2,
                                         .segments_kept = 7,
                                         .has_segments_kept = true,
                                         .lost = {{9}},
                                         .lost_count = 1};
    open_world();
    (void)tell(1, NULL);
    receive("a");
    ck_assert_int_gt(tell(2, &found), 0);
    seen s = look();
    ck_assert(s.last.has_segments_kept && s.last.segments_kept == 7 && s.last.lost_count == 1);
    (void)tell(3, &found); /* another version than it brought */
    ck_assert(!look().last.has_segments_kept);
    (void)tell(2, &found); /* not from where it began */
    s = look();
    ck_assert_int_eq(s.last.version_before, 3);
    ck_assert(!s.last.has_segments_kept && s.last.lost_count == 0);
    ck_assert_int_eq(s.count, 3);
    is_sound();
    desk_world_end(&world);
}

TEST(a_record_of_no_map_does_not_explain_the_first) {
    open_world();
    receive("a");
    ck_assert_int_eq(look().newest_header, 0);
    ck_assert_int_eq(tell(1, NULL), 0);
    receive("b");
    ck_assert_int_eq(look().newest_header, 1);
    desk_world_end(&world);
}

/* The power goes at every operation of the telling in turn: one event afterwards, neither none nor two. */
TEST(a_power_cut_while_it_is_told_leaves_one_event) {
    pct_error error;
    int64_t seq;
    const pct_map_told map = {2, 5, "ab", NULL};
    int cuts = 0;
    for (uint64_t operation = 1;; operation++) {
        open_world();
        (void)tell(1, NULL);
        receive("a");
        power_disk_arm(POWER_CUT, operation);
        pct_status status = pct_desk_tell_map(world.desk, &map, &seq, &error);
        bool cut = power_disk_is_cut();
        desk_world_close(&world);
        power_disk_restore();
        desk_world_start(&world);
        int before = look().count;
        ck_assert(status || before == 1);
        ck_assert_int_eq(tell(2, NULL) != 0, before == 0);
        ck_assert_int_eq(tell(2, NULL), 0);
        ck_assert_int_eq(look().count, 1);
        cuts += cut && before == 0;
        is_sound();
        desk_world_end(&world);
        if (!cut) break;
    }
    ck_assert_int_gt(cuts, 1);
}

TEST(a_full_disk_leaves_it_to_the_next_opening) {
    pct_error error;
    int64_t seq;
    const pct_map_told map = {2, 5, "ab", NULL};
    open_world();
    (void)tell(1, NULL);
    receive("a");
    power_disk_arm(POWER_FULL, 1);
    ck_assert_int_eq(pct_desk_tell_map(world.desk, &map, &seq, &error), PCT_LIMIT);
    ck_assert_int_eq(seq, 0);
    power_disk_arm(POWER_NO_FAULT, 1);
    ck_assert_int_gt(tell(2, NULL), 0);
    ck_assert_int_eq(look().count, 1);
    is_sound();
    desk_world_end(&world);
}

TEST_MAIN("the map told", TEST_CASE(a_change_is_told_once_and_a_record_without_events_tells_nothing),
          TEST_CASE(an_older_map_is_a_change_too),
          TEST_CASE(what_was_found_between_other_versions_is_not_said),
          TEST_CASE(a_record_of_no_map_does_not_explain_the_first),
          TEST_CASE(a_power_cut_while_it_is_told_leaves_one_event),
          TEST_CASE(a_full_disk_leaves_it_to_the_next_opening))
