/* Isochrones: where a unit can be within so many minutes, or from where it can get here (reverse).
 *
 * The answer is an area: every place within 60 m of a piece of road that is reached in time (on large extents the
 * margin grows with the grid, so that memory stays bounded). Network times are exact; the outline is traced on a
 * grid of 30 m. O(hierarchy arcs) for the times, then O(reached road + grid) for each limit. */
#ifndef PCT_ROAD_ROUTE_ISOCHRONE_H
#define PCT_ROAD_ROUTE_ISOCHRONE_H

#include "base/memory.h"
#include "geo/polygon.h"
#include "road/router.h"

/* Takes road points and limits in ms; `shapes` [count] are made in the arena. A limit of 0 gives the surroundings of
 * the point itself. */
pct_status pct_isochrone(pct_router *router, pct_road_point point, bool reverse, const uint32_t *limits_ms,
                         size_t count, pct_arena *arena, pct_shape *shapes, pct_error *error) PCT_MUST_USE;

#endif
