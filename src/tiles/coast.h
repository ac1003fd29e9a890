/* The sea, from coast lines. OpenStreetMap has no polygon for it: a coast is drawn with the land on its left and the
 * water on its right, and an extract has pieces of it. */
#ifndef PCT_TILES_COAST_H
#define PCT_TILES_COAST_H

#include "base/vector.h"
#include "geo/position.h"
#include "tiles/rings.h"

typedef struct pct_coast {
    pct_vector points /* pct_position */, rings /* pct_found_ring: outlines before their holes */;
} pct_coast;

pct_coast pct_coast_init(void);
void pct_coast_dispose(pct_coast *coast);
/* The sea inside `box`. Pieces are joined end to end, cut to the box, and closed along its edge, clockwise from where a
 * coast leaves to where the next one comes in. A coast that ends inside (the extract ends there) is led to the edge on
 * the shortest way. Without any coast there is no sea. O(pieces² + points). */
pct_status pct_coast_run(pct_coast *coast, const pct_way_piece *pieces, size_t count,
                         const pct_position *positions, pct_box box, pct_error *error) PCT_MUST_USE;

#endif
