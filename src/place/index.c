#include "place/index.h"

#include <string.h>

#include "base/memory.h"
#include "place/index_check.h"

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

#define SECTION(field, kind) PCT_SECTION(pct_gazetteer, #field, field, kind)

static const pct_section sections[] = {
    SECTION(entries, ENTRIES),       SECTION(text_at, TEXTS_AND_ONE),
    SECTION(text_chars, TEXT_BYTES), SECTION(folded, FOLDED_BYTES),
    SECTION(starts, STARTS),         SECTION(lines, LINES),
    SECTION(points, POINTS),         SECTION(houses, HOUSES),
    SECTION(ranges, RANGES),         SECTION(line_tree.boxes, LINE_BOXES),
    SECTION(line_tree.items, LINES), SECTION(spot_tree.boxes, SPOT_BOXES),
    SECTION(spot_tree.items, SPOTS),
};

/* The version also counts how names are folded: an index folded otherwise would miss what is typed. */
static const pct_section_format format = {.magic = "PCTPLAC",
                                          .version = 1,
                                          .section_count = sizeof sections / sizeof *sections,
                                          .count_kinds = COUNT_KINDS,
                                          .sections = sections,
                                          .foreign = PCT_MSG_PLACE_INDEX_FOREIGN,
                                          .other_version = PCT_MSG_PLACE_INDEX_VERSION};

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

pct_status pct_gazetteer_index_write(const pct_gazetteer *gazetteer, pct_sink sink, uint64_t *bytes_written,
                                     pct_error *error) {
    uint64_t counts[COUNT_KINDS];
    count_items(gazetteer, counts);
    return pct_section_file_write(&format, gazetteer, counts, sink, bytes_written, error);
}

pct_status pct_gazetteer_index_open(const char *file, pct_text bytes, pct_gazetteer **out, pct_error *error) {
    pct_gazetteer g;
    uint64_t counts[COUNT_KINDS], expected[COUNT_KINDS];
    memset(&g, 0, sizeof g);
    pct_status status = pct_section_file_counts(&format, file, bytes, counts, error);
    if (status) return status;
    g.entry_count = (uint32_t)counts[ENTRIES];
    g.text_count = (uint32_t)(counts[TEXTS_AND_ONE] - 1);
    g.text_bytes = (uint32_t)counts[TEXT_BYTES];
    g.folded_bytes = (uint32_t)counts[FOLDED_BYTES];
    g.start_count = (uint32_t)counts[STARTS];
    g.line_count = (uint32_t)counts[LINES];
    g.point_count = (uint32_t)counts[POINTS];
    g.house_count = (uint32_t)counts[HOUSES];
    g.range_count = (uint32_t)counts[RANGES];
    count_items(&g, expected);
    if (memcmp(expected, counts, sizeof expected) != 0 || counts[SPOTS] >= UINT32_MAX)
        return pct_section_file_damaged(file, pct_phrase(PCT_MSG_INDEX_FAULT_COUNTS), error);
    g.line_tree.item_count = g.line_count;
    g.spot_tree.item_count = (uint32_t)counts[SPOTS];
    status = pct_section_file_sections(&format, file, bytes, counts, &g, error);
    if (status) return status;
    pct_message fault = pct_gazetteer_fault(&g, &status);
    if (fault != PCT_MSG_NONE) return pct_section_file_damaged(file, pct_phrase(fault), error);
    *out = status ? NULL : pct_alloc(1, sizeof g);
    if (!*out) return pct_error_memory(error, counts[SPOTS]);
    **out = g;
    return PCT_OK;
}
