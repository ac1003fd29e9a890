/* Importers: a map's bytes in, a network out. One file per source format (import_osm.c, import_csv.c).
 *
 * What an importer leaves out or reads otherwise than it stands there it counts by reason, with the least ids as examples,
 * so that nothing is dropped in silence and the same map gives the same report in whatever order its objects come. */
#ifndef PCT_ROAD_IMPORT_H
#define PCT_ROAD_IMPORT_H

#include "geo/datum.h"
#include "road/network.h"

enum { PCT_IMPORT_REASONS_MAX = 32, PCT_IMPORT_EXAMPLES = 5 };

typedef struct pct_import_reason {
    pct_message reason; /* takes one parameter: the count */
    int64_t count;
    int64_t examples[PCT_IMPORT_EXAMPLES]; /* the least source ids, ascending */
    size_t example_count;
} pct_import_reason;

typedef struct pct_import_report {
    pct_import_reason dropped[PCT_IMPORT_REASONS_MAX]; /* in the order of the messages */
    size_t dropped_count;
    int64_t restrictions_read; /* turn restrictions met in the source; network->restriction_count were kept */
    double speed_kmh;          /* one speed for all roads, where the source states one; else 0 */
} pct_import_report;

void pct_import_drop(pct_import_report *report, pct_message reason, int64_t source_id);

/* OpenStreetMap PBF. Roads that units may drive become segments, cut where they meet; inner points keep the
 * shape. Rights: access, motor_vehicle, vehicle, emergency, oneway in their usual spellings. The order of the objects in
 * the file does not matter: the same objects give the same network, bit for bit. Of objects with one id the first counts. */
pct_status pct_import_osm(const char *file, pct_text bytes, pct_network *out, pct_import_report *report,
                          pct_error *error) PCT_MUST_USE;
/* The same of a file whose positions are not WGS-84. */
pct_status pct_import_osm_in(pct_datum datum, const char *file, pct_text bytes, pct_network *out,
                             pct_import_report *report, pct_error *error) PCT_MUST_USE;

/* CSV nodes and edges; the mapping is JSON (docs/reference/files.md) or empty for our own column names. */
typedef struct pct_csv_network {
    const char *nodes_file, *edges_file, *mapping_file;
    pct_text nodes, edges, mapping; /* contents; mapping.length 0: none */
    pct_datum datum; /* of their positions, unless the mapping's nodes have a "crs" of their own */
} pct_csv_network;
pct_status pct_import_csv(const pct_csv_network *source, pct_network *out, pct_import_report *report,
                          pct_error *error) PCT_MUST_USE;

#endif
