#include "base/rng.h"
#include "sim/kernel.h"
#include "support/test.h"

enum { SCRIPT_EVENTS = 2000 };

static pct_kernel *kernel_from(int64_t start_ms) {
    pct_kernel *kernel = NULL;
    pct_error error;
    test_ok(pct_kernel_new(start_ms, 1 << 20, &kernel, &error), &error);
    return kernel;
}

/* Oracle: the pending event with the least (time, order of scheduling), found by looking at all. */
typedef struct pending {
    int64_t at_ms;
    pct_kernel_handle handle;
    bool waits;
} pending;

static int least_of(const pending *events, int count) {
    int least = -1;
    for (int i = 0; i < count; i++)
        if (events[i].waits && (least < 0 || events[i].at_ms < events[least].at_ms)) least = i;
    return least;
}

static void kernel_agrees_with_oracle(uint64_t seed) {
    pct_kernel *kernel = kernel_from(0);
    pct_rng rng = pct_rng_init(seed, 0);
    pct_error error;
    static pending events[SCRIPT_EVENTS];
    int made = 0;
    while (made < SCRIPT_EVENTS) {
        uint32_t what = pct_rng_below(&rng, 10);
        if (what < 6) {
            events[made] = (pending){pct_kernel_now_ms(kernel) + pct_rng_below(&rng, 20), 0, true};
            test_ok(pct_kernel_schedule(kernel, events[made].at_ms, 7, (uint32_t)made, &events[made].handle,
                                        &error),
                    &error);
            made++;
        } else if (what < 8 && made > 0) {
            pending *chosen = &events[pct_rng_below(&rng, (uint32_t)made)];
            ck_assert(pct_kernel_cancel(kernel, chosen->handle) == chosen->waits);
            chosen->waits = false;
        } else {
            int expected = least_of(events, made);
            pct_kernel_event event;
            ck_assert(pct_kernel_next(kernel, &event) == (expected >= 0));
            if (expected < 0) continue;
            ck_assert_uint_eq(event.object, (uint32_t)expected);
            ck_assert_int_eq(event.at_ms, events[expected].at_ms);
            ck_assert_int_eq(pct_kernel_now_ms(kernel), event.at_ms);
            events[expected].waits = false;
        }
        size_t waiting = 0;
        for (int i = 0; i < made; i++) waiting += events[i].waits;
        ck_assert_uint_eq(pct_kernel_pending(kernel), waiting);
    }
    pct_kernel_free(kernel);
}

TEST(kernel_takes_events_by_time_then_by_order_of_scheduling) {
    for (uint64_t seed = 1; seed <= 5; seed++) kernel_agrees_with_oracle(seed);
}

TEST(kernel_sweeps_cancelled_events_and_keeps_the_rest_in_order) {
    pct_kernel *kernel = kernel_from(0);
    pct_error error;
    pct_kernel_handle handles[1000];
    for (uint32_t i = 0; i < 1000; i++)
        test_ok(pct_kernel_schedule(kernel, 999 - i, 0, i, &handles[i], &error), &error);
    for (uint32_t i = 0; i < 1000; i++)
        if (i % 10 != 0) ck_assert(pct_kernel_cancel(kernel, handles[i]));
    ck_assert_uint_eq(pct_kernel_pending(kernel), 100);
    pct_kernel_event event;
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert(pct_kernel_next(kernel, &event));
        ck_assert_uint_eq(event.object, 990 - 10 * i);
    }
    ck_assert(!pct_kernel_next(kernel, &event));
    pct_kernel_free(kernel);
}

TEST(kernel_refuses_the_past_and_more_events_than_its_maximum) {
    pct_kernel *kernel;
    pct_error error;
    test_ok(pct_kernel_new(100, 3, &kernel, &error), &error);
    ck_assert_int_eq(pct_kernel_schedule(kernel, 99, 0, 0, NULL, &error), PCT_MISUSE);
    test_error_says(&error, "99 ms");
    pct_kernel_handle last;
    for (uint32_t i = 0; i < 3; i++) test_ok(pct_kernel_schedule(kernel, 200, 0, i, &last, &error), &error);
    ck_assert_int_eq(pct_kernel_schedule(kernel, 200, 0, 3, NULL, &error), PCT_LIMIT);
    ck_assert(pct_kernel_cancel(kernel, last));
    test_ok(pct_kernel_schedule(kernel, 200, 0, 3, NULL, &error), &error);
    pct_kernel_free(kernel);
}

TEST(kernel_does_not_cancel_an_event_in_a_reused_slot) {
    pct_kernel *kernel = kernel_from(0);
    pct_error error;
    pct_kernel_handle first, second;
    pct_kernel_event event;
    test_ok(pct_kernel_schedule(kernel, 1, 0, 0, &first, &error), &error);
    ck_assert(pct_kernel_next(kernel, &event));
    test_ok(pct_kernel_schedule(kernel, 2, 0, 1, &second, &error), &error);
    ck_assert(!pct_kernel_cancel(kernel, first));
    ck_assert(!pct_kernel_cancel(kernel, 0));
    ck_assert(pct_kernel_next(kernel, &event));
    ck_assert_uint_eq(event.object, 1);
    pct_kernel_free(kernel);
}

static pct_status schedule_some(void *context) {
    (void)context;
    pct_kernel *kernel = NULL;
    pct_status status = pct_kernel_new(0, 1 << 12, &kernel, NULL);
    for (uint32_t i = 0; i < 300 && !status; i++) status = pct_kernel_schedule(kernel, i, 0, i, NULL, NULL);
    pct_kernel_free(kernel);
    return status;
}

TEST(kernel_reports_every_failed_allocation) {
    ck_assert_uint_ge(test_torture(schedule_some, NULL), 5);
}

TEST(kernel_allocates_nothing_after_reserve) {
    pct_kernel *kernel = kernel_from(0);
    pct_error error;
    test_ok(pct_kernel_reserve(kernel, 512, &error), &error);
    pct_rng rng = pct_rng_init(1, 1);
    pct_kernel_event event = {0};
    pct_status failed = PCT_OK;
    size_t before = test_allocation_count(); /* Check's own macros allocate: none between here and the end */
    for (uint32_t i = 0; i < 512; i++)
        failed |= pct_kernel_schedule(kernel, pct_rng_below(&rng, 1000), 0, i, NULL, &error);
    for (uint32_t i = 0; i < 10000 && pct_kernel_next(kernel, &event); i++)
        failed |= pct_kernel_schedule(kernel, event.at_ms + pct_rng_below(&rng, 1000), 0, i, NULL, &error);
    size_t after = test_allocation_count();
    ck_assert_int_eq(failed, PCT_OK);
    ck_assert_uint_eq(after, before);
    pct_kernel_free(kernel);
}

TEST_MAIN("sim kernel", TEST_CASE(kernel_takes_events_by_time_then_by_order_of_scheduling),
          TEST_CASE(kernel_sweeps_cancelled_events_and_keeps_the_rest_in_order),
          TEST_CASE(kernel_refuses_the_past_and_more_events_than_its_maximum),
          TEST_CASE(kernel_does_not_cancel_an_event_in_a_reused_slot),
          TEST_CASE(kernel_reports_every_failed_allocation),
          TEST_CASE(kernel_allocates_nothing_after_reserve))
