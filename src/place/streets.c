/* Streets and crossings of a road network.
 *
 * A street is all segments of one name that touch at a node, and such groups again when their boxes come within 150 m:
 * dual carriageways, gaps at squares. Groups of one name are swept by longitude. A crossing is a spot where two streets
 * meet: a node, or all nodes of a roundabout; spots of the same two streets within 120 m are one. O(n log n). */
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "place/builder.h"
#include "place/fold.h"

enum { SPOT_STREETS_MAX = 64, LABEL_BYTES_MAX = 1 << 24 };
static const double near_m = 150.0, same_crossing_m = 120.0;

typedef struct end { /* of a named segment, at a spot */
    uint32_t spot, name, segment, node;
} end;

typedef struct group { /* segments of one name that touch */
    uint32_t name, root;
    pct_box box;
} group;

typedef struct crossing {
    uint32_t a, b, node;
} crossing;

typedef struct streets {
    pct_gazetteer_builder *builder;
    const pct_network *net;
    uint32_t *set;    /* [segments] segments of one street */
    uint32_t *spot;   /* [nodes] nodes of one roundabout */
    uint32_t *street; /* [segments] entry of the street whose set a segment leads */
    pct_vector ends, groups, crossings, points;
    pct_buffer label;
    pct_error *error;
} streets;

static uint32_t name_of(const pct_network *net, uint32_t segment) {
    const pct_segment *s = &net->segments[segment];
    return s->name ? s->name : s->name_en;
}

static int by_name(const void *a, const void *b) {
    const end *p = a, *q = b;
    if (p->spot != q->spot) return p->spot < q->spot ? -1 : 1;
    if (p->name != q->name) return p->name < q->name ? -1 : 1;
    return p->segment < q->segment ? -1 : p->segment > q->segment;
}

static int by_west(const void *a, const void *b) {
    const group *p = a, *q = b;
    if (p->name != q->name) return p->name < q->name ? -1 : 1;
    if (p->box.min.lon_e7 != q->box.min.lon_e7) return p->box.min.lon_e7 < q->box.min.lon_e7 ? -1 : 1;
    return p->root < q->root ? -1 : p->root > q->root;
}

static pct_status collect_ends(streets *s) {
    const pct_network *net = s->net;
    for (uint32_t i = 0; i < net->segment_count; i++)
        if (net->segments[i].flags & PCT_SEGMENT_ROUNDABOUT)
            pct_set_unite(s->spot, net->segments[i].tail, net->segments[i].head);
    for (uint32_t i = 0; i < net->segment_count; i++)
        for (int at_head = 0; at_head <= 1 && name_of(net, i); at_head++) {
            end *e = pct_vector_push(&s->ends);
            if (!e) return pct_vector_failed(&s->ends, PCT_MSG_PLACE_WHAT_STREETS, s->error);
            uint32_t node = at_head ? net->segments[i].head : net->segments[i].tail;
            *e = (end){pct_set_of(s->spot, node), name_of(net, i), i, node};
        }
    if (s->ends.length > 0) qsort(s->ends.items, s->ends.length, sizeof(end), by_name);
    return PCT_OK;
}

/* The points of a segment, in s->points. */
static pct_status line_of(streets *s, uint32_t segment) {
    size_t count = 0;
    pct_network_segment_line(s->net, segment, false, NULL, &count);
    s->points.length = 0;
    while (s->points.length < count)
        if (!pct_vector_push(&s->points)) return pct_vector_failed(&s->points, PCT_MSG_WHAT_POINTS, s->error);
    pct_network_segment_line(s->net, segment, false, s->points.items, &count);
    return PCT_OK;
}

static pct_status collect_groups(streets *s) {
    const pct_network *net = s->net;
    const end *ends = s->ends.items;
    pct_status status = PCT_OK;
    for (size_t i = 1; i < s->ends.length; i++)
        if (ends[i].spot == ends[i - 1].spot && ends[i].name == ends[i - 1].name)
            pct_set_unite(s->set, ends[i].segment, ends[i - 1].segment);
    for (uint32_t i = 0; i < net->segment_count && !status; i++) {
        if (!name_of(net, i)) continue;
        uint32_t root = pct_set_of(s->set, i);
        if (root == i) { /* the lowest of its set, so it comes first */
            group *g = pct_vector_push(&s->groups);
            if (!g) return pct_vector_failed(&s->groups, PCT_MSG_PLACE_WHAT_STREETS, s->error);
            *g = (group){name_of(net, i), root, pct_box_empty()};
            s->street[i] = (uint32_t)s->groups.length - 1;
        }
        group *g = (group *)s->groups.items + s->street[root];
        status = line_of(s, i);
        for (size_t p = 0; p < s->points.length && !status; p++)
            pct_box_extend(&g->box, ((pct_position *)s->points.items)[p]);
    }
    return status;
}

static void unite_near_groups(streets *s) {
    group *groups = s->groups.items;
    if (s->groups.length > 0) qsort(groups, s->groups.length, sizeof *groups, by_west);
    for (size_t i = 0; i < s->groups.length; i++) {
        pct_box reach = pct_box_grown(groups[i].box, near_m);
        for (size_t j = i + 1; j < s->groups.length && groups[j].name == groups[i].name &&
                               groups[j].box.min.lon_e7 <= reach.max.lon_e7;
             j++)
            if (pct_box_meets(reach, groups[j].box)) pct_set_unite(s->set, groups[i].root, groups[j].root);
    }
}

static pct_status add_streets(streets *s) {
    const pct_network *net = s->net;
    pct_gazetteer_builder *b = s->builder;
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < net->segment_count && !status; i++) {
        b->segment_line[i] = PCT_NO_INDEX;
        if (!name_of(net, i)) continue;
        uint32_t root = pct_set_of(s->set, i);
        pct_text name_en = pct_network_name(net, net->segments[i].name_en);
        if (root == i)
            status = pct_builder_entry(b, PCT_PLACE_STREET, pct_network_name(net, name_of(net, i)), name_en,
                                       &s->street[i], s->error);
        uint32_t street = s->street[root];
        if (!status && name_en.length > 0 && pct_builder_entry_at(b, street)->name_en == 0)
            status = pct_builder_text(b, name_en, &pct_builder_entry_at(b, street)->name_en, s->error);
        if (!status) status = line_of(s, i);
        if (status) return status;
        b->segment_line[i] = (uint32_t)b->lines.length;
        status = pct_builder_line(b, street, s->points.items, s->points.length, s->error);
    }
    return status;
}

/* Each street's position: its point nearest to the middle of its extent. */
static pct_status place_streets(streets *s) {
    pct_gazetteer_builder *b = s->builder;
    const pct_place_line *lines = b->lines.items;
    const pct_position *points = b->points.items;
    double *nearest_m = pct_alloc(b->entries.length + 1, sizeof *nearest_m);
    if (!nearest_m) return pct_error_memory(s->error, b->entries.length * sizeof *nearest_m);
    for (size_t i = 0; i < b->entries.length; i++) nearest_m[i] = 1e12;
    for (size_t l = 0; l < b->lines.length; l++) {
        pct_place_entry *e = pct_builder_entry_at(b, lines[l].entry);
        size_t last = l + 1 < b->lines.length ? lines[l + 1].point_at : b->points.length;
        pct_position middle = pct_geo_between(e->extent.min, e->extent.max, 0.5);
        for (size_t p = lines[l].point_at + 1; p < last; p++) {
            pct_projection at = pct_geo_project(middle, points[p - 1], points[p]);
            if (at.distance_m >= nearest_m[lines[l].entry]) continue;
            nearest_m[lines[l].entry] = at.distance_m;
            e->position = pct_geo_between(points[p - 1], points[p], at.share);
        }
    }
    pct_free(nearest_m);
    return PCT_OK;
}

static int by_streets(const void *a, const void *b) {
    const crossing *p = a, *q = b;
    if (p->a != q->a) return p->a < q->a ? -1 : 1;
    if (p->b != q->b) return p->b < q->b ? -1 : 1;
    return p->node < q->node ? -1 : p->node > q->node;
}

static pct_status collect_crossings(streets *s) {
    const end *ends = s->ends.items;
    for (size_t i = 0, next; i < s->ends.length; i = next) {
        uint32_t here[SPOT_STREETS_MAX], count = 0;
        for (next = i; next < s->ends.length && ends[next].spot == ends[i].spot; next++) {
            uint32_t street = s->street[pct_set_of(s->set, ends[next].segment)], k = 0;
            while (k < count && here[k] != street) k++;
            if (k == count && count < SPOT_STREETS_MAX) here[count++] = street;
        }
        for (uint32_t k = 0; k < count; k++)
            for (uint32_t l = k + 1; l < count; l++) {
                crossing *c = pct_vector_push(&s->crossings);
                if (!c) return pct_vector_failed(&s->crossings, PCT_MSG_PLACE_WHAT_CROSSINGS, s->error);
                uint32_t low = here[k] < here[l] ? here[k] : here[l];
                *c = (crossing){low, here[k] + here[l] - low, ends[i].node};
            }
    }
    if (s->crossings.length > 0) qsort(s->crossings.items, s->crossings.length, sizeof(crossing), by_streets);
    return PCT_OK;
}

static bool is_wordless(pct_text text) {
    while (text.length > 0)
        if (pct_place_is_wordless(pct_place_next_char(&text))) return true;
    return false;
}

/* The number of the crossing's name in `language`, from those of its streets. */
static pct_status add_label(streets *s, pct_language language, uint32_t a, uint32_t b, uint32_t *number) {
    const pct_text *texts = s->builder->texts.texts;
    const pct_param params[] = {pct_view(texts[a]), pct_view(texts[b])};
    pct_buffer_clear(&s->label);
    (void)pct_message_render(PCT_MSG_PLACE_CROSSING, params, 2, language, &s->label);
    pct_status status = pct_buffer_status(&s->label, s->error);
    if (status) return status;
    return pct_builder_text(s->builder, (pct_text){(const char *)s->label.bytes, s->label.length}, number,
                            s->error);
}

static pct_status add_crossing(streets *s, const crossing *c) {
    pct_gazetteer_builder *b = s->builder;
    pct_place_entry p = *pct_builder_entry_at(b, c->a), q = *pct_builder_entry_at(b, c->b);
    uint32_t number, name, name_en = 0;
    bool wordless = is_wordless(b->texts.texts[p.name]) || is_wordless(b->texts.texts[q.name]);
    pct_status status = add_label(s, wordless ? PCT_ZH : PCT_EN, p.name, q.name, &name);
    if (!status && (p.name_en || q.name_en))
        status =
            add_label(s, PCT_EN, p.name_en ? p.name_en : p.name, q.name_en ? q.name_en : q.name, &name_en);
    if (!status)
        status = pct_builder_entry(b, PCT_PLACE_CROSSING, b->texts.texts[name], b->texts.texts[name_en],
                                   &number, s->error);
    if (status) return status;
    pct_place_entry *e = pct_builder_entry_at(b, number);
    e->street_a = c->a;
    e->street_b = c->b;
    e->position = s->net->node_position[c->node];
    pct_box_extend(&e->extent, e->position);
    return PCT_OK;
}

static pct_status add_crossings(streets *s) {
    const crossing *all = s->crossings.items;
    pct_gazetteer_builder *b = s->builder;
    pct_status status = PCT_OK;
    size_t first_entry = b->entries.length; /* of these two streets */
    for (size_t i = 0; i < s->crossings.length && !status; i++) {
        if (i == 0 || all[i].a != all[i - 1].a || all[i].b != all[i - 1].b) first_entry = b->entries.length;
        pct_position here = s->net->node_position[all[i].node];
        size_t e = first_entry;
        while (e < b->entries.length &&
               pct_geo_distance_m(pct_builder_entry_at(b, (uint32_t)e)->position, here) > same_crossing_m)
            e++;
        if (e == b->entries.length)
            status = add_crossing(s, &all[i]);
        else
            pct_box_extend(&pct_builder_entry_at(b, (uint32_t)e)->extent, here);
    }
    return status;
}

pct_status pct_gazetteer_add_network(pct_gazetteer_builder *b, const pct_network *net, pct_error *error) {
    streets s = {.builder = b,
                 .net = net,
                 .ends = pct_vector_init(sizeof(end), (size_t)PCT_GAZETTEER_ITEMS_MAX * 2),
                 .groups = pct_vector_init(sizeof(group), PCT_GAZETTEER_ITEMS_MAX),
                 .crossings = pct_vector_init(sizeof(crossing), PCT_GAZETTEER_ITEMS_MAX),
                 .points = pct_vector_init(sizeof(pct_position), PCT_GAZETTEER_ITEMS_MAX),
                 .label = pct_buffer_init(LABEL_BYTES_MAX),
                 .error = error};
    pct_status status = pct_sets_new(net->segment_count, &s.set, error);
    if (!status) status = pct_sets_new(net->node_count, &s.spot, error);
    if (!status) status = pct_sets_new(net->segment_count, &s.street, error);
    pct_free(b->segment_line);
    b->segment_line = NULL;
    b->segment_count = net->segment_count;
    if (!status) status = pct_sets_new(net->segment_count, &b->segment_line, error);
    if (!status) status = collect_ends(&s);
    if (!status) status = collect_groups(&s);
    if (!status) unite_near_groups(&s);
    if (!status) status = add_streets(&s);
    if (!status) status = place_streets(&s);
    if (!status) status = collect_crossings(&s);
    if (!status) status = add_crossings(&s);
    pct_free(s.set);
    pct_free(s.spot);
    pct_free(s.street);
    pct_vector_dispose(&s.ends);
    pct_vector_dispose(&s.groups);
    pct_vector_dispose(&s.crossings);
    pct_vector_dispose(&s.points);
    pct_buffer_dispose(&s.label);
    return status;
}
