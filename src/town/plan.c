/* The plan: where the lines run, what each block is. */
#include "town/plan.h"

#include <math.h>
#include <string.h>

enum { BLOCK_LINES_MAX = 8192 };

double pct_town_noise(const pct_town *town, uint32_t kind, uint32_t a, uint32_t b) {
    pct_rng rng = pct_rng_init(town->seed + (uint64_t)kind * 0x9E3779B97F4A7C15ULL + PCT_TOWN_STREAM_NOISE,
                               (uint64_t)a << 32 | b);
    return pct_rng_unit(&rng);
}

/* Line distances vary, so that no two blocks are alike; small towns have small blocks. */
static uint32_t next_spacing(pct_rng *rng, double cells) {
    uint32_t least = cells < 45.0 ? 4 : 6, spread = cells < 45.0 ? 4 : 6;
    return least + pct_rng_below(rng, spread);
}

/* Lays lines over about `cells` cells; strips[] are block numbers that are one cell high. */
static pct_status lay_lines(double cells, pct_rng *rng, const double *strips, int strip_count,
                            int32_t *strip_blocks, pct_vector *lines, pct_error *error) {
    uint32_t at = 0;
    int strip = 0;
    for (;;) {
        uint32_t *line = pct_vector_push(lines);
        if (!line) return pct_vector_failed(lines, PCT_MSG_WHAT_LINES, error);
        *line = at;
        if (at >= cells) break;
        uint32_t step = next_spacing(rng, cells);
        if (strip < strip_count && at > strips[strip] * cells) {
            strip_blocks[strip++] = (int32_t)lines->length - 1;
            step = 1;
        }
        at += step;
    }
    return PCT_OK;
}

static pct_status number_blocks(const pct_vector *lines, uint32_t **block, pct_error *error) {
    const uint32_t *line = lines->items;
    uint32_t count = line[lines->length - 1] + 1;
    *block = pct_alloc(count, sizeof **block);
    if (!*block) return pct_error_memory(error, count * sizeof **block);
    for (uint32_t i = 0, b = 0; i < count; i++) {
        if (b + 2 < lines->length && i >= line[b + 1]) b++;
        (*block)[i] = b;
    }
    return PCT_OK;
}

/* Cells of a block share a width of their own; the strips are as wide as water and carriageways need. */
static pct_status place_lines(const pct_town *town, const uint32_t *block, const uint32_t *lines,
                              uint32_t count, uint32_t centre_line, bool is_row, double **out,
                              pct_error *error) {
    double *at = pct_alloc(count, sizeof *at);
    if (!at) return pct_error_memory(error, count * sizeof *at);
    *out = at;
    at[0] = 0.0;
    for (uint32_t i = 1; i < count; i++) {
        int32_t b = (int32_t)block[i - 1];
        double width = 0.85 + 0.35 * pct_town_noise(town, is_row ? 1 : 2, (uint32_t)b, 0);
        if (is_row && b == town->river_block) width = 2.2;
        if (is_row && b == town->motorway_block) width = 1.6;
        at[i] = at[i - 1] + width;
    }
    double centre = at[lines[centre_line]];
    for (uint32_t i = 0; i < count; i++) at[i] -= centre;
    return PCT_OK;
}

static uint32_t line_nearest(const double *at, const uint32_t *lines, uint32_t count, double wanted) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (fabs(at[lines[i]] - wanted) < fabs(at[lines[best]] - wanted)) best = i;
    return best;
}

static void choose_rings(pct_town *town) {
    static const double radii[PCT_TOWN_RINGS_MAX] = {0.20, 0.46, 0.70};
    uint32_t wanted = town->half < 30.0 ? 1 : town->half < 140.0 ? 2 : 3;
    for (uint32_t i = 0; i < wanted; i++) {
        double r = (wanted == 1 ? 0.36 : radii[i]) * town->half;
        pct_town_ring ring = {line_nearest(town->v, town->row_lines, town->row_line_count, -r),
                              line_nearest(town->v, town->row_lines, town->row_line_count, r),
                              line_nearest(town->u, town->col_lines, town->col_line_count, -r),
                              line_nearest(town->u, town->col_lines, town->col_line_count, r)};
        if (ring.row0 < town->centre_row && ring.row1 > town->centre_row && ring.col0 < town->centre_col &&
            ring.col1 > town->centre_col)
            town->rings[town->ring_count++] = ring;
    }
}

static void choose_centres(pct_town *town, pct_rng *rng) {
    town->centres[0].radius = 1.0;
    town->centre_count = 1;
    if (town->half < 110.0) return;
    uint32_t more = town->half < 250.0 ? 3 : PCT_TOWN_CENTRES_MAX - 1;
    double turn = pct_rng_unit(rng) * 2.0 * PCT_TOWN_PI;
    for (uint32_t i = 0; i < more; i++) {
        double angle = turn + (i + 0.6 * pct_rng_unit(rng)) * 2.0 * PCT_TOWN_PI / more;
        double far = 0.66 + 0.16 * pct_rng_unit(rng);
        town->centres[town->centre_count].x = far * cos(angle);
        town->centres[town->centre_count].y = far * sin(angle);
        town->centres[town->centre_count++].radius = 0.16 + 0.1 * pct_rng_unit(rng);
    }
}

double pct_town_remoteness(const pct_town *town, double u, double v) {
    double x = u / town->half, y = v / town->half, least = 9.0;
    for (uint32_t i = 0; i < town->centre_count; i++) {
        double d = hypot(x - town->centres[i].x, y - town->centres[i].y) / town->centres[i].radius;
        if (d < least) least = d;
    }
    double angle = atan2(y, x), lobe = 0.0;
    for (uint32_t k = 2; k <= 5; k++)
        lobe += sin(k * angle + 2.0 * PCT_TOWN_PI * pct_town_noise(town, 3, k, 0)) / k;
    return least * (1.0 + 0.16 * lobe);
}

const pct_town_block *pct_town_block_at(const pct_town *town, int64_t block_row, int64_t block_col) {
    if (block_row < 0 || block_col < 0 || block_row >= (int64_t)town->row_line_count - 1 ||
        block_col >= (int64_t)town->col_line_count - 1)
        return NULL;
    return &town->blocks[block_row * ((int64_t)town->col_line_count - 1) + block_col];
}

static pct_town_style urban_style(double remoteness, double dice) {
    if (remoteness < 0.16) return dice < 0.82 ? PCT_TOWN_GRID : dice < 0.88 ? PCT_TOWN_PARK : PCT_TOWN_MIXED;
    if (dice < 0.50) return PCT_TOWN_MIXED;
    if (dice < 0.80) return PCT_TOWN_ESTATE;
    if (dice < 0.86) return PCT_TOWN_PARK;
    if (dice < 0.92) return PCT_TOWN_CAMPUS;
    return dice < 0.96 ? PCT_TOWN_GRID : PCT_TOWN_INDUSTRY;
}

static pct_town_style suburban_style(bool works, double dice) {
    if (works) return dice < 0.7 ? PCT_TOWN_INDUSTRY : dice < 0.85 ? PCT_TOWN_ESTATE : PCT_TOWN_MIXED;
    if (dice < 0.34) return PCT_TOWN_MIXED;
    if (dice < 0.64) return PCT_TOWN_ESTATE;
    if (dice < 0.74) return PCT_TOWN_VILLAGE;
    if (dice < 0.80) return PCT_TOWN_PARK;
    if (dice < 0.85) return PCT_TOWN_CAMPUS;
    return PCT_TOWN_FIELD;
}

static pct_land_use use_of(const pct_town *town, const pct_town_block *block, uint32_t number,
                           double remoteness) {
    double dice = pct_town_noise(town, 5, number, 0);
    switch ((pct_town_style)block->style) {
    case PCT_TOWN_GRID:
        if (remoteness < 0.16)
            return dice < 0.16 ? PCT_USE_NIGHTLIFE : dice < 0.7 ? PCT_USE_COMMERCIAL : PCT_USE_RESIDENTIAL;
        return dice < 0.4 ? PCT_USE_COMMERCIAL : PCT_USE_RESIDENTIAL;
    case PCT_TOWN_MIXED: return dice < 0.12 ? PCT_USE_COMMERCIAL : PCT_USE_RESIDENTIAL;
    case PCT_TOWN_ESTATE: return PCT_USE_RESIDENTIAL;
    case PCT_TOWN_INDUSTRY: return PCT_USE_INDUSTRIAL;
    case PCT_TOWN_CAMPUS: return PCT_USE_SCHOOL;
    case PCT_TOWN_PARK: return PCT_USE_PARK;
    case PCT_TOWN_RIVER: return PCT_USE_WATER;
    default: return PCT_USE_RURAL;
    }
}

static void choose_block(pct_town *town, uint32_t block_row, uint32_t block_col, double works_angle) {
    static const double people[] = {0.02, 1.0, 0.05, 3.2, 3.0, 4.5, 0.4, 0.6, 0.0, 0.0};
    uint32_t number = block_row * (town->col_line_count - 1) + block_col;
    pct_town_block *block = &town->blocks[number];
    *block = (pct_town_block){.r0 = town->row_lines[block_row],
                              .r1 = town->row_lines[block_row + 1],
                              .c0 = town->col_lines[block_col],
                              .c1 = town->col_lines[block_col + 1]};
    double u = (town->u[block->c0] + town->u[block->c1]) / 2.0;
    double v = (town->v[block->r0] + town->v[block->r1]) / 2.0;
    double remoteness = pct_town_remoteness(town, u, v), dice = pct_town_noise(town, 4, number, 0);
    bool works = cos(atan2(v, u) - works_angle) > 0.8;
    if (remoteness < 0.50) {
        block->setting = PCT_TOWN_URBAN;
        block->style = (uint8_t)urban_style(remoteness, dice);
    } else if (remoteness < 0.70) {
        block->setting = PCT_TOWN_SUBURBAN;
        block->style = (uint8_t)suburban_style(works, dice);
    } else {
        block->setting = PCT_TOWN_RURAL;
        block->style = dice < 0.36 ? PCT_TOWN_VILLAGE : PCT_TOWN_FIELD;
    }
    if ((int32_t)block_row == town->river_block) block->style = PCT_TOWN_RIVER;
    if ((int32_t)block_row == town->motorway_block) block->style = PCT_TOWN_MOTORWAY;
    block->use = (uint8_t)use_of(town, block, number, remoteness);
    block->people = people[block->style] * (block->r1 - block->r0) * (block->c1 - block->c0);
}

/* The block nearest the centre that is no strip becomes what `from` blocks must have one of. */
static void ensure_use(pct_town *town, pct_land_use use, pct_town_style style, uint32_t col_shift) {
    for (uint32_t i = 0; i < town->block_count; i++)
        if (town->blocks[i].use == use) return;
    uint32_t row = town->centre_row, blocks = town->col_line_count - 1;
    while (row > 0 && ((int32_t)row == town->river_block || (int32_t)row == town->motorway_block)) row--;
    pct_town_block *block = &town->blocks[row * blocks + (town->centre_col + col_shift) % blocks];
    block->use = (uint8_t)use;
    block->style = (uint8_t)style;
}

static pct_status lay_out(pct_town *town, double cells, pct_rng *rng, pct_error *error) {
    static const double strips[] = {0.34, 0.90};
    int32_t strip_blocks[2] = {PCT_TOWN_NONE, PCT_TOWN_NONE};
    pct_vector rows = pct_vector_init(sizeof(uint32_t), BLOCK_LINES_MAX);
    pct_vector cols = pct_vector_init(sizeof(uint32_t), BLOCK_LINES_MAX);
    pct_status status = lay_lines(cells, rng, strips, cells > 70.0 ? 2 : 1, strip_blocks, &rows, error);
    if (status) goto done;
    status = lay_lines(cells * 1.12, rng, NULL, 0, NULL, &cols, error);
    if (status) goto done;
    town->river_block = strip_blocks[0];
    town->motorway_block = strip_blocks[1];
    status = number_blocks(&rows, &town->row_block, error);
    if (status) goto done;
    status = number_blocks(&cols, &town->col_block, error);
    if (status) goto done;
    town->row_line_count = (uint32_t)rows.length;
    town->col_line_count = (uint32_t)cols.length;
    town->row_lines = pct_vector_take(&rows);
    town->col_lines = pct_vector_take(&cols);
    town->rows = town->row_lines[town->row_line_count - 1] + 1;
    town->cols = town->col_lines[town->col_line_count - 1] + 1;
done:
    pct_vector_dispose(&rows);
    pct_vector_dispose(&cols);
    return status;
}

pct_status pct_town_plan(pct_town *town, double cells, pct_error *error) {
    pct_rng rng = pct_rng_init(town->seed, PCT_TOWN_STREAM_VARIANTS + (uint64_t)town->variant);
    pct_status status = lay_out(town, cells, &rng, error);
    if (status) return status;
    town->centre_col = town->col_line_count / 2;
    town->centre_row = town->row_line_count / 2;
    if ((int32_t)town->centre_row <= town->river_block + 1)
        town->centre_row = (uint32_t)town->river_block + 2;
    if (town->centre_row > town->row_line_count - 2) town->centre_row = town->row_line_count - 2;
    status = place_lines(town, town->row_block, town->row_lines, town->rows, town->centre_row, true, &town->v,
                         error);
    if (status) return status;
    status = place_lines(town, town->col_block, town->col_lines, town->cols, town->centre_col, false,
                         &town->u, error);
    if (status) return status;
    town->half = fmax(fmax(-town->u[0], town->u[town->cols - 1]), fmax(-town->v[0], town->v[town->rows - 1]));
    choose_rings(town);
    choose_centres(town, &rng);
    double works_angle = pct_rng_unit(&rng) * 2.0 * PCT_TOWN_PI;
    town->block_count = (town->row_line_count - 1) * (town->col_line_count - 1);
    town->blocks = pct_alloc(town->block_count, sizeof *town->blocks);
    if (!town->blocks) return pct_error_memory(error, town->block_count * sizeof *town->blocks);
    for (uint32_t r = 0; r + 1 < town->row_line_count; r++)
        for (uint32_t c = 0; c + 1 < town->col_line_count; c++) choose_block(town, r, c, works_angle);
    ensure_use(town, PCT_USE_COMMERCIAL, PCT_TOWN_GRID, 0);
    ensure_use(town, PCT_USE_NIGHTLIFE, PCT_TOWN_GRID, 1);
    ensure_use(town, PCT_USE_INDUSTRIAL, PCT_TOWN_INDUSTRY, 2);
    return PCT_OK;
}
