/* Adherence of a day over HTTP: what of its rounds positions and tags prove, as figures of all crews together and never of fewer than
 * three (patrol/crews.h). Of today, what was to be done until now.
 *
 * All rounds of a unit on a day are one crew's. What a call took out of a round is not judged: it is told as that. Each round is held
 * against its own plan's problem (patrol_judge.h). Cost: map matching, some µs a position; on the thread of what takes long. */
#include <stdlib.h>

#include "api_handlers.h"
#include "resource/patrol_judge.h"

enum { ROUNDS_MAX = 20000 };

typedef struct judging {
    pct_exchange *x;
    pct_vector cases; /* of pct_patrol_case, a unit's after one another */
    pct_crews sums;
    int64_t day, called;
} judging;

static pct_status collect(judging *j, pct_error *error) {
    pct_patrol_book *book = j->x->service->patrol;
    const pct_life *life = pct_patrol_hold(book);
    const pct_life_round *r;
    pct_status status = PCT_OK;
    for (size_t i = 0; !status && (r = pct_life_round_at(life, i)) != NULL; i++) {
        if (!pct_life_round_counts(life, r) || r->leave_ms >= j->x->now_ms ||
            pct_patrol_day_of(j->x->service, r->leave_ms) != j->day)
            continue;
        pct_patrol_case *c = pct_vector_push(&j->cases);
        status = c ? pct_patrol_case_take(j->x, life, r, c, error) : pct_error_memory(error, sizeof *c);
    }
    pct_patrol_let_go(book);
    return status;
}

static int by_unit(const void *a, const void *b) {
    const pct_patrol_case *x = a, *y = b;
    if (x->unit.seq != y->unit.seq) return x->unit.seq < y->unit.seq ? -1 : 1;
    return (x->round.seq > y->round.seq) - (x->round.seq < y->round.seq);
}

static size_t count_crews(const judging *j) {
    const pct_patrol_case *c = j->cases.items;
    size_t crews = 0;
    for (size_t i = 0; i < j->cases.length; i++) crews += i == 0 || c[i].unit.seq != c[i - 1].unit.seq;
    return crews;
}

/* All shifts of a crew have to be in one adherence (patrol/crews.h). */
static pct_status join(pct_adherence *crew, const pct_adherence *round, pct_error *error) {
    const pct_adherence_visit *v = round->visits.items;
    for (size_t i = 0; i < round->visits.length; i++) {
        pct_adherence_visit *room = pct_vector_push(&crew->visits);
        if (!room) return pct_error_memory(error, sizeof *room);
        *room = v[i];
    }
    crew->shift_ms += round->shift_ms;
    crew->unknown_ms += round->unknown_ms;
    return PCT_OK;
}

static void count_called(judging *j, const pct_adherence *a) {
    const pct_adherence_visit *v = a->visits.items;
    for (size_t i = 0; i < a->visits.length; i++) j->called += v[i].called && v[i].state >= PCT_ADHERED_SHORT;
}

/* The crew whose first round is cases[first]; *next: the first of the following one. */
static pct_status judge_crew(judging *j, pct_patrol_judge *judge, size_t first, size_t *next,
                             pct_error *error) {
    const pct_patrol_case *c = j->cases.items;
    pct_adherence crew = {.visits = pct_vector_init(sizeof(pct_adherence_visit), 1 << 20)};
    pct_status status = PCT_OK;
    size_t i = first, stops = 0;
    for (; i < j->cases.length && c[i].unit.seq == c[first].unit.seq && !status; i++) {
        pct_adherence round = {0};
        j->called += (int64_t)c[i].left;
        stops += c[i].route.stop_count;
        if (c[i].route.stop_count == 0) continue;
        status = pct_patrol_judge_round(judge, &c[i], &round, error);
        if (!status) status = join(&crew, &round, error);
        pct_adherence_dispose(&round);
    }
    count_called(j, &crew);
    if (!status && stops) pct_crews_add(&j->sums, &crew);
    pct_adherence_dispose(&crew);
    *next = i;
    return status;
}

static pct_status judge_all(judging *j, pct_error *error) {
    pct_patrol_judge *judge = NULL;
    pct_status status = PCT_OK;
    if (j->cases.length) qsort(j->cases.items, j->cases.length, sizeof(pct_patrol_case), by_unit);
    /* Too few of them are not even looked at. */
    if (count_crews(j) >= PCT_CREWS_LEAST) status = pct_patrol_judge_open(j->x->service, &judge, error);
    for (size_t i = 0; judge && i < j->cases.length && !status;) status = judge_crew(j, judge, i, &i, error);
    pct_patrol_judge_close(judge);
    return status;
}

static void write_number(pct_json_writer *json, const char *key, bool told, int64_t value) {
    pct_json_key(json, key);
    if (told)
        pct_json_integer(json, value);
    else
        pct_json_null(json);
}

static void write_figures(judging *j) {
    const pct_crews_figures f = pct_crews_tell(&j->sums, PCT_CREWS_ONE_DAY);
    pct_json_writer json = pct_json_writer_init(&j->x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "told");
    pct_json_bool(&json, f.told);
    pct_json_key(&json, "least_crews");
    pct_json_integer(&json, PCT_CREWS_LEAST);
    write_number(&json, "crews", f.told, f.crews);
    for (int s = 0; s < PCT_ADHERED_STATES; s++)
        write_number(&json, pct_adherence_state_name((pct_adherence_state)s), f.told, f.by_state[s]);
    write_number(&json, "called", f.told, j->called);
    pct_json_key(&json, "unknown_share");
    if (f.told)
        pct_json_real(&json, f.unknown_share, 4);
    else
        pct_json_null(&json);
    pct_json_end_object(&json);
}

pct_status pct_resource_patrol_adherence(pct_exchange *x, pct_error *error) {
    judging j = {.x = x, .cases = pct_vector_init(sizeof(pct_patrol_case), ROUNDS_MAX)};
    pct_status status = pct_patrol_read_day(x, &j.day, error);
    if (!status) status = collect(&j, error);
    if (!status) status = judge_all(&j, error);
    if (!status) write_figures(&j);
    pct_vector_dispose(&j.cases);
    return status ? status : pct_buffer_status(&x->reply, error);
}
