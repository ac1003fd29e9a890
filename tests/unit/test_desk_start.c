/* Starting from the saved board: equal to replaying all events, and given up for them whenever it is not what was saved. */
#include <sqlite3.h>
#include <string.h>

#include "base/digest.h"
#include "store/page_check.h"
#include "support/desk_world.h"
#include "support/test.h"

static desk_world world;

static void open_world(uint64_t seed) {
    desk_world_begin(&world, seed);
    desk_world_start(&world);
}

static void work(int steps) {
    pct_error error;
    for (int i = 0; i < steps; i++) test_ok(desk_world_step(&world, 12, &error), &error);
}

static void change_record(const char *sql) {
    sqlite3 *db;
    char *why = NULL;
    ck_assert_int_eq(pct_page_open("site/record.db", &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) ck_abort_msg("%s", why);
    ck_assert_int_gt(sqlite3_changes(db), 0);
    sqlite3_close(db);
}

/* One bit of one byte; false when there is no such byte. */
static bool flip_saved(int at) {
    sqlite3 *db;
    sqlite3_blob *blob;
    unsigned char byte;
    ck_assert_int_eq(pct_page_open("site/record.db", &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    ck_assert_int_eq(sqlite3_blob_open(db, "main", "saved_board", "bytes", 1, 1, &blob), SQLITE_OK);
    bool there = at < sqlite3_blob_bytes(blob);
    if (there) {
        ck_assert_int_eq(sqlite3_blob_read(blob, &byte, 1, at), SQLITE_OK);
        byte ^= (unsigned char)(1 << at % 8);
        ck_assert_int_eq(sqlite3_blob_write(blob, &byte, 1, at), SQLITE_OK);
    }
    ck_assert_int_eq(sqlite3_blob_close(blob), SQLITE_OK);
    sqlite3_close(db);
    return there;
}

static void open_again(void) {
    desk_world_restart(&world);
}

/* Of everything that readers can see. */
static uint64_t shown_digest(void) {
    const pct_snapshot *s = pct_desk_snapshot(world.desk);
    uint64_t digest = 0;
    const pct_desk_call *c = NULL;
    while ((c = pct_snapshot_next_call(s, c ? c->call.id : (pct_call_id){0})) != NULL) {
        digest = pct_digest_fold(digest, &c->call, sizeof c->call);
        digest = pct_digest_fold(digest, c->type.chars, c->type.length);
    }
    const pct_desk_incident *i = NULL;
    while ((i = pct_snapshot_next_incident(s, i ? i->incident.id : (pct_incident_id){0})) != NULL) {
        const int64_t n[] = {i->incident.id.seq, i->incident.status,          i->incident.has_position,
                             i->incident.calls,  i->incident.position.lon_e7, i->incident.ended_at_ms};
        digest = pct_digest_fold(digest, n, sizeof n);
        digest = pct_digest_fold(digest, i->found_type.chars, i->found_type.length);
    }
    const pct_desk_order *o = NULL;
    while ((o = pct_snapshot_next_order(s, o ? o->order.id : (pct_order_id){0})) != NULL) {
        const int64_t n[] = {o->order.id.seq, o->order.status, o->order.deadline_ms, o->order.unit.seq};
        digest = pct_digest_fold(digest, n, sizeof n);
    }
    const pct_desk_unit *u = NULL;
    while ((u = pct_snapshot_next_unit(s, u ? u->unit.id : (pct_unit_id){0})) != NULL) {
        const int64_t n[] = {u->unit.id.seq, u->unit.status, u->unit.order.seq, u->unit.index};
        digest = pct_digest_fold(digest, n, sizeof n);
        digest = pct_digest_fold(digest, u->unit.name.chars, u->unit.name.length);
    }
    pct_snapshot_release(s);
    return digest;
}

static pct_desk_counters counters(void) {
    return pct_desk_counters_view(world.desk);
}

static int64_t events(void) {
    const pct_snapshot *s = pct_desk_snapshot(world.desk);
    int64_t seq = pct_snapshot_seq(s);
    pct_snapshot_release(s);
    return seq;
}

/* Ten histories, each stopped and started ten times: with the saved board, and with all events. */
TEST(desk_starts_from_the_saved_board_as_from_all_events) {
    for (uint64_t seed = 1; seed <= 10; seed++) {
        open_world(seed);
        for (int round = 0; round < 10; round++) {
            open_again();                                  /* what follows, follows the saved board */
            world.now_ms += round % 3 == 2 ? 90000000 : 0; /* more than a day: what has ended is forgotten */
            work(10);
            uint64_t board = desk_world_board_digest(world.desk), shown = shown_digest();
            open_again();
            ck_assert_int_eq(counters().saved, PCT_SAVED_USED);
            ck_assert_int_eq(counters().replayed, 0);
            ck_assert_uint_eq(desk_world_board_digest(world.desk), board);
            ck_assert_uint_eq(shown_digest(), shown);
            desk_world_close(&world);
            change_record("DELETE FROM saved_board");
            open_again();
            ck_assert_int_eq(counters().saved, PCT_SAVED_NONE);
            ck_assert_int_eq(counters().replayed, events());
            ck_assert_uint_eq(desk_world_board_digest(world.desk), board);
            ck_assert_uint_eq(shown_digest(), shown);
        }
        desk_world_end(&world);
    }
}

/* What a crash leaves: an older board, and the events behind it. */
TEST(desk_replays_only_the_events_behind_the_saved_board) {
    open_world(3);
    work(40);
    desk_world_close(&world);
    change_record("UPDATE saved_board SET bytes = bytes"); /* it is there */
    desk_world_start(&world);
    int64_t before = events();
    work(3);
    uint64_t board = desk_world_board_digest(world.desk), shown = shown_digest();
    int64_t behind = events() - before;
    power_disk_arm(POWER_CUT, 1); /* closing saves nothing more */
    desk_world_close(&world);
    power_disk_restore();
    desk_world_start(&world);
    ck_assert_int_eq(counters().saved, PCT_SAVED_USED);
    ck_assert_int_le(counters().replayed, behind);
    ck_assert_uint_eq(desk_world_board_digest(world.desk), board);
    ck_assert_uint_eq(shown_digest(), shown);
    desk_world_end(&world);
}

static void check_given_up(const char *sql, pct_saved_board why) {
    uint64_t board = desk_world_board_digest(world.desk);
    desk_world_close(&world);
    change_record(sql);
    open_again();
    if (counters().saved != why) ck_abort_msg("after '%s': %d", sql, (int)counters().saved);
    ck_assert_int_eq(counters().replayed, events());
    ck_assert_uint_eq(desk_world_board_digest(world.desk), board);
    open_again(); /* it was saved anew */
    ck_assert_int_eq(counters().saved, PCT_SAVED_USED);
}

TEST(desk_replays_all_events_when_the_saved_board_has_a_changed_byte) {
    open_world(4);
    work(30);
    uint64_t board = desk_world_board_digest(world.desk);
    bool more = true;
    for (int at = 0; more; at += at < 200 ? 1 : 97) {
        desk_world_close(&world);
        more = flip_saved(at);
        open_again();
        ck_assert_int_eq(counters().saved, more ? PCT_SAVED_DAMAGED : PCT_SAVED_USED);
        ck_assert_int_eq(counters().replayed, more ? events() : 0);
        ck_assert_uint_eq(desk_world_board_digest(world.desk), board);
    }
    desk_world_end(&world);
}

TEST(desk_replays_all_events_when_the_saved_board_is_of_another_log) {
    open_world(5);
    work(30);
    check_given_up("UPDATE saved_board SET bytes = x'00'", PCT_SAVED_DAMAGED);
    /* the frontier of another log: the leaves are the same, what was committed with them is not */
    uint64_t board = desk_world_board_digest(world.desk);
    desk_world_close(&world);
    change_record("UPDATE frontier SET size = size + 1");
    open_again();
    ck_assert_int_eq(counters().saved, PCT_SAVED_OTHER);
    ck_assert_int_eq(counters().replayed, events());
    ck_assert_uint_eq(desk_world_board_digest(world.desk), board);
    desk_world_end(&world);
}

/* The last group of the log is gone, but the board that had seen it is there. */
TEST(desk_replays_all_events_when_the_log_ends_before_the_saved_board) {
    open_world(6);
    work(30);
    int64_t had = events();
    desk_world_close(&world);
    change_record("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)");
    open_again();
    ck_assert_int_eq(counters().saved, PCT_SAVED_OTHER);
    ck_assert_int_eq(events(), had - 1);
    work(3);
    ck_assert_int_gt(events(), had - 1);
    desk_world_end(&world);
}

TEST(desk_forgets_an_erased_position_as_a_replay_does) {
    open_world(7);
    pct_error error;
    int64_t keys;
    work(30);
    const pct_snapshot *s = pct_desk_snapshot(world.desk);
    pct_incident_id id = pct_snapshot_next_incident(s, (pct_incident_id){0})->incident.id;
    ck_assert(pct_snapshot_incident(s, id)->incident.has_position);
    pct_snapshot_release(s);
    const pct_erasure erasure = {
        .object = {.kind = 'I', .seq = id.seq}, .account = {"li", 2}, .role = PCT_ROLE_SYSTEM};
    test_ok(pct_desk_erase(world.desk, &erasure, &keys, &error), &error);
    s = pct_desk_snapshot(world.desk);
    ck_assert(!pct_snapshot_incident(s, id)->incident.has_position);
    pct_snapshot_release(s);
    uint64_t board = desk_world_board_digest(world.desk), shown = shown_digest();
    power_disk_arm(POWER_CUT, 1);
    desk_world_close(&world);
    power_disk_restore();
    desk_world_start(&world);
    ck_assert_int_eq(counters().saved, PCT_SAVED_NONE); /* no board that knew it is left */
    ck_assert_uint_eq(desk_world_board_digest(world.desk), board);
    ck_assert_uint_eq(shown_digest(), shown);
    work(20);
    open_again();
    ck_assert_int_eq(counters().saved, PCT_SAVED_USED);
    desk_world_end(&world);
}

static void check_rebuilt_equal(void) {
    pct_table_digest before[PCT_TABLES_MAX], after[PCT_TABLES_MAX];
    pct_error error;
    size_t count;
    uint64_t board = desk_world_board_digest(world.desk), shown = shown_digest();
    test_ok(pct_store_digest_tables(world.store, before, &count, &error), &error);
    test_ok(pct_desk_rebuild(world.desk, &error), &error);
    test_ok(pct_store_digest_tables(world.store, after, &count, &error), &error);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(before[i].rows, after[i].rows);
        ck_assert_msg(before[i].digest == after[i].digest, "%s differs", before[i].table);
    }
    ck_assert_uint_eq(desk_world_board_digest(world.desk), board);
    ck_assert_uint_eq(shown_digest(), shown);
}

/* Sealed values come from the keys that still exist; what was erased stays empty. */
TEST(desk_tables_made_again_after_erasing_are_equal_row_by_row) {
    open_world(9);
    pct_error error;
    int64_t keys;
    work(30);
    check_rebuilt_equal();
    const pct_snapshot *s = pct_desk_snapshot(world.desk);
    const pct_id ids[] = {
        {.kind = 'C', .seq = pct_snapshot_next_call(s, (pct_call_id){0})->call.id.seq},
        {.kind = 'I', .seq = pct_snapshot_next_incident(s, (pct_incident_id){0})->incident.id.seq},
        {.kind = 'O', .seq = pct_snapshot_next_order(s, (pct_order_id){0})->order.id.seq}};
    pct_snapshot_release(s);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const pct_erasure erasure = {.object = ids[i], .account = {"li", 2}, .role = PCT_ROLE_SYSTEM};
        test_ok(pct_desk_erase(world.desk, &erasure, &keys, &error), &error);
        check_rebuilt_equal();
    }
    work(20);
    open_again();
    check_rebuilt_equal();
    desk_world_end(&world);
}

TEST(desk_erased_words_do_not_come_back_after_a_power_cut) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        open_world(seed);
        pct_error error;
        int64_t keys;
        pct_desk_request request = desk_world_call("", "CANARY-CUT");
        pct_desk_reply reply = desk_world_do(&world, &request, &error);
        work(3);
        const pct_erasure erasure = {.object = reply.object, .account = {"li", 2}, .role = PCT_ROLE_SYSTEM};
        ck_assert(power_disk_holds("CANARY-CUT", 10));
        test_ok(pct_desk_erase(world.desk, &erasure, &keys, &error), &error);
        power_disk_arm(POWER_CUT, 1);
        desk_world_close(&world);
        power_disk_restore();
        ck_assert(!power_disk_holds("CANARY-CUT", 10));
        desk_world_end(&world);
    }
}

/* On a desk that works: commands come in from other threads meanwhile. */
TEST(desk_erases_and_rebuilds_while_it_works) {
    open_world(8);
    pct_error error;
    int64_t keys;
    pct_desk_reply reply;
    work(20);
    test_ok(pct_desk_start(world.desk, &error), &error);
    pct_desk_request request = desk_world_call("", "CANARY-LIVE");
    test_ok(pct_desk_submit_and_wait(world.desk, &request, &reply, &error), &error);
    int64_t call = reply.object.seq;
    const pct_erasure erasure = {
        .object = {.kind = 'C', .seq = call}, .account = {"li", 2}, .role = PCT_ROLE_SYSTEM};
    test_ok(pct_desk_erase(world.desk, &erasure, &keys, &error), &error);
    ck_assert_int_eq(keys, 1);
    ck_assert(pct_desk_wait(world.desk, call, 5000)); /* who listens hears of it */
    test_ok(pct_desk_rebuild(world.desk, &error), &error);
    test_ok(pct_desk_submit_and_wait(world.desk, &request, &reply, &error), &error);
    pct_desk_stop(world.desk);
    ck_assert_int_eq(reply.object.seq, call + 2);
    uint64_t board = desk_world_board_digest(world.desk);
    open_again();
    ck_assert_uint_eq(desk_world_board_digest(world.desk), board);
    desk_world_end(&world);
}

TEST_MAIN("desk start", TEST_CASE(desk_starts_from_the_saved_board_as_from_all_events),
          TEST_CASE(desk_replays_only_the_events_behind_the_saved_board),
          TEST_CASE(desk_replays_all_events_when_the_saved_board_has_a_changed_byte),
          TEST_CASE(desk_replays_all_events_when_the_saved_board_is_of_another_log),
          TEST_CASE(desk_replays_all_events_when_the_log_ends_before_the_saved_board),
          TEST_CASE(desk_forgets_an_erased_position_as_a_replay_does),
          TEST_CASE(desk_tables_made_again_after_erasing_are_equal_row_by_row),
          TEST_CASE(desk_erased_words_do_not_come_back_after_a_power_cut),
          TEST_CASE(desk_erases_and_rebuilds_while_it_works))
