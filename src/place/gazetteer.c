#include "place/gazetteer.h"

#include <string.h>

#include "base/memory.h"
#include "place/data.h"

const char *pct_place_kind_name(pct_place_kind kind) {
    static const char *const names[] = {
#define X(name, text) text,
        PCT_PLACE_KINDS(X)
#undef X
    };
    return names[kind];
}

const char *pct_dwelling_name(pct_dwelling dwelling) {
    static const char *const names[] = {
#define X(name, text) text,
        PCT_DWELLINGS(X)
#undef X
    };
    return names[dwelling];
}

const char *pct_place_match_name(pct_place_match match) {
    static const char *const names[] = {
#define X(name, text) text,
        PCT_PLACE_MATCHES(X)
#undef X
    };
    return names[match];
}

static void drop(const void *items) {
    pct_free((void *)(uintptr_t)items);
}

void pct_gazetteer_free(pct_gazetteer *g) {
    if (g && g->owns) {
        drop(g->entries);
        drop(g->text_at);
        drop(g->text_chars);
        drop(g->folded);
        drop(g->starts);
        drop(g->lines);
        drop(g->points);
        drop(g->houses);
        drop(g->ranges);
        drop(g->line_tree.boxes);
        drop(g->line_tree.items);
        drop(g->spot_tree.boxes);
        drop(g->spot_tree.items);
    }
    pct_free(g);
}

pct_text pct_gazetteer_text(const pct_gazetteer *g, uint32_t number) {
    return (pct_text){g->text_chars + g->text_at[number], g->text_at[number + 1] - g->text_at[number]};
}

const pct_position *pct_gazetteer_line(const pct_gazetteer *g, uint32_t line, size_t *count) {
    uint32_t end = line + 1 < g->line_count ? g->lines[line + 1].point_at : g->point_count;
    *count = end - g->lines[line].point_at;
    return g->points + g->lines[line].point_at;
}

uint32_t pct_spot_count(const pct_gazetteer *g) {
    return g->entry_count + g->house_count;
}

pct_box pct_spot_box(const pct_gazetteer *g, uint32_t spot) {
    if (spot >= g->entry_count) {
        pct_position p = g->houses[spot - g->entry_count].position;
        return (pct_box){p, p};
    }
    const pct_place_entry *e = &g->entries[spot];
    bool is_spot = e->kind == PCT_PLACE_PLACE || e->kind == PCT_PLACE_CROSSING;
    return is_spot ? e->extent : pct_box_empty();
}

pct_text pct_gazetteer_sample_name(const pct_gazetteer *g, uint32_t number) {
    if (g->entry_count == 0) return (pct_text){"", 0};
    return pct_gazetteer_text(g, g->entries[number % g->entry_count].name);
}

pct_gazetteer_size pct_gazetteer_size_of(const pct_gazetteer *g) {
    pct_gazetteer_size size = {.houses = g->house_count, .ranges = g->range_count};
    for (uint32_t i = 0; i < g->entry_count; i++) size.kinds[g->entries[i].kind]++;
    return size;
}

/* The first start whose text is not before `text`, or not before everything that begins with it. */
static uint32_t bound(const pct_gazetteer *g, const char *text, size_t length, bool behind) {
    uint32_t low = 0, high = g->start_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strncmp(g->folded + g->starts[middle].at, text, length);
        if (order < 0 || (behind && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

pct_start_span pct_gazetteer_starts(const pct_gazetteer *g, const char *text, size_t length) {
    return (pct_start_span){bound(g, text, length, false), bound(g, text, length, true)};
}
