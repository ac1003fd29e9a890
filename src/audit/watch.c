/* Events into looks and work. What explains a look: work on its case or on a case at its place, an order of the unit to
 * which the account is bound, an assignment by name. A look-up out of an idle spell waits until it is settled whether
 * work followed (somebody came on shift and read first).
 *
 * "Not at work" is judged without a duty roster: an account bound to a unit by the unit's sign-on; a role with hours of the
 * day by those; else by its own work beside that of its colleagues, so that a quiet night makes nobody absent. */
#include "audit/watch.h"

#include <string.h>

#include "audit/state.h"
#include "base/digest.h"
#include "base/text.h"

enum { OBJECTS = 1 << 17, UNITS_MAX = 1 << 16, HOUR_MS = 3600000, HALF_A_DAY_MS = 12 * HOUR_MS };
/* However quiet it is: work within so long after it explains a look. */
enum { SETTLED_MS = 6 * HOUR_MS };
/* A case that nobody ended is before the room for so long. */
static const int64_t open_ms = 7 * 24 * (int64_t)HOUR_MS;

/* What relations are to. */
enum { TO_CASE = 'c', TO_PLACE = 'p' };

uint64_t pct_audit_actor_of(pct_text account) {
    return pct_digest(account.chars, account.length);
}

bool pct_audit_is_look(pct_event_type type) {
    return type == PCT_EVENT_CALL_LOOKED || type == PCT_EVENT_INCIDENT_LOOKED ||
           type == PCT_EVENT_ORDER_LOOKED || type == PCT_EVENT_ACT_USED;
}

pct_status pct_audit_watch_new(const pct_audit_options *options, pct_audit_watch **out, pct_error *error) {
    pct_audit_watch *w = pct_alloc_zeroed(1, sizeof *w);
    *out = w;
    if (!w) return pct_error_memory(error, sizeof *w);
    w->rules = options->rules, w->zone = options->zone;
    w->by_actor = pct_map_init(PCT_AUDIT_ACTORS_MAX);
    w->units = pct_map_init(UNITS_MAX);
    w->accounts = pct_vector_init(sizeof(pct_audit_account), PCT_AUDIT_ACTORS_MAX);
    w->flags = pct_vector_init(sizeof(pct_audit_flag), PCT_AUDIT_FLAGS_MAX);
    w->reading.looks = pct_alloc(PCT_AUDIT_WAITING_MAX, sizeof(pct_audit_waiting));
    w->idle.looks = pct_alloc(PCT_AUDIT_WAITING_MAX, sizeof(pct_audit_waiting));
    pct_status status = w->reading.looks && w->idle.looks
                            ? PCT_OK
                            : pct_error_memory(error, PCT_AUDIT_WAITING_MAX * sizeof(pct_audit_waiting));
    if (!status)
        status = pct_known_init(options->objects ? options->objects : OBJECTS,
                                options->relations ? options->relations : OBJECTS, &w->known, error);
    if (!status) return PCT_OK;
    pct_audit_watch_free(w);
    *out = NULL;
    return status;
}

void pct_audit_watch_free(pct_audit_watch *w) {
    if (!w) return;
    pct_audit_account *accounts = w->accounts.items;
    for (size_t i = 0; i < w->accounts.length; i++)
        for (int k = 0; k < PCT_RECENT_KINDS; k++) pct_free(accounts[i].recent[k].looks);
    pct_known_dispose(&w->known);
    pct_map_dispose(&w->by_actor);
    pct_map_dispose(&w->units);
    pct_vector_dispose(&w->accounts);
    pct_vector_dispose(&w->flags);
    pct_free(w->reading.looks);
    pct_free(w->idle.looks);
    pct_free(w);
}

/* --- accounts ------------------------------------------------------------------------------------------------------- */

static pct_audit_account *account_at(const pct_audit_watch *w, uint32_t index) {
    return (pct_audit_account *)w->accounts.items + index;
}

static pct_status find_account(pct_audit_watch *w, pct_text name, uint32_t *out, pct_error *error) {
    uint64_t id = pct_audit_actor_of(name);
    pct_status status = pct_map_add(&w->by_actor, id, (uint32_t)w->accounts.length, out);
    if (status) return pct_map_failed(&w->by_actor, PCT_MSG_WHAT_AUDIT_ACTORS, error);
    if (*out < w->accounts.length) return PCT_OK;
    pct_audit_account *account = pct_vector_push(&w->accounts);
    if (!account) {
        pct_map_remove(&w->by_actor, id);
        return pct_vector_failed(&w->accounts, PCT_MSG_WHAT_AUDIT_ACTORS, error);
    }
    account->id = id, account->last_work_ms = INT64_MIN / 2;
    return PCT_OK;
}

/* Once in an hour, as of its beginning, whoever notices first that it began: how many share the work. */
static void count_desk(pct_audit_watch *w) {
    int64_t hour_ms = w->now_ms - w->now_ms % HOUR_MS;
    if (hour_ms == w->counted_ms) return;
    w->counted_ms = hour_ms, w->at_desk = 0;
    for (uint32_t i = 0; i < w->accounts.length; i++)
        w->at_desk += account_at(w, i)->last_work_ms > hour_ms - HALF_A_DAY_MS && !account_at(w, i)->unit;
}

/* --- work ----------------------------------------------------------------------------------------------------------- */

/* Somebody reads first and works then: what was read within the hour about the place belongs to the work as well. */
static void explain(const pct_audit_watch *w, pct_recent *recent, const pct_known_object *object) {
    for (uint32_t i = 0; i < recent->length; i++) {
        pct_recent_look *look = pct_recent_at(recent, i);
        look->own |= look->case_seq == object->case_seq;
        look->nearby |=
            object->place && look->place == object->place && look->at_ms > w->now_ms - w->rules->settles_ms;
    }
}

static void take_case(pct_audit_watch *w, pct_audit_account *account, const pct_known_object *object) {
    int64_t seq = object->case_seq;
    if (object->place)
        (void)pct_known_touch(&w->known, pct_known_key(account->id, TO_PLACE, object->place), w->now_ms);
    if (!pct_known_touch(&w->known, pct_known_key(account->id, TO_CASE, (uint64_t)seq), w->now_ms)) return;
    explain(w, &account->recent[PCT_RECENT_COLD], object);
    explain(w, &account->recent[PCT_RECENT_LIVE], object);
    if (!account->unit) w->desk_cases++;
}

static void work(pct_audit_watch *w, pct_audit_account *account, const pct_event *e) {
    const pct_known_object *object = NULL;
    account->last_work_ms = w->now_ms;
    account->cases_then = w->desk_cases;
    if (e->object.kind == 'C' || e->object.kind == 'I' || e->object.kind == 'O')
        object = pct_known_find(&w->known, e->object.seq);
    if (!object) return;
    take_case(w, account, object);
    account->cases_then = w->desk_cases;
}

/* --- cases ---------------------------------------------------------------------------------------------------------- */

static uint64_t place_of(bool has_road, pct_road_ref road) {
    const int64_t between[] = {road.way, road.from < road.to ? road.from : road.to,
                               road.from < road.to ? road.to : road.from};
    return has_road ? pct_digest(between, sizeof between) | 1 : 0;
}

static pct_known_object *make(pct_audit_watch *w, const pct_event *e, int64_t case_seq, uint64_t place) {
    pct_known_object *object = pct_known_add(&w->known, e->object.seq);
    object->kind = e->object.kind, object->case_seq = case_seq, object->place = place;
    object->made_ms = e->recorded_at_ms;
    object->ordinal = ++w->made[(unsigned char)e->object.kind & 127];
    return object;
}

static void link_call(pct_audit_watch *w, int64_t call, int64_t incident) {
    pct_known_object *object = pct_known_find(&w->known, call);
    if (object) object->case_seq = incident;
}

static void open_incident(pct_audit_watch *w, const pct_event *e) {
    const pct_event_incident_opened *data = &e->data.incident_opened;
    pct_known_object *incident = make(w, e, e->object.seq, place_of(data->has_road, data->road));
    incident->first_call = data->call.seq;
    link_call(w, data->call.seq, e->object.seq);
}

static void send_order(pct_audit_watch *w, const pct_event *e) {
    const pct_event_order_sent *data = &e->data.order_sent;
    const pct_known_object *incident = pct_known_find(&w->known, data->incident.seq);
    uint64_t unit_key = pct_known_key((uint64_t)data->unit.seq, TO_CASE, (uint64_t)data->incident.seq);
    (void)make(w, e, data->incident.seq, incident ? incident->place : 0);
    (void)pct_known_touch(&w->known, unit_key, w->now_ms);
}

static void end(pct_audit_watch *w, const pct_event *e) {
    pct_known_object *object = pct_known_find(&w->known, e->object.seq);
    if (object) object->ended_ms = e->recorded_at_ms;
}

static void request(pct_audit_watch *w, const pct_event *e) {
    const pct_event_act_requested *data = &e->data.act_requested;
    pct_known_object *object = make(w, e, 0, 0);
    pct_id unit;
    object->replays_track = data->act == PCT_ACT_REPLAY_TRACK;
    if (object->replays_track && pct_id_read(data->subject, &unit)) object->case_seq = unit.seq;
}

static pct_status bind(pct_audit_watch *w, const pct_event *e, pct_error *error) {
    const pct_event_account_assigned *data = &e->data.account_assigned;
    uint32_t index;
    pct_status status = find_account(w, data->name, &index, error);
    if (status) return status;
    pct_audit_account *account = account_at(w, index);
    if (data->unit.seq) account->unit = data->unit.seq;
    if (data->incident.seq)
        (void)pct_known_touch(&w->known, pct_known_key(account->id, TO_CASE, (uint64_t)data->incident.seq),
                              w->now_ms);
    return PCT_OK;
}

static pct_status unbind(pct_audit_watch *w, const pct_event *e, pct_error *error) {
    const pct_event_account_released *data = &e->data.account_released;
    uint32_t index;
    pct_status status = find_account(w, data->name, &index, error);
    if (!status && data->unit.seq && account_at(w, index)->unit == data->unit.seq)
        account_at(w, index)->unit = 0;
    return status;
}

static pct_status keep_facts(pct_audit_watch *w, const pct_event *e, pct_error *error) {
    switch (e->type) {
    case PCT_EVENT_CALL_RECEIVED:
        (void)make(w, e, e->object.seq, place_of(e->data.call_received.has_road, e->data.call_received.road));
        return PCT_OK;
    case PCT_EVENT_INCIDENT_OPENED: open_incident(w, e); return PCT_OK;
    case PCT_EVENT_CALL_LINKED: link_call(w, e->object.seq, e->data.call_linked.incident.seq); return PCT_OK;
    case PCT_EVENT_ORDER_SENT: send_order(w, e); return PCT_OK;
    case PCT_EVENT_CALL_SETTLED:
    case PCT_EVENT_INCIDENT_CLOSED:
    case PCT_EVENT_INCIDENT_REFERRED: end(w, e); return PCT_OK;
    case PCT_EVENT_UNIT_SIGNED_ON:
        if (pct_map_set(&w->units, (uint64_t)e->object.seq, 1))
            return pct_map_failed(&w->units, PCT_MSG_WHAT_AUDIT_ACTORS, error);
        return PCT_OK;
    case PCT_EVENT_UNIT_SIGNED_OFF: pct_map_remove(&w->units, (uint64_t)e->object.seq); return PCT_OK;
    case PCT_EVENT_ACCOUNT_ASSIGNED: return bind(w, e, error);
    case PCT_EVENT_ACCOUNT_RELEASED: return unbind(w, e, error);
    case PCT_EVENT_ACT_REQUESTED: request(w, e); return PCT_OK;
    default: return PCT_OK;
    }
}

/* --- looks ---------------------------------------------------------------------------------------------------------- */

static bool has_case(const pct_audit_watch *w, uint64_t who, int64_t seq) {
    return seq && pct_known_since(&w->known, pct_known_key(who, TO_CASE, (uint64_t)seq),
                                  w->now_ms - w->rules->own_case_ms);
}

static bool is_own(const pct_audit_watch *w, const pct_audit_account *account, const pct_known_object *object,
                   const pct_known_object *incident) {
    const int64_t seqs[] = {object->seq, object->case_seq, incident ? incident->first_call : 0};
    for (size_t i = 0; i < sizeof seqs / sizeof *seqs; i++)
        if (has_case(w, account->id, seqs[i]) ||
            (account->unit && has_case(w, (uint64_t)account->unit, seqs[i])))
            return true;
    return false;
}

static bool is_nearby(const pct_audit_watch *w, const pct_audit_account *account, uint64_t place) {
    return place && pct_known_since(&w->known, pct_known_key(account->id, TO_PLACE, place),
                                    w->now_ms - w->rules->same_place_ms);
}

static bool is_live(const pct_audit_watch *w, const pct_known_object *c) {
    if (!c) return false;
    return c->ended_ms ? c->ended_ms > w->now_ms - w->rules->on_the_board_ms
                       : c->made_ms > w->now_ms - open_ms;
}

static pct_id named_case(const pct_event *e) {
    const pct_event_call_looked *data = &e->data.call_looked; /* the three types have the same two fields */
    if (data->for_incident.seq) return (pct_id){.kind = 'I', .seq = data->for_incident.seq};
    return (pct_id){.kind = 'C', .seq = data->for_call.seq};
}

/* Looks are for a case. It explains nothing when it ended long ago, was never the actor's, and is of another place: then it
 * was put there because something had to be. Naming the case of the record itself says nothing either way. */
static bool is_for_false_case(const pct_audit_watch *w, const pct_audit_account *account, const pct_event *e,
                              const pct_known_object *looked) {
    static const pct_known_object unknown = {0};
    int64_t seq = named_case(e).seq;
    const pct_known_object *named = seq ? pct_known_find(&w->known, seq) : NULL;
    if (seq == 0 || seq == looked->case_seq || seq == e->object.seq || has_case(w, account->id, seq))
        return false;
    if (!named) named = &unknown; /* so old that it was forgotten */
    const pct_known_object *incident = pct_known_find(&w->known, named->case_seq);
    if ((named->seq && named->case_seq == looked->case_seq) || is_own(w, account, named, incident))
        return false;
    if (named->place && named->place == looked->place) return false;
    return !incident || (incident->ended_ms && incident->ended_ms <= w->now_ms - w->rules->closed_long_ms);
}

static bool is_day(const pct_audit_watch *w, pct_role role) {
    int32_t offset_s;
    int hour = pct_zone_to_local(w->zone, w->now_ms, &offset_s).hour;
    return hour >= w->rules->day_begins_h[role] && hour < w->rules->day_ends_h[role];
}

static bool others_worked(const pct_audit_watch *w, int64_t cases_then, int32_t each) {
    int64_t sharing = w->at_desk > 0 ? w->at_desk : 1;
    return w->desk_cases - cases_then >= each * sharing;
}

static bool seems_idle(const pct_audit_watch *w, const pct_audit_account *account, pct_role role) {
    bool on_duty = account->unit && pct_map_get(&w->units, (uint64_t)account->unit) != PCT_MAP_ABSENT;
    if (on_duty || is_day(w, role) || account->last_work_ms > w->now_ms - w->rules->at_work_ms) return false;
    if (account->unit && role == PCT_ROLE_PATROL) return true;
    return others_worked(w, account->cases_then, w->rules->idle_cases[role]);
}

/* --- settling ------------------------------------------------------------------------------------------------------- */

static pct_status judge_reading(pct_audit_watch *w, const pct_audit_waiting *waiting, pct_error *error) {
    pct_audit_account *account = account_at(w, waiting->account);
    const pct_recent *recent = &account->recent[waiting->kind];
    for (uint32_t i = recent->length; i-- > 0;) {
        const pct_recent_look *look = pct_recent_at(recent, i);
        if (look->seq == waiting->look.seq)
            return pct_audit_judge(w, account, waiting->kind, look, waiting->role, error);
    }
    return PCT_OK; /* pushed out by five hundred later ones, which are judged themselves */
}

static pct_status judge_idle(pct_audit_watch *w, const pct_audit_waiting *waiting, pct_error *error) {
    pct_audit_account *account = account_at(w, waiting->account);
    /* A crew's duty is known: work after it does not make it longer. */
    if (account->last_work_ms > waiting->look.at_ms && waiting->role != PCT_ROLE_PATROL) return PCT_OK;
    pct_status status = pct_recent_add(&account->recent[PCT_RECENT_OFF], &waiting->look, error);
    return status ? status
                  : pct_audit_judge(w, account, PCT_RECENT_OFF, &waiting->look, waiting->role, error);
}

static bool is_settled(const pct_audit_watch *w, const pct_audit_waiting *waiting) {
    int64_t waited_ms = w->now_ms - waiting->look.at_ms;
    if (waited_ms < w->rules->settles_ms) return false;
    return waiting->kind != PCT_RECENT_OFF || waited_ms >= SETTLED_MS ||
           others_worked(w, waiting->cases_then, w->rules->idle_cases[waiting->role] / 2);
}

static pct_status settle(pct_audit_watch *w, pct_error *error) {
    pct_audit_queue *const queues[] = {&w->reading, &w->idle};
    pct_status status = PCT_OK;
    for (int q = 0; q < 2; q++)
        while (queues[q]->length > 0 && !status) {
            const pct_audit_waiting *first = &queues[q]->looks[queues[q]->begin];
            if (!is_settled(w, first) && queues[q]->length < PCT_AUDIT_WAITING_MAX) break;
            status = q ? judge_idle(w, first, error) : judge_reading(w, first, error);
            queues[q]->begin = (queues[q]->begin + 1) % PCT_AUDIT_WAITING_MAX;
            queues[q]->length--;
        }
    return status;
}

/* Settling made room. */
static void wait(const pct_audit_watch *w, pct_audit_queue *queue, const pct_audit_waiting *waiting) {
    uint32_t at = (queue->begin + queue->length++) % PCT_AUDIT_WAITING_MAX;
    queue->looks[at] = *waiting;
    queue->looks[at].cases_then = w->desk_cases;
}

static pct_status look(pct_audit_watch *w, uint32_t index, const pct_event *e, pct_error *error) {
    static const pct_known_object unknown = {0};
    pct_audit_account *account = account_at(w, index);
    const pct_known_object *object = pct_known_find(&w->known, e->object.seq);
    if (!object) object = &unknown;
    const pct_known_object *incident = pct_known_find(&w->known, object->case_seq);
    pct_recent_look l = {.seq = e->seq,
                         .at_ms = e->recorded_at_ms,
                         .case_seq = object->case_seq ? object->case_seq : e->object.seq,
                         .record = e->object,
                         .place = object->place,
                         .ordinal = object->ordinal};
    bool own = is_own(w, account, object, incident), live = is_live(w, incident);
    l.own = own, l.nearby = is_nearby(w, account, object->place);
    l.falsely = is_for_false_case(w, account, e, object);
    pct_audit_waiting waiting = {.look = l, .account = index, .kind = PCT_RECENT_OFF, .role = e->role};
    if (seems_idle(w, account, e->role)) wait(w, &w->idle, &waiting);
    if (own && live) return PCT_OK;
    waiting.kind = live ? PCT_RECENT_LIVE : PCT_RECENT_COLD;
    wait(w, &w->reading, &waiting);
    return pct_recent_add(&account->recent[waiting.kind], &l, error);
}

static pct_status replay_track(pct_audit_watch *w, uint32_t index, const pct_event *e, pct_error *error) {
    pct_audit_account *account = account_at(w, index);
    const pct_known_object *object = pct_known_find(&w->known, e->object.seq);
    if (!object || !object->replays_track || object->case_seq == 0 || object->case_seq == account->unit)
        return PCT_OK;
    const pct_recent_look l = {
        .seq = e->seq, .at_ms = e->recorded_at_ms, .record = {.kind = 'U', .seq = object->case_seq}};
    const pct_audit_waiting waiting = {.look = l, .account = index, .kind = PCT_RECENT_OFF, .role = e->role};
    if (seems_idle(w, account, e->role)) wait(w, &w->idle, &waiting);
    pct_status status = pct_recent_add(&account->recent[PCT_RECENT_TRACK], &l, error);
    return status ? status : pct_audit_judge(w, account, PCT_RECENT_TRACK, &l, e->role, error);
}

/* Events that say nothing of somebody being at work on the desk. Binding a crew to its unit does. */
static bool is_aside(const pct_event *e) {
    if (e->type == PCT_EVENT_ACCOUNT_ASSIGNED || e->type == PCT_EVENT_ACCOUNT_RELEASED) return false;
    return e->object.kind == 'S' || e->object.kind == 'Q' || e->object.kind == 'B' || e->object.kind == 'T' ||
           e->object.kind == 'M' || e->object.kind == 'W' || e->object.kind == 'N' ||
           e->type == PCT_EVENT_CALL_ERASED || e->type == PCT_EVENT_INCIDENT_ERASED ||
           e->type == PCT_EVENT_ORDER_ERASED || e->type == PCT_EVENT_RETENTION_APPLIED ||
           e->type == PCT_EVENT_ROUND_LOOKED || e->type == PCT_EVENT_ROUND_ERASED;
}

static pct_status take(pct_audit_watch *w, const pct_event *e, pct_error *error) {
    uint32_t index = 0;
    bool looks = pct_audit_is_look(e->type);
    if (e->role == PCT_ROLE_SYSTEM || e->role == PCT_ROLE_NONE || (!looks && is_aside(e))) return PCT_OK;
    pct_status status = find_account(w, e->actor, &index, error);
    if (status) return status;
    if (e->type == PCT_EVENT_ACT_USED) return replay_track(w, index, e, error);
    if (looks) return look(w, index, e, error);
    work(w, account_at(w, index), e);
    return PCT_OK;
}

pct_status pct_audit_watch_follow(pct_audit_watch *w, const pct_event *e, pct_error *error) {
    if (e->recorded_at_ms > w->now_ms) w->now_ms = e->recorded_at_ms;
    count_desk(w);
    /* What is due by now is judged without this event, as if somebody had let time pass just before it. */
    pct_status status = settle(w, error);
    if (!status) status = keep_facts(w, e, error);
    return status ? status : take(w, e, error);
}

pct_status pct_audit_watch_advance(pct_audit_watch *w, int64_t now_ms, pct_error *error) {
    if (now_ms > w->now_ms) w->now_ms = now_ms;
    count_desk(w);
    return settle(w, error);
}
