/* Every street, place and crossing of a generated town is found by the substrings of its Chinese name of two characters
 * or more and by the beginnings of words of its English name: a scan of all names, without any index, says what the
 * hits that contain the text must be, and in which order. */
#include <string.h>

#include "base/rng.h"
#include "place/build.h"
#include "place/data.h"
#include "support/test.h"
#include "town/town.h"

enum { LIMIT = 10, SEEDS = 3, NAME_MAX = 512, NONE = PCT_PLACE_MATCH_COUNT, ENTRIES_MAX = 20000 };

static pct_gazetteer *gazetteer_of_town(uint64_t seed, pct_position *near) {
    pct_town_request request = {.seed = seed, .nodes = 220, .days = 1};
    pct_town_files files;
    pct_town_summary summary;
    pct_demand_table demand;
    pct_gazetteer_builder *builder;
    pct_gazetteer *g;
    pct_network network;
    pct_import_report report;
    pct_error error;
    size_t length;
    char *text = test_read_file("definitions/demand.csv", &length);
    ck_assert_msg(text != NULL, "definitions/demand.csv: run from the repository");
    test_ok(pct_demand_table_read("demand.csv", (pct_text){text, length}, &demand, &error), &error);
    free(text);
    test_ok(pct_town_generate(&request, &demand, &files, &summary, &error), &error);
    pct_text map = {(const char *)files.map.bytes, files.map.length};
    test_ok(pct_import_osm("map", map, &network, &report, &error), &error);
    test_ok(pct_gazetteer_builder_new(&builder, &error), &error);
    test_ok(pct_gazetteer_add_network(builder, &network, &error), &error);
    test_ok(pct_gazetteer_add_osm(builder, "map", map, &error), &error);
    test_ok(pct_gazetteer_build(builder, &g, &error), &error);
    *near = network.node_position[pct_network_node_by_source(&network, network.node_source[0]).index];
    pct_gazetteer_builder_free(builder);
    pct_network_dispose(&network);
    pct_town_files_dispose(&files);
    pct_demand_table_dispose(&demand);
    return g;
}

/* The oracle's own reading of names: ASCII letters small, other ASCII a space, spaces single. */
static void plain(pct_text text, char out[NAME_MAX]) {
    size_t length = 0;
    for (size_t i = 0; i < text.length && length + 2 < NAME_MAX; i++) {
        char c = text.chars[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        bool letter = (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (letter)
            out[length++] = c;
        else if (length > 0 && out[length - 1] != ' ')
            out[length++] = ' ';
    }
    while (length > 0 && out[length - 1] == ' ') length--;
    out[length] = '\0';
}

static int match_of(const char *name, const char *text) {
    int best = NONE;
    size_t length = strlen(text), room = strlen(name);
    for (size_t i = 0; i + length <= room; i++) {
        if (memcmp(name + i, text, length) != 0) continue;
        bool chinese = (unsigned char)name[i] >= 0xC0 || (i > 0 && (unsigned char)name[i - 1] >= 0x80);
        int match = i == 0               ? (room == length ? PCT_PLACE_MATCH_EXACT : PCT_PLACE_MATCH_PREFIX)
                    : name[i - 1] == ' ' ? PCT_PLACE_MATCH_WORD
                    : chinese            ? PCT_PLACE_MATCH_SUBSTRING
                                         : NONE;
        if (match < best) best = match;
    }
    return best;
}

typedef struct ranked {
    int match, kind;
    double distance_m;
    uint32_t entry;
} ranked;

static int by_rank(const void *a, const void *b) {
    const ranked *p = a, *q = b;
    if (p->match != q->match) return p->match - q->match;
    if (p->kind != q->kind) return p->kind - q->kind;
    if (p->distance_m != q->distance_m) return p->distance_m < q->distance_m ? -1 : 1;
    return p->entry < q->entry ? -1 : p->entry > q->entry;
}

typedef struct world {
    pct_gazetteer *g;
    pct_gazetteer_scratch *scratch;
    pct_position near;
    char (*names)[NAME_MAX], (*names_en)[NAME_MAX];
    ranked *ranks;
} world;

static void check_text(const world *w, pct_text text, uint32_t source) {
    const pct_gazetteer *g = w->g;
    pct_place_hit hits[LIMIT];
    char wanted[NAME_MAX];
    size_t count, expected = 0;
    bool source_found = false;
    pct_error error;
    pct_place_query query = {text, &w->near, LIMIT};
    plain(text, wanted);
    for (uint32_t e = 0; e < g->entry_count; e++) {
        int match = match_of(w->names[e], wanted), match_en = match_of(w->names_en[e], wanted);
        if (match_en < match) match = match_en;
        source_found |= e == source && match < NONE;
        if (match < NONE)
            w->ranks[expected++] =
                (ranked){match, g->entries[e].kind, pct_geo_distance_m(w->near, g->entries[e].position), e};
    }
    ck_assert_msg(source_found, "'%s' is not in '%s'", wanted, w->names[source]);
    qsort(w->ranks, expected, sizeof *w->ranks, by_rank);
    test_ok(pct_gazetteer_search(g, w->scratch, &query, hits, &count, &error), &error);
    ck_assert_msg(count >= (expected < LIMIT ? expected : LIMIT), "'%s': %zu of %zu", wanted, count,
                  expected);
    for (size_t i = 0; i < expected && i < LIMIT; i++) {
        const pct_place_entry *e = &g->entries[w->ranks[i].entry];
        ck_assert_msg(hits[i].name.chars == pct_gazetteer_text(g, e->name).chars &&
                          memcmp(&hits[i].position, &e->position, sizeof e->position) == 0 &&
                          (int)hits[i].match == w->ranks[i].match,
                      "'%s': hit %zu is '%.*s', not '%s'", wanted, i, (int)hits[i].name.length,
                      hits[i].name.chars, w->names[w->ranks[i].entry]);
    }
}

/* A substring of at least two characters, each of three bytes. */
static pct_text chinese_part(pct_text name, pct_rng *rng) {
    uint32_t characters = (uint32_t)name.length / 3;
    uint32_t length = 2 + pct_rng_below(rng, characters - 1);
    return (pct_text){name.chars + 3 * (size_t)pct_rng_below(rng, characters - length + 1),
                      3 * (size_t)length};
}

static bool is_chinese(pct_text name) {
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.chars[i] < 0x80) return false;
    return name.length >= 6 && name.length % 3 == 0;
}

/* From the beginning of one of its words up to a letter. */
static pct_text english_part(pct_text name, pct_rng *rng) {
    size_t at, end;
    do at = pct_rng_below(rng, (uint32_t)name.length);
    while (name.chars[at] == '/' || name.chars[at] == ' ' || (at > 0 && name.chars[at - 1] != ' '));
    do end = at + 1 + pct_rng_below(rng, (uint32_t)(name.length - at));
    while (name.chars[end - 1] == '/' || name.chars[end - 1] == ' ' || name.chars[end - 1] == '\'');
    return (pct_text){name.chars + at, end - at};
}

static void check_town(uint64_t seed) {
    pct_rng rng = pct_rng_init(seed, 7);
    pct_error error;
    world w = {.g = NULL};
    w.g = gazetteer_of_town(seed, &w.near);
    uint32_t chinese = 0, english = 0, count = w.g->entry_count;
    ck_assert_uint_lt(count, ENTRIES_MAX);
    w.names = calloc(count, sizeof *w.names);
    w.names_en = calloc(count, sizeof *w.names_en);
    w.ranks = calloc(count, sizeof *w.ranks);
    ck_assert(w.names && w.names_en && w.ranks);
    test_ok(pct_gazetteer_scratch_new(w.g, &w.scratch, &error), &error);
    for (uint32_t e = 0; e < count; e++) {
        plain(pct_gazetteer_text(w.g, w.g->entries[e].name), w.names[e]);
        plain(pct_gazetteer_text(w.g, w.g->entries[e].name_en), w.names_en[e]);
    }
    for (uint32_t e = 0; e < count; e++) {
        pct_text name = pct_gazetteer_text(w.g, w.g->entries[e].name),
                 name_en = pct_gazetteer_text(w.g, w.g->entries[e].name_en);
        for (int i = 0; i < 4 && is_chinese(name); i++, chinese++)
            check_text(&w, chinese_part(name, &rng), e);
        for (int i = 0; i < 2 && name_en.length > 0; i++, english++)
            check_text(&w, english_part(name_en, &rng), e);
        check_text(&w, name, e);
    }
    ck_assert_uint_gt(chinese, 500);
    ck_assert_uint_gt(english, 200);
    pct_gazetteer_scratch_free(w.scratch);
    pct_gazetteer_free(w.g);
    free(w.names);
    free(w.names_en);
    free(w.ranks);
}

TEST(search_gives_what_a_scan_of_all_names_gives) {
    for (uint64_t seed = 1; seed <= SEEDS; seed++) check_town(seed);
}

TEST(every_crossing_is_found_by_its_streets_in_either_order) {
    pct_position near;
    pct_gazetteer *g = gazetteer_of_town(4, &near);
    pct_gazetteer_scratch *scratch;
    pct_error error;
    int crossings = 0;
    test_ok(pct_gazetteer_scratch_new(g, &scratch, &error), &error);
    for (uint32_t e = 0; e < g->entry_count; e++) {
        const pct_place_entry *c = &g->entries[e];
        if (c->kind != PCT_PLACE_CROSSING) continue;
        pct_text a = pct_gazetteer_text(g, g->entries[c->street_a].name),
                 b = pct_gazetteer_text(g, g->entries[c->street_b].name);
        for (int turned = 0; turned <= 1; turned++) {
            char text[256];
            pct_place_hit hits[LIMIT];
            size_t count, found = 0;
            (void)snprintf(text, sizeof text, turned ? "%.*s & %.*s" : "%.*s与%.*s",
                           (int)(turned ? b : a).length, (turned ? b : a).chars, (int)(turned ? a : b).length,
                           (turned ? a : b).chars);
            pct_place_query query = {pct_text_of(text), &c->position, LIMIT};
            test_ok(pct_gazetteer_search(g, scratch, &query, hits, &count, &error), &error);
            while (found < count && memcmp(&hits[found].position, &c->position, sizeof c->position) != 0)
                found++;
            ck_assert_msg(found < count && hits[found].kind == PCT_PLACE_CROSSING, "'%s'", text);
            crossings++;
        }
    }
    ck_assert_int_gt(crossings, 100);
    pct_gazetteer_scratch_free(scratch);
    pct_gazetteer_free(g);
}

TEST(every_house_of_the_town_is_found_by_street_and_number) {
    pct_position near;
    pct_gazetteer *g = gazetteer_of_town(5, &near);
    pct_gazetteer_scratch *scratch;
    pct_error error;
    test_ok(pct_gazetteer_scratch_new(g, &scratch, &error), &error);
    for (uint32_t h = 0; h < g->house_count; h++) {
        char text[256];
        pct_place_hit hits[LIMIT];
        size_t count, found = 0;
        pct_text street = pct_gazetteer_text(g, g->entries[g->houses[h].entry].name);
        (void)snprintf(text, sizeof text, "%.*s%u号", (int)street.length, street.chars, g->houses[h].number);
        pct_place_query query = {pct_text_of(text), &g->houses[h].position, LIMIT};
        test_ok(pct_gazetteer_search(g, scratch, &query, hits, &count, &error), &error);
        while (found < count && (hits[found].kind != PCT_PLACE_ADDRESS || hits[found].distance_m > 0.05))
            found++;
        bool twin = h > 0 && g->houses[h - 1].entry == g->houses[h].entry &&
                    g->houses[h - 1].number == g->houses[h].number;
        ck_assert_msg(found < count || twin, "'%s'", text);
        ck_assert_msg(!pct_gazetteer_is_public_place(g, g->houses[h].position), "'%s' in public", text);
    }
    ck_assert_uint_gt(g->house_count, 50);
    pct_gazetteer_scratch_free(scratch);
    pct_gazetteer_free(g);
}

/* Whatever is typed: pieces of names, numbers, separators and bytes of every kind, in any order. */
static size_t random_text(const pct_gazetteer *g, pct_rng *rng, char *out, size_t room) {
    static const char *const pieces[] = {"与",    "&",    " ",     "/",        "路",  "路口", "号",
                                         "12",    "7a",   " and ", "'",        "，",  ",",    "-",
                                         "102.4", "40.1", "０",    "\xC3\xA9", "no ", "第"};
    size_t length = 0;
    for (uint32_t n = 1 + pct_rng_below(rng, 6); n > 0; n--) {
        pct_text piece = pct_text_of(pieces[pct_rng_below(rng, sizeof pieces / sizeof *pieces)]);
        if (pct_rng_below(rng, 2) == 0) {
            const pct_place_entry *e = &g->entries[pct_rng_below(rng, g->entry_count)];
            piece = pct_gazetteer_text(g, pct_rng_below(rng, 2) ? e->name : e->name_en);
            if (piece.length > 0 && pct_rng_below(rng, 2))
                piece.length = 1 + pct_rng_below(rng, (uint32_t)piece.length);
        }
        if (length + piece.length > room) break;
        memcpy(out + length, piece.chars, piece.length);
        length += piece.length;
    }
    return length;
}

TEST(search_of_any_text_gives_ordered_hits_without_repetition) {
    pct_position near;
    pct_gazetteer *g = gazetteer_of_town(6, &near);
    pct_gazetteer_scratch *scratch;
    pct_rng rng = pct_rng_init(6, 8);
    pct_error error;
    int found = 0, refused = 0;
    test_ok(pct_gazetteer_scratch_new(g, &scratch, &error), &error);
    for (int i = 0; i < 20000; i++) {
        char text[300];
        pct_place_hit hits[LIMIT];
        size_t count, limit = 1 + pct_rng_below(&rng, LIMIT);
        bool nearby = pct_rng_below(&rng, 2);
        pct_place_query query = {
            {text, random_text(g, &rng, text, sizeof text)}, nearby ? &near : NULL, limit};
        pct_status status = pct_gazetteer_search(g, scratch, &query, hits, &count, &error);
        refused += status == PCT_INPUT; /* a name cut inside a character */
        if (status) {
            ck_assert_int_eq(status, PCT_INPUT);
            continue;
        }
        found += count > 0;
        ck_assert_uint_le(count, limit);
        for (size_t k = 1; k < count; k++) {
            const pct_place_hit *a = &hits[k - 1], *b = &hits[k];
            ck_assert_int_le(a->match, b->match);
            if (a->match != PCT_PLACE_MATCH_PARTS && a->match == b->match) ck_assert_int_le(a->kind, b->kind);
            bool level = a->match != PCT_PLACE_MATCH_PARTS && a->match == b->match && a->kind == b->kind;
            ck_assert(!nearby || !level || a->distance_m <= b->distance_m);
            ck_assert(a->name.chars != b->name.chars || a->kind != b->kind ||
                      memcmp(&a->position, &b->position, sizeof a->position) != 0);
        }
    }
    ck_assert_int_gt(found, 2000);
    ck_assert_int_gt(refused, 500);
    pct_gazetteer_scratch_free(scratch);
    pct_gazetteer_free(g);
}

TEST_MAIN("gazetteer search", TEST_CASE(search_of_any_text_gives_ordered_hits_without_repetition),
          TEST_CASE(search_gives_what_a_scan_of_all_names_gives),
          TEST_CASE(every_crossing_is_found_by_its_streets_in_either_order),
          TEST_CASE(every_house_of_the_town_is_found_by_street_and_number))
