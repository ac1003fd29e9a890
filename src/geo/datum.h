/* Chinese map datums. Maps published in China show positions in GCJ-02, which shifts WGS-84 by up to 700 m;
 * Baidu's shift those once more (BD-09). Precinct stores WGS-84 only and converts what comes in.
 *
 * Each pair is inverse to the other to 10⁻⁷ degrees. Outside China's bounding box (72.004–137.8347 E,
 * 0.8293–55.8271 N) GCJ-02 is WGS-84. O(1), pure. */
#ifndef PCT_GEO_DATUM_H
#define PCT_GEO_DATUM_H

#include "geo/position.h"

pct_position pct_gcj02_from_wgs84(pct_position wgs84);
pct_position pct_wgs84_from_gcj02(pct_position gcj02);
pct_position pct_bd09_from_gcj02(pct_position gcj02);
pct_position pct_gcj02_from_bd09(pct_position bd09);

#endif
