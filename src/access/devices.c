#include "access/devices.h"

#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "site/file.h"

enum { HASH_BYTES = 32, BUSY_WAIT_MS = 2000 };

const char *const pct_speed_unit_names[PCT_SPEED_UNIT_COUNT] = {"knots", "mps", "kmh"};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS device ("
    " id_hash BLOB PRIMARY KEY,"    /* BLAKE2b-256 of its id; retention: while it exists */
    " unit TEXT NOT NULL,"          /* name of the unit it is bound to */
    " speed INTEGER NOT NULL,"      /* pct_speed_unit */
    " added_at_ms INTEGER NOT NULL" /* UTC */
    ") WITHOUT ROWID;";

enum { ADD, FIND, LIST, QUERY_COUNT };
static const char *const queries[QUERY_COUNT] = {
    [ADD] = "INSERT INTO device (id_hash, unit, speed, added_at_ms) VALUES (?1, ?2, ?3, ?4)",
    [FIND] = "SELECT unit, speed FROM device WHERE id_hash = ?1",
    [LIST] = "SELECT unit, speed, added_at_ms FROM device ORDER BY unit, added_at_ms",
};

struct pct_devices {
    pthread_mutex_t lock;
    sqlite3 *db;
    sqlite3_stmt *statements[QUERY_COUNT];
};

static pct_status failed(const pct_devices *d, pct_error *error) {
    int code = sqlite3_errcode(d->db);
    if (code == SQLITE_NOMEM) return pct_error_memory(error, 0);
    return PCT_FAIL(error, code == SQLITE_BUSY ? PCT_BUSY : PCT_IO, PCT_MSG_ACCOUNTS_DATABASE,
                    pct_str(sqlite3_errmsg(d->db)));
}

pct_status pct_devices_open(const char *site_folder, pct_devices **out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, site_folder, "accounts.db", error);
    if (status) return status;
    pct_devices *d = pct_alloc_zeroed(1, sizeof *d);
    if (!d) return pct_error_memory(error, sizeof *d);
    (void)pthread_mutex_init(&d->lock, NULL);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    bool good = sodium_init() >= 0 && sqlite3_open_v2(path, &d->db, flags, NULL) == SQLITE_OK &&
                sqlite3_busy_timeout(d->db, BUSY_WAIT_MS) == SQLITE_OK &&
                sqlite3_exec(d->db, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;", NULL, NULL,
                             NULL) == SQLITE_OK &&
                sqlite3_exec(d->db, schema, NULL, NULL, NULL) == SQLITE_OK;
    for (int i = 0; i < QUERY_COUNT && good; i++)
        good = sqlite3_prepare_v3(d->db, queries[i], -1, SQLITE_PREPARE_PERSISTENT, &d->statements[i],
                                  NULL) == SQLITE_OK;
    if (good) {
        *out = d;
        return PCT_OK;
    }
    status = failed(d, error);
    pct_devices_close(d);
    return status;
}

void pct_devices_close(pct_devices *d) {
    if (!d) return;
    for (int i = 0; i < QUERY_COUNT; i++) (void)sqlite3_finalize(d->statements[i]);
    (void)sqlite3_close(d->db);
    (void)pthread_mutex_destroy(&d->lock);
    pct_free(d);
}

static void bind_hash(sqlite3_stmt *s, pct_text id) {
    unsigned char hash[HASH_BYTES];
    (void)crypto_generichash(hash, sizeof hash, (const unsigned char *)id.chars, id.length, NULL, 0);
    (void)sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_TRANSIENT);
}

pct_status pct_devices_add(pct_devices *d, pct_text id, const pct_device *device, int64_t now_ms,
                           pct_error *error) {
    if (id.length < PCT_DEVICE_ID_MIN || id.length > PCT_DEVICE_ID_MAX || device->unit[0] == '\0')
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_DEVICE_ID, pct_int(PCT_DEVICE_ID_MIN),
                        pct_int(PCT_DEVICE_ID_MAX), pct_int((int64_t)id.length));
    (void)pthread_mutex_lock(&d->lock);
    sqlite3_stmt *s = d->statements[ADD];
    bind_hash(s, id);
    (void)sqlite3_bind_text(s, 2, device->unit, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int(s, 3, (int)device->speed);
    (void)sqlite3_bind_int64(s, 4, now_ms);
    int code = sqlite3_step(s);
    pct_status status = code == SQLITE_DONE ? PCT_OK : failed(d, error);
    if (code == SQLITE_CONSTRAINT)
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_DEVICE_TAKEN, pct_str(device->unit));
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&d->lock);
    return status;
}

static void read_device(sqlite3_stmt *s, pct_device *out) {
    *out = (pct_device){.speed = (pct_speed_unit)sqlite3_column_int(s, 1)};
    size_t length = (size_t)sqlite3_column_bytes(s, 0);
    if (length <= PCT_DEVICE_UNIT_MAX && length > 0) memcpy(out->unit, sqlite3_column_text(s, 0), length);
}

pct_status pct_devices_find(pct_devices *d, pct_text id, pct_device *out, pct_error *error) {
    (void)pthread_mutex_lock(&d->lock);
    sqlite3_stmt *s = d->statements[FIND];
    bind_hash(s, id);
    int code = sqlite3_step(s);
    pct_status status = PCT_OK;
    if (code == SQLITE_ROW)
        read_device(s, out);
    else if (code == SQLITE_DONE)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_DEVICE_UNKNOWN, pct_int(0));
    else
        status = failed(d, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&d->lock);
    return status;
}

pct_status pct_devices_list(pct_devices *d,
                            void (*take)(void *context, const pct_device *device, int64_t added_at_ms),
                            void *context, pct_error *error) {
    int code;
    (void)pthread_mutex_lock(&d->lock);
    sqlite3_stmt *s = d->statements[LIST];
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        pct_device device;
        read_device(s, &device);
        take(context, &device, sqlite3_column_int64(s, 2));
    }
    pct_status status = code == SQLITE_DONE ? PCT_OK : failed(d, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&d->lock);
    return status;
}
