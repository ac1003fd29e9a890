/* The inside of a block, by its style. Streets run along lattice lines from one street to another; what makes
 * blocks unlike each other is where a rectangle is split, how far, and what becomes of the pieces. */
#include "town/plan.h"

enum { PIECES_MAX = 128 };

typedef struct piece {
    uint32_t r0, r1, c0, c1;
    int depth;
} piece;

typedef struct filling {
    pct_town *town;
    const pct_town_block *block;
    pct_rng rng;
    pct_error *error;
} filling;

static bool chance(filling *f, double p) {
    return pct_rng_unit(&f->rng) < p;
}

static uint32_t between(filling *f, uint32_t low, uint32_t high) {
    return low + pct_rng_below(&f->rng, high - low + 1);
}

static pct_status edge_of(filling *f, pct_road_class road_class, pct_town_edge *edge) {
    *edge = (pct_town_edge){.road_class = (uint8_t)road_class};
    if (road_class == PCT_ROAD_SERVICE) return PCT_OK;
    int grade = road_class == PCT_ROAD_LIVING_STREET ? 2
                : road_class == PCT_ROAD_TERTIARY    ? 1
                : chance(f, 0.6)                     ? 1
                                                     : 2;
    return pct_town_name_street(f->town, grade, &edge->name, f->error);
}

static pct_road_class class_at(filling *f, int depth) {
    if (depth == 0 && chance(f, 0.4)) return PCT_ROAD_TERTIARY;
    if (depth <= 2) return PCT_ROAD_RESIDENTIAL;
    return chance(f, 0.55)  ? PCT_ROAD_RESIDENTIAL
           : chance(f, 0.5) ? PCT_ROAD_LIVING_STREET
                            : PCT_ROAD_SERVICE;
}

/* The street that comes up to vertex (r, c) from the neighbour, to be continued; none: COUNT. */
static pct_town_edge arriving(const pct_town *town, bool row_street, uint32_t r, uint32_t c) {
    if (row_street)
        return c > 0 ? town->right[(size_t)r * town->cols + c - 1]
                     : (pct_town_edge){.road_class = PCT_ROAD_CLASS_COUNT};
    return r > 0 ? town->up[(size_t)(r - 1) * town->cols + c]
                 : (pct_town_edge){.road_class = PCT_ROAD_CLASS_COUNT};
}

/* Where to split low…high: rather where a street arrives already, for crossings are commoner than staggers. */
static uint32_t split_at(filling *f, bool row_street, const piece *p) {
    uint32_t low = row_street ? p->r0 : p->c0, high = row_street ? p->r1 : p->c1;
    uint32_t margin = high - low >= 4 ? 2 : 1;
    if (chance(f, 0.55))
        for (uint32_t i = low + margin; i + margin <= high; i++) {
            pct_town_edge edge =
                row_street ? arriving(f->town, true, i, p->c0) : arriving(f->town, false, p->r0, i);
            if (edge.road_class != PCT_ROAD_CLASS_COUNT && !(edge.flags & PCT_TOWN_MAIN)) return i;
        }
    return between(f, low + margin, high - margin);
}

/* One street across the piece; a named one that arrives at its beginning goes on under its name. */
static pct_status lay(filling *f, const piece *p, bool row_street, uint32_t at, pct_road_class road_class,
                      uint8_t flags) {
    pct_town_edge edge;
    pct_town_edge before =
        row_street ? arriving(f->town, true, at, p->c0) : arriving(f->town, false, p->r0, at);
    bool goes_on = before.road_class == road_class && before.name != 0 && !(before.flags & PCT_TOWN_MAIN);
    if (goes_on) {
        edge = before;
    } else {
        pct_status status = edge_of(f, road_class, &edge);
        if (status) return status;
    }
    edge.flags = flags;
    if (row_street)
        pct_town_row_street(f->town, at, p->c0, p->c1, edge);
    else
        pct_town_col_street(f->town, at, p->r0, p->r1, edge);
    return PCT_OK;
}

/* A dead end from the middle of one side into the piece. */
static pct_status dead_end(filling *f, const piece *p) {
    pct_town_edge edge;
    pct_status status = edge_of(f, chance(f, 0.4) ? PCT_ROAD_LIVING_STREET : PCT_ROAD_SERVICE, &edge);
    if (status) return status;
    if (p->r1 - p->r0 >= 2 && chance(f, 0.5)) {
        uint32_t r = between(f, p->r0 + 1, p->r1 - 1), reach = p->c1 - p->c0 > 2 ? 2 : 1;
        uint32_t from = chance(f, 0.5) ? p->c0 : p->c1 - reach;
        if (p->c1 - p->c0 > reach) pct_town_row_street(f->town, r, from, from + reach, edge);
    } else if (p->c1 - p->c0 >= 2 && p->r1 - p->r0 >= 2) {
        uint32_t c = between(f, p->c0 + 1, p->c1 - 1);
        pct_town_col_street(f->town, c, p->r0, p->r0 + 1, edge);
    }
    return PCT_OK;
}

/* Splits a rectangle until its pieces have at most `leaf` cells. */
static pct_status fill_mixed(filling *f, piece whole, uint32_t leaf, pct_road_class inner, double dead_ends) {
    piece todo[PIECES_MAX] = {whole};
    for (int n = 1; n > 0;) {
        piece p = todo[--n];
        uint32_t height = p.r1 - p.r0, width = p.c1 - p.c0;
        bool small = height * width <= leaf || (height < 2 && width < 2) || n + 2 >= PIECES_MAX;
        pct_status status = PCT_OK;
        if (small) {
            if (chance(f, dead_ends)) status = dead_end(f, &p);
            if (status) return status;
            continue;
        }
        bool row_street = height > width || (height == width && chance(f, 0.5));
        uint32_t at = split_at(f, row_street, &p);
        status = lay(f, &p, row_street, at, inner == PCT_ROAD_SERVICE ? inner : class_at(f, p.depth), 0);
        if (status) return status;
        piece low = p, high = p;
        low.depth = high.depth = p.depth + 1;
        if (row_street)
            low.r1 = high.r0 = at;
        else
            low.c1 = high.c0 = at;
        todo[n++] = high;
        todo[n++] = low;
    }
    return PCT_OK;
}

static bool in_old_town(const filling *f) {
    const pct_town *town = f->town;
    return pct_town_remoteness(town, town->u[f->block->c0], town->v[f->block->r0]) < 0.22;
}

/* Old streets: every line or every other; in the centre they are one-way in turn, eastward, westward. */
static pct_status fill_grid(filling *f, piece p) {
    bool oneway = in_old_town(f) && f->block->use != PCT_USE_NIGHTLIFE;
    for (int axis = 0; axis < 2; axis++) {
        uint32_t low = axis ? p.r0 : p.c0, high = axis ? p.r1 : p.c1;
        for (uint32_t at = low + 1; at < high; at++) {
            if (!chance(f, 0.72)) continue;
            pct_road_class road_class = chance(f, 0.3)    ? PCT_ROAD_TERTIARY
                                        : chance(f, 0.75) ? PCT_ROAD_RESIDENTIAL
                                                          : PCT_ROAD_LIVING_STREET;
            bool one = oneway && road_class != PCT_ROAD_LIVING_STREET && chance(f, 0.7);
            uint8_t flags = (uint8_t)(one ? PCT_TOWN_ONEWAY : 0);
            pct_status status = lay(f, &p, axis == 1, at, road_class, flags);
            if (status) return status;
        }
    }
    return PCT_OK;
}

/* A gated estate: a lane round the inside, lanes across, one to three gates. */
static pct_status fill_estate(filling *f, piece p) {
    if (p.r1 - p.r0 < 4 || p.c1 - p.c0 < 4) return fill_mixed(f, p, 4, PCT_ROAD_SERVICE, 0.3);
    if ((p.r1 - p.r0) * (p.c1 - p.c0) > 40 && p.depth == 0) {
        bool row_street = p.r1 - p.r0 > p.c1 - p.c0;
        uint32_t at = row_street ? (p.r0 + p.r1) / 2 : (p.c0 + p.c1) / 2;
        pct_status status = lay(f, &p, row_street, at, PCT_ROAD_RESIDENTIAL, 0);
        if (status) return status;
        piece low = p, high = p;
        low.depth = high.depth = 1;
        if (row_street)
            low.r1 = high.r0 = at;
        else
            low.c1 = high.c0 = at;
        status = fill_estate(f, low);
        return status ? status : fill_estate(f, high);
    }
    pct_town_edge lane = {.road_class = PCT_ROAD_SERVICE};
    uint32_t r0 = p.r0 + 1, r1 = p.r1 - 1, c0 = p.c0 + 1, c1 = p.c1 - 1;
    pct_town_row_street(f->town, r0, c0, c1, lane);
    pct_town_row_street(f->town, r1, c0, c1, lane);
    pct_town_col_street(f->town, c0, r0, r1, lane);
    pct_town_col_street(f->town, c1, r0, r1, lane);
    pct_town_col_street(f->town, between(f, c0, c1), p.r0, r0, lane);
    if (chance(f, 0.75)) pct_town_row_street(f->town, between(f, r0, r1), c1, p.c1, lane);
    if (chance(f, 0.45)) pct_town_col_street(f->town, between(f, c0, c1), r1, p.r1, lane);
    return fill_mixed(f, (piece){r0, r1, c0, c1, 3}, 6, PCT_ROAD_SERVICE, 0.45);
}

static pct_status fill_works(filling *f, piece p, uint32_t leaf) {
    return fill_mixed(f, p, leaf, PCT_ROAD_SERVICE, 0.5);
}

/* A main street from road to road, lanes off it, and some cross lanes that tie them. */
static pct_status fill_village(filling *f, piece p) {
    uint32_t height = p.r1 - p.r0, width = p.c1 - p.c0;
    if (height < 4 || width < 4) return PCT_OK;
    uint32_t main_row = p.r0 + height / 2, main_col = p.c0 + width / 2;
    pct_town_edge main_street, lane;
    pct_status status = edge_of(f, PCT_ROAD_UNCLASSIFIED, &main_street);
    if (status) return status;
    main_street.name = f->block->name;
    pct_town_row_street(f->town, main_row, p.c0, p.c1, main_street);
    pct_town_col_street(f->town, main_col, chance(f, 0.5) ? p.r0 : main_row,
                        chance(f, 0.6) ? p.r1 : main_row + 1, main_street);
    for (uint32_t c = p.c0 + 1; c < p.c1; c++) {
        if (chance(f, 0.15)) continue;
        status = edge_of(f, PCT_ROAD_RESIDENTIAL, &lane);
        if (status) return status;
        pct_town_col_street(f->town, c, between(f, p.r0 + 1, main_row), between(f, main_row, p.r1 - 1), lane);
    }
    for (int i = 0; i < 3; i++) {
        uint32_t r = between(f, p.r0 + 1, p.r1 - 1), from = between(f, p.c0 + 1, p.c1 - 2);
        status = edge_of(f, PCT_ROAD_LIVING_STREET, &lane);
        if (status) return status;
        pct_town_row_street(f->town, r, from, between(f, from + 1, p.c1 - 1), lane);
    }
    return PCT_OK;
}

/* Fields: now and then a farm track that ends. */
static void fill_field(filling *f, piece p) {
    if (p.r1 - p.r0 < 3 || p.c1 - p.c0 < 3 || !chance(f, 0.3)) return;
    pct_town_edge track = {.road_class = PCT_ROAD_TRACK};
    uint32_t c = between(f, p.c0 + 1, p.c1 - 1), end = between(f, p.r0 + 1, p.r1 - 1);
    pct_town_col_street(f->town, c, p.r0, end, track);
    if (chance(f, 0.5)) pct_town_row_street(f->town, end, p.c0 + 1, c, track);
}

static pct_status name_block(filling *f, pct_town_block *block) {
    switch ((pct_town_style)block->style) {
    case PCT_TOWN_VILLAGE: {
        bool hamlet = chance(f, 0.5);
        return pct_town_name_stem(f->town, hamlet ? "庄" : "村", hamlet ? "zhuang" : "cun", &block->name,
                                  f->error);
    }
    case PCT_TOWN_ESTATE: return pct_town_name_stem(f->town, "小区", " Estate", &block->name, f->error);
    case PCT_TOWN_PARK: return pct_town_name_stem(f->town, "公园", " Park", &block->name, f->error);
    case PCT_TOWN_INDUSTRY:
        return pct_town_name_stem(f->town, "工业园", " Industrial Park", &block->name, f->error);
    case PCT_TOWN_CAMPUS:
        return pct_town_name_stem(f->town, "中学", " Middle School", &block->name, f->error);
    default: return PCT_OK;
    }
}

static pct_status fill_block(filling *f, pct_town_block *block) {
    piece whole = {block->r0, block->r1, block->c0, block->c1, 0};
    pct_status status = name_block(f, block);
    if (status) return status;
    switch ((pct_town_style)block->style) {
    case PCT_TOWN_GRID: return fill_grid(f, whole);
    case PCT_TOWN_MIXED: return fill_mixed(f, whole, 3, PCT_ROAD_RESIDENTIAL, 0.35);
    case PCT_TOWN_ESTATE: return fill_estate(f, whole);
    case PCT_TOWN_INDUSTRY: return fill_works(f, whole, 14);
    case PCT_TOWN_CAMPUS: return fill_works(f, whole, 18);
    case PCT_TOWN_VILLAGE: return fill_village(f, whole);
    case PCT_TOWN_FIELD: fill_field(f, whole); return PCT_OK;
    default: return PCT_OK;
    }
}

pct_status pct_town_fill(pct_town *town, pct_error *error) {
    for (uint32_t i = 0; i < town->block_count; i++) {
        filling f = {.town = town,
                     .block = &town->blocks[i],
                     .rng = pct_rng_init(town->seed, PCT_TOWN_STREAM_BLOCKS + (uint64_t)i),
                     .error = error};
        pct_status status = fill_block(&f, &town->blocks[i]);
        if (status) return status;
    }
    return PCT_OK;
}
