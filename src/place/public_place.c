/* Whether a position is known to be in public. What is near is asked of two trees: lines (streets within 6 m, outlines
 * of public places around it) and spots (crossings within 12 m, public places within 20 m, addresses and homes within
 * 30 m). Whatever is nearest decides; inside an outline counts as 10 m, so that a house in a park stays a house. */
#include <math.h>

#include "geo/polygon.h"
#include "place/data.h"

static const double on_street_m = 6.0, at_crossing_m = 12.0, at_place_m = 20.0, inside_m = 10.0,
                    look_m = 30.0;

typedef struct looking {
    const pct_gazetteer *g;
    pct_position p;
    double public_m, private_m; /* distance of the nearest of each */
} looking;

static double line_distance_m(const pct_position *points, size_t count, pct_position p) {
    double nearest_m = INFINITY;
    for (size_t i = 1; i < count; i++)
        nearest_m = fmin(nearest_m, pct_geo_project(p, points[i - 1], points[i]).distance_m);
    return nearest_m;
}

static bool is_inside(const pct_position *points, size_t count, pct_position p) {
    pct_ring ring = {points, count};
    pct_polygon polygon = {&ring, 1};
    pct_shape shape = {&polygon, 1, pct_box_of(points, count)};
    return pct_ring_is_closed(ring) && pct_shape_contains(&shape, p);
}

static bool see_line(void *context, uint32_t line) {
    looking *l = context;
    size_t count;
    const pct_position *points = pct_gazetteer_line(l->g, line, &count);
    const pct_place_entry *e = &l->g->entries[l->g->lines[line].entry];
    if (e->kind == PCT_PLACE_STREET) {
        double distance_m = line_distance_m(points, count, l->p);
        if (distance_m <= on_street_m) l->public_m = fmin(l->public_m, distance_m);
    } else if (is_inside(points, count, l->p)) {
        if (e->dwelling == PCT_DWELLING_NO) l->public_m = fmin(l->public_m, inside_m);
        if (e->dwelling == PCT_DWELLING_YES) l->private_m = 0.0;
    }
    return true;
}

static bool see_spot(void *context, uint32_t spot) {
    looking *l = context;
    const pct_gazetteer *g = l->g;
    bool house = spot >= g->entry_count;
    const pct_place_entry *e = house ? NULL : &g->entries[spot];
    pct_position position = house ? g->houses[spot - g->entry_count].position : e->position;
    uint32_t dwelling = house ? g->houses[spot - g->entry_count].dwelling : e->dwelling;
    double distance_m = pct_geo_distance_m(l->p, position);
    double reach_m = dwelling != PCT_DWELLING_NO               ? look_m
                     : !house && e->kind == PCT_PLACE_CROSSING ? at_crossing_m
                                                               : at_place_m;
    if (distance_m > reach_m) return true;
    if (dwelling == PCT_DWELLING_NO)
        l->public_m = fmin(l->public_m, distance_m);
    else
        l->private_m = fmin(l->private_m, distance_m);
    return true;
}

bool pct_gazetteer_is_public_place(const pct_gazetteer *g, pct_position position) {
    looking l = {g, position, INFINITY, INFINITY};
    pct_plane plane = pct_plane_at(position);
    pct_position west_south = pct_plane_from_m(&plane, -look_m, -look_m),
                 east_north = pct_plane_from_m(&plane, look_m, look_m);
    pct_box box = {west_south, east_north};
    if (g->line_count) pct_tree_query(&g->line_tree, box, see_line, &l);
    if (pct_spot_count(g)) pct_tree_query(&g->spot_tree, box, see_spot, &l);
    return l.public_m < l.private_m;
}
