#include "geo/polyline.h"

/* Rounded half away from zero, as the format's own examples are. */
static int64_t rounded(int32_t e7, int32_t unit) {
    return e7 < 0 ? -((-(int64_t)e7 + unit / 2) / unit) : ((int64_t)e7 + unit / 2) / unit;
}

static void append(pct_buffer *out, int64_t difference) {
    uint64_t bits = (uint64_t)difference << 1;
    if (difference < 0) bits = ~bits;
    for (; bits >= 0x20; bits >>= 5)
        (void)pct_buffer_append_byte(out, (unsigned char)((0x20 | (bits & 0x1F)) + 63));
    (void)pct_buffer_append_byte(out, (unsigned char)(bits + 63));
}

pct_status pct_polyline_write(const pct_position *points, size_t count, int decimals, pct_buffer *out) {
    const int32_t unit = decimals == 5 ? 100 : 10;
    int64_t lat = 0, lon = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t next_lat = rounded(points[i].lat_e7, unit), next_lon = rounded(points[i].lon_e7, unit);
        append(out, next_lat - lat);
        append(out, next_lon - lon);
        lat = next_lat, lon = next_lon;
    }
    return pct_buffer_status(out, NULL);
}
