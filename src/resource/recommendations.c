/* Which units to send to an incident, and why each other one was passed over. */
#include "resource/advice.h"
#include "resource/board_json.h"
#include "resource/demand.h"
#include "resource/scope.h"

enum { WANTED_BY_DEFAULT = 3 };

typedef struct writing {
    pct_exchange *x;
    const pct_snapshot *snapshot;
    pct_json_writer json;
    bool through_closures;
} writing;

static void write_candidate(writing *w, const pct_candidate *c) {
    pct_buffer sentence = pct_buffer_init(1 << 12);
    const pct_desk_unit *unit = pct_snapshot_unit(w->snapshot, c->unit);
    pct_json_begin_object(&w->json);
    pct_json_id_member(&w->json, "unit", (pct_id){.seq = c->unit.seq, .kind = 'U'});
    pct_json_text_member(&w->json, "name", unit ? unit->unit.name : (pct_text){0});
    pct_json_key(&w->json, "travel_s");
    if (c->travel_ms == PCT_UNREACHABLE_MS)
        pct_json_null(&w->json);
    else
        pct_json_real(&w->json, c->travel_ms / 1000.0, 1);
    pct_json_id_member(&w->json, "divert", (pct_id){.seq = c->divert.seq, .kind = 'O'});
    (void)pct_reason_render(&c->reason, w->x->language, &sentence);
    pct_json_key(&w->json, "code");
    pct_json_string(&w->json, pct_message_entry_of(c->reason.message)->key);
    pct_json_key(&w->json, "reason");
    pct_json_string(&w->json, pct_buffer_chars(&sentence));
    pct_json_end_object(&w->json);
    pct_buffer_dispose(&sentence);
}

static void write_list(writing *w, const char *key, const pct_candidate *candidates, size_t count) {
    pct_json_key(&w->json, key);
    pct_json_begin_array(&w->json);
    const pct_reach reach = pct_reach_of_exchange(w->x, w->snapshot);
    for (size_t i = 0; i < count; i++) {
        const pct_desk_unit *unit = pct_snapshot_unit(w->snapshot, candidates[i].unit);
        if (!unit || pct_reach_unit(&reach, unit)) write_candidate(w, &candidates[i]);
    }
    pct_json_end_array(&w->json);
}

static void write_note(writing *w, pct_message message, const pct_param *parameters, size_t count) {
    pct_buffer sentence = pct_buffer_init(1 << 12);
    (void)pct_message_render(message, parameters, count, w->x->language, &sentence);
    pct_json_string(&w->json, pct_buffer_chars(&sentence));
    pct_buffer_dispose(&sentence);
}

/* What cover rests on, and what one must know of the ranking: that it goes through closures, or that cover is not known and
 * does not count. */
static void write_expected(writing *w, const pct_policy *policy) {
    size_t points;
    int64_t calls;
    pct_advice_expected(w->x->service->advice, &points, &calls);
    pct_json_key(&w->json, "demand_calls");
    pct_json_integer(&w->json, calls);
    pct_json_key(&w->json, "demand_points");
    pct_json_integer(&w->json, (int64_t)points);
    pct_json_key(&w->json, "note");
    const pct_param parameters[] = {pct_int(calls), pct_int(PCT_DEMAND_DAYS), pct_int(PCT_DEMAND_CALLS_MIN)};
    if (w->through_closures)
        write_note(w, PCT_MSG_ADVICE_THROUGH_CLOSURES, NULL, 0);
    else if (policy == &pct_policy_nearest_with_cover && points == 0)
        write_note(w, PCT_MSG_COVER_UNKNOWN, parameters, sizeof parameters / sizeof *parameters);
    else
        pct_json_null(&w->json);
}

static void write_answer(void *context, const pct_recommendation *answer, bool through_closures) {
    writing *w = context;
    w->through_closures = through_closures;
    write_list(w, "ranked", answer->ranked, answer->ranked_count);
    write_list(w, "passed", answer->passed, answer->passed_count);
}

pct_status pct_resource_recommendation(pct_exchange *x, pct_error *error) {
    pct_id incident = pct_exchange_id(x, "incident");
    pct_text name = pct_exchange_query(x, "policy");
    const pct_policy *policy = name.chars ? pct_policy_find(name) : &pct_policy_nearest;
    writing w = {x, pct_desk_snapshot(x->service->desk), pct_json_writer_init(&x->reply), false};
    pct_json_begin_object(&w.json);
    pct_json_id_member(&w.json, "incident", incident);
    pct_json_key(&w.json, "policy");
    pct_json_string(&w.json, policy ? policy->name : "");
    pct_json_time_member(&w.json, "at", x->now_ms, &x->service->site->zone);
    pct_status status = policy ? pct_advice_ask(x->service->advice, policy, (pct_incident_id){incident.seq},
                                                (size_t)pct_exchange_query_int(x, "count", WANTED_BY_DEFAULT),
                                                write_answer, &w, error)
                               : PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_ADVICE_NO_POLICY, pct_view(name));
    if (!status) write_expected(&w, policy);
    pct_json_end_object(&w.json);
    pct_snapshot_release(w.snapshot);
    return status;
}
