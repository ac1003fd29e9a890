/* A file system of SQLite that stands over another one. Of a database each page
 * ends with eight reserved bytes: XXH3 of the rest, seeded with the page's number, so that a page in another's place
 * is found too. They are set when the page is written to the file and cleared when it was read: no log ever holds the sum of
 * what was erased. O(page) for each page read or written, about 0.3 us. Write-ahead logs have sums of SQLite's own, which are verified
 * here when a page is read (store/frame_check.h).
 *
 * Idea: https://sqlite.org/cksumvfs.html. Whether a database has sums stands in byte 20 of its header and is believed only
 * once: a file that had them does not lose them while it is open, and the store refuses a record without. */
#include "store/page_check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "store/frame_check.h"

enum {
    CONTENT = PCT_PAGE_BYTES - PCT_PAGE_SUM_BYTES,
    HEADER = 100,     /* is read before the page, and the page is read before anything of it is used */
    RESERVED_AT = 20, /* in the header */
    FORMAT_AT = 60,
    APPLICATION_AT = 68,
    TRIES = 5,
    FILE_BYTES = 4200,
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
    int64_t page; /* from 1; 0: the header of a log */
    uint64_t expected, found;
    bool came, in_log;
} refused;

/* A database or its log; the file of the base stands behind it. */
typedef struct checked checked;
struct checked {
    sqlite3_file file;
    checked *database; /* a log's */
    pct_frames frames; /* of a log */
    bool on;           /* the database's pages have sums */
    refused damage;    /* the database's and its log's */
};

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
    f->damage = (refused){at / PCT_PAGE_BYTES + 1, expected, found, .came = true};
    return SQLITE_IOERR_DATA;
}

/* Some of a page was read: the whole is verified. */
static int verify_around(checked *f, int length, sqlite3_int64 at) {
    unsigned char page[PCT_PAGE_BYTES];
    sqlite3_int64 start = at - at % PCT_PAGE_BYTES;
    if (at + length > start + PCT_PAGE_BYTES) {
        f->damage = (refused){.page = start / PCT_PAGE_BYTES + 1, .came = true};
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

static int log_read(checked *f, const void *bytes, int length, sqlite3_int64 at) {
    int code = pct_frames_verify(&f->frames, under(&f->file), bytes, length, at);
    const pct_frames *s = &f->frames;
    if (code == SQLITE_IOERR_DATA)
        f->database->damage = (refused){s->page, s->expected, s->found, .came = true, .in_log = true};
    return code;
}

static int file_read(sqlite3_file *file, void *out, int length, sqlite3_int64 at) {
    checked *f = (checked *)file;
    int code = under(file)->pMethods->xRead(under(file), out, length, at);
    if (code) return code;
    if (f->database) return log_read(f, out, length, at);
    learn(f, out, length, at);
    if (!f->on || length <= HEADER) return SQLITE_OK;
    bool whole = length == PCT_PAGE_BYTES && at % PCT_PAGE_BYTES == 0;
    return whole ? verify(f, out, at) : verify_around(f, length, at);
}

/* The sum is put where SQLite leaves room for it, in its own buffer: a copy would leave keys on the stack. */
static int file_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at) {
    checked *f = (checked *)file;
    if (f->database) {
        pct_frames_note(&f->frames, bytes, length, at);
        return under(file)->pMethods->xWrite(under(file), bytes, length, at);
    }
    if (at == 0 && length > RESERVED_AT)
        f->on = ((const unsigned char *)bytes)[RESERVED_AT] ==
                PCT_PAGE_SUM_BYTES; /* taking over, or giving that up */
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
    if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return base->xOpen(base, name, file, flags, out_flags);
    checked *f = (checked *)file;
    memset(f, 0, sizeof *f);
    if (flags & SQLITE_OPEN_WAL) {
        f->database = (checked *)sqlite3_database_file_object(name);
        f->frames = pct_frames_init();
    }
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

static uint32_t number_in(const unsigned char *header, int at) {
    return (uint32_t)header[at] << 24 | (uint32_t)header[at + 1] << 16 | (uint32_t)header[at + 2] << 8 |
           header[at + 3];
}

/* Somebody may be writing it: then it is whole a moment later. */
static bool page_is_sound(int file, int64_t at) {
    static const struct timespec moment = {.tv_nsec = 2000000};
    unsigned char page[PCT_PAGE_BYTES];
    checked ignored = {0};
    bool sound = false;
    for (int i = 0; i < TRIES && !sound; i++) {
        if (i > 0) (void)nanosleep(&moment, NULL);
        sound = pread(file, page, sizeof page, at) != (ssize_t)sizeof page ||
                verify(&ignored, page, at) == SQLITE_OK;
    }
    memset(page, 0, sizeof page);
    return sound;
}

bool pct_page_check_file(const char *path, uint32_t summed_format, int64_t *bad_page) {
    unsigned char header[HEADER];
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool read = file >= 0 && fstat(file, &info) == 0;
    *bad_page = 0;
    if (read && pread(file, header, sizeof header, 0) == (ssize_t)sizeof header) {
        bool summed = header[RESERVED_AT] == PCT_PAGE_SUM_BYTES;
        if (!summed && number_in(header, APPLICATION_AT) != 0 &&
            number_in(header, FORMAT_AT) >= summed_format)
            *bad_page = 1;
        for (int64_t at = 0; summed && !*bad_page && at + PCT_PAGE_BYTES <= info.st_size;
             at += PCT_PAGE_BYTES)
            if (!page_is_sound(file, at)) *bad_page = at / PCT_PAGE_BYTES + 1;
    }
    if (file >= 0) (void)close(file);
    return read;
}

/* A page that were written before the first one would not know yet that it has a sum. A log is emptied in order of pages, and so is
 * a transaction with a rollback journal that does not spill. */
int pct_page_take_over(sqlite3 *database) {
    int frames = -1; /* stays: there is no log */
    int code = sqlite3_wal_checkpoint_v2(database, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, NULL);
    if (!code && frames < 0) code = sqlite3_exec(database, "PRAGMA cache_spill=OFF", NULL, NULL, NULL);
    if (!code) code = sqlite3_exec(database, "VACUUM", NULL, NULL, NULL);
    if (!code && frames >= 0)
        code = sqlite3_wal_checkpoint_v2(database, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_exec(database, "PRAGMA cache_spill=ON", NULL, NULL, NULL);
    return code || pct_page_checked(database) ? code : SQLITE_BUSY; /* somebody reads the log */
}

bool pct_page_refused(sqlite3 *database, int64_t *page) {
    refused what = {0};
    (void)sqlite3_file_control(database, "main", ASK_REFUSED, &what);
    *page = what.page;
    return what.came;
}

pct_status pct_page_failure(sqlite3 *database, pct_message message, const char *file, pct_error *error) {
    refused what = {0};
    char found[20], expected[20], name[FILE_BYTES];
    (void)sqlite3_file_control(database, "main", ASK_REFUSED, &what);
    (void)snprintf(found, sizeof found, "%016llx", (unsigned long long)what.found);
    (void)snprintf(expected, sizeof expected, "%016llx", (unsigned long long)what.expected);
    (void)snprintf(name, sizeof name, "%s%s", file, what.in_log ? "-wal" : "");
    return PCT_FAIL(error, PCT_DAMAGED, message, pct_str(name), pct_int(what.page), pct_str(found),
                    pct_str(expected));
}
