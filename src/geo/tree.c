/* Packed Hilbert R-tree: items sorted along the Hilbert curve of their boxes' centres, sixteen in a row make a
 * node, sixteen nodes a node of the next level (Kamel and Faloutsos, "On packing R-trees", CIKM 1993).
 *
 * Sorting is by radix over 32-bit curve positions: O(n), stable, hence by item number where centres coincide.
 * Nearest is depth-first branch and bound with the nearest child of a node tried first (Roussopoulos et al.,
 * SIGMOD 1995); the stack holds at most one node's children per level, so its size is known. */
#include "geo/tree.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { FAN = PCT_TREE_FAN_OUT, LEVELS = PCT_TREE_LEVELS_MAX, STACK = FAN * LEVELS };

typedef struct levels {
    int count;
    uint32_t size[LEVELS];
    size_t at[LEVELS]; /* first box of the level */
} levels;

static levels levels_of(uint32_t item_count) {
    levels l = {.count = 0};
    size_t at = 0;
    for (uint32_t size = item_count; size > 0;) {
        l.size[l.count] = size;
        l.at[l.count++] = at;
        at += size;
        size = size == 1 ? 0 : size / FAN + (size % FAN != 0);
    }
    return l;
}

size_t pct_tree_box_count(uint32_t item_count) {
    levels l = levels_of(item_count);
    return l.count == 0 ? 0 : l.at[l.count - 1] + 1;
}

/* The boxes below box `i` of `level` are those of the next lower level from *first up to, not including, *end. */
static void children(const levels *l, int level, uint32_t i, uint32_t *first, uint32_t *end) {
    uint32_t below = l->size[level - 1];
    *first = i * FAN;
    *end = below - *first < FAN ? below : *first + FAN;
}

static void box_unite(pct_box *box, pct_box other) {
    if (other.min.lon_e7 < box->min.lon_e7) box->min.lon_e7 = other.min.lon_e7;
    if (other.min.lat_e7 < box->min.lat_e7) box->min.lat_e7 = other.min.lat_e7;
    if (other.max.lon_e7 > box->max.lon_e7) box->max.lon_e7 = other.max.lon_e7;
    if (other.max.lat_e7 > box->max.lat_e7) box->max.lat_e7 = other.max.lat_e7;
}

static uint32_t cell_of(double centre, double from, double to) {
    double cell = to > from ? (centre - from) / (to - from) * 65535.0 : 0.0;
    return cell <= 0.0 ? 0 : cell >= 65535.0 ? 65535 : (uint32_t)cell;
}

/* Position of cell (x, y) on the Hilbert curve that fills 2^16 × 2^16 cells. */
static uint32_t hilbert(uint32_t x, uint32_t y) {
    uint32_t position = 0;
    for (uint32_t side = 1U << 15; side > 0; side >>= 1) {
        uint32_t right = (x & side) != 0, up = (y & side) != 0;
        position += side * side * ((3 * right) ^ up);
        if (!up) {
            if (right) {
                x = ~x;
                y = ~y;
            }
            uint32_t swap = x;
            x = y;
            y = swap;
        }
    }
    return position;
}

typedef struct keyed {
    uint32_t key, item;
} keyed;

/* Least significant byte first; four passes, so the result is in `a` again. */
static void radix_sort(keyed *a, keyed *b, uint32_t count) {
    for (int shift = 0; shift < 32; shift += 8) {
        uint32_t at[257] = {0};
        for (uint32_t i = 0; i < count; i++) at[((a[i].key >> shift) & 255) + 1]++;
        for (int i = 1; i < 257; i++) at[i] += at[i - 1];
        for (uint32_t i = 0; i < count; i++) b[at[(a[i].key >> shift) & 255]++] = a[i];
        keyed *swap = a;
        a = b;
        b = swap;
    }
}

pct_status pct_tree_build(const pct_box *item_boxes, uint32_t item_count, pct_box *boxes, uint32_t *items,
                          pct_tree *out, pct_error *error) {
    levels l = levels_of(item_count);
    *out = (pct_tree){item_count, boxes, items};
    keyed *order = pct_alloc(item_count, 2 * sizeof *order);
    if (!order) return pct_error_memory(error, (size_t)item_count * 2 * sizeof *order);
    pct_box all = pct_box_empty();
    for (uint32_t i = 0; i < item_count; i++) box_unite(&all, item_boxes[i]);
    for (uint32_t i = 0; i < item_count; i++) {
        double lon = ((double)item_boxes[i].min.lon_e7 + item_boxes[i].max.lon_e7) / 2.0;
        double lat = ((double)item_boxes[i].min.lat_e7 + item_boxes[i].max.lat_e7) / 2.0;
        order[i].key = hilbert(cell_of(lon, all.min.lon_e7, all.max.lon_e7),
                               cell_of(lat, all.min.lat_e7, all.max.lat_e7));
        order[i].item = i;
    }
    radix_sort(order, order + item_count, item_count);
    for (uint32_t i = 0; i < item_count; i++) {
        items[i] = order[i].item;
        boxes[i] = item_boxes[order[i].item];
    }
    pct_free(order);
    for (int level = 1; level < l.count; level++)
        for (uint32_t i = 0; i < l.size[level]; i++) {
            uint32_t first, end;
            children(&l, level, i, &first, &end);
            pct_box box = pct_box_empty();
            for (uint32_t c = first; c < end; c++) box_unite(&box, boxes[l.at[level - 1] + c]);
            boxes[l.at[level] + i] = box;
        }
    return PCT_OK;
}

static bool encloses(pct_box outer, pct_box inner) {
    pct_box united = outer;
    box_unite(&united, inner);
    return memcmp(&united, &outer, sizeof outer) == 0;
}

pct_status pct_tree_is_sound(const pct_tree *tree, bool *sound) {
    levels l = levels_of(tree->item_count);
    *sound = false;
    uint8_t *seen = pct_alloc_zeroed(tree->item_count / 8 + 1, 1);
    if (!seen) return PCT_MEMORY;
    bool whole = true;
    for (uint32_t i = 0; i < tree->item_count && whole; i++) {
        uint32_t item = tree->items[i];
        whole = item < tree->item_count && !(seen[item / 8] >> item % 8 & 1);
        if (whole) seen[item / 8] = (uint8_t)(seen[item / 8] | 1U << item % 8);
    }
    pct_free(seen);
    for (int level = 1; level < l.count && whole; level++)
        for (uint32_t c = 0; c < l.size[level - 1] && whole; c++)
            whole = encloses(tree->boxes[l.at[level] + c / FAN], tree->boxes[l.at[level - 1] + c]);
    *sound = whole;
    return PCT_OK;
}

/* A box still to be looked into. */
typedef struct pending {
    double bound; /* squared metres, from below */
    uint32_t index;
    int level;
} pending;

void pct_tree_query(const pct_tree *tree, pct_box box, pct_tree_visit visit, void *context) {
    levels l = levels_of(tree->item_count);
    pending stack[STACK];
    int depth = 0;
    if (l.count > 0) stack[depth++] = (pending){0.0, 0, l.count - 1};
    while (depth > 0) {
        pending top = stack[--depth];
        if (!pct_box_meets(tree->boxes[l.at[top.level] + top.index], box)) continue;
        if (top.level == 0) {
            if (!visit(context, tree->items[top.index])) return;
            continue;
        }
        uint32_t first, end;
        children(&l, top.level, top.index, &first, &end);
        for (uint32_t c = end; c-- > first;) stack[depth++] = (pending){0.0, c, top.level - 1};
    }
}

/* How far x lies outside of an interval, 0 within. (fmax is a call.) */
static inline double outside(double x, double min, double max) {
    double below = min - x, above = x - max;
    double most = below > above ? below : above;
    return most > 0.0 ? most : 0.0;
}

/* Squared distance from the plane's origin to a box on that plane, less what rounding may add. */
static inline double bound_of(const pct_plane *plane, const pct_box *box) {
    double east = outside(plane->origin.lon_e7, box->min.lon_e7, box->max.lon_e7) * plane->m_per_e7_lon;
    double north = outside(plane->origin.lat_e7, box->min.lat_e7, box->max.lat_e7) * plane->m_per_e7_lat;
    return (east * east + north * north) * (1.0 - 1e-9);
}

/* Puts the children of `parent` within that squared distance on the stack, the nearest on top, the others as they come: once the
 * nearest has been looked into, most of them are too far, and sorting them would have cost more. Returns how many. Their
 * bounds are taken in one pass without a branch first. */
static int push_children(const pct_tree *tree, const levels *l, const pct_plane *plane, pending parent,
                         double beyond, pending *stack) {
    int level = parent.level - 1, pushed = 0, top = 0;
    uint32_t first, end;
    double bounds[FAN];
    children(l, parent.level, parent.index, &first, &end);
    const pct_box *boxes = tree->boxes + l->at[level] + first;
    for (uint32_t c = 0; c < end - first; c++) bounds[c] = bound_of(plane, &boxes[c]);
    for (uint32_t c = 0; c < end - first; c++) {
        if (bounds[c] > beyond) continue;
        if (pushed == 0 || bounds[c] < stack[top].bound) top = pushed;
        stack[pushed++] = (pending){bounds[c], first + c, level};
    }
    if (pushed == 0) return 0;
    pending swap = stack[top];
    stack[top] = stack[pushed - 1];
    stack[pushed - 1] = swap;
    return pushed;
}

bool pct_tree_nearest(const pct_tree *tree, pct_position p, double max_m, pct_tree_distance distance_m,
                      void *context, uint32_t *item, double *found_m) {
    levels l = levels_of(tree->item_count);
    pct_plane plane = pct_plane_at(p);
    pending stack[STACK];
    int depth = 0;
    bool found = false;
    double best_m = max_m, best = max_m * max_m;
    if (l.count > 0 && max_m >= 0.0) stack[depth++] = (pending){0.0, 0, l.count - 1};
    while (depth > 0) {
        pending top = stack[--depth];
        if (!(top.bound <= best)) continue;
        if (top.level > 0) {
            depth += push_children(tree, &l, &plane, top, best, stack + depth);
            continue;
        }
        uint32_t candidate = tree->items[top.index];
        double exact_m = distance_m(context, candidate, best_m);
        if (exact_m < best_m || (exact_m == best_m && (!found || candidate < *item))) {
            found = true;
            best_m = *found_m = exact_m;
            best = best_m * best_m;
            *item = candidate;
        }
    }
    return found;
}
