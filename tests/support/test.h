/* Every C test file: cases, then one list. Check runs each case in its own process.
 *
 *     TEST(heap_pops_equal_keys_by_id) { … ck_assert_uint_eq(…); }
 *     TEST_MAIN("heap", TEST_CASE(heap_pops_equal_keys_by_id))
 *
 * Data of tests that need real files lies under PRECINCT_DATA (default ../shared/data, seen from the
 * repository); without it such a case calls TEST_NEEDS_DATA and is counted as skipped. */
#ifndef PCT_TESTS_SUPPORT_TEST_H
#define PCT_TESTS_SUPPORT_TEST_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/message.h"

typedef struct test_case {
    const char *name;
    const TTest *test;
} test_case;

#define TEST(name) START_TEST(name)
#define TEST_CASE(name)                                                                                      \
    { #name, name }
#define TEST_MAIN(suite, ...)                                                                                \
    int main(void) {                                                                                         \
        const test_case cases[] = {__VA_ARGS__};                                                             \
        return test_run(suite, cases, sizeof cases / sizeof *cases);                                         \
    }

int test_run(const char *suite, const test_case *cases, size_t count);

/* Fails with the rendered error when status is not PCT_OK. */
void test_ok(pct_status status, const pct_error *error);
/* The error's English sentence must contain `fragment`. */
void test_error_says(const pct_error *error, const char *fragment);

/* The whole file as NUL-terminated bytes (free with free()), or NULL. */
char *test_read_file(const char *path, size_t *length);
/* Path of a real data file under PRECINCT_DATA, or NULL (skip) when it is absent; valid until the next call.
 */
const char *test_data_path(const char *relative);
#define TEST_NEEDS_DATA(relative)                                                                            \
    do {                                                                                                     \
        if (!test_data_path(relative)) {                                                                     \
            fprintf(stderr, "SKIP %s: %s is absent (set PRECINCT_DATA)\n", __func__, relative);              \
            return;                                                                                          \
        }                                                                                                    \
    } while (0)

/* Runs `attempt` with the 1st, 2nd, 3rd … allocation failing until one run has no failure left. `attempt`
 * must return PCT_MEMORY when it was hit and PCT_OK when it was not; leaks are the sanitizer's to find.
 * Returns the number of allocations that were made to fail. */
size_t test_torture(pct_status (*attempt)(void *context), void *context);
/* The same, and from the failing one on there is no memory at all until the attempt returns. */
size_t test_torture_for_good(pct_status (*attempt)(void *context), void *context);
/* Allocations made since the process began: hot paths prove that they make none. */
size_t test_allocation_count(void);

#endif
