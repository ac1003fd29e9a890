/* Which of many can be there soonest: units of the desk that can go, from where they are now; or positions of the request. */
#include "base/memory.h"
#include "resource/road_json.h"
#include "resource/scope.h"

enum { MOST_BY_DEFAULT = 10, MOST_MAX = 100, LIST_MAX = 10000 };

typedef struct search {
    pct_exchange *x;
    pct_seat *seat;
    pct_vector units; /* pct_unit_id of each source; none for a list of positions */
    pct_near found[MOST_MAX];
    size_t most, count;
} search;

static pct_status find(search *s, pct_error *error) {
    return pct_router_nearest_to(s->seat->router, *pct_placed_points(&s->seat->targets),
                                 pct_placed_points(&s->seat->sources), s->seat->sources.points.length,
                                 PCT_UNREACHABLE_MS, s->most, s->found, &s->count, error);
}

static bool can_go(const pct_unit *unit) {
    return (unit->status == PCT_UNIT_AT_STATION || unit->status == PCT_UNIT_AVAILABLE) && unit->officers > 0;
}

/* By its device; without one, as it was said by hand. */
static bool position_of(const search *s, const pct_unit *unit, pct_position *out) {
    pct_fix fix;
    bool has_fix = pct_desk_fix_of(s->x->service->desk, unit->id, &fix);
    *out = has_fix ? fix.position : unit->position;
    return has_fix || unit->has_position;
}

static pct_status add_unit(search *s, const pct_unit *unit, pct_error *error) {
    pct_position position;
    pct_road_point point;
    if (!can_go(unit) || !position_of(s, unit, &position) ||
        !pct_ways_unit_point(s->x->service->ways, unit->index, position, &point))
        return PCT_OK;
    pct_unit_id *id = pct_vector_push(&s->units);
    pct_road_point *added = id ? pct_vector_push(&s->seat->sources.points) : NULL;
    if (!added) return pct_vector_failed(&s->units, PCT_MSG_WHAT_POINTS, error);
    *id = unit->id;
    *added = point;
    return PCT_OK;
}

static pct_status add_units(search *s, const pct_snapshot *snapshot, pct_error *error) {
    pct_status status = PCT_OK;
    const pct_desk_unit *unit = pct_snapshot_next_unit(snapshot, (pct_unit_id){0});
    const pct_reach reach = pct_reach_of_exchange(s->x, snapshot);
    for (; unit && !status; unit = pct_snapshot_next_unit(snapshot, unit->unit.id))
        if (pct_reach_unit(&reach, unit)) status = add_unit(s, &unit->unit, error);
    return status;
}

static void write_found(search *s, const pct_snapshot *snapshot) {
    pct_json_writer json = pct_json_writer_init(&s->x->reply);
    const pct_unit_id *ids = s->units.items;
    pct_json_begin_object(&json);
    pct_road_write_band(&json, s->seat);
    pct_json_key(&json, "looked_at");
    pct_json_integer(&json, (int64_t)s->seat->sources.points.length);
    pct_json_key(&json, "items");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < s->count; i++) {
        uint32_t index = s->found[i].index;
        pct_json_begin_object(&json);
        if (snapshot) {
            const pct_desk_unit *unit = pct_snapshot_unit(snapshot, ids[index]);
            pct_json_id_member(&json, "unit", (pct_id){.seq = ids[index].seq, .kind = 'U'});
            pct_json_text_member(&json, "name", unit ? unit->unit.name : (pct_text){0});
        } else {
            pct_json_key(&json, "index");
            pct_json_integer(&json, index);
        }
        pct_json_key(&json, "travel_s");
        pct_json_real(&json, s->found[i].time_ms / 1000.0, 1);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
}

pct_status pct_resource_road_nearest(pct_exchange *x, pct_error *error) {
    search s = {.x = x,
                .most = (size_t)pct_exchange_query_int(x, "k", MOST_BY_DEFAULT),
                .units = pct_vector_init(sizeof(pct_unit_id), 1 << 20)};
    pct_position to = {0, 0};
    (void)pct_exchange_query_position(x, "to", &to);
    pct_status status = pct_road_sit(x, (pct_text){0}, &s.seat, error);
    if (status) return status;
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    status = pct_road_place_one(x, s.seat, "to", to, &s.seat->targets, error);
    if (!status) status = add_units(&s, snapshot, error);
    if (!status) status = find(&s, error);
    if (!status) write_found(&s, snapshot);
    pct_snapshot_release(snapshot);
    pct_ways_rise(x->service->ways, s.seat);
    pct_vector_dispose(&s.units);
    return status;
}

pct_status pct_resource_road_nearest_of(pct_exchange *x, pct_error *error) {
    const json_t *to = json_object_get(x->body, "to"), *most = json_object_get(x->body, "k");
    search s = {.x = x, .most = most ? (size_t)json_integer_value(most) : MOST_BY_DEFAULT};
    pct_position target;
    bool good = pct_position_from_degrees(json_number_value(json_array_get(to, 0)),
                                          json_number_value(json_array_get(to, 1)), &target);
    if (PCT_NEVER(!good)) return PCT_INTERNAL;
    pct_status status = pct_road_sit(x, (pct_text){0}, &s.seat, error);
    if (status) return status;
    status = pct_road_place_one(x, s.seat, "to", target, &s.seat->targets, error);
    if (!status) status = pct_road_place_all(x, s.seat, "from", &s.seat->sources, error);
    if (!status) status = find(&s, error);
    if (!status) write_found(&s, NULL);
    pct_ways_rise(x->service->ways, s.seat);
    return status;
}
