/* A file system of SQLite that stands over another one. Of a database (not of its logs and journals, which have sums of their own) each
 * page ends with eight reserved bytes: XXH3 of the rest, seeded with the page's number, so that a page in another's place
 * is found too. They are set when the page is written to the file and cleared when it was read: no log ever holds the sum of
 * what was erased. O(page) for each page read or written, about 0.3 us.
 *
 * Idea: https://sqlite.org/cksumvfs.html. Whether a database has sums stands in byte 20 of its header and is believed only
 * once: a file that had them does not lose them while it is open, and the store refuses a record without. */
#include "store/page_check.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"

enum {
    CONTENT = PCT_PAGE_BYTES - PCT_PAGE_SUM_BYTES,
    HEADER = 100,     /* is read before the page, and the page is read before anything of it is used */
    RESERVED_AT = 20, /* in the header */
    ASK_CHECKED = 0x50435401,
    ASK_REFUSED
};

/* The functions of the base are called with this one for `vfs`: they find their own context in it. */
typedef struct over {
    sqlite3_vfs vfs;
    sqlite3_vfs *base;
    char name[64];
} over;

/* The last page that was. */
typedef struct refused {
    int64_t page; /* from 1 */
    uint64_t expected, found;
} refused;

/* The file of the base stands behind it. */
typedef struct checked {
    sqlite3_file file;
    bool on;
    refused damage;
} checked;

static sqlite3_file *under(sqlite3_file *file) {
    return (sqlite3_file *)((checked *)file + 1);
}

/* --- sums ---------------------------------------------------------------------------------------------------------- */

static uint64_t sum_of(const unsigned char *page, sqlite3_int64 at) {
    return pct_digest_fold((uint64_t)(at / PCT_PAGE_BYTES) + 1, page, CONTENT);
}

/* A page that was freed before it was ever written is a hole of the file. */
static bool is_hole(const unsigned char *page) {
    return page[0] == 0 && memcmp(page, page + 1, PCT_PAGE_BYTES - 1) == 0;
}

static int verify(checked *f, unsigned char *page, sqlite3_int64 at) {
    uint64_t found, expected = sum_of(page, at);
    memcpy(&found, page + CONTENT, sizeof found);
    memset(page + CONTENT, 0, sizeof found);
    if (found == expected || (found == 0 && is_hole(page))) return SQLITE_OK;
    f->damage = (refused){at / PCT_PAGE_BYTES + 1, expected, found};
    return SQLITE_IOERR_DATA;
}

/* Some of a page was read: the whole is verified. */
static int verify_around(checked *f, int length, sqlite3_int64 at) {
    unsigned char page[PCT_PAGE_BYTES];
    sqlite3_int64 start = at - at % PCT_PAGE_BYTES;
    if (at + length > start + PCT_PAGE_BYTES) {
        f->damage = (refused){.page = start / PCT_PAGE_BYTES + 1};
        return SQLITE_IOERR_DATA; /* not a page of ours: its size was flipped */
    }
    sqlite3_file *file = under(&f->file);
    int code = file->pMethods->xRead(file, page, sizeof page, start);
    if (!code) code = verify(f, page, start);
    memset(page, 0, sizeof page);
    return code;
}

/* --- a file -------------------------------------------------------------------------------------------------------- */

static void learn(checked *f, const unsigned char *bytes, int length, sqlite3_int64 at) {
    if (at == 0 && length > RESERVED_AT && bytes[RESERVED_AT] == PCT_PAGE_SUM_BYTES) f->on = true;
}

static int file_read(sqlite3_file *file, void *out, int length, sqlite3_int64 at) {
    checked *f = (checked *)file;
    int code = under(file)->pMethods->xRead(under(file), out, length, at);
    if (code) return code;
    learn(f, out, length, at);
    if (!f->on || length <= HEADER) return SQLITE_OK;
    bool whole = length == PCT_PAGE_BYTES && at % PCT_PAGE_BYTES == 0;
    return whole ? verify(f, out, at) : verify_around(f, length, at);
}

/* The sum is put where SQLite leaves room for it, in its own buffer: a copy would leave keys on the stack. */
static int file_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at) {
    checked *f = (checked *)file;
    learn(f, bytes, length, at);
    if (!f->on) return under(file)->pMethods->xWrite(under(file), bytes, length, at);
    if (length != PCT_PAGE_BYTES || at % PCT_PAGE_BYTES != 0)
        return SQLITE_IOERR_WRITE; /* SQLite never does */
    unsigned char *page = (unsigned char *)(uintptr_t)bytes;
    uint64_t sum = sum_of(page, at);
    memcpy(page + CONTENT, &sum, sizeof sum);
    int code = under(file)->pMethods->xWrite(under(file), page, length, at);
    memset(page + CONTENT, 0, sizeof sum);
    return code;
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    checked *f = (checked *)file;
    if (operation == ASK_CHECKED) {
        *(bool *)argument = f->on;
        return SQLITE_OK;
    }
    if (operation == ASK_REFUSED) {
        *(refused *)argument = f->damage;
        return SQLITE_OK;
    }
    return under(file)->pMethods->xFileControl(under(file), operation, argument);
}

static int file_close(sqlite3_file *file) {
    return under(file)->pMethods->xClose(under(file));
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return under(file)->pMethods->xTruncate(under(file), size);
}

static int file_sync(sqlite3_file *file, int flags) {
    return under(file)->pMethods->xSync(under(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out) {
    return under(file)->pMethods->xFileSize(under(file), out);
}

static int file_lock(sqlite3_file *file, int level) {
    return under(file)->pMethods->xLock(under(file), level);
}

static int file_unlock(sqlite3_file *file, int level) {
    return under(file)->pMethods->xUnlock(under(file), level);
}

static int file_reserved(sqlite3_file *file, int *out) {
    return under(file)->pMethods->xCheckReservedLock(under(file), out);
}

static int file_sector(sqlite3_file *file) {
    return under(file)->pMethods->xSectorSize(under(file));
}

static int file_characteristics(sqlite3_file *file) {
    return under(file)->pMethods->xDeviceCharacteristics(under(file));
}

static int file_map(sqlite3_file *file, int region, int size, int extend, void volatile **out) {
    return under(file)->pMethods->xShmMap(under(file), region, size, extend, out);
}

static int file_shared_lock(sqlite3_file *file, int offset, int count, int flags) {
    return under(file)->pMethods->xShmLock(under(file), offset, count, flags);
}

static void file_barrier(sqlite3_file *file) {
    under(file)->pMethods->xShmBarrier(under(file));
}

static int file_unmap(sqlite3_file *file, int drop) {
    return under(file)->pMethods->xShmUnmap(under(file), drop);
}

/* Version 2: with a write-ahead log, but no page is ever mapped past the check. */
static const sqlite3_io_methods methods = {.iVersion = 2,
                                           .xClose = file_close,
                                           .xRead = file_read,
                                           .xWrite = file_write,
                                           .xTruncate = file_truncate,
                                           .xSync = file_sync,
                                           .xFileSize = file_size,
                                           .xLock = file_lock,
                                           .xUnlock = file_unlock,
                                           .xCheckReservedLock = file_reserved,
                                           .xFileControl = file_control,
                                           .xSectorSize = file_sector,
                                           .xDeviceCharacteristics = file_characteristics,
                                           .xShmMap = file_map,
                                           .xShmLock = file_shared_lock,
                                           .xShmBarrier = file_barrier,
                                           .xShmUnmap = file_unmap};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    sqlite3_vfs *base = ((over *)vfs)->base;
    if (!(flags & SQLITE_OPEN_MAIN_DB)) return base->xOpen(base, name, file, flags, out_flags);
    checked *f = (checked *)file;
    memset(f, 0, sizeof *f);
    int code = base->xOpen(base, name, under(file), flags, out_flags);
    if (under(file)->pMethods) f->file.pMethods = &methods;
    return code;
}

/* --- what others call ---------------------------------------------------------------------------------------------- */

static const char *find_or_make(sqlite3_vfs *base) {
    char name[sizeof((over *)0)->name];
    (void)snprintf(name, sizeof name, "checked-%s", base->zName);
    const sqlite3_vfs *there = sqlite3_vfs_find(name);
    if (there) return there->zName;
    over *made = sqlite3_malloc(sizeof *made); /* SQLite's, until the program ends */
    if (!made) return NULL;
    *made = (over){.vfs = *base, .base = base};
    memcpy(made->name, name, sizeof name);
    made->vfs.zName = made->name;
    made->vfs.pNext = NULL;
    made->vfs.szOsFile = (int)sizeof(checked) + base->szOsFile;
    made->vfs.xOpen = open_file;
    return sqlite3_vfs_register(&made->vfs, 0) == SQLITE_OK ? made->name : NULL;
}

const char *pct_page_vfs(const char *base) {
    if (sqlite3_initialize() != SQLITE_OK) return NULL;
    sqlite3_vfs *found = sqlite3_vfs_find(base);
    sqlite3_mutex *lock = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(lock);
    const char *name = found ? find_or_make(found) : NULL;
    sqlite3_mutex_leave(lock);
    return name;
}

int pct_page_open(const char *path, sqlite3 **out, int flags, const char *base) {
    const char *vfs = pct_page_vfs(base);
    int reserved = PCT_PAGE_SUM_BYTES;
    *out = NULL;
    if (!vfs) return SQLITE_NOMEM;
    int code = sqlite3_open_v2(path, out, flags, vfs);
    if (!code && (flags & SQLITE_OPEN_CREATE))
        (void)sqlite3_file_control(*out, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    return code;
}

bool pct_page_checked(sqlite3 *database) {
    bool on = false;
    return sqlite3_file_control(database, "main", ASK_CHECKED, &on) == SQLITE_OK && on;
}

pct_status pct_page_failure(sqlite3 *database, const char *file, pct_error *error) {
    refused what = {0};
    char found[20], expected[20];
    (void)sqlite3_file_control(database, "main", ASK_REFUSED, &what);
    (void)snprintf(found, sizeof found, "%016llx", (unsigned long long)what.found);
    (void)snprintf(expected, sizeof expected, "%016llx", (unsigned long long)what.expected);
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_STORE_PAGE, pct_str(file), pct_int(what.page), pct_str(found),
                    pct_str(expected));
}
