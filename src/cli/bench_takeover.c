/* `precinct bench takeover --site SITE --problem DUTY.json`: what the service does when a unit that was at a call is free again, from the
 * state of the
 * rounds to the texts of the events, allowed by the life (takeover.plan), and their commit, synced (takeover.commit). Each call is drawn
 * into a plan that
 * is being driven: at some time of some unit's round all that has ended is served, the unit was away for half an hour and is somewhere on the map.
 * Times are processor time of this thread, of the commit those of the clock; beside them the search of plain Dijkstra from one
 * point of the same map, in the same run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/bench.h"
#include "cli/bench_store.h"
#include "desk/desk.h"
#include "patrol/lowered_road.h"
#include "patrol/solve.h"
#include "patrol/takeover.h"
#include "site/duty_roads.h"

enum {
    PLAN_ITERATIONS = 3000,
    CALLS = 300,
    BASELINES = 50,
    AWAY_MINUTES = 30,
    EVENTS_BEFORE = 300,
    TEXT_MAX = 49152,
    MOST_CHANGES = PCT_DESK_ALSO_MAX + 1
};
static const size_t arena_max = (size_t)64 << 20;

typedef struct takeover_bench {
    pct_bench *bench;
    pct_mapped_file file;
    pct_duty duty;
    pct_site_duty_roads *roads;
    pct_router *router;
    pct_lowered *lowered;
    pct_duty_plan plan;
    pct_life *life;
    int64_t seq;
    pct_codes *codes;
    pct_bench_store store;
    pct_desk *desk;
    pct_arena arena; /* of one call */
    int32_t *away_ms;
    uint32_t *times_ms;
    double plan_ms[CALLS], commit_ms[CALLS], baseline_ms[BASELINES];
    int64_t changed, moved, lost;
} takeover_bench;

static double clock_ms(clockid_t clock) {
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

/* --- a plan that is being driven --------------------------------------------------------------------------------------------- */

static pct_status make_plan(takeover_bench *t, const char *path, pct_error *error) {
    const pct_site *site = &t->bench->site;
    pct_patrol_plan plan = {.unit_count = 0};
    pct_patrol_settings settings = {.seed = 1, .iterations_max = PLAN_ITERATIONS};
    pct_status status = pct_file_map(path, &t->file, error);
    if (!status) status = pct_duty_read(path, t->file.bytes, &site->zone, &t->duty, error);
    if (status) return status;
    const pct_duty_span span = pct_duty_span_of(&t->duty);
    status = pct_site_duty_roads_open(site, span.from_ms, span.to_ms, &t->roads, error);
    if (!status) status = pct_lowered_new(&t->duty, &t->roads->roads, &t->lowered, error);
    if (!status) status = pct_patrol_solve(&t->lowered->problem, &settings, &plan, error);
    if (!status) status = pct_lowered_plan(t->lowered, &plan, 0, &t->plan, error);
    if (!status) status = pct_router_new(t->roads->roads.bands[0], &t->router, error);
    pct_patrol_plan_dispose(&plan);
    return status;
}

static pct_status tell(takeover_bench *t, pct_event_type type, int64_t object, pct_event_data data,
                       pct_error *error) {
    const pct_event_type_entry *entry = &pct_event_type_table[type];
    pct_event e = {.seq = ++t->seq, .type = type, .data = data, .actor = {"bench", 5}, .occurred_at_ms = 1};
    e.object = (pct_id){.kind = entry->kind, .seq = entry->creates ? e.seq : object};
    return pct_life_apply(t->life, &e, error);
}

static pct_status order_round(takeover_bench *t, const pct_duty_route *route, pct_error *error) {
    pct_life_stop *stops = pct_arena_alloc(&t->arena, route->stop_count + 1, sizeof *stops);
    pct_buffer text = pct_buffer_init(TEXT_MAX);
    if (!stops) return pct_error_memory(error, route->stop_count * sizeof *stops);
    for (size_t i = 0; i < route->stop_count; i++) {
        const pct_duty_stop *s = &route->stops[i];
        stops[i] =
            pct_life_stop_planned(s, (int32_t)i + 1, s->kind != PCT_DUTY_FIXED && s->kind != PCT_DUTY_BREAK);
    }
    pct_life_stops_write(stops, route->stop_count, &text);
    pct_event_data data = {.round_ordered = {.plan = {1},
                                             .unit = {t->seq},
                                             .name = route->unit,
                                             .leave = route->leave_ms,
                                             .back = route->back_ms,
                                             .until = pct_duty_span_of(&t->duty).to_ms,
                                             .start = route->start,
                                             .end = route->end,
                                             .stops = {(const char *)text.bytes, text.length}}};
    pct_status status = tell(t, PCT_EVENT_ROUND_ORDERED, 0, data, error);
    pct_buffer_dispose(&text);
    return status;
}

static pct_status serve(takeover_bench *t, const pct_life_round *r, int64_t until_ms, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < r->stop_count && !status; i++) {
        const pct_life_stop *s = &r->stops[i];
        if (s->end_ms > until_ms) continue;
        pct_event_data data = {.stop_visited = {.stop = s->number,
                                                .proof = PCT_VISIT_PROOF_TAG,
                                                .from = s->start_ms,
                                                .until = s->end_ms,
                                                .has_until = true}};
        status = tell(t, PCT_EVENT_STOP_VISITED, r->id.seq, data, error);
    }
    return status;
}

/* All rounds as they are AWAY_MINUTES after the caller left its own. */
static pct_status drive_until(takeover_bench *t, size_t caller, int64_t now_ms, pct_error *error) {
    const pct_life_round *r;
    t->seq = 0;
    pct_life_free(t->life);
    t->life = NULL;
    pct_status status = pct_life_new(&t->life, error);
    if (!status) status = tell(t, PCT_EVENT_PLAN_ASKED, 0, (pct_event_data){0}, error);
    if (!status) status = tell(t, PCT_EVENT_PLAN_MADE, 1, (pct_event_data){0}, error);
    for (size_t i = 0; i < t->plan.route_count && !status; i++)
        if (t->plan.routes[i].stop_count) status = order_round(t, &t->plan.routes[i], error);
    if (!status) status = tell(t, PCT_EVENT_PLAN_ADOPTED, 1, (pct_event_data){0}, error);
    for (size_t i = 0; !status && (r = pct_life_round_at(t->life, i)) != NULL; i++)
        status = serve(t, r, i == caller ? now_ms - AWAY_MINUTES * INT64_C(60000) : now_ms, error);
    r = pct_life_round_at(t->life, caller);
    return status ? status
                  : tell(t, PCT_EVENT_ROUND_LEFT, r->id.seq, (pct_event_data){.round_left = {.order = {1}}},
                         error);
}

/* --- one call ------------------------------------------------------------------------------------------------------------------ */

typedef struct told {
    pct_command commands[MOST_CHANGES];
    pct_buffer texts[2 * MOST_CHANGES];
    size_t count;
} told;

static void write_change(takeover_bench *t, const pct_takeover_call *call, const pct_takeover_change *c,
                         told *out) {
    const pct_life_round *r = call->rounds[c->round].round;
    pct_command *command = &out->commands[out->count];
    pct_buffer *stops = &out->texts[2 * out->count], *moved = stops + 1;
    *stops = pct_buffer_init(TEXT_MAX), *moved = pct_buffer_init(TEXT_MAX);
    pct_life_stops_write(c->stops, c->stop_count, stops);
    if (c->move_count) pct_life_moves_write(c->moves, c->move_count, moved);
    const pct_text rest = {(const char *)stops->bytes, stops->length},
                   moves = {(const char *)moved->bytes, moved->length};
    bool own = c->round == call->caller;
    *command = (pct_command){.kind = own ? PCT_COMMAND_RESUME_ROUND : PCT_COMMAND_CHANGE_ROUND,
                             .object = {.kind = 'R', .seq = r->id.seq}};
    if (own)
        command->data.round_resumed = (pct_event_round_resumed){.back = c->back_ms,
                                                                .stops = rest,
                                                                .moved = moves,
                                                                .after = r->seq,
                                                                .has_after = true,
                                                                .laid = PCT_REST_LAID_TOGETHER};
    else
        command->data.round_changed = (pct_event_round_changed){.order = {1},
                                                                .round = call->rounds[call->caller].round->id,
                                                                .after = r->seq,
                                                                .back = c->back_ms,
                                                                .stops = rest,
                                                                .moved = moves};
    out->count++;
    t->moved += (int64_t)c->move_count;
    t->lost -= (int64_t)c->stop_count; /* stops that move are in one rest before, and in one after */
    for (size_t i = 0; i < r->stop_count; i++)
        t->lost += !pct_life_stop_is_served(&r->stops[i]) && pct_life_stop_is_in(&r->stops[i]);
}

static pct_status allow(const takeover_bench *t, const told *what, int64_t now_ms, pct_error *error) {
    pct_life_asked asked[MOST_CHANGES];
    for (size_t i = 0; i < what->count; i++)
        asked[i] = (pct_life_asked){i ? PCT_EVENT_ROUND_CHANGED : PCT_EVENT_ROUND_RESUMED,
                                    what->commands[i].object, &what->commands[i].data};
    return pct_life_may_all(t->life, asked, what->count, now_ms, error);
}

/* From the book's state to events that may be. */
static pct_status plan_rests(takeover_bench *t, size_t caller, pct_road_point at, int64_t now_ms, told *out,
                             pct_error *error) {
    const pct_life_round *r;
    pct_takeover_call call = {.caller = caller,
                              .now_ms = now_ms,
                              .away_ms = t->away_ms,
                              .neighbours = PCT_TAKEOVER_NEIGHBOURS,
                              .seed = 1,
                              .iterations = PCT_TAKEOVER_ITERATIONS};
    pct_takeover_round *rounds = pct_arena_alloc(&t->arena, t->plan.route_count, sizeof *rounds);
    pct_takeover_change *changes = NULL;
    size_t count = 0;
    if (!rounds) return pct_error_memory(error, t->plan.route_count * sizeof *rounds);
    for (size_t i = 0; (r = pct_life_round_at(t->life, i)) != NULL; i++)
        rounds[call.count++] = (pct_takeover_round){r, true, -1};
    call.rounds = rounds;
    size_t places = (size_t)t->lowered->problem.place_count;
    pct_router_times_from(t->router, at, t->lowered->points, places, t->times_ms);
    for (size_t i = 0; i < places; i++)
        t->away_ms[i] = t->times_ms[i] < PCT_DUTY_NO_WAY_MS ? (int32_t)t->times_ms[i] : PCT_DUTY_NO_WAY_MS;
    pct_status status = pct_takeover_plan(t->lowered, &call, &t->arena, &changes, &count, error);
    for (size_t i = 0; i < count && i < MOST_CHANGES && !status; i++)
        write_change(t, &call, &changes[i], out);
    t->changed += (int64_t)count;
    return status ? status : allow(t, out, now_ms, error);
}

typedef struct answer {
    pct_status status;
    pct_error error;
} answer;

static void keep_answer(void *context, const pct_desk_reply *reply) {
    answer *a = context;
    a->status = reply->status;
    if (reply->error) a->error = *reply->error;
}

static pct_status commit(takeover_bench *t, const told *what, pct_error *error) {
    answer a = {.status = PCT_OK};
    size_t handled;
    const pct_desk_request request = {.lane = PCT_LANE_DISPATCH,
                                      .command = what->commands[0],
                                      .also = what->commands + 1,
                                      .also_count = what->count - 1,
                                      .account = {"system", 6},
                                      .role = PCT_ROLE_SYSTEM};
    pct_status status = pct_desk_submit(t->desk, &request, keep_answer, &a, error);
    if (!status) status = pct_desk_step(t->desk, &handled, error);
    if (!status && a.status && error) *error = a.error;
    return status ? status : a.status;
}

static pct_status one_call(takeover_bench *t, int i, size_t rounds, pct_error *error) {
    pct_rng *rng = &t->bench->rng;
    size_t caller = pct_rng_below(rng, (uint32_t)rounds), at = 0;
    const pct_duty_route *route = t->plan.routes;
    for (const pct_duty_route *each = t->plan.routes; each < t->plan.routes + t->plan.route_count; each++)
        if (each->stop_count && at++ == caller) route = each;
    int64_t out_ms = route->back_ms - route->leave_ms;
    int64_t now_ms = route->leave_ms + (int64_t)pct_rng_below(rng, (uint32_t)(out_ms > 0 ? out_ms : 1));
    told what = {.count = 0};
    pct_arena_reset(&t->arena);
    pct_status status = drive_until(t, caller, now_ms, error);
    double began_ms = clock_ms(CLOCK_THREAD_CPUTIME_ID);
    pct_road_point point = t->bench->points[pct_rng_below(rng, PCT_BENCH_POINTS)];
    if (!status) status = plan_rests(t, caller, point, now_ms, &what, error);
    t->plan_ms[i] = clock_ms(CLOCK_THREAD_CPUTIME_ID) - began_ms;
    began_ms = clock_ms(CLOCK_MONOTONIC);
    if (!status) status = commit(t, &what, error);
    t->commit_ms[i] = clock_ms(CLOCK_MONOTONIC) - began_ms;
    for (size_t k = 0; k < 2 * what.count; k++) pct_buffer_dispose(&what.texts[k]);
    return status;
}

/* --- all of them --------------------------------------------------------------------------------------------------------------- */

static void print(takeover_bench *t, const char *name, double *samples_ms, const pct_bench_number *more,
                  size_t count) {
    pct_bench_number numbers[12] = {
        {"median", 0.0, 2}, {"p99", 0.0, 2}, {"most", 0.0, 2}, {"n", CALLS, 0}, {"ratio", 0.0, 2}};
    qsort(samples_ms, CALLS, sizeof *samples_ms, by_value);
    numbers[0].value = samples_ms[CALLS / 2];
    numbers[1].value = samples_ms[(CALLS * 99 + 99) / 100 - 1];
    numbers[2].value = samples_ms[CALLS - 1];
    numbers[4].value = samples_ms[CALLS / 2] / t->baseline_ms[BASELINES / 2];
    for (size_t i = 0; i < count; i++) numbers[5 + i] = more[i];
    pct_bench_line(t->bench, name, "ms", numbers, 5 + count);
}

static pct_status measure(takeover_bench *t, pct_error *error) {
    pct_status status = drive_until(t, 0, 0, error);
    size_t rounds = 0, visits = 0;
    while (!status && pct_life_round_at(t->life, rounds))
        visits += pct_life_round_at(t->life, rounds++)->stop_count;
    for (int i = 0; i < BASELINES && !status; i++) {
        double began_ms = clock_ms(CLOCK_THREAD_CPUTIME_ID);
        pct_dijkstra_all_ms(t->bench->dijkstra, t->bench->points[i], t->bench->scratch);
        t->baseline_ms[i] = clock_ms(CLOCK_THREAD_CPUTIME_ID) - began_ms;
    }
    qsort(t->baseline_ms, BASELINES, sizeof *t->baseline_ms, by_value);
    for (int i = 0; i < CALLS && !status; i++) status = one_call(t, i, rounds, error);
    if (status) return status;
    const pct_bench_number what[] = {{"rounds", (double)rounds, 0},
                                     {"visits", (double)visits, 0},
                                     {"places", t->lowered->problem.place_count, 0},
                                     {"changed_per_call", (double)t->changed / CALLS, 2},
                                     {"moved_per_call", (double)t->moved / 2.0 / CALLS, 2},
                                     {"lost_per_call", (double)t->lost / CALLS, 2},
                                     {"baseline", t->baseline_ms[BASELINES / 2], 2}};
    print(t, "takeover.plan", t->plan_ms, what, sizeof what / sizeof *what);
    print(t, "takeover.commit", t->commit_ms, NULL, 0);
    return PCT_OK;
}

/* An event is about what is older than itself. */
static pct_status take_call(takeover_bench *t, pct_error *error) {
    size_t handled;
    pct_desk_request request = {.lane = PCT_LANE_CALLS, .account = {"bench", 5}, .role = PCT_ROLE_CALL_TAKER};
    request.command.kind = PCT_COMMAND_RECEIVE_CALL;
    request.command.data.call_received = (pct_event_call_received){.channel = PCT_CHANNEL_PHONE,
                                                                   .type = pct_text_of("theft"),
                                                                   .priority = 2,
                                                                   .words = pct_text_of("a bicycle")};
    pct_status status = pct_desk_submit(t->desk, &request, NULL, NULL, error);
    return status ? status : pct_desk_step(t->desk, &handled, error);
}

static pct_status open_desk(takeover_bench *t, pct_error *error) {
    pct_status status = pct_site_shipped_codes(&t->codes, error);
    if (!status) status = pct_bench_store_open(&t->store, t->bench->site.folder, "bench-takeover", error);
    const pct_desk_options options = {.store = t->store.store, .codes = t->codes};
    if (!status) status = pct_desk_open(&options, &t->desk, error);
    for (int i = 0; i < EVENTS_BEFORE && !status; i++) status = take_call(t, error);
    return status;
}

static pct_status run_takeover(pct_bench *bench, pct_error *error) {
    const char *path = pct_cli_option(bench->cli, "--problem");
    if (!path)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_MISSING, pct_str("bench"), pct_str("--problem"),
                        pct_str("FILE"));
    takeover_bench *t = pct_alloc_zeroed(1, sizeof *t);
    if (!t) return pct_error_memory(error, sizeof *t);
    t->bench = bench;
    t->arena = pct_arena_init(arena_max);
    pct_status status =
        pct_site_has_patrol(&bench->site) ? pct_site_open_patrol(&bench->site, 0.0, error) : PCT_OK;
    if (!status) status = make_plan(t, path, error);
    size_t places = status ? 0 : (size_t)t->lowered->problem.place_count;
    t->away_ms = pct_alloc(places + 1, sizeof *t->away_ms);
    t->times_ms = pct_alloc(places + 1, sizeof *t->times_ms);
    if (!status && (!t->away_ms || !t->times_ms)) status = pct_error_memory(error, places);
    if (!status) status = open_desk(t, error);
    if (!status) status = measure(t, error);
    pct_desk_close(t->desk);
    pct_bench_store_close(&t->store);
    pct_codes_free(t->codes);
    pct_life_free(t->life);
    pct_duty_plan_dispose(&t->plan);
    pct_lowered_free(t->lowered);
    pct_router_free(t->router);
    pct_site_duty_roads_free(t->roads);
    pct_duty_dispose(&t->duty);
    pct_file_unmap(&t->file);
    pct_arena_dispose(&t->arena);
    pct_free(t->away_ms);
    pct_free(t->times_ms);
    pct_free(t);
    return status;
}

const pct_bench_group pct_bench_takeover = {.name = "takeover", .run = run_takeover};
