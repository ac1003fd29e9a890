/* Time that a test makes: every clock of the process shows it, so that what waits, waits by it. For tests without threads. */
#ifndef PCT_TESTS_SUPPORT_CLOCK_H
#define PCT_TESTS_SUPPORT_CLOCK_H

#include <stdint.h>

/* Borrowed, and read at every look; NULL: the machine's clocks again. */
void test_clock_show(const int64_t *ms);

#endif
