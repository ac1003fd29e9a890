/* Roundabouts: a crossing of main roads becomes a small one-way ring, driven counter-clockwise. */
#include <math.h>
#include <string.h>

#include "town/plan.h"

enum { ARMS_MAX = 5, POINTS_BETWEEN = 2 };
static const double radius_m = 24.0;

typedef struct arm {
    uint32_t road;
    double angle; /* counter-clockwise from east */
} arm;

/* The arms at a vertex by angle; 0 when it is no place for a roundabout. */
static uint32_t arms_at(const pct_town *town, const pct_town_adjacency *near, uint32_t vertex, arm *arms) {
    const pct_position *points = pct_town_points(town);
    uint32_t n = near->first[vertex + 1] - near->first[vertex];
    if (n < 3 || n > ARMS_MAX) return 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = near->roads[near->first[vertex] + i];
        const pct_town_road *road = pct_town_road_at(town, number);
        uint32_t far = pct_town_other_end(road, vertex);
        bool fits = road->road_class >= PCT_ROAD_PRIMARY && road->road_class <= PCT_ROAD_UNCLASSIFIED &&
                    !(road->flags & (PCT_TOWN_BRIDGE | PCT_TOWN_ONEWAY | PCT_TOWN_ROUNDABOUT));
        if (!fits || pct_geo_distance_m(points[vertex], points[far]) < 1.6 * radius_m) return 0;
        arm here = {number, (90.0 - pct_geo_bearing_deg(points[vertex], points[far])) * PCT_TOWN_PI / 180.0};
        if (here.angle < 0.0) here.angle += 2.0 * PCT_TOWN_PI;
        uint32_t k = i;
        for (; k > 0 && arms[k - 1].angle > here.angle; k--) arms[k] = arms[k - 1];
        arms[k] = here;
    }
    for (uint32_t i = 0; i < n; i++) {
        double gap = arms[(i + 1) % n].angle - arms[i].angle + (i + 1 == n ? 2.0 * PCT_TOWN_PI : 0.0);
        if (gap < 0.6) return 0;
    }
    return n;
}

static pct_status ring_point(pct_town *town, pct_position centre, double angle, uint32_t *vertex,
                             pct_error *error) {
    pct_plane plane = pct_plane_at(centre);
    return pct_town_point_add(town, pct_plane_from_m(&plane, radius_m * cos(angle), radius_m * sin(angle)),
                              vertex, error);
}

static pct_status make_ring(pct_town *town, uint32_t vertex, const arm *arms, uint32_t n, pct_error *error) {
    pct_position centre = pct_town_points(town)[vertex];
    uint32_t first = 0, last = 0, name;
    pct_status status = pct_town_name_stem(town, "环岛", " Roundabout", &name, error);
    if (status) return status;
    pct_town_road ring = {.name = name,
                          .block = pct_town_road_at(town, arms[0].road)->block,
                          .road_class = pct_town_road_at(town, arms[0].road)->road_class,
                          .flags = PCT_TOWN_ROUNDABOUT | PCT_TOWN_ONEWAY};
    for (uint32_t i = 0; i < n; i++) {
        double next = i + 1 < n ? arms[i + 1].angle : arms[0].angle + 2.0 * PCT_TOWN_PI;
        for (uint32_t k = 0; k <= POINTS_BETWEEN; k++) {
            uint32_t here;
            double angle = arms[i].angle + (next - arms[i].angle) * k / (POINTS_BETWEEN + 1.0);
            if ((status = ring_point(town, centre, angle, &here, error))) return status;
            if (k == 0) {
                pct_town_road *road = pct_town_road_at(town, arms[i].road);
                *(road->a == vertex ? &road->a : &road->b) = here;
            }
            ring.a = last;
            ring.b = here;
            if (i == 0 && k == 0)
                first = here;
            else if ((status = pct_town_road_add(town, ring, error)))
                return status;
            last = here;
        }
    }
    ring.a = last;
    ring.b = first;
    return pct_town_road_add(town, ring, error);
}

/* No road end may be moved twice: a neighbour of a roundabout is none. */
pct_status pct_town_roundabouts(pct_town *town, pct_error *error) {
    pct_town_adjacency near;
    pct_status status = pct_town_adjacency_init(town, &near, error);
    for (uint32_t line = 1; status == PCT_OK && line + 1 < town->row_line_count; line++)
        for (uint32_t other = 1; status == PCT_OK && other + 1 < town->col_line_count; other++) {
            arm arms[ARMS_MAX];
            uint32_t vertex = town->row_lines[line] * town->cols + town->col_lines[other];
            if ((line + other) % 2 || pct_town_noise(town, 18, line, other) > 0.09) continue;
            uint32_t n = arms_at(town, &near, vertex, arms);
            if (n > 0) status = make_ring(town, vertex, arms, n, error);
        }
    pct_town_adjacency_dispose(&near);
    return status;
}
