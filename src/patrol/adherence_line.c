/* Passes of a line. The line is laid on the road once: the way that visits its points in order, as stretches of segments with their
 * place along it. What a unit drove comes as legs of segments (map matching); a leg that runs along a stretch the same way covers cells of
 * the line. A pass ends when the unit has been away from the line for PASS_MS, or is back at its beginning. O(legs log stretches). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "patrol/adherence_state.h"

enum { PASS_MS = 600000, SNAP_M = 200, SPARE_MM = 200000, APART_M = 50, SEEN_ENOUGH = 100 };
static const double detour = 1.5, whole = 0.95, back_share = 0.2;

static int by_key(const void *a, const void *b) {
    const pct_line_stretch *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->at_mm > y->at_mm) - (x->at_mm < y->at_mm);
}

static pct_status lay(const pct_route *route, pct_driven_line *line, pct_error *error) {
    for (size_t i = 0; i < route->leg_count; i++) {
        const pct_route_leg *leg = &route->legs[i];
        if (leg->from_mm == leg->to_mm) continue;
        pct_line_stretch *s = pct_vector_push(&line->stretches);
        if (!s) return pct_vector_failed(&line->stretches, PCT_MSG_WHAT_TRACK_POINTS, error);
        *s = (pct_line_stretch){.key = (uint64_t)leg->segment * 2 + (leg->to_mm < leg->from_mm),
                                .from_mm = leg->from_mm,
                                .to_mm = leg->to_mm,
                                .at_mm = line->length_mm};
        line->length_mm += llabs((int64_t)leg->to_mm - leg->from_mm);
    }
    return PCT_OK;
}

static pct_status lay_way(pct_router *router, pct_position from, pct_position to, pct_driven_line *line,
                          bool *none, pct_error *error) {
    const pct_road *road = pct_router_road(router);
    pct_road_point a, b;
    pct_route route;
    double away_m;
    pct_status status = pct_road_snap(road, from, SNAP_M, &a, &away_m, error);
    if (!status) status = pct_road_snap(road, to, SNAP_M, &b, &away_m, error);
    if (!status) status = pct_router_route(router, a, b, &route, error);
    *none = status == PCT_NOT_FOUND || status == PCT_UNREACHABLE;
    if (*none) return PCT_OK;
    return status ? status : lay(&route, line, error);
}

pct_status pct_line_find(pct_router *router, const pct_position *path, size_t count, bool backward,
                         pct_driven_line *out, pct_error *error) {
    bool none = count < 2;
    pct_status status = PCT_OK;
    *out = (pct_driven_line){.stretches = pct_vector_init(sizeof(pct_line_stretch), PCT_LINE_POINTS_MAX)};
    for (size_t i = 1; i < count && !status && !none; i++)
        status = lay_way(router, path[backward ? count - i : i - 1], path[backward ? count - i - 1 : i], out,
                         &none, error);
    double straight_mm = 1000 * pct_geo_length_m(path, count);
    if (none || (double)out->length_mm > detour * straight_mm + SPARE_MM) out->length_mm = 0;
    if (out->stretches.length > 0)
        qsort(out->stretches.items, out->stretches.length, sizeof(pct_line_stretch), by_key);
    if (status) pct_line_dispose(out);
    return status;
}

void pct_line_dispose(pct_driven_line *line) {
    pct_vector_dispose(&line->stretches);
}

/* --- covering ------------------------------------------------------------------------------------------------------- */

typedef struct cover {
    int64_t length_mm, furthest_mm, last_mm, whole_mm;
    int64_t whole_ms, turn_ms; /* when nearly all was covered (0: not yet); when it was last there */
    size_t cells, covered;
    uint8_t *cell;
    bool open, either;
    pct_stay pass;
    pct_vector *stays;
} cover;

static pct_status cover_init(cover *c, int64_t length_mm, bool either, pct_vector *stays, pct_error *error) {
    size_t cells = (size_t)(length_mm / PCT_LINE_CELL_MM + 1);
    *c = (cover){.length_mm = length_mm, .cells = cells, .either = either, .stays = stays};
    c->cell = pct_alloc_zeroed(cells, sizeof *c->cell);
    return c->cell ? PCT_OK : pct_error_memory(error, cells);
}

static pct_status close_pass(cover *c, pct_error *error) {
    c->pass.share = (double)c->covered / (double)c->cells;
    if (c->open && c->pass.share >= PCT_ADHERENCE_PASSING) {
        pct_stay *stay = pct_vector_push(c->stays);
        if (!stay) return pct_error_memory(error, sizeof *stay);
        *stay = c->pass;
    }
    c->open = false;
    return PCT_OK;
}

static int64_t middle_of(const cover *c, size_t cell) {
    int64_t begin = (int64_t)cell * PCT_LINE_CELL_MM, end = begin + PCT_LINE_CELL_MM;
    return (begin + (end < c->length_mm ? end : c->length_mm)) / 2;
}

static void mark(cover *c, int64_t low_mm, int64_t high_mm) {
    for (size_t i = (size_t)(low_mm / PCT_LINE_CELL_MM); i < c->cells && middle_of(c, i) <= high_mm; i++)
        if (!c->cell[i] && middle_of(c, i) >= low_mm) c->cell[i] = 1, c->covered++;
}

static bool is_over(const cover *c, int64_t from_mm, int64_t to_mm, int64_t from_ms) {
    int64_t back_mm = (int64_t)(back_share * (double)c->length_mm);
    if (from_ms - c->pass.to_ms > PASS_MS) return true;
    if (!c->either) return from_mm < c->furthest_mm - c->length_mm / 2;
    return c->whole_ms && llabs(to_mm - c->whole_mm) > (back_mm > 50000 ? back_mm : 50000);
}

static void begin_pass(cover *c, int64_t from_ms) {
    memset(c->cell, 0, c->cells);
    c->covered = 0;
    c->furthest_mm = c->whole_ms = 0;
    c->pass = (pct_stay){.from_ms = from_ms};
    c->open = true;
}

/* From one place along the line to another, between these times. */
static pct_status pass_along(cover *c, int64_t from_mm, int64_t to_mm, int64_t from_ms, int64_t to_ms,
                             pct_error *error) {
    pct_status status = PCT_OK;
    if (c->open && is_over(c, from_mm, to_mm, from_ms)) {
        bool turned = c->either && c->whole_ms && from_ms - c->pass.to_ms <= PASS_MS;
        if (c->either && c->whole_ms) c->pass.to_ms = c->whole_ms;
        status = close_pass(c, error);
        if (turned) from_mm = c->whole_mm, from_ms = c->turn_ms; /* the way back began there */
    }
    if (!c->open) begin_pass(c, from_ms);
    mark(c, from_mm < to_mm ? from_mm : to_mm, from_mm < to_mm ? to_mm : from_mm);
    c->last_mm = to_mm;
    if (to_mm > c->furthest_mm) c->furthest_mm = to_mm;
    c->pass.to_ms = to_ms;
    if (!c->whole_ms && (double)c->covered >= whole * (double)c->cells)
        c->whole_ms = to_ms, c->whole_mm = to_mm;
    if (c->whole_ms && llabs(to_mm - c->whole_mm) <= 2 * PCT_LINE_CELL_MM) c->turn_ms = to_ms;
    return status;
}

/* --- driven --------------------------------------------------------------------------------------------------------- */

typedef struct along {
    int64_t from_mm, to_mm; /* of the line */
    int64_t from_ms, to_ms;
    uint32_t leg_mm; /* where on the leg's segment it ends */
} along;

static bool overlap(const pct_match_leg *leg, const pct_line_stretch *s, along *a) {
    int64_t sign = s->key & 1 ? -1 : 1; /* offsets as they are driven */
    int64_t leg_from = sign * leg->from_mm, leg_to = sign * leg->to_mm, from = sign * s->from_mm,
            to = sign * s->to_mm;
    int64_t begin = leg_from > from ? leg_from : from, end = leg_to < to ? leg_to : to;
    if (end <= begin) return false;
    double ms_per_mm = (double)(leg->to_ms - leg->from_ms) / (double)(leg_to - leg_from);
    *a = (along){s->at_mm + begin - from, s->at_mm + end - from,
                 leg->from_ms + (int64_t)((double)(begin - leg_from) * ms_per_mm),
                 leg->from_ms + (int64_t)((double)(end - leg_from) * ms_per_mm), (uint32_t)(sign * end)};
    return true;
}

/* Where on the line a leg runs: of several places (a line that crosses itself) the next one on. */
static bool find_along(const pct_driven_line *line, const pct_match_leg *leg, int64_t after_mm, along *best) {
    const pct_line_stretch *s = line->stretches.items;
    uint64_t key = (uint64_t)leg->segment * 2 + leg->backward;
    size_t low = 0, high = line->stretches.length;
    bool found = false;
    along one;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < line->stretches.length && s[low].key == key; low++)
        if (overlap(leg, &s[low], &one) &&
            (!found || llabs(one.from_mm - after_mm) < llabs(best->from_mm - after_mm)))
            *best = one, found = true;
    return found;
}

pct_status pct_line_passes(const pct_driven_line *line, const pct_vector *legs, pct_vector *stays,
                           pct_error *error) {
    const pct_match_leg *leg = legs->items;
    cover c;
    along a;
    pct_status status = cover_init(&c, line->length_mm, false, stays, error);
    for (size_t i = 0; i < legs->length && !status; i++) {
        /* a leg may run along several stretches: a point of the path within a segment parts them */
        pct_match_leg rest = leg[i];
        while (!status && rest.from_mm != rest.to_mm && find_along(line, &rest, c.open ? c.last_mm : 0, &a)) {
            status = pass_along(&c, a.from_mm, a.to_mm, a.from_ms, a.to_ms, error);
            rest.from_mm = a.leg_mm;
            rest.from_ms = a.to_ms;
        }
    }
    if (!status) status = close_pass(&c, error);
    pct_free(c.cell);
    return status;
}

/* --- walked --------------------------------------------------------------------------------------------------------- */

/* How far along the path its point nearest to `at` lies; negative: farther away than radius_m. */
static double along_path_m(const pct_position *path, size_t count, pct_position at, double radius_m) {
    double before_m = 0, found_m = -1, least_m = radius_m;
    for (size_t i = 1; i < count; i++) {
        double piece_m = pct_geo_distance_m(path[i - 1], path[i]);
        pct_projection p = pct_geo_project(at, path[i - 1], path[i]);
        if (p.distance_m < least_m) least_m = p.distance_m, found_m = before_m + p.share * piece_m;
        before_m += piece_m;
    }
    return found_m;
}

static pct_box box_around(const pct_position *path, size_t count, double radius_m) {
    pct_box box = pct_box_of(path, count);
    pct_plane low = pct_plane_at(box.min), high = pct_plane_at(box.max);
    pct_box_extend(&box, pct_plane_from_m(&low, -radius_m, -radius_m));
    pct_box_extend(&box, pct_plane_from_m(&high, radius_m, radius_m));
    return box;
}

pct_status pct_line_walks(const pct_position *path, size_t count, const pct_fixes *fixes, double radius_m,
                          pct_vector *stays, pct_error *error) {
    pct_box box = box_around(path, count, radius_m + PCT_ADHERENCE_ACCURACY_M);
    double last_m = -1;
    cover c;
    pct_status status = cover_init(&c, (int64_t)(1000 * pct_geo_length_m(path, count)), true, stays, error);
    for (size_t i = 0; i < fixes->count && !status; i++) {
        const pct_adherence_fix *fix = &fixes->items[i], *before = i > 0 ? fix - 1 : fix;
        double reach_m = radius_m + fmin(fix->accuracy_m, PCT_ADHERENCE_ACCURACY_M);
        double now_m =
            pct_box_contains(box, fix->position) ? along_path_m(path, count, fix->position, reach_m) : -1;
        if (now_m >= 0 && last_m >= 0 && fix->at_ms - before->at_ms <= fixes->gap_ms &&
            fabs(now_m - last_m) <= 2 * pct_geo_distance_m(before->position, fix->position) + reach_m)
            status = pass_along(&c, (int64_t)(1000 * last_m), (int64_t)(1000 * now_m), before->at_ms,
                                fix->at_ms, error);
        last_m = now_m;
    }
    if (!status) status = close_pass(&c, error);
    pct_free(c.cell);
    return status;
}

/* With n positions apart from each other on a line, it is seen to 1/(n + 1) of its length: which way the unit took between the last one on
 * it and the first one off it is a guess. What is missing within that (and a quarter more) proves nothing against the crew. */
void pct_line_set_wanted(const pct_fixes *fixes, double share, pct_vector *stays) {
    pct_stay *stay = stays->items;
    for (size_t k = 0; k < stays->length; k++) {
        const pct_adherence_fix *last = NULL;
        size_t low = 0, high = fixes->count;
        int seen = 0;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (fixes->items[middle].at_ms < stay[k].from_ms)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < fixes->count && fixes->items[low].at_ms <= stay[k].to_ms && seen < SEEN_ENOUGH; low++) {
            const pct_adherence_fix *fix = &fixes->items[low];
            if (last && pct_geo_distance_m(last->position, fix->position) < APART_M) continue;
            last = fix;
            seen++;
        }
        stay[k].wanted = fmin(share, fmax(0.5, 1 - 1.25 / (seen + 1)));
    }
}
