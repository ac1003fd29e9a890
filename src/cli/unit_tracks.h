/* Positions and signs of several units from files: a CSV with unit, time, lon, lat and, if known, accuracy_m; or a folder with a file
 * UNIT.csv or UNIT.gpx for each unit (cli/track_file.h), in which a unit without a file has no positions. Signs: a CSV with unit, time,
 * place (the id in the plan) and proof (tag, code or photo). A fault is told with its line. */
#ifndef PCT_CLI_UNIT_TRACKS_H
#define PCT_CLI_UNIT_TRACKS_H

#include "base/map.h"
#include "clock/zone.h"
#include "patrol/adherence.h"

typedef struct pct_unit_tracks {
    pct_names units;  /* numbered by first appearance */
    pct_vector fixes; /* of pct_unit_fix, by unit and time once read */
    pct_vector signs; /* of pct_unit_sign, likewise */
    pct_arena arena;
} pct_unit_tracks;

typedef struct pct_unit_fix {
    uint32_t unit;
    pct_adherence_fix fix;
} pct_unit_fix;
typedef struct pct_unit_sign {
    uint32_t unit;
    pct_adherence_sign sign;
} pct_unit_sign;

pct_unit_tracks pct_unit_tracks_init(void);
void pct_unit_tracks_dispose(pct_unit_tracks *tracks);
/* `units` are those to look for in a folder. */
pct_status pct_unit_tracks_read(const char *path, const pct_text *units, size_t unit_count,
                                const pct_zone *zone, pct_unit_tracks *tracks, pct_error *error) PCT_MUST_USE;
pct_status pct_unit_tracks_read_signs(const char *path, const pct_zone *zone, pct_unit_tracks *tracks,
                                      pct_error *error) PCT_MUST_USE;
/* The evidence of a unit, copied into `fixes` and `signs` (pct_adherence_fix, pct_adherence_sign), which are emptied first. */
pct_status pct_unit_tracks_of(const pct_unit_tracks *tracks, pct_text unit, pct_vector *fixes,
                              pct_vector *signs, pct_adherence_evidence *out, pct_error *error) PCT_MUST_USE;

#endif
