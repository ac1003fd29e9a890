/* Bands: stretches of the week in which traffic is much the same, such as the morning peak of working days. A metric is
 * made for each; a route uses the band in which it sets out.
 *
 *     status = pct_bands_read("bands.csv", bytes, &bands, error);
 *     int band = pct_bands_at(&bands, zone, utc_ms);      // by the clock on the wall there
 *
 * The table (definitions/bands.csv: band,days,from_hour,to_hour,name_zh,name_en) covers every hour of the week exactly
 * once; a band may have several rows. Days are workday (Monday to Friday), weekend, every, or a list such as mon;tue;sun.
 * Looking up is O(1) beside the zone. */
#ifndef PCT_ROAD_BANDS_H
#define PCT_ROAD_BANDS_H

#include "clock/zone.h"

enum { PCT_BANDS_MAX = 12, PCT_BAND_NAME_MAX = 48, PCT_WEEK_HOURS = 168 };

typedef struct pct_band {
    char code[PCT_BAND_NAME_MAX], name_zh[PCT_BAND_NAME_MAX], name_en[PCT_BAND_NAME_MAX];
    int hours; /* of the week */
} pct_band;

typedef struct pct_bands {
    int count;
    pct_band items[PCT_BANDS_MAX];   /* in the order of the file */
    uint8_t of_hour[PCT_WEEK_HOURS]; /* from Monday 00:00 */
} pct_bands;

pct_status pct_bands_read(const char *file, pct_text bytes, pct_bands *out, pct_error *error) PCT_MUST_USE;
int pct_bands_at(const pct_bands *bands, const pct_zone *zone, int64_t utc_ms);
/* -1 when there is no such band. */
int pct_bands_named(const pct_bands *bands, pct_text code);

#endif
