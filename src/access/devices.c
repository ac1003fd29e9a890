#include "access/devices.h"

#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "access/database.h"
#include "base/memory.h"
#include "base/vector.h"
#include "site/now.h"

enum {
    HASH_BYTES = 32,
    DEVICES_MAX = 1 << 18,
    POLL_MS = 1000,      /* a change by another program is seen after so long */
    POLL_UNKNOWN_MS = 20 /* or when an id is not known: it may just have been added */
};

const char *const pct_speed_unit_names[PCT_SPEED_UNIT_COUNT] = {"knots", "mps", "kmh"};

enum { ADD, REMOVE, ALL, LIST, VERSION, QUERY_COUNT };
static const char *const queries[QUERY_COUNT] = {
    [ADD] = "INSERT INTO device (id_hash, unit, speed, added_at_ms) VALUES (?1, ?2, ?3, ?4)",
    [REMOVE] = "DELETE FROM device WHERE unit = ?1",
    [ALL] = "SELECT unit, speed, id_hash FROM device ORDER BY id_hash",
    [LIST] = "SELECT unit, speed, added_at_ms FROM device ORDER BY unit, added_at_ms",
    [VERSION] = "PRAGMA data_version", /* another one when another connection has changed the file */
};

typedef struct entry {
    unsigned char hash[HASH_BYTES];
    pct_device device;
} entry;

struct pct_devices {
    pthread_mutex_t lock; /* of the file */
    sqlite3 *db;
    sqlite3_stmt *statements[QUERY_COUNT];
    int64_t version;           /* of the file when it was read */
    pthread_mutex_t seen_lock; /* of `seen`, held for a look-up alone; taken after `lock` */
    pct_vector seen;           /* of entry, in order of hash */
    atomic_llong next_poll_ms, next_unknown_ms;
};

static void hash_of(pct_text id, unsigned char out[HASH_BYTES]) {
    (void)crypto_generichash(out, HASH_BYTES, (const unsigned char *)id.chars, id.length, NULL, 0);
}

/* --- what the file says, in memory ------------------------------------------------------------------------------- */

static void read_device(sqlite3_stmt *s, pct_device *out) {
    *out = (pct_device){.speed = (pct_speed_unit)sqlite3_column_int(s, 1)};
    size_t length = (size_t)sqlite3_column_bytes(s, 0);
    if (length <= PCT_DEVICE_UNIT_MAX && length > 0) memcpy(out->unit, sqlite3_column_text(s, 0), length);
}

/* Under `lock`. What was seen stays when reading fails. */
static pct_status read_all(pct_devices *d, pct_error *error) {
    pct_vector fresh = pct_vector_init(sizeof(entry), DEVICES_MAX);
    sqlite3_stmt *s = d->statements[ALL];
    pct_status status = PCT_OK;
    int code;
    while (!status && (code = sqlite3_step(s)) == SQLITE_ROW) {
        entry *e = pct_vector_push(&fresh);
        if (!e)
            status = pct_vector_failed(&fresh, PCT_MSG_WHAT_DEVICES, error);
        else if (sqlite3_column_bytes(s, 2) == HASH_BYTES)
            memcpy(e->hash, sqlite3_column_blob(s, 2), HASH_BYTES);
        if (e) read_device(s, &e->device);
    }
    if (!status && code != SQLITE_DONE) status = pct_access_failure(d->db, error);
    (void)sqlite3_reset(s);
    if (!status) {
        (void)pthread_mutex_lock(&d->seen_lock);
        pct_vector old = d->seen;
        d->seen = fresh;
        (void)pthread_mutex_unlock(&d->seen_lock);
        fresh = old;
    }
    pct_vector_dispose(&fresh);
    return status;
}

/* Under `lock`. */
static pct_status read_when_changed(pct_devices *d, pct_error *error) {
    sqlite3_stmt *s = d->statements[VERSION];
    int code = sqlite3_step(s);
    int64_t version = code == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    pct_status status = code == SQLITE_ROW ? PCT_OK : pct_access_failure(d->db, error);
    (void)sqlite3_reset(s);
    if (status || version == d->version) return status;
    status = read_all(d, error);
    if (!status) d->version = version;
    return status;
}

/* Who looks up never waits for a program that writes: what was seen holds until the next try. */
pct_status pct_devices_refresh(pct_devices *d, pct_error *error) {
    (void)pthread_mutex_lock(&d->lock);
    (void)sqlite3_busy_timeout(d->db, 0);
    pct_status status = read_when_changed(d, error);
    (void)sqlite3_busy_timeout(d->db, PCT_ACCESS_BUSY_MS);
    (void)pthread_mutex_unlock(&d->lock);
    return status;
}

/* --- opening and closing ------------------------------------------------------------------------------------------- */

pct_status pct_devices_open(const char *site_folder, pct_devices **out, pct_error *error) {
    if (sodium_init() < 0) return PCT_FAIL(error, PCT_IO, PCT_MSG_ACCOUNTS_DATABASE, pct_str("libsodium"));
    pct_devices *d = pct_alloc_zeroed(1, sizeof *d);
    if (!d) return pct_error_memory(error, sizeof *d);
    (void)pthread_mutex_init(&d->lock, NULL);
    (void)pthread_mutex_init(&d->seen_lock, NULL);
    d->seen = pct_vector_init(sizeof(entry), DEVICES_MAX);
    pct_status status = pct_access_open(site_folder, "device", &d->db, error);
    if (!status) status = pct_access_prepare(d->db, queries, QUERY_COUNT, d->statements, error);
    if (!status) status = read_when_changed(d, error);
    if (status)
        pct_devices_close(d);
    else
        *out = d;
    return status;
}

void pct_devices_close(pct_devices *d) {
    if (!d) return;
    for (int i = 0; i < QUERY_COUNT; i++) (void)sqlite3_finalize(d->statements[i]);
    (void)sqlite3_close(d->db);
    pct_vector_dispose(&d->seen);
    (void)pthread_mutex_destroy(&d->seen_lock);
    (void)pthread_mutex_destroy(&d->lock);
    pct_free(d);
}

/* --- looking up ---------------------------------------------------------------------------------------------------- */

/* True for one caller in each interval. */
static bool is_turn(atomic_llong *next_ms, int interval_ms) {
    long long next = atomic_load_explicit(next_ms, memory_order_relaxed), now = pct_tick_ms();
    return now >= next && atomic_compare_exchange_strong(next_ms, &next, now + interval_ms);
}

static int by_hash(const void *key, const void *item) {
    return memcmp(key, ((const entry *)item)->hash, HASH_BYTES);
}

static bool look_up(pct_devices *d, const unsigned char hash[HASH_BYTES], pct_device *out) {
    (void)pthread_mutex_lock(&d->seen_lock);
    const entry *e = d->seen.length ? bsearch(hash, d->seen.items, d->seen.length, sizeof *e, by_hash) : NULL;
    if (e) *out = e->device;
    (void)pthread_mutex_unlock(&d->seen_lock);
    return e;
}

pct_status pct_devices_find(pct_devices *d, pct_text id, pct_device *out, pct_error *error) {
    unsigned char hash[HASH_BYTES];
    pct_error ignored;
    hash_of(id, hash);
    if (is_turn(&d->next_poll_ms, POLL_MS)) (void)!pct_devices_refresh(d, &ignored);
    if (look_up(d, hash, out)) return PCT_OK;
    if (is_turn(&d->next_unknown_ms, POLL_UNKNOWN_MS) && pct_devices_refresh(d, &ignored) == PCT_OK &&
        look_up(d, hash, out))
        return PCT_OK;
    return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_DEVICE_UNKNOWN, pct_int(0));
}

void pct_devices_learn(pct_devices *d, const char *unit, int64_t unit_seq) {
    (void)pthread_mutex_lock(&d->seen_lock);
    entry *seen = d->seen.items;
    for (size_t i = 0; i < d->seen.length; i++)
        if (strcmp(seen[i].device.unit, unit) == 0) seen[i].device.unit_seq = unit_seq;
    (void)pthread_mutex_unlock(&d->seen_lock);
}

/* --- changing and listing ------------------------------------------------------------------------------------------ */

/* Our own changes leave the file's version as it is: the next look-up reads again. Under `lock`. */
static void forget(pct_devices *d) {
    d->version = 0;
    atomic_store(&d->next_poll_ms, 0);
}

pct_status pct_devices_add(pct_devices *d, pct_text id, const pct_device *device, int64_t now_ms,
                           pct_error *error) {
    if (id.length < PCT_DEVICE_ID_MIN || id.length > PCT_DEVICE_ID_MAX || device->unit[0] == '\0')
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_DEVICE_ID, pct_int(PCT_DEVICE_ID_MIN),
                        pct_int(PCT_DEVICE_ID_MAX), pct_int((int64_t)id.length));
    (void)pthread_mutex_lock(&d->lock);
    sqlite3_stmt *s = d->statements[ADD];
    unsigned char hash[HASH_BYTES];
    hash_of(id, hash);
    (void)sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_TRANSIENT);
    (void)sqlite3_bind_text(s, 2, device->unit, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int(s, 3, (int)device->speed);
    (void)sqlite3_bind_int64(s, 4, now_ms);
    int code = sqlite3_step(s);
    pct_status status = code == SQLITE_DONE ? PCT_OK : pct_access_failure(d->db, error);
    if ((code & 0xFF) == SQLITE_CONSTRAINT)
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_DEVICE_TAKEN, pct_str(device->unit));
    (void)sqlite3_reset(s);
    if (!status) forget(d);
    (void)pthread_mutex_unlock(&d->lock);
    return status;
}

pct_status pct_devices_remove(pct_devices *d, pct_text unit, int64_t *removed, pct_error *error) {
    (void)pthread_mutex_lock(&d->lock);
    sqlite3_stmt *s = d->statements[REMOVE];
    (void)sqlite3_bind_text(s, 1, unit.chars, (int)unit.length, SQLITE_STATIC);
    pct_status status = sqlite3_step(s) == SQLITE_DONE ? PCT_OK : pct_access_failure(d->db, error);
    (void)sqlite3_reset(s);
    *removed = status ? 0 : sqlite3_changes(d->db);
    if (!status) forget(d);
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
    pct_status status = code == SQLITE_DONE ? PCT_OK : pct_access_failure(d->db, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&d->lock);
    return status;
}
