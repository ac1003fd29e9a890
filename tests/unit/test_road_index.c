#include "road/index.h"

#include <string.h>

#include "base/memory.h"
#include "support/roads.h"
#include "support/test.h"

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

static image write_index(uint64_t seed) {
    pct_rng rng = pct_rng_init(seed, 0);
    pct_road *road = test_road_random(&rng, 60);
    pct_error error;
    uint64_t written;
    image to = {.capacity = 1 << 20};
    to.block = malloc(to.capacity + 64);
    ck_assert_ptr_nonnull(to.block);
    to.bytes = to.block + (64 - (uintptr_t)to.block % 64);
    test_ok(pct_road_index_write(road, (pct_sink){&to, append}, &written, &error), &error);
    ck_assert_uint_eq(written, to.length);
    pct_road_free(road);
    return to;
}

static pct_status open_index(const image *from, pct_road **road, pct_error *error) {
    pct_speeds speeds = pct_speeds_uniform(36.0);
    return pct_road_index_open("road.index", (pct_text){from->bytes, from->length}, &speeds, road, error);
}

TEST(an_opened_index_answers_as_the_road_it_was_written_from) {
    pct_rng rng = pct_rng_init(3, 0);
    pct_road *built = test_road_random(&rng, 60), *opened;
    pct_router *by_built, *by_opened;
    pct_error error;
    image index = write_index(3);
    test_ok(open_index(&index, &opened, &error), &error);
    test_ok(pct_router_new(built, &by_built, &error), &error);
    test_ok(pct_router_new(opened, &by_opened, &error), &error);
    for (int i = 0; i < 2000; i++) {
        uint32_t n = pct_road_network(built)->segment_count;
        pct_road_point from = {pct_rng_below(&rng, n), 0}, to = {pct_rng_below(&rng, n), 10000};
        ck_assert_uint_eq(pct_router_time_ms(by_built, from, to), pct_router_time_ms(by_opened, from, to));
    }
    pct_router_free(by_built);
    pct_router_free(by_opened);
    pct_road_free(built);
    pct_road_free(opened);
    free(index.block);
}

TEST(any_flipped_bit_is_detected) {
    image index = write_index(1);
    pct_error error;
    for (size_t i = 0; i < index.length; i++) {
        pct_road *road = NULL;
        char held = index.bytes[i];
        index.bytes[i] = (char)(held ^ (1 << (i % 8)));
        ck_assert_msg(open_index(&index, &road, &error) == PCT_DAMAGED, "a flip in byte %zu passed", i);
        index.bytes[i] = held;
    }
    free(index.block);
}

TEST(any_cut_is_detected) {
    image index = write_index(2);
    pct_error error;
    size_t whole = index.length;
    for (index.length = 0; index.length < whole; index.length += 61) {
        pct_road *road = NULL;
        ck_assert_int_eq(open_index(&index, &road, &error), PCT_DAMAGED);
    }
    free(index.block);
}

TEST(an_index_of_another_version_is_refused_by_version) {
    image index = write_index(4);
    pct_road *road = NULL;
    pct_error error;
    index.bytes[8] = 9;
    ck_assert_int_eq(open_index(&index, &road, &error), PCT_DAMAGED);
    test_error_says(&error, "has version 9, this program reads version 1");
    free(index.block);
}

TEST(a_file_that_is_no_index_is_refused_by_name) {
    char bytes[4096] __attribute__((aligned(64))) = "PK\3\4";
    image index = {.bytes = bytes, .length = sizeof bytes};
    pct_road *road = NULL;
    pct_error error;
    ck_assert_int_eq(open_index(&index, &road, &error), PCT_DAMAGED);
    test_error_says(&error, "road.index: this is not a road index");
}

/* A forger has the digests right and an index inside wrong: nothing may rely on it. */
TEST(indices_out_of_range_are_refused_although_every_digest_holds) {
    pct_rng rng = pct_rng_init(5, 0);
    pct_error error;
    for (int kind = 0; kind < 12; kind++) {
        pct_road *road = test_road_random(&rng, 60), *opened = NULL;
        pct_network *net = &road->network;
        pct_hierarchy *h = &road->hierarchy;
        uint32_t *const victims[] = {
            (uint32_t *)(uintptr_t)&net->arc_head[5],       (uint32_t *)(uintptr_t)&net->arc_segment[5],
            (uint32_t *)(uintptr_t)&net->first_arc[5],      (uint32_t *)(uintptr_t)&net->node_component[5],
            (uint32_t *)(uintptr_t)&net->node_by_source[5], (uint32_t *)(uintptr_t)&net->node_segment[5],
            (uint32_t *)(uintptr_t)&net->segments[5].tail,  (uint32_t *)(uintptr_t)&net->segments[5].name,
            (uint32_t *)(uintptr_t)&h->node_rank[5],        (uint32_t *)(uintptr_t)&h->up_head[5],
            (uint32_t *)(uintptr_t)&h->down_arc[5],         (uint32_t *)(uintptr_t)&h->network_arc_place[5]};
        uint64_t written;
        image to = {.capacity = 1 << 20};
        to.block = malloc(to.capacity + 64);
        to.bytes = to.block + (64 - (uintptr_t)to.block % 64);
        *victims[kind] = 0x7FFFFFF0;
        test_ok(pct_road_index_write(road, (pct_sink){&to, append}, &written, &error), &error);
        ck_assert_msg(open_index(&to, &opened, &error) == PCT_DAMAGED, "forgery %d passed", kind);
        *victims[kind] = 0;
        pct_road_free(road);
        free(to.block);
    }
}

static pct_status open_once(void *context) {
    pct_road *road = NULL;
    pct_error error;
    pct_status status = open_index(context, &road, &error);
    if (!status) pct_road_free(road);
    return status;
}

TEST(opening_survives_every_failing_allocation) {
    image index = write_index(6);
    ck_assert_uint_ge(test_torture(open_once, &index), 4);
    free(index.block);
}

TEST_MAIN("road index", TEST_CASE(an_opened_index_answers_as_the_road_it_was_written_from),
          TEST_CASE(any_flipped_bit_is_detected), TEST_CASE(any_cut_is_detected),
          TEST_CASE(an_index_of_another_version_is_refused_by_version),
          TEST_CASE(a_file_that_is_no_index_is_refused_by_name),
          TEST_CASE(indices_out_of_range_are_refused_although_every_digest_holds),
          TEST_CASE(opening_survives_every_failing_allocation))
