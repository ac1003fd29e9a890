/* Time zones: the rules come in as the bytes of a TZif file (RFC 8536, versions 1 to 4), as every system keeps
 * them under /usr/share/zoneinfo.
 *
 *     status = pct_zone_read("Asia/Shanghai", bytes, &zone, error);
 *     fit = pct_zone_to_utc(&zone, civil, &utc_ms);            // a clock on the wall → an instant
 *     civil = pct_zone_to_local(&zone, utc_ms, &offset_s);     // and back
 *     pct_zone_dispose(&zone);
 *
 * Files are untrusted: every count is checked against the bytes that are there. A zone is immutable once read
 * and owns its table; conversions are O(log changes) and allocate nothing. */
#ifndef PCT_CLOCK_ZONE_H
#define PCT_CLOCK_ZONE_H

#include "clock/rule.h"
#include "clock/time.h"

typedef struct pct_zone_change {
    int64_t from_s; /* since 1970 UTC, strictly ascending */
    int32_t offset_s;
} pct_zone_change;

typedef struct pct_zone {
    int32_t first_offset_s;   /* before the first change */
    pct_zone_change *changes; /* count of them */
    size_t count;
    pct_rule rule; /* from the last change on */
} pct_zone;

pct_zone pct_zone_utc(void);
/* `file` is for errors only. Files with leap seconds ("right/…") are refused. */
pct_status pct_zone_read(const char *file, pct_text bytes, pct_zone *out, pct_error *error) PCT_MUST_USE;
void pct_zone_dispose(pct_zone *zone);

typedef enum pct_zone_fit {
    PCT_ZONE_EXACT,
    PCT_ZONE_AMBIGUOUS, /* the clock showed this time twice: the first is given */
    PCT_ZONE_SKIPPED    /* it never did: it is taken as if the clock had not been put forward yet */
} pct_zone_fit;

pct_zone_fit pct_zone_to_utc(const pct_zone *zone, const pct_civil *local, int64_t *utc_ms);
pct_civil pct_zone_to_local(const pct_zone *zone, int64_t utc_ms, int32_t *offset_s);
/* pct_time_parse, then to UTC: by the text's own offset if it has one, else in this zone. `fit` may be NULL. */
bool pct_zone_parse(const pct_zone *zone, pct_text text, int64_t *utc_ms, pct_zone_fit *fit);
pct_status pct_zone_format(const pct_zone *zone, int64_t utc_ms, pct_buffer *out); /* RFC 3339 */

#endif
