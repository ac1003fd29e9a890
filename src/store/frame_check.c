/* Two places need care. While a transaction that outgrew the cache is open, SQLite writes pages again in place, and frames without a
 * checksum, and puts all right when it commits: such frames are read by their own connection alone and are let be until then.
 * And what ends a log at opening:
 *
 *     frames …  k-1 │ k does not fit │ k+1 … fit each other … c (commit) … j (commit)
 *
 * Group c was synced before anything of the next one was written, so k, which is of c or before, was whole once: damage. Without a j
 * the group of k may never have been acknowledged, and nobody can tell: the log ends there, as SQLite has it. A group that was given up,
 * or an older generation, cannot follow: it would have to fit the checksum of c.
 *
 * A header that does not fit is known from the first frame (it repeats the salts, and its checksum goes on from the header's). Only a
 * log that was just begun anew may be torn there; then the frame fits the header before, whose number is one less. */
#include "store/frame_check.h"

#include <string.h>

enum {
    FRAME = PCT_FRAME_HEADER + PCT_FRAME_PAGE,
    SALTS_AT = 8,
    SUM_AT = 16, /* in a frame */
    SUMMED = 8,  /* bytes of a frame's header */
    LOG_SEQUENCE_AT = 12,
    LOG_SALTS_AT = 16,
    LOG_SUM_AT = 24,
    NUMBER_BITS = 32
};

typedef struct sum {
    uint32_t a, b;
} sum;

static uint32_t number_at(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_number(unsigned char *p, uint32_t n) {
    for (int i = 0; i < 4; i++) p[i] = (unsigned char)(n >> (24 - 8 * i));
}

static sum sum_at(const unsigned char *p) {
    return (sum){number_at(p), number_at(p + 4)};
}

static bool same(sum x, sum y) {
    return x.a == y.a && x.b == y.b;
}

/* SQLite's, over words in the order of the machine that made the log, which is this one. */
static sum add(sum s, const unsigned char *bytes, size_t length) {
    for (size_t i = 0; i < length; i += 8) {
        uint32_t words[2];
        memcpy(words, bytes + i, sizeof words);
        s.a += words[0] + s.b;
        s.b += words[1] + s.a;
    }
    return s;
}

static sum sum_of(sum before, const unsigned char *frame) {
    return add(add(before, frame, SUMMED), frame + PCT_FRAME_HEADER, PCT_FRAME_PAGE);
}

static int64_t place_of(int64_t frame) {
    return PCT_LOG_HEADER + frame * FRAME;
}

static bool read_at(sqlite3_file *file, void *out, int length, int64_t at) {
    return file->pMethods->xRead(file, out, length, at) == SQLITE_OK;
}

/* Where the checksum of a frame goes on from: as it is stored. */
static bool read_sum_before(sqlite3_file *file, int64_t frame, sum *out) {
    unsigned char bytes[8];
    int64_t at = frame == 0 ? LOG_SUM_AT : place_of(frame - 1) + SUM_AT;
    if (!read_at(file, bytes, sizeof bytes, at)) return false;
    *out = sum_at(bytes);
    return true;
}

static int refuse(pct_frames *f, int64_t page, sum expected, sum found) {
    f->page = page;
    f->expected = (uint64_t)expected.a << 32 | expected.b;
    f->found = (uint64_t)found.a << 32 | found.b;
    return SQLITE_IOERR_DATA;
}

/* --- a page of a running log ---------------------------------------------------------------------------------------- */

static int verify_page(pct_frames *f, sqlite3_file *file, const unsigned char *page, int64_t frame) {
    unsigned char header[PCT_FRAME_HEADER];
    sum before;
    if (f->loose >= 0 && frame >= f->loose) return SQLITE_OK;
    if (!read_sum_before(file, frame, &before) || !read_at(file, header, sizeof header, place_of(frame)))
        return SQLITE_IOERR_READ;
    sum expected = add(add(before, header, SUMMED), page, PCT_FRAME_PAGE), found = sum_at(header + SUM_AT);
    return same(expected, found) ? SQLITE_OK : refuse(f, number_at(header), expected, found);
}

/* --- a log that is found at opening --------------------------------------------------------------------------------- */

static bool fits(const pct_frames *f, sum before, const unsigned char *frame) {
    return number_at(frame) != 0 && memcmp(frame + SALTS_AT, f->salts, sizeof f->salts) == 0 &&
           same(sum_of(before, frame), sum_at(frame + SUM_AT));
}

static bool is_commit(const unsigned char *frame) {
    return number_at(frame + 4) != 0;
}

/* Frame `k` does not fit; `computed`: what its checksum should be. Was a later group than its own written? */
static bool was_whole(const pct_frames *f, sqlite3_file *file, int64_t k, const unsigned char *bytes,
                      sum computed) {
    unsigned char frame[FRAME];
    sum stored = sum_at(bytes + SUM_AT);
    bool committed = is_commit(bytes);
    for (int64_t i = k + 1; read_at(file, frame, sizeof frame, place_of(i)); i++) {
        bool follows = fits(f, stored, frame) || (i == k + 1 && fits(f, computed, frame));
        if (!follows) return false;
        if (is_commit(frame) && committed) return true;
        committed = committed || is_commit(frame);
        stored = sum_at(frame + SUM_AT);
    }
    return false;
}

static int verify_found(pct_frames *f, sqlite3_file *file, const unsigned char *frame, int64_t k) {
    sum before;
    if (!read_sum_before(file, k, &before)) return SQLITE_IOERR_READ;
    if (fits(f, before, frame)) return SQLITE_OK;
    f->opening = false;
    sum computed = sum_of(before, frame);
    return was_whole(f, file, k, frame, computed)
               ? refuse(f, number_at(frame), computed, sum_at(frame + SUM_AT))
               : SQLITE_OK;
}

/* The header with this number that the first frame would have gone on from: does it? */
static bool goes_on_from(const unsigned char *frame, uint32_t number, sum *out) {
    static const uint32_t one = 1;
    unsigned char header[PCT_LOG_HEADER];
    bool big = *(const unsigned char *)&one == 0;
    put_number(header, 0x377f0682u | (big ? 1u : 0u));
    put_number(header + 4, 3007000);
    put_number(header + 8, PCT_FRAME_PAGE);
    put_number(header + LOG_SEQUENCE_AT, number);
    memcpy(header + LOG_SALTS_AT, frame + SALTS_AT, 8);
    *out = add((sum){0, 0}, header, LOG_SUM_AT);
    return same(sum_of(*out, frame), sum_at(frame + SUM_AT));
}

static int verify_header(pct_frames *f, sqlite3_file *file, const unsigned char *header) {
    unsigned char frame[FRAME];
    sum expected = add((sum){0, 0}, header, LOG_SUM_AT), found = sum_at(header + LOG_SUM_AT), would;
    memcpy(f->salts, header + LOG_SALTS_AT, sizeof f->salts);
    f->opening = same(expected, found);
    if (f->opening || !read_at(file, frame, sizeof frame, place_of(0))) return SQLITE_OK;
    uint32_t number = number_at(header + LOG_SEQUENCE_AT);
    if (goes_on_from(frame, number - 1, &would)) return SQLITE_OK; /* torn: it had just been begun anew */
    bool known = goes_on_from(frame, number, &would);
    for (int bit = 0; bit < NUMBER_BITS && !known; bit++)
        known = goes_on_from(frame, number ^ (uint32_t)1 << bit, &would);
    return known ? refuse(f, 0, would, found) : SQLITE_OK;
}

/* --- what others call ----------------------------------------------------------------------------------------------- */

pct_frames pct_frames_init(void) {
    return (pct_frames){.loose = -1, .headed = -1};
}

int pct_frames_verify(pct_frames *f, sqlite3_file *file, const unsigned char *bytes, int length, int64_t at) {
    if (at == 0 && length == PCT_LOG_HEADER) return verify_header(f, file, bytes);
    int64_t frame = (at - PCT_LOG_HEADER) / FRAME, inside = (at - PCT_LOG_HEADER) % FRAME;
    if (at < PCT_LOG_HEADER) return SQLITE_OK;
    if (inside == PCT_FRAME_HEADER && length == PCT_FRAME_PAGE) return verify_page(f, file, bytes, frame);
    return f->opening && inside == 0 && length == FRAME ? verify_found(f, file, bytes, frame) : SQLITE_OK;
}

void pct_frames_note(pct_frames *f, const unsigned char *bytes, int length, int64_t at) {
    static const unsigned char none[8];
    int64_t frame = (at - PCT_LOG_HEADER) / FRAME, inside = (at - PCT_LOG_HEADER) % FRAME;
    f->opening = false;
    if (at < PCT_LOG_HEADER) {
        f->loose = f->headed = -1; /* begun anew */
    } else if (inside == 0) {
        bool summed = length == PCT_FRAME_HEADER && memcmp(bytes + SALTS_AT, none, sizeof none) != 0;
        f->headed = frame;
        if (summed && is_commit(bytes)) f->loose = -1;
        if (!summed && (f->loose < 0 || frame < f->loose)) f->loose = frame;
    } else if (inside == PCT_FRAME_HEADER) {
        if (f->headed != frame && (f->loose < 0 || frame < f->loose)) f->loose = frame;
        f->headed = -1;
    }
}
