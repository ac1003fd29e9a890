/* Time is cut into spans of one offset. A civil time L means the instant L - offset of each span that holds
 * that instant; spans within a day or so of L are looked at in order, so the first meaning comes first. When no
 * span holds its own, L was skipped between two of them. */
#include "clock/zone.h"

#include <string.h>

#include "base/memory.h"

enum { HEADER = 44, CHANGES_MAX = 10000, TYPES_MAX = 256, FOOTER_MAX = 256, OFFSET_MAX_S = 26 * 3600 };

typedef struct counts {
    uint32_t is_utc, is_standard, leap, time, type, chars;
} counts;

typedef struct source {
    const char *file;
    pct_text bytes;
    size_t at;
    pct_error *error;
} source;

static pct_status damaged(const source *s, pct_message expected) {
    return PCT_FAIL(s->error, PCT_DAMAGED, PCT_MSG_ZONE_DAMAGED, pct_str(s->file), pct_int((int64_t)s->at),
                    pct_phrase(expected));
}

static uint64_t big_endian(const char *bytes, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value = value << 8 | (unsigned char)bytes[i];
    return value;
}

static pct_status read_header(source *s, char *version, counts *n) {
    if (s->bytes.length - s->at < HEADER || memcmp(s->bytes.chars + s->at, "TZif", 4) != 0)
        return damaged(s, PCT_MSG_ZONE_EXPECTED_TZIF);
    const char *h = s->bytes.chars + s->at;
    uint32_t values[6];
    for (size_t i = 0; i < 6; i++) values[i] = (uint32_t)big_endian(h + 20 + 4 * i, 4);
    *n = (counts){values[0], values[1], values[2], values[3], values[4], values[5]};
    *version = h[4];
    if (n->time > CHANGES_MAX || n->type == 0 || n->type > TYPES_MAX || n->chars > 4096 || n->leap > 4096 ||
        n->is_utc > n->type || n->is_standard > n->type)
        return damaged(s, PCT_MSG_ZONE_EXPECTED_COUNTS);
    s->at += HEADER;
    return PCT_OK;
}

/* Bytes of the data block behind a header, with times of `time_size` bytes. */
static size_t block_size(const counts *n, size_t time_size) {
    return n->time * (time_size + 1) + (size_t)n->type * 6 + n->chars + n->leap * (time_size + 4) +
           n->is_standard + n->is_utc;
}

/* Reads the table at s->at; the caller has seen that all its bytes are there. */
static pct_status read_table(source *s, const counts *n, size_t time_size, pct_zone *zone) {
    const char *times = s->bytes.chars + s->at, *type_of = times + n->time * time_size;
    const char *types = type_of + n->time;
    if (n->leap > 0) return damaged(s, PCT_MSG_ZONE_EXPECTED_NO_LEAPS);
    int32_t offsets[TYPES_MAX];
    for (size_t i = 0; i < n->type; i++) {
        offsets[i] = (int32_t)(uint32_t)big_endian(types + 6 * i, 4);
        if (offsets[i] < -OFFSET_MAX_S || offsets[i] > OFFSET_MAX_S)
            return damaged(s, PCT_MSG_ZONE_EXPECTED_OFFSETS);
    }
    zone->first_offset_s = offsets[0];
    zone->changes = pct_alloc(n->time, sizeof *zone->changes);
    if (!zone->changes) return pct_error_memory(s->error, n->time * sizeof *zone->changes);
    for (size_t i = 0; i < n->time; i++) {
        uint64_t raw = big_endian(times + i * time_size, time_size);
        unsigned char type = (unsigned char)type_of[i];
        int64_t from_s = time_size == 4 ? (int32_t)(uint32_t)raw : (int64_t)raw;
        if (type >= n->type) return damaged(s, PCT_MSG_ZONE_EXPECTED_KNOWN_TYPES);
        if (i > 0 && from_s <= zone->changes[i - 1].from_s) return damaged(s, PCT_MSG_ZONE_EXPECTED_ORDER);
        zone->changes[i] = (pct_zone_change){from_s, offsets[type]};
    }
    zone->count = n->time;
    s->at += block_size(n, time_size);
    return PCT_OK;
}

/* "\n" RULE "\n" behind the second table. */
static pct_status read_footer(source *s, pct_zone *zone) {
    pct_text rest = {s->bytes.chars + s->at, s->bytes.length - s->at};
    const char *end = rest.length > 1 ? memchr(rest.chars + 1, '\n', rest.length - 1) : NULL;
    if (!end || rest.chars[0] != '\n' || end - rest.chars > FOOTER_MAX)
        return damaged(s, PCT_MSG_ZONE_EXPECTED_FOOTER);
    pct_text text = {rest.chars + 1, (size_t)(end - rest.chars - 1)};
    return pct_rule_parse(text, &zone->rule) ? PCT_OK : damaged(s, PCT_MSG_ZONE_EXPECTED_RULE);
}

pct_zone pct_zone_utc(void) {
    return (pct_zone){.count = 0};
}

pct_status pct_zone_read(const char *file, pct_text bytes, pct_zone *out, pct_error *error) {
    source s = {file, bytes, 0, error};
    char version;
    counts n;
    *out = pct_zone_utc();
    pct_status status = read_header(&s, &version, &n);
    if (status) return status;
    size_t time_size = 4;
    if (version >= '2') {
        size_t first = block_size(&n, 4);
        if (bytes.length - s.at < first) return damaged(&s, PCT_MSG_ZONE_EXPECTED_FIRST_TABLE);
        s.at += first;
        status = read_header(&s, &version, &n);
        if (status) return status;
        time_size = 8;
    }
    if (bytes.length - s.at < block_size(&n, time_size)) return damaged(&s, PCT_MSG_ZONE_EXPECTED_TABLE);
    status = read_table(&s, &n, time_size, out);
    if (!status && time_size == 8) status = read_footer(&s, out);
    if (status) pct_zone_dispose(out);
    return status;
}

void pct_zone_dispose(pct_zone *zone) {
    pct_free(zone->changes);
    *zone = pct_zone_utc();
}

static pct_offset_span span_at(const pct_zone *zone, int64_t utc_s) {
    size_t low = 0, high = zone->count; /* changes before low are not after utc_s, those from high on are */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].from_s <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    pct_offset_span span = {low > 0 ? zone->changes[low - 1].from_s : INT64_MIN,
                            low < zone->count ? zone->changes[low].from_s : INT64_MAX,
                            low > 0 ? zone->changes[low - 1].offset_s : zone->first_offset_s};
    if (low < zone->count || !zone->rule.is_given) return span;
    pct_offset_span ruled = pct_rule_span(&zone->rule, utc_s);
    if (ruled.from_s < span.from_s) ruled.from_s = span.from_s;
    return ruled;
}

static int64_t floor_seconds(int64_t ms) {
    return ms / 1000 - (ms % 1000 < 0);
}

pct_zone_fit pct_zone_to_utc(const pct_zone *zone, const pct_civil *local, int64_t *utc_ms) {
    int64_t local_ms = pct_civil_to_ms(local), local_s = floor_seconds(local_ms);
    pct_offset_span span = span_at(zone, local_s - OFFSET_MAX_S);
    int meanings = 0;
    int32_t first_s = span.offset_s, skipped_s = span.offset_s;
    for (;;) {
        int64_t meant_s = local_s - span.offset_s;
        if (meant_s >= span.from_s && meant_s < span.to_s && meanings++ == 0) first_s = span.offset_s;
        if (span.to_s > local_s + OFFSET_MAX_S) break;
        pct_offset_span next = span_at(zone, span.to_s);
        if (meant_s >= span.to_s && local_s - next.offset_s < next.from_s) skipped_s = span.offset_s;
        span = next;
    }
    *utc_ms = local_ms - INT64_C(1000) * (meanings > 0 ? first_s : skipped_s);
    return meanings == 1 ? PCT_ZONE_EXACT : meanings > 1 ? PCT_ZONE_AMBIGUOUS : PCT_ZONE_SKIPPED;
}

pct_civil pct_zone_to_local(const pct_zone *zone, int64_t utc_ms, int32_t *offset_s) {
    *offset_s = span_at(zone, floor_seconds(utc_ms)).offset_s;
    return pct_civil_of_ms(utc_ms + INT64_C(1000) * *offset_s);
}

bool pct_zone_parse(const pct_zone *zone, pct_text text, int64_t *utc_ms, pct_zone_fit *fit) {
    pct_time time;
    pct_zone_fit found = PCT_ZONE_EXACT;
    if (!pct_time_parse(text, &time)) return false;
    if (time.has_offset)
        *utc_ms = pct_civil_to_ms(&time.civil) - INT64_C(1000) * time.offset_s;
    else
        found = pct_zone_to_utc(zone, &time.civil, utc_ms);
    if (fit) *fit = found;
    return true;
}

pct_status pct_zone_format(const pct_zone *zone, int64_t utc_ms, pct_buffer *out) {
    int32_t offset_s;
    (void)pct_zone_to_local(zone, utc_ms, &offset_s);
    return pct_time_format(utc_ms, offset_s, out);
}
