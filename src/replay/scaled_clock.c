#include "replay/scaled_clock.h"

static const int64_t us_per_s = 1000 * 1000; /* also: ms shown = µs of wall × thousandths of speed ÷ this */
static const int64_t endless_ms = INT64_C(9) * 1000 * 1000 * 1000 * 1000; /* 285 years */

pct_scaled_clock pct_scaled_clock_at(int64_t wall_us, int64_t at_ms, int64_t speed_milli) {
    pct_scaled_clock clock = {wall_us, at_ms, 0};
    pct_scaled_clock_set(&clock, wall_us, speed_milli);
    return clock;
}

int64_t pct_scaled_clock_now_ms(const pct_scaled_clock *clock, int64_t wall_us) {
    int64_t since_us = wall_us - clock->wall_us;
    if (since_us <= 0 || clock->speed_milli == 0) return clock->at_ms;
    int64_t whole_ms = since_us / us_per_s * clock->speed_milli;
    return clock->at_ms + whole_ms + since_us % us_per_s * clock->speed_milli / us_per_s;
}

void pct_scaled_clock_set(pct_scaled_clock *clock, int64_t wall_us, int64_t speed_milli) {
    clock->at_ms = pct_scaled_clock_now_ms(clock, wall_us);
    if (wall_us > clock->wall_us) clock->wall_us = wall_us;
    if (speed_milli < 0) speed_milli = 0;
    clock->speed_milli = speed_milli > PCT_SPEED_MAX_MILLI ? PCT_SPEED_MAX_MILLI : speed_milli;
}

int64_t pct_scaled_clock_wall_us(const pct_scaled_clock *clock, int64_t wall_us, int64_t until_ms) {
    if (pct_scaled_clock_now_ms(clock, wall_us) >= until_ms) return 0;
    bool never = clock->speed_milli == 0 || until_ms / 2 - clock->at_ms / 2 > endless_ms / 2;
    if (never) return INT64_MAX;
    int64_t whole = (until_ms - clock->at_ms) * us_per_s;
    int64_t due_us = clock->wall_us + (whole + clock->speed_milli - 1) / clock->speed_milli;
    return due_us - wall_us;
}
