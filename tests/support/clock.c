/* The linker sends every look at a clock of the tests and of the code under test through here (--wrap). */
#include "support/clock.h"

#include <stddef.h>
#include <time.h>

int __real_clock_gettime(clockid_t id, struct timespec *out);
int __wrap_clock_gettime(clockid_t id, struct timespec *out);

static const int64_t *shown_ms; /* NULL: the machine's */

void test_clock_show(const int64_t *ms) {
    shown_ms = ms;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *out) {
    if (!shown_ms) return __real_clock_gettime(id, out);
    *out = (struct timespec){.tv_sec = *shown_ms / 1000, .tv_nsec = *shown_ms % 1000 * 1000000};
    return 0;
}
