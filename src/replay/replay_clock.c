#include "replay/replay_clock.h"

#include <stddef.h>

#include "site/now.h"

enum { US_PER_MS = 1000, US_PER_S = 1000000, NS_PER_US = 1000 };

static int64_t monotonic_us(void *context) {
    (void)context;
    return pct_tick_us();
}

void pct_replay_clock_init(pct_replay_clock *clock, int64_t at_ms, int64_t (*wall_us)(void *context),
                           void *context) {
    (void)pthread_mutex_init(&clock->lock, NULL);
    clock->wall_us = wall_us ? wall_us : monotonic_us;
    clock->context = context;
    clock->scaled = pct_scaled_clock_at(clock->wall_us(context), at_ms, 0);
}

void pct_replay_clock_dispose(pct_replay_clock *clock) {
    if (clock->wall_us) (void)pthread_mutex_destroy(&clock->lock);
}

int64_t pct_replay_clock_wall_us(pct_replay_clock *clock) {
    return clock->wall_us(clock->context);
}

int64_t pct_replay_clock_speed_milli(pct_replay_clock *clock) {
    (void)pthread_mutex_lock(&clock->lock);
    int64_t speed_milli = clock->scaled.speed_milli;
    (void)pthread_mutex_unlock(&clock->lock);
    return speed_milli;
}

void pct_replay_clock_set(pct_replay_clock *clock, int64_t speed_milli) {
    (void)pthread_mutex_lock(&clock->lock);
    pct_scaled_clock_set(&clock->scaled, pct_replay_clock_wall_us(clock), speed_milli);
    (void)pthread_mutex_unlock(&clock->lock);
}

void pct_replay_clock_put(pct_replay_clock *clock, int64_t at_ms) {
    (void)pthread_mutex_lock(&clock->lock);
    clock->scaled = pct_scaled_clock_at(pct_replay_clock_wall_us(clock), at_ms, clock->scaled.speed_milli);
    (void)pthread_mutex_unlock(&clock->lock);
}

int64_t pct_replay_clock_now_ms(void *context) {
    pct_replay_clock *clock = context;
    (void)pthread_mutex_lock(&clock->lock);
    int64_t now_ms = pct_scaled_clock_now_ms(&clock->scaled, pct_replay_clock_wall_us(clock));
    (void)pthread_mutex_unlock(&clock->lock);
    return now_ms;
}

int64_t pct_replay_clock_sleep_us(pct_replay_clock *clock, int64_t until_ms) {
    (void)pthread_mutex_lock(&clock->lock);
    int64_t us = pct_scaled_clock_wall_us(&clock->scaled, pct_replay_clock_wall_us(clock), until_ms);
    (void)pthread_mutex_unlock(&clock->lock);
    return us;
}

int64_t pct_replay_clock_sleep_ms(void *context, int64_t until_ms) {
    int64_t us = pct_replay_clock_sleep_us(context, until_ms);
    return us == INT64_MAX ? us : (us + US_PER_MS - 1) / US_PER_MS;
}
