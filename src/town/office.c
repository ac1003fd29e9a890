/* The generated command room: its staff and shifts, and drafts into events. Drafts name objects by number, because an object's
 * id is the seq of the event that made it, and that is known only when all are in order. */
#include "town/office.h"

#include <stdio.h>
#include <stdlib.h>

#include "town/office_state.h"

enum { DRAFTS_MAX = 1 << 24, TEXTS_MAX = 1 << 16 };

int64_t pct_office_shift_begin_ms(const pct_town_office_state *s, int32_t shift) {
    return s->begin_ms + shift * 12 * PCT_OFFICE_HOUR_MS;
}

int32_t pct_office_shift_at(const pct_town_office_state *s, int64_t at_ms) {
    return (int32_t)((at_ms - s->begin_ms) / (12 * PCT_OFFICE_HOUR_MS));
}

/* A day, a night, two days off. */
int32_t pct_office_team_of(int32_t shift) {
    int32_t day = shift / 2;
    return (shift % 2 + 4 - day % 4) % 4;
}

int32_t pct_office_next_shift_of(int32_t team, int32_t after) {
    for (after++; pct_office_team_of(after) != team;) after++;
    return after;
}

int64_t pct_office_between(pct_town_office_state *s, int64_t low, int64_t high) {
    return low + (int64_t)(pct_rng_unit(&s->rng) * (double)(high - low + 1));
}

bool pct_office_chance(pct_town_office_state *s, double probability) {
    return pct_rng_unit(&s->rng) < probability;
}

int32_t pct_office_member(int32_t team, int32_t i) {
    return team * PCT_OFFICE_TEAM + i;
}

int32_t pct_office_chief(int32_t i) {
    return PCT_OFFICE_TEAMS * PCT_OFFICE_TEAM + i;
}

int32_t pct_office_crew(int32_t unit, int32_t half) {
    return PCT_OFFICE_TEAMS * PCT_OFFICE_TEAM + PCT_OFFICE_CHIEFS + unit * 2 + half;
}

int32_t pct_office_thing_new(pct_town_office_state *s, char kind) {
    pct_office_thing *thing = pct_vector_push(&s->things);
    if (!thing) {
        s->failed = true;
        return 0;
    }
    thing->kind = kind;
    return (int32_t)s->things.length - 1;
}

pct_office_draft *pct_office_draft_add(pct_town_office_state *s, pct_event_type type, int64_t at_ms,
                                       int32_t actor, int32_t object) {
    pct_office_draft *draft = s->failed ? NULL : pct_vector_push(&s->drafts);
    if (!draft) {
        s->failed = true;
        return &s->spare;
    }
    *draft = (pct_office_draft){.at_ms = at_ms,
                                .order = (int32_t)s->drafts.length,
                                .object = object,
                                .other = -1,
                                .more = -1,
                                .actor = actor,
                                .script = s->script,
                                .type = type,
                                .role = s->roles[actor]};
    return draft;
}

void pct_office_look(pct_town_office_state *s, int64_t at_ms, int32_t actor, const pct_office_case *c,
                     int which) {
    pct_office_look_for(s, at_ms, actor, c, which, c);
}

void pct_office_look_for(pct_town_office_state *s, int64_t at_ms, int32_t actor, const pct_office_case *c,
                         int which, const pct_office_case *named) {
    int32_t object = which == 1 ? c->incident : which == 2 ? c->order : c->call;
    if (object < 0) which = 0, object = c->call;
    static const pct_event_type types[] = {PCT_EVENT_CALL_LOOKED, PCT_EVENT_INCIDENT_LOOKED,
                                           PCT_EVENT_ORDER_LOOKED};
    pct_office_draft_add(s, types[which], at_ms, actor, object)->other =
        named->incident >= 0 ? named->incident : named->call;
}

void pct_office_replay(pct_town_office_state *s, int64_t at_ms, int32_t actor, int32_t unit) {
    int32_t request = pct_office_thing_new(s, 'Q');
    pct_office_draft_add(s, PCT_EVENT_ACT_REQUESTED, at_ms, actor, request)->other = unit;
    (void)pct_office_draft_add(s, PCT_EVENT_ACT_USED, at_ms + 600000, actor, request);
}

const pct_office_case *pct_office_case_at(const pct_town_office_state *s, size_t i) {
    return (const pct_office_case *)s->cases.items + i;
}

size_t pct_office_case_from(const pct_town_office_state *s, int64_t at_ms) {
    size_t low = 0, high = s->cases.length;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (pct_office_case_at(s, middle)->at_ms < at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const pct_office_case *pct_office_other_case(pct_town_office_state *s, int64_t at_ms, int32_t actor,
                                             int days) {
    size_t from = pct_office_case_from(s, at_ms - days * PCT_OFFICE_DAY_MS);
    size_t to = pct_office_case_from(s, at_ms - PCT_OFFICE_DAY_MS - 6 * PCT_OFFICE_HOUR_MS);
    for (int tries = 0; tries < 50 && from < to; tries++) {
        const pct_office_case *c =
            pct_office_case_at(s, from + pct_rng_below(&s->rng, (uint32_t)(to - from)));
        bool over = c->ended_ms < at_ms - PCT_OFFICE_DAY_MS;
        if (over && c->taker != actor && c->dispatcher != actor && c->closer != actor) return c;
    }
    return NULL;
}

/* --- into events ---------------------------------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b) {
    const pct_office_draft *p = a, *q = b;
    if (p->at_ms != q->at_ms) return p->at_ms < q->at_ms ? -1 : 1;
    return p->order < q->order ? -1 : p->order > q->order;
}

static pct_id id_of(const pct_town_office_state *s, int32_t thing) {
    const pct_office_thing *things = s->things.items;
    return thing < 0 ? (pct_id){0} : (pct_id){.kind = things[thing].kind, .seq = things[thing].seq};
}

static void fill_data(pct_town_office_state *s, const pct_office_draft *d, pct_event *e) {
    const pct_road_ref road = {1000 + d->place / 3, d->place, d->place + 1};
    bool binds = d->type == PCT_EVENT_ACCOUNT_ASSIGNED; /* there `more` is an actor */
    const pct_id other = id_of(s, d->other), more = id_of(s, binds ? -1 : d->more);
    char text[PCT_ID_TEXT];
    switch (d->type) {
    case PCT_EVENT_CALL_RECEIVED:
        e->data.call_received.has_road = true;
        e->data.call_received.road = road;
        break;
    case PCT_EVENT_INCIDENT_OPENED:
        e->data.incident_opened.call.seq = other.seq;
        e->data.incident_opened.has_road = true;
        e->data.incident_opened.road = road;
        break;
    case PCT_EVENT_ORDER_SENT:
        e->data.order_sent.incident.seq = other.seq;
        e->data.order_sent.unit.seq = more.seq;
        break;
    case PCT_EVENT_CALL_LOOKED:
    case PCT_EVENT_INCIDENT_LOOKED:
    case PCT_EVENT_ORDER_LOOKED: /* the three types have the same two fields */
        if (other.kind == 'I') e->data.call_looked.for_incident.seq = other.seq;
        if (other.kind == 'C') e->data.call_looked.for_call.seq = other.seq;
        break;
    case PCT_EVENT_ACCOUNT_ASSIGNED:
        e->data.account_assigned.name = s->names[d->more];
        e->data.account_assigned.unit.seq = other.seq;
        break;
    case PCT_EVENT_ACT_REQUESTED:
        e->data.act_requested.act = PCT_ACT_REPLAY_TRACK;
        e->data.act_requested.subject.length = pct_id_write(other, text);
        e->data.act_requested.subject.chars =
            pct_arena_text(&s->texts, text, e->data.act_requested.subject.length);
        s->failed |= e->data.act_requested.subject.chars == NULL;
        break;
    default: break;
    }
}

static void fill_event(pct_town_office_state *s, const pct_office_draft *d, int64_t seq, pct_event *e) {
    pct_office_thing *things = s->things.items;
    *e = (pct_event){.seq = seq,
                     .epoch = 1,
                     .recorded_at_ms = d->at_ms,
                     .occurred_at_ms = d->at_ms,
                     .actor = s->names[d->actor],
                     .purpose = {"duty", 4},
                     .role = d->role,
                     .type = d->type,
                     .version = 1};
    if (pct_event_type_table[d->type].creates || things[d->object].seq == 0) things[d->object].seq = seq;
    e->object = id_of(s, d->object);
    fill_data(s, d, e);
}

static pct_status make_events(pct_town_office *office, pct_error *error) {
    pct_town_office_state *s = office->state;
    pct_office_draft *drafts = s->drafts.items;
    if (s->failed) return pct_error_memory(error, s->drafts.length * sizeof *drafts);
    office->event_count = s->drafts.length;
    office->events = pct_alloc(office->event_count, sizeof *office->events);
    office->script_of = pct_alloc(office->event_count, sizeof *office->script_of);
    if (!office->events || !office->script_of)
        return pct_error_memory(error, office->event_count * sizeof *office->events);
    qsort(drafts, s->drafts.length, sizeof *drafts, by_time);
    for (size_t i = 0; i < office->event_count; i++) {
        pct_event *e = &office->events[i];
        fill_event(s, &drafts[i], (int64_t)i + 1, e);
        office->script_of[i] = drafts[i].script;
        bool looks = e->type == PCT_EVENT_CALL_LOOKED || e->type == PCT_EVENT_INCIDENT_LOOKED ||
                     e->type == PCT_EVENT_ORDER_LOOKED || e->type == PCT_EVENT_ACT_USED;
        if (looks && drafts[i].script < 0) office->looks++;
        if (looks && drafts[i].script >= 0) office->scripts[drafts[i].script].looks++;
    }
    return s->failed ? pct_error_memory(error, TEXTS_MAX) : PCT_OK;
}

static void name_staff(pct_town_office_state *s) {
    for (int32_t i = 0; i < PCT_OFFICE_STAFF; i++) {
        char text[40];
        int in_team = i % PCT_OFFICE_TEAM, length;
        if (i >= pct_office_crew(0, 0))
            s->roles[i] = PCT_ROLE_PATROL;
        else if (i >= pct_office_chief(0) || in_team == PCT_OFFICE_TEAM - 1)
            s->roles[i] = PCT_ROLE_COMMANDER;
        else
            s->roles[i] = in_team < PCT_OFFICE_TAKERS ? PCT_ROLE_CALL_TAKER : PCT_ROLE_DISPATCHER;
        length = snprintf(text, sizeof text, "%s-%d", pct_role_names[s->roles[i]], i);
        s->names[i] = (pct_text){pct_arena_text(&s->texts, text, (size_t)length), (size_t)length};
        s->failed |= s->names[i].chars == NULL;
    }
}

pct_status pct_town_office_new(const pct_town_office_options *options, pct_town_office **out,
                               pct_error *error) {
    pct_town_office *office = pct_alloc_zeroed(1, sizeof *office);
    pct_town_office_state *s = pct_alloc_zeroed(1, sizeof *s);
    *out = office;
    if (office) office->state = s;
    if (!office || !s) {
        if (!office) pct_free(s);
        pct_town_office_free(office);
        *out = NULL;
        return pct_error_memory(error, sizeof *s);
    }
    s->rng = pct_rng_init(options->seed, 0);
    s->days = options->days, s->calls_a_day = options->calls_a_day;
    s->strength = options->strength, s->script = -1;
    s->begin_ms = 1767600000000; /* 2026-01-05, a Monday, 08:00 */
    s->cases = pct_vector_init(sizeof(pct_office_case), DRAFTS_MAX);
    s->drafts = pct_vector_init(sizeof(pct_office_draft), DRAFTS_MAX);
    s->things = pct_vector_init(sizeof(pct_office_thing), DRAFTS_MAX);
    s->texts = pct_arena_init(1 << 24);
    name_staff(s);
    office->script_count = (size_t)options->scripts;
    office->scripts = pct_alloc_zeroed(office->script_count + 1, sizeof *office->scripts);
    s->failed |= office->scripts == NULL;
    pct_office_work(s);
    /* Its own stream, so that ordinary work is the same with scripts and without. */
    s->rng = pct_rng_init(options->seed, 1);
    pct_office_habits(s);
    s->rng = pct_rng_init(options->seed, 3);
    pct_office_slips(s);
    s->rng = pct_rng_init(options->seed, 2);
    for (int32_t i = 0; i < options->scripts && !s->failed; i++) {
        office->scripts[i].pattern = (pct_audit_pattern)(i % PCT_AUDIT_PATTERN_COUNT);
        s->script = i;
        pct_office_misuse(s, &office->scripts[i]);
    }
    pct_status status = make_events(office, error);
    if (status) {
        pct_town_office_free(office);
        *out = NULL;
    }
    return status;
}

void pct_town_office_free(pct_town_office *office) {
    if (!office) return;
    if (office->state) {
        pct_vector_dispose(&office->state->cases);
        pct_vector_dispose(&office->state->drafts);
        pct_vector_dispose(&office->state->things);
        pct_arena_dispose(&office->state->texts);
    }
    pct_free(office->state);
    pct_free(office->events);
    pct_free(office->script_of);
    pct_free(office->scripts);
    pct_free(office);
}
