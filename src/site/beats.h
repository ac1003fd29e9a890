/* The areas by which rights go: those of one partition in areas.geojson that have none above them (site.json's "partition", else the
 * first), as a rule the
 * areas of the stations. A unit lies in the area where its station stands (or that has the station's name).
 *
 * Opened once, read by any thread. At a position: O(areas) boxes and one or two polygons, some 0.2 µs for a city of 60
 * stations. A site without areas.geojson has none: every account works for the whole site. Free accepts NULL. */
#ifndef PCT_SITE_BEATS_H
#define PCT_SITE_BEATS_H

#include "site/site.h"

enum { PCT_BEAT_NAME_MAX = 64 }; /* longer names give no rights; PCT_INPUT at opening */

typedef struct pct_beats pct_beats;

pct_status pct_beats_open(const pct_site *site, pct_beats **out, pct_error *error) PCT_MUST_USE;
void pct_beats_free(pct_beats *beats);

bool pct_beats_have(const pct_beats *beats, pct_text name);
/* Empty where no area lies. The names hold as long as the beats. */
pct_text pct_beats_at(const pct_beats *beats, pct_position position);
/* By the station's name or id, as units carry it. */
pct_text pct_beats_of_station(const pct_beats *beats, pct_text station);
size_t pct_beats_count(const pct_beats *beats);
pct_text pct_beats_name(const pct_beats *beats, size_t i);
/* Whether two areas share a border: points of one lie within PCT_BEAT_TOUCH_M of the other's. O(points²) where their boxes meet. */
bool pct_beats_touch(const pct_beats *beats, size_t a, size_t b);
#define PCT_BEAT_TOUCH_M 30.0

#endif
