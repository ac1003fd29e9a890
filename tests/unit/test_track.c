/* Tracks: what is put is stored once and counted then, and goes when its time has come; a full, damaged or foreign file
 * stops nothing, and the tracks go on by themselves when it is mended. */
#include "track/track.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "support/power_disk.h"
#include "support/test.h"
#include "support/track_world.h"

enum { DAY_MS = 86400000 };
static const int64_t noon_ms = 1760000000000;

static void put(track_world *w, int64_t unit, int64_t at_ms) {
    track_world_put(w, (pct_track_point){.unit = unit,
                                         .at_ms = at_ms,
                                         .position = {1024000000, -401000000},
                                         .speed_cms = 1250,
                                         .heading_deg = -1,
                                         .source = 2});
}

typedef struct seen {
    pct_track_point points[16];
    int count, most;
} seen;

static bool see(void *context, const pct_track_point *point) {
    seen *s = context;
    s->points[s->count++] = *point;
    return s->count < s->most;
}

static seen read_unit(track_world *w, int64_t unit, int64_t from_ms, int64_t to_ms) {
    pct_error error = {0};
    seen s = {.most = 16};
    test_ok(pct_tracks_read(w->tracks, unit, from_ms, to_ms, see, &s, &error), &error);
    return s;
}

static int64_t rows(const track_world *w) {
    return track_world_ask(w, "SELECT count(*) FROM fix");
}

TEST(tracks_store_each_point_once_and_count_the_rows_that_are_there) {
    track_world w;
    track_world_new(&w, noon_ms);
    track_world_open(&w);
    for (int i = 0; i < 100; i++) put(&w, 1 + i % 3, noon_ms + i);
    put(&w, 1, noon_ms);
    pct_tracks_counters c = pct_tracks_counters_view(w.tracks);
    ck_assert_int_eq(c.queued, 101);
    ck_assert_int_eq(c.stored, 0);
    track_world_step(&w);
    put(&w, 1, noon_ms);
    track_world_step(&w);
    c = pct_tracks_counters_view(w.tracks);
    int64_t counted = 0;
    pct_error error = {0};
    test_ok(pct_tracks_count(w.tracks, &counted, &error), &error);
    ck_assert_int_eq(c.stored, rows(&w));
    ck_assert_int_eq(c.stored, counted);
    ck_assert_int_eq(c.stored, 100);
    ck_assert_int_eq(c.repeated, 2);
    ck_assert_int_eq(c.queued, 0);
    ck_assert_int_eq(c.state, PCT_TRACKS_NORMAL);
    track_world_end(&w);
}

TEST(tracks_read_gives_a_units_points_in_order_of_time) {
    track_world w;
    track_world_new(&w, noon_ms);
    track_world_open(&w);
    for (int i = 9; i >= 0; i--) put(&w, 7, noon_ms + i * 1000);
    put(&w, 8, noon_ms);
    track_world_step(&w);
    seen s = read_unit(&w, 7, noon_ms + 2000, noon_ms + 5000);
    ck_assert_int_eq(s.count, 3);
    for (int i = 0; i < 3; i++) ck_assert_int_eq(s.points[i].at_ms, noon_ms + 2000 + i * 1000);
    const pct_track_point *p = &s.points[0];
    ck_assert(p->unit == 7 && p->position.lon_e7 == 1024000000 && p->position.lat_e7 == -401000000);
    ck_assert(p->speed_cms == 1250 && p->heading_deg == -1 && p->source == 2);
    pct_error error;
    s = (seen){.most = 2};
    test_ok(pct_tracks_read(w.tracks, 7, 0, INT64_MAX, see, &s, &error), &error);
    ck_assert_int_eq(s.count, 2);
    ck_assert_int_eq(read_unit(&w, 9, 0, INT64_MAX).count, 0);
    track_world_end(&w);
}

TEST(tracks_are_there_after_closing_and_opening) {
    track_world w;
    track_world_new(&w, noon_ms);
    track_world_open(&w);
    put(&w, 7, noon_ms);
    pct_tracks_close(w.tracks); /* writes what waits */
    track_world_open(&w);
    ck_assert_int_eq(read_unit(&w, 7, 0, INT64_MAX).count, 1);
    track_world_end(&w);
}

TEST(tracks_go_after_thirty_days) {
    track_world w;
    pct_error error = {0};
    track_world_new(&w, noon_ms);
    track_world_open(&w);
    for (int unit = 1; unit <= 5; unit++)
        for (int day = 0; day < 4; day++) put(&w, unit, noon_ms + (int64_t)day * DAY_MS);
    track_world_step(&w);
    w.now_ms = noon_ms + (int64_t)PCT_TRACK_DAYS * DAY_MS;
    track_world_step(&w);
    ck_assert_int_eq(rows(&w), 20);            /* thirty days are not over yet */
    w.now_ms += DAY_MS + PCT_TRACK_THINNED_MS; /* whole minutes */
    track_world_step(&w);
    ck_assert_int_eq(rows(&w), 10);
    ck_assert_int_eq(pct_tracks_counters_view(w.tracks).expired, 10);
    for (int unit = 1; unit <= 5; unit++)
        ck_assert_int_eq(read_unit(&w, unit, 0, INT64_MAX).points[0].at_ms, noon_ms + 2 * (int64_t)DAY_MS);
    w.now_ms += 10 * (int64_t)DAY_MS;
    (void)!pct_tracks_step(w.tracks, &error);
    ck_assert_int_eq(rows(&w), 0);
    track_world_end(&w);
}

TEST(tracks_beyond_the_queue_are_lost_and_counted) {
    track_world w;
    track_world_new(&w, noon_ms);
    w.options.queue_max = 10;
    track_world_open(&w);
    for (int i = 0; i < 10; i++) put(&w, 1, noon_ms + i);
    const pct_track_point more = {.unit = 1, .at_ms = noon_ms + 11};
    ck_assert(!pct_tracks_put(w.tracks, &more));
    track_world_step(&w);
    ck_assert(pct_tracks_put(w.tracks, &more));
    track_world_step(&w);
    pct_tracks_counters c = pct_tracks_counters_view(w.tracks);
    ck_assert(c.lost == 1 && c.stored == 11);
    track_world_end(&w);
}

static void write_file(const char *path, const char *bytes, size_t length, long at) {
    FILE *f = fopen(path, at < 0 ? "w" : "r+");
    ck_assert_ptr_nonnull(f);
    if (at >= 0) ck_assert_int_eq(fseek(f, at, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(bytes, 1, length, f), length);
    ck_assert_int_eq(fclose(f), 0);
}

TEST(tracks_of_a_damaged_file_are_begun_anew) {
    char noise[8192];
    track_world w;
    track_world_new(&w, noon_ms);
    memset(noise, 0xa5, sizeof noise);
    write_file(w.file, noise, sizeof noise, -1);
    track_world_open(&w);
    put(&w, 1, noon_ms);
    track_world_step(&w);
    pct_tracks_counters c = pct_tracks_counters_view(w.tracks);
    ck_assert(c.state == PCT_TRACKS_NORMAL && c.restarts == 1 && c.stored == 1);
    ck_assert_int_eq(rows(&w), 1);
    track_world_end(&w);
}

TEST(tracks_damaged_under_the_server_are_begun_anew_when_somebody_reads) {
    char noise[4096];
    track_world w;
    pct_error error = {0};
    seen s = {.most = 1};
    track_world_new(&w, noon_ms);
    track_world_open(&w);
    for (int i = 0; i < 2000; i++) put(&w, i % 5, noon_ms + i);
    track_world_step(&w);
    w.now_ms += 6000;
    track_world_step(&w); /* a checkpoint: the pages stand in the file itself */
    memset(noise, 0xa5, sizeof noise);
    for (long page = 1; page < 10; page++) write_file(w.file, noise, sizeof noise, page * 4096);
    ck_assert_int_eq(pct_tracks_read(w.tracks, 1, 0, INT64_MAX, see, &s, &error), PCT_DAMAGED);
    put(&w, 1, noon_ms);
    track_world_step(&w);
    ck_assert_int_ge(pct_tracks_counters_view(w.tracks).restarts, 1);
    ck_assert_int_eq(read_unit(&w, 1, 0, INT64_MAX).count, 1);
    track_world_end(&w);
}

TEST(tracks_leave_a_foreign_file_alone) {
    track_world w;
    sqlite3 *db = NULL;
    pct_error error = {0};
    track_world_new(&w, noon_ms);
    ck_assert_int_eq(sqlite3_open(w.file, &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(db, "PRAGMA application_id=7; CREATE TABLE fix (mine INTEGER)", NULL, NULL, NULL),
        SQLITE_OK);
    (void)sqlite3_close(db);
    track_world_open(&w);
    put(&w, 1, noon_ms);
    ck_assert_int_eq(pct_tracks_step(w.tracks, &error), PCT_IO);
    test_error_says(&error, "not the tracks");
    ck_assert_int_eq(pct_tracks_counters_view(w.tracks).state, PCT_TRACKS_FAILED);
    ck_assert_int_eq(rows(&w), 0);
    (void)unlink(w.file);
    track_world_step(&w); /* moved away: what waited is stored */
    ck_assert_int_eq(rows(&w), 1);
    track_world_end(&w);
}

TEST(tracks_whose_file_is_taken_away_go_on_in_a_new_one) {
    track_world w;
    track_world_new(&w, noon_ms);
    track_world_open(&w);
    put(&w, 1, noon_ms);
    track_world_step(&w);
    ck_assert_int_eq(read_unit(&w, 1, 0, INT64_MAX).count, 1);
    (void)unlink(w.file);
    put(&w, 1, noon_ms + 1);
    track_world_step(&w);
    ck_assert_int_eq(rows(&w), 1);
    ck_assert_int_eq(read_unit(&w, 1, 0, INT64_MAX).points[0].at_ms, noon_ms + 1);
    track_world_end(&w);
}

TEST(tracks_wait_for_room_on_a_full_disk_and_go_on) {
    track_world w;
    pct_error error = {0};
    track_world_on_power_disk(&w, noon_ms, 1);
    w.options.queue_max = 20000;
    track_world_open(&w);
    power_disk_arm(POWER_FULL, 1);
    for (int i = 0; i < 10000; i++) put(&w, 1 + i % 50, noon_ms + i);
    ck_assert_int_eq(pct_tracks_step(w.tracks, &error), PCT_LIMIT);
    pct_tracks_counters c = pct_tracks_counters_view(w.tracks);
    ck_assert(c.state == PCT_TRACKS_FULL && c.stored == 0);
    put(&w, 99, noon_ms);
    power_disk_arm(POWER_NO_FAULT, 1);
    track_world_step(&w);
    track_world_step(&w);
    c = pct_tracks_counters_view(w.tracks);
    ck_assert(c.state == PCT_TRACKS_NORMAL && c.stored == 10001 && c.lost == 0);
    pct_tracks_close(w.tracks);
    power_disk_free();
}

/* Whatever operation fails, the next steps store all of it, once. */
TEST(tracks_survive_each_failed_operation_of_the_disk) {
    for (uint64_t n = 1; n < 200; n++) {
        track_world w;
        pct_error error = {0};
        track_world_on_power_disk(&w, noon_ms, n);
        power_disk_arm(POWER_FAIL, n);
        track_world_open(&w);
        for (int i = 0; i < 50; i++) put(&w, 1 + i % 5, noon_ms + i);
        for (int i = 0; i < 4; i++) {
            w.now_ms += 6000; /* so that there is a checkpoint */
            (void)!pct_tracks_step(w.tracks, &error);
        }
        bool came = power_disk_fault_came();
        power_disk_arm(POWER_NO_FAULT, 1);
        track_world_step(&w);
        int count = 0;
        for (int unit = 1; unit <= 5; unit++) count += read_unit(&w, unit, 0, INT64_MAX).count;
        pct_tracks_close(w.tracks);
        power_disk_free();
        ck_assert_msg(count == 50, "operation %d: %d of 50", (int)n, count);
        if (!came) break;
    }
}

/* One life of a server that ends with the power. *durable: points that a checkpoint has put on the disk before. */
static void live_until_the_cut(track_world *w, uint64_t operation, int *put_in_all, int *durable) {
    pct_error error = {0};
    *put_in_all = *durable = 0;
    power_disk_arm(POWER_CUT, operation);
    track_world_open(w);
    for (int group = 0; group < 12 && !power_disk_is_cut(); group++) {
        for (int i = 0; i < 25; i++) put(w, 1 + i % 5, noon_ms + *put_in_all + i);
        *put_in_all += 25;
        w->now_ms += group % 3 == 2 ? 6000 : 1000; /* every third group is checkpointed */
        if (pct_tracks_step(w->tracks, &error) == PCT_OK && group % 3 == 2) *durable = *put_in_all;
    }
    pct_tracks_close(w->tracks);
}

TEST(tracks_lose_what_was_not_checkpointed_at_most_when_the_power_goes) {
    int cuts = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        track_world w;
        int all, durable, found = 0;
        track_world_on_power_disk(&w, noon_ms, seed);
        live_until_the_cut(&w, 1 + seed, &all, &durable);
        cuts += power_disk_is_cut();
        power_disk_restore();
        track_world_open(&w);
        track_world_step(&w);
        for (int unit = 1; unit <= 5; unit++) {
            const int64_t end_ms = noon_ms + all;
            for (int64_t at_ms = noon_ms; at_ms < end_ms; at_ms += 10)
                found += read_unit(&w, unit, at_ms, at_ms + 10).count;
        }
        ck_assert_msg(found >= durable && found <= all, "cut %d: %d durable, %d found, %d put", (int)seed,
                      durable, found, all);
        ck_assert_int_eq(pct_tracks_counters_view(w.tracks).restarts, 0);
        pct_tracks_close(w.tracks);
        power_disk_free();
    }
    ck_assert_int_gt(cuts, 100);
}

static pct_status open_and_close(void *context) {
    track_world *w = context;
    pct_tracks *tracks = NULL;
    pct_status status = pct_tracks_open(&w->options, &tracks, NULL);
    pct_tracks_close(tracks);
    return status;
}

TEST(tracks_open_survives_every_failed_allocation) {
    track_world w;
    track_world_new(&w, noon_ms);
    ck_assert_uint_ge(test_torture(open_and_close, &w), 1);
    track_world_end(&w);
}

TEST(tracks_thread_writes_what_waits_before_it_ends) {
    track_world w;
    pct_error error = {0};
    track_world_new(&w, noon_ms);
    track_world_open(&w);
    test_ok(pct_tracks_start(w.tracks, &error), &error);
    for (int i = 0; i < 3000; i++) put(&w, i % 7, noon_ms + i);
    pct_tracks_close(w.tracks);
    ck_assert_int_eq(rows(&w), 3000);
    w.tracks = NULL;
    track_world_end(&w);
}

TEST_MAIN("track", TEST_CASE(tracks_store_each_point_once_and_count_the_rows_that_are_there),
          TEST_CASE(tracks_read_gives_a_units_points_in_order_of_time),
          TEST_CASE(tracks_are_there_after_closing_and_opening), TEST_CASE(tracks_go_after_thirty_days),
          TEST_CASE(tracks_beyond_the_queue_are_lost_and_counted),
          TEST_CASE(tracks_of_a_damaged_file_are_begun_anew),
          TEST_CASE(tracks_damaged_under_the_server_are_begun_anew_when_somebody_reads),
          TEST_CASE(tracks_leave_a_foreign_file_alone),
          TEST_CASE(tracks_whose_file_is_taken_away_go_on_in_a_new_one),
          TEST_CASE(tracks_wait_for_room_on_a_full_disk_and_go_on),
          TEST_CASE(tracks_survive_each_failed_operation_of_the_disk),
          TEST_CASE(tracks_lose_what_was_not_checkpointed_at_most_when_the_power_goes),
          TEST_CASE(tracks_open_survives_every_failed_allocation),
          TEST_CASE(tracks_thread_writes_what_waits_before_it_ends))
