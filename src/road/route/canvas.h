/* A field around what is drawn: 255 on it, falling evenly with distance to 0 at PCT_CANVAS_REACH cells and beyond. For the files of
 * this folder alone.
 *
 *     pct_canvas_begin(&canvas, origin);
 *     status = pct_canvas_reserve(…), pct_canvas_add(…), …;   // points, as dense as the drawing has to be
 *     status = pct_canvas_paint(&canvas, cell_min_m, &grid, error);
 *
 * Points are gathered first, so that the grid fits them; then each stamps a little picture of a cone, six by six cells, picked
 * from 256 for where in its cell the point lies. With vectors the stamps go onto tiles, from which the grid is put together. O(points +
 * grid). Memory is kept for the next drawing. */
#ifndef PCT_ROAD_ROUTE_CANVAS_H
#define PCT_ROAD_ROUTE_CANVAS_H

#include "geo/contour.h"

enum { PCT_CANVAS_PARTS = 16, PCT_STAMP = 6, PCT_STAMP_ROWS = 10 };
/* In cells. The outline is at two, points of the grid beside it are no further than three. With 3.0 the outline would be at a whole
 * number, and holes without an area would be no holes. */
#define PCT_CANVAS_REACH 3.1

/* A piece of a segment, between two shares of its length. */
typedef struct pct_piece {
    uint32_t segment;
    float from, to;
} pct_piece;

/* Bytes that begin at a multiple of 64; grows. */
typedef struct pct_canvas_block {
    uint8_t *bytes, *block;
    size_t room;
} pct_canvas_block;

typedef struct pct_canvas {
    pct_plane plane;
    bool wide; /* the machine has vectors of 256 bits */
    pct_position *points;
    size_t point_count, point_room;
    pct_canvas_block values, tiles;
    /* [north × parts + east] rows filled up, and rows of nothing before (one) and behind */
    uint8_t stamps[PCT_CANVAS_PARTS * PCT_CANVAS_PARTS][PCT_STAMP_ROWS][8];
    uint8_t moves[16][32]; /* [column of a tile] that put two rows of a stamp there */
    pct_contour_memory contour;
    uint32_t *whole;   /* [piece_room] segments */
    pct_piece *pieces; /* [piece_room] */
    size_t piece_room;
    uint64_t *is_drawn; /* [segments / 64] */
    uint32_t *node_ms;  /* [nodes] PCT_UNREACHABLE_MS between drawings */
} pct_canvas;

pct_status pct_canvas_new(bool wide, pct_canvas **out, pct_error *error) PCT_MUST_USE;
void pct_canvas_free(pct_canvas *canvas);

void pct_canvas_begin(pct_canvas *canvas, pct_position origin);
/* Room for so many more points. */
pct_status pct_canvas_reserve(pct_canvas *canvas, size_t more, pct_error *error) PCT_MUST_USE;
static inline void pct_canvas_add(pct_canvas *canvas, pct_position point) {
    canvas->points[canvas->point_count++] = point;
}
/* The grid's values are the canvas's until it begins again. At least one point must have been added. */
pct_status pct_canvas_paint(pct_canvas *canvas, double cell_min_m, pct_grid *grid,
                            pct_error *error) PCT_MUST_USE;

#endif
