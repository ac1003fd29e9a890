/* The lists of the board: calls, incidents, orders, units. */
#include <string.h>

#include "base/text.h"
#include "resource/board_json.h"
#include "resource/scope.h"

/* Every object passes a filter that was not given. */
static bool passes(const pct_exchange *x, const char *name, const char *value) {
    pct_text wanted = pct_exchange_query(x, name);
    return !wanted.chars || pct_text_equal(wanted, value);
}

static bool passes_id(const pct_exchange *x, const char *name, int64_t seq) {
    return !pct_exchange_query(x, name).chars || pct_exchange_id(x, name).seq == seq;
}

static int64_t next_call(const pct_exchange *x, const pct_snapshot *s, int64_t after, pct_json_writer *json) {
    const pct_desk_call *c = pct_snapshot_next_call(s, (pct_call_id){after});
    const pct_reach reach = pct_reach_of_exchange(x, s);
    while (c && !(pct_reach_call(&reach, c) &&
                  passes(x, "status", pct_call_status_code((pct_call_status)c->call.status))))
        c = pct_snapshot_next_call(s, c->call.id);
    if (c && json) pct_json_call(json, x->service, c);
    return c ? c->call.id.seq : 0;
}

static int64_t next_incident(const pct_exchange *x, const pct_snapshot *s, int64_t after,
                             pct_json_writer *json) {
    const pct_desk_incident *i = pct_snapshot_next_incident(s, (pct_incident_id){after});
    const pct_reach reach = pct_reach_of_exchange(x, s);
    while (i && !(pct_reach_incident(&reach, i) &&
                  passes(x, "status", pct_incident_status_code((pct_incident_status)i->incident.status))))
        i = pct_snapshot_next_incident(s, i->incident.id);
    if (i && json) pct_json_incident(json, x->service, s, i);
    return i ? i->incident.id.seq : 0;
}

static int64_t next_order(const pct_exchange *x, const pct_snapshot *s, int64_t after,
                          pct_json_writer *json) {
    const pct_desk_order *o = pct_snapshot_next_order(s, (pct_order_id){after});
    const pct_reach reach = pct_reach_of_exchange(x, s);
    while (o && !(pct_reach_order(&reach, o) &&
                  passes(x, "status", pct_order_status_code((pct_order_status)o->order.status)) &&
                  passes_id(x, "incident", o->order.incident.seq)))
        o = pct_snapshot_next_order(s, o->order.id);
    if (o && json) pct_json_order(json, x->service, o);
    return o ? o->order.id.seq : 0;
}

static int64_t next_unit(const pct_exchange *x, const pct_snapshot *s, int64_t after, pct_json_writer *json) {
    const pct_desk_unit *u = pct_snapshot_next_unit(s, (pct_unit_id){after});
    const pct_reach reach = pct_reach_of_exchange(x, s);
    while (u && !(pct_reach_unit(&reach, u) &&
                  passes(x, "status", pct_unit_status_code((pct_unit_status)u->unit.status))))
        u = pct_snapshot_next_unit(s, u->unit.id);
    if (u && json) pct_json_unit(json, x->service, u);
    return u ? u->unit.id.seq : 0;
}

pct_status pct_resource_calls_list(pct_exchange *x, pct_error *error) {
    return pct_resource_write_page(x, &(pct_page){'C', next_call}, error);
}

pct_status pct_resource_incidents_list(pct_exchange *x, pct_error *error) {
    return pct_resource_write_page(x, &(pct_page){'I', next_incident}, error);
}

pct_status pct_resource_orders_list(pct_exchange *x, pct_error *error) {
    return pct_resource_write_page(x, &(pct_page){'O', next_order}, error);
}

pct_status pct_resource_units_list(pct_exchange *x, pct_error *error) {
    return pct_resource_write_page(x, &(pct_page){'U', next_unit}, error);
}
