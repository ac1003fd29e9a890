/* A track from a file: CSV with time, lon and lat, or GPX 1.1 (its track points, in order). Times are RFC 3339; without an
 * offset they are read in the given zone. A fault is told with its line. */
#ifndef PCT_CLI_TRACK_FILE_H
#define PCT_CLI_TRACK_FILE_H

#include "base/vector.h"
#include "clock/zone.h"
#include "road/match.h"

/* Pushes pct_match_fix. */
pct_status pct_track_file_read(const char *file, pct_text bytes, const pct_zone *zone, pct_vector *fixes,
                               pct_error *error) PCT_MUST_USE;

#endif
