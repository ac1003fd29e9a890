/* Positions on the earth and what is measured between them. WGS-84, longitude before latitude, degrees × 10⁷. */
#ifndef PCT_GEO_POSITION_H
#define PCT_GEO_POSITION_H

#include <stdbool.h>

#include "base/status.h"

typedef struct pct_position {
    int32_t lon_e7, lat_e7;
} pct_position;

typedef struct pct_box {
    pct_position min, max; /* both inclusive; an empty box has min > max */
} pct_box;

/* false when a coordinate is not finite or out of range (|lon| ≤ 180, |lat| ≤ 90). */
bool pct_position_from_degrees(double lon_deg, double lat_deg, pct_position *out);
double pct_position_lon_deg(pct_position p);
double pct_position_lat_deg(pct_position p);
/* Reads "lon,lat" in degrees. */
bool pct_position_from_text(pct_text text, pct_position *out);

/* Great-circle distance (haversine, mean earth radius 6 371 008.8 m); within 0.6 % of the ellipsoid. */
double pct_geo_distance_m(pct_position a, pct_position b);
double pct_geo_length_m(const pct_position *line, size_t count);
/* The point a share of the straight way from a to b; share in [0, 1]. */
pct_position pct_geo_between(pct_position a, pct_position b, double share);
/* Initial bearing from a to b, degrees clockwise from north, [0, 360). */
double pct_geo_bearing_deg(pct_position a, pct_position b);

/* Where the straight line a–b comes nearest to p, on the local plane around p: share of the way in [0, 1] and
 * distance. Exact enough for lines of some kilometres. */
typedef struct pct_projection {
    double share, distance_m;
} pct_projection;
pct_projection pct_geo_project(pct_position p, pct_position a, pct_position b);

/* Metres east and north of an origin, on the plane that touches there; and back. */
typedef struct pct_plane {
    pct_position origin;
    double m_per_e7_lon, m_per_e7_lat;
} pct_plane;
pct_plane pct_plane_at(pct_position origin);
void pct_plane_to_m(const pct_plane *plane, pct_position p, double *east_m, double *north_m);
pct_position pct_plane_from_m(const pct_plane *plane, double east_m, double north_m);

pct_box pct_box_empty(void);
pct_box pct_box_of(const pct_position *points, size_t count);
void pct_box_extend(pct_box *box, pct_position p);
bool pct_box_contains(pct_box box, pct_position p);
bool pct_box_meets(pct_box a, pct_box b); /* boxes that only touch meet */

#endif
