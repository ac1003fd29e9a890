/* Calls: drawn from the demand table over the town's houses, roads and places. */
#include <stdio.h>
#include <string.h>

#include "demand/calls_csv.h"
#include "town/output.h"

enum { CALL_TEXT_BYTES_MAX = 1 << 30, ADDRESS_BYTES_MAX = 160 };

/* 2026-06-01, a Monday, 00:00 local. */
static const int64_t monday_ms = INT64_C(1780272000000);

/* Where calls can come from: houses first, then roads, then places, in the order of the demand places. */
typedef struct sites {
    pct_vector weights; /* pct_demand_place */
    pct_vector what;    /* uint32_t: number of the house, road or place */
    size_t first_road, first_place;
} sites;

static pct_status add_site(sites *s, pct_land_use use, double weight, uint32_t what, pct_error *error) {
    pct_demand_place *place = pct_vector_push(&s->weights);
    uint32_t *number = pct_vector_push(&s->what);
    if (!place) return pct_vector_failed(&s->weights, PCT_MSG_WHAT_CALL_SITES, error);
    if (!number) return pct_vector_failed(&s->what, PCT_MSG_WHAT_CALL_SITES, error);
    *place = (pct_demand_place){use, weight};
    *number = what;
    return PCT_OK;
}

static pct_status add_road(const pct_town *town, sites *s, uint32_t number, pct_error *error) {
    static const double weights[] = {0.5, 0.5, 1.6, 1.0, 1.6, 1.0, 1.2, 1.0, 0.8, 0.8, 0.4};
    const pct_town_road *road = pct_town_road_at(town, number);
    const pct_position *points = pct_town_points(town);
    if (road->road_class > PCT_ROAD_UNCLASSIFIED) return PCT_OK;
    double length_m = pct_geo_distance_m(points[road->a], points[road->b]);
    double busy = town->blocks[road->block].setting == PCT_TOWN_URBAN ? 2.5 : 1.0;
    pct_status status = add_site(s, PCT_USE_ROAD, weights[road->road_class] * length_m * busy, number, error);
    if (status || !(road->flags & PCT_TOWN_BANK)) return status;
    return add_site(s, PCT_USE_WATER, length_m * busy, number, error);
}

static pct_status add_place(const pct_town *town, sites *s, uint32_t number, pct_error *error) {
    const pct_town_place *place = (const pct_town_place *)town->places.items + number;
    switch ((pct_town_place_kind)place->kind) {
    case PCT_TOWN_PLACE_SCHOOL:
    case PCT_TOWN_PLACE_KINDERGARTEN: return add_site(s, PCT_USE_SCHOOL, 1.0, number, error);
    case PCT_TOWN_PLACE_MIDDLE_SCHOOL: return add_site(s, PCT_USE_SCHOOL, 3.0, number, error);
    case PCT_TOWN_PLACE_MARKET: return add_site(s, PCT_USE_COMMERCIAL, 60.0, number, error);
    case PCT_TOWN_PLACE_BUS_STATION: return add_site(s, PCT_USE_COMMERCIAL, 80.0, number, error);
    case PCT_TOWN_PLACE_HOTEL: return add_site(s, PCT_USE_COMMERCIAL, 10.0, number, error);
    case PCT_TOWN_PLACE_NIGHTLIFE: return add_site(s, PCT_USE_NIGHTLIFE, 400.0, number, error);
    case PCT_TOWN_PLACE_ESTATE: return add_site(s, PCT_USE_RESIDENTIAL, 160.0, number, error);
    case PCT_TOWN_PLACE_WORKS: return add_site(s, PCT_USE_INDUSTRIAL, 1.0, number, error);
    case PCT_TOWN_PLACE_PARK: return add_site(s, PCT_USE_PARK, 1.0, number, error);
    default: return PCT_OK;
    }
}

static pct_status list_sites(const pct_town *town, sites *s, pct_error *error) {
    size_t most = town->houses.length + 2 * town->roads.length + town->places.length;
    s->weights = pct_vector_init(sizeof(pct_demand_place), most);
    s->what = pct_vector_init(sizeof(uint32_t), most);
    pct_status status = PCT_OK;
    const pct_town_house *houses = town->houses.items;
    for (uint32_t i = 0; status == PCT_OK && i < town->houses.length; i++) {
        /* some homes stand among the shops */
        pct_land_use use = town->blocks[houses[i].block].use;
        bool home = use == PCT_USE_COMMERCIAL && houses[i].number % 4 == 3;
        status = add_site(s, home ? PCT_USE_RESIDENTIAL : use, 1.0, i, error);
    }
    s->first_road = s->weights.length;
    for (uint32_t i = 0; status == PCT_OK && i < town->roads.length; i++)
        status = add_road(town, s, i, error);
    s->first_place = s->weights.length;
    for (uint32_t i = 0; status == PCT_OK && i < town->places.length; i++)
        status = add_place(town, s, i, error);
    return status;
}

/* Position and address of a call at a site. */
static void locate(const pct_town *town, const sites *s, uint32_t site, pct_rng *rng, pct_position *position,
                   char *address) {
    uint32_t what = ((const uint32_t *)s->what.items)[site];
    if (site < s->first_road) {
        const pct_town_house *house = (const pct_town_house *)town->houses.items + what;
        *position = house->position;
        snprintf(address, ADDRESS_BYTES_MAX, "%s%u号", pct_town_name_of(town, house->name).zh, house->number);
    } else if (site < s->first_place) {
        const pct_town_road *road = pct_town_road_at(town, what);
        const pct_position *points = pct_town_points(town);
        *position = pct_geo_between(points[road->a], points[road->b], pct_rng_unit(rng));
        snprintf(address, ADDRESS_BYTES_MAX, "%s",
                 road->name ? pct_town_name_of(town, road->name).zh : "匝道");
        if (road->flags & PCT_TOWN_BRIDGE)
            strncat(address, "大桥", ADDRESS_BYTES_MAX - strlen(address) - 1);
        else
            strncat(address, "路段", ADDRESS_BYTES_MAX - strlen(address) - 1);
    } else {
        const pct_town_place *place = (const pct_town_place *)town->places.items + what;
        uint32_t vertex;
        *position = place->position;
        const char *name = pct_town_name_of(town, place->name).zh;
        if (place->kind == PCT_TOWN_PLACE_ESTATE &&
            pct_town_vertex_in(town, &town->blocks[place->block], rng, &vertex)) {
            *position = pct_town_points(town)[vertex];
            snprintf(address, ADDRESS_BYTES_MAX, "%s%u号楼", name, 1 + pct_rng_below(rng, 24));
        } else {
            snprintf(address, ADDRESS_BYTES_MAX, "%s", name);
        }
    }
}

static pct_status write_drawn(const pct_town *town, const pct_demand_table *demand, const sites *s,
                              const pct_vector *drawn, pct_rng *rng, pct_buffer *out, pct_error *error) {
    pct_call_record *records = pct_alloc(drawn->length, sizeof *records);
    pct_arena text = pct_arena_init(CALL_TEXT_BYTES_MAX);
    pct_status status = PCT_OK;
    if (!records) status = pct_error_memory(error, drawn->length * sizeof *records);
    for (size_t i = 0; status == PCT_OK && i < drawn->length; i++) {
        const pct_demand_call *call = (const pct_demand_call *)drawn->items + i;
        char id[32], address[ADDRESS_BYTES_MAX];
        pct_call_record *r = &records[i];
        *r = (pct_call_record){.type = demand->types.texts[call->type],
                               .time_local_ms = call->time_local_ms,
                               .priority = call->priority};
        locate(town, s, call->place, rng, &r->position, address);
        snprintf(id, sizeof id, "C%06zu", town->numbered.calls + i + 1);
        const char *kept_id = pct_arena_text(&text, id, strlen(id));
        const char *kept_address = pct_arena_text(&text, address, strlen(address));
        if (!kept_id || !kept_address) status = pct_error_memory(error, strlen(address));
        r->id = pct_text_of(kept_id);
        r->address = pct_text_of(kept_address);
    }
    if (status == PCT_OK) {
        pct_calls_write(records, drawn->length, out);
        status = pct_buffer_status(out, error);
    }
    pct_free(records);
    pct_arena_dispose(&text);
    return status;
}

pct_status pct_town_write_calls(const pct_town *town, const pct_demand_table *demand, uint32_t *count,
                                pct_buffer *out, pct_error *error) {
    pct_rng rng = pct_rng_init(town->seed, PCT_TOWN_STREAM_CALL);
    pct_vector drawn = pct_vector_init(sizeof(pct_demand_call), PCT_CALLS_MAX);
    pct_demand_model *model = NULL;
    sites s = {0};
    pct_status status = list_sites(town, &s, error);
    if (status) goto done;
    status = pct_demand_model_new(demand, town->people, s.weights.items, (uint32_t)s.weights.length, &model,
                                  error);
    if (status) goto done;
    status =
        pct_demand_draw(model, monday_ms, monday_ms + (int64_t)town->days * PCT_DAY_MS, &rng, &drawn, error);
    if (status) goto done;
    *count = (uint32_t)drawn.length;
    status = write_drawn(town, demand, &s, &drawn, &rng, out, error);
done:
    pct_demand_model_free(model);
    pct_vector_dispose(&drawn);
    pct_vector_dispose(&s.weights);
    pct_vector_dispose(&s.what);
    return status;
}
