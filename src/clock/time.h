/* Dates and times of day: the proleptic Gregorian calendar, ISO 8601 texts in, RFC 3339 texts out.
 *
 * Instants are milliseconds since 1970-01-01T00:00:00Z, without leap seconds. A civil time is what a calendar
 * and a clock on the wall show; it becomes an instant only with a zone (clock/zone.h) or an offset. All O(1),
 * pure. */
#ifndef PCT_CLOCK_TIME_H
#define PCT_CLOCK_TIME_H

#include <stdbool.h>

#include "base/buffer.h"

#define PCT_DAY_MS INT64_C(86400000)

typedef struct pct_civil {
    int32_t year;
    uint8_t month, day;           /* from 1 */
    uint8_t hour, minute, second; /* 0–23, 0–59, 0–59 */
    uint16_t ms;
} pct_civil;

/* Days since 1970-01-01; the month must be 1–12, the day may run over. */
int64_t pct_days_of_date(int32_t year, int month, int day);
/* 1 Monday … 7 Sunday (ISO 8601). */
int pct_weekday_of_days(int64_t days);
int pct_days_of_month(int32_t year, int month);

bool pct_civil_is_valid(const pct_civil *civil); /* years 0–9999 */
/* The milliseconds that a clock showing UTC counts to this civil time, and back; both within ±10^17 ms. */
int64_t pct_civil_to_ms(const pct_civil *civil);
pct_civil pct_civil_of_ms(int64_t ms);

/* A text such as 2026-03-01T08:30:00, 2026-03-01 08:30 or 2026-03-01T08:30:00.250+08:00. */
typedef struct pct_time {
    pct_civil civil;
    bool has_offset; /* it ended in Z or ±hh:mm */
    int32_t offset_s;
} pct_time;

/* The whole text must be a time; digits beyond milliseconds are dropped. */
bool pct_time_parse(pct_text text, pct_time *out);
/* Appends an instant as seen at an offset from UTC, RFC 3339; milliseconds only where there are some. Offsets
 * are cut to whole minutes, the instant stays. */
pct_status pct_time_format(int64_t utc_ms, int32_t offset_s, pct_buffer *out);

#endif
