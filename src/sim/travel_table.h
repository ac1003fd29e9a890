/* Travel between fixed places (stations, hold points) and everywhere, looked up instead of searched.
 *
 *     if (pct_travel_table_pays(road, places, queries)) status = pct_travel_table_new(&on_road, points, count, &table, error);
 *     travel = pct_travel_by_table(table);             // same answers as pct_travel_on_road(&on_road), to the millisecond
 *     pct_travel_table_free(table);
 *
 * Most of what a simulation asks is how far the standing units, all at their stations, are from a new call, and how
 * long the way back to a station takes. The table holds both times for each pair of node and place; a point inside a
 * segment is reached by way of the segment's ends. What concerns no place, moving units above all, goes to the router.
 *
 * Costs: making it is two one-to-all queries a place, O(nodes × places); looking up O(1) a pair. Memory: 8 bytes per
 * node and place. */
#ifndef PCT_SIM_TRAVEL_TABLE_H
#define PCT_SIM_TRAVEL_TABLE_H

#include "sim/travel.h"

typedef struct pct_travel_table pct_travel_table;

/* Is it worth making one for so many places and so many later questions about all of them, and small enough? */
bool pct_travel_table_pays(const pct_road *road, size_t places, uint64_t questions);
/* Places may be named more than once. `source` is borrowed. */
pct_status pct_travel_table_new(pct_travel_road *source, const pct_road_point *places, size_t count,
                                pct_travel_table **out, pct_error *error) PCT_MUST_USE;
void pct_travel_table_free(pct_travel_table *table);
/* The table is borrowed. */
pct_travel pct_travel_by_table(pct_travel_table *table);

#endif
