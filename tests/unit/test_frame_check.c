/* Flipped bits of a write-ahead log: while connections read it, when it is emptied into its database, and when it is found at opening. */
#include "store/frame_check.h"

#include <sqlite3.h>
#include <string.h>

#include "base/digest.h"
#include "base/rng.h"
#include "store/page_check.h"
#include "support/power_disk.h"
#include "support/test.h"

enum {
    GROUPS = 12,
    FLIPS = 1500,
    FRAME = PCT_FRAME_HEADER + PCT_FRAME_PAGE,
    HEADER_BITS = PCT_LOG_HEADER * 8
};

/* A log begun anew may be torn behind its number: one more, and all else as before. Nobody can tell that from this bit. */
enum { LAST_BIT_OF_THE_NUMBER = 15 * 8 };

static const char file[] = "log.db", log_file[] = "log.db-wal";

static sqlite3 *open_log(void) {
    sqlite3 *db;
    ck_assert_int_eq(pct_page_open(file, &db,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE,
                                   POWER_DISK_VFS),
                     SQLITE_OK);
    (void)sqlite3_wal_autocheckpoint(db, 0);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return db;
}

static void run(sqlite3 *db, const char *sql) {
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) ck_abort_msg("%s: %s", sql, why);
}

/* All that is in it, past the cache. */
static int digest(sqlite3 *db, uint64_t *out) {
    sqlite3_stmt *rows = NULL;
    *out = 0;
    (void)sqlite3_db_release_memory(db);
    int code = sqlite3_prepare_v2(db, "SELECT id, n, b FROM t ORDER BY id", -1, &rows, NULL);
    while (!code && sqlite3_step(rows) == SQLITE_ROW) {
        const int64_t numbers[] = {sqlite3_column_int64(rows, 0), sqlite3_column_int64(rows, 1)};
        *out = pct_digest_fold(*out, numbers, sizeof numbers);
        *out = pct_digest_fold(*out, sqlite3_column_blob(rows, 2), (size_t)sqlite3_column_bytes(rows, 2));
    }
    int end = sqlite3_finalize(rows);
    return code ? code : end;
}

static uint64_t must_digest(sqlite3 *db) {
    uint64_t sum;
    ck_assert_int_eq(digest(db, &sum), SQLITE_OK);
    return sum;
}

/* Groups of one to some pages; *before_last: what is there without the last one. Returns where that begins in the log. */
static int64_t fill(sqlite3 *db, uint64_t *before_last) {
    char sql[160];
    run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, b BLOB)");
    int64_t at = 0;
    for (int g = 0; g < GROUPS; g++) {
        *before_last = must_digest(db);
        at = power_disk_size(log_file);
        (void)snprintf(
            sql, sizeof sql,
            "BEGIN; INSERT INTO t VALUES (NULL, %d, randomblob(%d)); UPDATE t SET n = n + 1 WHERE id = 1;"
            "COMMIT",
            g, 200 + g % 3 * 9000);
        run(db, sql);
    }
    return at;
}

TEST(frames_flipped_while_they_are_read_are_told_to_whoever_reads_them) {
    uint64_t ignored;
    power_disk_new(1);
    sqlite3 *writer = open_log();
    (void)fill(writer, &ignored);
    sqlite3 *reader = open_log();
    const uint64_t right = must_digest(reader), bits = (uint64_t)power_disk_size(log_file) * 8;
    pct_rng rng = pct_rng_init(5, 1);
    int told = 0;
    for (int i = 0; i < FLIPS; i++) {
        uint64_t bit = pct_rng_next(&rng) % bits, sum;
        ck_assert(power_disk_flip(log_file, bit));
        int code = digest(reader, &sum);
        ck_assert_msg(code == SQLITE_IOERR_DATA || (code == SQLITE_OK && sum == right), "bit %llu: %d",
                      (unsigned long long)bit, code);
        if (code) {
            pct_error error;
            ck_assert_int_eq(pct_page_failure(reader, PCT_MSG_STORE_PAGE, file, &error), PCT_DAMAGED);
            test_error_says(&error, log_file);
        }
        told += code != SQLITE_OK;
        ck_assert(power_disk_flip(log_file, bit));
    }
    ck_assert_int_gt(told, FLIPS / 3); /* pages of which there is a newer frame are not read */
    ck_assert(must_digest(reader) == right);
    sqlite3_close(reader);
    sqlite3_close(writer);
    power_disk_free();
}

TEST(frames_flipped_are_not_copied_into_the_database_with_a_sum_of_their_own) {
    uint64_t ignored;
    power_disk_new(1);
    sqlite3 *writer = open_log();
    const int64_t last = fill(writer, &ignored);
    const uint64_t right = must_digest(writer), bit = (uint64_t)(last + PCT_FRAME_HEADER + 1000) * 8;
    ck_assert(power_disk_flip(log_file, bit));
    ck_assert_int_eq(sqlite3_wal_checkpoint_v2(writer, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
                     SQLITE_IOERR_DATA);
    ck_assert(power_disk_flip(log_file, bit));
    ck_assert_int_eq(sqlite3_wal_checkpoint_v2(writer, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
                     SQLITE_OK);
    ck_assert(must_digest(writer) == right);
    sqlite3_close(writer);
    power_disk_free();
}

/* What a crash leaves: all frames, no index. */
TEST(logs_flipped_after_a_crash_lose_nothing_but_the_last_group_unsaid) {
    uint64_t without_last, sum;
    power_disk_new(1);
    sqlite3 *db = open_log();
    const int64_t last = fill(db, &without_last);
    const uint64_t right = must_digest(db);
    sqlite3_close(db);
    power_disk_save();
    pct_rng rng = pct_rng_init(5, 2);
    const uint64_t bits = (uint64_t)power_disk_size(log_file) * 8;
    int told = 0, lost = 0;
    for (uint64_t i = 0; i < HEADER_BITS + FLIPS; i++) {
        uint64_t bit = i < HEADER_BITS ? i : pct_rng_next(&rng) % bits;
        if (bit == LAST_BIT_OF_THE_NUMBER) continue;
        power_disk_reset(1);
        ck_assert(power_disk_flip(log_file, bit));
        db = open_log();
        int code = digest(db, &sum);
        sqlite3_close(db);
        bool in_last = (int64_t)(bit / 8) >= last;
        ck_assert_msg(code == SQLITE_IOERR_DATA ||
                          (code == SQLITE_OK && (sum == right || (in_last && sum == without_last))),
                      "bit %llu, at %lld of frame %lld: %d", (unsigned long long)bit,
                      ((long long)(bit / 8) - PCT_LOG_HEADER) % FRAME,
                      ((long long)(bit / 8) - PCT_LOG_HEADER) / FRAME, code);
        told += code != SQLITE_OK;
        lost += code == SQLITE_OK && sum == without_last;
    }
    ck_assert_int_gt(told, FLIPS / 2);
    ck_assert_int_gt(lost, 0);
    printf("flips of a log after a crash: %d, told %d, the last group lost as if torn %d, anything else 0\n",
           HEADER_BITS + FLIPS, told, lost);
    power_disk_free();
}

/* Pages of an open transaction are written again in place, given up, read back: SQLite mends their checksums at the commit alone. */
TEST(frames_of_a_transaction_that_outgrows_the_cache_are_let_be_until_it_is_committed) {
    power_disk_new(1);
    sqlite3 *db = open_log(), *reader;
    uint64_t before;
    (void)fill(db, &before);
    run(db, "PRAGMA cache_size=5");
    for (int round = 0; round < 3; round++) {
        before = must_digest(db);
        run(db, "BEGIN;"
                "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
                " INSERT INTO t SELECT NULL, i, randomblob(3000) FROM n;"
                "UPDATE t SET n = n + 1; SAVEPOINT s; UPDATE t SET n = n + 1, b = randomblob(3000);"
                "SELECT sum(length(b)) FROM t; ROLLBACK TO s; UPDATE t SET n = n + 2; SELECT sum(n) FROM t;"
                "UPDATE t SET b = randomblob(2900) WHERE id % 2; SELECT sum(length(b)) FROM t;");
        run(db, round == 1 ? "ROLLBACK" : "COMMIT");
        ck_assert((must_digest(db) == before) == (round == 1));
    }
    before = must_digest(db);
    reader = open_log();
    ck_assert(must_digest(reader) == before);
    sqlite3_close(reader);
    sqlite3_close(db);
    db = open_log(); /* found again, from its beginning */
    ck_assert(must_digest(db) == before);
    run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    ck_assert(must_digest(db) == before);
    sqlite3_close(db);
    power_disk_free();
}

TEST_MAIN("frame check", TEST_CASE(frames_flipped_while_they_are_read_are_told_to_whoever_reads_them),
          TEST_CASE(frames_flipped_are_not_copied_into_the_database_with_a_sum_of_their_own),
          TEST_CASE(logs_flipped_after_a_crash_lose_nothing_but_the_last_group_unsaid),
          TEST_CASE(frames_of_a_transaction_that_outgrows_the_cache_are_let_be_until_it_is_committed))
