/* Demand: calls for service as rates by place, hour and type.
 *
 * A table (definitions/demand.csv, shipped and editable) holds *sources* of calls: an incident type in one of its
 * circumstances (quarrels at home in the evening; quarrels outside bars on Friday night) with
 *   - the expected number of calls a week for 1,000 people,
 *   - how they spread over the 24 hours and the 7 days (Monday first),
 *   - on which land use they fall, and
 *   - how they split into the priorities 1 to 4.
 * A type's rate is the sum of its sources'. The rate of a source in one hour of the week is
 * per_week × day share × hour share; calls form a Poisson process with these rates, constant within the hour.
 *
 * A model is a table set against a number of people and a list of places. A source's calls fall on a land use in
 * proportion to its weights among the uses that occur, then on a place of that use by the place's weight. A source
 * none of whose uses occurs gives no calls (no water rescue where there is no water).
 *
 * Times are local wall time in milliseconds since 1970-01-01T00:00 of the same wall clock; the caller knows the zone.
 * Only places, hours and types: nothing about persons enters here.
 *
 *     pct_demand_table_read(file, bytes, &table, error);
 *     pct_demand_model_new(&table, people, places, place_count, &model, error);
 *     pct_demand_draw(model, from, to, &rng, &calls, error);     // pct_vector of pct_demand_call, by time
 *     pct_demand_model_free(model);  pct_demand_table_dispose(&table);
 *
 * The model copies what it needs of table and places. Drawing is O(1) a call plus sorting within the hour; it
 * allocates only as the caller's vector grows. */
#ifndef PCT_DEMAND_DEMAND_H
#define PCT_DEMAND_DEMAND_H

#include "base/map.h"
#include "base/rng.h"
#include "base/vector.h"
#include "clock/time.h"

#define PCT_LAND_USES(X)                                                                                     \
    X(RESIDENTIAL, "residential")                                                                            \
    X(COMMERCIAL, "commercial")                                                                              \
    X(NIGHTLIFE, "nightlife")                                                                                \
    X(SCHOOL, "school")                                                                                      \
    X(INDUSTRIAL, "industrial")                                                                              \
    X(ROAD, "road")                                                                                          \
    X(RURAL, "rural")                                                                                        \
    X(PARK, "park")                                                                                          \
    X(WATER, "water")

typedef enum pct_land_use {
#define X(name, text) PCT_USE_##name,
    PCT_LAND_USES(X)
#undef X
        PCT_USE_COUNT
} pct_land_use;

const char *pct_land_use_name(pct_land_use use);

enum { PCT_HOURS_PER_WEEK = 168, PCT_PRIORITIES = 4, PCT_DEMAND_SOURCES_MAX = 4096 };
#define PCT_HOUR_MS INT64_C(3600000)

typedef struct pct_demand_source {
    uint32_t type; /* number in the table's types */
    double per_week_per_1000;
    double hours[24], days[7]; /* shares, each list summing to 1 */
    double uses[PCT_USE_COUNT], priorities[PCT_PRIORITIES];
} pct_demand_source;

typedef struct pct_demand_table {
    pct_names types;    /* incident type codes in order of first appearance */
    pct_vector sources; /* of pct_demand_source */
} pct_demand_table;

pct_status pct_demand_table_read(const char *file, pct_text bytes, pct_demand_table *out,
                                 pct_error *error) PCT_MUST_USE;
void pct_demand_table_dispose(pct_demand_table *table);

typedef struct pct_demand_place {
    pct_land_use use;
    double weight; /* against the other places of the same use; >= 0 */
} pct_demand_place;

typedef struct pct_demand_call {
    int64_t time_local_ms;
    uint32_t type;  /* number in the table's types */
    uint32_t place; /* index in the list of places */
    uint8_t priority;
} pct_demand_call;

typedef struct pct_demand_model pct_demand_model;

pct_status pct_demand_model_new(const pct_demand_table *table, double people, const pct_demand_place *places,
                                uint32_t place_count, pct_demand_model **out, pct_error *error) PCT_MUST_USE;
void pct_demand_model_free(pct_demand_model *model);

/* 0 … 167 from Monday 00:00. */
uint32_t pct_demand_hour_of_week(int64_t time_local_ms);
/* Expected calls of a type in one hour of the week; type PCT_MAP_ABSENT: of all types. */
double pct_demand_expected(const pct_demand_model *model, uint32_t type, uint32_t hour_of_week);

/* Appends the calls of [from, to) to `calls` (items pct_demand_call), ascending by time. */
pct_status pct_demand_draw(const pct_demand_model *model, int64_t from_local_ms, int64_t to_local_ms,
                           pct_rng *rng, pct_vector *calls, pct_error *error) PCT_MUST_USE;

#endif
