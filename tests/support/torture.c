/* The linker sends every allocation of the tests and of the code under test through here (--wrap). */
#include "support/test.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static _Atomic size_t allocations; /* of all threads */
static size_t fail_at;             /* number of the allocation that fails, 0 for none */
static int for_good;               /* and every one behind it */

static int fails(void) {
    size_t n = ++allocations;
    return n == fail_at || (for_good && fail_at && n > fail_at);
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size) {
    return fails() ? NULL : __real_realloc(old, size);
}

size_t test_allocation_count(void) {
    return allocations;
}

static size_t torture(pct_status (*attempt)(void *context), void *context, int good) {
    for (size_t n = 1;; n++) {
        for_good = good;
        fail_at = allocations + n;
        pct_status status = attempt(context);
        int hit = allocations >= fail_at;
        fail_at = 0;
        if (!hit) {
            ck_assert_msg(status == PCT_OK, "without a failing allocation it says %s",
                          pct_status_name(status));
            return n - 1;
        }
        ck_assert_msg(status == PCT_MEMORY, "allocation %zu failed and it says %s", n,
                      pct_status_name(status));
    }
}

size_t test_torture(pct_status (*attempt)(void *context), void *context) {
    return torture(attempt, context, 0);
}

size_t test_torture_for_good(pct_status (*attempt)(void *context), void *context) {
    return torture(attempt, context, 1);
}
