/* House numbers: along named streets, odd on the left and even on the right, rising with the street. */
#include <math.h>

#include "town/plan.h"

enum { HOUSES_MAX = 16 << 20 };
static const double spacing_m = 27.0, setback_m = 11.0;

typedef struct street {
    double next_m;   /* along the piece, where the next pair of houses stands */
    uint32_t *pairs; /* [names] pairs of numbers given so far */
    pct_rng rng;
} street;

static bool has_houses(const pct_town *town, const pct_town_way *way) {
    bool built = way->road_class >= PCT_ROAD_PRIMARY && way->road_class <= PCT_ROAD_LIVING_STREET &&
                 way->road_class != PCT_ROAD_PRIMARY_LINK && way->road_class != PCT_ROAD_SECONDARY_LINK &&
                 way->road_class != PCT_ROAD_TERTIARY_LINK;
    uint8_t style = town->blocks[way->block].style;
    if (!built || way->name == 0 || way->flags & (PCT_TOWN_BANK | PCT_TOWN_BRIDGE | PCT_TOWN_ROUNDABOUT))
        return false;
    if (way->road_class < PCT_ROAD_RESIDENTIAL && town->blocks[way->block].setting == PCT_TOWN_RURAL)
        return way->name == town->blocks[way->block].name && style == PCT_TOWN_VILLAGE;
    return style == PCT_TOWN_VILLAGE || style == PCT_TOWN_GRID || style == PCT_TOWN_MIXED ||
           style == PCT_TOWN_ESTATE;
}

static pct_status add_house(pct_town *town, const pct_town_way *way, pct_position at, double bearing_deg,
                            uint32_t number, pct_error *error) {
    pct_plane plane = pct_plane_at(at);
    double side = (bearing_deg + (number % 2 ? -90.0 : 90.0)) * PCT_TOWN_PI / 180.0;
    pct_town_house *house = pct_vector_push(&town->houses);
    if (!house) return pct_vector_failed(&town->houses, PCT_MSG_WHAT_HOUSES, error);
    *house =
        (pct_town_house){.position = pct_plane_from_m(&plane, setback_m * sin(side), setback_m * cos(side)),
                         .name = way->name,
                         .number = number,
                         .block = way->block};
    return PCT_OK;
}

static pct_status build_piece(pct_town *town, const pct_town_way *way, pct_position a, pct_position b,
                              street *s, pct_error *error) {
    double length_m = pct_geo_distance_m(a, b), bearing_deg = pct_geo_bearing_deg(a, b);
    for (; s->next_m < length_m; s->next_m += spacing_m) {
        pct_position at = pct_geo_between(a, b, s->next_m / length_m);
        uint32_t pair = s->pairs[way->name]++;
        for (uint32_t side = 1; side <= 2; side++) {
            if (pct_rng_unit(&s->rng) < 0.22) continue; /* a gap between houses keeps its number */
            pct_status status = add_house(town, way, at, bearing_deg, 2 * pair + side, error);
            if (status) return status;
        }
    }
    s->next_m -= length_m;
    return PCT_OK;
}

pct_status pct_town_houses(pct_town *town, pct_error *error) {
    street s = {.rng = pct_rng_init(town->seed, PCT_TOWN_STREAM_HOUSE)};
    const uint32_t *refs = town->way_refs.items;
    const pct_position *points = pct_town_points(town);
    pct_status status = PCT_OK;
    town->houses = pct_vector_init(sizeof(pct_town_house), HOUSES_MAX);
    s.pairs = pct_alloc_zeroed(town->names.length, sizeof *s.pairs);
    if (!s.pairs) return pct_error_memory(error, town->names.length * sizeof *s.pairs);
    for (size_t w = 0; status == PCT_OK && w < town->ways.length; w++) {
        const pct_town_way *way = (const pct_town_way *)town->ways.items + w;
        if (!has_houses(town, way)) continue;
        s.next_m = 20.0;
        for (uint32_t i = 1; status == PCT_OK && i < way->ref_count; i++)
            status = build_piece(town, way, points[refs[way->ref_at + i - 1]], points[refs[way->ref_at + i]],
                                 &s, error);
    }
    pct_free(s.pairs);
    return status;
}
