#include "resource/scope.h"

#include <string.h>

#include "api_handlers.h"
#include "resource/submit.h"

/* A binding counts from the sign-on during which it was made to the sign-off. */
static void find_unit(pct_reach *r) {
    const pct_identity *who = r->identity;
    const pct_desk_unit *unit = who->unit.seq ? pct_snapshot_unit(r->snapshot, who->unit) : NULL;
    if (!unit || unit->unit.status == PCT_UNIT_OFF_DUTY || unit->unit.signed_on_ms > who->unit_since_ms)
        return;
    r->unit = who->unit;
    r->order = unit->unit.order;
    const pct_desk_order *order = r->order.seq ? pct_snapshot_order(r->snapshot, r->order) : NULL;
    if (order) r->incident = order->order.incident;
}

/* Of what glass was broken for: its incident is reached with it. */
static int64_t incident_of(const pct_reach *r, pct_id id) {
    const pct_desk_call *call = id.kind == 'C' ? pct_snapshot_call(r->snapshot, (pct_call_id){id.seq}) : NULL;
    const pct_desk_order *order =
        id.kind == 'O' ? pct_snapshot_order(r->snapshot, (pct_order_id){id.seq}) : NULL;
    return id.kind == 'I' ? id.seq : call ? call->call.incident.seq : order ? order->order.incident.seq : 0;
}

pct_reach pct_reach_of(const pct_service *service, const pct_snapshot *snapshot, const pct_identity *identity,
                       const pct_role_set scopes[PCT_SCOPE_COUNT]) {
    pct_reach r = {.service = service, .snapshot = snapshot, .identity = identity, .scopes = scopes};
    r.whole = pct_access_whole_role(identity, scopes);
    if (!r.whole) find_unit(&r);
    for (uint32_t i = 0; i < identity->glass_count && !r.whole; i++)
        r.in_emergency[i] = incident_of(&r, identity->glass[i]);
    return r;
}

pct_reach pct_reach_of_exchange(const pct_exchange *x, const pct_snapshot *snapshot) {
    return pct_reach_of(x->service, snapshot, &x->identity, x->endpoint->scopes);
}

/* --- facts of objects --------------------------------------------------------------------------------------------- */

static bool is_assigned_incident(const pct_reach *r, pct_incident_id id) {
    if (id.seq == 0) return false;
    if (id.seq == r->incident.seq) return true;
    for (uint32_t i = 0; i < r->identity->incident_count; i++)
        if (r->identity->incidents[i].seq == id.seq) return true;
    return false;
}

static bool is_emergency(const pct_reach *r, char kind, int64_t seq, pct_incident_id incident) {
    for (uint32_t i = 0; i < r->identity->glass_count; i++) {
        pct_id id = r->identity->glass[i];
        if ((id.kind == kind && id.seq == seq) || (incident.seq && incident.seq == r->in_emergency[i]))
            return true;
    }
    return false;
}

static pct_role role_in(const pct_reach *r, const pct_object_facts *facts) {
    return pct_access_role_in(r->identity, r->scopes, facts);
}

static pct_role role_of_call(const pct_reach *r, const pct_desk_call *c) {
    const pct_object_facts facts = {.areas = {c->area},
                                    .assigned = is_assigned_incident(r, c->call.incident),
                                    .broken_glass = is_emergency(r, 'C', c->call.id.seq, c->call.incident)};
    return role_in(r, &facts);
}

static pct_role role_of_incident(const pct_reach *r, const pct_desk_incident *i) {
    const pct_object_facts facts = {.areas = {i->area},
                                    .assigned = is_assigned_incident(r, i->incident.id),
                                    .broken_glass = is_emergency(r, 'I', i->incident.id.seq, i->incident.id)};
    return role_in(r, &facts);
}

static pct_text area_of_unit(const pct_reach *r, const pct_desk_unit *unit) {
    return unit ? pct_beats_of_station(r->service->beats, unit->unit.station) : (pct_text){"", 0};
}

static pct_role role_of_order(const pct_reach *r, const pct_desk_order *o) {
    const pct_desk_incident *incident = pct_snapshot_incident(r->snapshot, o->order.incident);
    const pct_desk_unit *unit = pct_snapshot_unit(r->snapshot, o->order.unit);
    pct_text area = incident ? incident->area : (pct_text){"", 0};
    const pct_object_facts facts = {.areas = {area, area.length > 0 ? area_of_unit(r, unit) : area},
                                    .assigned = o->order.id.seq == r->order.seq ||
                                                is_assigned_incident(r, o->order.incident),
                                    .broken_glass = is_emergency(r, 'O', o->order.id.seq, o->order.incident)};
    return role_in(r, &facts);
}

/* A unit of elsewhere that is sent into an area is seen there. */
static pct_role role_of_unit(const pct_reach *r, const pct_desk_unit *u) {
    const pct_desk_order *order = u->unit.order.seq ? pct_snapshot_order(r->snapshot, u->unit.order) : NULL;
    const pct_desk_incident *incident =
        order ? pct_snapshot_incident(r->snapshot, order->order.incident) : NULL;
    pct_text home = area_of_unit(r, u);
    const pct_object_facts facts = {
        .areas = {home, incident && home.length > 0 ? incident->area : (pct_text){"", 0}},
        .assigned = u->unit.id.seq == r->unit.seq,
        .broken_glass = is_emergency(r, 'U', u->unit.id.seq, (pct_incident_id){0})};
    return role_in(r, &facts);
}

bool pct_reach_call(const pct_reach *r, const pct_desk_call *call) {
    return r->whole || role_of_call(r, call) != PCT_ROLE_NONE;
}

bool pct_reach_incident(const pct_reach *r, const pct_desk_incident *incident) {
    return r->whole || role_of_incident(r, incident) != PCT_ROLE_NONE;
}

bool pct_reach_order(const pct_reach *r, const pct_desk_order *order) {
    return r->whole || role_of_order(r, order) != PCT_ROLE_NONE;
}

bool pct_reach_unit(const pct_reach *r, const pct_desk_unit *unit) {
    return r->whole || role_of_unit(r, unit) != PCT_ROLE_NONE;
}

pct_role pct_reach_role(const pct_reach *r, pct_id id) {
    const pct_desk_call *call;
    const pct_desk_incident *incident;
    const pct_desk_order *order;
    const pct_desk_unit *unit;
    if (r->whole) return r->whole;
    switch (id.kind) {
    case 'C':
        call = pct_snapshot_call(r->snapshot, (pct_call_id){id.seq});
        return call ? role_of_call(r, call) : PCT_ROLE_NONE;
    case 'I':
        incident = pct_snapshot_incident(r->snapshot, (pct_incident_id){id.seq});
        return incident ? role_of_incident(r, incident) : PCT_ROLE_NONE;
    case 'O':
        order = pct_snapshot_order(r->snapshot, (pct_order_id){id.seq});
        return order ? role_of_order(r, order) : PCT_ROLE_NONE;
    case 'U':
        unit = pct_snapshot_unit(r->snapshot, (pct_unit_id){id.seq});
        return unit ? role_of_unit(r, unit) : PCT_ROLE_NONE;
    default: return pct_access_role_for(r->identity->roles, r->identity->roles);
    }
}

/* --- the ids of a request ----------------------------------------------------------------------------------------- */

static bool is_of_board(const pct_api_field *field) {
    return field->type == PCT_API_ID &&
           (field->kind == 'C' || field->kind == 'I' || field->kind == 'O' || field->kind == 'U');
}

pct_status pct_scope_refuse(const pct_exchange *x, pct_text id, pct_error *error) {
    pct_buffer roles = pct_buffer_init(PCT_ROLES_TEXT_MAX);
    pct_roles_write(x->endpoint->rights, &roles);
    const char *areas = x->identity.areas;
    pct_status status =
        PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_WEB_OUT_OF_SCOPE, pct_view(id), pct_str(x->identity.account),
                 pct_str(areas[0] ? areas : "*"), pct_str(pct_buffer_chars(&roles)));
    pct_buffer_dispose(&roles);
    return status;
}

/* Beyond the scope, or in nobody's present work: by broken glass, or by an approved request, which is held from here on. */
bool pct_exchange_is_lifted(pct_exchange *x, pct_text id) {
    char text[PCT_ID_TEXT];
    for (uint32_t i = 0; i < x->identity.glass_count; i++)
        if (id.length == pct_id_write(x->identity.glass[i], text) && memcmp(text, id.chars, id.length) == 0)
            return true;
    if (!x->lifted_by.id.seq && !pct_acts_hold_approved(x->service->acts, PCT_ACT_UNMASK, x->identity.account,
                                                        id, x->now_ms, &x->lifted_by))
        x->lifted_by.id.seq = 0;
    return x->lifted_by.id.seq != 0;
}

/* The first id gives the request its role. */
static pct_status check_id(pct_exchange *x, const pct_reach *reach, pct_text text, pct_error *error) {
    pct_id id;
    if (!text.chars || !pct_id_read(text, &id)) return PCT_OK;
    pct_role role = pct_reach_role(reach, id);
    if (role == PCT_ROLE_NONE && x->endpoint->unmasks && pct_exchange_is_lifted(x, text))
        role = pct_access_role_for(x->identity.roles, x->endpoint->rights);
    if (role == PCT_ROLE_NONE) return pct_scope_refuse(x, text, error);
    if (x->role == PCT_ROLE_NONE) x->role = role;
    return PCT_OK;
}

static pct_status check_texts(pct_exchange *x, const pct_reach *reach, const pct_api_field *fields,
                              uint32_t count, const pct_text *values, pct_error *error) {
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < count && !status; i++)
        if (is_of_board(&fields[i])) status = check_id(x, reach, values[i], error);
    return status;
}

static pct_text text_of(const json_t *value) {
    return json_is_string(value) ? (pct_text){json_string_value(value), json_string_length(value)}
                                 : (pct_text){0};
}

static pct_status check_member(pct_exchange *x, const pct_reach *reach, const json_t *value,
                               pct_error *error) {
    pct_status status = PCT_OK;
    if (!json_is_array(value)) return check_id(x, reach, text_of(value), error);
    for (size_t i = 0; i < json_array_size(value) && !status; i++)
        status = check_id(x, reach, text_of(json_array_get(value, i)), error);
    return status;
}

/* --- the same once more ------------------------------------------------------------------------------------------- */

/* What an account was told it may be told again, wherever the object is now: it was in reach when the deed was done, or
 * there would be no reply; and no word of the reply is new. Whether it is the same deed the whole request decides, by its digest. */
static pct_status find_own_reply(pct_exchange *x, pct_error *error) {
    pct_stored_reply reply;
    unsigned char digest[PCT_STORE_HASH_BYTES];
    bool found = false;
    if (x->endpoint->handle != pct_resource_command || x->idempotency_key.length == 0) return PCT_OK;
    pct_resource_digest(x, digest);
    (void)pthread_mutex_lock(&x->service->reading);
    pct_status status = pct_store_find_reply(x->service->reader, pct_text_of(x->identity.account),
                                             x->idempotency_key, x->now_ms, &reply, &found, error);
    (void)pthread_mutex_unlock(&x->service->reading);
    x->repeats = !status && found && memcmp(reply.body, digest, sizeof digest) == 0;
    return status;
}

static pct_status check_ids(pct_exchange *x, const pct_reach *reach, pct_error *error) {
    const pct_endpoint *e = x->endpoint;
    pct_status status = check_texts(x, reach, e->path_fields, e->path_count, x->path_values, error);
    if (!status) status = check_texts(x, reach, e->query, e->query_count, x->query_values, error);
    for (uint32_t i = 0; i < e->body_count && !status; i++)
        if (is_of_board(&e->body[i]))
            status = check_member(x, reach, json_object_get(x->body, e->body[i].name), error);
    return status;
}

pct_status pct_scope_check(pct_exchange *x, pct_error *error) {
    const pct_endpoint *e = x->endpoint;
    if (e->entry != PCT_ENTRY_ROLES) return PCT_OK;
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    const pct_reach reach = pct_reach_of_exchange(x, snapshot);
    x->role = reach.whole;
    pct_status status = PCT_OK;
    if (!reach.whole) status = check_ids(x, &reach, error);
    pct_snapshot_release(snapshot);
    if (x->role == PCT_ROLE_NONE) x->role = pct_access_role_for(x->identity.roles, e->rights);
    if (status != PCT_NOT_FOUND) return status;
    pct_error why;
    pct_status asked = find_own_reply(x, &why);
    if (asked && error) *error = why;
    return asked ? asked : x->repeats ? PCT_OK : status;
}
