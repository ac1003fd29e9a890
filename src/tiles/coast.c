#include "tiles/coast.h"

#include <math.h>
#include <stdbool.h>

#include "tiles/clip.h"

enum { POINTS_MAX = 1 << 26, RING_POINTS_MIN = 3 };

/* A stretch of coast across the box, from where it comes in to where it leaves, as places along the edge: 0–4, clockwise
 * from the north-west corner. */
typedef struct crossing {
    uint32_t at, count; /* into path */
    double in, out;
    bool used;
} crossing;

typedef struct runner {
    pct_coast *coast;
    pct_box box;
    pct_vector chain, turned,
        path;                /* clip points in the unit square: a chain, working memory, what is inside */
    pct_vector pieces, ends; /* crossing, uint32_t */
    pct_vector used;         /* bool per piece */
    pct_vector islands;      /* pct_found_ring into points: what may be holes */
} runner;

pct_coast pct_coast_init(void) {
    return (pct_coast){.points = pct_vector_init(sizeof(pct_position), POINTS_MAX),
                       .rings = pct_vector_init(sizeof(pct_found_ring), POINTS_MAX)};
}

void pct_coast_dispose(pct_coast *coast) {
    pct_vector_dispose(&coast->points);
    pct_vector_dispose(&coast->rings);
}

/* The box as unit square, x east and y south. */
static pct_clip_point to_unit(const runner *r, pct_position p) {
    double width = (double)r->box.max.lon_e7 - r->box.min.lon_e7,
           height = (double)r->box.max.lat_e7 - r->box.min.lat_e7;
    return (pct_clip_point){((double)p.lon_e7 - r->box.min.lon_e7) / width,
                            ((double)r->box.max.lat_e7 - p.lat_e7) / height};
}

static pct_position from_unit(const runner *r, pct_clip_point p) {
    double width = (double)r->box.max.lon_e7 - r->box.min.lon_e7,
           height = (double)r->box.max.lat_e7 - r->box.min.lat_e7;
    return (pct_position){(int32_t)lround(r->box.min.lon_e7 + p.x * width),
                          (int32_t)lround(r->box.max.lat_e7 - p.y * height)};
}

static double edge_place(pct_clip_point p) {
    double to_side[4] = {fabs(p.y), fabs(1.0 - p.x), fabs(1.0 - p.y), fabs(p.x)},
           along[4] = {p.x, p.y, 1.0 - p.x, 1.0 - p.y};
    int side = 0;
    for (int i = 1; i < 4; i++)
        if (to_side[i] < to_side[side]) side = i;
    return side + fmin(fmax(along[side], 0.0), 1.0);
}

static pct_clip_point at_place(double place) {
    double along = fmod(place, 1.0);
    switch ((int)place % 4) {
    case 0: return (pct_clip_point){along, 0.0};
    case 1: return (pct_clip_point){1.0, along};
    case 2: return (pct_clip_point){1.0 - along, 1.0};
    default: return (pct_clip_point){0.0, 1.0 - along};
    }
}

static bool is_inside(pct_clip_point p) {
    return p.x > 0.0 && p.x < 1.0 && p.y > 0.0 && p.y < 1.0;
}

static pct_status put(pct_vector *vector, pct_clip_point p, pct_error *error) {
    pct_clip_point *point = pct_vector_push(vector);
    if (!point) return pct_vector_failed(vector, PCT_MSG_WHAT_TILE_POINTS, error);
    *point = p;
    return PCT_OK;
}

/* --- chains -------------------------------------------------------------------------------------------- */

static pct_status append(runner *r, pct_way_piece piece, const pct_position *positions, pct_error *error) {
    pct_status status = PCT_OK;
    for (uint32_t i = r->chain.length > 0; i < piece.count && !status; i++)
        status = put(&r->chain, to_unit(r, positions[piece.refs[i]]), error);
    return status;
}

/* From the piece where a coast begins, on along its direction; false when it comes back to where it began. */
static pct_status follow(runner *r, const pct_way_piece *pieces, size_t count, size_t first,
                         const pct_position *positions, bool *closed, pct_error *error) {
    bool *used = r->used.items;
    uint32_t start = pieces[first].refs[0];
    size_t next = first;
    pct_status status = PCT_OK;
    r->chain.length = 0;
    *closed = false;
    while (next < count && !status && !*closed) {
        used[next] = true;
        status = append(r, pieces[next], positions, error);
        uint32_t end = pieces[next].refs[pieces[next].count - 1];
        *closed = end == start;
        for (next = 0; next < count && (used[next] || pieces[next].refs[0] != end); next++) {
        }
    }
    return status;
}

/* Whether a piece not yet used ends where this one begins: then it is not the first of its coast. */
static bool has_predecessor(const runner *r, const pct_way_piece *pieces, size_t count, size_t piece) {
    const bool *used = r->used.items;
    for (size_t i = 0; i < count; i++)
        if (!used[i] && i != piece && pieces[i].refs[pieces[i].count - 1] == pieces[piece].refs[0])
            return true;
    return false;
}

static pct_status keep_ring(runner *r, pct_vector *rings, const pct_clip_point *points, size_t count,
                            pct_error *error) {
    if (count < RING_POINTS_MIN) return PCT_OK;
    pct_found_ring *ring = pct_vector_push(rings);
    if (!ring) return pct_vector_failed(rings, PCT_MSG_WHAT_TILE_LINES, error);
    *ring = (pct_found_ring){(uint32_t)r->coast->points.length, (uint32_t)count, 0, 0, pct_box_empty()};
    for (size_t i = 0; i < count; i++) {
        pct_position *p = pct_vector_push(&r->coast->points);
        if (!p) return pct_vector_failed(&r->coast->points, PCT_MSG_WHAT_TILE_POINTS, error);
        *p = from_unit(r, points[i]);
        pct_box_extend(&ring->box, *p);
    }
    return PCT_OK;
}

static pct_status keep_crossing(runner *r, const pct_clip_point *points, size_t count, pct_error *error) {
    if (count < 2) return PCT_OK;
    crossing *c = pct_vector_push(&r->pieces);
    if (!c) return pct_vector_failed(&r->pieces, PCT_MSG_WHAT_TILE_LINES, error);
    *c = (crossing){(uint32_t)r->path.length, (uint32_t)count, edge_place(points[0]),
                    edge_place(points[count - 1]), false};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++) status = put(&r->path, points[i], error);
    return status;
}

/* Makes a closed chain begin at its `first` point. */
static pct_status begin_at(runner *r, size_t first, pct_error *error) {
    size_t count = r->chain.length - 1;
    r->turned.length = 0;
    for (size_t i = 0; i <= count; i++) {
        pct_clip_point p = ((const pct_clip_point *)r->chain.items)[(first + i) % count];
        pct_status status = put(&r->turned, p, error);
        if (status) return status;
    }
    pct_vector swap = r->chain;
    r->chain = r->turned;
    r->turned = swap;
    return PCT_OK;
}

/* An island whole inside is kept as it is; any other chain is cut to the box. */
static pct_status take_chain(runner *r, bool closed, pct_error *error) {
    const pct_clip_window square = {0.0, 1.0};
    size_t count = r->chain.length, outside = 0;
    pct_status status = PCT_OK;
    while (outside < count && is_inside(((const pct_clip_point *)r->chain.items)[outside])) outside++;
    if (closed && outside == count) return keep_ring(r, &r->islands, r->chain.items, count - 1, error);
    if (closed) status = begin_at(r, outside, error);
    pct_vector cut = pct_vector_init(sizeof(pct_clip_point), POINTS_MAX);
    if (!status) status = pct_clip_line(r->chain.items, count, square, &cut, &r->ends, error);
    const uint32_t *ends = r->ends.items;
    for (size_t i = 0, at = 0; i < r->ends.length && !status; at = ends[i++])
        status = keep_crossing(r, (const pct_clip_point *)cut.items + at, ends[i] - at, error);
    pct_vector_dispose(&cut);
    return status;
}

/* --- along the edge ------------------------------------------------------------------------------------- */

static double clockwise_from(double from, double to) {
    return to >= from ? to - from : to - from + 4.0;
}

/* The stretch not yet used that comes in next, clockwise from a place; the length when there is none. */
static size_t next_in(const runner *r, double from, double *way) {
    const crossing *all = r->pieces.items;
    size_t found = r->pieces.length;
    *way = INFINITY;
    for (size_t i = 0; i < r->pieces.length; i++)
        if (!all[i].used && clockwise_from(from, all[i].in) < *way) {
            *way = clockwise_from(from, all[i].in);
            found = i;
        }
    return found;
}

/* The corners between two places. */
static pct_status walk(pct_vector *ring, double from, double way, pct_error *error) {
    pct_status status = put(ring, at_place(from), error);
    for (double corner = floor(from) + 1.0; corner < from + way && !status; corner += 1.0)
        status = put(ring, at_place(fmod(corner, 4.0)), error);
    return status ? status : put(ring, at_place(fmod(from + way, 4.0)), error);
}

static pct_status close_ring(runner *r, size_t first, pct_vector *ring, pct_error *error) {
    crossing *all = r->pieces.items;
    const pct_clip_point *path = r->path.items;
    pct_status status = PCT_OK;
    ring->length = 0;
    for (size_t i = first; !status;) {
        all[i].used = true;
        for (uint32_t p = 0; p < all[i].count && !status; p++) status = put(ring, path[all[i].at + p], error);
        double way, home = clockwise_from(all[i].out, all[first].in);
        size_t next = next_in(r, all[i].out, &way);
        bool back = next == r->pieces.length || home <= way;
        if (!status) status = walk(ring, all[i].out, back ? home : way, error);
        if (back) break;
        i = next;
    }
    return status ? status : keep_ring(r, &r->coast->rings, ring->items, ring->length, error);
}

/* Positive when it runs clockwise on the ground, with the water inside. */
static double turning(const pct_position *points, uint32_t count) {
    double area = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        const pct_position a = points[i], b = points[i + 1 < count ? i + 1 : 0];
        area += ((double)b.lon_e7 - a.lon_e7) * ((double)a.lat_e7 + b.lat_e7);
    }
    return area;
}

static bool holds(const pct_position *points, const pct_found_ring *ring, pct_position p) {
    const pct_position *q = points + ring->at;
    bool inside = false;
    for (uint32_t i = 0, j = ring->count - 1; i < ring->count; j = i++) {
        if ((q[i].lat_e7 > p.lat_e7) == (q[j].lat_e7 > p.lat_e7)) continue;
        double share = ((double)p.lat_e7 - q[i].lat_e7) / ((double)q[j].lat_e7 - q[i].lat_e7);
        if (p.lon_e7 < q[i].lon_e7 + share * ((double)q[j].lon_e7 - q[i].lon_e7)) inside = !inside;
    }
    return inside;
}

/* Islands become holes of the sea around them; where no coast crosses the box, the sea is all of it. */
static pct_status place_islands(runner *r, pct_error *error) {
    const pct_found_ring *islands = r->islands.items;
    pct_status status = PCT_OK;
    bool land = false;
    for (size_t i = 0; i < r->islands.length; i++)
        land = land ||
               turning((const pct_position *)r->coast->points.items + islands[i].at, islands[i].count) < 0.0;
    if (r->pieces.length == 0 && land) {
        const pct_clip_point corners[] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
        status = keep_ring(r, &r->coast->rings, corners, 4, error);
    }
    size_t seas = r->coast->rings.length;
    for (size_t i = 0; i < r->islands.length && !status; i++) {
        const pct_position *points = r->coast->points.items;
        pct_found_ring *ring = pct_vector_push(&r->coast->rings);
        if (!ring) return pct_vector_failed(&r->coast->rings, PCT_MSG_WHAT_TILE_LINES, error);
        *ring = islands[i];
        ring->outline = (uint32_t)(r->coast->rings.length - 1);
        if (turning(points + ring->at, ring->count) > 0.0) continue; /* water inside: a sea of its own */
        ring->depth = 1;
        for (size_t s = 0; s < seas; s++)
            if (holds(points, (const pct_found_ring *)r->coast->rings.items + s, points[ring->at]))
                ring->outline = (uint32_t)s;
    }
    return status;
}

static void number_rings(pct_coast *coast) {
    pct_found_ring *rings = coast->rings.items;
    for (size_t i = 0; i < coast->rings.length; i++) rings[i].outline = (uint32_t)i;
}

pct_status pct_coast_run(pct_coast *coast, const pct_way_piece *pieces, size_t count,
                         const pct_position *positions, pct_box box, pct_error *error) {
    runner r = {.coast = coast,
                .box = box,
                .chain = pct_vector_init(sizeof(pct_clip_point), POINTS_MAX),
                .turned = pct_vector_init(sizeof(pct_clip_point), POINTS_MAX),
                .path = pct_vector_init(sizeof(pct_clip_point), POINTS_MAX),
                .pieces = pct_vector_init(sizeof(crossing), POINTS_MAX),
                .ends = pct_vector_init(sizeof(uint32_t), POINTS_MAX),
                .used = pct_vector_init(sizeof(bool), POINTS_MAX),
                .islands = pct_vector_init(sizeof(pct_found_ring), POINTS_MAX)};
    pct_vector ring = pct_vector_init(sizeof(pct_clip_point), POINTS_MAX);
    pct_status status = PCT_OK;
    coast->points.length = coast->rings.length = 0;
    for (size_t i = 0; i < count && !status; i++)
        if (!pct_vector_push(&r.used)) status = pct_vector_failed(&r.used, PCT_MSG_WHAT_TILE_LINES, error);
    /* First the coasts that begin somewhere, then those that go round. */
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < count && !status; i++) {
            bool closed;
            if (((const bool *)r.used.items)[i] || (round == 0 && has_predecessor(&r, pieces, count, i)))
                continue;
            status = follow(&r, pieces, count, i, positions, &closed, error);
            if (!status) status = take_chain(&r, closed, error);
        }
    for (size_t i = 0; i < r.pieces.length && !status; i++)
        if (!((const crossing *)r.pieces.items)[i].used) status = close_ring(&r, i, &ring, error);
    if (!status) number_rings(coast);
    if (!status) status = place_islands(&r, error);
    pct_vector *vectors[] = {&r.chain, &r.turned, &r.path, &r.pieces, &r.ends, &r.used, &r.islands, &ring};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) pct_vector_dispose(vectors[i]);
    return status;
}
