/* Spatial index: a packed R-tree over the boxes of n items, built once, never changed.
 *
 *     level 2            ┌─────────── root ───────────┐
 *     level 1       box of 16      box of 16   …   box of the rest
 *     level 0   item item item …   item item …
 *
 * It consists of two flat arrays without a pointer inside, so that it can be written to a file and used from
 * there as it lies: all boxes, level by level from the items up, and the item behind each box of level 0. The
 * caller owns the arrays and keeps them while the tree is in use.
 *
 *     boxes = pct_alloc(pct_tree_box_count(n), sizeof *boxes);
 *     items = pct_alloc(n, sizeof *items);
 *     status = pct_tree_build(item_boxes, n, boxes, items, &tree, error);
 *
 * or, from a file, (pct_tree){n, boxes, items} once pct_tree_is_sound says so. Building is O(n) and takes 16 n
 * bytes meanwhile; queries allocate nothing. */
#ifndef PCT_GEO_TREE_H
#define PCT_GEO_TREE_H

#include "geo/position.h"

enum { PCT_TREE_FAN_OUT = 16, PCT_TREE_LEVELS_MAX = 9 };

typedef struct pct_tree {
    uint32_t item_count;
    const pct_box *boxes;  /* [pct_tree_box_count(item_count)] */
    const uint32_t *items; /* [item_count] */
} pct_tree;

/* How many boxes a tree over so many items has, items included. */
size_t pct_tree_box_count(uint32_t item_count);
/* item_count < 2^32 - 1; the arrays are filled here. Items with an empty box are never found. */
pct_status pct_tree_build(const pct_box *item_boxes, uint32_t item_count, pct_box *boxes, uint32_t *items,
                          pct_tree *out, pct_error *error) PCT_MUST_USE;
/* Every item stands in the tree exactly once and every box encloses those below it: false for a tree that was
 * damaged in its file. Takes item_count bits; PCT_MEMORY without them. O(n). */
pct_status pct_tree_is_sound(const pct_tree *tree, bool *sound) PCT_MUST_USE;

/* Hands every item whose box meets `box` to `visit`, in an order that depends on the tree alone, until it
 * returns false. O(log n + found) for items that lie apart. */
typedef bool (*pct_tree_visit)(void *context, uint32_t item);
void pct_tree_query(const pct_tree *tree, pct_box box, pct_tree_visit visit, void *context);

/* The exact distance of an item; anything greater than beyond_m (INFINITY, say) when it is farther than that
 * or not eligible. It must not be less than the distance to the item's box on the plane that touches at the
 * point asked for, as pct_geo_project measures it. */
typedef double (*pct_tree_distance)(void *context, uint32_t item, double beyond_m);
/* The item of least distance to p, at most max_m; the lowest number among equals. false when there is none.
 * Does not look across the 180th meridian. O(log n) distances for items that lie apart. */
bool pct_tree_nearest(const pct_tree *tree, pct_position p, double max_m, pct_tree_distance distance_m,
                      void *context, uint32_t *item, double *found_m);

#endif
