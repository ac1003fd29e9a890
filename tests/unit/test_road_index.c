#include "road/index.h"

#include <string.h>

#include "base/memory.h"
#include "road/order.h"
#include "road/route/isochrone.h"
#include "support/patrol.h"
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
    printf("flips of road.index: %zu, unnoticed 0\n", index.length);
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
    test_error_says(&error, "has version 9, this program reads version 3");
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

typedef struct array {
    const uint32_t *words;
    size_t count;
} array;

static void ask_all_sorts(pct_road *road, pct_rng *rng) {
    pct_router *router;
    pct_error error;
    pct_route route;
    const pct_network *net = pct_road_network(road);
    test_ok(pct_router_new(road, &router, &error), &error);
    for (int i = 0; i < 20; i++) {
        pct_road_point from = {pct_rng_below(rng, net->segment_count), 0};
        pct_road_point to = {pct_rng_below(rng, net->segment_count), 1};
        uint32_t ms;
        pct_router_times_to(router, to, &from, 1, &ms);
        if (pct_router_route(router, from, to, &route, &error) == PCT_OK)
            ck_assert_uint_le(route.leg_count, net->segment_count + 2);
        (void)pct_network_name(net, net->segments[from.segment].name);
    }
    pct_arena arena = pct_arena_init(1 << 26);
    const uint32_t limit_ms = 20000;
    pct_shape shape;
    const pct_road_point begin = {pct_rng_below(rng, net->segment_count), 0};
    test_ok(pct_isochrone(router, begin, false, &limit_ms, 1, &arena, &shape, &error), &error);
    pct_arena_dispose(&arena);
    pct_router_free(router);
}

/* A forger has every digest right and a word inside wrong: that is refused, or else does no harm. */
TEST(forged_words_are_refused_or_harmless_although_every_digest_holds) {
    enum { FORGERIES = 3000 };
    pct_rng rng = pct_rng_init(5, 0);
    pct_error error;
    pct_road *road = test_road_random(&rng, 60);
    const pct_network *net = &road->network;
    const pct_hierarchy *h = &road->hierarchy;
    const array arrays[] = {
        {net->arc_head, net->arc_count},
        {net->arc_segment, net->arc_count},
        {net->first_arc, net->node_count + 1},
        {net->node_component, net->node_count},
        {net->node_by_source, net->node_count},
        {net->node_segment, net->node_count},
        {(const uint32_t *)(const void *)net->segments, net->segment_count * sizeof(pct_segment) / 4},
        {(const uint32_t *)(const void *)net->node_marks, net->node_count / 4},
        {net->name_at, net->name_count + 1},
        {h->node_rank, net->node_count},
        {h->rank_node, net->node_count},
        {h->first_up, net->node_count + 1},
        {h->up_head, h->arc_count},
        {h->up_tail, h->arc_count},
        {h->first_down, net->node_count + 1},
        {h->down_arc, h->arc_count},
        {h->arc_place, net->arc_count},
        {(const uint32_t *)(const void *)road->dots.runs, net->segment_count * sizeof(pct_dot_run) / 4},
        {(const uint32_t *)(const void *)road->dots.points, road->dots.count * sizeof(pct_position) / 4}};
    image to = {.capacity = 1 << 20};
    to.block = malloc(to.capacity + 64);
    ck_assert_ptr_nonnull(to.block);
    to.bytes = to.block + (64 - (uintptr_t)to.block % 64);
    int refused = 0;
    for (int i = 0; i < FORGERIES; i++) {
        pct_road *opened = NULL;
        uint64_t written;
        const array *a = &arrays[pct_rng_below(&rng, sizeof arrays / sizeof *arrays)];
        uint32_t *victim = (uint32_t *)(uintptr_t)&a->words[pct_rng_below(&rng, (uint32_t)a->count)],
                 held = *victim;
        *victim = pct_rng_below(&rng, 2) ? pct_rng_below(&rng, 70) : (uint32_t)pct_rng_next(&rng);
        to.length = 0;
        test_ok(pct_road_index_write(road, (pct_sink){&to, append}, &written, &error), &error);
        pct_status status = open_index(&to, &opened, &error);
        *victim = held;
        refused += status == PCT_DAMAGED;
        if (status) continue;
        ask_all_sorts(opened, &rng);
        pct_road_free(opened);
    }
    ck_assert_int_gt(refused, FORGERIES * 2 / 3);
    pct_road_free(road);
    free(to.block);
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

/* --- the second topology: turns, in patrol.index ------------------------------------------------------------------ */

typedef struct patrol {
    pct_rng rng;
    pct_speeds speeds;
    pct_road *response, *road;
    image index;
} patrol;

static void write_patrol(patrol *p) {
    pct_error error;
    uint64_t written;
    p->index.length = 0;
    test_ok(pct_road_index_write_patrol(p->road, (pct_sink){&p->index, append}, &written, &error), &error);
    ck_assert_uint_eq(written, p->index.length);
}

/* Of a network with restrictions over ways, so that some arcs have more than one vertex. */
static void open_patrol_setting(patrol *p, uint64_t seed) {
    pct_network network;
    pct_turns turns;
    pct_error error;
    p->rng = pct_rng_init(seed, 0);
    for (bool copies = false; !copies;) {
        test_patrol_network(&p->rng, &network);
        p->speeds = test_patrol_speeds(&p->rng);
        p->response = test_road_of(&network, &p->speeds);
        test_ok(pct_turns_build(&p->response->network, &turns, &error), &error);
        for (uint32_t a = 0; a < p->response->network.arc_count; a++)
            copies |= turns.first_vertex[a + 1] - turns.first_vertex[a] > 1;
        if (copies) break;
        pct_turns_dispose(&turns);
        pct_road_free(p->response);
    }
    uint32_t *order = pct_alloc(turns.vertex_count, sizeof *order);
    ck_assert_ptr_nonnull(order);
    test_ok(pct_order_turns(&p->response->network, &turns, order, &error), &error);
    test_ok(pct_road_build_patrol(p->response, &turns, order, &p->speeds, &p->road, &error), &error);
    pct_free(order);
    p->index = (image){.capacity = 1 << 20};
    p->index.block = malloc(p->index.capacity + 64);
    ck_assert_ptr_nonnull(p->index.block);
    p->index.bytes = p->index.block + (64 - (uintptr_t)p->index.block % 64);
    write_patrol(p);
}

static void close_patrol_setting(patrol *p) {
    pct_road_free(p->road);
    pct_road_free(p->response);
    free(p->index.block);
}

static pct_status open_patrol(const patrol *p, pct_road **road, pct_error *error) {
    return pct_road_index_open_patrol("patrol.index", (pct_text){p->index.bytes, p->index.length},
                                      p->response, &p->speeds, road, error);
}

TEST(an_opened_patrol_index_answers_as_the_turns_it_was_written_from) {
    patrol p;
    pct_road *opened;
    pct_router *by_built, *by_opened;
    pct_error error;
    open_patrol_setting(&p, 11);
    test_ok(open_patrol(&p, &opened, &error), &error);
    test_ok(pct_router_new(p.road, &by_built, &error), &error);
    test_ok(pct_router_new(opened, &by_opened, &error), &error);
    for (int i = 0; i < 500; i++) {
        uint32_t n = p.response->network.segment_count;
        pct_road_point from = {pct_rng_below(&p.rng, n), 0}, to = {pct_rng_below(&p.rng, n), 1};
        ck_assert_uint_eq(pct_router_time_ms(by_built, from, to), pct_router_time_ms(by_opened, from, to));
    }
    pct_router_free(by_built);
    pct_router_free(by_opened);
    pct_road_free(opened);
    close_patrol_setting(&p);
}

TEST(any_flipped_bit_of_a_patrol_index_is_detected) {
    patrol p;
    pct_error error;
    open_patrol_setting(&p, 12);
    for (size_t i = 0; i < p.index.length; i++) {
        pct_road *road = NULL;
        char held = p.index.bytes[i];
        p.index.bytes[i] = (char)(held ^ (1 << (i % 8)));
        ck_assert_msg(open_patrol(&p, &road, &error) == PCT_DAMAGED, "a flip in byte %zu passed", i);
        p.index.bytes[i] = held;
    }
    close_patrol_setting(&p);
}

TEST(any_cut_of_a_patrol_index_is_detected) {
    patrol p;
    pct_error error;
    open_patrol_setting(&p, 13);
    size_t whole = p.index.length;
    for (p.index.length = 0; p.index.length < whole; p.index.length++) {
        pct_road *road = NULL;
        ck_assert_int_eq(open_patrol(&p, &road, &error), PCT_DAMAGED);
    }
    close_patrol_setting(&p);
}

TEST(a_patrol_index_of_other_roads_is_refused) {
    patrol p, other;
    pct_road *road = NULL;
    pct_error error;
    open_patrol_setting(&p, 14);
    open_patrol_setting(&other, 15);
    image held = p.index;
    p.index = other.index;
    ck_assert_int_eq(open_patrol(&p, &road, &error), PCT_DAMAGED);
    p.index = held;
    close_patrol_setting(&p);
    close_patrol_setting(&other);
}

static void forge(patrol *p, const array *arrays, uint32_t count) {
    const array *a;
    do a = &arrays[pct_rng_below(&p->rng, count)];
    while (a->count == 0);
    uint32_t *victim = (uint32_t *)(uintptr_t)&a->words[pct_rng_below(&p->rng, (uint32_t)a->count)],
             held = *victim;
    *victim = pct_rng_below(&p->rng, 2) ? pct_rng_below(&p->rng, 70) : (uint32_t)pct_rng_next(&p->rng);
    write_patrol(p);
    *victim = held;
}

TEST(forged_words_of_a_patrol_index_are_refused_or_harmless_although_every_digest_holds) {
    enum { FORGERIES = 3000 };
    patrol p;
    pct_error error;
    open_patrol_setting(&p, 16);
    const pct_turns *t = &p.road->turns;
    const pct_hierarchy *h = &p.road->hierarchy;
    const array arrays[] = {{t->first_vertex, p.response->network.arc_count + 1},
                            {t->vertex_arc, t->vertex_count},
                            {t->first_turn, t->vertex_count + 1},
                            {t->turn_head, t->turn_count},
                            {(const uint32_t *)(const void *)t->turn_kind, t->turn_count / 4},
                            {t->first_into, p.response->network.node_count + 1},
                            {t->into, t->vertex_count},
                            {h->node_rank, t->vertex_count},
                            {h->rank_node, t->vertex_count},
                            {h->first_up, t->vertex_count + 1},
                            {h->up_head, h->arc_count},
                            {h->up_tail, h->arc_count},
                            {h->first_down, t->vertex_count + 1},
                            {h->down_arc, h->arc_count},
                            {h->arc_place, t->turn_count}};
    int refused = 0;
    for (int i = 0; i < FORGERIES; i++) {
        pct_road *opened = NULL;
        forge(&p, arrays, sizeof arrays / sizeof *arrays);
        pct_status status = open_patrol(&p, &opened, &error);
        refused += status == PCT_DAMAGED;
        if (status) continue;
        ask_all_sorts(opened, &p.rng);
        pct_road_free(opened);
    }
    ck_assert_int_gt(refused, FORGERIES * 2 / 3);
    close_patrol_setting(&p);
}

static pct_status open_patrol_once(void *context) {
    pct_road *road = NULL;
    pct_error error;
    pct_status status = open_patrol(context, &road, &error);
    if (!status) pct_road_free(road);
    return status;
}

TEST(opening_a_patrol_index_survives_every_failing_allocation) {
    patrol p;
    open_patrol_setting(&p, 17);
    ck_assert_uint_ge(test_torture(open_patrol_once, &p), 4);
    close_patrol_setting(&p);
}

TEST_MAIN("road index", TEST_CASE(an_opened_index_answers_as_the_road_it_was_written_from),
          TEST_CASE(any_flipped_bit_is_detected), TEST_CASE(any_cut_is_detected),
          TEST_CASE(an_index_of_another_version_is_refused_by_version),
          TEST_CASE(a_file_that_is_no_index_is_refused_by_name),
          TEST_CASE(forged_words_are_refused_or_harmless_although_every_digest_holds),
          TEST_CASE(opening_survives_every_failing_allocation),
          TEST_CASE(an_opened_patrol_index_answers_as_the_turns_it_was_written_from),
          TEST_CASE(any_flipped_bit_of_a_patrol_index_is_detected),
          TEST_CASE(any_cut_of_a_patrol_index_is_detected),
          TEST_CASE(a_patrol_index_of_other_roads_is_refused),
          TEST_CASE(forged_words_of_a_patrol_index_are_refused_or_harmless_although_every_digest_holds),
          TEST_CASE(opening_a_patrol_index_survives_every_failing_allocation))
