/* Inside the region: cells with a town each, and the borders that roads cross. Only src/town/region*.c include this.
 *
 * The ground is cut into square *roots*, each of which is a city or four cells, each of which is a town or four
 * cells …, down to villages. Where two cells touch, one road crosses the border. Motorways run along the borders of
 * the roots; roads cross them on bridges, and links join some of these.
 *
 *      ┌───────┬───┬───┐        c: city   t: town   v: village   o: a road crosses
 *      │       │ t o t │
 *      │   c   o─o─┼─o─┤
 *      │       │v v│ t │
 *      │       o v v   │
 *      └───────┴───┴───┘ */
#ifndef PCT_TOWN_REGION_H
#define PCT_TOWN_REGION_H

#include "town/output.h"

enum { PCT_REGION_LEVELS = 5, PCT_REGION_ROOT_UNITS = 1 << (PCT_REGION_LEVELS - 1) };

typedef struct pct_region_cell {
    uint32_t x, y, side; /* in units, from the south-west */
    uint32_t level;      /* 0: a village */
    double nodes;        /* wanted */
    pct_position middle;
    pct_town_title title;
} pct_region_cell;

/* One road from cell to cell: from a vertex of either town to the point between. */
typedef struct pct_region_border {
    uint32_t cells[2];        /* west or south, east or north */
    bool upright;             /* the border runs north: its cells lie west and east of it */
    uint32_t line;            /* its distance from the region's edge, in units */
    double along_units;       /* of the crossing, from the region's other edge */
    bool motorway;            /* there is one on this border */
    pct_position crossing[2]; /* where each cell's half of the road ends; one point without a motorway */
    pct_position gate[2];     /* where each half begins: a vertex of the cell's town … */
    int64_t gate_node[2];     /* … and its id */
} pct_region_border;

typedef struct pct_region {
    uint64_t seed;
    uint32_t village_nodes; /* the largest village; a town of the next level has four times as many */
    uint32_t cols, rows;    /* roots */
    pct_plane plane;
    pct_vector cells, borders;
} pct_region;

/* region_plan.c */
pct_status pct_region_plan(pct_region *region, uint32_t nodes, pct_error *error) PCT_MUST_USE;
void pct_region_dispose(pct_region *region);
double pct_region_noise(const pct_region *region, uint32_t kind, uint32_t a, uint32_t b);
/* Units from the south-west corner → ground. */
pct_position pct_region_position(const pct_region *region, double x_units, double y_units, double east_m,
                                 double north_m);
pct_box pct_region_bounds(const pct_region *region);

/* region_road.c: once every town has been added and each border has its gates. Counts what it adds. */
pct_status pct_region_join(const pct_region *region, pct_town_map *map, pct_town_summary *summary,
                           pct_error *error) PCT_MUST_USE;

#endif
