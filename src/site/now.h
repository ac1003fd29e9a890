/* The machine's clocks. Nothing below the floor of the site asks for the time: it is given. */
#ifndef PCT_SITE_NOW_H
#define PCT_SITE_NOW_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define PCT_NS_PER_MS INT64_C(1000000)

/* What people call the time, which they set: ms since 1970 UTC. */
int64_t pct_wall_ms(void);
/* Of a clock that nobody sets and that never runs backwards; only differences mean anything. */
int64_t pct_tick_ns(void);
int64_t pct_tick_us(void);
int64_t pct_tick_ms(void);

/* As pthread_cond_wait, but not beyond the tick: false when that has come. A wait neither ends early nor lasts for hours
 * because the time of day was put right. */
bool pct_tick_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ns);

#endif
