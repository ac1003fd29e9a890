#include "resource/cut_off.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "road/cut_off.h"

enum { NAMED_MOST = 5, STREETS_MAX = 2000, PLACES_MAX = 5000, SENTENCE_MAX = 1 << 14, RANKS = 3 };

/* A name that is told: of a street how many of its stretches, of a place how much depends on it. */
typedef struct told {
    pct_text name;
    uint32_t key, weight; /* key: name of the street, or the place's entry */
} told;

typedef struct finding {
    const pct_road *road;
    pct_language language;
    pct_vector segments; /* of uint32_t, ascending */
    pct_vector streets, places;
    pct_cut_off cut;
} finding;

static int by_weight(const void *a, const void *b) {
    const told *x = a, *y = b;
    if (x->weight != y->weight) return x->weight < y->weight ? 1 : -1;
    return (x->key > y->key) - (x->key < y->key);
}

static void sort(pct_vector *names) {
    if (names->length > 1) qsort(names->items, names->length, sizeof(told), by_weight);
}

/* --- what is closed already ---------------------------------------------------------------------------------------- */

static pct_status gather(const pct_live_version *version, pct_closure_id except, pct_vector *out) {
    for (size_t i = 0; i < version->closure_count; i++)
        for (size_t n = 0; n < version->closures[i].count && version->closures[i].id.seq != except.seq; n++) {
            pct_closed_segment *room = pct_vector_push(out);
            if (!room) return PCT_MEMORY;
            *room = version->closures[i].segments[n];
        }
    return PCT_OK;
}

/* --- names --------------------------------------------------------------------------------------------------------- */

static void name_streets(finding *f) {
    const pct_network *net = pct_road_network(f->road);
    const uint32_t *segments = f->segments.items;
    for (size_t i = 0; i < f->segments.length; i++) {
        const pct_segment *s = &net->segments[segments[i]];
        uint32_t name = f->language == PCT_EN && s->name_en != 0 ? s->name_en : s->name;
        told *streets = f->streets.items, *street = NULL;
        if (name == 0) continue;
        for (size_t n = 0; n < f->streets.length && !street; n++)
            if (streets[n].key == name) street = &streets[n];
        if (!street) street = pct_vector_push(&f->streets);
        if (!street) return; /* more streets than anybody reads */
        *street = (told){pct_network_name(net, name), name, street->weight + 1};
    }
    sort(&f->streets);
}

/* Who helps, and where many who need help are, come first. */
static uint32_t weight_of(pct_text category) {
    static const char *const first[RANKS - 1][4] = {{"police", "hospital", "fire", "ambulance"},
                                                    {"school", "kindergarten", "clinic", "nursing"}};
    for (uint32_t rank = 0; rank + 1 < RANKS; rank++)
        for (size_t i = 0; i < 4; i++)
            if (memmem(category.chars, category.length, first[rank][i], strlen(first[rank][i])))
                return RANKS - rank;
    return 1;
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void see_place(void *context, const pct_place_spot *spot) {
    finding *f = context;
    pct_road_point point;
    double distance_m;
    if (pct_road_snap(f->road, spot->position, PCT_ROAD_NAMED_WITHIN_M, &point, &distance_m, NULL) != PCT_OK)
        return;
    if (!bsearch(&point.segment, f->segments.items, f->segments.length, sizeof(uint32_t), by_number)) return;
    told *place = pct_vector_push(&f->places);
    if (!place) return;
    bool english = f->language == PCT_EN && spot->name_en.length > 0;
    *place = (told){english ? spot->name_en : spot->name, spot->entry, weight_of(spot->category)};
}

static void name_places(finding *f, const pct_gazetteer *gazetteer) {
    const pct_network *net = pct_road_network(f->road);
    const uint32_t *segments = f->segments.items;
    pct_box box = pct_box_empty();
    for (size_t i = 0; i < f->segments.length; i++) {
        pct_box_extend(&box, net->node_position[net->segments[segments[i]].tail]);
        pct_box_extend(&box, net->node_position[net->segments[segments[i]].head]);
    }
    if (gazetteer && f->segments.length > 0) pct_gazetteer_each_place(gazetteer, box, see_place, f);
    sort(&f->places);
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static void write_names(pct_json_writer *json, const char *key, const char *more, const pct_vector *names) {
    const told *items = names->items;
    pct_json_key(json, key);
    pct_json_begin_array(json);
    for (size_t i = 0; i < names->length && i < NAMED_MOST; i++) pct_json_text(json, items[i].name);
    pct_json_end_array(json);
    pct_json_key(json, more);
    pct_json_integer(json, names->length > NAMED_MOST ? (int64_t)names->length - NAMED_MOST : 0);
}

static void say_names(const pct_vector *names, pct_language language, pct_buffer *out) {
    const told *items = names->items;
    const char *comma = language == PCT_EN ? ", " : "、";
    for (size_t i = 0; i < names->length && i < NAMED_MOST; i++) {
        if (out->length > 0) (void)pct_buffer_append(out, comma, strlen(comma));
        (void)pct_buffer_append(out, items[i].name.chars, items[i].name.length);
    }
    if (names->length <= NAMED_MOST) return;
    const pct_param more = pct_int((int64_t)(names->length - NAMED_MOST));
    (void)pct_buffer_append(out, comma, strlen(comma));
    (void)pct_message_render(PCT_MSG_CUT_OFF_MORE, &more, 1, language, out);
}

static void write_sentence(pct_json_writer *json, const finding *f) {
    pct_buffer names = pct_buffer_init(SENTENCE_MAX), text = pct_buffer_init(SENTENCE_MAX);
    say_names(&f->places, f->language, &names);
    say_names(&f->streets, f->language, &names);
    const pct_param params[] = {pct_int(f->cut.segments), pct_int(f->cut.junctions), pct_int(f->cut.beyond),
                                pct_view((pct_text){(const char *)names.bytes, names.length})};
    pct_message message = names.length == 0    ? PCT_MSG_CUT_OFF_UNNAMED
                          : f->cut.beyond == 0 ? PCT_MSG_CUT_OFF_INSIDE
                                               : PCT_MSG_CUT_OFF_NAMED;
    (void)pct_message_render(message, params, 4, f->language, &text);
    pct_json_key(json, "text");
    pct_json_text(json, (pct_text){(const char *)text.bytes, text.length});
    pct_buffer_dispose(&names);
    pct_buffer_dispose(&text);
}

static void write(pct_json_writer *json, const finding *f) {
    pct_json_key(json, "cut_off");
    if (f->cut.segments == 0) {
        pct_json_null(json);
        return;
    }
    pct_json_begin_object(json);
    pct_json_key(json, "segments");
    pct_json_integer(json, f->cut.segments);
    pct_json_key(json, "junctions");
    pct_json_integer(json, f->cut.junctions);
    pct_json_key(json, "beyond");
    pct_json_integer(json, f->cut.beyond);
    write_names(json, "streets", "more_streets", &f->streets);
    write_names(json, "places", "more_places", &f->places);
    write_sentence(json, f);
    pct_json_end_object(json);
}

pct_status pct_json_cut_off_member(pct_json_writer *json, const pct_exchange *x,
                                   const pct_closed_segment *coming, size_t count, pct_closure_id except,
                                   pct_error *error) {
    finding f = {.road = pct_live_road_open(x->service->live), .language = x->language};
    pct_vector before = pct_vector_init(sizeof(pct_closed_segment),
                                        (size_t)PCT_BOARD_CLOSURES_MAX * PCT_CLOSURE_SEGMENTS_MAX);
    f.segments = pct_vector_init(sizeof(uint32_t), pct_road_network(f.road)->segment_count);
    f.streets = pct_vector_init(sizeof(told), STREETS_MAX);
    f.places = pct_vector_init(sizeof(told), PLACES_MAX);
    const pct_live_version *version = pct_live_road_hold(x->service->live);
    pct_status status = gather(version, except, &before);
    pct_live_road_release(x->service->live, version);
    if (status) status = pct_error_memory(error, before.length * sizeof(pct_closed_segment));
    if (!status)
        status =
            pct_cut_off_find(f.road, before.items, before.length, coming, count, &f.segments, &f.cut, error);
    if (!status) {
        name_streets(&f);
        name_places(&f, x->service->site->gazetteer);
        write(json, &f);
    }
    pct_vector_dispose(&before);
    pct_vector_dispose(&f.segments);
    pct_vector_dispose(&f.streets);
    pct_vector_dispose(&f.places);
    return status;
}
