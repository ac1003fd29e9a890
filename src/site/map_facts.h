/* What a site knows of its map: whose it is, which datum its source had, which version it is, what was left out of it.
 *
 * The facts stand in map/map.json, inside the map's folder, so that an update exchanges them with the map in one step. */
#ifndef PCT_SITE_MAP_FACTS_H
#define PCT_SITE_MAP_FACTS_H

#include "event/codec.h"
#include "geo/datum.h"
#include "road/import.h"
#include "site/credit.h"

#define PCT_MAP_FACTS_FILE "map/map.json"

enum { PCT_SHA256_HEX = 65 };

typedef struct pct_map_facts {
    int64_t version; /* 1 at first, one more with each update; stands in the header of events */
    pct_datum datum; /* of the source; everything in the site is WGS-84 */
    pct_map_source source;
    char credit[PCT_MAP_CREDIT_MAX]; /* of an own map; may be empty */
    pct_import_report report;
    /* SHA-256 of the file it was made of, in hexadecimal; of a CSV network, of the digests of nodes and edges. Empty: made
     * before this was kept. */
    char source_sha256[PCT_SHA256_HEX];
    /* What the update that brought it found, for the event that says so (desk/map_told.h); its digest stands above.
     * found.version_before 0: it came with the site. */
    struct {
        int64_t at_ms;
        pct_event_map_updated found;
    } update;
} pct_map_facts;

void pct_map_facts_write(const pct_map_facts *facts, pct_buffer *out);
/* Reasons that this program does not know are passed over: another version may have counted them. */
pct_status pct_map_facts_read(const char *file, pct_text bytes, pct_map_facts *out,
                              pct_error *error) PCT_MUST_USE;

/* "dropped": [{reason, count, examples[], example}], as init, map info and map update print it. */
struct pct_json_writer;
void pct_map_report_write(const pct_import_report *report, struct pct_json_writer *json);

#endif
