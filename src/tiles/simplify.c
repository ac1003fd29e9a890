/* Douglas–Peucker (Cartographica 10(2), 1973), run once for all tolerances: where the farthest point of a span lies
 * d from its chord, it stays up to tolerance d, or up to what its enclosing spans leave of that. One pass at any
 * tolerance then selects what the classic algorithm would have selected. O(n log n) for lines as roads are, O(n²) at
 * worst; no recursion, for a coast may have any number of points. */
#include "tiles/simplify.h"

#include <math.h>

/* Distance to the stretch a–b, not to the line through it. */
static double distance(pct_tile_point p, pct_tile_point a, pct_tile_point b) {
    double bx = (double)b.x - a.x, by = (double)b.y - a.y, px = (double)p.x - a.x, py = (double)p.y - a.y;
    double length2 = bx * bx + by * by, share = length2 > 0.0 ? (px * bx + py * by) / length2 : 0.0;
    share = share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
    return hypot(px - share * bx, py - share * by);
}

static pct_status push(pct_vector *stack, uint32_t first, uint32_t last, float limit, pct_error *error) {
    if (last - first < 2) return PCT_OK;
    pct_tile_span *span = pct_vector_push(stack);
    if (!span) return pct_vector_failed(stack, PCT_MSG_WHAT_TILE_POINTS, error);
    *span = (pct_tile_span){first, last, limit};
    return PCT_OK;
}

static uint32_t farthest_from_first(const pct_tile_point *points, uint32_t count) {
    double most = -1.0;
    uint32_t found = 0;
    for (uint32_t i = 1; i < count; i++) {
        double d = distance(points[i], points[0], points[0]);
        if (d > most) {
            most = d;
            found = i;
        }
    }
    return found;
}

pct_status pct_tile_weigh(const pct_tile_point *points, uint32_t count, bool closed, pct_vector *stack,
                          float *weights, pct_error *error) {
    pct_status status = PCT_OK;
    stack->length = 0;
    if (count == 0) return PCT_OK;
    weights[0] = INFINITY;
    if (closed && count > 1) {
        uint32_t middle = farthest_from_first(points, count);
        weights[middle] = INFINITY;
        status = push(stack, 0, middle, INFINITY, error);
        if (!status) status = push(stack, middle, count, INFINITY, error);
    } else {
        weights[count - 1] = INFINITY;
        status = push(stack, 0, count - 1, INFINITY, error);
    }
    while (stack->length > 0 && !status) {
        pct_tile_span span = ((pct_tile_span *)stack->items)[--stack->length];
        pct_tile_point a = points[span.first], b = points[span.last % count]; /* a ring ends where it began */
        double most = -1.0;
        uint32_t split = span.first;
        for (uint32_t i = span.first + 1; i < span.last; i++) {
            double d = distance(points[i], a, b);
            if (d > most) {
                most = d;
                split = i;
            }
        }
        weights[split] = fminf((float)most, span.limit);
        status = push(stack, span.first, split, weights[split], error);
        if (!status) status = push(stack, split, span.last, weights[split], error);
    }
    return status;
}
