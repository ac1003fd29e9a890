#include "support/power_disk.h"

#include <check.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/rng.h"

enum { SECTOR = 512, FILES_MAX = 12, NAME_MAX_BYTES = 200, REGIONS_MAX = 64, LIE_ONE_IN = 4 };

typedef struct content {
    unsigned char *bytes;
    int64_t size, capacity;
    bool exists;
} content;

typedef struct disk_file {
    char name[NAME_MAX_BYTES];
    content seen, safe, saved;
    unsigned char *unsynced; /* [sector] */
    int64_t sector_count;
    void *regions[REGIONS_MAX]; /* shared memory of a write-ahead log */
    int handles;
} disk_file;

static struct {
    disk_file files[FILES_MAX];
    int file_count;
    pct_rng rng;
    power_sabotage sabotage;
    power_fault fault;
    uint64_t countdown, operations, syncs;
    bool cut, came, failed_sync, registered;
} disk;

typedef struct handle {
    sqlite3_file base;
    disk_file *file;
    bool delete_on_close;
} handle;

/* --- content ----------------------------------------------------------------------------------------------------- */

static void grow(content *c, int64_t size) {
    if (size > c->capacity) {
        int64_t capacity = c->capacity ? c->capacity : 4096;
        while (capacity < size) capacity *= 2;
        c->bytes = realloc(c->bytes, (size_t)capacity);
        ck_assert_ptr_nonnull(c->bytes);
        memset(c->bytes + c->capacity, 0, (size_t)(capacity - c->capacity));
        c->capacity = capacity;
    }
    if (size > c->size) memset(c->bytes + c->size, 0, (size_t)(size - c->size));
    c->size = size;
}

static void copy(content *to, const content *from) {
    grow(to, from->size);
    if (from->size) memcpy(to->bytes, from->bytes, (size_t)from->size);
    to->exists = from->exists;
}

static void mark(disk_file *f, int64_t from, int64_t until) {
    int64_t sectors = (until + SECTOR - 1) / SECTOR;
    if (sectors > f->sector_count) {
        int64_t count = sectors * 2;
        f->unsynced = realloc(f->unsynced, (size_t)count);
        ck_assert_ptr_nonnull(f->unsynced);
        memset(f->unsynced + f->sector_count, 0, (size_t)(count - f->sector_count));
        f->sector_count = count;
    }
    for (int64_t s = from / SECTOR; s < sectors; s++) f->unsynced[s] = 1;
}

static disk_file *find(const char *name, bool make) {
    for (int i = 0; i < disk.file_count; i++)
        if (strcmp(disk.files[i].name, name) == 0) return &disk.files[i];
    if (!make) return NULL;
    ck_assert_int_lt(disk.file_count, FILES_MAX);
    disk_file *f = &disk.files[disk.file_count++];
    memset(f, 0, sizeof *f);
    ck_assert_uint_lt(strlen(name), sizeof f->name);
    memcpy(f->name, name, strlen(name) + 1);
    return f;
}

/* `bytes` of sector s survive as they are seen. */
static void keep(disk_file *f, int64_t s, int64_t bytes) {
    int64_t at = s * SECTOR, end = at + bytes;
    if (end > f->safe.size) end = f->safe.size;
    if (end > f->seen.size) end = f->seen.size;
    if (end > at) memcpy(f->safe.bytes + at, f->seen.bytes + at, (size_t)(end - at));
}

/* --- faults ------------------------------------------------------------------------------------------------------ */

/* True when this operation must fail. */
static bool struck(void) {
    if (disk.cut) return true;
    disk.operations++;
    if (disk.fault == POWER_NO_FAULT || disk.fault == POWER_FULL || disk.operations != disk.countdown)
        return false;
    disk.came = true;
    if (disk.fault == POWER_CUT) disk.cut = true;
    return true;
}

static bool full(void) {
    bool now = disk.fault == POWER_FULL && disk.operations >= disk.countdown;
    disk.came |= now;
    return now;
}

/* --- methods of a file ------------------------------------------------------------------------------------------- */

static int file_close(sqlite3_file *base) {
    handle *h = (handle *)base;
    h->file->handles--;
    if (h->delete_on_close) h->file->seen.exists = false;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int length, sqlite3_int64 at) {
    disk_file *f = ((handle *)base)->file;
    if (disk.cut) return SQLITE_IOERR_READ;
    if (disk.fault == POWER_FAIL && struck()) return SQLITE_IOERR_READ;
    int64_t there = f->seen.size - at;
    if (there < 0) there = 0;
    if (there > length) there = length;
    if (there > 0) memcpy(out, f->seen.bytes + at, (size_t)there);
    memset((char *)out + there, 0, (size_t)(length - there));
    return there < length ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int file_write(sqlite3_file *base, const void *bytes, int length, sqlite3_int64 at) {
    disk_file *f = ((handle *)base)->file;
    if (disk.cut) return SQLITE_IOERR_WRITE;
    bool failed = struck();
    if (failed && !disk.cut) return SQLITE_IOERR_WRITE;
    if (at + length > f->seen.size) {
        if (full()) return SQLITE_FULL;
        grow(&f->seen, at + length);
    }
    memcpy(f->seen.bytes + at, bytes, (size_t)length);
    mark(f, at, at + length);
    return failed ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    disk_file *f = ((handle *)base)->file;
    if (struck()) return SQLITE_IOERR_TRUNCATE;
    if (size < f->seen.size) f->seen.size = size;
    return SQLITE_OK;
}

static void sync_failed(disk_file *f) {
    for (int64_t s = 0; s < f->sector_count; s++)
        if (f->unsynced[s] && pct_rng_below(&disk.rng, 2)) f->unsynced[s] = 0;
}

static int file_sync(sqlite3_file *base, int flags) {
    disk_file *f = ((handle *)base)->file;
    (void)flags;
    if (struck()) {
        disk.failed_sync = !disk.cut;
        if (!disk.cut) sync_failed(f);
        return SQLITE_IOERR_FSYNC;
    }
    disk.syncs++;
    if (disk.sabotage == POWER_SYNC_REMOVED) return SQLITE_OK;
    if (disk.sabotage == POWER_LYING_DISK && pct_rng_below(&disk.rng, LIE_ONE_IN) == 0) return SQLITE_OK;
    grow(&f->safe, f->seen.size);
    f->safe.exists = true;
    for (int64_t s = 0; s < f->sector_count && s * SECTOR < f->seen.size; s++)
        if (f->unsynced[s]) keep(f, s, SECTOR);
    if (f->sector_count) memset(f->unsynced, 0, (size_t)f->sector_count);
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
    *size = ((handle *)base)->file->seen.size;
    return disk.cut ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level) {
    (void)base, (void)level;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *base, int *out) {
    (void)base;
    *out = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    (void)base;
    if (operation != SQLITE_FCNTL_PERSIST_WAL) return SQLITE_NOTFOUND;
    if (*(int *)argument < 0) *(int *)argument = 1;
    return SQLITE_OK;
}

static int file_sector(sqlite3_file *base) {
    (void)base;
    return 4096;
}

static int file_characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out) {
    disk_file *f = ((handle *)base)->file;
    ck_assert_int_lt(region, REGIONS_MAX);
    if (!f->regions[region] && extend) f->regions[region] = calloc(1, (size_t)size);
    *out = f->regions[region];
    return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int offset, int n, int flags) {
    (void)base, (void)offset, (void)n, (void)flags;
    return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base) {
    (void)base;
}

static void drop_regions(disk_file *f) {
    for (int i = 0; i < REGIONS_MAX; i++) {
        free(f->regions[i]);
        f->regions[i] = NULL;
    }
}

static int shm_unmap(sqlite3_file *base, int delete) {
    (void)delete;
    if (((handle *)base)->file->handles <= 1) drop_regions(((handle *)base)->file);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {2,
                                           file_close,
                                           file_read,
                                           file_write,
                                           file_truncate,
                                           file_sync,
                                           file_size,
                                           file_lock,
                                           file_lock,
                                           file_reserved,
                                           file_control,
                                           file_sector,
                                           file_characteristics,
                                           shm_map,
                                           shm_lock,
                                           shm_barrier,
                                           shm_unmap,
                                           NULL,
                                           NULL};

/* --- methods of the file system ---------------------------------------------------------------------------------- */

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags) {
    handle *h = (handle *)base;
    (void)vfs;
    memset(h, 0, sizeof *h);
    if (disk.cut) return SQLITE_CANTOPEN;
    disk_file *f = find(name ? name : "temporary", flags & SQLITE_OPEN_CREATE);
    if (!f || (!f->seen.exists && !(flags & SQLITE_OPEN_CREATE))) return SQLITE_CANTOPEN;
    if (!f->seen.exists) {
        if (struck()) return SQLITE_CANTOPEN;
        f->seen.exists = true;
        f->seen.size = 0;
    }
    h->file = f;
    h->delete_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
    h->base.pMethods = &methods;
    f->handles++;
    if (out_flags) *out_flags = flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    disk_file *f = find(name, false);
    if (!f || !f->seen.exists) return SQLITE_IOERR_DELETE_NOENT;
    if (struck()) return SQLITE_IOERR_DELETE;
    f->seen.exists = false;
    f->seen.size = 0;
    if (sync && disk.sabotage != POWER_SYNC_REMOVED) f->safe.exists = false, f->safe.size = 0;
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs, (void)flags;
    const disk_file *f = find(name, false);
    *out = f && f->seen.exists && (flags != SQLITE_ACCESS_EXISTS || f->seen.size > 0);
    return disk.cut ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int disk_path(sqlite3_vfs *vfs, const char *name, int length, char *out) {
    (void)vfs;
    sqlite3_snprintf(length, out, "%s", name);
    return SQLITE_OK;
}

static int disk_random(sqlite3_vfs *vfs, int length, char *out) {
    (void)vfs;
    for (int i = 0; i < length; i++) out[i] = (char)pct_rng_next(&disk.rng);
    return length;
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

static int disk_time(sqlite3_vfs *vfs, double *out) {
    (void)vfs;
    *out = 2460000.5;
    return SQLITE_OK;
}

static int disk_last_error(sqlite3_vfs *vfs, int length, char *out) {
    (void)vfs, (void)length, (void)out;
    return 0;
}

static sqlite3_vfs vfs = {.iVersion = 1,
                          .szOsFile = sizeof(handle),
                          .mxPathname = NAME_MAX_BYTES,
                          .zName = POWER_DISK_VFS,
                          .xOpen = disk_open,
                          .xDelete = disk_delete,
                          .xAccess = disk_access,
                          .xFullPathname = disk_path,
                          .xRandomness = disk_random,
                          .xSleep = disk_sleep,
                          .xCurrentTime = disk_time,
                          .xGetLastError = disk_last_error};

/* --- what tests call --------------------------------------------------------------------------------------------- */

void power_disk_free(void) {
    for (int i = 0; i < disk.file_count; i++) {
        disk_file *f = &disk.files[i];
        drop_regions(f);
        free(f->seen.bytes), free(f->safe.bytes), free(f->saved.bytes), free(f->unsynced);
    }
    disk.file_count = 0;
}

void power_disk_new(uint64_t seed) {
    power_disk_free();
    if (!disk.registered) ck_assert_int_eq(sqlite3_vfs_register(&vfs, 0), SQLITE_OK);
    disk.registered = true;
    disk.sabotage = POWER_HONEST;
    power_disk_reset(seed);
}

void power_disk_set_sabotage(power_sabotage sabotage) {
    disk.sabotage = sabotage;
}

void power_disk_arm(power_fault fault, uint64_t operation) {
    disk.fault = fault;
    disk.countdown = operation;
    disk.operations = 0;
    disk.came = disk.failed_sync = false;
}

bool power_disk_is_cut(void) {
    return disk.cut;
}

bool power_disk_fault_came(void) {
    return disk.came;
}

bool power_disk_failed_sync(void) {
    return disk.failed_sync;
}

uint64_t power_disk_operations(void) {
    return disk.operations;
}

uint64_t power_disk_syncs(void) {
    return disk.syncs;
}

static void settle(disk_file *f) {
    drop_regions(f);
    if (f->seen.exists != f->safe.exists && pct_rng_below(&disk.rng, 2)) f->safe.exists = f->seen.exists;
    /* A file grows in order, so any length between the two may have survived, at a sector. It shrinks at once: a file system
     * journals the new size as one change. */
    if (f->seen.size < f->safe.size) {
        if (pct_rng_below(&disk.rng, 2)) f->safe.size = f->seen.size;
    } else if (f->seen.size != f->safe.size && pct_rng_below(&disk.rng, 2)) {
        int64_t low = f->seen.size < f->safe.size ? f->seen.size : f->safe.size;
        int64_t high = f->seen.size < f->safe.size ? f->safe.size : f->seen.size;
        int64_t sectors = (high - low + SECTOR - 1) / SECTOR;
        int64_t size = low + (int64_t)pct_rng_below(&disk.rng, (uint32_t)sectors + 1) * SECTOR;
        grow(&f->safe, size < high ? size : high);
    }
    for (int64_t s = 0; s < f->sector_count && s * SECTOR < f->safe.size; s++) {
        if (!f->unsynced[s]) continue;
        uint32_t fate = pct_rng_below(&disk.rng, 4); /* dropped, torn, kept, kept */
        if (fate > 0) keep(f, s, fate == 1 ? (int64_t)pct_rng_below(&disk.rng, SECTOR) : SECTOR);
    }
    if (f->sector_count) memset(f->unsynced, 0, (size_t)f->sector_count);
    if (!f->safe.exists) f->safe.size = 0;
    copy(&f->seen, &f->safe);
}

void power_disk_restore(void) {
    for (int i = 0; i < disk.file_count; i++) {
        ck_assert_int_eq(disk.files[i].handles, 0);
        settle(&disk.files[i]);
    }
    disk.cut = false;
    disk.fault = POWER_NO_FAULT;
}

void power_disk_survive(void) {
    for (int i = 0; i < disk.file_count; i++) {
        ck_assert_int_eq(disk.files[i].handles, 0);
        drop_regions(&disk.files[i]);
    }
    disk.cut = false;
    disk.fault = POWER_NO_FAULT;
}

void power_disk_save(void) {
    for (int i = 0; i < disk.file_count; i++) copy(&disk.files[i].saved, &disk.files[i].seen);
}

void power_disk_reset(uint64_t seed) {
    disk.rng = pct_rng_init(seed, 77);
    disk.cut = disk.came = false;
    disk.fault = POWER_NO_FAULT;
    disk.syncs = disk.operations = 0;
    for (int i = 0; i < disk.file_count; i++) {
        disk_file *f = &disk.files[i];
        ck_assert_int_eq(f->handles, 0);
        copy(&f->seen, &f->saved);
        copy(&f->safe, &f->saved);
        if (f->sector_count) memset(f->unsynced, 0, (size_t)f->sector_count);
    }
}

bool power_disk_holds(const char *bytes, size_t length) {
    for (int i = 0; i < disk.file_count; i++)
        if (disk.files[i].seen.exists && disk.files[i].seen.size > 0 &&
            memmem(disk.files[i].seen.bytes, (size_t)disk.files[i].seen.size, bytes, length))
            return true;
    return false;
}

int64_t power_disk_size(const char *name) {
    const disk_file *f = find(name, false);
    return f ? f->seen.size : 0;
}

uint64_t power_disk_digest(const char *name) {
    const disk_file *f = find(name, false);
    return f ? pct_digest(f->seen.bytes, (size_t)f->seen.size) : 0;
}

bool power_disk_flip(const char *name, uint64_t bit) {
    disk_file *f = find(name, false);
    if (!f || (int64_t)(bit / 8) >= f->seen.size) return false;
    f->seen.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    copy(&f->safe, &f->seen);
    return true;
}
