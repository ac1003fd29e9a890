/* Any bytes: refused, or a zone in which every clock time means an instant that shows it, unless it was skipped. */
#include <stdlib.h>

#include "clock/zone.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    pct_zone zone;
    pct_error error;
    if (pct_zone_read("f", (pct_text){(const char *)bytes, length}, &zone, &error) != PCT_OK) return 0;
    for (int64_t local_ms = -4000000000000; local_ms < 8000000000000; local_ms += 98765432101) {
        pct_civil civil = pct_civil_of_ms(local_ms);
        int64_t utc_ms;
        int32_t offset_s;
        pct_zone_fit fit = pct_zone_to_utc(&zone, &civil, &utc_ms);
        pct_civil shown = pct_zone_to_local(&zone, utc_ms, &offset_s);
        if (fit != PCT_ZONE_SKIPPED && pct_civil_to_ms(&shown) != local_ms) abort();
    }
    pct_zone_dispose(&zone);
    return 0;
}
