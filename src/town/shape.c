/* From the lattice to the ground.
 *
 * Lattice lines are straight; the ground is not. Four maps, one after the other, none of which folds:
 *   1. inside a block each street leaves its main roads at gates that lie where chance put them, so streets are
 *      straight but not parallel; villages draw their streets together round their middle;
 *   2. squares round the centre become rounder with distance, so that rings are rings;
 *   3. distance from the centre grows faster than the number of cells: dense centre, wide outskirts;
 *   4. waves of several lengths, each of small gradient, bend all lines; the river's own wave fades with distance
 *      from it. */
#include "town/plan.h"

#include <math.h>

static const double cell_m = 62.0;
static const double gate_play = 0.32; /* of a cell */

void pct_town_shape_init(pct_town *town) {
    pct_rng rng = pct_rng_init(town->seed, PCT_TOWN_STREAM_SHAPE);
    town->plane = pct_plane_at(town->anchor);
    for (double length = 15.0; length < 2.5 * town->half && town->wave_count + 2 <= PCT_TOWN_WAVES_MAX;
         length *= 2.4) {
        for (int axis = 0; axis < 2; axis++) {
            /* mostly a shear: x moves with y and y with x, which cannot fold */
            double angle = (axis == 0 ? 0.5 : 0.0) * PCT_TOWN_PI + (pct_rng_unit(&rng) - 0.5) * 1.1;
            double amplitude = length * (0.020 + 0.012 * pct_rng_unit(&rng));
            town->waves[town->wave_count++] =
                (pct_town_wave){.along_x = 2.0 * PCT_TOWN_PI * cos(angle) / length,
                                .along_y = 2.0 * PCT_TOWN_PI * sin(angle) / length,
                                .phase = 2.0 * PCT_TOWN_PI * pct_rng_unit(&rng),
                                .amplitude_x = axis == 0 ? amplitude : 0.0,
                                .amplitude_y = axis == 0 ? 0.0 : amplitude};
        }
    }
}

/* Where along main road `line` the street of lattice line `i` meets it, in cells from where it would. */
static double gate(const pct_town *town, uint32_t kind, uint32_t line, uint32_t i) {
    return gate_play * (2.0 * pct_town_noise(town, kind, line, i) - 1.0);
}

static void draw_together(const pct_town *town, const pct_town_block *block, double s, double t, double *u,
                          double *v) {
    double d = fmax(fabs(2.0 * s - 1.0), fabs(2.0 * t - 1.0));
    double keep = 0.40 + 0.60 * d * d * d * d;
    double mid_u = (town->u[block->c0] + town->u[block->c1]) / 2.0;
    double mid_v = (town->v[block->r0] + town->v[block->r1]) / 2.0;
    *u = mid_u + (*u - mid_u) * keep;
    *v = mid_v + (*v - mid_v) * keep;
}

void pct_town_vertex_uv(const pct_town *town, uint32_t r, uint32_t c, double *u, double *v) {
    uint32_t block_row = town->row_block[r], block_col = town->col_block[c];
    const pct_town_block *block = pct_town_block_at(town, block_row, block_col);
    double t = (double)(r - block->r0) / (block->r1 - block->r0);
    double s = (double)(c - block->c0) / (block->c1 - block->c0);
    *u = town->u[c];
    *v = town->v[r];
    if (c != block->c0 && c != block->c1)
        *u += (1.0 - t) * gate(town, 6, block_row, c) + t * gate(town, 6, block_row + 1, c);
    if (r != block->r0 && r != block->r1)
        *v += (1.0 - s) * gate(town, 7, block_col, r) + s * gate(town, 7, block_col + 1, r);
    bool inside = c != block->c0 && c != block->c1 && r != block->r0 && r != block->r1;
    if (inside && block->style == PCT_TOWN_VILLAGE) draw_together(town, block, s, t, u, v);
}

static double smooth_step(double x) {
    x = fmin(1.0, fmax(0.0, x));
    return x * x * (3.0 - 2.0 * x);
}

/* The river's winding: displacement northwards at x, both in halves of the extent. */
static double meander(const pct_town *town, double x) {
    double phase = 2.0 * PCT_TOWN_PI * pct_town_noise(town, 8, 0, 0);
    double waves = 2.2 + pct_town_noise(town, 8, 1, 0);
    return 0.055 * sin(waves * PCT_TOWN_PI * x + phase) +
           0.022 * sin(2.3 * waves * PCT_TOWN_PI * x + 1.7 * phase);
}

pct_position pct_town_position(const pct_town *town, double u, double v) {
    double x = u / town->half, y = v / town->half;
    double x4 = x * x * x * x, y4 = y * y * y * y, radius = hypot(x, y);
    double cheb = pow(x4 * x4 * x4 + y4 * y4 * y4, 1.0 / 12.0);
    double roundness = 0.60 * smooth_step((radius - 0.10) / 0.45);
    double rounder = radius > 0.0 ? 1.0 - roundness + roundness * cheb / radius : 1.0;
    double squared = x * x + y * y;
    double stretch = rounder * (0.78 + 0.62 * squared / (0.6 + 0.4 * squared));
    double east = x * stretch * town->half, north = y * stretch * town->half;
    if (town->river_block != PCT_TOWN_NONE) {
        double river =
            (town->v[town->row_lines[town->river_block]] + town->v[town->row_lines[town->river_block + 1]]) /
            2.0;
        double away = (v - river) / town->half / 0.22;
        north += town->half * meander(town, x) * exp(-away * away);
    }
    double east_moved = east, north_moved = north;
    for (uint32_t i = 0; i < town->wave_count; i++) {
        const pct_town_wave *w = &town->waves[i];
        double wave = sin(w->along_x * east + w->along_y * north + w->phase);
        east_moved += w->amplitude_x * wave;
        north_moved += w->amplitude_y * wave;
    }
    double turn = 0.16 * (pct_town_noise(town, 9, 0, 0) - 0.5);
    return pct_plane_from_m(&town->plane, cell_m * (east_moved * cos(turn) - north_moved * sin(turn)),
                            cell_m * (east_moved * sin(turn) + north_moved * cos(turn)));
}
