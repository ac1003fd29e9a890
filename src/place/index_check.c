#include "place/index_check.h"

#include <string.h>

#include "base/text.h"
#include "place/fold.h"

static bool texts_are_sound(const pct_gazetteer *g) {
    if (g->text_count == 0 || g->text_at[0] != 0 || g->text_at[g->text_count] != g->text_bytes) return false;
    for (uint32_t i = 0; i < g->text_count; i++)
        if (g->text_at[i] > g->text_at[i + 1] || g->text_at[i + 1] > g->text_bytes ||
            !pct_text_is_utf8(pct_gazetteer_text(g, i)))
            return false;
    return g->text_at[1] == 0; /* number 0 is the empty text */
}

static bool is_street_or_none(const pct_gazetteer *g, uint32_t street, bool wanted) {
    return wanted ? street < g->entry_count && g->entries[street].kind == PCT_PLACE_STREET
                  : street == PCT_NO_INDEX;
}

static bool is_position(pct_position p) {
    return p.lon_e7 >= -1800000000 && p.lon_e7 <= 1800000000 && p.lat_e7 >= -900000000 &&
           p.lat_e7 <= 900000000;
}

/* Folded names lie one behind the other, two to an entry, each of at most PCT_FOLD_MAX bytes. */
static bool entries_are_sound(const pct_gazetteer *g) {
    uint64_t at = 0;
    for (uint32_t i = 0; i < g->entry_count; i++) {
        const pct_place_entry *e = &g->entries[i];
        bool crossing = e->kind == PCT_PLACE_CROSSING;
        if (e->name >= g->text_count || e->name_en >= g->text_count || e->category >= g->text_count ||
            e->kind >= PCT_PLACE_ADDRESS || e->dwelling >= PCT_DWELLING_COUNT || e->folded_at != at ||
            !is_position(e->position) || !is_street_or_none(g, e->street_a, crossing) ||
            !is_street_or_none(g, e->street_b, crossing))
            return false;
        for (int name = 0; name < 2; name++) {
            size_t left = g->folded_bytes - at, most = left < PCT_FOLD_MAX ? left : PCT_FOLD_MAX;
            size_t length = strnlen(g->folded + at, most);
            if (length == most || !pct_text_is_utf8((pct_text){g->folded + at, length})) return false;
            at += length + 1;
        }
    }
    return at == g->folded_bytes;
}

static bool starts_are_sound(const pct_gazetteer *g) {
    for (uint32_t i = 0; i < g->start_count; i++) {
        pct_place_start s = g->starts[i];
        if (s.entry >= g->entry_count) return false;
        uint32_t end = s.entry + 1 < g->entry_count ? g->entries[s.entry + 1].folded_at : g->folded_bytes;
        if (s.at < g->entries[s.entry].folded_at || s.at >= end) return false;
        int order = i ? strcmp(g->folded + g->starts[i - 1].at, g->folded + s.at) : -1;
        if (order > 0 || (order == 0 && g->starts[i - 1].at >= s.at)) return false;
    }
    return true;
}

static bool lines_are_sound(const pct_gazetteer *g) {
    for (uint32_t i = 0; i < g->line_count; i++) {
        uint32_t end = i + 1 < g->line_count ? g->lines[i + 1].point_at : g->point_count;
        if (g->lines[i].entry >= g->entry_count || end > g->point_count || g->lines[i].point_at > end ||
            end - g->lines[i].point_at < 2)
            return false;
    }
    for (uint32_t i = 0; i < g->point_count; i++)
        if (!is_position(g->points[i])) return false;
    return g->line_count ? g->lines[0].point_at == 0 : g->point_count == 0;
}

static bool houses_are_sound(const pct_gazetteer *g) {
    for (uint32_t i = 0; i < g->house_count; i++) {
        const pct_house *h = &g->houses[i];
        if (h->entry >= g->entry_count || h->label >= g->text_count || h->dwelling >= PCT_DWELLING_COUNT ||
            !is_position(h->position))
            return false;
        if (i && (h[-1].entry > h->entry || (h[-1].entry == h->entry && h[-1].number > h->number)))
            return false;
    }
    for (uint32_t i = 0; i < g->range_count; i++) {
        const pct_house_range *r = &g->ranges[i];
        if (r->entry >= g->entry_count || r->line >= g->line_count || r->low > r->high ||
            (r->step != 1 && r->step != 2))
            return false;
        if (i && (r[-1].entry > r->entry || (r[-1].entry == r->entry && r[-1].low > r->low))) return false;
    }
    return true;
}

pct_message pct_gazetteer_fault(const pct_gazetteer *g, pct_status *status) {
    bool sound = true;
    *status = PCT_OK;
    if (!texts_are_sound(g)) return PCT_MSG_PLACE_PART_NAMES;
    if (!entries_are_sound(g)) return PCT_MSG_PLACE_PART_ENTRIES;
    if (!starts_are_sound(g)) return PCT_MSG_PLACE_PART_STARTS;
    if (!lines_are_sound(g)) return PCT_MSG_PLACE_PART_LINES;
    if (!houses_are_sound(g)) return PCT_MSG_PLACE_PART_HOUSES;
    if (g->line_count) *status = pct_tree_is_sound(&g->line_tree, &sound);
    if (!*status && sound && pct_spot_count(g)) *status = pct_tree_is_sound(&g->spot_tree, &sound);
    return sound || *status ? PCT_MSG_NONE : PCT_MSG_PLACE_PART_TREES;
}
