/* The region's plan: which cells there are, how large their towns, where roads cross from cell to cell. */
#include <math.h>
#include <string.h>

#include "town/region.h"

enum { CELLS_MAX = 1 << 20, BORDERS_MAX = 1 << 22, ROOTS_MAX = 1 << 12 };

/* A town of n nodes is less than this × √n wide (measured: 172 to 187), and roads need room between towns. */
static const double width_m = 205.0;
/* Off the road's own crossing point, where a motorway has to be crossed. */
static const double bridge_m = 150.0;
/* Of the cells of a level, how many are a town and not four smaller cells. */
static const double town_share[PCT_REGION_LEVELS] = {1.0, 0.5, 0.4, 0.4, 0.35};

static double unit_m(const pct_region *region) {
    return width_m * sqrt(region->village_nodes);
}

double pct_region_noise(const pct_region *region, uint32_t kind, uint32_t a, uint32_t b) {
    pct_town seeded = {.seed = region->seed};
    return pct_town_noise(&seeded, 200 + kind, a, b);
}

pct_position pct_region_position(const pct_region *region, double x_units, double y_units, double east_m,
                                 double north_m) {
    double half_x = region->cols * PCT_REGION_ROOT_UNITS / 2.0,
           half_y = region->rows * PCT_REGION_ROOT_UNITS / 2.0;
    return pct_plane_from_m(&region->plane, (x_units - half_x) * unit_m(region) + east_m,
                            (y_units - half_y) * unit_m(region) + north_m);
}

pct_box pct_region_bounds(const pct_region *region) {
    const pct_position corners[] = {pct_region_position(region, 0.0, 0.0, 0.0, 0.0),
                                    pct_region_position(region, region->cols * PCT_REGION_ROOT_UNITS,
                                                        region->rows * PCT_REGION_ROOT_UNITS, 0.0, 0.0)};
    return pct_box_of(corners, 2);
}

static pct_status settle_cell(pct_region *region, uint32_t x, uint32_t y, uint32_t level, double *nodes,
                              pct_error *error) {
    uint32_t side = 1u << level, where = y << 16 | x;
    bool capital =
        level == PCT_REGION_LEVELS - 1 && x / side == region->cols / 2 && y / side == region->rows / 2;
    if (!capital && pct_region_noise(region, 1, where, level) >= town_share[level]) {
        pct_status status = PCT_OK;
        for (uint32_t quarter = 0; quarter < 4 && !status; quarter++)
            status = settle_cell(region, x + quarter % 2 * side / 2, y + quarter / 2 * side / 2, level - 1,
                                 nodes, error);
        return status;
    }
    pct_region_cell *cell = pct_vector_push(&region->cells);
    if (!cell) return pct_vector_failed(&region->cells, PCT_MSG_WHAT_LINES, error);
    double share = 0.55 + 0.45 * pct_region_noise(region, 2, where, level);
    *cell = (pct_region_cell){
        .x = x, .y = y, .side = side, .level = level, .nodes = region->village_nodes * side * side * share};
    *nodes += cell->nodes;
    return PCT_OK;
}

/* As few roots as hold so many nodes, in a rectangle that is nearly square; then all towns a little smaller. */
static pct_status settle(pct_region *region, uint32_t nodes, pct_error *error) {
    double room = 0.0;
    for (uint32_t roots = 1; roots <= ROOTS_MAX && room < nodes; roots++) {
        region->cols = (uint32_t)ceil(sqrt(roots));
        region->rows = (roots + region->cols - 1) / region->cols;
        region->cells.length = 0;
        room = 0.0;
        for (uint32_t i = 0; i < region->cols * region->rows; i++) {
            pct_status status =
                settle_cell(region, i % region->cols * PCT_REGION_ROOT_UNITS,
                            i / region->cols * PCT_REGION_ROOT_UNITS, PCT_REGION_LEVELS - 1, &room, error);
            if (status) return status;
        }
    }
    static const pct_town_name tails[PCT_REGION_LEVELS] = {
        {"村", " Village"}, {"乡", " Township"}, {"镇", " Town"}, {"县", " County Town"}, {"市", " City"}};
    for (uint32_t i = 0; i < region->cells.length; i++) {
        pct_region_cell *cell = (pct_region_cell *)region->cells.items + i;
        cell->nodes *= nodes / room;
        cell->middle =
            pct_region_position(region, cell->x + cell->side / 2.0, cell->y + cell->side / 2.0, 0.0, 0.0);
        cell->title = pct_town_title_of(region->seed, i, tails[cell->level].zh, tails[cell->level].en);
    }
    return PCT_OK;
}

/* The crossing of a border that runs from `begin` to `end` units along its line. */
static pct_status add_border(pct_region *region, pct_region_border border, uint32_t begin, uint32_t end,
                             pct_error *error) {
    pct_region_border *b = pct_vector_push(&region->borders);
    if (!b) return pct_vector_failed(&region->borders, PCT_MSG_WHAT_LINES, error);
    *b = border;
    double share = 0.35 + 0.3 * pct_region_noise(region, border.upright ? 3 : 4, border.line, begin);
    b->along_units = begin + share * (end - begin);
    b->motorway = border.line % PCT_REGION_ROOT_UNITS == 0;
    for (int side = 0; side <= 1; side++) {
        double off_m = b->motorway ? side ? bridge_m : -bridge_m : 0.0;
        b->crossing[side] = border.upright
                                ? pct_region_position(region, border.line, b->along_units, off_m, 0.0)
                                : pct_region_position(region, b->along_units, border.line, 0.0, off_m);
    }
    return PCT_OK;
}

/* Walks along every line of the finest lattice and finds where it keeps two cells apart. */
static pct_status find_borders(pct_region *region, const uint32_t *owner, bool upright, pct_error *error) {
    uint32_t width = region->cols * PCT_REGION_ROOT_UNITS, height = region->rows * PCT_REGION_ROOT_UNITS;
    uint32_t lines = upright ? width : height, length = upright ? height : width;
    uint32_t across = upright ? 1 : width, on = upright ? width : 1;
    for (uint32_t line = 1; line < lines; line++)
        for (uint32_t begin = 0, end; begin < length; begin = end) {
            const uint32_t *at = owner + line * across + begin * on;
            pct_region_border b = {
                .cells = {at[-(ptrdiff_t)across], at[0]}, .upright = upright, .line = line};
            for (end = begin + 1; end < length; end++) {
                const uint32_t *next = owner + line * across + end * on;
                if (next[-(ptrdiff_t)across] != b.cells[0] || next[0] != b.cells[1]) break;
            }
            pct_status status = b.cells[0] != b.cells[1] ? add_border(region, b, begin, end, error) : PCT_OK;
            if (status) return status;
        }
    return PCT_OK;
}

pct_status pct_region_plan(pct_region *region, uint32_t nodes, pct_error *error) {
    region->cells = pct_vector_init(sizeof(pct_region_cell), CELLS_MAX);
    region->borders = pct_vector_init(sizeof(pct_region_border), BORDERS_MAX);
    pct_status status = settle(region, nodes, error);
    if (status) return status;
    size_t width = (size_t)region->cols * PCT_REGION_ROOT_UNITS,
           units = width * region->rows * PCT_REGION_ROOT_UNITS;
    uint32_t *owner = pct_alloc(units, sizeof *owner);
    if (!owner) return pct_error_memory(error, units * sizeof *owner);
    for (uint32_t i = 0; i < region->cells.length; i++) {
        const pct_region_cell *cell = (const pct_region_cell *)region->cells.items + i;
        for (uint32_t y = cell->y; y < cell->y + cell->side; y++)
            for (uint32_t x = cell->x; x < cell->x + cell->side; x++) owner[y * width + x] = i;
    }
    status = find_borders(region, owner, true, error);
    if (!status) status = find_borders(region, owner, false, error);
    pct_free(owner);
    return status;
}

void pct_region_dispose(pct_region *region) {
    pct_vector_dispose(&region->cells);
    pct_vector_dispose(&region->borders);
}
