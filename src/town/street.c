/* Main roads: the sides of blocks, by rank. Rings, the radials through the centre, riverside drives and bridges
 * always exist; in the fields many a line is no road at all. */
#include "town/plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct line_names {
    uint32_t low, high; /* west or south of the centre, east or north of it */
} line_names;

static const pct_town_edge no_edge = {.road_class = PCT_ROAD_CLASS_COUNT};

void pct_town_row_street(pct_town *town, uint32_t r, uint32_t c0, uint32_t c1, pct_town_edge edge) {
    for (uint32_t c = c0; c < c1; c++) {
        pct_town_edge *here = &town->right[(size_t)r * town->cols + c];
        if (here->road_class == PCT_ROAD_CLASS_COUNT) *here = edge;
    }
}

void pct_town_col_street(pct_town *town, uint32_t c, uint32_t r0, uint32_t r1, pct_town_edge edge) {
    for (uint32_t r = r0; r < r1; r++) {
        pct_town_edge *here = &town->up[(size_t)r * town->cols + c];
        if (here->road_class == PCT_ROAD_CLASS_COUNT) *here = edge;
    }
}

/* The ring that a block side lies on, or NULL. Side `i` of line `line`, row lines or col lines. */
static const pct_town_ring *ring_of(const pct_town *town, bool is_row, uint32_t line, uint32_t i) {
    for (uint32_t k = 0; k < town->ring_count; k++) {
        const pct_town_ring *ring = &town->rings[k];
        if (is_row && (line == ring->row0 || line == ring->row1) && i >= ring->col0 && i < ring->col1)
            return ring;
        if (!is_row && (line == ring->col0 || line == ring->col1) && i >= ring->row0 && i < ring->row1)
            return ring;
    }
    return NULL;
}

static bool is_strip(const pct_town *town, uint32_t block_row) {
    return (int32_t)block_row == town->river_block || (int32_t)block_row == town->motorway_block;
}

static bool on_river_bank(const pct_town *town, uint32_t row_line) {
    return town->river_block != PCT_TOWN_NONE &&
           (row_line == (uint32_t)town->river_block || row_line == (uint32_t)town->river_block + 1);
}

/* Lines that carry the town: they run from edge to edge and cross everything. */
static bool is_through(const pct_town *town, bool is_row, uint32_t line) {
    if (line == (is_row ? town->centre_row : town->centre_col)) return true;
    for (uint32_t k = 0; k < town->ring_count; k++)
        if (!is_row && (line == town->rings[k].col0 || line == town->rings[k].col1)) return true;
    return false;
}

static pct_road_class class_of(const pct_town *town, bool is_row, uint32_t line, uint32_t i,
                               pct_town_setting setting) {
    const pct_town_ring *ring = ring_of(town, is_row, line, i);
    double rank = pct_town_noise(town, is_row ? 12 : 13, line, 0);
    if (ring)
        return ring == &town->rings[town->ring_count - 1] && town->ring_count > 1 ? PCT_ROAD_TRUNK
                                                                                  : PCT_ROAD_PRIMARY;
    if (line == (is_row ? town->centre_row : town->centre_col)) return PCT_ROAD_PRIMARY;
    if (is_through(town, is_row, line)) return PCT_ROAD_SECONDARY;
    if (setting == PCT_TOWN_URBAN) return rank < 0.45 ? PCT_ROAD_SECONDARY : PCT_ROAD_TERTIARY;
    if (setting == PCT_TOWN_SUBURBAN) return rank < 0.25 ? PCT_ROAD_SECONDARY : PCT_ROAD_TERTIARY;
    return rank < 0.30 ? PCT_ROAD_TERTIARY : PCT_ROAD_UNCLASSIFIED;
}

/* Whether a side that nothing asks for is left out. `near` and `far` are its blocks, NULL beyond the extent. */
static bool left_out(const pct_town *town, bool is_row, uint32_t line, uint32_t i, const pct_town_block *near,
                     const pct_town_block *far) {
    double dice = pct_town_noise(town, is_row ? 14 : 15, line, i);
    if (ring_of(town, is_row, line, i) || is_through(town, is_row, line)) return false;
    if (!near || !far) {
        const pct_town_block *only = near ? near : far;
        return only->setting == PCT_TOWN_RURAL && dice < 0.75;
    }
    if (near->setting != PCT_TOWN_RURAL || far->setting != PCT_TOWN_RURAL) return false;
    return dice < (near->style == PCT_TOWN_VILLAGE || far->style == PCT_TOWN_VILLAGE ? 0.15 : 0.50);
}

static pct_town_setting setting_of(const pct_town_block *near, const pct_town_block *far) {
    uint8_t a = near ? near->setting : PCT_TOWN_RURAL, b = far ? far->setting : PCT_TOWN_RURAL;
    return a < b ? a : b;
}

static pct_status add_pair(pct_town *town, const char *zh, const char *en, bool is_row, line_names *out,
                           pct_error *error) {
    char text_zh[64], text_en[64];
    snprintf(text_zh, sizeof text_zh, "%s%s路", zh, is_row ? "西" : "南");
    snprintf(text_en, sizeof text_en, "%s %s Road", en, is_row ? "West" : "South");
    pct_status status = pct_town_name_add(town, text_zh, text_en, &out->low, error);
    if (status) return status;
    snprintf(text_zh, sizeof text_zh, "%s%s路", zh, is_row ? "东" : "北");
    snprintf(text_en, sizeof text_en, "%s %s Road", en, is_row ? "East" : "North");
    return pct_town_name_add(town, text_zh, text_en, &out->high, error);
}

static pct_status name_line(pct_town *town, bool is_row, uint32_t line, line_names *out, pct_error *error) {
    if (line == (is_row ? town->centre_row : town->centre_col))
        return is_row ? add_pair(town, "人民", "Renmin", true, out, error)
                      : add_pair(town, "解放", "Jiefang", false, out, error);
    pct_status status;
    if (is_row && on_river_bank(town, line)) {
        bool north = line != (uint32_t)town->river_block;
        status = pct_town_name_add(town, north ? "滨河北大道" : "滨河南大道",
                                   north ? "Binhe North Avenue" : "Binhe South Avenue", &out->low, error);
    } else {
        status = pct_town_name_street(town, 0, &out->low, error);
    }
    out->high = out->low;
    return status;
}

static pct_status name_rings(pct_town *town, uint32_t *names, pct_error *error) {
    static const char *const zh[] = {"一环路", "二环路", "三环路"};
    static const char *const en[] = {"1st Ring Road", "2nd Ring Road", "3rd Ring Road"};
    for (uint32_t k = 0; k < town->ring_count; k++) {
        bool only = town->ring_count == 1;
        pct_status status = pct_town_name_add(town, only ? "环城路" : zh[k], only ? "Huancheng Road" : en[k],
                                              &names[k], error);
        if (status) return status;
    }
    return PCT_OK;
}

/* The side of row line `line` south of block col `i`. */
static void lay_row_side(pct_town *town, uint32_t line, uint32_t i, line_names names,
                         const uint32_t *ring_names) {
    const pct_town_block *south = pct_town_block_at(town, (int64_t)line - 1, i);
    const pct_town_block *north = pct_town_block_at(town, line, i);
    pct_town_setting setting = setting_of(south, north);
    bool bank = on_river_bank(town, line);
    if (left_out(town, true, line, i, south, north) && !(bank && setting != PCT_TOWN_RURAL)) return;
    const pct_town_ring *ring = ring_of(town, true, line, i);
    pct_town_edge edge = {.road_class = (uint8_t)class_of(town, true, line, i, setting),
                          .flags = (uint8_t)(PCT_TOWN_MAIN | (bank ? PCT_TOWN_BANK : 0)),
                          .name = ring                   ? ring_names[ring - town->rings]
                                  : i < town->centre_col ? names.low
                                                         : names.high};
    if (bank && !ring && setting == PCT_TOWN_URBAN) edge.road_class = PCT_ROAD_SECONDARY;
    pct_town_row_street(town, town->row_lines[line], town->col_lines[i], town->col_lines[i + 1], edge);
}

/* Whether col line `line` crosses strip `block_row`. */
static bool crosses(const pct_town *town, uint32_t line, uint32_t block_row, pct_town_setting setting) {
    if (line == 0 || line + 1 == town->col_line_count) return false;
    if (is_through(town, false, line)) return true;
    double dice = pct_town_noise(town, 16, line, block_row);
    if ((int32_t)block_row == town->motorway_block) return dice < 0.45;
    return dice < (setting == PCT_TOWN_URBAN ? 0.42 : setting == PCT_TOWN_SUBURBAN ? 0.25 : 0.12);
}

static void lay_col_side(pct_town *town, uint32_t line, uint32_t i, line_names names,
                         const uint32_t *ring_names) {
    const pct_town_block *west = pct_town_block_at(town, i, (int64_t)line - 1);
    const pct_town_block *east = pct_town_block_at(town, i, line);
    pct_town_setting setting = setting_of(west, east);
    bool strip = is_strip(town, i);
    if (strip ? !crosses(town, line, i, setting) : left_out(town, false, line, i, west, east)) return;
    const pct_town_ring *ring = ring_of(town, false, line, i);
    pct_town_edge edge = {.road_class = (uint8_t)class_of(town, false, line, i, setting),
                          .flags = (uint8_t)(PCT_TOWN_MAIN | (strip ? PCT_TOWN_BRIDGE : 0)),
                          .name = ring                   ? ring_names[ring - town->rings]
                                  : i < town->centre_row ? names.low
                                                         : names.high};
    pct_town_col_street(town, town->col_lines[line], town->row_lines[i], town->row_lines[i + 1], edge);
}

pct_status pct_town_streets(pct_town *town, pct_error *error) {
    uint32_t ring_names[PCT_TOWN_RINGS_MAX] = {0};
    size_t count = (size_t)town->rows * town->cols;
    town->right = pct_alloc(count, sizeof *town->right);
    town->up = pct_alloc(count, sizeof *town->up);
    if (!town->right || !town->up) return pct_error_memory(error, count * sizeof *town->right);
    for (size_t i = 0; i < count; i++) town->right[i] = town->up[i] = no_edge;
    pct_status status = name_rings(town, ring_names, error);
    if (status) return status;
    for (uint32_t line = 0; line < town->row_line_count; line++) {
        line_names names;
        status = name_line(town, true, line, &names, error);
        if (status) return status;
        for (uint32_t i = 0; i + 1 < town->col_line_count; i++)
            lay_row_side(town, line, i, names, ring_names);
    }
    for (uint32_t line = 0; line < town->col_line_count; line++) {
        line_names names;
        status = name_line(town, false, line, &names, error);
        if (status) return status;
        for (uint32_t i = 0; i + 1 < town->row_line_count; i++)
            lay_col_side(town, line, i, names, ring_names);
    }
    return PCT_OK;
}
