/* One flipped bit in any byte of a stored event, of its leaf or of the frontier is found by the verification of the log, and where. */
#include <sqlite3.h>
#include <string.h>

#include "ledger/log_check.h"
#include "store/page_check.h"
#include "support/desk_world.h"
#include "support/test.h"

static desk_world world;
static int64_t events, flips;

static void make_record(void) {
    pct_error error;
    desk_world_begin(&world, 1);
    desk_world_start(&world);
    for (int i = 0; i < 150; i++) test_ok(desk_world_step(&world, 12, &error), &error);
    test_ok(pct_store_last_seq(world.store, &events, &error), &error);
    desk_world_close(&world);
    ck_assert_int_gt(events, 300); /* more than a slice */
}

static pct_status check(pct_ledger_verdict *verdict, pct_error *error) {
    pct_store *store;
    const pct_crypto *crypto;
    const pct_store_options options = {.folder = "site", .vfs = POWER_DISK_VFS, .read_only = true};
    test_ok(pct_crypto_sodium(&crypto, error), error);
    pct_merkle tree = pct_merkle_init(crypto);
    test_ok(pct_store_open(&options, &store, error), error);
    pct_status status = pct_log_check(store, &tree, NULL, NULL, verdict, error);
    pct_store_close(store);
    return status;
}

static sqlite3 *open_record(void) {
    sqlite3 *db;
    ck_assert_int_eq(pct_page_open("site/record.db", &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    return db;
}

/* Flips one bit of a byte; false when there is no such byte. */
static bool flip(const char *table, const char *column, int64_t row, int at, unsigned bit) {
    sqlite3 *db = open_record();
    sqlite3_blob *blob;
    unsigned char byte;
    ck_assert_int_eq(sqlite3_blob_open(db, "main", table, column, row, 1, &blob), SQLITE_OK);
    bool there = at < sqlite3_blob_bytes(blob);
    if (there) {
        ck_assert_int_eq(sqlite3_blob_read(blob, &byte, 1, at), SQLITE_OK);
        byte ^= (unsigned char)(1u << bit);
        ck_assert_int_eq(sqlite3_blob_write(blob, &byte, 1, at), SQLITE_OK);
    }
    ck_assert_int_eq(sqlite3_blob_close(blob), SQLITE_OK);
    (void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_close(db);
    return there;
}

static void check_flips(const char *table, const char *column, int64_t row, int64_t bad_seq) {
    pct_ledger_verdict verdict;
    pct_error error;
    for (int at = 0;; at++) {
        unsigned bit = pct_rng_below(&world.rng, 8);
        if (!flip(table, column, row, at, bit)) break;
        pct_status status = check(&verdict, &error);
        ck_assert_msg(status == PCT_CHECK_FAILED, "%s.%s of %lld, byte %d, bit %u: %s", table, column,
                      (long long)row, at, bit, pct_status_name(status));
        ck_assert_int_eq(verdict.bad_seq, bad_seq);
        flips++;
        ck_assert(flip(table, column, row, at, bit));
    }
}

TEST(log_check_finds_a_flipped_bit_in_every_byte_of_events_and_leaves) {
    pct_ledger_verdict verdict;
    pct_error error;
    make_record();
    test_ok(check(&verdict, &error), &error);
    ck_assert_int_eq((int64_t)verdict.tree.size, events);
    const int64_t rows[] = {1, 257, 1 + pct_rng_below(&world.rng, (uint32_t)events)};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_flips("event", "bytes", rows[i], rows[i]);
        check_flips("event", "leaf", rows[i], rows[i]);
    }
    test_ok(check(&verdict, &error), &error);
    printf("flips of the log: %lld, unnoticed 0\n", (long long)flips);
    power_disk_free();
}

TEST(log_check_finds_a_flipped_bit_anywhere) {
    pct_ledger_verdict verdict;
    pct_error error;
    make_record();
    for (int i = 0; i < 150; i++) {
        int64_t row = 1 + pct_rng_below(&world.rng, (uint32_t)events);
        int at = (int)pct_rng_below(&world.rng, 200);
        unsigned bit = pct_rng_below(&world.rng, 8);
        if (!flip("event", "bytes", row, at, bit)) continue;
        ck_assert_int_eq(check(&verdict, &error), PCT_CHECK_FAILED);
        ck_assert_int_eq(verdict.bad_seq, row);
        ck_assert(flip("event", "bytes", row, at, bit));
    }
    power_disk_free();
}

TEST(log_check_finds_a_flipped_bit_in_every_byte_of_the_frontier) {
    make_record();
    check_flips("frontier", "bytes", 1, events);
    power_disk_free();
}

static void check_found(const char *change, const char *back, int64_t bad_seq) {
    pct_ledger_verdict verdict;
    pct_error error;
    sqlite3 *db = open_record();
    ck_assert_int_eq(sqlite3_exec(db, change, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    if (check(&verdict, &error) != PCT_CHECK_FAILED) ck_abort_msg("after '%s' it says sound", change);
    ck_assert_int_eq(verdict.bad_seq, bad_seq);
    db = open_record();
    ck_assert_int_eq(sqlite3_exec(db, back, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

TEST(log_check_finds_what_is_missing_and_what_is_too_much) {
    pct_ledger_verdict verdict;
    pct_error error;
    make_record();
    check_found("CREATE TABLE kept AS SELECT * FROM event; DELETE FROM event WHERE seq = 100",
                "INSERT INTO event SELECT * FROM kept WHERE seq = 100", 100);
    check_found("DELETE FROM event WHERE seq = (SELECT max(seq) FROM kept)",
                "INSERT INTO event SELECT * FROM kept WHERE seq = (SELECT max(seq) FROM kept)", events);
    check_found(
        "INSERT INTO event SELECT seq + 1, bytes, leaf FROM kept WHERE seq = (SELECT max(seq) FROM kept)",
        "DELETE FROM event WHERE seq > (SELECT max(seq) FROM kept)", events);
    check_found("UPDATE frontier SET size = size + 1", "UPDATE frontier SET size = size - 1", events);
    check_found("CREATE TABLE head AS SELECT * FROM frontier; DELETE FROM frontier",
                "INSERT INTO frontier SELECT * FROM head", 0);
    test_ok(check(&verdict, &error), &error);
    power_disk_free();
}

TEST_MAIN("log flips", TEST_CASE(log_check_finds_a_flipped_bit_in_every_byte_of_events_and_leaves),
          TEST_CASE(log_check_finds_a_flipped_bit_anywhere),
          TEST_CASE(log_check_finds_a_flipped_bit_in_every_byte_of_the_frontier),
          TEST_CASE(log_check_finds_what_is_missing_and_what_is_too_much))
