#include "base/heap.h"

#include "base/rng.h"
#include "support/test.h"

TEST(heap_pops_keys_in_order_and_equal_keys_by_id) {
    pct_heap *heap;
    ck_assert_int_eq(pct_heap_new(1000, &heap), PCT_OK);
    pct_rng rng = pct_rng_init(1, 0);
    for (uint32_t id = 0; id < 1000; id++) pct_heap_lower(heap, id, pct_rng_below(&rng, 50));
    uint32_t last_key = 0, last_id = 0, popped = 0;
    while (!pct_heap_empty(heap)) {
        uint32_t key = pct_heap_min_key(heap), id = pct_heap_pop(heap);
        ck_assert_uint_ge(key, last_key);
        if (popped > 0 && key == last_key) ck_assert_uint_gt(id, last_id);
        last_key = key, last_id = id, popped++;
    }
    ck_assert_uint_eq(popped, 1000);
    pct_heap_free(heap);
}

TEST(heap_lower_moves_an_id_forward_and_never_back) {
    pct_heap *heap;
    ck_assert_int_eq(pct_heap_new(3, &heap), PCT_OK);
    pct_heap_lower(heap, 0, 10);
    pct_heap_lower(heap, 1, 20);
    pct_heap_lower(heap, 1, 5);
    pct_heap_lower(heap, 1, 30);
    ck_assert_uint_eq(pct_heap_min_key(heap), 5);
    ck_assert_uint_eq(pct_heap_pop(heap), 1);
    ck_assert_uint_eq(pct_heap_pop(heap), 0);
    ck_assert(pct_heap_empty(heap));
    pct_heap_free(heap);
}

TEST_MAIN("heap", TEST_CASE(heap_pops_keys_in_order_and_equal_keys_by_id),
          TEST_CASE(heap_lower_moves_an_id_forward_and_never_back))
