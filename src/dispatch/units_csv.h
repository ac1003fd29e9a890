/* units.csv: unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end.
 *
 * Columns are found by header, in any order; further columns are passed over. A mapping (JSON, member `units`) says how
 * another source spells them: {"columns": {"unit": "name", …}, "values": {"kind": {"Wagen": "car"}, …}}.
 * Refused by name and line: a unit named twice, unknown kinds and capabilities, positions and times that are none. */
#ifndef PCT_DISPATCH_UNITS_CSV_H
#define PCT_DISPATCH_UNITS_CSV_H

#include "base/memory.h"
#include "dispatch/codes.h"
#include "geo/position.h"

enum { PCT_UNITS_MAX = 100000, PCT_DAY_MINUTES = 24 * 60 };

typedef struct pct_unit_row {
    pct_text name, station;
    pct_position position;
    uint32_t kind; /* number in the codes */
    pct_capability_set capabilities;
    uint16_t officers, auxiliaries;
    /* Local minutes of the day, start in [0, 1440), end in [0, 1440]; end < start: the shift crosses midnight.
     * 0 and 1440 is a unit that is always on. */
    uint16_t shift_start_min, shift_end_min;
} pct_unit_row;

typedef struct pct_units {
    pct_unit_row *rows;
    size_t count;
    pct_arena arena; /* the texts */
} pct_units;

/* `mapping` may be empty. The texts are copies: nothing borrows from the bytes. */
pct_status pct_units_read(const char *file, pct_text bytes, const char *mapping_file, pct_text mapping,
                          const pct_codes *codes, pct_units *out, pct_error *error) PCT_MUST_USE;
void pct_units_dispose(pct_units *units);

/* Is the unit on shift at this local minute of the day? Half-open: at its end it is off. */
bool pct_unit_row_on_shift(const pct_unit_row *row, uint32_t minute_of_day);

#endif
