/* Each round of the days that are asked for: the positions of its unit while it was on it, matched to roads, added up by street and hour.
 * Left out are breaks, which are the crew's own, what came before roll-out or after the end, and a call that the unit is at now. What is
 * told goes through patrol/streets.h: three crews on each street, in steps of five minutes. Tables of SPANS spans of days are kept; one that
 * holds today is made anew when it is older than STALE_MS. Cost: some µs a position. */
#include "resource/patrol_presence.h"

#include <stdio.h>
#include <string.h>

#include "api_handlers.h"
#include "base/text.h"
#include "desk/rest.h"
#include "geo/geojson.h"
#include "patrol/streets.h"
#include "resource/live_road.h"
#include "resource/patrol_book_state.h"
#include "resource/patrol_rounds.h"
#include "road/match.h"

enum {
    SPANS = 4,
    LOOK_MS = 100,
    STALE_MS = 120000,
    GAP_MS = 120000, /* a longer silence says nothing */
    DAYS_MAX = 31,   /* positions are kept for a month */
    DAYS_USUAL = 7,
    BREAKS_MAX = 16,
    SHIFTS_MAX = 100000,
    STREETS_TOLD_MAX = 8000,
    POINTS_MAX = 10000
};

typedef enum state { FREE, WANTED, MAKING, MADE, FAILED } state;

typedef struct span {
    int64_t from_day, to_day;
    state state;
    int permille;
    int64_t as_of_ms, used; /* used: counts up */
    pct_streets *streets;   /* of the last time that it was made; NULL: never */
    pct_status failed;      /* why it could not be made */
    pct_error why;
} span;

struct pct_patrol_presence {
    pct_service *service;
    pthread_mutex_t lock; /* of the spans */
    span spans[SPANS];
    int64_t uses;
    pct_rest rest;
    pthread_t thread;
    bool runs;
};

/* --- making -------------------------------------------------------------------------------------------------------------- */

/* A unit on a round; breaks in order of time. */
typedef struct shift {
    int64_t unit, from_ms, to_ms;
    pct_duty_span breaks[BREAKS_MAX];
    size_t break_count;
} shift;

typedef struct making {
    pct_patrol_presence *presence;
    pct_matcher *matcher;
    pct_streets *streets;
    const shift *now;
    pct_status status;
    pct_error *error;
} making;

static bool take_shift(pct_vector *shifts, const pct_life_round *r, int64_t now_ms) {
    int64_t end_ms = r->ended_ms ? r->ended_ms : r->until_ms;
    if (!r->ended_ms && r->order.seq && r->left_ms) end_ms = r->left_ms;
    if (end_ms > now_ms) end_ms = now_ms;
    shift *s = end_ms > r->leave_ms ? pct_vector_push(shifts) : NULL;
    if (!s) return end_ms <= r->leave_ms;
    *s = (shift){.unit = r->unit.seq, .from_ms = r->leave_ms, .to_ms = end_ms};
    for (size_t i = 0; i < r->stop_count && s->break_count < BREAKS_MAX; i++)
        if (r->stops[i].kind == PCT_DUTY_BREAK)
            s->breaks[s->break_count++] = (pct_duty_span){r->stops[i].start_ms, r->stops[i].end_ms};
    return true;
}

static pct_status collect(pct_service *service, int64_t from_day, int64_t to_day, pct_vector *shifts,
                          pct_error *error) {
    int64_t now_ms = pct_service_now_ms(service);
    const pct_life *life = pct_patrol_hold(service->patrol);
    const pct_life_round *r;
    bool good = true;
    for (size_t i = 0; good && (r = pct_life_round_at(life, i)) != NULL; i++) {
        int64_t day = pct_patrol_day_of(service, r->leave_ms);
        if (pct_life_round_counts(life, r) && day >= from_day && day <= to_day)
            good = take_shift(shifts, r, now_ms);
    }
    pct_patrol_let_go(service->patrol);
    return good ? PCT_OK : pct_error_memory(error, sizeof(shift));
}

/* A stretch without what lies in breaks and outside the shift. */
static void hear_leg(void *context, const pct_match_leg *leg) {
    making *m = context;
    const shift *s = m->now;
    int64_t at = leg->from_ms > s->from_ms ? leg->from_ms : s->from_ms;
    int64_t end = leg->to_ms < s->to_ms ? leg->to_ms : s->to_ms;
    for (size_t i = 0; i <= s->break_count && !m->status && at < end; i++) {
        bool is_last = i == s->break_count;
        int64_t stop = is_last || s->breaks[i].from_ms > end ? end : s->breaks[i].from_ms;
        if (at < stop) {
            m->status = pct_streets_add(m->streets, s->unit, leg->segment, at, stop, m->error);
            at = stop;
        }
        if (!is_last && s->breaks[i].to_ms > at) at = s->breaks[i].to_ms;
    }
}

static bool take_fix(void *context, const pct_track_point *point) {
    making *m = context;
    pct_matcher_push(m->matcher, (pct_match_fix){point->at_ms, point->position});
    return m->status == PCT_OK && !pct_rest_is_ending(&m->presence->rest);
}

static pct_status match_shift(making *m, const shift *s) {
    m->now = s;
    pct_status status =
        pct_tracks_read(m->presence->service->tracks, s->unit, s->from_ms, s->to_ms, take_fix, m, m->error);
    pct_matcher_finish(m->matcher);
    return status ? status : m->status;
}

static void tell_progress(pct_patrol_presence *p, int slot, size_t done, size_t of) {
    (void)pthread_mutex_lock(&p->lock);
    p->spans[slot].permille = (int)(1000 * done / (of ? of : 1));
    (void)pthread_mutex_unlock(&p->lock);
}

static pct_status make(pct_patrol_presence *p, int slot, int64_t from_day, int64_t to_day, pct_streets **out,
                       pct_error *error) {
    pct_service *service = p->service;
    pct_vector shifts = pct_vector_init(sizeof(shift), SHIFTS_MAX);
    making m = {.presence = p, .error = error};
    const pct_match_sink sink = {hear_leg, NULL, &m};
    const pct_match_options options = {.gap_ms = GAP_MS};
    pct_status status = pct_streets_new(&service->site->zone, &m.streets, error);
    if (!status)
        status = pct_matcher_new(pct_live_road_open(service->live), &options, &sink, &m.matcher, error);
    if (!status) status = collect(service, from_day, to_day, &shifts, error);
    for (size_t i = 0; i < shifts.length && !status && !pct_rest_is_ending(&p->rest); i++) {
        tell_progress(p, slot, i, shifts.length);
        status = match_shift(&m, (const shift *)shifts.items + i);
    }
    pct_matcher_free(m.matcher);
    pct_vector_dispose(&shifts);
    if (status) pct_streets_free(m.streets);
    *out = status ? NULL : m.streets;
    return status;
}

static bool next_span(pct_patrol_presence *p, int *slot, int64_t *from_day, int64_t *to_day) {
    bool found = false;
    (void)pthread_mutex_lock(&p->lock);
    for (int i = 0; i < SPANS && !found; i++) {
        span *s = &p->spans[i];
        found = s->state == WANTED;
        if (!found) continue;
        s->state = MAKING, s->permille = 0;
        *slot = i, *from_day = s->from_day, *to_day = s->to_day;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return found;
}

static void *run(void *context) {
    pct_patrol_presence *p = context;
    int64_t from_day, to_day;
    int slot;
    pct_rest_yield();
    while (pct_rest_for(&p->rest, LOOK_MS * PCT_NS_PER_MS)) {
        pct_streets *made;
        pct_error why;
        if (!next_span(p, &slot, &from_day, &to_day)) continue;
        int64_t now_ms = pct_service_now_ms(p->service);
        pct_status status = make(p, slot, from_day, to_day, &made, &why);
        (void)pthread_mutex_lock(&p->lock);
        span *s = &p->spans[slot];
        s->state = status ? FAILED : MADE;
        if (status) {
            s->failed = status, s->why = why;
        } else {
            pct_streets_free(s->streets);
            s->streets = made, s->as_of_ms = now_ms;
        }
        (void)pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

pct_status pct_patrol_presence_new(pct_service *service, pct_patrol_presence **out, pct_error *error) {
    pct_patrol_presence *p = *out = pct_alloc_zeroed(1, sizeof *p);
    if (!p) return pct_error_memory(error, sizeof *p);
    p->service = service;
    (void)pthread_mutex_init(&p->lock, NULL);
    pct_rest_init(&p->rest);
    return PCT_OK;
}

pct_status pct_patrol_presence_start(pct_patrol_presence *p, pct_error *error) {
    p->runs = pthread_create(&p->thread, NULL, run, p) == 0;
    return p->runs ? PCT_OK : pct_error_memory(error, 0);
}

void pct_patrol_presence_free(pct_patrol_presence *p) {
    if (!p) return;
    pct_rest_end(&p->rest);
    if (p->runs) (void)pthread_join(p->thread, NULL);
    pct_rest_dispose(&p->rest);
    for (int i = 0; i < SPANS; i++) pct_streets_free(p->spans[i].streets);
    (void)pthread_mutex_destroy(&p->lock);
    pct_free(p);
}

/* --- asking ---------------------------------------------------------------------------------------------------------------- */

/* Its span, asked for when it is new or stale; the one that was used longest ago makes room. NULL: all are being made. */
static span *ask(pct_patrol_presence *p, int64_t from_day, int64_t to_day, int64_t now_ms) {
    span *found = NULL;
    for (int i = 0; i < SPANS && !found; i++)
        if (p->spans[i].state != FREE && p->spans[i].from_day == from_day && p->spans[i].to_day == to_day)
            found = &p->spans[i];
    bool is_new = !found;
    for (int i = 0; i < SPANS && is_new; i++)
        if (p->spans[i].state != MAKING && p->spans[i].state != WANTED &&
            (!found || p->spans[i].used < found->used))
            found = &p->spans[i];
    if (!found) return NULL;
    if (is_new) {
        pct_streets_free(found->streets);
        *found = (span){.from_day = from_day, .to_day = to_day, .state = WANTED};
    }
    bool stale =
        to_day >= pct_patrol_day_of(p->service, found->as_of_ms) && now_ms - found->as_of_ms > STALE_MS;
    if (found->state == MADE && stale) found->state = WANTED;
    found->used = ++p->uses;
    return found;
}

typedef struct question {
    int64_t from_day, to_day;
    int hour;
} question;

static pct_status refuse(pct_exchange *x, pct_error *error) {
    memcpy(x->field, "from", sizeof "from");
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PRESENCE_DAYS, pct_int(DAYS_MAX));
}

static pct_status read_question(pct_exchange *x, question *q, pct_error *error) {
    int64_t today = pct_patrol_day_of(x->service, x->now_ms);
    q->hour = (int)pct_exchange_query_int(x, "hour", PCT_STREETS_ALL_DAY);
    pct_status status = pct_patrol_read_day_of(x, "to", today, &q->to_day, error);
    if (!status) status = pct_patrol_read_day_of(x, "from", q->to_day - DAYS_USUAL + 1, &q->from_day, error);
    if (status) return status;
    if (q->to_day > today) q->to_day = today;
    return q->from_day > q->to_day || q->to_day - q->from_day >= DAYS_MAX ? refuse(x, error) : PCT_OK;
}

static void write_day(pct_json_writer *json, const char *key, int64_t day) {
    const pct_civil c = pct_civil_of_ms(day * PCT_DAY_MS);
    char text[40];
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", (int)c.year, c.month, c.day);
    pct_json_text_member(json, key, pct_text_of(text));
}

static pct_status write_street(pct_json_writer *json, const pct_network *net, pct_language language,
                               const pct_street *street, pct_vector *points, pct_error *error) {
    const pct_segment *s = &net->segments[street->segment];
    uint32_t name = language == PCT_EN && s->name_en != 0 ? s->name_en : s->name;
    size_t count = 0;
    pct_network_segment_line(net, street->segment, false, NULL, &count);
    for (points->length = 0; points->length < count;)
        if (!pct_vector_push(points)) return pct_error_memory(error, count * sizeof(pct_position));
    pct_network_segment_line(net, street->segment, false, points->items, &count);
    pct_json_begin_object(json);
    pct_json_key(json, "name");
    if (name)
        pct_json_text(json, pct_network_name(net, name));
    else
        pct_json_null(json);
    pct_json_key(json, "unit_minutes");
    pct_json_integer(json, street->unit_minutes);
    pct_json_key(json, "length_m");
    pct_json_real(json, pct_geo_length_m(points->items, points->length), 0);
    pct_json_key(json, "line");
    pct_geojson_write_line(json, points->items, points->length);
    pct_json_end_object(json);
    return PCT_OK;
}

/* With the spans held. */
static pct_status write_streets(pct_exchange *x, pct_json_writer *json, pct_streets *streets, int hour,
                                pct_error *error) {
    const pct_network *net = pct_road_network(pct_live_road_open(x->service->live));
    pct_vector rows = pct_vector_init(sizeof(pct_street), PCT_STREETS_ROWS_MAX);
    pct_vector points = pct_vector_init(sizeof(pct_position), POINTS_MAX);
    size_t hidden = 0;
    pct_status status = streets ? pct_streets_tell(streets, hour, &rows, &hidden, error) : PCT_OK;
    size_t told = rows.length < STREETS_TOLD_MAX ? rows.length : STREETS_TOLD_MAX;
    pct_json_key(json, "hidden");
    pct_json_integer(json, (int64_t)hidden);
    pct_json_key(json, "left_off");
    pct_json_integer(json, (int64_t)(rows.length - told));
    pct_json_key(json, "streets");
    pct_json_begin_array(json);
    for (size_t i = 0; i < told && !status; i++)
        status = write_street(json, net, x->language, (const pct_street *)rows.items + i, &points, error);
    pct_json_end_array(json);
    pct_vector_dispose(&rows);
    pct_vector_dispose(&points);
    return status;
}

/* With the spans held; `s` NULL: there is no room to make it now. */
static pct_status write_answer(pct_exchange *x, const question *q, const span *s, pct_error *error) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    bool ready = s && s->streets;
    pct_json_begin_object(&json);
    write_day(&json, "from", q->from_day);
    write_day(&json, "to", q->to_day);
    pct_json_key(&json, "hour");
    if (q->hour == PCT_STREETS_ALL_DAY)
        pct_json_null(&json);
    else
        pct_json_integer(&json, q->hour);
    pct_json_key(&json, "ready");
    pct_json_bool(&json, ready);
    pct_json_key(&json, "progress");
    pct_json_real(&json, ready ? 1.0 : s ? s->permille / 1000.0 : 0.0, 3);
    pct_json_time_member(&json, "as_of", ready ? s->as_of_ms : 0, &x->service->site->zone);
    pct_json_key(&json, "least_crews");
    pct_json_integer(&json, PCT_CREWS_LEAST);
    pct_json_key(&json, "step_minutes");
    pct_json_integer(&json, PCT_STREETS_STEP_MIN);
    pct_status status = write_streets(x, &json, ready ? s->streets : NULL, q->hour, error);
    pct_json_end_object(&json);
    return status;
}

pct_status pct_resource_patrol_presence(pct_exchange *x, pct_error *error) {
    pct_patrol_presence *p = x->service->patrol->presence;
    question q;
    pct_status status = read_question(x, &q, error);
    if (status) return status;
    (void)pthread_mutex_lock(&p->lock);
    span *s = ask(p, q.from_day, q.to_day, x->now_ms);
    if (s && s->state == FAILED) {
        *error = s->why;
        status = s->failed;
        s->state = WANTED; /* for who asks again */
    } else {
        status = write_answer(x, &q, s, error);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return status ? status : pct_buffer_status(&x->reply, error);
}
