/* The sums of pages, below SQLite: see tests/fault/test_database_flips.c for the record itself. */
#include "store/page_check.h"

#include <sqlite3.h>
#include <string.h>

#include "support/power_disk.h"
#include "support/test.h"

enum { ROWS = 200, PAGES_MIN = 8 };

static const char file[] = "pages.db";

static sqlite3 *open_pages(void) {
    sqlite3 *db;
    ck_assert_int_eq(pct_page_open(file, &db,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE,
                                   POWER_DISK_VFS),
                     SQLITE_OK);
    return db;
}

static void run(sqlite3 *db, const char *sql) {
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) ck_abort_msg("%s: %s", sql, why);
}

static void fill(const char *mode) {
    char sql[300];
    sqlite3 *db = open_pages();
    (void)snprintf(sql, sizeof sql,
                   "PRAGMA journal_mode=%s; CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB);"
                   "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                   " INSERT INTO t SELECT i, randomblob(i * 40) FROM n; DELETE FROM t WHERE id > 150",
                   mode, ROWS);
    run(db, sql);
    ck_assert(pct_page_checked(db));
    run(db, "PRAGMA wal_checkpoint(TRUNCATE)"); /* the log would mend the file */
    sqlite3_close(db);
    ck_assert_int_eq(power_disk_size(file) % PCT_PAGE_BYTES, 0);
    ck_assert_int_gt(power_disk_size(file), PAGES_MIN * PCT_PAGE_BYTES);
    power_disk_save();
}

/* What SQLite says of the whole file. */
static int read_all(void) {
    sqlite3 *db = NULL;
    int code = pct_page_open(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, POWER_DISK_VFS);
    if (!code) code = sqlite3_exec(db, "SELECT count(*) FROM t WHERE hex(b) = ''", NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

static void check_every_page(const char *mode) {
    power_disk_new(1);
    fill(mode);
    const int64_t pages = power_disk_size(file) / PCT_PAGE_BYTES;
    ck_assert_int_eq(read_all(), SQLITE_OK);
    int told = 0;
    for (int64_t page = 0; page < pages; page++)
        for (int at = 300; at < PCT_PAGE_BYTES; at += 1265) { /* the last: in the sum itself */
            power_disk_reset(1);
            ck_assert(power_disk_flip(file, (uint64_t)(page * PCT_PAGE_BYTES + at) * 8 + 3));
            int code = read_all();
            ck_assert(code == SQLITE_OK || code == SQLITE_IOERR_DATA);
            told += code == SQLITE_IOERR_DATA;
        }
    ck_assert_int_gt(told, 3 * pages / 2); /* free pages are not read */
    power_disk_free();
}

TEST(page_check_refuses_a_flipped_page_of_a_database_with_a_write_ahead_log) {
    check_every_page("WAL");
}

TEST(page_check_refuses_a_flipped_page_of_a_database_with_a_rollback_journal) {
    check_every_page("DELETE");
}

TEST(page_check_says_which_page_and_both_sums) {
    pct_error error;
    sqlite3 *db;
    power_disk_new(1);
    fill("WAL");
    ck_assert(power_disk_flip(file, (uint64_t)(PCT_PAGE_BYTES + 9) * 8)); /* page 2: the root of t */
    ck_assert_int_eq(pct_page_open(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, POWER_DISK_VFS),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "SELECT count(*) FROM t WHERE hex(b) = ''", NULL, NULL, NULL),
                     SQLITE_IOERR_DATA);
    ck_assert_int_eq(pct_page_failure(db, PCT_MSG_STORE_PAGE, file, &error), PCT_DAMAGED);
    ck_assert_int_eq(error.message, PCT_MSG_STORE_PAGE);
    ck_assert_int_eq(error.params[1].integer, 2);
    sqlite3_close(db);
    power_disk_free();
}

TEST(page_check_keeps_sums_through_a_copy_and_leaves_none_in_the_log) {
    sqlite3 *db, *copy;
    power_disk_new(1);
    fill("WAL");
    db = open_pages();
    run(db, "VACUUM INTO 'copy.db'");
    run(db, "UPDATE t SET b = zeroblob(10) WHERE id = 1");
    sqlite3_file *log = NULL;
    unsigned char sum[PCT_PAGE_SUM_BYTES], none[PCT_PAGE_SUM_BYTES] = {0};
    ck_assert_int_eq(sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log), SQLITE_OK);
    ck_assert_int_eq(
        log->pMethods->xRead(log, sum, sizeof sum, 32 + 24 + PCT_PAGE_BYTES - PCT_PAGE_SUM_BYTES), SQLITE_OK);
    ck_assert_mem_eq(sum, none, sizeof sum);
    sqlite3_close(db);
    ck_assert_int_eq(pct_page_open("copy.db", &copy, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    run(copy, "SELECT count(*) FROM t WHERE hex(b) = ''");
    ck_assert(pct_page_checked(copy));
    sqlite3_close(copy);
    power_disk_free();
}

TEST(page_check_leaves_a_database_without_sums_as_it_is) {
    sqlite3 *db;
    power_disk_new(1);
    ck_assert_int_eq(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, POWER_DISK_VFS),
                     SQLITE_OK);
    run(db, "CREATE TABLE t (b); INSERT INTO t VALUES (1)");
    sqlite3_close(db);
    ck_assert_int_eq(read_all(), SQLITE_OK);
    db = open_pages();
    run(db, "INSERT INTO t VALUES (2)");
    ck_assert(!pct_page_checked(db));
    sqlite3_close(db);
    ck_assert_int_eq(read_all(), SQLITE_OK);
    power_disk_free();
}

TEST_MAIN("page check", TEST_CASE(page_check_refuses_a_flipped_page_of_a_database_with_a_write_ahead_log),
          TEST_CASE(page_check_refuses_a_flipped_page_of_a_database_with_a_rollback_journal),
          TEST_CASE(page_check_says_which_page_and_both_sums),
          TEST_CASE(page_check_keeps_sums_through_a_copy_and_leaves_none_in_the_log),
          TEST_CASE(page_check_leaves_a_database_without_sums_as_it_is))
