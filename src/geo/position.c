#include "geo/position.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static const double earth_radius_m = 6371008.8, radians_per_e7 = 1.7453292519943295e-9;

bool pct_position_from_degrees(double lon_deg, double lat_deg, pct_position *out) {
    if (!(fabs(lon_deg) <= 180.0 && fabs(lat_deg) <= 90.0)) return false;
    *out = (pct_position){(int32_t)lround(lon_deg * 1e7), (int32_t)lround(lat_deg * 1e7)};
    return true;
}

double pct_position_lon_deg(pct_position p) {
    return p.lon_e7 / 1e7;
}

double pct_position_lat_deg(pct_position p) {
    return p.lat_e7 / 1e7;
}

bool pct_position_from_text(pct_text text, pct_position *out) {
    pct_text lon, lat, none;
    double lon_deg, lat_deg;
    return pct_text_next(&text, ',', &lon) && pct_text_next(&text, ',', &lat) &&
           !pct_text_next(&text, ',', &none) && pct_text_to_real(pct_text_trim(lon), &lon_deg) &&
           pct_text_to_real(pct_text_trim(lat), &lat_deg) && pct_position_from_degrees(lon_deg, lat_deg, out);
}

double pct_geo_distance_m(pct_position a, pct_position b) {
    double lat_a = a.lat_e7 * radians_per_e7, lat_b = b.lat_e7 * radians_per_e7;
    double half_lat = sin((lat_b - lat_a) / 2.0);
    double half_lon = sin(((double)b.lon_e7 - a.lon_e7) * radians_per_e7 / 2.0);
    double h = half_lat * half_lat + cos(lat_a) * cos(lat_b) * half_lon * half_lon;
    return 2.0 * earth_radius_m * asin(fmin(1.0, sqrt(h)));
}

double pct_geo_length_m(const pct_position *line, size_t count) {
    double length_m = 0.0;
    for (size_t i = 1; i < count; i++) length_m += pct_geo_distance_m(line[i - 1], line[i]);
    return length_m;
}

pct_position pct_geo_between(pct_position a, pct_position b, double share) {
    return (pct_position){(int32_t)lround(a.lon_e7 + share * ((double)b.lon_e7 - a.lon_e7)),
                          (int32_t)lround(a.lat_e7 + share * ((double)b.lat_e7 - a.lat_e7))};
}

double pct_geo_bearing_deg(pct_position a, pct_position b) {
    double lat_a = a.lat_e7 * radians_per_e7, lat_b = b.lat_e7 * radians_per_e7;
    double lon = ((double)b.lon_e7 - a.lon_e7) * radians_per_e7;
    double east = sin(lon) * cos(lat_b);
    double north = cos(lat_a) * sin(lat_b) - sin(lat_a) * cos(lat_b) * cos(lon);
    double deg = atan2(east, north) * 57.29577951308232;
    return deg < 0.0 ? deg + 360.0 : deg;
}

pct_plane pct_plane_at(pct_position origin) {
    double m_per_e7 = earth_radius_m * radians_per_e7;
    return (pct_plane){origin, m_per_e7 * cos(origin.lat_e7 * radians_per_e7), m_per_e7};
}

void pct_plane_to_m(const pct_plane *plane, pct_position p, double *east_m, double *north_m) {
    *east_m = ((double)p.lon_e7 - plane->origin.lon_e7) * plane->m_per_e7_lon;
    *north_m = ((double)p.lat_e7 - plane->origin.lat_e7) * plane->m_per_e7_lat;
}

pct_position pct_plane_from_m(const pct_plane *plane, double east_m, double north_m) {
    return (pct_position){(int32_t)lround(plane->origin.lon_e7 + east_m / plane->m_per_e7_lon),
                          (int32_t)lround(plane->origin.lat_e7 + north_m / plane->m_per_e7_lat)};
}

pct_projection pct_geo_project(pct_position p, pct_position a, pct_position b) {
    pct_plane plane = pct_plane_at(p);
    double ax, ay, bx, by;
    pct_plane_to_m(&plane, a, &ax, &ay);
    pct_plane_to_m(&plane, b, &bx, &by);
    double dx = bx - ax, dy = by - ay, squared = dx * dx + dy * dy;
    double share = squared > 0.0 ? -(ax * dx + ay * dy) / squared : 0.0;
    share = fmin(1.0, fmax(0.0, share));
    return (pct_projection){share, hypot(ax + share * dx, ay + share * dy)};
}

pct_box pct_box_empty(void) {
    return (pct_box){{INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN}};
}

pct_box pct_box_of(const pct_position *points, size_t count) {
    pct_box box = pct_box_empty();
    for (size_t i = 0; i < count; i++) pct_box_extend(&box, points[i]);
    return box;
}

void pct_box_extend(pct_box *box, pct_position p) {
    if (p.lon_e7 < box->min.lon_e7) box->min.lon_e7 = p.lon_e7;
    if (p.lat_e7 < box->min.lat_e7) box->min.lat_e7 = p.lat_e7;
    if (p.lon_e7 > box->max.lon_e7) box->max.lon_e7 = p.lon_e7;
    if (p.lat_e7 > box->max.lat_e7) box->max.lat_e7 = p.lat_e7;
}

bool pct_box_contains(pct_box box, pct_position p) {
    return p.lon_e7 >= box.min.lon_e7 && p.lon_e7 <= box.max.lon_e7 && p.lat_e7 >= box.min.lat_e7 &&
           p.lat_e7 <= box.max.lat_e7;
}

bool pct_box_meets(pct_box a, pct_box b) {
    return a.min.lon_e7 <= b.max.lon_e7 && b.min.lon_e7 <= a.max.lon_e7 && a.min.lat_e7 <= b.max.lat_e7 &&
           b.min.lat_e7 <= a.max.lat_e7;
}
