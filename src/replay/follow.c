/* What became of it: the desk's answers to what was said, and its notices of everything that changed, whoever did it. */
#include <string.h>

#include "replay/state.h"

enum { NOTICES_AT_ONCE = 256 };

uint32_t pct_replay_unit_of(const pct_replay *r, int64_t seq) {
    return pct_map_get(&r->unit_of, (uint64_t)seq);
}

/* --- incidents ----------------------------------------------------------------------------------------------- */

pct_followed *pct_replay_followed(pct_replay *r, int64_t seq) {
    uint32_t at = pct_map_get(&r->followed_of, (uint64_t)seq);
    return at == PCT_MAP_ABSENT ? NULL : (pct_followed *)r->followed.items + at;
}

static void drop(pct_replay *r, int64_t seq) {
    uint32_t at = pct_map_get(&r->followed_of, (uint64_t)seq);
    if (at == PCT_MAP_ABSENT) return;
    pct_followed *all = r->followed.items, *last = &all[--r->followed.length];
    pct_map_remove(&r->followed_of, (uint64_t)seq);
    if (last == &all[at]) return;
    all[at] = *last;
    (void)!pct_map_set(&r->followed_of, (uint64_t)last->id.seq, at); /* its place is there already */
}

static pct_status add(pct_replay *r, const pct_incident *incident, pct_error *error) {
    const pct_travel *travel = r->options.travel;
    double distance_m;
    pct_followed *f = pct_vector_push(&r->followed);
    if (!f) return pct_vector_failed(&r->followed, PCT_MSG_WHAT_INCIDENTS, error);
    *f = (pct_followed){.id = incident->id, .point = {PCT_NO_INDEX, 0}, .call = PCT_NO_CALL};
    if (pct_map_set(&r->followed_of, (uint64_t)incident->id.seq, (uint32_t)r->followed.length - 1) !=
        PCT_OK) {
        r->followed.length--;
        return pct_map_failed(&r->followed_of, PCT_MSG_WHAT_INCIDENTS, error);
    }
    if (!incident->has_position) return PCT_OK;
    pct_status status = travel->locate(travel->context, incident->position, &f->point, &distance_m, error);
    if (status) f->point.segment = PCT_NO_INDEX;
    return status == PCT_NOT_FOUND ? PCT_OK : status;
}

static pct_status follow_incident(pct_replay *r, const pct_snapshot *snapshot, pct_incident_id id,
                                  bool by_person, pct_error *error) {
    const pct_desk_incident *d = pct_snapshot_incident(snapshot, id);
    bool open = d && d->incident.ended_at_ms == 0;
    r->look = true;
    if (!open) {
        drop(r, id.seq);
        return PCT_OK;
    }
    pct_status status = pct_replay_followed(r, id.seq) ? PCT_OK : add(r, &d->incident, error);
    if (!status && by_person) pct_replay_followed(r, id.seq)->persons = true;
    return status;
}

/* --- notices ------------------------------------------------------------------------------------------------- */

bool pct_replay_is_act(pct_role role, pct_event_type type) {
    switch (type) {
    case PCT_EVENT_CALL_LOOKED:
    case PCT_EVENT_INCIDENT_LOOKED:
    case PCT_EVENT_ORDER_LOOKED:
    case PCT_EVENT_CALL_ERASED:
    case PCT_EVENT_INCIDENT_ERASED:
    case PCT_EVENT_ORDER_ERASED:
    case PCT_EVENT_ROUND_LOOKED:
    case PCT_EVENT_ROUND_ERASED:
    case PCT_EVENT_RETENTION_APPLIED:
    case PCT_EVENT_RETENTION_SET:
    case PCT_EVENT_MAP_UPDATED:
    case PCT_EVENT_CARDS_PRINTED: return false;
    default: return role != PCT_ROLE_SYSTEM;
    }
}

static void mark(pct_replay *r, uint32_t unit) {
    r->dirty[unit / 64] |= UINT64_C(1) << unit % 64;
}

static pct_status take_notice(pct_replay *r, const pct_desk_notice *n, const pct_snapshot *snapshot,
                              pct_error *error) {
    bool by_person = pct_replay_is_act(n->role, n->type);
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < n->touched_count && !status; i++) {
        if (n->touched[i].kind == 'I')
            status = follow_incident(r, snapshot, (pct_incident_id){n->touched[i].seq}, by_person, error);
        uint32_t unit = n->touched[i].kind == 'U' ? pct_replay_unit_of(r, n->touched[i].seq) : PCT_MAP_ABSENT;
        if (unit == PCT_MAP_ABSENT) continue;
        mark(r, unit);
        r->units[unit].placed |= by_person && n->type == PCT_EVENT_UNIT_POSITIONED;
    }
    return status;
}

static pct_status follow_units(pct_replay *r, const pct_snapshot *snapshot, pct_error *error) {
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < r->unit_count && !status; i++)
        if (r->dirty[i / 64] >> i % 64 & 1) status = pct_driven_follow(r, i, snapshot, error);
    memset(r->dirty, 0, (r->unit_count / 64 + 1) * sizeof *r->dirty);
    return status;
}

static bool is_persons(const pct_replay *r, pct_incident_id id) {
    const pct_replay_options *o = &r->options;
    return o->is_persons && o->is_persons(o->record_context, id);
}

pct_status pct_replay_follow_all(pct_replay *r, pct_error *error) {
    const pct_snapshot *snapshot = pct_desk_snapshot(r->options.desk);
    pct_status status = PCT_OK;
    const pct_desk_incident *d = pct_snapshot_next_incident(snapshot, (pct_incident_id){0});
    for (; d && !status; d = pct_snapshot_next_incident(snapshot, d->incident.id)) {
        bool open = d->incident.ended_at_ms == 0;
        status = follow_incident(r, snapshot, d->incident.id, open && is_persons(r, d->incident.id), error);
    }
    for (uint32_t i = 0; i < r->unit_count; i++) mark(r, i);
    if (!status) status = follow_units(r, snapshot, error);
    r->seq = pct_snapshot_seq(snapshot);
    pct_snapshot_release(snapshot);
    return status;
}

static pct_status take_notices(pct_replay *r, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t count = NOTICES_AT_ONCE; count == NOTICES_AT_ONCE && !status;) {
        bool reset;
        count = pct_desk_notices(r->options.desk, r->seq, r->notices, NOTICES_AT_ONCE, &reset);
        if (reset) return pct_replay_follow_all(r, error);
        if (count == 0) return PCT_OK;
        const pct_snapshot *snapshot = pct_desk_snapshot(r->options.desk);
        for (size_t i = 0; i < count && !status; i++)
            status = take_notice(r, &r->notices[i], snapshot, error);
        r->seq = r->notices[count - 1].seq;
        if (!status) status = follow_units(r, snapshot, error);
        pct_snapshot_release(snapshot);
    }
    return status;
}

/* --- answers ------------------------------------------------------------------------------------------------- */

static pct_status remember_to_open(pct_replay *r, uint32_t call, pct_error *error) {
    uint32_t *open = pct_vector_push(&r->to_open);
    if (!open) return pct_vector_failed(&r->to_open, PCT_MSG_WHAT_CALLS, error);
    *open = call;
    return PCT_OK;
}

static pct_status call_taken(pct_replay *r, const pct_said *said, pct_error *error) {
    r->call_seq[said->index] = said->object.seq;
    (void)pthread_mutex_lock(&r->lock);
    r->figures.calls_done++;
    (void)pthread_mutex_unlock(&r->lock);
    return remember_to_open(r, said->index, error);
}

static pct_status again(pct_replay *r, const pct_said *said, pct_error *error) {
    int64_t at_ms = pct_replay_again_ms(r);
    switch (said->kind) {
    case PCT_SAID_CALL: return pct_replay_set_timer(r, at_ms, PCT_TIMER_CALL, said->index, NULL, error);
    case PCT_SAID_OPEN: return remember_to_open(r, said->index, error);
    case PCT_SAID_STEP:
        return pct_replay_set_timer(r, at_ms, PCT_TIMER_STEP + said->step, said->index,
                                    &r->units[said->index].timer, error);
    case PCT_SAID_SHIFT: {
        const pct_driven *u = &r->units[said->index];
        uint32_t kind = u->off_due ? PCT_TIMER_SHIFT_OFF : PCT_TIMER_SHIFT_ON;
        return pct_replay_set_timer(r, at_ms, kind, u->shift, NULL, error);
    }
    case PCT_SAID_WHERE:
    case PCT_SAID_SEND:
    case PCT_SAID_END: break;
    }
    return pct_replay_set_timer(r, at_ms, PCT_TIMER_LOOK, 0, NULL, error);
}

static pct_status take_answer(pct_replay *r, const pct_said *said, pct_error *error) {
    pct_followed *f = said->incident.seq ? pct_replay_followed(r, said->incident.seq) : NULL;
    if (f) f->busy = false;
    if (said->kind == PCT_SAID_SEND) r->units[said->index].claimed = false;
    if (said->status == PCT_REFUSED || said->status == PCT_NOT_FOUND) {
        /* Somebody was faster; whatever they did has been noticed, or will be. */
        bool ours = said->kind == PCT_SAID_SEND || said->kind == PCT_SAID_END;
        return ours ? pct_replay_set_timer(r, pct_replay_again_ms(r), PCT_TIMER_LOOK, 0, NULL, error)
                    : PCT_OK;
    }
    if (said->status) return again(r, said, error);
    if (said->kind == PCT_SAID_CALL) return call_taken(r, said, error);
    if (said->kind == PCT_SAID_OPEN && (f = pct_replay_followed(r, said->object.seq)) != NULL)
        f->call = said->index;
    return PCT_OK;
}

static pct_said *answered(pct_replay *r) {
    (void)pthread_mutex_lock(&r->lock);
    pct_said *first = r->answered_first;
    r->answered_first = r->answered_last = NULL;
    (void)pthread_mutex_unlock(&r->lock);
    return first;
}

/* Notices of what was answered are there before the answer is, and are taken first: an incident that was opened is
 * followed when its call is put to it. */
pct_status pct_replay_follow(pct_replay *r, pct_error *error) {
    pct_said *first = answered(r);
    pct_status status = take_notices(r, error);
    for (pct_said *said = first, *next; said; said = next) {
        next = said->next;
        if (!status) status = take_answer(r, said, error);
        pct_free(said);
    }
    return status;
}
