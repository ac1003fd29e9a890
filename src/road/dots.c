/* Greedy: from one dot to the furthest place on the line that the next may have, which is found among the ends of the pieces in
 * between, on the circle around the dot, and, where a bend would be cut off too far, by halving the piece behind the bend. */
#include "road/dots.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "road/line.h"

enum { DOTS_MAX = 1 << 29, HALVINGS = 5 };

typedef struct place {
    double x, y; /* metres from the segment's tail */
} place;

/* A segment's line, and how far it is dotted: up to `at`, on the piece behind corner `piece`. */
typedef struct walk {
    place *corners; /* [last + 1] */
    uint32_t last, piece;
    place at;
} walk;

static double off_m(place a, place b, place p) {
    const double x = b.x - a.x, y = b.y - a.y, squared = x * x + y * y;
    const double along = squared > 0.0 ? ((p.x - a.x) * x + (p.y - a.y) * y) / squared : 0.0;
    const double share = fmin(1.0, fmax(0.0, along));
    return hypot(p.x - a.x - share * x, p.y - a.y - share * y);
}

/* Whether the line from the last dot to p, on the piece behind corner k, leaves out no bend. */
static bool is_near(const walk *w, uint32_t k, place p) {
    for (uint32_t i = w->piece + 1; i <= k; i++)
        if (off_m(w->at, p, w->corners[i]) > PCT_DOTS_OFF_M) return false;
    return true;
}

static place between(place a, place b, double share) {
    return (place){a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)};
}

/* How much of the way from a to b lies within the gap around the last dot, where a lies in it and b does not. */
static double share_within(const walk *w, place a, place b) {
    const double x = b.x - a.x, y = b.y - a.y, from_x = a.x - w->at.x, from_y = a.y - w->at.y;
    const double squared = x * x + y * y, half = from_x * x + from_y * y;
    const double rest = from_x * from_x + from_y * from_y - PCT_DOTS_GAP_M * PCT_DOTS_GAP_M;
    return fmin(1.0, fmax(0.0, (sqrt(fmax(0.0, half * half - squared * rest)) - half) / squared));
}

/* Walks to where the next dot comes; false when the head is near enough. */
static bool find_next(walk *w) {
    for (uint32_t k = w->piece; k < w->last; k++) {
        const place a = k == w->piece ? w->at : w->corners[k], b = w->corners[k + 1];
        const bool is_within = hypot(b.x - w->at.x, b.y - w->at.y) <= PCT_DOTS_GAP_M;
        if (is_within && is_near(w, k, b)) continue;
        double good = 0.0, bad = is_within ? 1.0 : share_within(w, a, b);
        if (is_near(w, k, between(a, b, bad))) good = bad;
        for (int i = 0; i < HALVINGS && good < bad; i++) {
            const double middle = (good + bad) / 2.0;
            *(is_near(w, k, between(a, b, middle)) ? &good : &bad) = middle;
        }
        w->at = between(a, b, good);
        w->piece = k;
        return true;
    }
    return false;
}

static pct_status dot_segment(const pct_network *net, uint32_t segment, place *corners, pct_vector *points,
                              pct_error *error) {
    const uint32_t inner = pct_line_inner(net, segment);
    const pct_plane plane = pct_plane_at(pct_line_point(net, segment, 0, inner));
    walk w = {.corners = corners, .last = inner + 1};
    for (uint32_t i = 0; i <= inner + 1; i++)
        pct_plane_to_m(&plane, pct_line_point(net, segment, i, inner), &corners[i].x, &corners[i].y);
    while (find_next(&w)) {
        pct_position *p = pct_vector_push(points);
        if (!p) return pct_vector_failed(points, PCT_MSG_WHAT_SHAPE_POINTS, error);
        *p = pct_plane_from_m(&plane, w.at.x, w.at.y);
    }
    return PCT_OK;
}

static uint32_t turn_of(const pct_network *net, const pct_hierarchy *h, uint32_t segment) {
    const uint32_t tail = h->node_rank[net->segments[segment].tail],
                   head = h->node_rank[net->segments[segment].head];
    return h->node_count - 1 - (tail > head ? tail : head);
}

/* Segments by the rank of their higher end, the highest first, as one comes upon them who goes down the ranks. */
static pct_status order_segments(const pct_network *net, const pct_hierarchy *h, uint32_t *ordered,
                                 pct_error *error) {
    uint32_t *first = pct_alloc_zeroed((size_t)h->node_count + 1, sizeof *first);
    if (!first) return pct_error_memory(error, h->node_count * sizeof *first);
    for (uint32_t s = 0; s < net->segment_count; s++) first[turn_of(net, h, s) + 1]++;
    for (uint32_t i = 0; i < h->node_count; i++) first[i + 1] += first[i];
    for (uint32_t s = 0; s < net->segment_count; s++) ordered[first[turn_of(net, h, s)]++] = s;
    pct_free(first);
    return PCT_OK;
}

/* One block for runs and points. */
static pct_status lay_out(const pct_dot_run *runs, uint32_t segments, const pct_vector *points, pct_dots *out,
                          pct_error *error) {
    const size_t count = points->length + PCT_DOTS_SPARE;
    pct_dot_run *block = pct_alloc_zeroed(segments + count, sizeof *block);
    _Static_assert(sizeof *block == sizeof(pct_position), "runs and points lie in one block");
    if (!block) return pct_error_memory(error, (segments + count) * sizeof *block);
    pct_position *held = (pct_position *)(void *)(block + segments);
    memcpy(block, runs, segments * sizeof *block);
    if (points->length > 0) memcpy(held, points->items, points->length * sizeof *held);
    *out = (pct_dots){(uint32_t)count, block, held, block};
    return PCT_OK;
}

pct_status pct_dots_new(const pct_network *network, const pct_hierarchy *hierarchy, pct_dots *out,
                        pct_error *error) {
    const uint32_t n = network->segment_count;
    uint32_t longest = 0;
    for (uint32_t s = 0; s < n; s++) {
        const uint32_t inner = pct_line_inner(network, s);
        longest = inner > longest ? inner : longest;
    }
    pct_vector points = pct_vector_init(sizeof(pct_position), DOTS_MAX);
    pct_dot_run *runs = pct_alloc(n, sizeof *runs);
    uint32_t *ordered = pct_alloc(n, sizeof *ordered);
    place *corners = pct_alloc((size_t)longest + 2, sizeof *corners);
    pct_status status = runs && ordered && corners ? PCT_OK : pct_error_memory(error, n * sizeof *runs);
    if (!status) status = order_segments(network, hierarchy, ordered, error);
    for (uint32_t i = 0; i < n && !status; i++) {
        const uint32_t at = (uint32_t)points.length;
        status = dot_segment(network, ordered[i], corners, &points, error);
        runs[ordered[i]] = (pct_dot_run){at, (uint32_t)points.length - at};
    }
    if (!status) status = lay_out(runs, n, &points, out, error);
    pct_vector_dispose(&points);
    pct_free(runs);
    pct_free(ordered);
    pct_free(corners);
    return status;
}

void pct_dots_dispose(pct_dots *dots) {
    pct_free(dots->owned);
    *dots = (pct_dots){0};
}
