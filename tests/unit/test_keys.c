/* keys.db wrapped by the agency's key: what lay bare is wrapped whole or not at all, nothing bare is left on the disk, and no
 * other key is taken. */
#include <sqlite3.h>
#include <string.h>

#include "store/page_check.h"
#include "support/desk_world.h"
#include "support/test.h"

enum { KEYS_MAX = 64 };

static desk_world world;
static unsigned char bare[KEYS_MAX][PCT_STORE_KEY_BYTES];
static size_t bare_count;

static void work(int steps) {
    pct_error error;
    for (int i = 0; i < steps; i++) test_ok(desk_world_step(&world, 12, &error), &error);
}

static void note_keys(void) {
    sqlite3 *db;
    sqlite3_stmt *rows;
    ck_assert_int_eq(pct_page_open("site/keys.db", &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT bytes FROM key LIMIT 64", -1, &rows, NULL), SQLITE_OK);
    for (bare_count = 0; sqlite3_step(rows) == SQLITE_ROW; bare_count++) {
        ck_assert_int_eq(sqlite3_column_bytes(rows, 0), PCT_STORE_KEY_BYTES);
        memcpy(bare[bare_count], sqlite3_column_blob(rows, 0), PCT_STORE_KEY_BYTES);
    }
    ck_assert_uint_gt(bare_count, 10);
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

static bool disk_holds_a_bare_key(void) {
    for (size_t i = 0; i < bare_count; i++)
        if (power_disk_holds((const char *)bare[i], PCT_STORE_KEY_BYTES)) return true;
    return false;
}

/* A record whose keys lie bare, as they did before there was an agency's key. */
static void make_bare(uint64_t seed) {
    desk_world_begin(&world, seed);
    world.agency = 0;
    desk_world_start(&world);
    work(20);
    desk_world_close(&world);
    note_keys();
    ck_assert(disk_holds_a_bare_key());
    world.agency = 7;
}

TEST(keys_that_lay_bare_are_wrapped_and_open_what_they_sealed) {
    make_bare(1);
    desk_world_start(&world);
    ck_assert(!disk_holds_a_bare_key());
    work(10);
    const char *fault = desk_world_find_fault(&world, true);
    ck_assert_msg(!fault, "%s", fault);
    desk_world_close(&world);
    ck_assert(!disk_holds_a_bare_key());
    power_disk_free();
}

TEST(keys_are_refused_to_another_agency_key_and_to_none) {
    pct_error error;
    make_bare(2);
    desk_world_start(&world);
    desk_world_close(&world);
    world.agency = 8;
    ck_assert_int_eq(desk_world_open(&world, &error), PCT_INPUT);
    test_error_says(&error, "agency.key: not the agency key");
    desk_world_close(&world);
    world.agency = 0;
    ck_assert_int_eq(desk_world_open(&world, &error), PCT_INPUT);
    test_error_says(&error, "wrapped by an agency key");
    desk_world_close(&world);
    world.agency = 7;
    const char *fault = desk_world_find_fault(&world, false);
    ck_assert_msg(!fault, "%s", fault);
    desk_world_close(&world);
    power_disk_free();
}

/* The formats before: no saved board, no row about the agency's key, no kind of a closure. */
static void make_older(void) {
    static const char *const changes[][2] = {
        {"site/keys.db", "DROP TABLE agency; PRAGMA user_version = 1"},
        {"site/record.db",
         "DROP TABLE saved_board; DROP TABLE closure;"
         "CREATE TABLE closure (id INTEGER PRIMARY KEY, ordered_at INTEGER NOT NULL, until INTEGER NOT NULL,"
         " ended_at INTEGER NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, lift_reason TEXT NOT NULL,"
         " status TEXT NOT NULL, both_ways INTEGER NOT NULL) STRICT;"
         "PRAGMA user_version = 1"}};
    for (int i = 0; i < 2; i++) {
        sqlite3 *db;
        ck_assert_int_eq(pct_page_open(changes[i][0], &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
        ck_assert_int_eq(sqlite3_exec(db, changes[i][1], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
    }
}

/* The power fails, or one operation does, at every moment of the first opening with a key. */
static void fail_everywhere(power_fault kind, bool older) {
    pct_error error;
    bool came = true;
    make_bare(3);
    if (older) make_older();
    power_disk_save();
    const desk_world made = world;
    for (uint64_t at = 1; came; at++) {
        world = made;
        power_disk_reset(at);
        power_disk_arm(kind, at);
        (void)!desk_world_open(&world, &error);
        desk_world_close(&world);
        came = power_disk_fault_came();
        if (kind == POWER_CUT && came) power_disk_restore();
        power_disk_arm(POWER_NO_FAULT, 0);
        const char *fault = desk_world_find_fault(&world, false);
        ck_assert_msg(!fault, "operation %d: %s", (int)at, fault);
        ck_assert_msg(!disk_holds_a_bare_key(), "operation %d: a bare key is left", (int)at);
        desk_world_close(&world);
        ck_assert_uint_lt(at, 2000);
    }
    power_disk_free();
}

TEST(keys_are_wrapped_whole_or_not_at_all_whenever_the_power_fails) {
    fail_everywhere(POWER_CUT, false);
}

TEST(keys_and_record_of_an_older_format_are_whole_whenever_the_power_fails) {
    fail_everywhere(POWER_CUT, true);
}

TEST(keys_and_record_of_an_older_format_are_whole_whatever_operation_fails) {
    fail_everywhere(POWER_FAIL, true);
}

TEST(keys_are_wrapped_whole_or_not_at_all_whatever_operation_fails) {
    fail_everywhere(POWER_FAIL, false);
}

/* A wrapped key stands for one object alone. */
TEST(keys_moved_to_another_object_open_nothing) {
    pct_error error;
    make_bare(4);
    desk_world_start(&world);
    desk_world_close(&world);
    sqlite3 *db;
    ck_assert_int_eq(pct_page_open("site/keys.db", &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db,
                                  "UPDATE key SET bytes = (SELECT bytes FROM key ORDER BY id LIMIT 1)"
                                  " WHERE id = (SELECT max(id) FROM key)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    desk_world_start(&world);
    ck_assert_int_eq(pct_desk_rebuild(world.desk, &error), PCT_DAMAGED);
    desk_world_close(&world);
    power_disk_free();
}

TEST_MAIN("keys", TEST_CASE(keys_that_lay_bare_are_wrapped_and_open_what_they_sealed),
          TEST_CASE(keys_are_refused_to_another_agency_key_and_to_none),
          TEST_CASE(keys_are_wrapped_whole_or_not_at_all_whenever_the_power_fails),
          TEST_CASE(keys_are_wrapped_whole_or_not_at_all_whatever_operation_fails),
          TEST_CASE(keys_and_record_of_an_older_format_are_whole_whenever_the_power_fails),
          TEST_CASE(keys_and_record_of_an_older_format_are_whole_whatever_operation_fails),
          TEST_CASE(keys_moved_to_another_object_open_nothing))
