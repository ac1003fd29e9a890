/* The last step: entries are put in order and numbered anew, names folded, starts sorted, trees built. */
#include "place/build.h"

#include <stdlib.h>
#include <string.h>

#include "place/builder.h"
#include "place/fold.h"

typedef struct ordered {
    pct_text name;
    pct_position position;
    uint32_t entry;
    uint8_t kind;
} ordered;

typedef struct making {
    pct_gazetteer_builder *b;
    pct_gazetteer *g;
    uint32_t
        *number_of; /* [old entries] new number, or the entry that took it in; PCT_NO_INDEX when dropped */
    pct_vector order, entries, houses, starts;
    pct_buffer folded;
    pct_error *error;
} making;

static int by_name(const void *a, const void *b) {
    const ordered *p = a, *q = b;
    if (p->kind != q->kind) return p->kind < q->kind ? -1 : 1;
    size_t shorter = p->name.length < q->name.length ? p->name.length : q->name.length;
    int names = memcmp(p->name.chars, q->name.chars, shorter);
    if (names) return names;
    if (p->name.length != q->name.length) return p->name.length < q->name.length ? -1 : 1;
    if (p->position.lon_e7 != q->position.lon_e7) return p->position.lon_e7 < q->position.lon_e7 ? -1 : 1;
    if (p->position.lat_e7 != q->position.lat_e7) return p->position.lat_e7 < q->position.lat_e7 ? -1 : 1;
    return p->entry < q->entry ? -1 : p->entry > q->entry;
}

static bool is_kept(const making *m, uint32_t entry) {
    const pct_place_entry *e = pct_builder_entry_at(m->b, entry);
    return m->number_of[entry] == entry && e->extent.min.lon_e7 <= e->extent.max.lon_e7;
}

static pct_status order_entries(making *m) {
    uint32_t count = (uint32_t)m->b->entries.length;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_kept(m, i)) continue;
        ordered *o = pct_vector_push(&m->order);
        if (!o) return pct_vector_failed(&m->order, PCT_MSG_WHAT_PLACES, m->error);
        const pct_place_entry *e = pct_builder_entry_at(m->b, i);
        *o = (ordered){m->b->texts.texts[e->name], e->position, i, e->kind};
    }
    ordered *order = m->order.items;
    if (m->order.length > 0) qsort(order, m->order.length, sizeof *order, by_name);
    uint32_t *fresh = pct_alloc(count + 1, sizeof *fresh);
    if (!fresh) return pct_error_memory(m->error, count * sizeof *fresh);
    for (uint32_t i = 0; i < count; i++) fresh[i] = PCT_NO_INDEX;
    for (uint32_t i = 0; i < m->order.length; i++) fresh[order[i].entry] = i;
    for (uint32_t i = 0; i < count; i++) m->number_of[i] = fresh[m->number_of[i]];
    pct_free(fresh);
    return PCT_OK;
}

static pct_status add_starts(making *m, uint32_t entry, const char *text, size_t at) {
    for (const char *c = text; *c; c++) {
        if (!pct_place_is_start(text, c)) continue;
        pct_place_start *start = pct_vector_push(&m->starts);
        if (!start) return pct_vector_failed(&m->starts, PCT_MSG_PLACE_WHAT_STARTS, m->error);
        *start = (pct_place_start){(uint32_t)(at + (size_t)(c - text)), entry};
    }
    return PCT_OK;
}

static pct_status fold_entry(making *m, pct_place_entry *e, uint32_t number) {
    char name[PCT_FOLD_MAX], name_en[PCT_FOLD_MAX];
    size_t length = pct_place_fold(m->b->texts.texts[e->name], false, name);
    size_t length_en = pct_place_fold(m->b->texts.texts[e->name_en], false, name_en);
    e->folded_at = (uint32_t)m->folded.length;
    (void)pct_buffer_append(&m->folded, name, length + 1);
    (void)pct_buffer_append(&m->folded, name_en, length_en + 1);
    pct_status status = pct_buffer_status(&m->folded, m->error);
    if (!status) status = add_starts(m, number, name, e->folded_at);
    if (!status && strcmp(name, name_en) != 0)
        status = add_starts(m, number, name_en, e->folded_at + length + 1);
    return status;
}

static pct_status make_entries(making *m) {
    const ordered *order = m->order.items;
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < m->order.length && !status; i++) {
        pct_place_entry *e = pct_vector_push(&m->entries);
        if (!e) return pct_vector_failed(&m->entries, PCT_MSG_WHAT_PLACES, m->error);
        *e = *pct_builder_entry_at(m->b, order[i].entry);
        if (e->kind == PCT_PLACE_CROSSING) {
            e->street_a = m->number_of[e->street_a];
            e->street_b = m->number_of[e->street_b];
        }
        status = fold_entry(m, e, i);
    }
    if (!status) pct_starts_sort(m->starts.items, m->starts.length, (const char *)m->folded.bytes);
    return status;
}

static int by_number(const void *a, const void *b) {
    const pct_house *p = a, *q = b;
    if (p->entry != q->entry) return p->entry < q->entry ? -1 : 1;
    if (p->number != q->number) return p->number < q->number ? -1 : 1;
    if (p->label != q->label) return p->label < q->label ? -1 : 1;
    if (p->dwelling != q->dwelling) return p->dwelling > q->dwelling ? -1 : 1; /* the more private first */
    if (p->position.lon_e7 != q->position.lon_e7) return p->position.lon_e7 < q->position.lon_e7 ? -1 : 1;
    return p->position.lat_e7 < q->position.lat_e7 ? -1 : p->position.lat_e7 > q->position.lat_e7;
}

static int by_low(const void *a, const void *b) {
    const pct_house_range *p = a, *q = b;
    if (p->entry != q->entry) return p->entry < q->entry ? -1 : 1;
    if (p->low != q->low) return p->low < q->low ? -1 : 1;
    if (p->line != q->line) return p->line < q->line ? -1 : 1;
    return p->on_the_left < q->on_the_left ? -1 : p->on_the_left > q->on_the_left;
}

static void renumber(making *m) {
    pct_house *houses = m->houses.items;
    pct_house_range *ranges = m->b->ranges.items;
    pct_place_line *lines = m->b->lines.items;
    for (size_t i = 0; i < m->houses.length; i++) houses[i].entry = m->number_of[houses[i].entry];
    for (size_t i = 0; i < m->b->ranges.length; i++) ranges[i].entry = m->number_of[ranges[i].entry];
    for (size_t i = 0; i < m->b->lines.length; i++) lines[i].entry = m->number_of[lines[i].entry];
    if (m->houses.length) qsort(houses, m->houses.length, sizeof *houses, by_number);
    if (m->b->ranges.length) qsort(ranges, m->b->ranges.length, sizeof *ranges, by_low);
}

static pct_status take_texts(making *m) {
    const pct_names *texts = &m->b->texts;
    size_t bytes = 0;
    for (size_t i = 0; i < texts->length; i++) bytes += texts->texts[i].length;
    uint32_t *at = pct_alloc(texts->length + 1, sizeof *at);
    char *chars = pct_alloc(bytes + 1, 1);
    m->g->text_at = at;
    m->g->text_chars = chars;
    m->g->text_count = (uint32_t)texts->length;
    m->g->text_bytes = (uint32_t)bytes;
    if (!at || !chars || bytes > UINT32_MAX) return pct_error_memory(m->error, bytes);
    at[0] = 0;
    for (size_t i = 0; i < texts->length; i++) {
        memcpy(chars + at[i], texts->texts[i].chars, texts->texts[i].length);
        at[i + 1] = at[i] + (uint32_t)texts->texts[i].length;
    }
    return PCT_OK;
}

/* Everything that grew in vectors becomes the gazetteer's. */
static void take_arrays(making *m) {
    pct_gazetteer *g = m->g;
    g->entry_count = (uint32_t)m->entries.length;
    g->entries = pct_vector_take(&m->entries);
    g->folded_bytes = (uint32_t)m->folded.length;
    g->folded = (const char *)m->folded.bytes;
    m->folded = pct_buffer_init(0);
    g->start_count = (uint32_t)m->starts.length;
    g->starts = pct_vector_take(&m->starts);
    g->house_count = (uint32_t)m->houses.length;
    g->houses = pct_vector_take(&m->houses);
    g->line_count = (uint32_t)m->b->lines.length;
    g->lines = pct_vector_take(&m->b->lines);
    g->point_count = (uint32_t)m->b->points.length;
    g->points = pct_vector_take(&m->b->points);
    g->range_count = (uint32_t)m->b->ranges.length;
    g->ranges = pct_vector_take(&m->b->ranges);
}

static pct_status make_tree(uint32_t count, pct_box (*box_of)(const pct_gazetteer *, uint32_t),
                            const pct_gazetteer *g, pct_tree *out, pct_error *error) {
    if (count == 0) return PCT_OK;
    pct_box *item_boxes = pct_alloc(count, sizeof *item_boxes);
    pct_box *boxes = pct_alloc(pct_tree_box_count(count), sizeof *boxes);
    uint32_t *items = pct_alloc(count, sizeof *items);
    *out = (pct_tree){count, boxes, items}; /* freed with the gazetteer */
    pct_status status =
        item_boxes && boxes && items ? PCT_OK : pct_error_memory(error, count * sizeof *item_boxes);
    for (uint32_t i = 0; i < count && !status; i++) item_boxes[i] = box_of(g, i);
    if (!status) status = pct_tree_build(item_boxes, count, boxes, items, out, error);
    pct_free(item_boxes);
    return status;
}

static pct_box line_box(const pct_gazetteer *g, uint32_t line) {
    size_t count;
    const pct_position *points = pct_gazetteer_line(g, line, &count);
    return pct_box_of(points, count);
}

pct_status pct_gazetteer_build(pct_gazetteer_builder *b, pct_gazetteer **out, pct_error *error) {
    making m = {.b = b,
                .g = pct_alloc_zeroed(1, sizeof *m.g),
                .order = pct_vector_init(sizeof(ordered), PCT_GAZETTEER_ITEMS_MAX),
                .entries = pct_vector_init(sizeof(pct_place_entry), PCT_GAZETTEER_ITEMS_MAX),
                .houses = pct_vector_init(sizeof(pct_house), PCT_GAZETTEER_ITEMS_MAX),
                .starts = pct_vector_init(sizeof(pct_place_start), (size_t)PCT_GAZETTEER_ITEMS_MAX * 4),
                .folded = pct_buffer_init((size_t)1 << 31),
                .error = error};
    pct_status status = m.g ? PCT_OK : pct_error_memory(error, sizeof *m.g);
    if (m.g) m.g->owns = true;
    if (!status) status = pct_builder_settle_houses(b, &m.houses, error);
    if (!status) m.number_of = pct_alloc(b->entries.length + 1, sizeof *m.number_of);
    if (!status && !m.number_of) status = pct_error_memory(error, b->entries.length * sizeof *m.number_of);
    if (!status) status = pct_builder_merge(b, m.number_of, error);
    if (!status) status = order_entries(&m);
    if (!status) status = make_entries(&m);
    if (!status) status = take_texts(&m);
    if (!status) {
        renumber(&m);
        take_arrays(&m);
        status = make_tree(m.g->line_count, line_box, m.g, &m.g->line_tree, error);
    }
    if (!status) status = make_tree(pct_spot_count(m.g), pct_spot_box, m.g, &m.g->spot_tree, error);
    pct_free(m.number_of);
    pct_vector_dispose(&m.order);
    pct_vector_dispose(&m.entries);
    pct_vector_dispose(&m.houses);
    pct_vector_dispose(&m.starts);
    pct_buffer_dispose(&m.folded);
    *out = status ? NULL : m.g;
    if (status) pct_gazetteer_free(m.g);
    return status;
}
