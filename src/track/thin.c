/* Thinning: what becomes of positions whose period is over.
 *
 *     fix  raw ── PCT_TRACK_DAYS ──► the first of each minute of a unit: thin, a cell of 100 m
 *                                └─► one minute more for its road segment and hour: passed (no unit)
 *     thin     ── PCT_TRACK_THINNED_DAYS more ──► nothing; its minutes are counted already
 *
 * Counting happens when the raw position is at hand, since a cell of 100 m names no segment; so a minute is counted in the
 * transaction in which its thinned point appears, and never again. Rows are destroyed in the same transaction, and
 * how many of which day of positions. Whatever the order of groups and restarts, the same positions leave the same rows.
 *
 * Once a minute a round goes through the units of both classes, ROUND_ROWS at most in one group, so that none takes long. A
 * day is told when a whole round has found nothing older. O(rows due + units log rows). */
#include <math.h>

#include "track/state.h"

enum {
    ROUND_MS = 60000,
    ROUND_ROWS = 20000,
    ROUND_UNITS = 1000,
    MINUTE_MS = PCT_TRACK_THINNED_MS,
    HOUR_MS = 3600000
};

/* Degrees x 10^7 of latitude that are 100 m of the sphere whose degree is 111,319.49 m. */
enum { CELL_E7 = 8983, POLE_E7 = 899000000, TURN_E7 = 1800000000 };
static const double radians_per_e7 = 3.14159265358979323846 / 1800000000.0;

static int64_t floor_to(int64_t value, int64_t unit) {
    int64_t rest = value % unit;
    return value - (rest < 0 ? rest + unit : rest);
}

static int32_t middle_of(int64_t value_e7, int64_t size_e7, int64_t most_e7) {
    int64_t middle = floor_to(value_e7, size_e7) + size_e7 / 2;
    return (int32_t)(middle > most_e7 ? most_e7 : middle < -most_e7 ? -most_e7 : middle);
}

pct_position pct_track_cell(pct_position p) {
    int32_t lat_e7 = middle_of(p.lat_e7, CELL_E7, POLE_E7);
    int64_t size_e7 = llround(CELL_E7 / cos(lat_e7 * radians_per_e7));
    return (pct_position){middle_of(p.lon_e7, size_e7, TURN_E7), lat_e7};
}

/* --- one unit ------------------------------------------------------------------------------------------------------ */

static int count_passed(pct_tracks *t, int64_t at_ms, pct_position position) {
    sqlite3_stmt *s = t->statements[PCT_TRACK_PASSED];
    pct_road_ref road = {0};
    bool known = t->options.road_at && t->options.road_at(t->options.road_context, position, &road);
    if (!known) road = (pct_road_ref){0};
    (void)sqlite3_bind_int64(s, 1, floor_to(at_ms, HOUR_MS));
    (void)sqlite3_bind_int64(s, 2, road.way);
    (void)sqlite3_bind_int64(s, 3, road.from);
    (void)sqlite3_bind_int64(s, 4, road.to);
    return pct_tracks_run(s);
}

/* The first of its minute; the others find the minute there already. */
static int thin_point(pct_tracks *t, int64_t unit, int64_t at_ms, pct_position position, int64_t *thinned) {
    sqlite3_stmt *s = t->statements[PCT_TRACK_THIN];
    const pct_position cell = pct_track_cell(position);
    (void)sqlite3_bind_int64(s, 1, unit);
    (void)sqlite3_bind_int64(s, 2, floor_to(at_ms, MINUTE_MS));
    (void)sqlite3_bind_int(s, 3, cell.lon_e7);
    (void)sqlite3_bind_int(s, 4, cell.lat_e7);
    int code = pct_tracks_run(s);
    if (code || sqlite3_changes(t->db) == 0) return code;
    ++*thinned;
    return count_passed(t, at_ms, position);
}

static int note_destroyed(pct_tracks *t, int64_t day, int64_t rows) {
    sqlite3_stmt *s = t->statements[PCT_TRACK_DESTROYED];
    if (rows == 0) return SQLITE_OK;
    (void)sqlite3_bind_int(s, 1, t->round.class);
    (void)sqlite3_bind_int64(s, 2, day);
    (void)sqlite3_bind_int64(s, 3, rows);
    return pct_tracks_run(s);
}

static int delete_until(pct_tracks *t, int64_t last_ms) {
    sqlite3_stmt *s = t->statements[PCT_TRACK_DELETE + t->round.class];
    (void)sqlite3_bind_int64(s, 1, t->round.unit);
    (void)sqlite3_bind_int64(s, 2, last_ms);
    return pct_tracks_run(s);
}

/* Its oldest rows before the cut, `room` of them at most. */
static int go_through(pct_tracks *t, int64_t room, int64_t *destroyed, int64_t *thinned) {
    sqlite3_stmt *s = t->statements[PCT_TRACK_OLD + t->round.class];
    int64_t day = 0, rows = 0, last_ms = 0, before = *destroyed, minute_ms = INT64_MIN;
    int code = SQLITE_OK, end;
    (void)sqlite3_bind_int64(s, 1, t->round.unit);
    (void)sqlite3_bind_int64(s, 2, t->round.cut_ms[t->round.class]);
    (void)sqlite3_bind_int64(s, 3, room);
    while (!code && (code = sqlite3_step(s)) == SQLITE_ROW) {
        const pct_position position = {sqlite3_column_int(s, 1), sqlite3_column_int(s, 2)};
        last_ms = sqlite3_column_int64(s, 0);
        code = SQLITE_OK;
        if (t->round.class == PCT_TRACKS_RAW && floor_to(last_ms, MINUTE_MS) != minute_ms)
            code = thin_point(t, t->round.unit, last_ms, position, thinned);
        minute_ms = floor_to(last_ms, MINUTE_MS);
        int64_t of_day = floor_to(last_ms, PCT_DAY_MS) / PCT_DAY_MS;
        if (of_day != day && !code) {
            code = note_destroyed(t, day, rows);
            day = of_day, rows = 0;
        }
        rows++;
        ++*destroyed;
    }
    end = sqlite3_reset(s);
    if (code == SQLITE_DONE) code = note_destroyed(t, day, rows);
    if (!code && *destroyed > before) code = delete_until(t, last_ms);
    return code ? code : end;
}

/* --- a round ------------------------------------------------------------------------------------------------------- */

static int next_unit(pct_tracks *t, bool *found) {
    sqlite3_stmt *s = t->statements[PCT_TRACK_NEXT_UNIT + t->round.class];
    (void)sqlite3_bind_int64(s, 1, t->round.unit);
    int code = sqlite3_step(s);
    *found = code == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL;
    if (*found) t->round.unit = sqlite3_column_int64(s, 0);
    int end = sqlite3_reset(s);
    return code == SQLITE_ROW ? SQLITE_OK : end ? end : code;
}

static int forget_told(pct_tracks *t) {
    sqlite3_stmt *s = t->statements[PCT_TRACK_FORGET];
    int code = SQLITE_OK;
    for (int class = 0; class < PCT_TRACKS_CLASSES && !code; class ++) {
        (void)pthread_mutex_lock(&t->gate);
        int64_t day = t->told_day[class];
        (void)pthread_mutex_unlock(&t->gate);
        (void)sqlite3_bind_int(s, 1, class);
        (void)sqlite3_bind_int64(s, 2, day);
        if (day > 0) code = pct_tracks_run(s);
    }
    return code;
}

/* Whole minutes, so that no minute is cut in two. */
static int begin_round(pct_tracks *t, int64_t now_ms) {
    int64_t raw_ms = floor_to(now_ms, MINUTE_MS) - PCT_TRACK_DAYS * PCT_DAY_MS;
    t->round.cut_ms[PCT_TRACKS_RAW] = raw_ms;
    t->round.cut_ms[PCT_TRACKS_THINNED] = raw_ms - PCT_TRACK_THINNED_DAYS * PCT_DAY_MS;
    t->round.class = PCT_TRACKS_RAW;
    t->round.unit = 0;
    t->round.going = true;
    return forget_told(t);
}

bool pct_tracks_thin_due(const pct_tracks *t, int64_t now_ms) {
    return t->round.going || now_ms >= t->round.next_ms;
}

static int go_on(pct_tracks *t, int64_t now_ms, int64_t *destroyed, int64_t *thinned) {
    int code = SQLITE_OK;
    for (int i = 0; i < ROUND_UNITS && *destroyed < ROUND_ROWS && t->round.going && !code; i++) {
        bool found = true;
        if (t->round.unit > 0) code = go_through(t, ROUND_ROWS - *destroyed, destroyed, thinned);
        if (code || *destroyed >= ROUND_ROWS) break;
        code = next_unit(t, &found);
        if (code || found) continue;
        t->round.unit = 0;
        t->round.going = ++t->round.class < PCT_TRACKS_CLASSES;
        if (!t->round.going) t->round.next_ms = now_ms + ROUND_MS;
    }
    return code;
}

int pct_tracks_thin(pct_tracks *t, int64_t now_ms, int64_t *destroyed, int64_t *thinned) {
    if (!pct_tracks_thin_due(t, now_ms)) return SQLITE_OK;
    int code = t->round.going ? SQLITE_OK : begin_round(t, now_ms);
    if (!code) code = go_on(t, now_ms, destroyed, thinned);
    return code;
}

void pct_tracks_told(pct_tracks *t, pct_tracks_class class, int64_t until_ms) {
    (void)pthread_mutex_lock(&t->gate);
    int64_t day = until_ms / PCT_DAY_MS - 1;
    if (day > t->told_day[class]) t->told_day[class] = day;
    (void)pthread_mutex_unlock(&t->gate);
}
