#include "site/now.h"

#include <time.h>

static const int64_t ns_per_s = 1000 * PCT_NS_PER_MS;

static int64_t ns_of(clockid_t clock) {
    struct timespec at;
    (void)clock_gettime(clock, &at);
    return (int64_t)at.tv_sec * ns_per_s + at.tv_nsec;
}

int64_t pct_wall_ms(void) {
    return ns_of(CLOCK_REALTIME) / PCT_NS_PER_MS;
}

int64_t pct_tick_ns(void) {
    return ns_of(CLOCK_MONOTONIC);
}

int64_t pct_tick_us(void) {
    return pct_tick_ns() / 1000;
}

int64_t pct_tick_ms(void) {
    return pct_tick_ns() / PCT_NS_PER_MS;
}

bool pct_tick_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ns) {
    const struct timespec until = {until_ns / ns_per_s, until_ns % ns_per_s};
    return pthread_cond_clockwait(cond, lock, CLOCK_MONOTONIC, &until) == 0;
}
