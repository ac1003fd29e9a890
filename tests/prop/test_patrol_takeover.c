/* Calls drawn over random plans that are being driven: after each of them no stop is in two rounds or in none, what nobody has is owed, the new rests
 * keep windows, ways, shifts and gaps when they are driven the slow way, and whoever is away is left in peace. */
#include <stdio.h>
#include <string.h>

#include "patrol/solve.h"
#include "patrol/takeover.h"
#include "support/patrol_plan.h"
#include "support/test.h"

enum { PROBLEMS = 400, TEXT_MAX = 8192, ID_MAX = 16, ROUNDS_MAX = TEST_PLAN_UNITS };
static const int64_t zero_ms = INT64_C(86400000) * 1000;

static test_plan_problem drawn;
static pct_patrol_plan solved;
static pct_lowered lowered;
static pct_duty duty;
static pct_duty_unit units[TEST_PLAN_UNITS];
static pct_duty_task tasks[TEST_PLAN_DEMANDS];
static pct_duty_visit visits[TEST_PLAN_DEMANDS];
static pct_position positions[TEST_PLAN_PLACES];
static pct_duty_moves moves[TEST_PLAN_PLACES];
static char unit_ids[TEST_PLAN_UNITS][ID_MAX], task_ids[TEST_PLAN_DEMANDS][ID_MAX];
static int32_t away_ms[TEST_PLAN_PLACES];
static pct_life *life;
static int64_t seq, now_ms;
static pct_error error;

/* --- a plan as people have it --------------------------------------------------------------------------------------------- */

/* Visits of a series are times of one task; what one unit alone may do is a piece of its own. */
static void name_all(void) {
    const pct_patrol_problem *p = &drawn.problem;
    int32_t times[TEST_PLAN_DEMANDS] = {0};
    for (int32_t u = 0; u < p->unit_count; u++) {
        (void)snprintf(unit_ids[u], ID_MAX, "U%d", (int)u);
        units[u] = (pct_duty_unit){.id = pct_text_of(unit_ids[u])};
    }
    for (int32_t d = 0; d < p->demand_count; d++) {
        int32_t task = d;
        for (int32_t k = 0; k < d && task == d; k++)
            if (p->demands[d].series != PCT_PATROL_NONE && p->demands[k].series == p->demands[d].series &&
                p->demands[d].unit == PCT_PATROL_NONE && p->demands[k].unit == PCT_PATROL_NONE)
                task = k;
        (void)snprintf(task_ids[d], ID_MAX, "T%d", (int)d);
        tasks[d] =
            (pct_duty_task){.kind = p->demands[d].unit != PCT_PATROL_NONE ? PCT_DUTY_BREAK : PCT_DUTY_POINT,
                            .id = pct_text_of(task_ids[d])};
        visits[d] = (pct_duty_visit){task, ++times[task]};
    }
    for (int32_t i = 0; i < TEST_PLAN_PLACES; i++) {
        positions[i] = (pct_position){1000000000 + 10 * i, 400000000};
        moves[i] = PCT_DUTY_DRIVE;
    }
    duty = (pct_duty){.units = units, .tasks = tasks, .unit_count = (size_t)p->unit_count};
    lowered = (pct_lowered){.problem = *p,
                            .zero_ms = zero_ms,
                            .duty = &duty,
                            .visits = visits,
                            .positions = positions,
                            .moves = moves};
}

static void tell_of(pct_event_type type, int64_t object, pct_event_data data) {
    pct_event e = {.seq = ++seq, .type = type, .data = data, .actor = pct_text_of("anna")};
    e.recorded_at_ms = e.occurred_at_ms = zero_ms + now_ms;
    e.object = (pct_id){.kind = pct_event_type_table[type].kind,
                        .seq = pct_event_type_table[type].creates ? seq : object};
    test_ok(pct_life_may(life, type, e.object, &e.data, zero_ms + now_ms, &error), &error);
    test_ok(pct_life_apply(life, &e, &error), &error);
}

static void order_round(int32_t u) {
    const pct_patrol_problem *p = &drawn.problem;
    pct_life_stop stops[TEST_PLAN_DEMANDS];
    int32_t count = 0;
    for (int32_t v = solved.first[u]; v < solved.first[u + 1]; v++) {
        const pct_patrol_mode *m = &p->modes[solved.mode[v]];
        const pct_duty_task *task = &tasks[visits[m->demand].task];
        pct_life_stop *s = &stops[count++];
        *s = (pct_life_stop){.number = count, .n = visits[m->demand].n, .kind = task->kind, .id = task->id};
        s->name = task->id;
        s->from = positions[m->from], s->to = positions[m->to];
        s->arrive_ms = s->start_ms = zero_ms + solved.start_ms[v];
        s->end_ms = s->start_ms + m->service_ms;
        s->must = p->demands[m->demand].must && task->kind == PCT_DUTY_POINT;
    }
    pct_buffer text = pct_buffer_init(TEXT_MAX);
    pct_life_stops_write(stops, (size_t)count, &text);
    pct_event_data data = {.round_ordered = {.plan = {1},
                                             .unit = {900 + u},
                                             .name = units[u].id,
                                             .leave = zero_ms + solved.leave_ms[u],
                                             .back = zero_ms + solved.back_ms[u],
                                             .until = zero_ms + p->units[u].close_ms,
                                             .stops = {(const char *)text.bytes, text.length}}};
    if (count) tell_of(PCT_EVENT_ROUND_ORDERED, 0, data);
    pct_buffer_dispose(&text);
}

/* Ordered, adopted, and driven until now: most of what has ended is proved. */
static void drive_until(pct_rng *rng, int64_t until_ms) {
    test_ok(pct_life_new(&life, &error), &error);
    seq = 0, now_ms = 0;
    tell_of(PCT_EVENT_PLAN_ASKED, 0, (pct_event_data){.plan_asked = {.source = PCT_PLAN_SOURCE_SOLVER}});
    tell_of(PCT_EVENT_PLAN_MADE, 1, (pct_event_data){.plan_made = {.feasible = true}});
    for (int32_t u = 0; u < drawn.problem.unit_count; u++) order_round(u);
    tell_of(PCT_EVENT_PLAN_ADOPTED, 1, (pct_event_data){.plan_adopted = {.rounds = 1}});
    now_ms = until_ms;
    const pct_life_round *r;
    for (size_t i = 0; (r = pct_life_round_at(life, i)) != NULL; i++)
        for (size_t s = 0; s < r->stop_count; s++) {
            const pct_life_stop *stop = &r->stops[s];
            if (stop->end_ms > zero_ms + now_ms || pct_rng_below(rng, 6) == 0) continue;
            tell_of(PCT_EVENT_STOP_VISITED, r->id.seq,
                    (pct_event_data){.stop_visited = {.stop = stop->number,
                                                      .proof = PCT_VISIT_PROOF_TAG,
                                                      .from = stop->start_ms,
                                                      .until = stop->end_ms,
                                                      .has_until = true}});
        }
}

/* --- what has to be so afterwards ------------------------------------------------------------------------------------------ */

static int32_t demand_of(const pct_life_round *r, const pct_life_stop *s) {
    const pct_patrol_problem *p = &drawn.problem;
    for (int32_t d = 0; d < p->demand_count; d++) {
        const pct_duty_task *t = &tasks[visits[d].task];
        if (t->kind != s->kind || visits[d].n != s->n || t->id.length != s->id.length ||
            memcmp(t->id.chars, s->id.chars, s->id.length) != 0)
            continue;
        if (p->demands[d].unit == PCT_PATROL_NONE || p->demands[d].unit == r->name.chars[1] - '0') return d;
    }
    ck_abort_msg("a stop of no demand");
    return 0;
}

typedef struct holders {
    int rounds[TEST_PLAN_DEMANDS], left[TEST_PLAN_DEMANDS], served[TEST_PLAN_DEMANDS];
} holders;

static holders count_holders(void) {
    holders h = {{0}, {0}, {0}};
    const pct_life_round *r;
    for (size_t i = 0; (r = pct_life_round_at(life, i)) != NULL; i++)
        for (size_t s = 0; s < r->stop_count; s++) {
            const pct_life_stop *stop = &r->stops[s];
            if (stop->handed_to) continue;
            int32_t d = demand_of(r, stop);
            h.rounds[d]++;
            h.left[d] += stop->left;
            h.served[d] += pct_life_stop_is_served(stop);
        }
    return h;
}

static bool is_stale(int32_t d) {
    for (int32_t m = 0; m < drawn.demands[d].mode_count; m++)
        if (drawn.modes[drawn.demands[d].first_mode + m].close_ms >= now_ms) return false;
    return true;
}

static bool is_as_before(const pct_takeover_round *before, const pct_life_stop *s) {
    for (size_t i = 0; i < before->round->stop_count; i++) {
        const pct_life_stop *was = &before->round->stops[i];
        if (was->number == s->number) return was->start_ms == s->start_ms && was->end_ms == s->end_ms;
    }
    return false;
}

/* A mode of it that begins there, at that time. */
static const pct_patrol_mode *mode_at(int32_t d, const pct_life_stop *s) {
    for (int32_t m = 0; m < drawn.demands[d].mode_count; m++) {
        const pct_patrol_mode *mode = &drawn.modes[drawn.demands[d].first_mode + m];
        if (positions[mode->from].lon_e7 == s->from.lon_e7 && positions[mode->to].lon_e7 == s->to.lon_e7 &&
            s->start_ms - zero_ms >= mode->open_ms && s->start_ms - zero_ms <= mode->close_ms &&
            s->end_ms - s->start_ms == mode->service_ms)
            return mode;
    }
    return NULL;
}

/* The rest that was planned anew, driven; a neighbour's first stop is where it was on its way to. */
static void check_rest(const pct_takeover_call *call, const pct_takeover_change *c) {
    const pct_patrol_problem *p = &drawn.problem;
    const pct_takeover_round *before = &call->rounds[c->round];
    int32_t u = before->round->name.chars[1] - '0', place = PCT_PATROL_NONE;
    int64_t at_ms = now_ms;
    bool is_caller = c->round == call->caller, is_first = true;
    for (size_t i = 0; i < c->stop_count; i++) {
        const pct_life_stop *s = &c->stops[i];
        int32_t d = demand_of(before->round, s);
        ck_assert(pct_patrol_may_serve(p, u, d));
        if (is_stale(d)) {
            ck_assert(!is_caller && is_as_before(before, s));
            continue;
        }
        if (is_first && !is_caller && is_as_before(before, s)) {
            int64_t start_ms = s->start_ms - zero_ms;
            at_ms = (start_ms > now_ms ? start_ms : now_ms) + s->end_ms - s->start_ms;
            place = (s->to.lon_e7 - 1000000000) / 10;
            is_first = false;
            continue;
        }
        const pct_patrol_mode *m = mode_at(d, s);
        ck_assert_ptr_nonnull(m);
        int64_t start_ms = s->start_ms - zero_ms, there_ms = at_ms;
        if (place != PCT_PATROL_NONE)
            there_ms = test_plan_arrive_ms(p, place, m->from, at_ms);
        else if (is_caller)
            there_ms = at_ms + away_ms[m->from];
        ck_assert_int_ge(start_ms, there_ms);
        at_ms = start_ms + m->service_ms;
        place = m->to;
        is_first = false;
    }
    if (!is_first)
        ck_assert_int_le(test_plan_arrive_ms(p, place, p->units[u].end, at_ms), p->units[u].close_ms);
}

/* Gaps between what was planned anew, and to what was served. */
static void check_gaps(const pct_takeover_call *call, const pct_takeover_change *changes, size_t count) {
    for (size_t a = 0; a < count; a++)
        for (size_t i = 0; i < changes[a].stop_count; i++) {
            const pct_takeover_round *ra = &call->rounds[changes[a].round];
            const pct_life_stop *s = &changes[a].stops[i];
            int32_t d = demand_of(ra->round, s), series = drawn.demands[d].series;
            if (series == PCT_PATROL_NONE || is_as_before(ra, s)) continue;
            for (size_t b = 0; b < count; b++)
                for (size_t k = 0; k < changes[b].stop_count; k++) {
                    const pct_takeover_round *rb = &call->rounds[changes[b].round];
                    const pct_life_stop *o = &changes[b].stops[k];
                    int32_t e = demand_of(rb->round, o);
                    if (e == d || drawn.demands[e].series != series || is_as_before(rb, o)) continue;
                    ck_assert(s->start_ms >= o->end_ms + drawn.gap_ms[series] ||
                              o->start_ms >= s->end_ms + drawn.gap_ms[series]);
                }
            for (size_t r = 0; r < call->count; r++)
                for (size_t k = 0; k < call->rounds[r].round->stop_count; k++) {
                    const pct_life_stop *o = &call->rounds[r].round->stops[k];
                    if (!pct_life_stop_is_served(o) ||
                        drawn.demands[demand_of(call->rounds[r].round, o)].series != series)
                        continue;
                    ck_assert(s->start_ms >= o->until_ms + drawn.gap_ms[series] ||
                              o->from_ms >= s->end_ms + drawn.gap_ms[series]);
                }
        }
}

/* By their events, all or none; then no stop is doubled or lost. */
static void take_in(const pct_takeover_call *call, const pct_takeover_change *changes, size_t count) {
    pct_event events[ROUNDS_MAX];
    pct_life_asked asked[ROUNDS_MAX];
    pct_buffer texts[ROUNDS_MAX], moved[ROUNDS_MAX];
    for (size_t i = 0; i < count; i++) {
        const pct_life_round *r = call->rounds[changes[i].round].round;
        texts[i] = pct_buffer_init(TEXT_MAX), moved[i] = pct_buffer_init(TEXT_MAX);
        pct_life_stops_write(changes[i].stops, changes[i].stop_count, &texts[i]);
        if (changes[i].move_count) pct_life_moves_write(changes[i].moves, changes[i].move_count, &moved[i]);
        events[i] = (pct_event){
            .seq = ++seq, .object = {.kind = 'R', .seq = r->id.seq}, .occurred_at_ms = zero_ms + now_ms};
        const pct_text stops = {(const char *)texts[i].bytes, texts[i].length},
                       moves_text = {(const char *)moved[i].bytes, moved[i].length};
        bool own = changes[i].round == call->caller;
        events[i].type = own ? PCT_EVENT_ROUND_RESUMED : PCT_EVENT_ROUND_CHANGED;
        if (own)
            events[i].data.round_resumed = (pct_event_round_resumed){.back = changes[i].back_ms,
                                                                     .stops = stops,
                                                                     .moved = moves_text,
                                                                     .after = r->seq,
                                                                     .has_after = true};
        else
            events[i].data.round_changed =
                (pct_event_round_changed){.order = {99},
                                          .round = call->rounds[call->caller].round->id,
                                          .after = r->seq,
                                          .back = changes[i].back_ms,
                                          .stops = stops,
                                          .moved = moves_text};
        asked[i] = (pct_life_asked){events[i].type, events[i].object, &events[i].data};
    }
    test_ok(pct_life_may_all(life, asked, count, zero_ms + now_ms, &error), &error);
    for (size_t i = 0; i < count; i++) {
        test_ok(pct_life_apply(life, &events[i], &error), &error);
        pct_buffer_dispose(&texts[i]);
        pct_buffer_dispose(&moved[i]);
    }
}

typedef struct tally {
    int calls, taken, lost;
} tally;

static pct_takeover_round *gather(pct_rng *rng, pct_arena *arena, size_t caller, size_t *count) {
    pct_takeover_round *rounds = pct_arena_alloc(arena, ROUNDS_MAX, sizeof *rounds);
    const pct_life_round *r;
    *count = 0;
    for (size_t i = 0; (r = pct_life_round_at(life, i)) != NULL; i++) {
        bool away = i != caller && (r->left_ms || pct_rng_below(rng, 5) == 0);
        if (away && !r->left_ms && pct_rng_below(rng, 2))
            tell_of(PCT_EVENT_ROUND_LEFT, r->id.seq, (pct_event_data){.round_left = {.order = {98}}});
        pct_life_round *copy = pct_arena_alloc(arena, 1, sizeof *copy);
        *copy = *r;
        copy->stops = pct_arena_alloc(arena, r->stop_count, sizeof *copy->stops);
        memcpy(copy->stops, r->stops, r->stop_count * sizeof *copy->stops);
        rounds[(*count)++] = (pct_takeover_round){copy, !away, -1};
    }
    return rounds;
}

static void one_call(pct_rng *rng, size_t caller, tally *sum) {
    pct_arena arena = pct_arena_init((size_t)16 << 20);
    pct_takeover_change *changes, *again;
    size_t count, count_again;
    const pct_life_round *left = pct_life_round_at(life, caller);
    tell_of(PCT_EVENT_ROUND_LEFT, left->id.seq, (pct_event_data){.round_left = {.order = {99}}});
    now_ms += (int64_t)pct_rng_below(rng, 150); /* it was away, while nobody else proved anything */
    pct_takeover_call call = {.caller = caller,
                              .now_ms = zero_ms + now_ms,
                              .away_ms = away_ms,
                              .neighbours = 1 + (int32_t)pct_rng_below(rng, 4),
                              .seed = 1,
                              .iterations = 100};
    pct_takeover_round *rounds = gather(rng, &arena, caller, &call.count);
    call.rounds = rounds;
    holders before = count_holders();
    test_ok(pct_takeover_plan(&lowered, &call, &arena, &changes, &count, &error), &error);
    test_ok(pct_takeover_plan(&lowered, &call, &arena, &again, &count_again, &error), &error);
    ck_assert_uint_eq(count, count_again);
    ck_assert_uint_eq(changes[0].round, caller);
    ck_assert_uint_le(count, 1 + (size_t)call.neighbours);
    for (size_t i = 0; i < count; i++) {
        ck_assert(i == 0 || (rounds[changes[i].round].drives && !rounds[changes[i].round].round->left_ms));
        ck_assert_uint_eq(changes[i].stop_count, again[i].stop_count);
        for (size_t s = 0; s < changes[i].stop_count; s++)
            ck_assert_int_eq(changes[i].stops[s].start_ms, again[i].stops[s].start_ms);
        check_rest(&call, &changes[i]);
        sum->taken += changes[i].move_count > 0 && i == 0;
    }
    check_gaps(&call, changes, count);
    take_in(&call, changes, count);
    holders after = count_holders();
    for (int32_t d = 0; d < drawn.problem.demand_count; d++) {
        ck_assert_int_le(after.rounds[d], 1);
        ck_assert_int_eq(after.rounds[d], before.rounds[d]);
        ck_assert_int_eq(after.served[d], before.served[d]);
        sum->lost += after.left[d] > before.left[d];
    }
    sum->calls++;
    pct_arena_dispose(&arena);
}

TEST(no_stop_is_doubled_or_lost_and_the_new_rests_keep_every_rule) {
    pct_rng rng = pct_rng_init(59, 0);
    tally sum = {0, 0, 0};
    for (int i = 0; i < PROBLEMS; i++) {
        pct_patrol_settings settings = {.seed = 1, .iterations_max = 100};
        test_plan_draw(&rng, &drawn, 6 + (int32_t)pct_rng_below(&rng, 8), 2 + (int32_t)pct_rng_below(&rng, 3),
                       (test_plan_rules)(i % 3));
        if (i % 2) test_plan_draw_bands(&rng, &drawn);
        test_ok(pct_patrol_solve(&drawn.problem, &settings, &solved, &error), &error);
        name_all();
        for (int32_t k = 0; k < TEST_PLAN_PLACES; k++)
            away_ms[k] = (int32_t)pct_rng_below(&rng, 60) + (i % 4 == 3 ? 400 : 0);
        drive_until(&rng, (int64_t)pct_rng_below(&rng, 400));
        size_t rounds = 0;
        while (pct_life_round_at(life, rounds)) rounds++;
        for (int calls = 0; calls < 2 && rounds; calls++) {
            size_t caller = pct_rng_below(&rng, (uint32_t)rounds);
            const pct_life_round *r = pct_life_round_at(life, caller);
            if (r->left_ms || r->leave_ms > zero_ms + now_ms || !pct_life_round_next(r)) continue;
            one_call(&rng, caller, &sum);
            now_ms += (int64_t)pct_rng_below(&rng, 60);
        }
        pct_life_free(life);
        pct_patrol_plan_dispose(&solved);
    }
    ck_assert_int_gt(sum.calls, PROBLEMS / 3);
    ck_assert_int_gt(sum.taken, PROBLEMS / 40);
    ck_assert_int_gt(sum.lost, 0);
}
END_TEST

TEST(a_stop_that_the_problem_does_not_know_is_not_planned_with_others) {
    pct_rng rng = pct_rng_init(60, 0);
    pct_patrol_settings settings = {.seed = 1, .iterations_max = 100};
    pct_arena arena = pct_arena_init((size_t)16 << 20);
    pct_takeover_change *changes;
    size_t count;
    test_plan_draw(&rng, &drawn, 12, 3, TEST_PLAN_FREE);
    test_ok(pct_patrol_solve(&drawn.problem, &settings, &solved, &error), &error);
    name_all();
    drive_until(&rng, 0);
    pct_takeover_call call = {
        .now_ms = zero_ms, .away_ms = away_ms, .neighbours = 2, .seed = 1, .iterations = 10};
    pct_takeover_round *rounds = gather(&rng, &arena, 0, &call.count);
    call.rounds = rounds;
    ((pct_life_round *)rounds[0].round)->stops[0].id = pct_text_of("strange");
    ck_assert_int_eq(pct_takeover_plan(&lowered, &call, &arena, &changes, &count, &error), PCT_NOT_FOUND);
    ((pct_life_round *)rounds[0].round)->name = pct_text_of("strange");
    ck_assert_int_eq(pct_takeover_plan(&lowered, &call, &arena, &changes, &count, &error), PCT_NOT_FOUND);
    pct_life_free(life);
    pct_patrol_plan_dispose(&solved);
    pct_arena_dispose(&arena);
}
END_TEST

TEST_MAIN("patrol takeover", TEST_CASE(no_stop_is_doubled_or_lost_and_the_new_rests_keep_every_rule),
          TEST_CASE(a_stop_that_the_problem_does_not_know_is_not_planned_with_others))
