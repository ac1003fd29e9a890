/* Positions as the OsmAnd protocol sends them (Traccar Client, OsmAnd and many devices): one report in a query or a form,
 * a JSON array of flat objects, or one nested JSON object. Pure: bytes in, reports out.
 *
 *   A  GET /?id=…&lat=…&lon=…&timestamp=…&speed=…     B  the same as a form     C  [{"id":…,"lat":…},…]
 *   D  {"device_id":…,"location":{"timestamp":…,"coords":{"latitude":…,"longitude":…,"speed":…},…}}
 *
 * Keys that are not known are passed over, and a value that cannot be read counts as absent: a device cannot be told to
 * send better ones, and one refused report blocks all that wait behind it. O(bytes). */
#ifndef PCT_RESOURCE_POSITION_REPORT_H
#define PCT_RESOURCE_POSITION_REPORT_H

#include "clock/zone.h"
#include "geo/position.h"

enum { PCT_REPORT_DEVICE_MAX = 64, PCT_REPORTS_MAX = 1000, PCT_REPORT_DEPTH_MAX = 8 };

typedef enum pct_report_source { PCT_REPORT_FORM, PCT_REPORT_LIST, PCT_REPORT_NESTED } pct_report_source;

typedef struct pct_position_report {
    char device[PCT_REPORT_DEVICE_MAX + 1]; /* empty: none was given, or one that is too long */
    double lon_deg, lat_deg;                /* NaN: not given */
    double speed, heading_deg;              /* NaN: not known */
    int64_t at_ms;                          /* 0: not given */
    bool speed_is_mps;                      /* by its form; else as the device is registered */
    bool is_invalid;                        /* `valid` was given, and is neither true nor 1 */
    uint8_t source;                         /* pct_report_source */
} pct_position_report;

void pct_position_report_init(pct_position_report *report);
/* One key and its value, decoded. Local times are the zone's. */
void pct_position_report_set(pct_position_report *report, pct_text key, pct_text value, const pct_zone *zone);
/* A form, percent-encoded. */
void pct_position_report_form(pct_position_report *report, pct_text form, const pct_zone *zone);
/* PCT_INPUT for what is no JSON of form C or D. *count: how many reports were filled, at most PCT_REPORTS_MAX. */
pct_status pct_position_report_json(pct_text bytes, const pct_zone *zone, pct_position_report *out,
                                    size_t *count, pct_error *error) PCT_MUST_USE;

#endif
