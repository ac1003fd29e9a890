/* A chain starts with any piece not yet used and takes on pieces that begin or end where it ends, until it is back at
 * its beginning. Where several pieces could follow, the first that leads back there is preferred: rings that touch at
 * a node come apart. O(pieces²) at worst; relations have few pieces.
 *
 * Nesting: a ring lies in another when a point of it that is no corner of the other does (even-odd rule). Depth counts the rings around it;
 * an odd one is a hole of the smallest ring around it. */
#include "tiles/rings.h"

enum { POINTS_MAX = 1 << 26, RING_POINTS_MIN = 3 };

pct_ring_finder pct_ring_finder_init(void) {
    return (pct_ring_finder){.points = pct_vector_init(sizeof(pct_position), POINTS_MAX),
                             .rings = pct_vector_init(sizeof(pct_found_ring), POINTS_MAX),
                             .refs = pct_vector_init(sizeof(uint32_t), POINTS_MAX),
                             .used = pct_vector_init(sizeof(bool), POINTS_MAX)};
}

void pct_ring_finder_dispose(pct_ring_finder *finder) {
    pct_vector_dispose(&finder->points);
    pct_vector_dispose(&finder->rings);
    pct_vector_dispose(&finder->refs);
    pct_vector_dispose(&finder->used);
}

/* Appends a piece's refs except the one the chain ends with already. */
static pct_status append_piece(pct_ring_finder *f, pct_way_piece piece, bool backward, bool begins,
                               pct_error *error) {
    for (uint32_t i = begins ? 0 : 1; i < piece.count; i++) {
        uint32_t *ref = pct_vector_push(&f->refs);
        if (!ref) return pct_vector_failed(&f->refs, PCT_MSG_WHAT_TILE_POINTS, error);
        *ref = piece.refs[backward ? piece.count - 1 - i : i];
    }
    return PCT_OK;
}

/* The piece that goes on from node `end`, best one that leads to `start`; count when there is none. */
static size_t next_piece(const pct_ring_finder *f, const pct_way_piece *pieces, size_t count, uint32_t end,
                         uint32_t start, bool *backward) {
    const bool *used = f->used.items;
    size_t found = count;
    for (size_t i = 0; i < count; i++) {
        if (used[i] || pieces[i].count < 2) continue;
        uint32_t first = pieces[i].refs[0], last = pieces[i].refs[pieces[i].count - 1];
        if (first != end && last != end) continue;
        bool closes = (first == end ? last : first) == start;
        if (found < count && !closes) continue;
        found = i;
        *backward = first != end;
        if (closes) break;
    }
    return found;
}

static pct_status keep_ring(pct_ring_finder *f, const pct_position *positions, pct_error *error) {
    const uint32_t *refs = f->refs.items;
    uint32_t at = (uint32_t)f->points.length, count = (uint32_t)f->refs.length - 1;
    if (count < RING_POINTS_MIN) return PCT_OK;
    pct_found_ring *ring = pct_vector_push(&f->rings);
    if (!ring) return pct_vector_failed(&f->rings, PCT_MSG_WHAT_TILE_LINES, error);
    *ring = (pct_found_ring){.at = at, .count = count, .box = pct_box_empty()};
    for (uint32_t i = 0; i < count; i++) {
        pct_position *point = pct_vector_push(&f->points);
        if (!point) return pct_vector_failed(&f->points, PCT_MSG_WHAT_TILE_POINTS, error);
        *point = positions[refs[i]];
        pct_box_extend(&ring->box, *point);
    }
    return PCT_OK;
}

static pct_status follow(pct_ring_finder *f, const pct_way_piece *pieces, size_t count, size_t first,
                         const pct_position *positions, pct_error *error) {
    bool *used = f->used.items, backward = false;
    f->refs.length = 0;
    pct_status status = PCT_OK;
    for (size_t piece = first; piece < count && !status;) {
        used[piece] = true;
        status = append_piece(f, pieces[piece], backward, f->refs.length == 0, error);
        if (status) break;
        const uint32_t *refs = f->refs.items;
        uint32_t start = refs[0], end = refs[f->refs.length - 1];
        if (start == end && f->refs.length > 1) return keep_ring(f, positions, error);
        piece = next_piece(f, pieces, count, end, start, &backward);
    }
    f->open++;
    return status;
}

static bool ring_contains(const pct_position *ring, uint32_t count, pct_position p) {
    bool inside = false;
    for (uint32_t i = 0, j = count - 1; i < count; j = i++) {
        if ((ring[i].lat_e7 > p.lat_e7) == (ring[j].lat_e7 > p.lat_e7)) continue;
        double share = ((double)p.lat_e7 - ring[i].lat_e7) / ((double)ring[j].lat_e7 - ring[i].lat_e7);
        if (p.lon_e7 < ring[i].lon_e7 + share * ((double)ring[j].lon_e7 - ring[i].lon_e7)) inside = !inside;
    }
    return inside;
}

static bool is_corner(const pct_position *ring, uint32_t count, pct_position p) {
    for (uint32_t i = 0; i < count; i++)
        if (ring[i].lon_e7 == p.lon_e7 && ring[i].lat_e7 == p.lat_e7) return true;
    return false;
}

static bool lies_in(const pct_position *points, const pct_found_ring *inner, const pct_found_ring *outer) {
    if (!pct_box_contains(outer->box, inner->box.min) || !pct_box_contains(outer->box, inner->box.max))
        return false;
    const pct_position *a = points + inner->at, *b = points + outer->at;
    for (uint32_t i = 0; i < inner->count; i++)
        if (!is_corner(b, outer->count, a[i])) return ring_contains(b, outer->count, a[i]);
    /* All corners in common: the middle of an edge tells. */
    return ring_contains(b, outer->count, pct_geo_between(a[0], a[1], 0.5));
}

static void nest(pct_ring_finder *f) {
    const pct_position *points = f->points.items;
    pct_found_ring *rings = f->rings.items;
    size_t count = f->rings.length;
    for (size_t i = 0; i < count; i++) {
        rings[i].depth = 0;
        rings[i].outline = (uint32_t)i;
        for (size_t j = 0; j < count; j++)
            if (i != j && lies_in(points, &rings[i], &rings[j])) rings[i].depth++;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count && rings[i].depth % 2 == 1; j++)
            if (i != j && rings[j].depth + 1 == rings[i].depth && lies_in(points, &rings[i], &rings[j]))
                rings[i].outline = (uint32_t)j;
}

pct_status pct_ring_finder_run(pct_ring_finder *f, const pct_way_piece *pieces, size_t count,
                               const pct_position *positions, pct_error *error) {
    pct_status status = PCT_OK;
    f->points.length = f->rings.length = f->used.length = 0;
    f->open = 0;
    for (size_t i = 0; i < count; i++)
        if (!pct_vector_push(&f->used)) return pct_vector_failed(&f->used, PCT_MSG_WHAT_TILE_LINES, error);
    for (size_t i = 0; i < count && !status; i++)
        if (!((const bool *)f->used.items)[i] && pieces[i].count > 0)
            status = follow(f, pieces, count, i, positions, error);
    if (!status) nest(f);
    return status;
}
