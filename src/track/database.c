/* The file tracks.db: its schema, the writer's connection and the reader's.
 *
 * WAL with synchronous=NORMAL: a commit does not wait for the disk, a checkpoint does. EXTRA while a new file becomes a WAL
 * database: the rollback journal of that one transaction must not come back after a power cut (store/store.c). One
 * connection writes and checkpoints; the reader is read-only. Rows are clustered by unit and time, so that a unit's track
 * is one range, equal points are found by their key, and a group of many points of a unit fills few pages. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/page_check.h"
#include "track/state.h"

enum { BUSY_MS = 2000 };

#define C   PCT_COLUMN
#define END PCT_COLUMNS_END

static const pct_column fix_columns[] = {
    C("unit", "INTEGER NOT NULL", POSITION, DUTY, TRACK, "number of the unit's id"),
    C("at", "INTEGER NOT NULL", POSITION, DUTY, TRACK, "UTC ms by the device's clock"),
    C("lon_e7", "INTEGER NOT NULL", POSITION, DUTY, TRACK, "degrees x 10^7"),
    C("lat_e7", "INTEGER NOT NULL", POSITION, DUTY, TRACK, "degrees x 10^7"),
    C("speed", "INTEGER", POSITION, DUTY, TRACK, "cm/s, NULL for unknown"),
    C("heading", "INTEGER", POSITION, DUTY, TRACK, "degrees from north, NULL for unknown"),
    C("source", "INTEGER NOT NULL", OPERATIONAL, DUTY, TRACK,
      "how it came: 0 form or query, 1 JSON list, 2 nested JSON"),
    END};

static const pct_column thin_columns[] = {
    C("unit", "INTEGER NOT NULL", POSITION, DUTY, THINNED, "number of the unit's id"),
    C("at", "INTEGER NOT NULL", POSITION, DUTY, THINNED, "UTC ms of a whole minute"),
    C("lon_e7", "INTEGER NOT NULL", POSITION, DUTY, THINNED, "middle of a cell of 100 m"),
    C("lat_e7", "INTEGER NOT NULL", POSITION, DUTY, THINNED, "middle of a cell of 100 m"), END};

static const pct_column passed_columns[] = {
    C("hour", "INTEGER NOT NULL", OPERATIONAL, STATISTICS, COUNTS, "UTC ms of a whole hour"),
    C("way", "INTEGER NOT NULL", OPERATIONAL, STATISTICS, COUNTS,
      "source way of the road segment; 0 with both nodes: no road near"),
    C("from_node", "INTEGER NOT NULL", OPERATIONAL, STATISTICS, COUNTS, "where the segment begins"),
    C("to_node", "INTEGER NOT NULL", OPERATIONAL, STATISTICS, COUNTS, "where it ends"),
    C("minutes", "INTEGER NOT NULL", OPERATIONAL, STATISTICS, COUNTS, "minutes of any units there"),
    END};

static const pct_column destroyed_columns[] = {
    C("class", "INTEGER NOT NULL", AUDIT, PROOF, STATE, "0 raw, 1 thinned"),
    C("day", "INTEGER NOT NULL", AUDIT, PROOF, STATE, "of the positions: UTC days since 1970"),
    C("rows", "INTEGER NOT NULL", AUDIT, PROOF, STATE, "how many of that day were destroyed"), END};

const pct_table_schema pct_schema_tracks[] = {
    {"fix", "unit,at",
     "Raw tracks: positions of units from sign-on to sign-off. "
     "Facts of a short life, not part of the record.",
     fix_columns, "PRIMARY KEY (unit, at)", "STRICT, WITHOUT ROWID", NULL},
    {"thin", "unit,at", "Tracks older than that: a point a minute.", thin_columns, "PRIMARY KEY (unit, at)",
     "STRICT, WITHOUT ROWID", NULL},
    {"passed", "hour,way",
     "What stays: how many minutes units were on a road segment in an "
     "hour, of all units together.",
     passed_columns, "PRIMARY KEY (hour, way, from_node, to_node)", "STRICT, WITHOUT ROWID", NULL},
    {"destroyed", "class,day", "Days of which positions were destroyed and no event says so yet.",
     destroyed_columns, "PRIMARY KEY (class, day)", "STRICT, WITHOUT ROWID", NULL},
    {0}};

static const char *const sql[PCT_TRACK_STATEMENTS] = {
    [PCT_TRACK_BEGIN] = "BEGIN IMMEDIATE",
    [PCT_TRACK_COMMIT] = "COMMIT",
    [PCT_TRACK_ADD] = "INSERT OR IGNORE INTO fix (unit, at, lon_e7, lat_e7, speed, heading, source)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [PCT_TRACK_NEXT_UNIT] = "SELECT min(unit) FROM fix WHERE unit > ?1",
    [PCT_TRACK_NEXT_UNIT_THINNED] = "SELECT min(unit) FROM thin WHERE unit > ?1",
    [PCT_TRACK_OLD] = "SELECT at, lon_e7, lat_e7 FROM fix WHERE unit = ?1 AND at < ?2 ORDER BY at LIMIT ?3",
    [PCT_TRACK_OLD_THINNED] =
        "SELECT at, lon_e7, lat_e7 FROM thin WHERE unit = ?1 AND at < ?2 ORDER BY at LIMIT ?3",
    [PCT_TRACK_DELETE] = "DELETE FROM fix WHERE unit = ?1 AND at <= ?2",
    [PCT_TRACK_DELETE_THINNED] = "DELETE FROM thin WHERE unit = ?1 AND at <= ?2",
    [PCT_TRACK_THIN] = "INSERT OR IGNORE INTO thin (unit, at, lon_e7, lat_e7) VALUES (?1, ?2, ?3, ?4)",
    [PCT_TRACK_PASSED] =
        "INSERT INTO passed (hour, way, from_node, to_node, minutes) VALUES (?1, ?2, ?3, ?4, 1)"
        " ON CONFLICT (hour, way, from_node, to_node) DO UPDATE SET minutes = minutes + 1",
    [PCT_TRACK_DESTROYED] = "INSERT INTO destroyed (class, day, rows) VALUES (?1, ?2, ?3)"
                            " ON CONFLICT (class, day) DO UPDATE SET rows = rows + excluded.rows",
    [PCT_TRACK_FORGET] = "DELETE FROM destroyed WHERE class = ?1 AND day <= ?2",
};

pct_status pct_tracks_failure(const pct_tracks *t, sqlite3 *db, int code, pct_error *error) {
    if (code == SQLITE_IOERR_DATA) return pct_page_failure(db, PCT_MSG_TRACK_PAGE, t->path, error);
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return PCT_OK;
    case SQLITE_NOMEM: return pct_error_memory(error, 0);
    case SQLITE_FULL: return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_TRACK_FULL, pct_str(t->path));
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return PCT_FAIL(error, PCT_BUSY, PCT_MSG_TRACK_BUSY, pct_str(t->path));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_TRACK_DAMAGED, pct_str(t->path));
    default:
        return PCT_FAIL(error, PCT_IO, PCT_MSG_TRACK_IO, pct_str(t->path),
                        pct_str(db ? sqlite3_errmsg(db) : sqlite3_errstr(code)));
    }
}

static int run(sqlite3 *db, const char *text) {
    return sqlite3_exec(db, text, NULL, NULL, NULL);
}

static int read_integer(sqlite3 *db, const char *text, int64_t *out) {
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(db, text, -1, &s, NULL);
    *out = 0;
    if (!code && sqlite3_step(s) == SQLITE_ROW) *out = sqlite3_column_int64(s, 0);
    int end = sqlite3_finalize(s);
    return code ? code : end;
}

/* What is not there yet: all of it in a new file, what a newer format has in an older one. */
static int make_schema(sqlite3 *db) {
    char marks[100];
    (void)snprintf(marks, sizeof marks, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;",
                   PCT_TRACK_APPLICATION, PCT_TRACK_FORMAT);
    int code = run(db, "BEGIN IMMEDIATE");
    pct_buffer text = pct_buffer_init(PCT_SCHEMA_BYTES_MAX);
    for (const pct_table_schema *t = pct_schema_tracks; t->name; t++)
        if (sqlite3_table_column_metadata(db, NULL, t->name, NULL, NULL, NULL, NULL, NULL, NULL) != SQLITE_OK)
            pct_schema_write(t, &text);
    const char *made = pct_buffer_chars(&text);
    if (!code) code = text.failed ? SQLITE_NOMEM : run(db, made);
    pct_buffer_dispose(&text);
    return code ? code : run(db, marks);
}

/* A file of our newest format without sums: its first page is damaged. Older ones had none. */
static int check_sums(sqlite3 *db) {
    int64_t format;
    int code = read_integer(db, "PRAGMA user_version", &format);
    return code || format < PCT_TRACK_SUMMED || pct_page_checked(db) ? code : SQLITE_CORRUPT;
}

/* The file is new (then it is made), ours, or neither. */
static pct_status identify(pct_tracks *t, pct_error *error) {
    int64_t application, format, tables;
    int code = read_integer(t->db, "PRAGMA application_id", &application);
    if (!code) code = read_integer(t->db, "PRAGMA user_version", &format);
    if (!code) code = read_integer(t->db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (code) return pct_tracks_failure(t, t->db, code, error);
    bool fresh = application == 0 && tables == 0;
    t->foreign = !fresh && (application != PCT_TRACK_APPLICATION || format > PCT_TRACK_FORMAT);
    if (t->foreign) return PCT_FAIL(error, PCT_IO, PCT_MSG_TRACK_FOREIGN, pct_str(t->path));
    code = check_sums(t->db);
    if (!code && !fresh && !pct_page_checked(t->db)) code = pct_page_take_over(t->db);
    if (!code && (fresh || format < PCT_TRACK_FORMAT)) code = make_schema(t->db);
    return pct_tracks_failure(t, t->db, code, error);
}

static int remember_pages(void *context, sqlite3 *db, const char *name, int pages) {
    (void)db, (void)name;
    *(int *)context = pages;
    return SQLITE_OK;
}

/* Somebody took the file away or put another in its place. */
static bool has_moved(sqlite3 *db) {
    int moved = 0;
    return db && sqlite3_file_control(db, NULL, SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}

pct_status pct_tracks_connect(pct_tracks *t, pct_error *error) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (has_moved(t->db)) pct_tracks_disconnect(t);
    if (t->db) return PCT_OK;
    int code = pct_page_open(t->path, &t->db, flags, t->options.vfs);
    if (!code)
        code = run(t->db, "PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                          " PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192");
    pct_status status = pct_tracks_failure(t, t->db, code, error);
    if (!status) status = identify(t, error);
    for (int i = 0; i < PCT_TRACK_STATEMENTS && !status; i++) {
        code = sqlite3_prepare_v3(t->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &t->statements[i], NULL);
        status = pct_tracks_failure(t, t->db, code, error);
    }
    if (status) {
        pct_tracks_disconnect(t);
        return status;
    }
    (void)sqlite3_wal_autocheckpoint(t->db, 0);
    (void)sqlite3_wal_hook(t->db, remember_pages, &t->pages);
    return PCT_OK;
}

void pct_tracks_disconnect(pct_tracks *t) {
    for (int i = 0; i < PCT_TRACK_STATEMENTS; i++) {
        (void)sqlite3_finalize(t->statements[i]);
        t->statements[i] = NULL;
    }
    (void)sqlite3_close(t->db);
    t->db = NULL;
}

static void remove_file(const pct_tracks *t, const char *ending) {
    char path[PCT_PATH_MAX + 8];
    sqlite3_vfs *vfs = sqlite3_vfs_find(t->options.vfs);
    (void)snprintf(path, sizeof path, "%s%s", t->path, ending);
    if (vfs) (void)vfs->xDelete(vfs, path, 0);
}

/* Nobody could delete single rows of it when their time has come; so it goes now, and whole. */
void pct_tracks_discard(pct_tracks *t) {
    pct_tracks_close_reader(t);
    pct_tracks_disconnect(t);
    remove_file(t, "-wal");
    remove_file(t, "-shm");
    remove_file(t, "");
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

void pct_tracks_close_reader(pct_tracks *t) {
    (void)pthread_mutex_lock(&t->reading);
    (void)sqlite3_close(t->reader);
    t->reader = NULL;
    (void)pthread_mutex_unlock(&t->reading);
}

static pct_status open_reader(pct_tracks *t, pct_error *error) {
    if (t->reader && !has_moved(t->reader)) return PCT_OK;
    (void)sqlite3_close(t->reader);
    t->reader = NULL;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = pct_page_open(t->path, &t->reader, flags, t->options.vfs);
    if (!code) {
        (void)sqlite3_busy_timeout(t->reader, BUSY_MS);
        (void)sqlite3_db_config(t->reader, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        code = check_sums(t->reader);
    }
    pct_status status = pct_tracks_failure(t, t->reader, code, error);
    if (!status) return PCT_OK;
    (void)sqlite3_close(t->reader);
    t->reader = NULL;
    return status;
}

static int32_t known(sqlite3_stmt *s, int column) {
    return sqlite3_column_type(s, column) == SQLITE_NULL ? -1 : sqlite3_column_int(s, column);
}

static pct_status read_points(pct_tracks *t, sqlite3_stmt *s, int64_t unit,
                              bool (*take)(void *context, const pct_track_point *point), void *context,
                              pct_error *error) {
    int code = SQLITE_ROW;
    for (bool more = true; more && (code = sqlite3_step(s)) == SQLITE_ROW;) {
        const pct_track_point point = {.unit = unit,
                                       .at_ms = sqlite3_column_int64(s, 0),
                                       .position = {sqlite3_column_int(s, 1), sqlite3_column_int(s, 2)},
                                       .speed_cms = known(s, 3),
                                       .heading_deg = (int16_t)known(s, 4),
                                       .source = (uint8_t)sqlite3_column_int(s, 5)};
        more = take(context, &point);
    }
    return pct_tracks_failure(t, t->reader, code, error);
}

static pct_status read_from(pct_tracks *t, const char *select, int64_t unit, int64_t from_ms, int64_t to_ms,
                            bool (*take)(void *context, const pct_track_point *point), void *context,
                            pct_error *error) {
    sqlite3_stmt *s = NULL;
    (void)pthread_mutex_lock(&t->reading);
    pct_status status = open_reader(t, error);
    if (!status)
        status = pct_tracks_failure(t, t->reader, sqlite3_prepare_v2(t->reader, select, -1, &s, NULL), error);
    if (!status) {
        (void)sqlite3_bind_int64(s, 1, unit);
        (void)sqlite3_bind_int64(s, 2, from_ms);
        (void)sqlite3_bind_int64(s, 3, to_ms);
        status = read_points(t, s, unit, take, context, error);
    }
    (void)sqlite3_finalize(s);
    (void)pthread_mutex_unlock(&t->reading);
    if (status == PCT_DAMAGED) atomic_store(&t->damaged, true);
    return status;
}

pct_status pct_tracks_read(pct_tracks *t, int64_t unit, int64_t from_ms, int64_t to_ms,
                           bool (*take)(void *context, const pct_track_point *point), void *context,
                           pct_error *error) {
    return read_from(t,
                     "SELECT at, lon_e7, lat_e7, speed, heading, source FROM fix"
                     " WHERE unit = ?1 AND at >= ?2 AND at < ?3 ORDER BY at",
                     unit, from_ms, to_ms, take, context, error);
}

pct_status pct_tracks_read_thinned(pct_tracks *t, int64_t unit, int64_t from_ms, int64_t to_ms,
                                   bool (*take)(void *context, const pct_track_point *point), void *context,
                                   pct_error *error) {
    return read_from(t,
                     "SELECT at, lon_e7, lat_e7, NULL, NULL, 0 FROM thin"
                     " WHERE unit = ?1 AND at >= ?2 AND at < ?3 ORDER BY at",
                     unit, from_ms, to_ms, take, context, error);
}

static pct_status find_destroyed(pct_tracks *t, sqlite3_stmt *s, pct_tracks_destroyed *out, bool *found,
                                 pct_error *error) {
    int code = sqlite3_step(s);
    *found = code == SQLITE_ROW;
    if (*found)
        *out =
            (pct_tracks_destroyed){(sqlite3_column_int64(s, 0) + 1) * PCT_DAY_MS, sqlite3_column_int64(s, 1)};
    return pct_tracks_failure(t, t->reader, code, error);
}

/* Of days that a whole round has been through since the opening. */
pct_status pct_tracks_untold(pct_tracks *t, pct_tracks_class class, pct_tracks_destroyed *out, bool *found,
                             pct_error *error) {
    static const char select[] = "SELECT day, rows FROM destroyed WHERE class = ?1 AND day > ?2 AND day < ?3"
                                 " ORDER BY day LIMIT 1";
    sqlite3_stmt *s = NULL;
    *found = false;
    (void)pthread_mutex_lock(&t->gate);
    int64_t told = t->told_day[class], whole = t->whole_ms[class] / PCT_DAY_MS;
    (void)pthread_mutex_unlock(&t->gate);
    (void)pthread_mutex_lock(&t->reading);
    pct_status status = open_reader(t, error);
    if (!status)
        status = pct_tracks_failure(t, t->reader, sqlite3_prepare_v2(t->reader, select, -1, &s, NULL), error);
    if (!status) {
        (void)sqlite3_bind_int(s, 1, (int)class);
        (void)sqlite3_bind_int64(s, 2, told);
        (void)sqlite3_bind_int64(s, 3, whole);
        status = find_destroyed(t, s, out, found, error);
    }
    (void)sqlite3_finalize(s);
    (void)pthread_mutex_unlock(&t->reading);
    return status;
}

static pct_status list_units(pct_tracks *t, sqlite3_stmt *s, pct_vector *units, pct_error *error) {
    for (int64_t after = INT64_MIN;;) {
        (void)sqlite3_bind_int64(s, 1, after);
        int code = sqlite3_step(s);
        bool found = code == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL;
        if (!found) return pct_tracks_failure(t, t->reader, code, error);
        after = sqlite3_column_int64(s, 0);
        (void)sqlite3_reset(s);
        int64_t *room = pct_vector_push(units);
        if (!room) return pct_error_memory(error, sizeof *room);
        *room = after;
    }
}

pct_status pct_tracks_list_units(pct_tracks *t, pct_vector *units, pct_error *error) {
    sqlite3_stmt *s = NULL;
    (void)pthread_mutex_lock(&t->reading);
    pct_status status = open_reader(t, error);
    if (!status)
        status = pct_tracks_failure(
            t, t->reader, sqlite3_prepare_v2(t->reader, sql[PCT_TRACK_NEXT_UNIT], -1, &s, NULL), error);
    if (!status) status = list_units(t, s, units, error);
    (void)sqlite3_finalize(s);
    (void)pthread_mutex_unlock(&t->reading);
    return status;
}

pct_status pct_tracks_count(pct_tracks *t, int64_t *out, pct_error *error) {
    (void)pthread_mutex_lock(&t->reading);
    pct_status status = open_reader(t, error);
    if (!status)
        status =
            pct_tracks_failure(t, t->reader, read_integer(t->reader, "SELECT count(*) FROM fix", out), error);
    (void)pthread_mutex_unlock(&t->reading);
    return status;
}
