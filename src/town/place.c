/* Places: what a block's style and setting lead one to expect, and a few that a town has one of. */
#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "town/output.h"

const pct_town_place_info pct_town_place_table[PCT_TOWN_PLACE_COUNT] = {
#define X(name, kind, key, value, zh, en) {kind, key, value, zh, en},
    PCT_TOWN_PLACES(X)
#undef X
};

enum { PLACES_MAX = 4 << 20, TRIES = 12 };

bool pct_town_vertex_in(const pct_town *town, const pct_town_block *block, pct_rng *rng, uint32_t *vertex) {
    uint32_t height = block->r1 - block->r0 + 1, width = block->c1 - block->c0 + 1;
    for (int i = 0; i < TRIES; i++) {
        uint32_t r = block->r0 + pct_rng_below(rng, height), c = block->c0 + pct_rng_below(rng, width);
        *vertex = r * town->cols + c;
        if (town->used[*vertex]) return true;
    }
    for (uint32_t i = 0; i < height * width; i++) {
        *vertex = (block->r0 + i / width) * town->cols + block->c0 + i % width;
        if (town->used[*vertex]) return true;
    }
    return false;
}

/* A place beside a road of the block; without one there is none. `name` 0 asks for a new name. */
static pct_status add_place(pct_town *town, uint32_t block, pct_town_place_kind kind, uint32_t name,
                            pct_rng *rng, pct_error *error) {
    uint32_t vertex;
    if (!pct_town_vertex_in(town, &town->blocks[block], rng, &vertex)) return PCT_OK;
    double angle = 2.0 * PCT_TOWN_PI * pct_rng_unit(rng);
    if (name == 0) {
        pct_status status = pct_town_name_stem(town, pct_town_place_table[kind].zh,
                                               pct_town_place_table[kind].en, &name, error);
        if (status) return status;
    }
    pct_town_place *place = pct_vector_push(&town->places);
    if (!place) return pct_vector_failed(&town->places, PCT_MSG_WHAT_PLACES, error);
    pct_plane plane = pct_plane_at(pct_town_points(town)[vertex]);
    *place = (pct_town_place){.position = pct_plane_from_m(&plane, 16.0 * cos(angle), 16.0 * sin(angle)),
                              .block = block,
                              .name = name,
                              .kind = (uint8_t)kind};
    return PCT_OK;
}

enum { ANY = 255 };

/* Which blocks have a place of a kind, and with what chance. The first row that fits a block counts. */
static const struct rule {
    uint8_t kind, style, use, setting, percent;
} rules[] = {
    {PCT_TOWN_PLACE_SCHOOL, PCT_TOWN_MIXED, ANY, ANY, 14},
    {PCT_TOWN_PLACE_SCHOOL, PCT_TOWN_VILLAGE, ANY, ANY, 5},
    {PCT_TOWN_PLACE_MIDDLE_SCHOOL, PCT_TOWN_CAMPUS, ANY, ANY, 100},
    {PCT_TOWN_PLACE_KINDERGARTEN, PCT_TOWN_ESTATE, ANY, ANY, 40},
    {PCT_TOWN_PLACE_FUEL, ANY, ANY, PCT_TOWN_SUBURBAN, 8},
    {PCT_TOWN_PLACE_FUEL, ANY, ANY, PCT_TOWN_URBAN, 3},
    {PCT_TOWN_PLACE_FUEL, ANY, ANY, PCT_TOWN_RURAL, 1},
    {PCT_TOWN_PLACE_MARKET, ANY, PCT_USE_COMMERCIAL, ANY, 30},
    {PCT_TOWN_PLACE_MARKET, ANY, PCT_USE_NIGHTLIFE, ANY, 30},
    {PCT_TOWN_PLACE_MARKET, PCT_TOWN_MIXED, ANY, ANY, 6},
    {PCT_TOWN_PLACE_CLINIC, PCT_TOWN_MIXED, ANY, ANY, 12},
    {PCT_TOWN_PLACE_CLINIC, PCT_TOWN_GRID, ANY, ANY, 12},
    {PCT_TOWN_PLACE_CLINIC, PCT_TOWN_ESTATE, ANY, ANY, 12},
    {PCT_TOWN_PLACE_CLINIC, PCT_TOWN_VILLAGE, ANY, ANY, 8},
    {PCT_TOWN_PLACE_BANK, ANY, PCT_USE_COMMERCIAL, ANY, 55},
    {PCT_TOWN_PLACE_BANK, ANY, PCT_USE_NIGHTLIFE, ANY, 55},
    {PCT_TOWN_PLACE_BANK, PCT_TOWN_MIXED, ANY, ANY, 6},
    {PCT_TOWN_PLACE_BANK, PCT_TOWN_ESTATE, ANY, ANY, 6},
    {PCT_TOWN_PLACE_HOTEL, ANY, PCT_USE_COMMERCIAL, ANY, 35},
    {PCT_TOWN_PLACE_HOTEL, ANY, PCT_USE_NIGHTLIFE, ANY, 35},
    {PCT_TOWN_PLACE_NIGHTLIFE, ANY, PCT_USE_NIGHTLIFE, ANY, 100},
    {PCT_TOWN_PLACE_ESTATE, PCT_TOWN_ESTATE, ANY, ANY, 100},
    {PCT_TOWN_PLACE_WORKS, PCT_TOWN_INDUSTRY, ANY, ANY, 100},
    {PCT_TOWN_PLACE_PARK, PCT_TOWN_PARK, ANY, ANY, 100},
};

static uint32_t chance_of(const pct_town_block *block, pct_town_place_kind kind) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        if (r->kind == kind && (r->style == ANY || r->style == block->style) &&
            (r->use == ANY || r->use == block->use) && (r->setting == ANY || r->setting == block->setting))
            return r->percent;
    }
    return 0;
}

static bool bears_block_name(pct_town_place_kind kind) {
    return kind == PCT_TOWN_PLACE_ESTATE || kind == PCT_TOWN_PLACE_WORKS || kind == PCT_TOWN_PLACE_PARK ||
           kind == PCT_TOWN_PLACE_MIDDLE_SCHOOL;
}

static pct_status settle_block(pct_town *town, uint32_t number, pct_rng *rng, pct_error *error) {
    const pct_town_block *block = &town->blocks[number];
    for (int kind = 0; kind < PCT_TOWN_PLACE_COUNT; kind++) {
        uint32_t chance = chance_of(block, (pct_town_place_kind)kind);
        if (chance == 0 || pct_rng_below(rng, 100) >= chance) continue;
        uint32_t name = bears_block_name((pct_town_place_kind)kind) ? block->name : 0;
        pct_status status = add_place(town, number, (pct_town_place_kind)kind, name, rng, error);
        if (status) return status;
    }
    return PCT_OK;
}

static bool suits(const pct_town_block *block, pct_town_place_kind kind) {
    bool outside = kind == PCT_TOWN_PLACE_EXPLOSIVES_STORE || kind == PCT_TOWN_PLACE_QUARRY;
    if (outside) return block->setting == PCT_TOWN_RURAL && block->style == PCT_TOWN_FIELD;
    return block->setting != PCT_TOWN_RURAL &&
           (block->style == PCT_TOWN_MIXED || block->style == PCT_TOWN_GRID ||
            block->style == PCT_TOWN_ESTATE);
}

/* `count` places of a kind in blocks that suit; where none does, any block will do. */
static pct_status settle_some(pct_town *town, pct_town_place_kind kind, uint32_t count, pct_rng *rng,
                              pct_error *error) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t block = 0;
        size_t before = town->places.length;
        for (int tries = 0; tries < 400 && town->places.length == before; tries++) {
            block = pct_rng_below(rng, town->block_count);
            if (tries < 300 && !suits(&town->blocks[block], kind)) continue;
            pct_status status = add_place(town, block, kind, 0, rng, error);
            if (status) return status;
            if (kind != PCT_TOWN_PLACE_QUARRY || town->places.length == before) continue;
            /* the store of explosives stands by the quarry */
            if ((status = add_place(town, block, PCT_TOWN_PLACE_EXPLOSIVES_STORE, 0, rng, error)))
                return status;
        }
    }
    return PCT_OK;
}

/* A station stands near the middle of its area, in a block where people live. */
static pct_status settle_station(pct_town *town, const pct_town_area *area, pct_rng *rng, pct_error *error) {
    uint32_t blocks = town->col_line_count - 1, best = PCT_NO_INDEX;
    double best_off = INFINITY;
    for (uint32_t r = area->row0; r < area->row1; r++)
        for (uint32_t c = area->col0; c < area->col1; c++) {
            const pct_town_block *block = &town->blocks[r * blocks + c];
            pct_rng look = *rng;
            uint32_t vertex;
            double off =
                hypot(r + 0.5 - (area->row0 + area->row1) / 2.0, c + 0.5 - (area->col0 + area->col1) / 2.0) +
                (block->people >= 1.0 ? 0.0 : 50.0);
            if (off >= best_off || !pct_town_vertex_in(town, block, &look, &vertex)) continue;
            best_off = off;
            best = r * blocks + c;
        }
    if (best == PCT_NO_INDEX) return PCT_OK;
    return add_place(town, best, PCT_TOWN_PLACE_STATION, 0, rng, error);
}

pct_status pct_town_settle(pct_town *town, const pct_vector *areas, uint32_t *stations, pct_error *error) {
    static const struct {
        pct_town_place_kind kind;
        uint32_t people_each;
    } few[] = {{PCT_TOWN_PLACE_HOSPITAL, 80000},
               {PCT_TOWN_PLACE_BUS_STATION, 250000},
               {PCT_TOWN_PLACE_GOVERNMENT, 40000},
               {PCT_TOWN_PLACE_QUARRY, 250000}};
    pct_rng rng = pct_rng_init(town->seed, PCT_TOWN_STREAM_PLACE);
    pct_status status = PCT_OK;
    town->places = pct_vector_init(sizeof(pct_town_place), PLACES_MAX);
    for (size_t i = 0; status == PCT_OK && i < areas->length; i++) {
        const pct_town_area *area = (const pct_town_area *)areas->items + i;
        if (area->level == PCT_TOWN_STATION_AREA) status = settle_station(town, area, &rng, error);
    }
    *stations = (uint32_t)town->places.length;
    for (size_t i = 0; status == PCT_OK && i < sizeof few / sizeof *few; i++)
        status = settle_some(town, few[i].kind, 1 + town->people / few[i].people_each, &rng, error);
    for (uint32_t i = 0; status == PCT_OK && i < town->block_count; i++)
        status = settle_block(town, i, &rng, error);
    return status;
}

static void write_place(const pct_town *town, const pct_town_place *place, const char *letter,
                        uint32_t number, pct_json_writer *json) {
    char id[32];
    pct_town_name name = pct_town_name_of(town, place->name);
    snprintf(id, sizeof id, "%s%u", letter, number);
    pct_json_begin_object(json);
    pct_json_key(json, "type");
    pct_json_string(json, "Feature");
    pct_json_key(json, "properties");
    pct_json_begin_object(json);
    pct_json_key(json, "id");
    pct_json_string(json, id);
    pct_json_key(json, "kind");
    pct_json_string(json, pct_town_place_table[place->kind].kind);
    pct_json_key(json, "name");
    pct_json_string(json, name.zh);
    pct_json_key(json, "name_en");
    pct_json_string(json, name.en);
    pct_json_end_object(json);
    pct_json_key(json, "geometry");
    pct_json_begin_object(json);
    pct_json_key(json, "type");
    pct_json_string(json, "Point");
    pct_json_key(json, "coordinates");
    pct_json_begin_array(json);
    pct_json_real(json, pct_position_lon_deg(place->position), 7);
    pct_json_real(json, pct_position_lat_deg(place->position), 7);
    pct_json_end_array(json);
    pct_json_end_object(json);
    pct_json_end_object(json);
}

pct_status pct_town_write_places(const pct_town *town, uint32_t first, uint32_t end, const char *id_letter,
                                 pct_buffer *out, pct_error *error) {
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "type");
    pct_json_string(&json, "FeatureCollection");
    pct_json_key(&json, "features");
    pct_json_begin_array(&json);
    uint32_t before = first == 0 ? town->numbered.stations : town->numbered.places;
    for (uint32_t i = first; i < end; i++) {
        (void)pct_buffer_append_byte(out, '\n');
        write_place(town, (const pct_town_place *)town->places.items + i, id_letter, before + i - first + 1,
                    &json);
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(out, '\n');
    return pct_buffer_status(out, error);
}
