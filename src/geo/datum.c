/* The shift of GCJ-02 is a fixed sum of sines over the distance from 105 E, 35 N, in metres, brought to degrees
 * on the Krasovsky 1940 ellipsoid; BD-09 turns and stretches by small sines again. Both were published by
 * reverse engineering and are quoted alike everywhere (Wikipedia, "Restrictions on geographic data in China").
 * They change by less than 1 % of the way moved, so the inverse is the fixed point of p ← target − shift(p),
 * each step two digits better. */
#include "geo/datum.h"

#include <math.h>

#include "base/text.h"

static const double pi = 3.14159265358979323846;

enum { INVERSE_STEPS = 12 };

typedef struct degrees {
    double lon, lat;
} degrees;

static degrees degrees_of(pct_position p) {
    return (degrees){p.lon_e7 / 1e7, p.lat_e7 / 1e7};
}

static pct_position position_of(degrees d) {
    return (pct_position){(int32_t)lround(d.lon * 1e7), (int32_t)lround(d.lat * 1e7)};
}

static bool in_china(degrees d) {
    return d.lon >= 72.004 && d.lon <= 137.8347 && d.lat >= 0.8293 && d.lat <= 55.8271;
}

/* The waves along one axis: one and three degrees long with fixed heights, twelve and thirty with given ones. */
static double waves_m(double v, double height12_m, double height30_m) {
    return 20.0 * sin(v * pi) + 40.0 * sin(v / 3.0 * pi) + height12_m * sin(v / 12.0 * pi) +
           height30_m * sin(v / 30.0 * pi);
}

static degrees gcj02(degrees wgs) {
    const double axis_m = 6378245.0, eccentricity2 = 0.00669342162296594323, share = 2.0 / 3.0;
    double x = wgs.lon - 105.0, y = wgs.lat - 35.0;
    double ripple_m = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * share;
    double north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x)) + ripple_m +
                     share * waves_m(y, 160.0, 320.0);
    double east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x)) + ripple_m +
                    share * waves_m(x, 150.0, 300.0);
    double lat = wgs.lat * pi / 180.0;
    double squared = 1.0 - eccentricity2 * sin(lat) * sin(lat), root = sqrt(squared);
    double meridian_m = axis_m * (1.0 - eccentricity2) / (squared * root);
    double parallel_m = axis_m / root * cos(lat);
    return (degrees){wgs.lon + east_m / parallel_m * 180.0 / pi, wgs.lat + north_m / meridian_m * 180.0 / pi};
}

static degrees bd09(degrees gcj) {
    const double turns = pi * 3000.0 / 180.0;
    double radius = hypot(gcj.lon, gcj.lat) + 0.00002 * sin(gcj.lat * turns);
    double angle = atan2(gcj.lat, gcj.lon) + 0.000003 * cos(gcj.lon * turns);
    return (degrees){radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006};
}

static degrees inverse(degrees (*forward)(degrees), degrees target) {
    degrees p = target;
    for (int step = 0; step < INVERSE_STEPS; step++) {
        degrees image = forward(p);
        p.lon += target.lon - image.lon;
        p.lat += target.lat - image.lat;
    }
    return p;
}

pct_position pct_gcj02_from_wgs84(pct_position wgs84) {
    degrees d = degrees_of(wgs84);
    return in_china(d) ? position_of(gcj02(d)) : wgs84;
}

pct_position pct_wgs84_from_gcj02(pct_position position) {
    degrees d = degrees_of(position);
    if (!in_china(d)) return position;
    degrees wgs = inverse(gcj02, d);
    return in_china(wgs) ? position_of(wgs) : position;
}

pct_position pct_bd09_from_gcj02(pct_position position) {
    return position_of(bd09(degrees_of(position)));
}

pct_position pct_gcj02_from_bd09(pct_position position) {
    return position_of(inverse(bd09, degrees_of(position)));
}

static const char *const names[] = {
#define X(name, text) text,
    PCT_DATUMS(X)
#undef X
};

const char *pct_datum_name(pct_datum datum) {
    return datum < PCT_DATUM_COUNT ? names[datum] : "";
}

bool pct_datum_named(pct_text name, pct_datum *out) {
    for (int d = 0; d < PCT_DATUM_COUNT; d++)
        if (pct_text_equal(name, names[d])) {
            *out = (pct_datum)d;
            return true;
        }
    return false;
}

pct_position pct_wgs84_from(pct_datum datum, pct_position position) {
    switch (datum) {
    case PCT_DATUM_GCJ02: return pct_wgs84_from_gcj02(position);
    case PCT_DATUM_BD09: return pct_wgs84_from_gcj02(pct_gcj02_from_bd09(position));
    default: return position;
    }
}
