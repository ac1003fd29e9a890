/* What lies on the town's roads, and the files that tell of it. Only src/town includes this.
 *
 * Order: areas, then places (stations stand in areas), then units and calls; the map last. */
#ifndef PCT_TOWN_OUTPUT_H
#define PCT_TOWN_OUTPUT_H

#include "osm/pbf.h"
#include "town/plan.h"

/* Kinds of places: name in our files, key and value in OpenStreetMap, tails of their names. */
#define PCT_TOWN_PLACES(X)                                                                                   \
    X(STATION, "police_station", "amenity", "police", "派出所", " Police Station")                           \
    X(SCHOOL, "school", "amenity", "school", "小学", " Primary School")                                      \
    X(MIDDLE_SCHOOL, "school", "amenity", "school", "中学", " Middle School")                                \
    X(KINDERGARTEN, "kindergarten", "amenity", "kindergarten", "幼儿园", " Kindergarten")                    \
    X(FUEL, "fuel", "amenity", "fuel", "加油站", " Filling Station")                                         \
    X(MARKET, "market", "amenity", "marketplace", "农贸市场", " Market")                                     \
    X(HOSPITAL, "hospital", "amenity", "hospital", "人民医院", " People's Hospital")                         \
    X(CLINIC, "clinic", "amenity", "clinic", "社区卫生服务站", " Community Clinic")                          \
    X(BANK, "bank", "amenity", "bank", "银行", " Bank")                                                      \
    X(BUS_STATION, "bus_station", "amenity", "bus_station", "汽车站", " Bus Station")                        \
    X(HOTEL, "hotel", "tourism", "hotel", "宾馆", " Hotel")                                                  \
    X(NIGHTLIFE, "nightlife", "amenity", "bar", "酒吧街", " Bar Street")                                     \
    X(EXPLOSIVES_STORE, "explosives_store", "landuse", "depot", "民用爆炸物品储存库",                        \
      " Civil Explosives Store")                                                                             \
    X(QUARRY, "quarry", "landuse", "quarry", "采石场", " Quarry")                                            \
    X(GOVERNMENT, "government", "office", "government", "街道办事处", " Subdistrict Office")                 \
    X(ESTATE, "residential_estate", "landuse", "residential", "小区", " Estate")                             \
    X(WORKS, "industrial_park", "landuse", "industrial", "工业园", " Industrial Park")                       \
    X(PARK, "park", "leisure", "park", "公园", " Park")

typedef enum pct_town_place_kind {
#define X(name, kind, key, value, zh, en) PCT_TOWN_PLACE_##name,
    PCT_TOWN_PLACES(X)
#undef X
        PCT_TOWN_PLACE_COUNT
} pct_town_place_kind;

typedef struct pct_town_place_info {
    const char *kind, *key, *value, *zh, *en;
} pct_town_place_info;

extern const pct_town_place_info pct_town_place_table[PCT_TOWN_PLACE_COUNT];

typedef enum pct_town_level {
    PCT_TOWN_STATION_AREA,
    PCT_TOWN_COMMUNITY,
    PCT_TOWN_ZONE,
    PCT_TOWN_CELL
} pct_town_level;

/* A rectangle of blocks, half-open in both directions. */
typedef struct pct_town_area {
    uint32_t row0, row1, col0, col1;
    uint32_t parent; /* number of the area, PCT_NO_INDEX at the top */
    uint32_t name;
    uint8_t level, setting;
} pct_town_area;

/* Fills `areas` (of pct_town_area) with both partitions, parents before children. */
pct_status pct_town_divide(pct_town *town, pct_vector *areas, pct_error *error) PCT_MUST_USE;
pct_status pct_town_write_areas(const pct_town *town, const pct_vector *areas, pct_buffer *out,
                                pct_error *error) PCT_MUST_USE;

/* Fills town->places: one police station for each station area first, in the order of the areas. */
pct_status pct_town_settle(pct_town *town, const pct_vector *areas, uint32_t *stations,
                           pct_error *error) PCT_MUST_USE;
pct_status pct_town_write_places(const pct_town *town, uint32_t first, uint32_t end, const char *id_letter,
                                 pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* A vertex with a road in the block, its edge included; false when it has none. */
bool pct_town_vertex_in(const pct_town *town, const pct_town_block *block, pct_rng *rng, uint32_t *vertex);

pct_status pct_town_write_units(const pct_town *town, uint32_t stations, uint32_t *count, pct_buffer *out,
                                pct_error *error) PCT_MUST_USE;
/* What a unit is and when it is on; the same for the count-th unit of every town. */
typedef struct pct_town_equipment {
    const char *kind, *capabilities, *shift_start, *shift_end;
    int officers, auxiliaries;
} pct_town_equipment;
const pct_town_equipment *pct_town_equipment_of(uint32_t unit);

enum { PCT_TOWN_DUTY_STATIONS_MAX = 4096 };
/* What the town's stations and units are asked for, added to lists that other towns may have begun; joined when all are written. */
pct_status pct_town_write_duty(const pct_town *town, uint32_t stations, uint32_t units,
                               pct_buffer parts[PCT_TOWN_DUTY_PARTS], pct_error *error) PCT_MUST_USE;
pct_status pct_town_join_duty(const pct_buffer parts[PCT_TOWN_DUTY_PARTS], pct_buffer *out,
                              pct_error *error) PCT_MUST_USE;
/* town->days of calls from Monday 2026-06-01, local time. */
pct_status pct_town_write_calls(const pct_town *town, const pct_demand_table *demand, uint32_t *count,
                                pct_buffer *out, pct_error *error) PCT_MUST_USE;
pct_status pct_town_write_map(const pct_town *town, pct_buffer *out, pct_error *error) PCT_MUST_USE;

/* What the header of a map says. */
#define PCT_TOWN_MAP_PROGRAM PCT_TOWN_PROGRAM ": generated, not OpenStreetMap data"

/* A map that several towns are added to, one after the other; the writers may be one and the same for one town. */
typedef struct pct_town_map {
    pct_osm_writer *nodes, *ways, *relations;
    int64_t next_node, next_way, next_relation; /* ids */
} pct_town_map;

/* A vertex where a road from outside ends; `node` is its id once the town has been added. */
typedef struct pct_town_gate {
    uint32_t vertex;
    int64_t node;
} pct_town_gate;

pct_status pct_town_map_add(const pct_town *town, pct_town_map *map, pct_town_gate *gates, size_t gate_count,
                            pct_error *error) PCT_MUST_USE;

/* town.c: all files of a town but its map. */
pct_status pct_town_write_lists(pct_town *town, const pct_demand_table *demand, pct_town_files *out,
                                pct_town_summary *summary, pct_error *error) PCT_MUST_USE;

/* region.c: towns, villages with up to village_nodes nodes, and what joins them. */
enum { PCT_REGION_VILLAGE_NODES = 600 };
pct_status pct_region_generate(const pct_town_request *request, uint32_t village_nodes,
                               const pct_demand_table *demand, pct_town_files *out, pct_town_summary *summary,
                               pct_error *error) PCT_MUST_USE;

#endif
