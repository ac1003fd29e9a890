/* One flipped bit anywhere in the files of the databases: is it told before it is used? By what tells:
 *
 *     opening      the store refuses, or the desk does; a sealed key that does not open
 *     verifying    the check of the log, which runs behind the start
 *     reading      the page that was flipped is refused to whoever asks for it
 *     nothing      but nothing changed for whoever reads: free pages, padding, what is written anew at the start
 *     rebuilding   the tables made again from the log differ: whoever read them before read what was flipped
 *     nothing      and somebody reads something else: replies to keys, documents
 *
 * None may be of the last two kinds: every page carries a sum.
 * FLIPS sets how many (150). */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "ledger/log_check.h"
#include "store/page_check.h"
#include "support/desk_world.h"
#include "support/test.h"

enum { FLIPS_BY_DEFAULT = 150, STEPS = 60, TABLES = 32, KEYS_MAX = 4096 };

typedef enum told {
    AT_OPENING,
    BY_VERIFYING,
    BY_READING,
    WITHOUT_CONSEQUENCE,
    BY_REBUILDING,
    BY_NOBODY,
    FALSELY, /* an event, or a key, that never was; must never be */
    TOLDS
} told;

typedef struct contents {
    char names[TABLES][40];
    uint64_t digests[TABLES];
    size_t count;
    bool refused; /* a page is not what was written */
} contents;

static desk_world world, image;
static uint64_t key_sums[KEYS_MAX]; /* by id, as they were given out */
static const char *const files[] = {"site/record.db", "site/keys.db"};

static bool is_refused(sqlite3 *db, int code) {
    return code && sqlite3_extended_errcode(db) == SQLITE_IOERR_DATA;
}

static uint64_t digest_rows(sqlite3 *db, const char *table, bool *refused) {
    char sql[120];
    sqlite3_stmt *rows;
    uint64_t sum = 0;
    (void)snprintf(sql, sizeof sql, "SELECT * FROM \"%s\" ORDER BY 1, 2", table);
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK) return 1;
    while (sqlite3_step(rows) == SQLITE_ROW)
        for (int c = 0; c < sqlite3_column_count(rows); c++) {
            const void *bytes = sqlite3_column_blob(rows, c);
            size_t length = (size_t)sqlite3_column_bytes(rows, c);
            sum = sum * 31 + (length ? pct_digest(bytes, length) : (uint64_t)sqlite3_column_type(rows, c));
        }
    int code = sqlite3_finalize(rows);
    *refused |= is_refused(db, code);
    return code ? 1 : sum;
}

static void read_contents(const char *file, contents *out) {
    sqlite3 *db;
    sqlite3_stmt *tables;
    memset(out, 0, sizeof *out);
    ck_assert_int_eq(pct_page_open(file, &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1,
                           &tables, NULL) == SQLITE_OK) {
        while (sqlite3_step(tables) == SQLITE_ROW && out->count < TABLES) {
            (void)snprintf(out->names[out->count], sizeof *out->names, "%s",
                           (const char *)sqlite3_column_text(tables, 0));
            out->digests[out->count] = digest_rows(db, out->names[out->count], &out->refused);
            out->count++;
        }
        sqlite3_finalize(tables);
    }
    sqlite3_close(db);
}

static void empty_log(const char *file) {
    sqlite3 *db;
    ck_assert_int_eq(pct_page_open(file, &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    ck_assert_int_eq(sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* Every key that was given out, as those read it who open what it sealed. False when one does not open; *other: one is not what it was. */
static bool keys_open(uint64_t sums[KEYS_MAX], bool *other) {
    pct_error error;
    sqlite3 *db;
    sqlite3_stmt *rows;
    bool sound = true;
    ck_assert_int_eq(pct_page_open(files[1], &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    if (sqlite3_prepare_v2(db, "SELECT id, kind, object, class FROM key", -1, &rows, NULL) != SQLITE_OK)
        sound = false;
    while (sound && sqlite3_step(rows) == SQLITE_ROW) {
        unsigned char key[PCT_STORE_KEY_BYTES];
        const char *kind = (const char *)sqlite3_column_text(rows, 1);
        const int64_t id = sqlite3_column_int64(rows, 0);
        const pct_stored_key name = {id,
                                     {.kind = kind ? kind[0] : '?', .seq = sqlite3_column_int64(rows, 2)},
                                     pct_text_of((const char *)sqlite3_column_text(rows, 3))};
        sound = pct_store_find_key(world.store, &name, key, &error) == PCT_OK;
        if (!sound || id < 1 || id >= KEYS_MAX) continue;
        uint64_t sum = pct_digest(key, sizeof key);
        if (sums[id] == 0) sums[id] = sum;
        *other |= sums[id] != sum;
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return sound;
}

static void make_record(void) {
    pct_error error;
    power_disk_new(1);
    desk_world_init(&world, 1);
    test_ok(desk_world_open(&world, &error), &error);
    for (int i = 0; i < STEPS; i++) test_ok(desk_world_step(&world, 12, &error), &error);
    bool other = false;
    ck_assert(keys_open(key_sums, &other) && !other);
    desk_world_close(&world);
    for (int f = 0; f < 2; f++) empty_log(files[f]);
    power_disk_save();
    image = world;
}

static bool log_is_sound(void) {
    const pct_crypto *crypto;
    pct_ledger_verdict verdict;
    pct_error error;
    test_ok(pct_crypto_sodium(&crypto, &error), &error);
    pct_merkle tree = pct_merkle_init(crypto);
    return pct_log_check(world.store, &tree, NULL, NULL, &verdict, &error) == PCT_OK;
}

static bool is_one_of(const char *name, const char *names) {
    char wanted[48];
    (void)snprintf(wanted, sizeof wanted, " %s ", name);
    return strstr(names, wanted) != NULL;
}

/* What somebody would read otherwise than it was written. The saved board has a digest of its own. */
static told compare(const contents *before, const contents *after) {
    told worst = before->count == after->count ? WITHOUT_CONSEQUENCE : BY_NOBODY;
    for (size_t i = 0; i < before->count && i < after->count; i++) {
        const char *name = before->names[i];
        if (before->digests[i] == after->digests[i] || is_one_of(name, " saved_board ")) continue;
        told this = is_one_of(name, " event frontier ")              ? FALSELY
                    : is_one_of(name, " reply document key agency ") ? BY_NOBODY
                                                                     : BY_REBUILDING;
        if (this > worst) worst = this;
    }
    return worst;
}

static told try_flip(int file, uint64_t bit, const contents before[2]) {
    pct_error error;
    contents after;
    power_disk_reset(bit);
    world = image;
    ck_assert(power_disk_flip(files[file], bit));
    told result = AT_OPENING;
    bool other = false;
    if (desk_world_open(&world, &error) == PCT_OK && (file == 0 || keys_open(key_sums, &other))) {
        result = BY_VERIFYING;
        if (log_is_sound()) result = WITHOUT_CONSEQUENCE;
    }
    desk_world_close(&world);
    if (other) return FALSELY;
    if (result != WITHOUT_CONSEQUENCE) return result;
    read_contents(files[file], &after);
    if (after.refused) return BY_READING;
    return compare(&before[file], &after);
}

static void flip_many(int file, uint64_t count, uint64_t seen[TOLDS]) {
    contents before[2];
    pct_rng rng = pct_rng_init(17, (uint64_t)file);
    make_record();
    for (int f = 0; f < 2; f++) read_contents(files[f], &before[f]);
    uint64_t bits = (uint64_t)power_disk_size(files[file]) * 8;
    for (uint64_t i = 0; i < count; i++) seen[try_flip(file, pct_rng_next(&rng) % bits, before)]++;
    printf("flips of %s: %llu, told at opening %llu, by the check of the log %llu, by reading %llu, "
           "of no consequence %llu, in tables that are made again %llu, used %llu\n",
           files[file], (unsigned long long)count, (unsigned long long)seen[AT_OPENING],
           (unsigned long long)seen[BY_VERIFYING], (unsigned long long)seen[BY_READING],
           (unsigned long long)seen[WITHOUT_CONSEQUENCE], (unsigned long long)seen[BY_REBUILDING],
           (unsigned long long)seen[BY_NOBODY] + seen[BY_REBUILDING]);
    power_disk_free();
}

static uint64_t wanted(void) {
    const char *text = getenv("FLIPS");
    return text ? strtoull(text, NULL, 10) : FLIPS_BY_DEFAULT;
}

TEST(database_flips_of_the_keys_never_give_another_key) {
    uint64_t seen[TOLDS] = {0};
    flip_many(1, wanted(), seen);
    ck_assert_uint_gt(seen[AT_OPENING], 0);
    ck_assert_uint_eq(seen[FALSELY], 0);
    ck_assert_uint_eq(seen[BY_VERIFYING] + seen[BY_REBUILDING] + seen[BY_NOBODY], 0);
}

TEST(database_flips_of_the_log_are_all_told) {
    uint64_t seen[TOLDS] = {0};
    flip_many(0, wanted(), seen);
    ck_assert_uint_gt(seen[BY_READING] + seen[BY_VERIFYING], wanted() / 10);
    ck_assert_uint_eq(seen[FALSELY], 0);
    ck_assert_uint_eq(seen[BY_REBUILDING] + seen[BY_NOBODY], 0);
}

TEST_MAIN("database flips", TEST_CASE(database_flips_of_the_keys_never_give_another_key),
          TEST_CASE(database_flips_of_the_log_are_all_told))
