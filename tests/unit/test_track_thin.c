/* Tracks over simulated years: raw, thinned, counted; the same rows whatever the order of groups and restarts; days told once. */
#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "support/test.h"
#include "support/track_world.h"

enum { UNITS = 3, MINUTES = 4, FIXES = 3, DAYS = 440 };
static const int64_t minute_ms = 60000, day_ms = 86400000, begin_ms = INT64_C(1767225600000); /* a midnight */

/* Roads go from west to east, a thousandth of a degree each; south of the equator there is none. */
static bool road_at(void *context, pct_position position, pct_road_ref *out) {
    (void)context;
    *out = (pct_road_ref){position.lat_e7 / 10000, 1, 2};
    return position.lat_e7 > 0;
}

static void world_new(track_world *w) {
    track_world_new(w, begin_ms);
    w->options.road_at = road_at;
    track_world_open(w);
}

static void put(track_world *w, int64_t unit, int64_t at_ms, pct_position position) {
    track_world_put(
        w, (pct_track_point){
               .unit = unit, .at_ms = at_ms, .position = position, .speed_cms = 900, .heading_deg = 7});
}

/* Of all rows of thinned points and counts, in their order. */
static uint64_t digest(const track_world *w) {
    static const char *const sql[] = {
        "SELECT unit, at, lon_e7, lat_e7, 0 FROM thin ORDER BY 1, 2",
        "SELECT hour, way, from_node, to_node, minutes FROM passed ORDER BY 1, 2, 3, 4"};
    sqlite3 *db = NULL;
    uint64_t sum = 14695981039346656037U;
    ck_assert_int_eq(sqlite3_open_v2(w->file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *s = NULL;
        ck_assert_int_eq(sqlite3_prepare_v2(db, sql[i], -1, &s, NULL), SQLITE_OK);
        while (sqlite3_step(s) == SQLITE_ROW)
            for (int c = 0; c < 5; c++) sum = (sum ^ (uint64_t)sqlite3_column_int64(s, c)) * 1099511628211U;
        (void)sqlite3_finalize(s);
    }
    (void)sqlite3_close(db);
    return sum;
}

/* A day's shifts: some minutes of each unit, some fixes in each. */
static void live_a_day(track_world *w, int day) {
    for (int64_t unit = 1; unit <= UNITS; unit++)
        for (int m = 0; m < MINUTES; m++)
            for (int f = 0; f < FIXES; f++) {
                int64_t at_ms = begin_ms + day * day_ms + (60 + m * 37 + unit) * minute_ms + f * 15000 + unit;
                put(w, unit, at_ms,
                    (pct_position){1024000000 + m * 40000 + f, (int32_t)(400000000 + unit * 30000)});
            }
}

typedef struct told {
    int64_t rows[PCT_TRACKS_CLASSES], days[PCT_TRACKS_CLASSES], until_ms[PCT_TRACKS_CLASSES];
} told;

static void tell(track_world *w, told *t) {
    pct_error error = {0};
    for (int class = 0; class < PCT_TRACKS_CLASSES; class ++)
        for (bool found = true; found;) {
            pct_tracks_destroyed day;
            test_ok(pct_tracks_untold(w->tracks, (pct_tracks_class) class, &day, &found, &error), &error);
            if (!found) break;
            ck_assert_int_gt(day.until_ms, t->until_ms[class]); /* in order, each once */
            ck_assert_int_eq(day.until_ms % day_ms, 0);
            t->rows[class] += day.rows;
            t->days[class]++;
            t->until_ms[class] = day.until_ms;
            pct_tracks_told(w->tracks, (pct_tracks_class) class, day.until_ms);
        }
}

/* Each day is lived, what is due goes; restarts where chance wants them. */
static uint64_t live(int days, uint64_t restarts_seed, told *t) {
    track_world w;
    pct_rng rng = pct_rng_init(restarts_seed, 0);
    world_new(&w);
    *t = (told){0};
    for (int day = 0; day < days; day++) {
        w.now_ms = begin_ms + (day + 1) * day_ms;
        live_a_day(&w, day);
        track_world_step(&w);
        if (restarts_seed && pct_rng_below(&rng, 8) == 0) {
            pct_tracks_close(w.tracks);
            track_world_open(&w);
        }
        w.now_ms += minute_ms;
        track_world_step(&w);
        if (!restarts_seed || pct_rng_below(&rng, 4) == 0) tell(&w, t);
        if (day % 100 == 99) {
            int64_t raw_ms = track_world_ask(&w, "SELECT min(at) FROM fix"),
                    thin_ms = track_world_ask(&w, "SELECT min(at) FROM thin");
            ck_assert_int_ge(raw_ms, w.now_ms - PCT_TRACK_DAYS * day_ms);
            ck_assert_int_ge(thin_ms, w.now_ms - (PCT_TRACK_DAYS + PCT_TRACK_THINNED_DAYS) * day_ms);
        }
    }
    w.now_ms += minute_ms;
    track_world_step(&w);
    tell(&w, t);
    ck_assert_int_eq(track_world_ask(&w, "SELECT count(*) FROM fix"),
                     (int64_t)PCT_TRACK_DAYS * UNITS * MINUTES * FIXES);
    ck_assert_int_eq(track_world_ask(&w, "SELECT count(*) FROM thin"),
                     (int64_t)PCT_TRACK_THINNED_DAYS * UNITS * MINUTES);
    ck_assert_int_eq(track_world_ask(&w, "SELECT sum(minutes) FROM passed"),
                     (int64_t)(days - PCT_TRACK_DAYS) * UNITS * MINUTES);
    uint64_t sum = digest(&w);
    track_world_end(&w);
    return sum;
}

TEST(tracks_of_simulated_years_are_thinned_then_counted_the_same_whatever_is_restarted) {
    told straight, cut;
    uint64_t sum = live(DAYS, 0, &straight);
    ck_assert_uint_eq(live(DAYS, 7, &cut), sum);
    ck_assert_mem_eq(&straight, &cut, sizeof cut);
    ck_assert_int_eq(straight.days[PCT_TRACKS_RAW], DAYS - PCT_TRACK_DAYS);
    ck_assert_int_eq(straight.rows[PCT_TRACKS_RAW], straight.days[PCT_TRACKS_RAW] * UNITS * MINUTES * FIXES);
    ck_assert_int_eq(straight.days[PCT_TRACKS_THINNED], DAYS - PCT_TRACK_DAYS - PCT_TRACK_THINNED_DAYS);
    ck_assert_int_eq(straight.rows[PCT_TRACKS_THINNED], straight.days[PCT_TRACKS_THINNED] * UNITS * MINUTES);
}

/* In many groups, a minute cut in two by their ends. */
TEST(tracks_due_all_at_once_go_in_bounded_groups_and_leave_the_first_of_each_minute) {
    enum { FIXES_DUE = 50000 };
    track_world w;
    world_new(&w);
    for (int i = 0; i < FIXES_DUE; i++)
        put(&w, 1, begin_ms + i * INT64_C(1000), (pct_position){1024000000 + i, 400000000});
    track_world_step(&w);
    w.now_ms += 40 * day_ms;
    for (int i = 0, left = FIXES_DUE; left > 0; i++) {
        track_world_step(&w);
        int64_t now = track_world_ask(&w, "SELECT count(*) FROM fix");
        ck_assert_int_le(left - now, 20000);
        ck_assert_int_lt(i, 10);
        left = (int)now;
    }
    ck_assert_int_eq(track_world_ask(&w, "SELECT count(*) FROM thin"), (FIXES_DUE + 59) / 60);
    ck_assert_int_eq(track_world_ask(&w, "SELECT sum(minutes) FROM passed"), (FIXES_DUE + 59) / 60);
    ck_assert_int_eq(track_world_ask(&w, "SELECT count(*) FROM passed"), (FIXES_DUE + 3599) / 3600);
    ck_assert_int_eq(track_world_ask(&w, "SELECT sum(rows) FROM destroyed"), FIXES_DUE);
    track_world_end(&w);
}

static bool keep(void *context, const pct_track_point *point) {
    pct_track_point *out = context;
    while (out->unit) out++;
    *out = *point;
    return true;
}

TEST(tracks_thinned_say_the_minute_and_the_middle_of_a_cell_of_100_m) {
    track_world w;
    pct_error error = {0};
    pct_track_point points[4] = {0};
    world_new(&w);
    put(&w, 9, begin_ms + 5000, (pct_position){1024000123, 401000456});
    put(&w, 9, begin_ms + 9000, (pct_position){1024900000, 401900000});
    put(&w, 9, begin_ms + 61000, (pct_position){1024000123, -401000456});
    w.now_ms += 31 * day_ms;
    track_world_step(&w);
    test_ok(pct_tracks_read_thinned(w.tracks, 9, 0, INT64_MAX, keep, points, &error), &error);
    ck_assert_int_eq(points[0].at_ms, begin_ms);
    ck_assert_int_eq(points[1].at_ms, begin_ms + minute_ms);
    ck_assert_int_eq(points[2].unit, 0);
    const pct_position cell = pct_track_cell((pct_position){1024000123, 401000456});
    ck_assert_mem_eq(&points[0].position, &cell, sizeof cell);
    ck_assert_int_eq(points[0].speed_cms, -1);
    ck_assert_int_eq(track_world_ask(&w, "SELECT count(*) FROM passed WHERE way = 0"), 1); /* no road there */
    ck_assert_int_eq(track_world_ask(&w, "SELECT count(*) FROM passed WHERE way = 40100"), 1);
    track_world_end(&w);
}

/* All points of a cell say the same, and none says more than 100 m. */
TEST(track_cells_are_100_m_wide_at_every_latitude_and_hold_what_lies_in_them) {
    static const double m_per_e7 = 111319.49 / 1e7;
    pct_rng rng = pct_rng_init(5, 0);
    for (int i = 0; i < 20000; i++) {
        pct_position p = {(int32_t)((int64_t)pct_rng_below(&rng, 3600000000U) - 1800000000),
                          (int32_t)((int64_t)pct_rng_below(&rng, 1600000000U) - 800000000)};
        pct_position cell = pct_track_cell(p), again = pct_track_cell(cell);
        ck_assert_int_eq(cell.lat_e7, again.lat_e7);
        ck_assert_int_eq(cell.lon_e7, again.lon_e7);
        double north_m = (p.lat_e7 - cell.lat_e7) * m_per_e7;
        double east_m =
            ((double)p.lon_e7 - cell.lon_e7) * m_per_e7 * cos(cell.lat_e7 * 3.14159265358979 / 1.8e9);
        ck_assert(fabs(north_m) <= 50.1 && fabs(east_m) <= 50.1);
    }
}

/* A file of the first format, with raw tracks alone and without sums. */
TEST(tracks_of_an_older_format_are_taken_over) {
    track_world w;
    world_new(&w);
    put(&w, 4, begin_ms, (pct_position){1024000000, 400000000});
    track_world_step(&w);
    pct_tracks_close(w.tracks);
    sqlite3 *db = NULL;
    char away[100], sql[600];
    (void)snprintf(away, sizeof away, "%s.away", w.file);
    ck_assert_int_eq(rename(w.file, away), 0);
    ck_assert_int_eq(sqlite3_open(w.file, &db), SQLITE_OK);
    (void)snprintf(
        sql, sizeof sql,
        "PRAGMA journal_mode=WAL; ATTACH '%s' AS now; PRAGMA application_id=%d; PRAGMA user_version=1;"
        "CREATE TABLE fix (unit INTEGER NOT NULL, at INTEGER NOT NULL, lon_e7 INTEGER NOT NULL,"
        " lat_e7 INTEGER NOT NULL, speed INTEGER, heading INTEGER, source INTEGER NOT NULL,"
        " PRIMARY KEY (unit, at)) STRICT, WITHOUT ROWID; INSERT INTO fix SELECT * FROM now.fix;"
        "DETACH now",
        away, PCT_TRACK_APPLICATION);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)unlink(away);
    (void)sqlite3_close(db);
    w.now_ms += 31 * day_ms;
    track_world_open(&w);
    track_world_step(&w);
    ck_assert_int_eq(pct_tracks_counters_view(w.tracks).restarts, 0);
    ck_assert_int_eq(track_world_ask(&w, "PRAGMA user_version"), PCT_TRACK_FORMAT);
    ck_assert_int_eq(track_world_ask(&w, "SELECT count(*) FROM thin"), 1);
    ck_assert_int_eq(track_world_ask(&w, "SELECT count(*) FROM fix"), 0);
    track_world_end(&w);
}

TEST_MAIN("track_thin",
          TEST_CASE(tracks_of_simulated_years_are_thinned_then_counted_the_same_whatever_is_restarted),
          TEST_CASE(tracks_due_all_at_once_go_in_bounded_groups_and_leave_the_first_of_each_minute),
          TEST_CASE(tracks_thinned_say_the_minute_and_the_middle_of_a_cell_of_100_m),
          TEST_CASE(track_cells_are_100_m_wide_at_every_latitude_and_hold_what_lies_in_them),
          TEST_CASE(tracks_of_an_older_format_are_taken_over))
