/* A clock that runs at a chosen multiple of life's pace, stands still, and never goes back.
 *
 *     pct_scaled_clock clock = pct_scaled_clock_at(wall_us, at_ms, 60000);    // sixty times life
 *     now_ms = pct_scaled_clock_now_ms(&clock, wall_us);
 *     pct_scaled_clock_set(&clock, wall_us, 0);                               // stands
 *     left_us = pct_scaled_clock_wall_us(&clock, wall_us, until_ms);          // how long somebody has to sleep
 *
 * Pure: the wall time comes in, in microseconds of a clock that is never set (CLOCK_MONOTONIC); the time shown is in
 * milliseconds since 1970 UTC. A wall time before the last setting shows the time of that setting. All O(1). */
#ifndef PCT_REPLAY_SCALED_CLOCK_H
#define PCT_REPLAY_SCALED_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { PCT_SPEED_LIFE_MILLI = 1000, PCT_SPEED_MAX_MILLI = 1000 * 1000 };

typedef struct pct_scaled_clock {
    int64_t wall_us, at_ms; /* when it was set, and what it showed then */
    int64_t speed_milli;    /* thousandths of life's pace; 0: it stands */
} pct_scaled_clock;

pct_scaled_clock pct_scaled_clock_at(int64_t wall_us, int64_t at_ms, int64_t speed_milli);
int64_t pct_scaled_clock_now_ms(const pct_scaled_clock *clock, int64_t wall_us);
/* Another speed from this moment on, 0 … PCT_SPEED_MAX_MILLI; what lies beyond is cut. */
void pct_scaled_clock_set(pct_scaled_clock *clock, int64_t wall_us, int64_t speed_milli);
/* Wall time until it shows `until_ms`: 0 when it does already, INT64_MAX when it never will at this speed. */
int64_t pct_scaled_clock_wall_us(const pct_scaled_clock *clock, int64_t wall_us, int64_t until_ms);

#endif
