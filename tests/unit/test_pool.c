#include "base/pool.h"

#include <stdatomic.h>
#include <string.h>

#include "support/test.h"

enum { PARTS = 500, RUNS = 200, THREADS = 3 };

typedef struct tally {
    pct_pool *pool;
    uint32_t times[PARTS]; /* each written by whoever has the part */
    atomic_uint inner, worker_max;
} tally;

static void count_part(void *context, unsigned worker, uint32_t part) {
    tally *t = context;
    t->times[part]++;
    unsigned most = atomic_load(&t->worker_max);
    while (worker > most && !atomic_compare_exchange_weak(&t->worker_max, &most, worker)) continue;
}

static pct_pool *new_pool(unsigned threads) {
    pct_pool *pool;
    pct_error error;
    test_ok(pct_pool_new(threads, &pool, &error), &error);
    return pool;
}

TEST(every_part_is_done_once_and_seen_by_the_caller) {
    pct_pool *pool = new_pool(THREADS);
    ck_assert_uint_eq(pct_pool_width(pool), THREADS + 1);
    for (int run = 0; run < RUNS; run++) {
        tally t = {.pool = pool};
        pct_pool_run(pool, count_part, &t, PARTS);
        for (int part = 0; part < PARTS; part++) ck_assert_uint_eq(t.times[part], 1);
        ck_assert_uint_le(atomic_load(&t.worker_max), THREADS);
    }
    pct_pool_free(pool);
}

TEST(pool_that_is_not_offered_is_offered_again) {
    pct_pool *pool = new_pool(1);
    ck_assert_ptr_null(pct_pool_offered(NULL));
    for (int run = 0; run < RUNS; run++) {
        tally t = {.pool = pool};
        int refused = 0;
        while (!pct_pool_offered(pool)) refused++;
        ck_assert_int_le(refused, 31);
        pct_pool_run(pool, count_part, &t, 2 + (uint32_t)run % 8);
    }
    pct_pool_free(pool);
}

TEST(without_a_pool_the_caller_does_all) {
    pct_pool *none = new_pool(0);
    for (int i = 0; i < 2; i++) {
        tally t = {.pool = i == 0 ? NULL : none};
        ck_assert_uint_eq(pct_pool_width(t.pool), 1);
        pct_pool_run(t.pool, count_part, &t, PARTS);
        for (int part = 0; part < PARTS; part++) ck_assert_uint_eq(t.times[part], 1);
        ck_assert_uint_eq(atomic_load(&t.worker_max), 0);
        pct_pool_run(t.pool, count_part, &t, 0);
    }
    pct_pool_free(none);
    pct_pool_free(NULL);
}

static void inner_part(void *context, unsigned worker, uint32_t part) {
    tally *t = context;
    (void)part;
    ck_assert_uint_eq(worker, 0);
    atomic_fetch_add(&t->inner, 1);
}

static void outer_part(void *context, unsigned worker, uint32_t part) {
    tally *t = context;
    count_part(context, worker, part);
    pct_pool_run(t->pool, inner_part, t, 10);
}

TEST(a_job_within_a_job_is_done_by_its_caller_alone) {
    tally t = {.pool = new_pool(THREADS)};
    pct_pool_run(t.pool, outer_part, &t, PARTS);
    for (int part = 0; part < PARTS; part++) ck_assert_uint_eq(t.times[part], 1);
    ck_assert_uint_eq(atomic_load(&t.inner), 10 * PARTS);
    pct_pool_free(t.pool);
}

TEST(a_run_allocates_nothing) {
    pct_pool *pool = new_pool(1);
    tally t = {.pool = pool};
    size_t before = test_allocation_count();
    pct_pool_run(pool, count_part, &t, PARTS);
    ck_assert_uint_eq(test_allocation_count(), before);
    pct_pool_free(pool);
    ck_assert_uint_ge(pct_pool_processors(), 1);
}

static pct_status make(void *context) {
    pct_pool *pool;
    pct_error error;
    (void)context;
    pct_status status = pct_pool_new(0, &pool, &error);
    if (!status) pct_pool_free(pool);
    return status;
}

TEST(memory_that_fails_is_told) {
    ck_assert_uint_ge(test_torture(make, NULL), 1);
}

TEST_MAIN("pool", TEST_CASE(every_part_is_done_once_and_seen_by_the_caller),
          TEST_CASE(pool_that_is_not_offered_is_offered_again), TEST_CASE(without_a_pool_the_caller_does_all),
          TEST_CASE(a_job_within_a_job_is_done_by_its_caller_alone), TEST_CASE(a_run_allocates_nothing),
          TEST_CASE(memory_that_fails_is_told))
