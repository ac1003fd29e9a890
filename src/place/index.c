#include "place/index.h"

#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "place/index_check.h"

/* The version also counts how names are folded: an index folded otherwise would miss what is typed. */
enum { VERSION = 1, ALIGNMENT = 64 };
static const char magic[8] = "PCTPLAC";

enum {
    ENTRIES,
    TEXTS_AND_ONE,
    TEXT_BYTES,
    FOLDED_BYTES,
    STARTS,
    LINES,
    POINTS,
    HOUSES,
    RANGES,
    LINE_BOXES,
    SPOT_BOXES,
    SPOTS,
    COUNT_KINDS
};

#define SECTION(field, kind)                                                                                 \
    { #field, offsetof(pct_gazetteer, field), kind, sizeof *((pct_gazetteer *)0)->field }

static const struct {
    char name[24];
    size_t pointer_at;
    int count_kind;
    size_t item_size;
} sections[] = {
    SECTION(entries, ENTRIES),       SECTION(text_at, TEXTS_AND_ONE),
    SECTION(text_chars, TEXT_BYTES), SECTION(folded, FOLDED_BYTES),
    SECTION(starts, STARTS),         SECTION(lines, LINES),
    SECTION(points, POINTS),         SECTION(houses, HOUSES),
    SECTION(ranges, RANGES),         SECTION(line_tree.boxes, LINE_BOXES),
    SECTION(line_tree.items, LINES), SECTION(spot_tree.boxes, SPOT_BOXES),
    SECTION(spot_tree.items, SPOTS),
};
enum { SECTION_COUNT = sizeof sections / sizeof *sections };

/* As it lies in the file. */
typedef struct header {
    char magic[8];
    uint32_t version, section_count;
    uint64_t file_bytes;
    uint64_t counts[COUNT_KINDS];
    struct {
        char name[24];
        uint64_t at, bytes, digest;
    } sections[SECTION_COUNT];
    uint64_t digest; /* of all before it */
} header;

static const void **pointer_of(pct_gazetteer *g, int section) {
    return (const void **)(void *)((char *)g + sections[section].pointer_at);
}

static uint64_t aligned(uint64_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void count_items(const pct_gazetteer *g, uint64_t counts[COUNT_KINDS]) {
    counts[ENTRIES] = g->entry_count;
    counts[TEXTS_AND_ONE] = (uint64_t)g->text_count + 1;
    counts[TEXT_BYTES] = g->text_bytes;
    counts[FOLDED_BYTES] = g->folded_bytes;
    counts[STARTS] = g->start_count;
    counts[LINES] = g->line_count;
    counts[POINTS] = g->point_count;
    counts[HOUSES] = g->house_count;
    counts[RANGES] = g->range_count;
    counts[LINE_BOXES] = pct_tree_box_count(g->line_count);
    counts[SPOTS] = (uint64_t)g->entry_count + g->house_count;
    counts[SPOT_BOXES] = pct_tree_box_count((uint32_t)counts[SPOTS]);
}

static pct_status write_padded(pct_sink sink, const void *bytes, uint64_t length, pct_error *error) {
    static const char zeros[ALIGNMENT];
    pct_status status = length ? sink.write(sink.context, bytes, length, error) : PCT_OK;
    uint64_t padding = aligned(length) - length;
    return status || !padding ? status : sink.write(sink.context, zeros, padding, error);
}

pct_status pct_gazetteer_index_write(const pct_gazetteer *gazetteer, pct_sink sink, uint64_t *bytes_written,
                                     pct_error *error) {
    pct_gazetteer g = *gazetteer;
    header h;
    memset(&h, 0, sizeof h);
    memcpy(h.magic, magic, sizeof magic);
    h.version = VERSION;
    h.section_count = SECTION_COUNT;
    count_items(&g, h.counts);
    h.file_bytes = aligned(sizeof h);
    for (int i = 0; i < SECTION_COUNT; i++) {
        uint64_t bytes = h.counts[sections[i].count_kind] * sections[i].item_size;
        memcpy(h.sections[i].name, sections[i].name, sizeof sections[i].name);
        h.sections[i].at = h.file_bytes;
        h.sections[i].bytes = bytes;
        h.sections[i].digest = pct_digest(bytes ? *pointer_of(&g, i) : "", bytes);
        h.file_bytes += aligned(bytes);
    }
    h.digest = pct_digest(&h, offsetof(header, digest));
    pct_status status = write_padded(sink, &h, sizeof h, error);
    for (int i = 0; i < SECTION_COUNT && !status; i++)
        status = write_padded(sink, *pointer_of(&g, i), h.sections[i].bytes, error);
    *bytes_written = h.file_bytes;
    return status;
}

static pct_status damaged(const char *file, pct_param what, pct_error *error) {
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_INDEX_DAMAGED, pct_str(file), what);
}

static pct_status read_header(const char *file, pct_text bytes, header *h, pct_error *error) {
    if (bytes.length < sizeof *h || memcmp(bytes.chars, magic, sizeof magic) != 0)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_PLACE_INDEX_FOREIGN, pct_str(file));
    memcpy(h, bytes.chars, sizeof *h);
    if (h->version != VERSION)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_PLACE_INDEX_VERSION, pct_str(file), pct_int(h->version),
                        pct_int(VERSION));
    if (h->digest != pct_digest(h, offsetof(header, digest)))
        return damaged(file, pct_phrase(PCT_MSG_INDEX_PART_HEADER), error);
    if (h->file_bytes != bytes.length)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_INDEX_SIZE, pct_str(file),
                        pct_int((int64_t)h->file_bytes), pct_int((int64_t)bytes.length));
    return h->section_count == SECTION_COUNT ? PCT_OK
                                             : damaged(file, pct_phrase(PCT_MSG_INDEX_PART_SECTIONS), error);
}

/* Sections lie one behind the other in table order, so that every byte of the file has its one place. */
static pct_status read_sections(const char *file, pct_text bytes, const header *h, pct_gazetteer *g,
                                pct_error *error) {
    uint64_t at = aligned(sizeof *h);
    if (at > bytes.length) return damaged(file, pct_phrase(PCT_MSG_INDEX_PART_HEADER), error);
    for (uint64_t i = sizeof *h; i < at; i++)
        if (bytes.chars[i] != 0) return damaged(file, pct_phrase(PCT_MSG_INDEX_PART_HEADER), error);
    for (int i = 0; i < SECTION_COUNT; i++) {
        uint64_t count = h->counts[sections[i].count_kind], length = count * sections[i].item_size;
        const char *name = sections[i].name, *section = bytes.chars + at;
        bool fits = count <= UINT32_MAX && h->sections[i].at == at && h->sections[i].bytes == length &&
                    length <= bytes.length - at && aligned(length) <= bytes.length - at;
        if (!fits || memcmp(h->sections[i].name, name, sizeof sections[i].name) != 0)
            return damaged(file, pct_phrase(PCT_MSG_INDEX_PART_SECTIONS), error);
        if (pct_digest(section, length) != h->sections[i].digest) return damaged(file, pct_str(name), error);
        for (uint64_t b = length; b < aligned(length); b++)
            if (section[b] != 0) return damaged(file, pct_str(name), error);
        *pointer_of(g, i) = section;
        at += aligned(length);
    }
    return at == bytes.length ? PCT_OK : damaged(file, pct_phrase(PCT_MSG_INDEX_PART_SECTIONS), error);
}

pct_status pct_gazetteer_index_open(const char *file, pct_text bytes, pct_gazetteer **out, pct_error *error) {
    header h;
    pct_gazetteer g;
    memset(&g, 0, sizeof g);
    pct_status status = read_header(file, bytes, &h, error);
    if (status) return status;
    const uint64_t *counts = h.counts;
    g.entry_count = (uint32_t)counts[ENTRIES];
    g.text_count = (uint32_t)(counts[TEXTS_AND_ONE] - 1);
    g.text_bytes = (uint32_t)counts[TEXT_BYTES];
    g.folded_bytes = (uint32_t)counts[FOLDED_BYTES];
    g.start_count = (uint32_t)counts[STARTS];
    g.line_count = (uint32_t)counts[LINES];
    g.point_count = (uint32_t)counts[POINTS];
    g.house_count = (uint32_t)counts[HOUSES];
    g.range_count = (uint32_t)counts[RANGES];
    uint64_t expected[COUNT_KINDS];
    count_items(&g, expected);
    if (memcmp(expected, counts, sizeof expected) != 0 || counts[SPOTS] >= UINT32_MAX)
        return damaged(file, pct_phrase(PCT_MSG_INDEX_FAULT_COUNTS), error);
    g.line_tree.item_count = g.line_count;
    g.spot_tree.item_count = (uint32_t)counts[SPOTS];
    status = read_sections(file, bytes, &h, &g, error);
    if (status) return status;
    pct_message fault = pct_gazetteer_fault(&g, &status);
    if (fault != PCT_MSG_NONE) return damaged(file, pct_phrase(fault), error);
    *out = status ? NULL : pct_alloc(1, sizeof g);
    if (!*out) return pct_error_memory(error, counts[SPOTS]);
    **out = g;
    return PCT_OK;
}
