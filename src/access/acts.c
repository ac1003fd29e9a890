#include "access/acts.h"

#include <pthread.h>

#include "access/rights.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/vector.h"
#include "clock/time.h"
#include "ledger/read.h"

enum { ARENA_MAX = 1 << 30, REQUESTS_MAX = 1 << 22 };

#define HOUR_MS  INT64_C(3600000)
#define R(name)  (1u << PCT_ROLE_##name)
#define WATCHMEN (R(AUDIT_ADMIN) | R(OVERSIGHT))

const pct_act_row pct_act_rows[PCT_ACT_COUNT] = {
    [PCT_ACT_UNMASK] = {.ask = R(DISPATCHER) | R(COMMANDER) | R(OVERSIGHT),
                        .approve = R(COMMANDER) | WATCHMEN,
                        .decide_ms = PCT_DAY_MS,
                        .use_ms = HOUR_MS,
                        .kinds = "CIO",
                        .for_case = true},
    [PCT_ACT_REPLAY_TRACK] = {.ask = R(COMMANDER) | R(OVERSIGHT),
                              .approve = WATCHMEN,
                              .decide_ms = PCT_DAY_MS,
                              .use_ms = HOUR_MS,
                              .kinds = "U",
                              .for_case = true},
    [PCT_ACT_DESTROY_KEY] = {.ask = R(COMMANDER) | R(SECURITY_ADMIN),
                             .approve = WATCHMEN,
                             .decide_ms = PCT_DAY_MS,
                             .kinds = "CIO",
                             .for_case = true,
                             .at_approval = true},
    [PCT_ACT_GRANT_ADMIN] = {.ask = R(SECURITY_ADMIN),
                             .approve = R(SECURITY_ADMIN) | R(OVERSIGHT),
                             .decide_ms = PCT_DAY_MS,
                             .at_approval = true},
    [PCT_ACT_SET_RETENTION] = {.ask = R(SECURITY_ADMIN),
                               .approve = WATCHMEN,
                               .decide_ms = PCT_DAY_MS,
                               .of_class = true,
                               .at_approval = true},
};

const char *const pct_request_status_names[PCT_REQUEST_STATUS_COUNT] = {"waiting", "approved", "refused",
                                                                        "used", "lapsed"};

typedef struct entry {
    pct_request request;
    bool held;
} entry;

struct pct_acts {
    pthread_mutex_t lock; /* of all below */
    pct_arena arena;      /* of their texts */
    pct_vector requests, glasses;
    pct_map request_of, glass_of; /* seq → index */
};

pct_status pct_acts_new(pct_acts **out, pct_error *error) {
    pct_acts *a = pct_alloc_zeroed(1, sizeof *a);
    if (!a) return pct_error_memory(error, sizeof *a);
    (void)pthread_mutex_init(&a->lock, NULL);
    a->arena = pct_arena_init(ARENA_MAX);
    a->requests = pct_vector_init(sizeof(entry), REQUESTS_MAX);
    a->glasses = pct_vector_init(sizeof(pct_glass), REQUESTS_MAX);
    a->request_of = pct_map_init(REQUESTS_MAX);
    a->glass_of = pct_map_init(REQUESTS_MAX);
    *out = a;
    return PCT_OK;
}

void pct_acts_free(pct_acts *a) {
    if (!a) return;
    pct_vector_dispose(&a->requests);
    pct_vector_dispose(&a->glasses);
    pct_map_dispose(&a->request_of);
    pct_map_dispose(&a->glass_of);
    pct_arena_dispose(&a->arena);
    (void)pthread_mutex_destroy(&a->lock);
    pct_free(a);
}

/* --- following (under the lock) ----------------------------------------------------------------------------------- */

/* false without memory. */
static bool keep(pct_acts *a, pct_text text, pct_text *out) {
    *out = (pct_text){"", 0};
    if (text.length == 0) return true;
    const char *copy = pct_arena_text(&a->arena, text.chars, text.length);
    if (copy) *out = (pct_text){copy, text.length};
    return copy != NULL;
}

static entry *find_request(const pct_acts *a, int64_t seq) {
    uint32_t at = pct_map_get(&a->request_of, (uint64_t)seq);
    return at == PCT_MAP_ABSENT ? NULL : (entry *)a->requests.items + at;
}

static pct_glass *find_glass(const pct_acts *a, int64_t seq) {
    uint32_t at = pct_map_get(&a->glass_of, (uint64_t)seq);
    return at == PCT_MAP_ABSENT ? NULL : (pct_glass *)a->glasses.items + at;
}

static bool add_request(pct_acts *a, const pct_event *event) {
    const pct_event_act_requested *data = &event->data.act_requested;
    uint32_t index = (uint32_t)a->requests.length;
    entry *e = pct_vector_push(&a->requests);
    if (!e) return false;
    pct_request *r = &e->request;
    *r = (pct_request){.id = {event->object.seq},
                       .act = data->act,
                       .role = event->role,
                       .roles = pct_roles_of_codes(data->roles, data->roles_count),
                       .days = data->has_days ? (int32_t)data->days : 0,
                       .class = data->class,
                       .asked_at_ms = event->recorded_at_ms,
                       .from_ms = data->has_from ? data->from : 0,
                       .until_ms = data->has_until ? data->until : 0};
    return keep(a, data->subject, &r->subject) && keep(a, data->for_case, &r->for_case) &&
           keep(a, data->areas, &r->areas) && keep(a, event->actor, &r->actor) &&
           keep(a, event->purpose, &r->purpose) &&
           pct_map_set(&a->request_of, (uint64_t)event->object.seq, index) == PCT_OK;
}

static bool decide(pct_acts *a, const pct_event *event, pct_request_status to) {
    entry *e = find_request(a, event->object.seq);
    if (!e) return true;
    e->request.status = to;
    if (to == PCT_REQUEST_USED) return true;
    e->request.decided_at_ms = event->recorded_at_ms;
    return keep(a, event->actor, &e->request.decided_by);
}

static bool add_glass(pct_acts *a, const pct_event *event) {
    uint32_t index = (uint32_t)a->glasses.length;
    pct_glass *g = pct_vector_push(&a->glasses);
    if (!g) return false;
    *g = (pct_glass){.id = {event->object.seq}, .role = event->role, .opened_at_ms = event->recorded_at_ms};
    (void)pct_id_read(event->data.break_glass_opened.subject, &g->subject);
    return keep(a, event->actor, &g->actor) && keep(a, event->purpose, &g->purpose) &&
           pct_map_set(&a->glass_of, (uint64_t)event->object.seq, index) == PCT_OK;
}

static bool review(pct_acts *a, const pct_event *event) {
    pct_glass *g = find_glass(a, event->object.seq);
    if (!g) return true;
    g->verdict = event->data.break_glass_reviewed.verdict;
    return keep(a, event->actor, &g->reviewed_by);
}

static bool follow(pct_acts *a, const pct_event *event) {
    switch (event->type) {
    case PCT_EVENT_ACT_REQUESTED: return add_request(a, event);
    case PCT_EVENT_ACT_APPROVED: return decide(a, event, PCT_REQUEST_APPROVED);
    case PCT_EVENT_ACT_REFUSED: return decide(a, event, PCT_REQUEST_REFUSED);
    case PCT_EVENT_ACT_USED: return decide(a, event, PCT_REQUEST_USED);
    case PCT_EVENT_BREAK_GLASS_OPENED: return add_glass(a, event);
    case PCT_EVENT_BREAK_GLASS_REVIEWED: return review(a, event);
    default: return true;
    }
}

pct_status pct_acts_follow(pct_acts *a, const pct_event *event, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    bool good = follow(a, event);
    (void)pthread_mutex_unlock(&a->lock);
    return good ? PCT_OK : pct_error_memory(error, sizeof(entry));
}

static pct_status load_event(void *context, const pct_event *event, pct_error *error) {
    return pct_acts_follow(context, event, error);
}

pct_status pct_acts_load(pct_acts *a, pct_store *store, pct_error *error) {
    pct_status status = PCT_OK;
    for (const char *kind = "QB"; *kind && !status; kind++)
        status = pct_ledger_each_event_of_kind(store, *kind, load_event, a, error);
    return status;
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

pct_request_status pct_request_status_at(const pct_request *r, int64_t now_ms) {
    const pct_act_row *row = &pct_act_rows[r->act];
    if (r->status == PCT_REQUEST_WAITING && now_ms >= r->asked_at_ms + row->decide_ms)
        return PCT_REQUEST_LAPSED;
    if (r->status == PCT_REQUEST_APPROVED && now_ms >= r->decided_at_ms + row->use_ms)
        return PCT_REQUEST_LAPSED;
    return r->status;
}

pct_status pct_acts_hold(pct_acts *a, pct_request_id id, pct_request_status wanted, int64_t now_ms,
                         pct_request *out, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    entry *e = find_request(a, id.seq);
    bool busy = e && e->held;
    pct_request_status is = e ? pct_request_status_at(&e->request, now_ms) : wanted;
    if (e && !busy && is == wanted) {
        e->held = true;
        *out = e->request;
    }
    (void)pthread_mutex_unlock(&a->lock);
    if (!e) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_REQUEST_UNKNOWN, pct_int(id.seq));
    if (busy) return PCT_FAIL(error, PCT_BUSY, PCT_MSG_REQUEST_BUSY, pct_int(id.seq));
    if (is == wanted) return PCT_OK;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_REQUEST_STATUS, pct_int(id.seq),
                    pct_str(pct_request_status_names[is]));
}

bool pct_acts_hold_approved(pct_acts *a, pct_act act, const char *account, pct_text subject, int64_t now_ms,
                            pct_request *out) {
    bool found = false;
    (void)pthread_mutex_lock(&a->lock);
    entry *entries = a->requests.items;
    for (size_t i = a->requests.length; i > 0 && !found; i--) {
        entry *e = &entries[i - 1];
        const pct_request *r = &e->request;
        found = r->act == act && !e->held && pct_request_status_at(r, now_ms) == PCT_REQUEST_APPROVED &&
                pct_text_equal(r->actor, account) && pct_text_same(r->subject, subject);
        if (found) e->held = true, *out = *r;
    }
    (void)pthread_mutex_unlock(&a->lock);
    return found;
}

void pct_acts_let_go(pct_acts *a, pct_request_id id) {
    (void)pthread_mutex_lock(&a->lock);
    entry *e = find_request(a, id.seq);
    if (e) e->held = false;
    (void)pthread_mutex_unlock(&a->lock);
}

bool pct_acts_glass(pct_acts *a, pct_break_glass_id id, pct_glass *out) {
    (void)pthread_mutex_lock(&a->lock);
    const pct_glass *g = find_glass(a, id.seq);
    if (g) *out = *g;
    (void)pthread_mutex_unlock(&a->lock);
    return g != NULL;
}

void pct_acts_fill(pct_acts *a, pct_identity *identity, int64_t now_ms) {
    identity->glass_count = 0;
    (void)pthread_mutex_lock(&a->lock);
    const pct_glass *glasses = a->glasses.items;
    for (size_t i = a->glasses.length; i > 0 && identity->glass_count < PCT_ACCOUNT_GLASS_MAX; i--) {
        const pct_glass *g = &glasses[i - 1];
        if (g->opened_at_ms + PCT_GLASS_MS <= now_ms) break; /* in order of time */
        if (pct_text_equal(g->actor, identity->account))
            identity->glass[identity->glass_count++] = g->subject;
    }
    (void)pthread_mutex_unlock(&a->lock);
}

void pct_acts_each_request(pct_acts *a, bool (*take)(void *context, const pct_request *request),
                           void *context) {
    (void)pthread_mutex_lock(&a->lock);
    const entry *entries = a->requests.items;
    for (size_t i = a->requests.length; i > 0 && take(context, &entries[i - 1].request); i--) continue;
    (void)pthread_mutex_unlock(&a->lock);
}

void pct_acts_each_glass(pct_acts *a, bool (*take)(void *context, const pct_glass *glass), void *context) {
    (void)pthread_mutex_lock(&a->lock);
    const pct_glass *glasses = a->glasses.items;
    for (size_t i = a->glasses.length; i > 0 && take(context, &glasses[i - 1]); i--) continue;
    (void)pthread_mutex_unlock(&a->lock);
}

void pct_acts_count(pct_acts *a, int64_t now_ms, int64_t *waiting, int64_t *unreviewed) {
    *waiting = *unreviewed = 0;
    (void)pthread_mutex_lock(&a->lock);
    const entry *entries = a->requests.items;
    const pct_glass *glasses = a->glasses.items;
    for (size_t i = 0; i < a->requests.length; i++)
        *waiting += pct_request_status_at(&entries[i].request, now_ms) == PCT_REQUEST_WAITING;
    for (size_t i = 0; i < a->glasses.length; i++) *unreviewed += glasses[i].verdict == PCT_VERDICT_NONE;
    (void)pthread_mutex_unlock(&a->lock);
}
