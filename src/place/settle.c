/* Where names meet: entries of one name that are one place, and house numbers and the street they belong to. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "place/builder.h"
#include "place/fold.h"

static const double same_place_m = 60.0, same_area_m = 1000.0, own_street_m = 500.0;

typedef struct named {
    uint32_t name, entry;
    uint8_t kind;
    pct_box extent;
} named;

static int by_name(const void *a, const void *b) {
    const named *p = a, *q = b;
    if (p->kind != q->kind) return p->kind < q->kind ? -1 : 1;
    if (p->name != q->name) return p->name < q->name ? -1 : 1;
    if (p->extent.min.lon_e7 != q->extent.min.lon_e7)
        return p->extent.min.lon_e7 < q->extent.min.lon_e7 ? -1 : 1;
    return p->entry < q->entry ? -1 : p->entry > q->entry;
}

static bool is_small(pct_box box) {
    return pct_geo_distance_m(box.min, box.max) <= same_area_m;
}

/* Areas of one name may lie in each other and be two, such as a district and its ward; small ones are one. */
static bool are_one(const named *a, const named *b, pct_box reach) {
    return pct_box_meets(reach, b->extent) &&
           (a->kind == PCT_PLACE_PLACE || (is_small(a->extent) && is_small(b->extent)));
}

static void absorb(pct_place_entry *kept, const pct_place_entry *other) {
    if (!kept->name_en) kept->name_en = other->name_en;
    if (!kept->category) kept->category = other->category;
    if (other->dwelling > kept->dwelling) kept->dwelling = other->dwelling;
    pct_box_extend(&kept->extent, other->extent.min);
    pct_box_extend(&kept->extent, other->extent.max);
}

pct_status pct_builder_merge(pct_gazetteer_builder *b, uint32_t *alias, pct_error *error) {
    pct_vector all = pct_vector_init(sizeof(named), PCT_GAZETTEER_ITEMS_MAX);
    uint32_t *set = NULL;
    uint32_t count = (uint32_t)b->entries.length;
    pct_status status = pct_sets_new(count, &set, error);
    for (uint32_t i = 0; i < count && !status; i++) {
        const pct_place_entry *e = pct_builder_entry_at(b, i);
        bool placed = e->extent.min.lon_e7 <= e->extent.max.lon_e7;
        if (!placed || (e->kind != PCT_PLACE_PLACE && e->kind != PCT_PLACE_AREA)) continue;
        named *n = pct_vector_push(&all);
        if (n)
            *n = (named){e->name, i, e->kind, e->extent};
        else
            status = pct_vector_failed(&all, PCT_MSG_WHAT_PLACES, error);
    }
    if (status) goto done;
    named *items = all.items;
    if (all.length > 0) qsort(items, all.length, sizeof *items, by_name);
    for (size_t i = 0; i < all.length; i++) {
        pct_box reach = pct_box_grown(items[i].extent, same_place_m);
        for (size_t j = i + 1;
             j < all.length && items[j].name == items[i].name && items[j].kind == items[i].kind &&
             items[j].extent.min.lon_e7 <= reach.max.lon_e7;
             j++)
            if (are_one(&items[i], &items[j], reach)) pct_set_unite(set, items[i].entry, items[j].entry);
    }
    for (uint32_t i = 0; i < count; i++) {
        alias[i] = pct_set_of(set, i);
        if (alias[i] != i) absorb(pct_builder_entry_at(b, alias[i]), pct_builder_entry_at(b, i));
    }
done:
    pct_free(set);
    pct_vector_dispose(&all);
    return status;
}

/* --- houses -------------------------------------------------------------------------------------------- */

/* Entries by folded name, chained. */
typedef struct owners {
    pct_gazetteer_builder *builder;
    pct_names names;
    pct_vector first, next; /* uint32_t: by name; by entry */
} owners;

static double box_distance_m(pct_box box, pct_position p) {
    pct_position nearest = p;
    if (p.lon_e7 < box.min.lon_e7) nearest.lon_e7 = box.min.lon_e7;
    if (p.lon_e7 > box.max.lon_e7) nearest.lon_e7 = box.max.lon_e7;
    if (p.lat_e7 < box.min.lat_e7) nearest.lat_e7 = box.min.lat_e7;
    if (p.lat_e7 > box.max.lat_e7) nearest.lat_e7 = box.max.lat_e7;
    return pct_geo_distance_m(p, nearest);
}

static pct_status chain(owners *o, uint32_t entry, pct_error *error) {
    char folded[PCT_FOLD_MAX];
    uint32_t number;
    const pct_gazetteer_builder *b = o->builder;
    size_t length = pct_place_fold(b->texts.texts[pct_builder_entry_at(b, entry)->name], false, folded);
    pct_status status = pct_names_add(&o->names, (pct_text){folded, length}, &number);
    if (status) return pct_error_memory(error, length);
    if (number == o->first.length) {
        uint32_t *first = pct_vector_push(&o->first);
        if (!first) return pct_vector_failed(&o->first, PCT_MSG_WHAT_NAMES, error);
        *first = PCT_NO_INDEX;
    }
    while (o->next.length <= entry) {
        uint32_t *next = pct_vector_push(&o->next);
        if (!next) return pct_vector_failed(&o->next, PCT_MSG_WHAT_NAMES, error);
        *next = PCT_NO_INDEX;
    }
    uint32_t *first = (uint32_t *)o->first.items + number;
    ((uint32_t *)o->next.items)[entry] = *first;
    *first = entry;
    return PCT_OK;
}

/* The nearest entry of the house's street, PCT_NO_INDEX when there is none within reach. */
static uint32_t owner_of(const owners *o, const pct_found_house *house) {
    char folded[PCT_FOLD_MAX];
    const pct_gazetteer_builder *b = o->builder;
    size_t length = pct_place_fold(b->texts.texts[house->street], false, folded);
    uint32_t name = pct_names_find(&o->names, (pct_text){folded, length}), best = PCT_NO_INDEX;
    double best_m = own_street_m;
    if (name == PCT_MAP_ABSENT) return PCT_NO_INDEX;
    for (uint32_t e = ((uint32_t *)o->first.items)[name]; e != PCT_NO_INDEX;
         e = ((uint32_t *)o->next.items)[e]) {
        const pct_place_entry *entry = pct_builder_entry_at(b, e);
        if ((entry->kind == PCT_PLACE_STREET) == house->of_a_place) continue;
        double distance_m = box_distance_m(entry->extent, house->position);
        if (distance_m > best_m || (distance_m == best_m && e > best)) continue;
        best = e;
        best_m = distance_m;
    }
    return best;
}

/* A street that the map knows from its house numbers alone. */
static pct_status add_owner(owners *o, const pct_found_house *house, uint32_t *entry, pct_error *error) {
    pct_gazetteer_builder *b = o->builder;
    pct_status status = pct_builder_entry(b, house->of_a_place ? PCT_PLACE_AREA : PCT_PLACE_STREET,
                                          b->texts.texts[house->street], (pct_text){"", 0}, entry, error);
    if (status) return status;
    pct_place_entry *e = pct_builder_entry_at(b, *entry);
    e->position = house->position;
    e->dwelling = PCT_DWELLING_UNKNOWN;
    pct_box_extend(&e->extent, house->position);
    return chain(o, *entry, error);
}

pct_status pct_builder_settle_houses(pct_gazetteer_builder *b, pct_vector *houses, pct_error *error) {
    owners o = {.builder = b,
                .names = pct_names_init(PCT_GAZETTEER_ITEMS_MAX, (size_t)1 << 30),
                .first = pct_vector_init(sizeof(uint32_t), PCT_GAZETTEER_ITEMS_MAX),
                .next = pct_vector_init(sizeof(uint32_t), PCT_GAZETTEER_ITEMS_MAX)};
    pct_status status = PCT_OK;
    bool wanted = b->found_houses.length > 0;
    for (uint32_t i = 0; wanted && i < b->entries.length && !status; i++) {
        const pct_place_entry *e = pct_builder_entry_at(b, i);
        bool placed = e->extent.min.lon_e7 <= e->extent.max.lon_e7;
        if (placed && e->kind != PCT_PLACE_CROSSING) status = chain(&o, i, error);
    }
    for (size_t i = 0; i < b->found_houses.length && !status; i++) {
        const pct_found_house *found = (const pct_found_house *)b->found_houses.items + i;
        uint32_t entry = owner_of(&o, found);
        if (entry == PCT_NO_INDEX) status = add_owner(&o, found, &entry, error);
        if (status) break;
        pct_house *house = pct_vector_push(houses);
        if (!house) {
            status = pct_vector_failed(houses, PCT_MSG_PLACE_WHAT_HOUSES, error);
            break;
        }
        *house = (pct_house){entry, found->number, found->label, found->dwelling, found->position};
        pct_box_extend(&pct_builder_entry_at(b, entry)->extent, found->position);
    }
    pct_names_dispose(&o.names);
    pct_vector_dispose(&o.first);
    pct_vector_dispose(&o.next);
    return status;
}
