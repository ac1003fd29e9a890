/* The one clock of a replay, for all threads: a scaled clock over the machine's monotonic clock, or over a test's. */
#ifndef PCT_REPLAY_REPLAY_CLOCK_H
#define PCT_REPLAY_REPLAY_CLOCK_H

#include <pthread.h>

#include "replay/scaled_clock.h"

typedef struct pct_replay_clock {
    pthread_mutex_t lock;
    pct_scaled_clock scaled;
    int64_t (*wall_us)(void *context); /* never goes back */
    void *context;
} pct_replay_clock;

/* Standing at `at_ms`. wall_us NULL: CLOCK_MONOTONIC. */
void pct_replay_clock_init(pct_replay_clock *clock, int64_t at_ms, int64_t (*wall_us)(void *context),
                           void *context);
void pct_replay_clock_dispose(pct_replay_clock *clock);
int64_t pct_replay_clock_wall_us(pct_replay_clock *clock);
int64_t pct_replay_clock_speed_milli(pct_replay_clock *clock);
void pct_replay_clock_set(pct_replay_clock *clock, int64_t speed_milli);
/* To another time at once: before anybody has looked at it. */
void pct_replay_clock_put(pct_replay_clock *clock, int64_t at_ms);
/* As a desk wants them (pct_desk_options): `clock` is a pct_replay_clock. */
int64_t pct_replay_clock_now_ms(void *clock);
int64_t pct_replay_clock_sleep_ms(void *clock, int64_t until_ms);
int64_t pct_replay_clock_sleep_us(pct_replay_clock *clock, int64_t until_ms);

#endif
