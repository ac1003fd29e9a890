/* GeoJSON of another datum on its way in: every coordinate becomes WGS-84, once.
 *
 * The result carries the member "converted_from", and a collection that has it is refused when it is to be converted
 * again: a second time would shift what is right by half a kilometre. */
#ifndef PCT_GEO_GEOJSON_DATUM_H
#define PCT_GEO_GEOJSON_DATUM_H

#include "base/buffer.h"
#include "geo/datum.h"

/* Appends the whole document; what is not a coordinate stays as it is. O(bytes). */
pct_status pct_geojson_to_wgs84(const char *file, pct_text bytes, pct_datum datum, pct_buffer *out,
                                pct_error *error) PCT_MUST_USE;

#endif
