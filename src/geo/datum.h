/* Chinese map datums. Maps published in China show positions in GCJ-02, which shifts WGS-84 by up to 700 m;
 * Baidu's shift those once more (BD-09). Precinct stores WGS-84 only and converts what comes in.
 *
 * Each pair is inverse to the other to 10⁻⁷ degrees. Outside China's bounding box (72.004–137.8347 E,
 * 0.8293–55.8271 N) GCJ-02 is WGS-84. O(1), pure. */
#ifndef PCT_GEO_DATUM_H
#define PCT_GEO_DATUM_H

#include "geo/position.h"

/* How a source says its positions. CGCS2000 is China's national frame; it and WGS-84 agree within decimetres, and it is
 * taken as WGS-84. */
#define PCT_DATUMS(X)                                                                                        \
    X(WGS84, "wgs84")                                                                                        \
    X(CGCS2000, "cgcs2000")                                                                                  \
    X(GCJ02, "gcj02")                                                                                        \
    X(BD09, "bd09")

typedef enum pct_datum {
#define X(name, text) PCT_DATUM_##name,
    PCT_DATUMS(X)
#undef X
        PCT_DATUM_COUNT
} pct_datum;

const char *pct_datum_name(pct_datum datum);
bool pct_datum_named(pct_text name, pct_datum *out); /* false: no such datum */
/* A source's position in WGS-84. Once for each position: a second time would shift it again. */
pct_position pct_wgs84_from(pct_datum datum, pct_position position);

pct_position pct_gcj02_from_wgs84(pct_position wgs84);
pct_position pct_wgs84_from_gcj02(pct_position gcj02);
pct_position pct_bd09_from_gcj02(pct_position gcj02);
pct_position pct_gcj02_from_bd09(pct_position bd09);

#endif
