/* The rule by which a zone changes its clocks year after year, as a POSIX TZ text says it: "CET-1CEST,M3.5.0,
 * M10.5.0/3". Includes the extension of RFC 8536 (hours -167 to 167). Used by clock/zone.c. */
#ifndef PCT_CLOCK_RULE_H
#define PCT_CLOCK_RULE_H

#include <stdbool.h>

#include "base/status.h"

typedef struct pct_rule_day {
    enum { PCT_DAY_JULIAN, PCT_DAY_OF_YEAR, PCT_DAY_OF_WEEK } kind; /* Jn, n, Mm.w.d */
    int number;      /* day 1–365 or 0–365, or weekday 0–6 */
    int month, week; /* week 5: the last */
    int32_t time_s;  /* on the clock before the change */
} pct_rule_day;

typedef struct pct_rule {
    bool is_given, has_summer;
    int32_t standard_s, summer_s;
    pct_rule_day summer_begins, summer_ends;
} pct_rule;

/* The stretch of time around an instant in which an offset holds: [from_s, to_s). */
typedef struct pct_offset_span {
    int64_t from_s, to_s; /* seconds since 1970 UTC; INT64_MIN and INT64_MAX: without end */
    int32_t offset_s;
} pct_offset_span;

bool pct_rule_parse(pct_text text, pct_rule *out); /* the empty text is no rule */
pct_offset_span pct_rule_span(const pct_rule *rule, int64_t utc_s);

#endif
