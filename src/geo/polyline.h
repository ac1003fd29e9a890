/* Encoded polylines: a line as a short text, as map libraries take it (Google's "Encoded Polyline Algorithm Format"; with six
 * decimals "polyline6"). Latitude before longitude, differences, five bits a character. */
#ifndef PCT_GEO_POLYLINE_H
#define PCT_GEO_POLYLINE_H

#include "base/buffer.h"
#include "geo/position.h"

/* decimals: 5 or 6. O(points). */
pct_status pct_polyline_write(const pct_position *points, size_t count, int decimals, pct_buffer *out);

#endif
