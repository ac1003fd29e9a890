/* From lattice edges to roads on the ground: curved main roads get inner points, two or three radials cut across
 * the blocks between the rings, one-way streets get their direction. */
#include <math.h>
#include <string.h>

#include "town/plan.h"

enum { POINTS_MAX = 40 << 20, INNER_POINTS_MAX = 4 };

pct_status pct_town_road_add(pct_town *town, pct_town_road road, pct_error *error) {
    pct_town_road *added = pct_vector_push(&town->roads);
    if (!added) return pct_vector_failed(&town->roads, PCT_MSG_WHAT_ROADS, error);
    *added = road;
    return PCT_OK;
}

pct_status pct_town_point_add(pct_town *town, pct_position position, uint32_t *vertex, pct_error *error) {
    pct_position *point = pct_vector_push(&town->points);
    if (!point) return pct_vector_failed(&town->points, PCT_MSG_WHAT_VERTICES, error);
    *point = position;
    *vertex = (uint32_t)town->points.length - 1;
    return PCT_OK;
}

static pct_status place_lattice(pct_town *town, pct_error *error) {
    for (uint32_t r = 0; r < town->rows; r++)
        for (uint32_t c = 0; c < town->cols; c++) {
            double u, v;
            uint32_t vertex;
            pct_town_vertex_uv(town, r, c, &u, &v);
            pct_status status = pct_town_point_add(town, pct_town_position(town, u, v), &vertex, error);
            if (status) return status;
        }
    return PCT_OK;
}

/* A main road follows the curve of its line, not the chord. */
static pct_status add_curve(pct_town *town, pct_town_road road, pct_error *error) {
    const pct_position *points = pct_town_points(town);
    uint32_t last = road.b, inner = (uint32_t)(pct_geo_distance_m(points[road.a], points[road.b]) / 60.0);
    double ua, va, ub, vb;
    if (inner > INNER_POINTS_MAX) inner = INNER_POINTS_MAX;
    pct_town_vertex_uv(town, road.a / town->cols, road.a % town->cols, &ua, &va);
    pct_town_vertex_uv(town, road.b / town->cols, road.b % town->cols, &ub, &vb);
    for (uint32_t i = 1; i <= inner; i++) {
        double share = (double)i / (inner + 1);
        pct_position position = pct_town_position(town, ua + share * (ub - ua), va + share * (vb - va));
        pct_status status = pct_town_point_add(town, position, &road.b, error);
        if (status) return status;
        status = pct_town_road_add(town, road, error);
        if (status) return status;
        road.a = road.b;
    }
    road.b = last;
    return pct_town_road_add(town, road, error);
}

static pct_status add_edge(pct_town *town, pct_town_edge edge, uint32_t a, uint32_t b, bool reversed,
                           pct_error *error) {
    if (edge.road_class == PCT_ROAD_CLASS_COUNT) return PCT_OK;
    uint32_t block_col = town->col_block[a % town->cols], block_row = town->row_block[a / town->cols];
    pct_town_road road = {.a = reversed ? b : a,
                          .b = reversed ? a : b,
                          .name = edge.name,
                          .block = block_row * (town->col_line_count - 1) + block_col,
                          .road_class = edge.road_class,
                          .flags = edge.flags};
    return edge.flags & PCT_TOWN_MAIN ? add_curve(town, road, error) : pct_town_road_add(town, road, error);
}

/* A road from one ring's corner outwards over the diagonals of cells, until it meets the next ring. */
static pct_status add_diagonal(pct_town *town, uint32_t r, uint32_t c, uint32_t to_r, uint32_t to_c,
                               uint32_t name, pct_error *error) {
    pct_town_road road = {.name = name, .road_class = PCT_ROAD_SECONDARY};
    uint32_t rows = r < to_r ? to_r - r : r - to_r, cols = c < to_c ? to_c - c : c - to_c;
    for (uint32_t steps = rows < cols ? rows : cols; steps > 0; steps--) {
        uint32_t next_r = to_r > r ? r + 1 : r - 1, next_c = to_c > c ? c + 1 : c - 1;
        uint32_t low_r = next_r < r ? next_r : r, low_c = next_c < c ? next_c : c;
        road.block = town->row_block[low_r] * (town->col_line_count - 1) + town->col_block[low_c];
        uint8_t style = town->blocks[road.block].style;
        road.flags = style == PCT_TOWN_RIVER || style == PCT_TOWN_MOTORWAY ? PCT_TOWN_BRIDGE : 0;
        road.a = r * town->cols + c;
        road.b = next_r * town->cols + next_c;
        pct_status status = pct_town_road_add(town, road, error);
        if (status) return status;
        r = next_r;
        c = next_c;
    }
    return PCT_OK;
}

static pct_status add_diagonals(pct_town *town, pct_error *error) {
    if (town->ring_count < 2) return PCT_OK;
    for (uint32_t k = 0; k + 1 < town->ring_count; k++)
        for (uint32_t corner = 0; corner < 4; corner++) {
            if (pct_town_noise(town, 17, k, corner) < 0.3) continue;
            const pct_town_ring *in = &town->rings[k], *out = &town->rings[k + 1];
            bool north = corner & 1, east = corner & 2;
            uint32_t name, r = town->row_lines[north ? in->row1 : in->row0];
            uint32_t c = town->col_lines[east ? in->col1 : in->col0];
            pct_status status = pct_town_name_street(town, 0, &name, error);
            if (status) return status;
            status = add_diagonal(town, r, c, town->row_lines[north ? out->row1 : out->row0],
                                  town->col_lines[east ? out->col1 : out->col0], name, error);
            if (status) return status;
        }
    return PCT_OK;
}

/* Neighbouring one-way streets run against each other: odd lines westward and southward. */
pct_status pct_town_roads(pct_town *town, pct_error *error) {
    town->points = pct_vector_init(sizeof(pct_position), POINTS_MAX);
    town->roads = pct_vector_init(sizeof(pct_town_road), POINTS_MAX);
    pct_status status = place_lattice(town, error);
    for (uint32_t r = 0; status == PCT_OK && r < town->rows; r++)
        for (uint32_t c = 0; status == PCT_OK && c + 1 < town->cols; c++) {
            uint32_t a = r * town->cols + c;
            status = add_edge(town, town->right[a], a, a + 1, town->right[a].flags & PCT_TOWN_ONEWAY && r % 2,
                              error);
        }
    for (uint32_t c = 0; status == PCT_OK && c < town->cols; c++)
        for (uint32_t r = 0; status == PCT_OK && r + 1 < town->rows; r++) {
            uint32_t a = r * town->cols + c;
            status = add_edge(town, town->up[a], a, a + town->cols,
                              town->up[a].flags & PCT_TOWN_ONEWAY && c % 2, error);
        }
    return status ? status : add_diagonals(town, error);
}
