/* Speeds by band, learnt from a site's own tracks or written by hand: the file learnt_speeds.csv of a site.
 *
 *     class,way,from_node,to_node,band,profile,kmh,n,units,since,until
 *     primary,,,,morning_peak,response,31.5,812,9,2026-10-01,2026-10-29
 *     ,23456789,301,302,morning_peak,response,18,44,5,2026-10-01,2026-10-29
 *
 * A row is of a road class, or of one segment driven from one node to the other. A segment's figure goes before its
 * class's, a class's before the speed that the site's table (speeds.csv) gives it in every band.
 *
 * Nobody is named in it: n counts drives, units how many different units made them. A figure that fewer than
 * PCT_LEARNT_UNITS_MIN units and less than PCT_LEARNT_DAYS_MIN days stand behind is refused, for it would tell how
 * somebody drives. A row written by hand leaves n, units, since and until empty.
 *
 * Segments are named as in events, by way and nodes, and found again whenever the file is read; what the map has lost is
 * counted as `missing`. Reading is O(rows log nodes); arc times are O(arcs). Immutable once read. */
#ifndef PCT_ROAD_LEARNT_H
#define PCT_ROAD_LEARNT_H

#include "road/bands.h"
#include "road/closed.h"
#include "road/profile.h"
#include "road/road.h"

enum { PCT_LEARNT_UNITS_MIN = 3, PCT_LEARNT_DAYS_MIN = 28, PCT_LEARNT_ROWS_MAX = 1 << 22 };

#define PCT_LEARNT_PROFILES(X) X(RESPONSE, "response") X(PATROL, "patrol")
typedef enum pct_learnt_profile {
#define X(name, text) PCT_LEARNT_##name,
    PCT_LEARNT_PROFILES(X)
#undef X
        PCT_LEARNT_PROFILE_COUNT
} pct_learnt_profile;
const char *pct_learnt_profile_name(pct_learnt_profile profile);
/* Whose figures the roads of a profile take. */
pct_learnt_profile pct_learnt_profile_of(pct_profile profile);

/* How much stands behind a figure; all 0 for one that was written by hand. Days since 1970, local. */
typedef struct pct_learnt_basis {
    uint32_t n, units;
    int32_t since_day, until_day;
} pct_learnt_basis;
/* Whether a figure with this basis may be published. */
bool pct_learnt_suffices(pct_learnt_basis basis);

/* Of a class (kmh 0: nothing learnt), or of a segment in one direction. */
typedef struct pct_learnt_figure {
    double kmh;
    pct_learnt_basis basis;
} pct_learnt_figure;
typedef struct pct_learnt_segment {
    uint32_t arc_segment; /* segment × 2 + (1 when driven backward) */
    uint8_t band, profile;
    pct_learnt_figure figure;
} pct_learnt_segment;

typedef struct pct_learnt {
    pct_learnt_figure classes[PCT_LEARNT_PROFILE_COUNT][PCT_BANDS_MAX][PCT_ROAD_CLASS_COUNT];
    pct_learnt_segment *segments; /* [segment_count], by profile, band, arc_segment */
    size_t segment_count, missing;
} pct_learnt;

pct_status pct_learnt_read(const char *file, pct_text bytes, const pct_bands *bands, const pct_road *road,
                           pct_learnt *out, pct_error *error) PCT_MUST_USE;
/* The file as pct_learnt_read reads it. */
pct_status pct_learnt_write(const pct_learnt *learnt, const pct_bands *bands, const pct_network *network,
                            pct_buffer *out, pct_error *error) PCT_MUST_USE;
void pct_learnt_dispose(pct_learnt *learnt);

/* What each class is driven at in a band, and the fastest that anything is. */
pct_speeds pct_learnt_speeds(const pct_learnt *learnt, pct_learnt_profile profile, int band,
                             const pct_speeds *base);
double pct_learnt_max_mps(const pct_learnt *learnt, pct_learnt_profile profile, int band,
                          const pct_speeds *base);
/* Lays a band's segments over arc_ms [network arcs], which hold the times at pct_learnt_speeds; what may not be driven
 * stays so. A patrol keeps posted limits: a figure above one counts as the limit. */
void pct_learnt_lay_over(const pct_learnt *learnt, pct_learnt_profile profile, int band,
                         const pct_network *network, uint32_t *arc_ms);

/* The times of all arcs [network arcs] in a band: what a metric of that band is made of. O(arcs). */
void pct_learnt_arc_times(const pct_learnt *learnt, pct_learnt_profile profile, int band,
                          const pct_speeds *base, const pct_network *network, uint32_t *arc_ms);
/* Whether the band differs from the open road at all. */
bool pct_learnt_has(const pct_learnt *learnt, pct_learnt_profile profile, int band);

/* The road of open's profile in a band: shares all but the metric with `open`, which must outlive it and have no closed
 * segments; pct_road_close closes roads over it as over any other. One customization. */
pct_status pct_road_of_band(const pct_road *open, const pct_learnt *learnt, int band, const pct_speeds *base,
                            pct_road **out, pct_error *error) PCT_MUST_USE;
/* The same with roads closed or slowed over the band's times (road/closed.h). One customization. */
pct_status pct_road_close_in_band(const pct_road *open, const pct_learnt *learnt, int band,
                                  const pct_speeds *base, const pct_closed_segment *closed, size_t count,
                                  pct_road **out, pct_error *error) PCT_MUST_USE;

#endif
