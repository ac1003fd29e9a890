#include "place/index.h"

#include <string.h>

#include "base/rng.h"
#include "place/data.h"
#include "support/place_map.h"
#include "support/test.h"

static const char *const map[] = {"n1 -500 0",
                                  "n2 0 0",
                                  "n3 500 0",
                                  "n4 0 500",
                                  "n10 -300 20 addr:housenumber=10;addr:street=人民路;building=house",
                                  "n11 -200 20 addr:housenumber=14;addr:street=人民路",
                                  "n20 200 40 amenity=hospital;name=市人民医院;name:en=People's Hospital",
                                  "n30 600 600",
                                  "n31 700 600",
                                  "n32 700 700",
                                  "w1 1,2,3 highway=primary;name=人民路;name:en=Renmin Road",
                                  "w2 4,2 highway=residential;name=解放路;name:en=Jiefang Road",
                                  "w4 30,31,32,30 leisure=park;name=中心公园",
                                  NULL};

/* An index in memory, aligned as a mapped file is. */
typedef struct image {
    char *bytes, *block;
    size_t length, capacity;
} image;

static pct_status append(void *context, const void *bytes, size_t length, pct_error *error) {
    image *to = context;
    (void)error;
    ck_assert_uint_le(to->length + length, to->capacity);
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
    return PCT_OK;
}

static void write_into(image *to, const pct_gazetteer *g) {
    pct_error error;
    uint64_t written;
    to->length = 0;
    test_ok(pct_gazetteer_index_write(g, (pct_sink){to, append}, &written, &error), &error);
    ck_assert_uint_eq(written, to->length);
}

static image image_new(void) {
    image to = {.capacity = 1 << 18};
    to.block = malloc(to.capacity + 64);
    ck_assert_ptr_nonnull(to.block);
    to.bytes = to.block + (64 - (uintptr_t)to.block % 64);
    return to;
}

/* A gazetteer that has everything, house number ranges included. */
static pct_gazetteer *whole_gazetteer(void) {
    static pct_house_range range = {.low = 1, .high = 99, .step = 2};
    pct_gazetteer *g = test_place_gazetteer(map);
    pct_house_range *copy = malloc(sizeof range);
    ck_assert_ptr_nonnull(copy);
    *copy = range;
    copy->entry = g->lines[0].entry;
    g->ranges = copy;
    g->range_count = 1;
    return g;
}

static image written_index(void) {
    pct_gazetteer *g = whole_gazetteer();
    image to = image_new();
    write_into(&to, g);
    pct_gazetteer_free(g);
    return to;
}

static pct_status open_index(const image *from, pct_gazetteer **out, pct_error *error) {
    return pct_gazetteer_index_open("places.index", (pct_text){from->bytes, from->length}, out, error);
}

static const char *const questions[] = {"人民", "人民路与解放路", "人民路12号", "renmin 33",
                                        "ren",  "中心",           "100,30",     "peo hos"};

static void ask_all_sorts(const pct_gazetteer *g, pct_place_hit *hits, size_t *count) {
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        count[i] = test_place_search(g, questions[i], NULL, hits + i * 10, 10);
}

enum { QUESTIONS = sizeof questions / sizeof *questions };

TEST(an_opened_index_answers_as_the_gazetteer_it_was_written_from) {
    pct_gazetteer *built = whole_gazetteer(), *opened;
    image index = image_new();
    pct_error error;
    pct_place_hit expected[QUESTIONS * 10], found[QUESTIONS * 10];
    size_t expected_count[QUESTIONS], found_count[QUESTIONS], total = 0;
    write_into(&index, built);
    test_ok(open_index(&index, &opened, &error), &error);
    ask_all_sorts(built, expected, expected_count);
    ask_all_sorts(opened, found, found_count);
    for (size_t q = 0; q < QUESTIONS; q++) {
        ck_assert_uint_eq(found_count[q], expected_count[q]);
        total += found_count[q];
        for (size_t i = q * 10; i < q * 10 + found_count[q]; i++) {
            ck_assert_int_eq(found[i].kind, expected[i].kind);
            ck_assert_int_eq(found[i].match, expected[i].match);
            ck_assert_int_eq(found[i].position.lon_e7, expected[i].position.lon_e7);
            ck_assert_uint_eq(found[i].name.length, expected[i].name.length);
            ck_assert_str_eq(found[i].house_number, expected[i].house_number);
        }
    }
    ck_assert_uint_ge(total, 10);
    pct_gazetteer_free(opened);
    pct_gazetteer_free(built);
    free(index.block);
}

TEST(any_flipped_bit_is_detected) {
    image index = written_index();
    pct_error error;
    for (size_t i = 0; i < index.length; i++) {
        pct_gazetteer *g = NULL;
        char held = index.bytes[i];
        index.bytes[i] = (char)(held ^ (1 << (i % 8)));
        ck_assert_msg(open_index(&index, &g, &error) == PCT_DAMAGED, "a flip in byte %zu passed", i);
        index.bytes[i] = held;
    }
    printf("flips of places.index: %zu, unnoticed 0\n", index.length);
    free(index.block);
}

TEST(any_cut_is_detected) {
    image index = written_index();
    pct_error error;
    size_t whole = index.length;
    for (index.length = 0; index.length < whole; index.length += 13) {
        pct_gazetteer *g = NULL;
        ck_assert_int_eq(open_index(&index, &g, &error), PCT_DAMAGED);
    }
    free(index.block);
}

TEST(an_index_of_another_version_or_kind_is_refused_by_name) {
    image index = written_index();
    pct_gazetteer *g = NULL;
    pct_error error;
    index.bytes[8] = 9;
    ck_assert_int_eq(open_index(&index, &g, &error), PCT_DAMAGED);
    test_error_says(&error, "the gazetteer has version 9, this program reads version 1");
    memcpy(index.bytes, "PCTROAD", 8);
    ck_assert_int_eq(open_index(&index, &g, &error), PCT_DAMAGED);
    test_error_says(&error, "places.index: this is not a gazetteer");
    free(index.block);
}

TEST(an_empty_gazetteer_is_written_and_opened) {
    pct_gazetteer_builder *builder;
    pct_gazetteer *g, *opened;
    pct_error error;
    image index = image_new();
    pct_place_hit hit;
    test_ok(pct_gazetteer_builder_new(&builder, &error), &error);
    test_ok(pct_gazetteer_build(builder, &g, &error), &error);
    pct_gazetteer_builder_free(builder);
    write_into(&index, g);
    test_ok(open_index(&index, &opened, &error), &error);
    ck_assert_uint_eq(test_place_search(opened, "a", NULL, &hit, 1), 0);
    ck_assert(!pct_gazetteer_is_public_place(opened, test_place_at(0, 0)));
    pct_gazetteer_free(opened);
    pct_gazetteer_free(g);
    free(index.block);
}

typedef struct array {
    const void *words;
    size_t bytes;
} array;

/* A forger has every digest right and a word inside wrong: that is refused, or else does no harm. */
TEST(forged_words_are_refused_or_harmless_although_every_digest_holds) {
    enum { FORGERIES = 6000 };
    pct_rng rng = pct_rng_init(5, 0);
    pct_gazetteer *g = whole_gazetteer();
    image to = image_new();
    const array arrays[] = {{g->entries, g->entry_count * sizeof *g->entries},
                            {g->text_at, (g->text_count + 1) * sizeof *g->text_at},
                            {g->text_chars, g->text_bytes},
                            {g->folded, g->folded_bytes},
                            {g->starts, g->start_count * sizeof *g->starts},
                            {g->lines, g->line_count * sizeof *g->lines},
                            {g->points, g->point_count * sizeof *g->points},
                            {g->houses, g->house_count * sizeof *g->houses},
                            {g->ranges, g->range_count * sizeof *g->ranges},
                            {g->line_tree.items, g->line_count * sizeof(uint32_t)},
                            {g->spot_tree.items, pct_spot_count(g) * sizeof(uint32_t)}};
    int refused = 0;
    for (int i = 0; i < FORGERIES; i++) {
        pct_gazetteer *opened = NULL;
        pct_error error;
        const array *a = &arrays[pct_rng_below(&rng, sizeof arrays / sizeof *arrays)];
        uint32_t held,
            forged = pct_rng_below(&rng, 2) ? pct_rng_below(&rng, 70) : (uint32_t)pct_rng_next(&rng);
        char *victim = (char *)(uintptr_t)a->words + 4 * pct_rng_below(&rng, (uint32_t)(a->bytes / 4));
        memcpy(&held, victim, sizeof held);
        memcpy(victim, &forged, sizeof forged);
        write_into(&to, g);
        pct_status status = open_index(&to, &opened, &error);
        memcpy(victim, &held, sizeof held);
        refused += status == PCT_DAMAGED;
        if (status) continue;
        pct_place_hit hits[QUESTIONS * 10];
        size_t count[QUESTIONS];
        ask_all_sorts(opened, hits, count);
        pct_gazetteer_free(opened);
    }
    ck_assert_int_gt(refused, FORGERIES / 3);
    pct_gazetteer_free(g);
    free(to.block);
}

static pct_status open_once(void *context) {
    pct_gazetteer *g = NULL;
    pct_error error;
    pct_status status = open_index(context, &g, &error);
    if (!status) pct_gazetteer_free(g);
    return status;
}

TEST(opening_survives_every_failing_allocation) {
    image index = written_index();
    ck_assert_uint_ge(test_torture(open_once, &index), 3);
    free(index.block);
}

TEST_MAIN("gazetteer index", TEST_CASE(an_opened_index_answers_as_the_gazetteer_it_was_written_from),
          TEST_CASE(any_flipped_bit_is_detected), TEST_CASE(any_cut_is_detected),
          TEST_CASE(an_index_of_another_version_or_kind_is_refused_by_name),
          TEST_CASE(an_empty_gazetteer_is_written_and_opened),
          TEST_CASE(forged_words_are_refused_or_harmless_although_every_digest_holds),
          TEST_CASE(opening_survives_every_failing_allocation))
