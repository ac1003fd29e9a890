/* Any bytes as a track, CSV or GPX: refused, or positions on the earth; as a table of so many rows as there are positions. */
#include <stdlib.h>

#include "cli/track_file.h"

enum { FIXES_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    if (length == 0) return 0;
    const pct_zone zone = {.first_offset_s = (int32_t)(bytes[0] % 29 - 14) * 3600};
    pct_vector fixes = pct_vector_init(sizeof(pct_match_fix), FIXES_MAX);
    pct_error error;
    const pct_text text = {(const char *)bytes + 1, length - 1};
    pct_status status = pct_track_file_read("track", text, &zone, &fixes, &error);
    const pct_match_fix *fix = fixes.items;
    if (!status && fixes.length == 0) abort();
    for (size_t i = 0; i < fixes.length; i++)
        if (fix[i].position.lon_e7 < -1800000000 || fix[i].position.lon_e7 > 1800000000 ||
            fix[i].position.lat_e7 < -900000000 || fix[i].position.lat_e7 > 900000000)
            abort();
    pct_vector_dispose(&fixes);
    return 0;
}
