/* What positions and tags prove of one round, stop by stop: for its crew at once, for its leader when the crew has said what it has to say, or
 * PCT_CREW_FIRST_MS after the planned end of the stop (docs/scope.md, L18); on the day of the round only. */
#include "api_handlers.h"
#include "base/text.h"
#include "resource/patrol_judge.h"

enum { PCT_CREW_FIRST_MS = 1800000 };

typedef struct telling {
    pct_exchange *x;
    pct_patrol_case round;
    pct_adherence adherence;
    pct_sheet_reader reader;
    pct_json_writer json;
} telling;

static bool may_see(const telling *t, bool explained, int64_t end_ms) {
    bool seen = explained || t->x->now_ms >= end_ms + PCT_CREW_FIRST_MS;
    return pct_crews_may_see(t->reader, seen, t->round.until_ms, t->x->now_ms);
}

static void write_seconds(pct_json_writer *json, const char *key, bool has, int64_t ms) {
    pct_json_key(json, key);
    if (has)
        pct_json_real(json, (double)ms / 1000.0, 1);
    else
        pct_json_null(json);
}

static void write_proof(pct_json_writer *json, pct_adherence_proof proof) {
    pct_json_key(json, "proof");
    if (proof == PCT_PROOF_NONE)
        pct_json_null(json);
    else
        pct_json_string(json, proof == PCT_PROOF_CODE ? "qr" : pct_adherence_proof_name(proof));
}

static void write_visit(telling *t, const pct_adherence_visit *v) {
    const pct_zone *zone = &t->x->service->site->zone;
    const pct_duty_stop *stop = &t->round.route.stops[v->stop];
    bool good = v->state == PCT_ADHERED_DONE;
    bool told = good || may_see(t, t->round.explained[v->stop], stop->end_ms);
    bool there = told && (v->enter_ms || v->leave_ms);
    bool unknown = told && v->state == PCT_ADHERED_UNKNOWN;
    pct_json_begin_object(&t->json);
    pct_json_key(&t->json, "stop");
    pct_json_integer(&t->json, t->round.numbers[v->stop]);
    pct_json_key(&t->json, "state");
    pct_json_string(&t->json, told ? pct_adherence_state_name(v->state) : "crew_first");
    write_proof(&t->json, told ? v->proof : PCT_PROOF_NONE);
    pct_json_time_member(&t->json, "enter", there ? v->enter_ms : 0, zone);
    pct_json_time_member(&t->json, "leave", there ? v->leave_ms : 0, zone);
    write_seconds(&t->json, "dwell_s", there && stop->kind != PCT_DUTY_LINE, v->dwell_ms);
    write_seconds(&t->json, "wanted_s", stop->kind != PCT_DUTY_LINE, v->planned_ms);
    write_seconds(&t->json, "late_s", there, v->late_ms);
    pct_json_key(&t->json, "driven");
    if (there && stop->kind == PCT_DUTY_LINE)
        pct_json_real(&t->json, v->share, 3);
    else
        pct_json_null(&t->json);
    pct_json_time_member(&t->json, "gap_from", unknown ? v->gap.from_ms : 0, zone);
    pct_json_time_member(&t->json, "gap_until", unknown ? v->gap.to_ms : 0, zone);
    pct_json_key(&t->json, "called");
    pct_json_bool(&t->json, told && v->called);
    pct_json_key(&t->json, "contradicted");
    pct_json_bool(&t->json, told && v->contradicted);
    pct_json_end_object(&t->json);
}

static void write_strays(telling *t) {
    const pct_adherence_stray *s = t->adherence.strays.items;
    const pct_zone *zone = &t->x->service->site->zone;
    pct_json_key(&t->json, "off_route");
    pct_json_begin_array(&t->json);
    for (size_t i = 0; i < t->adherence.strays.length; i++) {
        if (!may_see(t, false, s[i].to_ms)) continue;
        pct_json_begin_object(&t->json);
        pct_json_time_member(&t->json, "from", s[i].from_ms, zone);
        pct_json_time_member(&t->json, "until", s[i].to_ms, zone);
        pct_json_key(&t->json, "farthest_m");
        pct_json_real(&t->json, s[i].farthest_m, 0);
        pct_json_position_member(&t->json, "at", true, s[i].farthest);
        pct_json_end_object(&t->json);
    }
    pct_json_end_array(&t->json);
}

static void write_all(telling *t) {
    const pct_adherence_visit *v = t->adherence.visits.items;
    pct_json_begin_object(&t->json);
    pct_json_id_member(&t->json, "id", (pct_id){.kind = 'R', .seq = t->round.round.seq});
    pct_json_time_member(&t->json, "as_of", t->x->now_ms, &t->x->service->site->zone);
    pct_json_key(&t->json, "crew_first_s");
    pct_json_integer(&t->json, PCT_CREW_FIRST_MS / 1000);
    pct_json_key(&t->json, "positions");
    pct_json_integer(&t->json, (int64_t)(t->adherence.positions - t->adherence.useless));
    pct_json_key(&t->json, "stops");
    pct_json_begin_array(&t->json);
    for (size_t i = 0; i < t->adherence.visits.length; i++) write_visit(t, &v[i]);
    pct_json_end_array(&t->json);
    write_strays(t);
    pct_json_end_object(&t->json);
}

pct_status pct_resource_patrol_proof(pct_exchange *x, pct_error *error) {
    telling t = {.x = x,
                 .reader = x->role == PCT_ROLE_PATROL ? PCT_SHEET_CREW : PCT_SHEET_LEADER,
                 .json = pct_json_writer_init(&x->reply)};
    const pct_life *life = pct_patrol_hold(x->service->patrol);
    const pct_life_round *r;
    pct_patrol_judge *judge = NULL;
    pct_status status = pct_patrol_reach_round(x, life, &r, error);
    if (!status) status = pct_patrol_case_take(x, life, r, &t.round, error);
    pct_patrol_let_go(x->service->patrol);
    /* Before its time there is nothing to judge. */
    if (!status && x->now_ms > t.round.route.leave_ms && t.round.route.stop_count > 0) {
        status = pct_patrol_judge_open(x->service, &judge, error);
        if (!status) status = pct_patrol_judge_round(judge, &t.round, &t.adherence, error);
        pct_patrol_judge_close(judge);
    }
    if (!status) write_all(&t);
    pct_adherence_dispose(&t.adherence);
    return status ? status : pct_buffer_status(&x->reply, error);
}
