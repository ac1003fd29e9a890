/* What is reached in time (road/route/all.c), and how far beyond: every reached piece of road is a row of points on a
 * canvas, which raises a field around them; the contour of the field is the outline. Segments that are reached from end to end
 * are drawn by their dots (road/dots.h), the others by their shapes. */
#include "road/route/isochrone.h"

#include <math.h>
#include <string.h>

#include "geo/contour.h"
#include "road/line.h"
#include "road/route/canvas.h"
#include "road/route/search.h"

static const double cell_min_m = 30.0, margin_cells = 2.0;

typedef struct drawing {
    const pct_road *road;
    pct_canvas *canvas;
    pct_road_point point;
    bool reverse;
    uint32_t limit_ms;
    size_t whole_count, piece_count;
} drawing;

enum { AHEAD = 8, SHORT = 32 };

typedef struct spot {
    float east_m, north_m;
} spot;

/* pct_plane_to_m in line, as exact as a float is. */
static inline spot spot_of(const pct_canvas *canvas, pct_position p) {
    const pct_plane *plane = &canvas->plane;
    return (spot){(float)((int64_t)p.lon_e7 - plane->origin.lon_e7) * (float)plane->m_per_e7_lon,
                  (float)((int64_t)p.lat_e7 - plane->origin.lat_e7) * (float)plane->m_per_e7_lat};
}

static float between_m(spot a, spot b) {
    float x = b.east_m - a.east_m, y = b.north_m - a.north_m;
    return sqrtf(x * x + y * y);
}

/* The points of a straight piece, both ends included. */
static pct_status add_piece(pct_canvas *canvas, spot a, spot b, pct_error *error) {
    const uint32_t parts = (uint32_t)(int32_t)(between_m(a, b) * (float)(1.0 / PCT_DOTS_GAP_M)) + 1;
    const float x = (b.east_m - a.east_m) / (float)parts, y = (b.north_m - a.north_m) / (float)parts;
    pct_status status = pct_canvas_reserve(canvas, parts + 1, error);
    if (status) return status;
    for (uint32_t i = 0; i <= parts; i++)
        pct_canvas_add(canvas,
                       pct_plane_from_m(&canvas->plane, a.east_m + (float)i * x, a.north_m + (float)i * y));
    return PCT_OK;
}

/* The part of a segment between two shares of its length, counted from its tail. */
static pct_status draw_part(drawing *d, uint32_t segment, double from, double to, pct_error *error) {
    const pct_network *net = &d->road->network;
    const uint32_t inner = pct_line_inner(net, segment);
    pct_status status = PCT_OK;
    float whole_m = 0.0F, at_m = 0.0F;
    spot a = spot_of(d->canvas, pct_line_point(net, segment, 0, inner));
    for (uint32_t i = 1; i <= inner + 1; i++) {
        spot b = spot_of(d->canvas, pct_line_point(net, segment, i, inner));
        whole_m += between_m(a, b);
        a = b;
    }
    const float from_m = (float)from * whole_m, to_m = (float)to * whole_m;
    a = spot_of(d->canvas, pct_line_point(net, segment, 0, inner));
    for (uint32_t i = 1; i <= inner + 1 && !status; i++) {
        spot b = spot_of(d->canvas, pct_line_point(net, segment, i, inner));
        float piece_m = between_m(a, b), x = b.east_m - a.east_m, y = b.north_m - a.north_m;
        if (piece_m <= 0.0F) continue; /* two points upon each other */
        float first = fmaxf(0.0F, (from_m - at_m) / piece_m), last = fminf(1.0F, (to_m - at_m) / piece_m);
        at_m += piece_m;
        if (first <= last) {
            spot p = {a.east_m + first * x, a.north_m + first * y},
                 q = {a.east_m + last * x, a.north_m + last * y};
            status = add_piece(d->canvas, p, q, error);
        }
        a = b;
    }
    return status;
}

static inline pct_position part_way(pct_position a, pct_position b, float share) {
    const int64_t lon_e7 = (int64_t)b.lon_e7 - a.lon_e7, lat_e7 = (int64_t)b.lat_e7 - a.lat_e7;
    return (pct_position){(int32_t)(a.lon_e7 + lrintf(share * (float)lon_e7)),
                          (int32_t)(a.lat_e7 + lrintf(share * (float)lat_e7))};
}

/* The same for a segment of up to a kilometre, measured along its dots, without its nodes. */
static pct_status draw_short_part(drawing *d, const pct_piece *piece, pct_error *error) {
    const pct_segment *s = &d->road->network.segments[piece->segment];
    const pct_dot_run run = d->road->dots.runs[piece->segment];
    const float m_per_e7_lon = (float)d->canvas->plane.m_per_e7_lon,
                m_per_e7_lat = (float)d->canvas->plane.m_per_e7_lat;
    pct_position line[SHORT + 2];
    float length_m[SHORT + 1], whole_m = 0.0F, at_m = 0.0F;
    line[0] = d->road->network.node_position[s->tail];
    memcpy(line + 1, d->road->dots.points + run.at, run.count * sizeof *line);
    line[run.count + 1] = d->road->network.node_position[s->head];
    for (uint32_t i = 0; i <= run.count; i++) {
        const float x = (float)((int64_t)line[i + 1].lon_e7 - line[i].lon_e7) * m_per_e7_lon;
        const float y = (float)((int64_t)line[i + 1].lat_e7 - line[i].lat_e7) * m_per_e7_lat;
        length_m[i] = sqrtf(x * x + y * y);
        whole_m += length_m[i];
    }
    const float from_m = piece->from * whole_m, to_m = piece->to * whole_m;
    pct_status status = pct_canvas_reserve(d->canvas, run.count + 2, error);
    for (uint32_t i = 0; i <= run.count && at_m <= to_m && !status; i++) {
        const float before_m = at_m;
        at_m += length_m[i];
        if (at_m <= from_m) continue;
        if (before_m < from_m)
            pct_canvas_add(d->canvas, part_way(line[i], line[i + 1], (from_m - before_m) / length_m[i]));
        if (at_m > to_m)
            pct_canvas_add(d->canvas, part_way(line[i], line[i + 1], (to_m - before_m) / length_m[i]));
        else if (i < run.count)
            pct_canvas_add(d->canvas, line[i + 1]);
    }
    return status;
}

/* The lists of a drawing while they are written: in registers, not in memory that anything else could write. */
typedef struct lists {
    uint64_t *is_drawn;
    uint32_t *whole;
    pct_piece *pieces;
    size_t whole_count, piece_count;
    bool reverse;
} lists;

static lists lists_of(const drawing *d) {
    return (lists){d->canvas->is_drawn, d->canvas->whole, d->canvas->pieces, 0, 0, d->reverse};
}

/* An arc for which left_ms are left at its near end (reverse: far end): its segment is put on the list of the whole ones, unless
 * it is there, or its piece on the list of pieces. Nobody foresees which segments are there already. */
static inline void list_arc(lists *l, uint32_t directed, uint32_t arc_ms, uint32_t left_ms) {
    const uint32_t segment = directed >> 1;
    uint64_t *drawn = &l->is_drawn[segment / 64];
    const uint64_t held = *drawn, is_whole = (arc_ms <= left_ms) & ~(held >> segment % 64);
    l->whole[l->whole_count] = segment;
    l->whole_count += is_whole;
    *drawn = held | is_whole << segment % 64;
    if (arc_ms <= left_ms || arc_ms >= PCT_NO_WAY_MS) return;
    const float share = (float)left_ms / (float)arc_ms;
    const bool from_tail = (directed & 1) == (uint32_t)l->reverse;
    l->pieces[l->piece_count++] =
        (pct_piece){segment, from_tail ? 0.0F : 1.0F - share, from_tail ? share : 1.0F};
}

/* Room for so many on either list, and one more. */
static pct_status reserve_pieces(pct_canvas *canvas, size_t count, pct_error *error) {
    if (count < canvas->piece_room) return PCT_OK;
    const size_t room = count + count / 4 + 1;
    pct_free(canvas->pieces);
    pct_free(canvas->whole);
    canvas->piece_room = 0;
    canvas->pieces = pct_alloc(room, sizeof *canvas->pieces);
    canvas->whole = pct_alloc(room, sizeof *canvas->whole);
    if (!canvas->pieces || !canvas->whole) return pct_error_memory(error, room * sizeof *canvas->pieces);
    canvas->piece_room = room;
    return PCT_OK;
}

static pct_status list_forward(drawing *d, const pct_reached *reached, size_t count, pct_error *error) {
    const pct_road *road = d->road;
    const uint32_t *first_arc = road->network.first_arc, *arc_segment = road->network.arc_segment,
                   *arc_ms = road->metric.arc_ms;
    const uint8_t *node_marks = road->network.node_marks;
    const uint32_t limit_ms = d->limit_ms;
    size_t arcs = 0;
    for (size_t i = 0; i < count; i++)
        arcs += first_arc[reached[i].vertex + 1] - first_arc[reached[i].vertex];
    pct_status status = reserve_pieces(d->canvas, arcs, error);
    if (status) return status;
    lists l = lists_of(d);
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count) {
            const uint32_t ahead = reached[i + AHEAD].vertex;
            __builtin_prefetch(&node_marks[ahead]);
            __builtin_prefetch(&arc_segment[first_arc[ahead]]);
            __builtin_prefetch(&arc_ms[first_arc[ahead]]);
        }
        /* Driving alone is what is left of an arc's time without its beginning's barrier, of which most nodes have none. */
        const uint32_t vertex = reached[i].vertex, end = first_arc[vertex + 1];
        const uint32_t left_ms = limit_ms - reached[i].time_ms;
        if (!road->drive_ms && node_marks[vertex] == 0)
            for (uint32_t a = first_arc[vertex]; a < end; a++)
                list_arc(&l, arc_segment[a], arc_ms[a], left_ms);
        else
            for (uint32_t a = first_arc[vertex]; a < end; a++)
                list_arc(&l, arc_segment[a], pct_road_drive_ms(road, a), left_ms);
    }
    d->whole_count = l.whole_count;
    d->piece_count = l.piece_count;
    return PCT_OK;
}

/* Arcs lie by their tails, so those into what is reached are found among all. */
static pct_status list_reverse(drawing *d, const pct_reached *reached, size_t count, pct_error *error) {
    const pct_network *net = &d->road->network;
    uint32_t *node_ms = d->canvas->node_ms;
    size_t arcs = 0;
    for (size_t i = 0; i < count; i++) node_ms[reached[i].vertex] = reached[i].time_ms;
    for (uint32_t a = 0; a < net->arc_count; a++) arcs += node_ms[net->arc_head[a]] != PCT_UNREACHABLE_MS;
    pct_status status = reserve_pieces(d->canvas, arcs, error);
    lists l = lists_of(d);
    for (uint32_t a = 0; a < net->arc_count && !status; a++)
        if (node_ms[net->arc_head[a]] != PCT_UNREACHABLE_MS)
            list_arc(&l, net->arc_segment[a], pct_road_drive_ms(d->road, a),
                     d->limit_ms - node_ms[net->arc_head[a]]);
    d->whole_count = l.whole_count;
    d->piece_count = l.piece_count;
    for (size_t i = 0; i < count; i++) node_ms[reached[i].vertex] = PCT_UNREACHABLE_MS;
    return status;
}

/* Most segments have less than PCT_DOTS_SPARE dots: so many are always copied, whatever is needed. Runs lie as the segments do
 * in the map's file, far from their neighbours, and are fetched some segments ahead. */
static pct_status draw_whole(const drawing *d, pct_error *error) {
    const pct_dot_run *runs = d->road->dots.runs;
    const pct_position *dots = d->road->dots.points;
    const uint32_t *whole = d->canvas->whole;
    pct_canvas *canvas = d->canvas;
    size_t at = canvas->point_count, room = canvas->point_room; /* not read from memory each time */
    for (size_t i = 0; i < d->whole_count; i++) {
        if (i + 2 * AHEAD < d->whole_count) __builtin_prefetch(&runs[whole[i + 2 * AHEAD]]);
        if (i + AHEAD < d->whole_count) __builtin_prefetch(&dots[runs[whole[i + AHEAD]].at]);
        const pct_dot_run run = runs[whole[i]];
        if (at + run.count + PCT_DOTS_SPARE > room) {
            canvas->point_count = at;
            pct_status status = pct_canvas_reserve(canvas, run.count + PCT_DOTS_SPARE, error);
            if (status) return status;
            room = canvas->point_room;
        }
        pct_position *to = canvas->points + at;
        const pct_position *from = dots + run.at;
        memcpy(to, from, PCT_DOTS_SPARE * sizeof *to);
        if (run.count > PCT_DOTS_SPARE)
            memcpy(to + PCT_DOTS_SPARE, from + PCT_DOTS_SPARE, (run.count - PCT_DOTS_SPARE) * sizeof *to);
        at += run.count;
    }
    canvas->point_count = at;
    return PCT_OK;
}

/* Pieces of what is drawn whole, since the other way is faster, are left out; what the others take is fetched. */
static size_t drop_drawn(const drawing *d) {
    const pct_road *road = d->road;
    const uint64_t *is_drawn = d->canvas->is_drawn;
    pct_piece *pieces = d->canvas->pieces;
    size_t kept = 0;
    for (size_t i = 0; i < d->piece_count; i++) {
        const pct_piece piece = pieces[i];
        pieces[kept] = piece;
        kept += ~(is_drawn[piece.segment / 64] >> piece.segment % 64) & 1;
        __builtin_prefetch(&road->network.segments[piece.segment]);
        __builtin_prefetch(&road->dots.runs[piece.segment]);
    }
    return kept;
}

static pct_status draw_pieces(drawing *d, pct_error *error) {
    const pct_road *road = d->road;
    const pct_piece *pieces = d->canvas->pieces;
    const size_t count = drop_drawn(d);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        const pct_piece *piece = &pieces[i];
        if (i + AHEAD < count) {
            const pct_segment *ahead = &road->network.segments[piece[AHEAD].segment];
            __builtin_prefetch(&road->dots.points[road->dots.runs[piece[AHEAD].segment].at]);
            __builtin_prefetch(&road->network.node_position[ahead->tail]);
            __builtin_prefetch(&road->network.node_position[ahead->head]);
        }
        if (road->dots.runs[piece->segment].count <= SHORT)
            status = draw_short_part(d, piece, error);
        else
            status = draw_part(d, piece->segment, piece->from, piece->to, error);
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
    if (!status) pct_canvas_add(canvas, canvas->plane.origin); /* the point itself */
    for (size_t i = 0; i < count && !status; i++)
        pct_canvas_add(canvas, net->node_position[reached[i].vertex]);
    if (!status) status = draw_own_segment(d, error);
    if (!status)
        status = d->reverse ? list_reverse(d, reached, count, error) : list_forward(d, reached, count, error);
    if (!status) status = draw_whole(d, error);
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
