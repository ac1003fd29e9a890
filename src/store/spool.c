#include "store/spool.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/vector.h"

enum {
    SECTOR = 512,
    MARK = 16,
    HEAD = MARK + 8 + 8 + 8 + 8,     /* mark, number, kept at, length, digest of the bytes */
    TRAILER = 8 + 1,                 /* of the first sector: digest of all before it, WHOLE */
    FIRST = SECTOR - HEAD - TRAILER, /* bytes of the entry that stand in its first sector */
    WHOLE = 0xA5,
    NEAR_BITS = 2,
    CHUNK = 1 << 20,
    AT_ONCE = 64 << 10, /* SQLite's own file system writes no more than 128 kB */
    ENTRIES_MAX = 1 << 24,
    NUMBERS_AHEAD = 1000, /* given out before the file's head is written again */
    PATH_BYTES = 4200
};
static const char file_head[MARK] = "precinct-spool-1";

typedef struct entry {
    int64_t number, kept_at_ms, sector;
    uint32_t length;
} entry;

/* The first sector of an entry, which makes it one: written when what is behind it is on the disk. */
typedef struct head_sector {
    int64_t sector;
    unsigned char bytes[SECTOR];
} head_sector;

typedef struct zeroing {
    int64_t sector, sectors;
} zeroing;

struct pct_spool {
    sqlite3_vfs *vfs;
    sqlite3_file *file; /* szOsFile bytes */
    char path[PATH_BYTES];
    unsigned char mark[MARK];
    int64_t tail; /* the sector behind the last entry */
    int64_t next, reserved;
    size_t unreadable;
    pct_vector entries, heads, zeroings; /* of entry, in order of number; of head_sector; of zeroing */
    unsigned char *scratch;              /* CHUNK bytes */
};

/* Of an entry with so many bytes. */
static int64_t sectors_of(int64_t bytes) {
    return 1 + (bytes <= FIRST ? 0 : (bytes - FIRST + SECTOR - 1) / SECTOR);
}

static pct_status failure(const pct_spool *s, int code, pct_error *error) {
    if ((code & 0xFF) == SQLITE_FULL) return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_SPOOL_FULL, pct_str(s->path));
    return PCT_FAIL(error, PCT_IO, PCT_MSG_SPOOL_FAILED, pct_str(s->path), pct_str(sqlite3_errstr(code)));
}

static pct_status write_at(pct_spool *s, const void *bytes, int64_t length, int64_t at, pct_error *error) {
    const char *from = bytes;
    int code = SQLITE_OK;
    while (length > 0 && !code) {
        int part = length < AT_ONCE ? (int)length : AT_ONCE;
        code = s->file->pMethods->xWrite(s->file, from, part, at);
        from += part, at += part, length -= part;
    }
    return code ? failure(s, code, error) : PCT_OK;
}

static pct_status read_at(pct_spool *s, void *bytes, int64_t length, int64_t at, pct_error *error) {
    int code = s->file->pMethods->xRead(s->file, bytes, (int)length, at);
    return code && code != SQLITE_IOERR_SHORT_READ ? failure(s, code, error) : PCT_OK;
}

static void put(unsigned char *at, int64_t value) {
    for (int i = 0; i < 8; i++) at[i] = (unsigned char)((uint64_t)value >> (8 * i));
}

static int64_t get(const unsigned char *at) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= (uint64_t)at[i] << (8 * i);
    return (int64_t)value;
}

/* --- the file's head ----------------------------------------------------------------------------------------------- */

static pct_status write_head(pct_spool *s, pct_error *error) {
    unsigned char sector[SECTOR] = {0};
    memcpy(sector, file_head, MARK);
    memcpy(sector + MARK, s->mark, MARK);
    put(sector + 2 * MARK, s->reserved);
    put(sector + 2 * MARK + 8, (int64_t)pct_digest(sector, 2 * MARK + 8));
    return write_at(s, sector, SECTOR, 0, error);
}

/* *made false: a file without a head, or with a torn one: nothing was ever kept in it. */
static pct_status read_head(pct_spool *s, bool *made, pct_error *error) {
    unsigned char sector[SECTOR] = {0}, nothing[SECTOR] = {0};
    pct_status status = read_at(s, sector, SECTOR, 0, error);
    *made = false;
    if (status || memcmp(sector, nothing, SECTOR) == 0) return status;
    if (memcmp(sector, file_head, MARK) != 0 ||
        get(sector + 2 * MARK + 8) != (int64_t)pct_digest(sector, 2 * MARK + 8))
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_SPOOL_FOREIGN, pct_str(s->path));
    memcpy(s->mark, sector + MARK, MARK);
    s->next = s->reserved = get(sector + 2 * MARK);
    *made = true;
    return PCT_OK;
}

/* The room is written, not only promised: a file with holes finds a full disk when it is needed. */
static pct_status make_file(pct_spool *s, const pct_spool_options *o, pct_error *error) {
    pct_status status = PCT_OK;
    memset(s->scratch, 0, CHUNK);
    for (int64_t at = SECTOR; at < o->reserve_bytes && !status; at += CHUNK)
        status = write_at(s, s->scratch, CHUNK, at, error);
    o->random(o->context, s->mark, MARK);
    s->mark[0] = 0xFF;
    s->next = s->reserved = 1;
    if (!status) status = write_head(s, error);
    return status ? status : pct_spool_sync(s, error);
}

/* --- entries ------------------------------------------------------------------------------------------------------- */

typedef enum found { FOUND_NOTHING, FOUND_ENTRY, FOUND_DAMAGE } found;

/* A first sector that was torn while it was written has no last byte: its sync was never reported. One that was torn while
 * it was zeroed has lost the first byte of its mark, all ones. What is left is a sector of which bits have changed. */
static found look_at_sector(const pct_spool *s, const unsigned char *at, int64_t sector, entry *out) {
    int far = 0;
    for (int i = 0; i < MARK; i++) far += __builtin_popcount((unsigned)(at[i] ^ s->mark[i]));
    if (far > NEAR_BITS || at[SECTOR - 1] == 0) return FOUND_NOTHING;
    int64_t length = get(at + MARK + 16);
    if (far > 0 || at[SECTOR - 1] != WHOLE ||
        get(at + SECTOR - TRAILER) != (int64_t)pct_digest(at, SECTOR - TRAILER) || length < 0 ||
        length > PCT_SPOOL_ENTRY_MAX)
        return FOUND_DAMAGE;
    *out = (entry){.number = get(at + MARK),
                   .kept_at_ms = get(at + MARK + 8),
                   .sector = sector,
                   .length = (uint32_t)length};
    return FOUND_ENTRY;
}

static pct_status read_bytes(pct_spool *s, const entry *e, pct_buffer *out, pct_error *error) {
    entry again;
    size_t before = out->length, first = e->length < FIRST ? e->length : FIRST;
    pct_status status = read_at(s, s->scratch, sectors_of(e->length) * SECTOR, e->sector * SECTOR, error);
    if (status) return status;
    bool good = look_at_sector(s, s->scratch, e->sector, &again) == FOUND_ENTRY && again.number == e->number;
    int64_t digest = get(s->scratch + MARK + 24);
    memmove(s->scratch, s->scratch + HEAD, first);
    memmove(s->scratch + first, s->scratch + SECTOR, e->length - first);
    if (!good || digest != (int64_t)pct_digest(s->scratch, e->length))
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_SPOOL_DAMAGED, pct_str(s->path), pct_int(e->number));
    (void)pct_buffer_append(out, s->scratch, e->length);
    status = pct_buffer_status(out, error);
    if (status) out->length = before;
    return status;
}

static pct_status note(pct_spool *s, const entry *e, pct_error *error) {
    entry *room = pct_vector_push(&s->entries);
    if (!room) return pct_vector_failed(&s->entries, PCT_MSG_WHAT_SPOOLED, error);
    entry *items = s->entries.items;
    size_t at = s->entries.length - 1;
    for (; at > 0 && items[at - 1].number > e->number; at--) items[at] = items[at - 1];
    items[at] = *e;
    return PCT_OK;
}

static pct_status take_found(pct_spool *s, const entry *e, pct_buffer *bytes, pct_error *error) {
    pct_buffer_clear(bytes);
    pct_status status = read_bytes(s, e, bytes, error);
    int64_t end = e->sector + sectors_of(e->length);
    if (s->tail < end) s->tail = end;
    if (s->next <= e->number) s->next = e->number + 1;
    if (status == PCT_DAMAGED) {
        s->unreadable++;
        return PCT_OK;
    }
    return status ? status : note(s, e, error);
}

static pct_status find_entries(pct_spool *s, pct_error *error) {
    enum { SECTORS_AT_ONCE = 512 };
    sqlite3_int64 size = 0;
    unsigned char *sectors = pct_alloc(SECTORS_AT_ONCE, SECTOR);
    if (!sectors) return pct_error_memory(error, SECTORS_AT_ONCE * SECTOR);
    pct_buffer bytes = pct_buffer_init(PCT_SPOOL_ENTRY_MAX);
    int code = s->file->pMethods->xFileSize(s->file, &size);
    pct_status status = code ? failure(s, code, error) : PCT_OK;
    for (int64_t first = 1; first * SECTOR < size && !status; first += SECTORS_AT_ONCE) {
        memset(sectors, 0, (size_t)SECTORS_AT_ONCE * SECTOR);
        status = read_at(s, sectors, SECTORS_AT_ONCE * SECTOR, first * SECTOR, error);
        for (int64_t i = 0; i < SECTORS_AT_ONCE && !status; i++) {
            entry e;
            found what = look_at_sector(s, sectors + i * SECTOR, first + i, &e);
            if (what == FOUND_ENTRY) status = take_found(s, &e, &bytes, error);
            s->unreadable += what == FOUND_DAMAGE;
        }
    }
    pct_buffer_dispose(&bytes);
    pct_free(sectors);
    return status;
}

/* --- open and close ------------------------------------------------------------------------------------------------ */

static pct_status open_file(pct_spool *s, const pct_spool_options *o, pct_error *error) {
    char name[PATH_BYTES];
    enum {
        FLAGS = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL
    }; /* a log: its folder is synced */
    int length = snprintf(name, sizeof name, "%s/" PCT_SPOOL_FILE, o->folder), out = 0;
    if (length < 0 || length >= (int)sizeof name)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                        pct_int(sizeof name));
    (void)snprintf(s->path, sizeof s->path, "%s", name);
    s->vfs = sqlite3_initialize() == SQLITE_OK ? sqlite3_vfs_find(o->vfs) : NULL;
    if (!s->vfs) return failure(s, SQLITE_CANTOPEN, error);
    s->file = pct_alloc_zeroed(1, (size_t)s->vfs->szOsFile);
    s->scratch = pct_alloc_zeroed(1, CHUNK);
    if (!s->file || !s->scratch) return pct_error_memory(error, CHUNK);
    /* SQLite keeps the pointer: the name must live as long as the file. */
    int code = s->vfs->xFullPathname(s->vfs, name, sizeof s->path, s->path);
    if (!code) code = s->vfs->xOpen(s->vfs, s->path, s->file, FLAGS, &out);
    return code ? failure(s, code, error) : PCT_OK;
}

pct_status pct_spool_open(const pct_spool_options *options, pct_spool **out, pct_error *error) {
    bool made = false;
    pct_spool *s = pct_alloc_zeroed(1, sizeof *s);
    *out = NULL;
    if (!s) return pct_error_memory(error, sizeof *s);
    s->entries = pct_vector_init(sizeof(entry), ENTRIES_MAX);
    s->heads = pct_vector_init(sizeof(head_sector), ENTRIES_MAX);
    s->zeroings = pct_vector_init(sizeof(zeroing), ENTRIES_MAX);
    s->tail = 1;
    pct_status status = open_file(s, options, error);
    if (!status) status = read_head(s, &made, error);
    if (!status) status = made ? find_entries(s, error) : make_file(s, options, error);
    if (status) {
        pct_spool_close(s);
        return status;
    }
    *out = s;
    return PCT_OK;
}

void pct_spool_close(pct_spool *s) {
    if (!s) return;
    if (s->file && s->file->pMethods) (void)s->file->pMethods->xClose(s->file);
    pct_vector_dispose(&s->entries);
    pct_vector_dispose(&s->heads);
    pct_vector_dispose(&s->zeroings);
    pct_free(s->scratch);
    pct_free(s->file);
    pct_free(s);
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

/* A number that was given out must never be given again, even when its entry is gone by then. */
static pct_status reserve_number(pct_spool *s, pct_error *error) {
    if (s->next < s->reserved) return PCT_OK;
    int64_t before = s->reserved;
    s->reserved = s->next + NUMBERS_AHEAD;
    pct_status status = write_head(s, error);
    if (status) s->reserved = before;
    return status;
}

static pct_status hold_head(pct_spool *s, const unsigned char *sector, pct_error *error) {
    head_sector *h = pct_vector_push(&s->heads);
    if (!h) return pct_vector_failed(&s->heads, PCT_MSG_WHAT_SPOOLED, error);
    h->sector = s->tail;
    memcpy(h->bytes, sector, SECTOR);
    return PCT_OK;
}

pct_status pct_spool_add(pct_spool *s, int64_t kept_at_ms, pct_text bytes, int64_t *number,
                         pct_error *error) {
    if (bytes.length > PCT_SPOOL_ENTRY_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_SPOOLED),
                        pct_int(PCT_SPOOL_ENTRY_MAX));
    pct_status status = reserve_number(s, error);
    if (status) return status;
    if (s->entries.length == 0 && s->zeroings.length == 0) s->tail = 1;
    const entry e = {s->next, kept_at_ms, s->tail, (uint32_t)bytes.length};
    const size_t held = s->heads.length;
    unsigned char *head = s->scratch;
    int64_t sectors = sectors_of((int64_t)bytes.length);
    size_t first = bytes.length < FIRST ? bytes.length : FIRST;
    memset(head, 0, (size_t)(sectors * SECTOR));
    memcpy(head, s->mark, MARK);
    put(head + MARK, e.number);
    put(head + MARK + 8, kept_at_ms);
    put(head + MARK + 16, (int64_t)bytes.length);
    put(head + MARK + 24, (int64_t)pct_digest(bytes.chars, bytes.length));
    memcpy(head + HEAD, bytes.chars, first);
    memcpy(head + SECTOR, bytes.chars + first, bytes.length - first);
    put(head + SECTOR - TRAILER, (int64_t)pct_digest(head, SECTOR - TRAILER));
    head[SECTOR - 1] = WHOLE;
    status = hold_head(s, head, error);
    memset(head, 0, SECTOR); /* room for it */
    if (!status) status = write_at(s, head, sectors * SECTOR, s->tail * SECTOR, error);
    if (!status) status = note(s, &e, error);
    if (status && s->heads.length > held) s->heads.length = held;
    if (status) return status;
    s->next++;
    s->tail += sectors;
    *number = e.number;
    return PCT_OK;
}

/* What stands behind heads that are gone for good. A cut in the middle of it leaves bytes that nobody finds. */
static pct_status zero_the_rest(pct_spool *s, pct_error *error) {
    pct_status status = PCT_OK;
    const zeroing *z = s->zeroings.items;
    memset(s->scratch, 0, CHUNK);
    for (size_t i = 0; i < s->zeroings.length && !status; i++)
        if (z[i].sectors > 0)
            status = write_at(s, s->scratch, z[i].sectors * SECTOR, z[i].sector * SECTOR, error);
    if (!status) s->zeroings.length = 0;
    return status;
}

static pct_status sync_file(pct_spool *s, pct_error *error) {
    int code = s->file->pMethods->xSync(s->file, SQLITE_SYNC_NORMAL);
    return code ? failure(s, code, error) : PCT_OK;
}

static pct_status write_heads(pct_spool *s, pct_error *error) {
    pct_status status = PCT_OK;
    const head_sector *h = s->heads.items;
    for (size_t i = 0; i < s->heads.length && !status; i++)
        status = write_at(s, h[i].bytes, SECTOR, h[i].sector * SECTOR, error);
    if (!status) s->heads.length = 0;
    return status;
}

/* Twice where something was added: a head on the disk means that what it speaks of is there. */
pct_status pct_spool_sync(pct_spool *s, pct_error *error) {
    pct_status status = sync_file(s, error);
    if (!status && s->heads.length > 0) {
        status = write_heads(s, error);
        if (!status) status = sync_file(s, error);
    }
    if (status || s->zeroings.length == 0) return status;
    status = zero_the_rest(s, error);
    return status ? status : sync_file(s, error);
}

size_t pct_spool_count(const pct_spool *s) {
    return s->entries.length;
}

size_t pct_spool_unreadable(const pct_spool *s) {
    return s->unreadable;
}

pct_spooled pct_spool_at(const pct_spool *s, size_t at) {
    const entry *e = (const entry *)s->entries.items + at;
    return (pct_spooled){e->number, e->kept_at_ms};
}

pct_status pct_spool_read(pct_spool *s, size_t at, pct_buffer *out, pct_error *error) {
    return read_bytes(s, (const entry *)s->entries.items + at, out, error);
}

pct_status pct_spool_wipe(pct_spool *s, size_t at, pct_error *error) {
    entry *items = s->entries.items;
    const entry e = items[at];
    zeroing *z = pct_vector_push(&s->zeroings);
    if (!z) return pct_vector_failed(&s->zeroings, PCT_MSG_WHAT_SPOOLED, error);
    *z = (zeroing){e.sector + 1, sectors_of(e.length) - 1};
    memset(s->scratch, 0, SECTOR);
    pct_status status = write_at(s, s->scratch, SECTOR, e.sector * SECTOR, error);
    if (status) {
        s->zeroings.length--;
        return status;
    }
    memmove(&items[at], &items[at + 1], (s->entries.length - at - 1) * sizeof *items);
    s->entries.length--;
    return PCT_OK;
}
