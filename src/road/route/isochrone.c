/* What is reached in time (road/route/all.c), and how far beyond: every reached piece of road is drawn as a row of points
 * on a canvas, which raises a field around them; the contour of the field is the outline. */
#include "road/route/isochrone.h"

#include <math.h>
#include <string.h>

#include "geo/contour.h"
#include "road/route/canvas.h"
#include "road/route/search.h"

/* Points at most so far apart keep the outline of a straight road straight to two metres; bends closer than `skip` to a
 * point are not drawn. */
static const float gap_m = 30.0F, skip_m = 12.0F;
static const double cell_min_m = 30.0, margin_cells = 2.0;

typedef struct drawing {
    const pct_road *road;
    pct_canvas *canvas;
    pct_road_point point;
    bool reverse;
    uint32_t limit_ms;
    size_t piece_count;
} drawing;

enum { AHEAD = 8, LINE = 8, FOUR = 4 };

/* pct_plane_to_m in line, as exact as a float is. */
static inline pct_spot spot_of(const pct_canvas *canvas, pct_position p) {
    const pct_plane *plane = &canvas->plane;
    return (pct_spot){(float)((int64_t)p.lon_e7 - plane->origin.lon_e7) * (float)plane->m_per_e7_lon,
                      (float)((int64_t)p.lat_e7 - plane->origin.lat_e7) * (float)plane->m_per_e7_lat};
}

static float between_m(pct_spot a, pct_spot b) {
    float x = b.east_m - a.east_m, y = b.north_m - a.north_m;
    return sqrtf(x * x + y * y);
}

/* The points of a straight piece behind a, b included. Most pieces have one to four: four are always written, and so
 * many counted, for the processor cannot foresee how many there are. */
static inline pct_status add_piece(pct_canvas *canvas, pct_spot a, pct_spot b, uint32_t parts,
                                   pct_error *error) {
    static const float part_of[FOUR + 1] = {0.0F, 1.0F, 1.0F / 2, 1.0F / 3, 1.0F / 4};
    if (canvas->spot_count + parts + FOUR > canvas->spot_room) {
        pct_status status = pct_canvas_reserve(canvas, parts + FOUR, error);
        if (status) return status;
    }
    const float part = parts <= FOUR ? part_of[parts] : 1.0F / (float)parts;
    const float x = part * (b.east_m - a.east_m), y = part * (b.north_m - a.north_m);
    pct_spot *spots = canvas->spots + canvas->spot_count;
    for (int i = 0; i < FOUR; i++)
        spots[i] = (pct_spot){a.east_m + (float)(i + 1) * x, a.north_m + (float)(i + 1) * y};
    for (uint32_t i = FOUR; i < parts; i++)
        spots[i] = (pct_spot){a.east_m + (float)(i + 1) * x, a.north_m + (float)(i + 1) * y};
    canvas->spot_count += parts;
    return PCT_OK;
}

static inline uint32_t parts_of(float squared) {
    return (uint32_t)(int32_t)(sqrtf(squared) * (1.0F / gap_m)) + 1;
}

/* The points of a segment, from its tail to its head; its ends are drawn already. */
typedef struct line {
    const pct_position *inner;
    uint32_t inner_count;
    pct_spot tail, head;
} line;

static inline line line_of(const drawing *d, uint32_t segment) {
    const pct_network *net = &d->road->network;
    const pct_segment *s = &net->segments[segment];
    uint32_t end = segment + 1 < net->segment_count ? s[1].shape_at : net->shape_count;
    return (line){net->shapes + s->shape_at, end - s->shape_at,
                  spot_of(d->canvas, net->node_position[s->tail]),
                  spot_of(d->canvas, net->node_position[s->head])};
}

static inline pct_spot line_at(const drawing *d, const line *l, uint32_t i) {
    return i < l->inner_count ? spot_of(d->canvas, l->inner[i]) : l->head;
}

/* Bends too close to the last point are written and not counted: no branch depends on the shape but the end of the loop. */
static pct_status draw_whole(drawing *d, uint32_t segment, pct_error *error) {
    const line l = line_of(d, segment);
    pct_canvas *canvas = d->canvas;
    pct_status status = PCT_OK;
    pct_spot a = l.tail;
    for (uint32_t i = 0; i <= l.inner_count && !status; i++) {
        const pct_spot b = line_at(d, &l, i);
        const float x = b.east_m - a.east_m, y = b.north_m - a.north_m, squared = x * x + y * y;
        const size_t before = canvas->spot_count;
        const bool far = squared >= skip_m * skip_m;
        status = add_piece(canvas, a, b, parts_of(squared), error);
        canvas->spot_count = far ? canvas->spot_count - (i == l.inner_count) : before;
        a.east_m = far ? b.east_m : a.east_m;
        a.north_m = far ? b.north_m : a.north_m;
    }
    return status;
}

/* The part of a segment between two shares of its length, counted from its tail. */
static pct_status draw_part(drawing *d, uint32_t segment, double from, double to, pct_error *error) {
    const line l = line_of(d, segment);
    pct_status status = PCT_OK;
    float whole_m = 0.0F, at_m = 0.0F;
    pct_spot a = l.tail;
    for (uint32_t i = 0; i <= l.inner_count; i++) {
        pct_spot b = line_at(d, &l, i);
        whole_m += between_m(a, b);
        a = b;
    }
    const float from_m = (float)from * whole_m, to_m = (float)to * whole_m;
    a = l.tail;
    for (uint32_t i = 0; i <= l.inner_count && !status; i++) {
        pct_spot b = line_at(d, &l, i);
        float piece_m = between_m(a, b), x = b.east_m - a.east_m, y = b.north_m - a.north_m;
        float first = piece_m > 0.0F ? fmaxf(0.0F, (from_m - at_m) / piece_m) : 0.0F;
        float last = piece_m > 0.0F ? fminf(1.0F, (to_m - at_m) / piece_m) : 1.0F;
        at_m += piece_m;
        if (first <= last) {
            pct_spot p = {a.east_m + first * x, a.north_m + first * y},
                     q = {a.east_m + last * x, a.north_m + last * y};
            status = pct_canvas_reserve(d->canvas, 1, error);
            if (!status) pct_canvas_add(d->canvas, p.east_m, p.north_m);
            float left_m = piece_m * (last - first);
            if (!status) status = add_piece(d->canvas, p, q, parts_of(left_m * left_m), error);
        }
        a = b;
    }
    return status;
}

/* An arc whose near end (reverse: far end) is reached at begin_ms: its piece is put on the list. */
static inline void list_arc(drawing *d, uint32_t arc, uint32_t arc_ms, uint32_t begin_ms) {
    uint32_t directed = d->road->network.arc_segment[arc];
    uint32_t segment = directed >> 1, left_ms = d->limit_ms - begin_ms;
    uint64_t *is_drawn = &d->canvas->is_drawn[segment / 64], bit = 1ULL << segment % 64;
    if (arc_ms >= PCT_NO_WAY_MS || (*is_drawn & bit)) return;
    float share = 1.0F;
    if (left_ms >= arc_ms)
        *is_drawn |= bit;
    else
        share = (float)left_ms / (float)arc_ms;
    bool from_tail = (directed & 1) == (uint32_t)d->reverse;
    d->canvas->pieces[d->piece_count++] =
        (pct_piece){segment, from_tail ? 0.0F : 1.0F - share, from_tail ? share : 1.0F};
}

static pct_status reserve_pieces(pct_canvas *canvas, size_t count, pct_error *error) {
    if (count <= canvas->piece_room) return PCT_OK;
    pct_free(canvas->pieces);
    canvas->piece_room = 0;
    canvas->pieces = pct_alloc(count + count / 4, sizeof *canvas->pieces);
    if (!canvas->pieces) return pct_error_memory(error, count * sizeof *canvas->pieces);
    canvas->piece_room = count + count / 4;
    return PCT_OK;
}

static pct_status list_forward(drawing *d, const pct_reached *reached, size_t count, pct_error *error) {
    const uint32_t *first_arc = d->road->network.first_arc;
    size_t arcs = 0;
    for (size_t i = 0; i < count; i++)
        arcs += first_arc[reached[i].vertex + 1] - first_arc[reached[i].vertex];
    pct_status status = reserve_pieces(d->canvas, arcs, error);
    for (size_t i = 0; i < count && !status; i++) {
        if (i + 2 * AHEAD < count)
            __builtin_prefetch(&d->road->network.node_marks[reached[i + 2 * AHEAD].vertex]);
        if (i + AHEAD < count) {
            __builtin_prefetch(&d->road->network.arc_segment[first_arc[reached[i + AHEAD].vertex]]);
            __builtin_prefetch(&d->road->metric.arc_ms[first_arc[reached[i + AHEAD].vertex]]);
        }
        /* Driving alone is what is left of an arc's time without its beginning's barrier, of which most nodes have none. */
        const uint32_t vertex = reached[i].vertex;
        const bool is_plain = !d->road->drive_ms && d->road->network.node_marks[vertex] == 0;
        for (uint32_t a = first_arc[vertex]; a < first_arc[vertex + 1]; a++)
            list_arc(d, a, is_plain ? d->road->metric.arc_ms[a] : pct_road_drive_ms(d->road, a),
                     reached[i].time_ms);
    }
    return status;
}

/* Arcs lie by their tails, so those into what is reached are found among all. */
static pct_status list_reverse(drawing *d, const pct_reached *reached, size_t count, pct_error *error) {
    const pct_network *net = &d->road->network;
    uint32_t *node_ms = d->canvas->node_ms;
    size_t arcs = 0;
    for (size_t i = 0; i < count; i++) node_ms[reached[i].vertex] = reached[i].time_ms;
    for (uint32_t a = 0; a < net->arc_count; a++) arcs += node_ms[net->arc_head[a]] != PCT_UNREACHABLE_MS;
    pct_status status = reserve_pieces(d->canvas, arcs, error);
    for (uint32_t a = 0; a < net->arc_count && !status; a++)
        if (node_ms[net->arc_head[a]] != PCT_UNREACHABLE_MS)
            list_arc(d, a, pct_road_drive_ms(d->road, a), node_ms[net->arc_head[a]]);
    for (size_t i = 0; i < count; i++) node_ms[reached[i].vertex] = PCT_UNREACHABLE_MS;
    return status;
}

/* Segments lie as in the map's file, far from their neighbours: they are fetched some pieces ahead. */
static pct_status draw_pieces(drawing *d, pct_error *error) {
    const pct_network *net = &d->road->network;
    const pct_piece *piece = d->canvas->pieces;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < d->piece_count && !status; i++) {
        if (i + 2 * AHEAD < d->piece_count) {
            const pct_segment *s = &net->segments[piece[i + 2 * AHEAD].segment];
            __builtin_prefetch(s);
            __builtin_prefetch(&s[1].shape_at);
        }
        if (i + AHEAD < d->piece_count) {
            const pct_segment *s = &net->segments[piece[i + AHEAD].segment];
            __builtin_prefetch(&net->shapes[s->shape_at]);
            __builtin_prefetch(&net->shapes[s->shape_at + LINE]);
            __builtin_prefetch(&net->node_position[s->tail]);
            __builtin_prefetch(&net->node_position[s->head]);
        }
        status = piece[i].to - piece[i].from < 1.0F
                     ? draw_part(d, piece[i].segment, piece[i].from, piece[i].to, error)
                     : draw_whole(d, piece[i].segment, error);
    }
    return status;
}

/* The piece of its own segment on which the point lies. */
static pct_status draw_own_segment(drawing *d, pct_error *error) {
    double length_mm = d->road->network.segments[d->point.segment].length_mm,
           here = d->point.offset_mm / length_mm;
    double shares[2] = {here, here};
    for (int way = 0; way <= 1; way++) {
        uint32_t end_mm = way ? (uint32_t)length_mm : 0;
        uint32_t ms = d->reverse ? pct_road_piece_ms(d->road, d->point.segment, end_mm, d->point.offset_mm)
                                 : pct_road_piece_ms(d->road, d->point.segment, d->point.offset_mm, end_mm);
        if (ms >= PCT_NO_WAY_MS || ms == 0) continue;
        shares[way] += ((double)way - here) * fmin(1.0, (double)d->limit_ms / ms);
    }
    return draw_part(d, d->point.segment, shares[0], shares[1], error);
}

static pct_status draw(drawing *d, const pct_reached *reached, size_t count, pct_arena *arena, pct_shape *out,
                       pct_error *error) {
    const pct_network *net = &d->road->network;
    pct_canvas *canvas = d->canvas;
    pct_grid grid;
    pct_canvas_begin(canvas, pct_road_point_position(d->road, d->point));
    memset(canvas->is_drawn, 0, (net->segment_count + 63) / 64 * sizeof *canvas->is_drawn);
    pct_status status = pct_canvas_reserve(canvas, count + 1, error);
    if (!status) pct_canvas_add(canvas, 0.0F, 0.0F); /* the point itself */
    for (size_t i = 0; i < count && !status; i++) {
        pct_spot s = spot_of(canvas, net->node_position[reached[i].vertex]);
        pct_canvas_add(canvas, s.east_m, s.north_m);
    }
    if (!status) status = draw_own_segment(d, error);
    if (!status)
        status = d->reverse ? list_reverse(d, reached, count, error) : list_forward(d, reached, count, error);
    if (!status) status = draw_pieces(d, error);
    if (!status) status = pct_canvas_paint(canvas, cell_min_m, &grid, error);
    if (status) return status;
    double level = 255.0 * (1.0 - margin_cells / PCT_CANVAS_REACH);
    return pct_contour(&grid, level, grid.cell_m * grid.cell_m, &canvas->contour, arena, out, error);
}

static pct_status reserve_canvas(pct_router *router, pct_error *error) {
    const pct_network *net = &router->road->network;
    if (!router->canvas) {
        pct_status status = pct_canvas_new(router->wide, &router->canvas, error);
        if (status) return status;
    }
    pct_canvas *canvas = router->canvas;
    if (!canvas->is_drawn)
        canvas->is_drawn = pct_alloc((net->segment_count + 63) / 64, sizeof *canvas->is_drawn);
    if (!canvas->is_drawn) return pct_error_memory(error, net->segment_count / 8);
    if (canvas->node_ms) return PCT_OK;
    canvas->node_ms = pct_alloc(net->node_count, sizeof *canvas->node_ms);
    if (!canvas->node_ms) return pct_error_memory(error, net->node_count * sizeof *canvas->node_ms);
    memset(canvas->node_ms, 0xFF, net->node_count * sizeof *canvas->node_ms);
    return PCT_OK;
}

/* A patrol reaches ends of arcs: makes of them the nodes there, in the same list, each with the least of its times. The point's own
 * node, if it is one, is reached at once. */
static size_t to_nodes(const drawing *d, pct_reached *list, size_t count) {
    const pct_network *net = &d->road->network;
    const pct_segment *s = &net->segments[d->point.segment];
    uint32_t *node_ms = d->canvas->node_ms;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const pct_reached r = list[i];
        uint32_t node = net->arc_head[d->road->turns.vertex_arc[r.vertex]];
        if (node_ms[node] == PCT_UNREACHABLE_MS) list[kept++].vertex = node;
        node_ms[node] = pct_least(node_ms[node], r.time_ms);
    }
    if (d->point.offset_mm == 0 || d->point.offset_mm >= s->length_mm) {
        uint32_t own = d->point.offset_mm == 0 ? s->tail : s->head;
        if (node_ms[own] == PCT_UNREACHABLE_MS) list[kept++].vertex = own;
        node_ms[own] = 0;
    }
    for (size_t i = 0; i < kept; i++) {
        list[i].time_ms = node_ms[list[i].vertex];
        node_ms[list[i].vertex] = PCT_UNREACHABLE_MS;
    }
    return kept;
}

pct_status pct_isochrone(pct_router *router, pct_road_point point, bool reverse, const uint32_t *limits_ms,
                         size_t count, pct_arena *arena, pct_shape *shapes, pct_error *error) {
    pct_status status = reserve_canvas(router, error);
    for (size_t i = 0; i < count && !status; i++) {
        const pct_reached *reached;
        size_t reached_count;
        drawing d = {.road = router->road,
                     .canvas = router->canvas,
                     .point = point,
                     .reverse = reverse,
                     .limit_ms = pct_least(limits_ms[i], PCT_NO_WAY_MS - 1)};
        d.canvas->wide = router->wide;
        status = reverse
                     ? pct_router_reached_to(router, point, d.limit_ms, &reached, &reached_count, error)
                     : pct_router_reached_from(router, point, d.limit_ms, &reached, &reached_count, error);
        if (!status && d.road->profile == PCT_PROFILE_PATROL)
            reached_count = to_nodes(&d, router->reached, reached_count);
        if (!status) status = draw(&d, reached, reached_count, arena, &shapes[i], error);
    }
    return status;
}
