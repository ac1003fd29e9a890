/* What site.json says of retention:
 *
 *     "retention": {"personal_days": 180, "narrative_days": 365, "quiet": "03:30"}
 *
 * All of it may be left out. Days can only shorten what holds: a longer one counts for nothing, and `serve` says so. */
#ifndef PCT_SITE_KEEPING_H
#define PCT_SITE_KEEPING_H

#include <jansson.h>

#include "event/codec.h"

enum { PCT_QUIET_MINUTE = 4 * 60 };

typedef struct pct_site_keeping {
    int32_t days[PCT_ERASED_CLASS_COUNT]; /* 0: not said */
    int32_t quiet_minute;                 /* of the local day */
} pct_site_keeping;

pct_status pct_site_keeping_read(const char *file, const json_t *config, pct_site_keeping *out,
                                 pct_error *error) PCT_MUST_USE;

#endif
