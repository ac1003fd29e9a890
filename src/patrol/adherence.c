/* One unit's route against its positions: positions are cleaned and matched to roads once; stops are judged place by place; what is not
 * proved is missed or, where positions have a gap with room for it, unknown; then signs, and what lies off route. */
#include "patrol/adherence.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "patrol/adherence_state.h"
#include "patrol/presence.h"

enum { FIXES_MAX = 1 << 24, NEAR_ROAD_M = 250, BREAK_SPARE_MS = 600000 };

const char *pct_adherence_proof_name(pct_adherence_proof proof) {
    static const char *const names[] = {
        [PCT_PROOF_NONE] = "none", [PCT_PROOF_POSITION] = "position", [PCT_PROOF_ROAD] = "road",
        [PCT_PROOF_TAG] = "tag",   [PCT_PROOF_CODE] = "code",         [PCT_PROOF_PHOTO] = "photo"};
    return names[proof];
}

const char *pct_adherence_state_name(pct_adherence_state state) {
    static const char *const names[] = {[PCT_ADHERED_DONE] = "done",
                                        [PCT_ADHERED_LATE] = "late",
                                        [PCT_ADHERED_SHORT] = "short",
                                        [PCT_ADHERED_MISSED] = "missed",
                                        [PCT_ADHERED_UNKNOWN] = "unknown"};
    return names[state];
}

/* --- making --------------------------------------------------------------------------------------------------------- */

static void hear_leg(void *context, const pct_match_leg *leg) {
    pct_adherer *a = context;
    pct_match_leg *room = pct_vector_push(&a->legs);
    if (room)
        *room = *leg;
    else
        a->failed = true;
}

static pct_adherence_options settled(const pct_adherence_options *given) {
    static const pct_adherence_options usual = {.radius_m = 50,
                                                .dwell_share = 0.8,
                                                .line_share = 0.8,
                                                .speed_max_mps = 35,
                                                .off_route_m = 300,
                                                .off_route_ms = 300000,
                                                .gap_ms = 120000,
                                                .late_ms = 900000,
                                                .reach_ms = 7200000};
    pct_adherence_options o = given ? *given : usual;
#define USUAL(member)                                                                                        \
    if (o.member <= 0) o.member = usual.member
    USUAL(radius_m);
    USUAL(dwell_share);
    USUAL(line_share);
    USUAL(speed_max_mps);
    USUAL(off_route_m);
    USUAL(off_route_ms);
    USUAL(gap_ms);
    USUAL(late_ms);
    USUAL(reach_ms);
#undef USUAL
    return o;
}

pct_status pct_adherer_new(const pct_road *road, const pct_road *ways, const pct_adherence_options *options,
                           pct_adherer **out, pct_error *error) {
    pct_adherer *a = pct_alloc_zeroed(1, sizeof *a);
    *out = a;
    if (!a) return pct_error_memory(error, sizeof *a);
    a->road = road;
    a->options = settled(options);
    a->fixes = pct_vector_init(sizeof(pct_adherence_fix), FIXES_MAX);
    a->legs = pct_vector_init(sizeof(pct_match_leg), PCT_LEGS_MAX);
    a->stays = pct_vector_init(sizeof(pct_stay), PCT_STAYS_MAX);
    a->excused = pct_vector_init(sizeof(pct_duty_span), 1 << 16);
    const pct_match_sink sink = {hear_leg, NULL, a};
    const pct_match_options match = {.gap_ms = a->options.gap_ms};
    pct_status status = pct_matcher_new(road, &match, &sink, &a->matcher, error);
    if (!status) status = pct_router_new(ways, &a->router, error);
    if (status) {
        pct_adherer_free(a);
        *out = NULL;
    }
    return status;
}

void pct_adherer_free(pct_adherer *adherer) {
    if (!adherer) return;
    pct_matcher_free(adherer->matcher);
    pct_router_free(adherer->router);
    pct_vector_dispose(&adherer->fixes);
    pct_vector_dispose(&adherer->legs);
    pct_vector_dispose(&adherer->stays);
    pct_vector_dispose(&adherer->excused);
    pct_free(adherer);
}

void pct_adherence_dispose(pct_adherence *adherence) {
    pct_vector_dispose(&adherence->visits);
    pct_vector_dispose(&adherence->strays);
    pct_vector_dispose(&adherence->gaps);
}

/* --- positions ------------------------------------------------------------------------------------------------------ */

static pct_status take_positions(pct_judging *j) {
    pct_adherer *a = j->a;
    int64_t last_ms = INT64_MIN;
    a->fixes.length = a->legs.length = 0;
    a->failed = false;
    for (size_t i = 0; i < j->evidence->fix_count; i++) {
        const pct_adherence_fix *fix = &j->evidence->fixes[i];
        j->out->positions++;
        if (fix->at_ms <= last_ms || fix->accuracy_m > PCT_ADHERENCE_USELESS_M) {
            j->out->useless++;
            continue;
        }
        pct_adherence_fix *room = pct_vector_push(&a->fixes);
        if (!room) return pct_vector_failed(&a->fixes, PCT_MSG_WHAT_TRACK_POINTS, j->error);
        *room = *fix;
        last_ms = fix->at_ms;
        pct_matcher_push(a->matcher, (pct_match_fix){fix->at_ms, fix->position});
    }
    pct_matcher_finish(a->matcher);
    if (a->failed) return pct_error_memory(j->error, sizeof(pct_match_leg));
    j->fixes = (pct_fixes){a->fixes.items, a->fixes.length, a->options.gap_ms};
    return PCT_OK;
}

static pct_status add_gap(pct_judging *j, int64_t from_ms, int64_t to_ms) {
    if (from_ms < j->route->leave_ms) from_ms = j->route->leave_ms;
    if (to_ms > j->route->back_ms) to_ms = j->route->back_ms;
    if (to_ms - from_ms <= j->fixes.gap_ms) return PCT_OK;
    pct_duty_span *gap = pct_vector_push(&j->out->gaps);
    if (!gap) return pct_error_memory(j->error, sizeof *gap);
    *gap = (pct_duty_span){from_ms, to_ms};
    j->out->unknown_ms += to_ms - from_ms;
    return PCT_OK;
}

/* The silence before the i-th position; i = count: behind the last. */
static pct_duty_span silence_before(const pct_fixes *f, size_t i) {
    return (pct_duty_span){i == 0 ? INT64_MIN / 4 : f->items[i - 1].at_ms,
                           i == f->count ? INT64_MAX / 4 : f->items[i].at_ms};
}

static pct_status find_gaps(pct_judging *j) {
    pct_status status = PCT_OK;
    j->out->shift_ms = j->route->back_ms - j->route->leave_ms;
    for (size_t i = 0; i <= j->fixes.count && !status; i++) {
        pct_duty_span silence = silence_before(&j->fixes, i);
        if (silence.to_ms - silence.from_ms > j->fixes.gap_ms)
            status = add_gap(j, silence.from_ms, silence.to_ms);
    }
    return status;
}

static pct_status tell_presence(pct_judging *j, pct_presence *presence) {
    const pct_match_leg *leg = j->a->legs.items;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < j->a->legs.length && presence && !status; i++) {
        int64_t from = leg[i].from_ms > j->route->leave_ms ? leg[i].from_ms : j->route->leave_ms;
        int64_t to = leg[i].to_ms < j->route->back_ms ? leg[i].to_ms : j->route->back_ms;
        if (from < to) status = pct_presence_add(presence, leg[i].segment, from, to, j->error);
    }
    return status;
}

/* --- a task's stops ------------------------------------------------------------------------------------------------- */

static const pct_duty_task *task_of(const pct_judging *j, const pct_duty_stop *stop) {
    for (size_t i = 0; j->problem && i < j->problem->task_count; i++)
        if (pct_text_same(j->problem->tasks[i].id, stop->id) && j->problem->tasks[i].kind == stop->kind)
            return &j->problem->tasks[i];
    return NULL;
}

static bool is_judged(const pct_duty_stop *stop) {
    return stop->kind != PCT_DUTY_BREAK && stop->kind != PCT_DUTY_CHECK;
}

static bool must_be(const pct_duty_task *task, pct_duty_kind kind) {
    if (task) return task->must;
    return kind == PCT_DUTY_POINT || kind == PCT_DUTY_LINE || kind == PCT_DUTY_HOLD ||
           kind == PCT_DUTY_ORDER || kind == PCT_DUTY_FIXED;
}

/* The stops of one task that are answered by the same stays. */
enum { GROUP_MAX = 256 };
typedef struct group {
    const pct_duty_task *task; /* NULL: not known */
    bool line;
    pct_position enter, leave; /* of a line its ends */
    int64_t least_ms;          /* of a line: no unit drives it faster */
    uint32_t stop[GROUP_MAX];
    pct_asked asked[GROUP_MAX];
    size_t count;
} group;

static bool is_late(const group *g, const pct_duty_stop *stop, int64_t begin_ms, int64_t late_ms) {
    if (begin_ms - stop->start_ms > late_ms) return true;
    for (size_t i = 0; g->task && i < g->task->window_count; i++) {
        const pct_duty_span *w = &g->task->windows[i];
        if (w->from_ms <= stop->start_ms && stop->start_ms <= w->to_ms) return begin_ms > w->to_ms;
    }
    return false;
}

static pct_adherence_visit *visit_of(const pct_judging *j, uint32_t stop) {
    pct_adherence_visit *visits = j->out->visits.items;
    for (size_t i = 0; i < j->out->visits.length; i++)
        if (visits[i].stop == stop) return &visits[i];
    return NULL;
}

static void answer(pct_judging *j, const group *g, size_t i, const pct_stay *stay) {
    const pct_duty_stop *stop = &j->route->stops[g->stop[i]];
    pct_adherence_visit *v = visit_of(j, g->stop[i]);
    int64_t begin_ms = pct_adherence_begin(&g->asked[i], stay);
    v->enter_ms = stay->from_ms;
    v->leave_ms = stay->to_ms;
    v->dwell_ms = stay->to_ms - stay->from_ms;
    v->share = g->line ? stay->share : 0;
    v->late_ms = begin_ms > stop->start_ms ? begin_ms - stop->start_ms : 0;
    v->proof = v->proof == PCT_PROOF_NONE ? PCT_PROOF_POSITION : v->proof;
    bool full = g->line ? stay->share >= stay->wanted : v->dwell_ms >= g->asked[i].wanted_ms;
    if (!full)
        v->state = PCT_ADHERED_SHORT;
    else
        v->state = is_late(g, stop, begin_ms, j->a->options.late_ms) ? PCT_ADHERED_LATE : PCT_ADHERED_DONE;
}

/* --- what may have been done in a gap ------------------------------------------------------------------------------- */

/* Whether the stop may have been done in the silence before the i-th position: got to, done, and away from in time. What is seen of it
 * at the edges counts. */
static bool has_room(const pct_judging *j, const group *g, const pct_asked *asked, size_t i,
                     pct_duty_span *span) {
    const pct_adherence_fix *f = j->fixes.items;
    const pct_stay *stays = j->a->stays.items;
    double speed = j->a->options.speed_max_mps / 1000.0; /* m a millisecond */
    pct_duty_span s = silence_before(&j->fixes, i);
    if (s.to_ms - s.from_ms <= j->fixes.gap_ms) return false;
    int64_t seen_ms = 0, to_it_ms = 0, from_it_ms = 0, reach_ms = j->a->options.reach_ms;
    for (size_t k = 0; k < j->a->stays.length && !g->line; k++)
        if ((stays[k].open_end && stays[k].to_ms == s.from_ms) ||
            (stays[k].open_front && stays[k].from_ms == s.to_ms))
            seen_ms += stays[k].to_ms - stays[k].from_ms;
    if (i > 0) to_it_ms = (int64_t)(pct_geo_distance_m(f[i - 1].position, g->enter) / speed);
    if (i < j->fixes.count) from_it_ms = (int64_t)(pct_geo_distance_m(g->leave, f[i].position) / speed);
    *span = s;
    if (s.from_ms < j->route->leave_ms) span->from_ms = j->route->leave_ms;
    if (s.to_ms > j->route->back_ms) span->to_ms = j->route->back_ms;
    if (span->to_ms - span->from_ms <= j->fixes.gap_ms) return false; /* positions reach the shift's edge */
    int64_t begin = span->from_ms + to_it_ms, end = span->to_ms - from_it_ms;
    if (begin < asked->start_ms - reach_ms) begin = asked->start_ms - reach_ms;
    int64_t last = asked->start_ms + reach_ms + (asked->end_ms - asked->start_ms);
    if (end > last) end = last;
    return end - begin > 0 && end - begin + seen_ms >= (g->line ? g->least_ms : asked->wanted_ms);
}

static void look_into_gaps(pct_judging *j, const group *g, size_t i) {
    pct_adherence_visit *v = visit_of(j, g->stop[i]);
    for (size_t k = 0; k <= j->fixes.count; k++) {
        pct_duty_span span;
        if (!has_room(j, g, &g->asked[i], k, &span)) continue;
        v->state = PCT_ADHERED_UNKNOWN;
        v->gap = span;
        return;
    }
}

static pct_status settle(pct_judging *j, group *g, pct_adherence_proof proof) {
    int32_t found[GROUP_MAX];
    pct_status status = g->line ? PCT_OK : pct_adherence_cut(g->asked, g->count, &j->a->stays, j->error);
    const pct_stay *stays = j->a->stays.items;
    if (!status)
        status = pct_adherence_align(g->asked, g->count, stays, j->a->stays.length, j->a->options.reach_ms,
                                     found, j->error);
    for (size_t i = 0; i < g->count && !status; i++) {
        pct_adherence_visit *v = visit_of(j, g->stop[i]);
        v->state = PCT_ADHERED_MISSED;
        if (found[i] != PCT_DUTY_NONE) {
            v->proof = proof;
            answer(j, g, i, &stays[found[i]]);
        }
        if (v->state == PCT_ADHERED_MISSED || v->state == PCT_ADHERED_SHORT) look_into_gaps(j, g, i);
    }
    return status;
}

/* --- places and lines ----------------------------------------------------------------------------------------------- */

static pct_status judge_place(pct_judging *j, group *g) {
    pct_adherer *a = j->a;
    pct_road_point point;
    double away_m;
    a->stays.length = 0;
    pct_status status = pct_fence_stays(&j->fixes, g->enter, a->options.radius_m, &a->stays, j->error);
    /* a unit stands on the road beside the place */
    if (!status && !pct_road_snap(a->road, g->enter, NEAR_ROAD_M, &point, &away_m, NULL))
        status = pct_fence_stays(&j->fixes, pct_road_point_position(a->road, point), a->options.radius_m,
                                 &a->stays, j->error);
    pct_fence_unite(&a->stays);
    return status ? status : settle(j, g, PCT_PROOF_POSITION);
}

static int by_begin(const void *a, const void *b) {
    const pct_stay *x = a, *y = b;
    return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

/* Passes one way, or both; *legal: some way of the line can be driven. */
static pct_status drive_line(pct_judging *j, const pct_position *path, size_t count, const bool ways[2],
                             bool *legal) {
    pct_status status = PCT_OK;
    *legal = false;
    for (int backward = 0; backward < 2 && !status; backward++) {
        pct_driven_line line;
        if (!ways[backward]) continue;
        status = pct_line_find(j->a->router, path, count, backward, &line, j->error);
        if (status) return status;
        if (line.length_mm > 0) {
            *legal = true;
            status = pct_line_passes(&line, &j->a->legs, &j->a->stays, j->error);
        }
        pct_line_dispose(&line);
    }
    return status;
}

static pct_status judge_line(pct_judging *j, group *g, const pct_position *path, size_t count,
                             const bool ways[2]) {
    pct_adherer *a = j->a;
    bool walked = g->task ? g->task->moves != PCT_DUTY_DRIVE : j->route->moves != PCT_DUTY_DRIVE;
    bool legal = false;
    pct_status status = PCT_OK;
    a->stays.length = 0;
    g->least_ms =
        (int64_t)(1000 * a->options.line_share * pct_geo_length_m(path, count) / a->options.speed_max_mps);
    if (!walked) status = drive_line(j, path, count, ways, &legal);
    if (!status && !legal)
        status = pct_line_walks(path, count, &j->fixes, a->options.radius_m, &a->stays, j->error);
    if (a->stays.length > 0) qsort(a->stays.items, a->stays.length, sizeof(pct_stay), by_begin);
    pct_line_set_wanted(&j->fixes, a->options.line_share, &a->stays);
    return status ? status : settle(j, g, legal ? PCT_PROOF_ROAD : PCT_PROOF_POSITION);
}

/* Which way a stop of a line was planned: from the path's first point, or from its last. */
static bool is_backward(const pct_duty_stop *stop, const pct_position *path, size_t count) {
    return pct_geo_distance_m(stop->from, path[count - 1]) < pct_geo_distance_m(stop->from, path[0]);
}

static void ask(const pct_judging *j, group *g, uint32_t s) {
    const pct_duty_stop *stop = &j->route->stops[s];
    const pct_adherence_options *o = &j->a->options;
    g->stop[g->count] = s;
    g->asked[g->count++] = (pct_asked){
        .start_ms = stop->start_ms,
        .end_ms = stop->end_ms,
        .wanted_ms = g->line ? 0 : (int64_t)(o->dwell_share * (double)(stop->end_ms - stop->start_ms)),
        .line = g->line};
}

static bool same_place(pct_position a, pct_position b) {
    return a.lon_e7 == b.lon_e7 && a.lat_e7 == b.lat_e7;
}

/* The stops of the task of stop `first`; of a line that wants both ways, those planned the way `first` is. */
static pct_status judge_task(pct_judging *j, uint32_t first, bool *judged) {
    const pct_duty_stop *stop = &j->route->stops[first];
    const pct_position ends[] = {stop->from, stop->to}, *path = ends;
    group g = {.task = task_of(j, stop),
               .line = stop->kind == PCT_DUTY_LINE,
               .enter = stop->from,
               .leave = stop->to};
    size_t count = 2;
    bool ways[2] = {true, true}, both = false;
    if (g.line && g.task && g.task->position_count > 1) {
        path = g.task->positions, count = g.task->position_count;
        both = g.task->direction == PCT_DUTY_BOTH;
        bool backward = both ? is_backward(stop, path, count) : g.task->direction == PCT_DUTY_BACKWARD;
        if (g.task->direction != PCT_DUTY_EITHER) ways[!backward] = false;
    }
    for (uint32_t s = first; s < j->route->stop_count; s++) {
        const pct_duty_stop *other = &j->route->stops[s];
        if (judged[s] || other->kind != stop->kind || !pct_text_same(other->id, stop->id)) continue;
        if (!g.line && !same_place(other->from, stop->from))
            continue; /* an area is stood in at several places */
        if (both && is_backward(other, path, count) == ways[0]) continue;
        if (g.count == GROUP_MAX) break; /* the rest is a group of its own */
        judged[s] = true;
        ask(j, &g, s);
    }
    return g.line ? judge_line(j, &g, path, count, ways) : judge_place(j, &g);
}

static pct_status judge_stops(pct_judging *j) {
    size_t count = j->route->stop_count;
    bool *judged = pct_alloc_zeroed(count + 1, sizeof *judged);
    pct_status status = judged ? PCT_OK : pct_error_memory(j->error, count);
    for (uint32_t s = 0; s < count && !status; s++) {
        const pct_duty_stop *stop = &j->route->stops[s];
        if (!is_judged(stop)) {
            judged[s] = true;
            j->out->not_judged++;
            continue;
        }
        pct_adherence_visit *v = pct_vector_push(&j->out->visits);
        if (!v)
            status = pct_error_memory(j->error, sizeof *v);
        else
            *v = (pct_adherence_visit){.stop = s,
                                       .planned_ms = stop->end_ms - stop->start_ms,
                                       .must = must_be(task_of(j, stop), stop->kind)};
    }
    for (uint32_t s = 0; s < count && !status; s++)
        if (!judged[s]) status = judge_task(j, s, judged);
    pct_free(judged);
    return status;
}

/* --- off route ------------------------------------------------------------------------------------------------------ */

static pct_status excuse(pct_judging *j, int64_t from_ms, int64_t to_ms) {
    pct_duty_span *span = pct_vector_push(&j->a->excused);
    if (!span) return pct_error_memory(j->error, sizeof *span);
    *span = (pct_duty_span){from_ms, to_ms};
    return PCT_OK;
}

static pct_status plan_ways(pct_judging *j, pct_planned_ways *ways) {
    pct_router *router = j->a->router;
    pct_position last = j->route->start;
    pct_status status = pct_planned_ways_add_path(ways, j->route->line, j->route->line_count, j->error);
    for (size_t i = 0; i <= j->route->stop_count && !status; i++) {
        const pct_duty_stop *stop = i < j->route->stop_count ? &j->route->stops[i] : NULL;
        status = pct_planned_ways_add_way(ways, router, last, stop ? stop->from : j->route->end, j->error);
        if (!stop || status) break;
        last = stop->to;
        if (stop->kind == PCT_DUTY_BREAK)
            status = excuse(j, stop->start_ms - BREAK_SPARE_MS, stop->end_ms + BREAK_SPARE_MS);
        if (stop->kind != PCT_DUTY_LINE || status) continue;
        const pct_duty_task *task = task_of(j, stop);
        if (task && task->position_count > 1)
            status = pct_planned_ways_add_path(ways, task->positions, task->position_count, j->error);
        if (!status) status = pct_planned_ways_add_way(ways, router, stop->from, stop->to, j->error);
    }
    return status ? status : pct_planned_ways_build(ways, j->error);
}

static pct_status find_strays(pct_judging *j) {
    pct_planned_ways ways = pct_planned_ways_init();
    pct_status status = PCT_OK;
    j->a->excused.length = 0;
    for (size_t i = 0; i < j->evidence->call_count && !status; i++)
        status = excuse(j, j->evidence->calls[i].from_ms, j->evidence->calls[i].to_ms);
    if (!status) status = plan_ways(j, &ways);
    if (!status)
        status =
            pct_planned_ways_strays(&ways, &j->fixes, (pct_duty_span){j->route->leave_ms, j->route->back_ms},
                                    &j->a->excused, &j->a->options, &j->out->strays, j->error);
    pct_planned_ways_dispose(&ways);
    return status;
}

pct_status pct_adherer_judge(pct_adherer *adherer, const pct_duty_route *route, const pct_duty *problem,
                             const pct_adherence_evidence *evidence, pct_presence *presence,
                             pct_adherence *out, pct_error *error) {
    pct_judging j = {adherer, route, problem, evidence, {0}, out, error};
    *out = (pct_adherence){.visits = pct_vector_init(sizeof(pct_adherence_visit), 1 << 20),
                           .strays = pct_vector_init(sizeof(pct_adherence_stray), 1 << 20),
                           .gaps = pct_vector_init(sizeof(pct_duty_span), 1 << 20)};
    pct_status status = take_positions(&j);
    if (!status) status = find_gaps(&j);
    if (!status) status = tell_presence(&j, presence);
    if (!status) status = judge_stops(&j);
    for (size_t i = 0; i < evidence->sign_count && !status; i++)
        pct_judging_take_sign(&j, &evidence->signs[i]);
    pct_judging_take_calls(&j);
    if (!status) status = find_strays(&j);
    if (status) pct_adherence_dispose(out);
    return status;
}
