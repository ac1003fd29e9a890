/* Search as one types: every beginning of a name on the map, as it comes from the keyboard, letter by letter. Names are
 * drawn at random from the map's own; half of the questions know where the call-taker looks. */
#include <stdio.h>

#include "base/memory.h"
#include "cli/bench.h"
#include "place/gazetteer.h"

enum { NAME_BYTES_MAX = 256, HITS = 10 };

typedef struct typing {
    pct_gazetteer_scratch *scratch;
    pct_place_hit hits[HITS];
    char name[NAME_BYTES_MAX];
    size_t length, typed; /* of the name; of what was typed of it */
    uint64_t hit_count;
} typing;

static pct_status open_place(pct_bench *b, pct_error *error) {
    typing *t = pct_alloc_zeroed(1, sizeof *t);
    b->context = t;
    if (!t) return pct_error_memory(error, sizeof *t);
    pct_status status = pct_site_open_gazetteer(&b->site, error);
    return status ? status : pct_gazetteer_scratch_new(b->site.gazetteer, &t->scratch, error);
}

static void close_place(pct_bench *b) {
    typing *t = b->context;
    if (t) pct_gazetteer_scratch_free(t->scratch);
    pct_free(t);
}

static pct_status search(pct_bench *b, pct_text text, int i, pct_error *error) {
    typing *t = b->context;
    size_t count;
    pct_position near = pct_road_point_position(b->site.road, b->points[i % PCT_BENCH_POINTS]);
    pct_place_query query = {text, i % 2 ? &near : NULL, HITS};
    pct_status status = pct_gazetteer_search(b->site.gazetteer, t->scratch, &query, t->hits, &count, error);
    t->hit_count += count;
    return status;
}

static pct_status search_as_one_types(pct_bench *b, int i, pct_error *error) {
    typing *t = b->context;
    if (t->typed >= t->length) {
        pct_text name = pct_gazetteer_sample_name(b->site.gazetteer, (uint32_t)pct_rng_next(&b->rng));
        t->typed = 0;
        for (t->length = 0; t->length < name.length && t->length < NAME_BYTES_MAX; t->length++)
            t->name[t->length] = name.chars[t->length];
    }
    do t->typed++;
    while (t->typed < t->length && ((unsigned char)t->name[t->typed] & 0xC0) == 0x80);
    return search(b, (pct_text){t->name, t->typed}, i, error);
}

static pct_status search_house_number(pct_bench *b, int i, pct_error *error) {
    pct_text name = pct_gazetteer_sample_name(b->site.gazetteer, (uint32_t)pct_rng_next(&b->rng));
    typing *t = b->context;
    int length = snprintf(t->name, sizeof t->name, "%.*s %d", (int)(name.length < 128 ? name.length : 0),
                          name.chars, 1 + i % 200);
    t->length = t->typed = 0;
    return search(b, (pct_text){t->name, (size_t)length}, i, error);
}

static pct_status is_public_place(pct_bench *b, int i, pct_error *error) {
    (void)error;
    typing *t = b->context;
    pct_position p = pct_road_point_position(b->site.road, b->points[i % PCT_BENCH_POINTS]);
    p.lon_e7 += 1000 * (i % 7);
    t->hit_count += pct_gazetteer_is_public_place(b->site.gazetteer, p);
    return PCT_OK;
}

static const pct_bench_figure figures[] = {{"search_as_one_types", 20000, search_as_one_types, NULL},
                                           {"search_house_number", 5000, search_house_number, NULL},
                                           {"is_public_place", 5000, is_public_place, NULL},
                                           {0}};

const pct_bench_group pct_bench_place = {
    .name = "place", .figures = figures, .open = open_place, .close = close_place};
