/* Where a unit can be soon, and the way of a unit to its incident. From where the unit is now. */
#include "base/memory.h"
#include "resource/board_json.h"
#include "resource/ways.h"

enum { MINUTES_BY_DEFAULT = 5, CREDIT_MAX = 1024 };

static bool newest_fix(pct_desk *desk, pct_unit_id id, pct_position *out) {
    int64_t version = 0;
    bool found = false;
    pct_fix *fixes = pct_alloc(PCT_FRAME_FIXES_MAX, sizeof *fixes);
    size_t count = fixes ? pct_desk_fixes(desk, 0, fixes, PCT_FRAME_FIXES_MAX, &version) : 0;
    for (size_t i = 0; i < count && !found; i++)
        if (fixes[i].unit.seq == id.seq) *out = fixes[i].position, found = true;
    pct_free(fixes);
    return found;
}

/* What its device says; without one, what was said by hand. */
static bool unit_position(const pct_exchange *x, const pct_snapshot *snapshot, pct_unit_id id,
                          pct_position *out) {
    const pct_desk_unit *unit = pct_snapshot_unit(snapshot, id);
    if (newest_fix(x->service->desk, id, out)) return true;
    if (!unit || !unit->unit.has_position) return false;
    *out = unit->unit.position;
    return true;
}

static pct_buffer map_credit(const pct_exchange *x) {
    pct_buffer credit = pct_buffer_init(CREDIT_MAX);
    pct_site_write_credit(x->service->site, x->language, &credit);
    return credit;
}

static pct_status unknown_place(pct_error *error) {
    return PCT_FAIL(error, PCT_UNREACHABLE, PCT_MSG_REACH_NO_POSITION, pct_int(0));
}

pct_status pct_resource_isochrone(pct_exchange *x, pct_error *error) {
    pct_position from;
    pct_id id = pct_exchange_id(x, "unit");
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    bool known = unit_position(x, snapshot, (pct_unit_id){id.seq}, &from);
    pct_snapshot_release(snapshot);
    x->content_type = "application/geo+json";
    if (!known) return unknown_place(error);
    pct_buffer credit = map_credit(x);
    pct_status status = pct_ways_write_isochrone(x->service->ways, from,
                                                 pct_exchange_query_int(x, "minutes", MINUTES_BY_DEFAULT),
                                                 pct_buffer_chars(&credit), &x->reply, error);
    pct_buffer_dispose(&credit);
    return status;
}

pct_status pct_resource_order_route(pct_exchange *x, pct_error *error) {
    pct_position from, to = {0, 0};
    bool known = false;
    pct_id id = pct_exchange_id(x, "order");
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    const pct_desk_order *order = pct_snapshot_order(snapshot, (pct_order_id){id.seq});
    const pct_desk_incident *incident = order ? pct_snapshot_incident(snapshot, order->order.incident) : NULL;
    if (incident && incident->incident.has_position) {
        to = incident->incident.position;
        known = unit_position(x, snapshot, order->order.unit, &from);
    }
    pct_snapshot_release(snapshot);
    x->content_type = "application/geo+json";
    if (!known) return unknown_place(error);
    pct_buffer credit = map_credit(x);
    pct_status status =
        pct_ways_write_route(x->service->ways, from, to, pct_buffer_chars(&credit), &x->reply, error);
    pct_buffer_dispose(&credit);
    return status;
}
