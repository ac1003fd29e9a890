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
#include <unistd.h>

#include "access/accounts.h"
#include "access/devices.h"
#include "base/digest.h"
#include "ledger/log_check.h"
#include "store/page_check.h"
#include "store/state.h"
#include "support/desk_world.h"
#include "support/test.h"
#include "track/track.h"

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

static void read_contents(const char *file, const char *vfs, contents *out) {
    sqlite3 *db;
    sqlite3_stmt *tables;
    memset(out, 0, sizeof *out);
    ck_assert_int_eq(pct_page_open(file, &db, SQLITE_OPEN_READWRITE, vfs), SQLITE_OK);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
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
    int64_t page;
    out->refused |= pct_page_refused(db, &page);
    sqlite3_close(db);
}

static void empty_log(const char *file) {
    sqlite3 *db;
    ck_assert_int_eq(pct_page_open(file, &db, SQLITE_OPEN_READWRITE, POWER_DISK_VFS), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL),
                     SQLITE_OK); /* finds its log */
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
    read_contents(files[file], POWER_DISK_VFS, &after);
    if (after.refused) return BY_READING;
    return compare(&before[file], &after);
}

static void report(const char *file, uint64_t count, const uint64_t seen[TOLDS]) {
    printf("flips of %s: %llu, told at opening %llu, by the check of the log %llu, by reading %llu, "
           "of no consequence %llu, in tables that are made again %llu, used %llu\n",
           file, (unsigned long long)count, (unsigned long long)seen[AT_OPENING],
           (unsigned long long)seen[BY_VERIFYING], (unsigned long long)seen[BY_READING],
           (unsigned long long)seen[WITHOUT_CONSEQUENCE], (unsigned long long)seen[BY_REBUILDING],
           (unsigned long long)seen[BY_NOBODY] + seen[BY_REBUILDING] + seen[FALSELY]);
    (void)fflush(stdout);
}

static void flip_many(int file, uint64_t count, uint64_t seen[TOLDS]) {
    contents before[2];
    pct_rng rng = pct_rng_init(17, (uint64_t)file);
    make_record();
    for (int f = 0; f < 2; f++) read_contents(files[f], POWER_DISK_VFS, &before[f]);
    uint64_t bits = (uint64_t)power_disk_size(files[file]) * 8;
    for (uint64_t i = 0; i < count; i++) seen[try_flip(file, pct_rng_next(&rng) % bits, before)]++;
    report(files[file], count, seen);
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

/* --- a log that is being read ---------------------------------------------------------------------------------------- */

/* Nothing of it is in the database yet. */
static pct_store *fill_log(void) {
    const pct_store_options options = {.folder = "site", .vfs = POWER_DISK_VFS, .checkpoint_pages = 1 << 20};
    pct_store *store;
    pct_error error;
    pct_rng rng = pct_rng_init(17, 5);
    char name[20], bytes[3000];
    test_ok(pct_store_open(&options, &store, &error), &error);
    for (int g = 0; g < STEPS; g++) {
        for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)pct_rng_next(&rng);
        (void)snprintf(name, sizeof name, "%d", g % 40);
        const pct_document document = {
            pct_text_of("note"), pct_text_of(name), {bytes, 1 + pct_rng_below(&rng, sizeof bytes)}, 0};
        test_ok(pct_store_begin(store, &error), &error);
        test_ok(pct_store_put_document(store, &document, &error), &error);
        test_ok(pct_store_commit(store, &error), &error);
    }
    return store;
}

TEST(database_flips_of_a_log_while_it_is_read_are_all_told) {
    static const char log_file[] = "site/record.db-wal";
    uint64_t seen[TOLDS] = {0}, count = wanted();
    contents before, after;
    pct_rng rng = pct_rng_init(17, 2);
    power_disk_new(1);
    pct_store *store = fill_log();
    read_contents(files[0], POWER_DISK_VFS, &before);
    ck_assert(!before.refused);
    const uint64_t bits = (uint64_t)power_disk_size(log_file) * 8;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t bit = pct_rng_next(&rng) % bits;
        ck_assert(power_disk_flip(log_file, bit));
        read_contents(files[0], POWER_DISK_VFS, &after);
        seen[after.refused ? BY_READING : compare(&before, &after)]++;
        ck_assert(power_disk_flip(log_file, bit));
    }
    pct_store_close(store);
    power_disk_free();
    report("site/record.db-wal while it is read", count, seen);
    ck_assert_uint_gt(seen[BY_READING], count / 10);
    ck_assert_uint_eq(seen[FALSELY] + seen[BY_REBUILDING] + seen[BY_NOBODY], 0);
}

/* --- pages that a reader has read ------------------------------------------------------------------------------------- */

static int bytes_held(const pct_store *store) {
    int now = 0, most;
    ck_assert_int_eq(sqlite3_db_status(store->record, SQLITE_DBSTATUS_CACHE_USED, &now, &most, 0), SQLITE_OK);
    return now;
}

/* Those of what was erased since may be among them. */
TEST(database_readers_keep_no_page_when_they_are_told_to_forget) {
    const pct_store_options options = {.folder = "site", .vfs = POWER_DISK_VFS, .read_only = true};
    pct_error error;
    pct_store *reader;
    pct_buffer bytes = pct_buffer_init(PCT_STORE_VALUE_MAX);
    power_disk_new(1);
    pct_store *writer = fill_log();
    test_ok(pct_store_open(&options, &reader, &error), &error);
    test_ok(pct_store_get_document(reader, pct_text_of("note"), pct_text_of("1"), 0, &bytes, &error), &error);
    const int held = bytes_held(reader);
    pct_store_forget_pages(reader);
    ck_assert_int_lt(bytes_held(reader), held);
    pct_buffer_dispose(&bytes);
    pct_store_close(reader);
    pct_store_close(writer);
    power_disk_free();
}

/* --- accounts -------------------------------------------------------------------------------------------------------- */

typedef struct folder {
    char name[40], file[60];
    char *bytes;
    size_t length;
} folder;

static void write_flipped(const folder *f, uint64_t bit) {
    FILE *file = fopen(f->file, "wb");
    ck_assert_ptr_nonnull(file);
    f->bytes[bit / 8] = (char)(f->bytes[bit / 8] ^ 1 << bit % 8);
    ck_assert_uint_eq(fwrite(f->bytes, 1, f->length, file), f->length);
    f->bytes[bit / 8] = (char)(f->bytes[bit / 8] ^ 1 << bit % 8);
    ck_assert_int_eq(fclose(file), 0);
}

static bool accounts_open(const folder *f) {
    pct_accounts *accounts = NULL;
    pct_devices *devices = NULL;
    pct_error error;
    pct_status status = pct_accounts_open(f->name, &accounts, &error);
    if (!status) status = pct_devices_open(f->name, &devices, &error);
    pct_devices_close(devices);
    pct_accounts_close(accounts);
    return status == PCT_OK;
}

static void make_accounts(folder *f) {
    sqlite3 *db;
    *f = (folder){.name = "/tmp/precinct-flips-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(f->name));
    (void)snprintf(f->file, sizeof f->file, "%s/accounts.db", f->name);
    ck_assert(accounts_open(f));
    ck_assert_int_eq(pct_page_open(f->file, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(
            db,
            "BEGIN; CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1"
            " FROM n WHERE i < 60) SELECT i FROM n;"
            "INSERT INTO account (name, roles, password, created_at_ms, factor) SELECT 'a' || i, i,"
            " hex(randomblob(48)), i, randomblob(60) FROM n;"
            "INSERT INTO session (token_hash, account, expires_at_ms, opened_at_ms, signed_by)"
            " SELECT randomblob(32), 'a' || i, i, i, 1 FROM n;"
            "INSERT INTO recovery (code_hash, account) SELECT randomblob(32), 'a' || i FROM n;"
            "INSERT INTO token (token_hash, account, name, roles, reads, created_at_ms, expires_at_ms)"
            " SELECT randomblob(32), 'a' || i, 'x', 0, 1, i, i FROM n;"
            "INSERT INTO device (id_hash, unit, speed, added_at_ms)"
            " SELECT randomblob(32), 'A' || i, 1, i FROM n; COMMIT",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    FILE *file = fopen(f->file, "rb");
    ck_assert_ptr_nonnull(file);
    f->bytes = malloc(1 << 20);
    ck_assert_ptr_nonnull(f->bytes);
    f->length = fread(f->bytes, 1, 1 << 20, file);
    ck_assert_int_eq(fclose(file), 0);
}

TEST(database_flips_of_the_accounts_are_all_told) {
    uint64_t seen[TOLDS] = {0}, count = wanted();
    contents before, after;
    folder f;
    pct_rng rng = pct_rng_init(17, 3);
    make_accounts(&f);
    read_contents(f.file, NULL, &before);
    for (uint64_t i = 0; i < count; i++) {
        write_flipped(&f, pct_rng_next(&rng) % (f.length * 8));
        told result = AT_OPENING;
        if (accounts_open(&f)) {
            read_contents(f.file, NULL, &after);
            result = after.refused ? BY_READING : compare(&before, &after);
        }
        seen[result]++;
    }
    (void)unlink(f.file);
    (void)rmdir(f.name);
    free(f.bytes);
    report("accounts.db", count, seen);
    ck_assert_uint_gt(seen[AT_OPENING], 0);
    ck_assert_uint_gt(seen[BY_READING], count / 10);
    ck_assert_uint_eq(seen[FALSELY] + seen[BY_REBUILDING] + seen[BY_NOBODY], 0);
}

/* --- tracks ---------------------------------------------------------------------------------------------------------- */

enum { UNITS = 4, POINTS = 400 };

static int64_t stands_still(void *context) {
    (void)context;
    return INT64_C(1760000000000);
}

static pct_tracks *open_tracks(void) {
    const pct_tracks_options options = {.folder = "site", .vfs = POWER_DISK_VFS, .clock_ms = stands_still};
    pct_tracks *tracks;
    pct_error error;
    test_ok(pct_tracks_open(&options, &tracks, &error), &error);
    return tracks;
}

static bool fold_point(void *context, const pct_track_point *p) {
    const int64_t numbers[] = {p->unit, p->at_ms, p->position.lon_e7, p->position.lat_e7, p->speed_cms};
    uint64_t *sum = context;
    *sum = pct_digest_fold(*sum, numbers, sizeof numbers);
    return true;
}

static pct_status fold_tracks(pct_tracks *tracks, uint64_t *sum) {
    pct_error error;
    pct_status status = PCT_OK;
    *sum = 0;
    for (int64_t unit = 1; unit <= UNITS && !status; unit++)
        status = pct_tracks_read(tracks, unit, 0, INT64_MAX, fold_point, sum, &error);
    return status;
}

static void make_tracks(uint64_t *right) {
    pct_error error;
    power_disk_new(1);
    pct_tracks *tracks = open_tracks();
    for (int i = 0; i < POINTS * UNITS; i++) {
        const pct_track_point point = {.unit = 1 + i % UNITS,
                                       .at_ms = stands_still(NULL) - i * 1000,
                                       .position = {1024000000 + i, 401000000 - i},
                                       .speed_cms = i,
                                       .heading_deg = -1};
        ck_assert(pct_tracks_put(tracks, &point));
    }
    test_ok(pct_tracks_step(tracks, &error), &error);
    test_ok(fold_tracks(tracks, right), &error);
    pct_tracks_close(tracks);
    empty_log("site/" PCT_TRACKS_FILE);
    power_disk_save();
}

TEST(database_flips_of_the_tracks_are_all_told) {
    uint64_t seen[TOLDS] = {0}, count = wanted(), right, sum;
    pct_rng rng = pct_rng_init(17, 4);
    make_tracks(&right);
    const uint64_t bits = (uint64_t)power_disk_size("site/" PCT_TRACKS_FILE) * 8;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t bit = pct_rng_next(&rng) % bits;
        power_disk_reset(bit);
        ck_assert(power_disk_flip("site/" PCT_TRACKS_FILE, bit));
        pct_tracks *tracks = open_tracks();
        pct_tracks_counters counters = pct_tracks_counters_view(tracks);
        told result = counters.restarts || counters.state != PCT_TRACKS_NORMAL ? AT_OPENING : BY_READING;
        if (result == BY_READING && fold_tracks(tracks, &sum) == PCT_OK)
            result = sum == right ? WITHOUT_CONSEQUENCE : BY_NOBODY;
        pct_tracks_close(tracks);
        seen[result]++;
    }
    power_disk_free();
    report("site/tracks.db", count, seen);
    ck_assert_uint_gt(seen[BY_READING], count / 10);
    ck_assert_uint_eq(seen[BY_NOBODY], 0);
}

TEST_MAIN("database flips", TEST_CASE(database_flips_of_the_keys_never_give_another_key),
          TEST_CASE(database_flips_of_the_log_are_all_told),
          TEST_CASE(database_flips_of_a_log_while_it_is_read_are_all_told),
          TEST_CASE(database_readers_keep_no_page_when_they_are_told_to_forget),
          TEST_CASE(database_flips_of_the_accounts_are_all_told),
          TEST_CASE(database_flips_of_the_tracks_are_all_told))
