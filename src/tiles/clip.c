/* Lines after Liang and Barsky (ACM Transactions on Graphics 3(1), 1984): the share of each stretch that lies inside
 * follows from four divisions. Rings after Sutherland and Hodgman (Communications of the ACM 17(1), 1974): one pass
 * along the ring for each side of the square. */
#include "tiles/clip.h"

#include <stdbool.h>

static pct_status put(pct_vector *out, pct_clip_point p, pct_error *error) {
    pct_clip_point *point = pct_vector_push(out);
    if (!point) return pct_vector_failed(out, PCT_MSG_WHAT_TILE_POINTS, error);
    *point = p;
    return PCT_OK;
}

/* Narrows [*enter, *leave] to where start + share × step stays within the window; false when nothing is left. */
static bool narrow(double start, double step, pct_clip_window window, double *enter, double *leave) {
    if (step == 0.0) return start >= window.low && start <= window.high;
    double first = (window.low - start) / step, last = (window.high - start) / step;
    if (first > last) {
        double swap = first;
        first = last;
        last = swap;
    }
    if (first > *enter) *enter = first;
    if (last < *leave) *leave = last;
    return *enter <= *leave;
}

static double held(double value, pct_clip_window window) {
    return value < window.low ? window.low : value > window.high ? window.high : value;
}

static pct_clip_point at_share(pct_clip_point a, pct_clip_point b, double share, pct_clip_window window) {
    return (pct_clip_point){held(a.x + share * (b.x - a.x), window), held(a.y + share * (b.y - a.y), window)};
}

static pct_status end_piece(pct_vector *ends, size_t at, pct_error *error) {
    uint32_t *end = pct_vector_push(ends);
    if (!end) return pct_vector_failed(ends, PCT_MSG_WHAT_TILE_POINTS, error);
    *end = (uint32_t)at;
    return PCT_OK;
}

pct_status pct_clip_line(const pct_clip_point *points, size_t count, pct_clip_window window, pct_vector *out,
                         pct_vector *ends, pct_error *error) {
    pct_status status = PCT_OK;
    bool going = false; /* the piece under way reaches to points[i] */
    out->length = ends->length = 0;
    for (size_t i = 0; i + 1 < count && !status; i++) {
        pct_clip_point a = points[i], b = points[i + 1];
        double enter = 0.0, leave = 1.0;
        bool inside =
            narrow(a.x, b.x - a.x, window, &enter, &leave) && narrow(a.y, b.y - a.y, window, &enter, &leave);
        if (going && (!inside || enter > 0.0)) {
            status = end_piece(ends, out->length, error);
            going = false;
        }
        if (!inside || status) continue;
        if (!going) status = put(out, enter > 0.0 ? at_share(a, b, enter, window) : a, error);
        if (!status) status = put(out, leave < 1.0 ? at_share(a, b, leave, window) : b, error);
        going = leave >= 1.0;
        if (!going && !status) status = end_piece(ends, out->length, error);
    }
    return going && !status ? end_piece(ends, out->length, error) : status;
}

/* How far inside of one side a point lies: sides 0 and 1 are the low and high x, 2 and 3 the low and high y. */
static double depth(pct_clip_point p, int side, pct_clip_window window) {
    double value = side < 2 ? p.x : p.y;
    return side % 2 == 0 ? value - window.low : window.high - value;
}

static pct_clip_point crossing(pct_clip_point a, pct_clip_point b, int side, pct_clip_window window) {
    double da = depth(a, side, window), db = depth(b, side, window), share = da / (da - db);
    pct_clip_point p = {a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)};
    double edge = side % 2 == 0 ? window.low : window.high;
    if (side < 2)
        p.x = edge;
    else
        p.y = edge;
    return p;
}

static pct_status cut_side(const pct_vector *from, pct_vector *to, int side, pct_clip_window window,
                           pct_error *error) {
    const pct_clip_point *points = from->items;
    pct_status status = PCT_OK;
    to->length = 0;
    for (size_t i = 0; i < from->length && !status; i++) {
        pct_clip_point a = points[i], b = points[i + 1 < from->length ? i + 1 : 0];
        bool a_inside = depth(a, side, window) >= 0.0, b_inside = depth(b, side, window) >= 0.0;
        if (a_inside) status = put(to, a, error);
        if (a_inside != b_inside && !status) status = put(to, crossing(a, b, side, window), error);
    }
    return status;
}

static bool all_inside(const pct_vector *ring, int side, pct_clip_window window) {
    const pct_clip_point *points = ring->items;
    for (size_t i = 0; i < ring->length; i++)
        if (depth(points[i], side, window) < 0.0) return false;
    return true;
}

pct_status pct_clip_ring(pct_vector *a, pct_vector *b, pct_clip_window window, pct_vector **ring,
                         pct_error *error) {
    pct_vector *from = a, *to = b;
    pct_status status = PCT_OK;
    for (int side = 0; side < 4 && !status; side++) {
        if (all_inside(from, side, window)) continue;
        status = cut_side(from, to, side, window, error);
        pct_vector *swap = from;
        from = to;
        to = swap;
    }
    *ring = from;
    return status;
}
