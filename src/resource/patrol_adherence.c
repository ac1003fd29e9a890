/* Adherence of a day over HTTP: what of its rounds positions and tags prove, as figures of all crews together and never of fewer than
 * three (patrol/crews.h). Of today, what was to be done until now.
 *
 * All rounds of a unit on a day are one crew's. What a call took out of a round is not judged: it is told as that. Positions are read
 * where they lie and go nowhere: no reply holds one. Cost: map matching, some µs a position; on the thread of what takes long. */
#include <stdlib.h>
#include <string.h>

#include "api_handlers.h"
#include "base/text.h"
#include "patrol/crews.h"
#include "resource/live_road.h"
#include "resource/patrol_rounds.h"

enum { FIXES_MAX = 1 << 20, CREWS_MAX = 5000 };

typedef struct crew {
    pct_unit_id unit;
    pct_duty_route route;
    pct_vector signs; /* pct_adherence_sign */
} crew;

typedef struct judging {
    pct_exchange *x;
    pct_vector crews; /* of crew */
    pct_crews sums;
    int64_t day, left;
} judging;

static crew *crew_of(judging *j, const pct_life_round *r) {
    crew *all = j->crews.items;
    for (size_t i = 0; i < j->crews.length; i++)
        if (all[i].unit.seq == r->unit.seq) return &all[i];
    crew *c = pct_vector_push(&j->crews);
    if (!c) return NULL;
    *c = (crew){.unit = r->unit,
                .route = {.unit = r->name, .start = r->start, .end = r->end, .leave_ms = r->leave_ms},
                .signs = pct_vector_init(sizeof(pct_adherence_sign), PCT_LIFE_STOPS_MAX * 10)};
    return c;
}

static bool add_sign(crew *c, const pct_life_stop *s) {
    static const pct_adherence_proof proofs[PCT_VISIT_PROOF_COUNT] = {[PCT_VISIT_PROOF_TAG] = PCT_PROOF_TAG,
                                                                      [PCT_VISIT_PROOF_QR] = PCT_PROOF_CODE,
                                                                      [PCT_VISIT_PROOF_PHOTO] =
                                                                          PCT_PROOF_PHOTO};
    if (proofs[s->proof] == PCT_PROOF_NONE) return true; /* the positions themselves say so, or nothing */
    pct_adherence_sign *sign = pct_vector_push(&c->signs);
    if (sign) *sign = (pct_adherence_sign){s->from_ms, s->id, proofs[s->proof]};
    return sign != NULL;
}

/* Texts are the life's: they hold as long as the round, and rounds are forgotten at a start alone. */
static pct_status add_round(judging *j, const pct_life_round *r, pct_error *error) {
    crew *c = crew_of(j, r);
    size_t room = c ? c->route.stop_count + r->stop_count : 0, count;
    pct_duty_stop *stops = c ? pct_arena_alloc(&j->x->arena, room + 1, sizeof *stops) : NULL;
    if (!stops) return pct_error_memory(error, room * sizeof *stops);
    if (c->route.stop_count) memcpy(stops, c->route.stops, c->route.stop_count * sizeof *stops);
    count = c->route.stop_count;
    for (size_t i = 0; i < r->stop_count; i++) {
        const pct_life_stop *s = &r->stops[i];
        j->left += s->left;
        if (s->left || s->end_ms > j->x->now_ms) continue;
        stops[count++] = (pct_duty_stop){.kind = s->kind,
                                         .moves = s->moves,
                                         .id = s->id,
                                         .name = s->name,
                                         .n = s->n,
                                         .travel_ms = s->travel_ms,
                                         .arrive_ms = s->arrive_ms,
                                         .start_ms = s->start_ms,
                                         .end_ms = s->end_ms,
                                         .from = s->from,
                                         .to = s->to};
        if (!add_sign(c, s)) return pct_error_memory(error, room);
    }
    c->route.stops = stops;
    c->route.stop_count = count;
    c->route.back_ms = r->back_ms < j->x->now_ms ? r->back_ms : j->x->now_ms;
    return PCT_OK;
}

static pct_status collect(judging *j, pct_error *error) {
    pct_patrol_book *book = j->x->service->patrol;
    const pct_life *life = pct_patrol_hold(book);
    const pct_life_round *r;
    pct_status status = PCT_OK;
    for (size_t i = 0; !status && (r = pct_life_round_at(life, i)) != NULL; i++)
        if (pct_life_round_counts(life, r) && r->leave_ms < j->x->now_ms &&
            pct_patrol_day_of(j->x->service, r->leave_ms) == j->day)
            status = add_round(j, r, error);
    pct_patrol_let_go(book);
    return status;
}

static bool take_fix(void *context, const pct_track_point *point) {
    pct_adherence_fix *fix = pct_vector_push(context);
    if (fix) *fix = (pct_adherence_fix){point->at_ms, point->position, 0.0};
    return fix != NULL;
}

static int by_time(const void *a, const void *b) {
    const pct_adherence_sign *x = a, *y = b;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static pct_status judge(judging *j, pct_adherer *adherer, crew *c, pct_vector *fixes, pct_error *error) {
    pct_adherence adherence = {0};
    fixes->length = 0;
    if (c->route.stop_count == 0) return PCT_OK;
    pct_status status = pct_tracks_read(j->x->service->tracks, c->unit.seq, c->route.leave_ms,
                                        c->route.back_ms + 1, take_fix, fixes, error);
    if (status) return status;
    if (c->signs.length) qsort(c->signs.items, c->signs.length, sizeof(pct_adherence_sign), by_time);
    const pct_adherence_evidence evidence = {.fixes = fixes->items,
                                             .signs = c->signs.items,
                                             .fix_count = fixes->length,
                                             .sign_count = c->signs.length};
    status = pct_adherer_judge(adherer, &c->route, NULL, &evidence, NULL, &adherence, error);
    if (!status) pct_crews_add(&j->sums, &adherence);
    pct_adherence_dispose(&adherence);
    return status;
}

static pct_status judge_all(judging *j, pct_error *error) {
    const pct_live_road *live = j->x->service->live;
    const pct_road *road = pct_live_road_open(live), *patrol = pct_live_road_open_patrol(live);
    pct_vector fixes = pct_vector_init(sizeof(pct_adherence_fix), FIXES_MAX);
    pct_adherer *adherer = NULL;
    crew *all = j->crews.items;
    pct_status status = PCT_OK;
    /* Too few of them are not even looked at. */
    if (j->crews.length >= PCT_CREWS_LEAST)
        status = pct_adherer_new(road, patrol ? patrol : road, NULL, &adherer, error);
    for (size_t i = 0; adherer && i < j->crews.length && !status; i++)
        status = judge(j, adherer, &all[i], &fixes, error);
    pct_adherer_free(adherer);
    pct_vector_dispose(&fixes);
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
    write_number(&json, "called", f.told, j->left);
    pct_json_key(&json, "unknown_share");
    if (f.told)
        pct_json_real(&json, f.unknown_share, 4);
    else
        pct_json_null(&json);
    pct_json_end_object(&json);
}

pct_status pct_resource_patrol_adherence(pct_exchange *x, pct_error *error) {
    judging j = {.x = x, .crews = pct_vector_init(sizeof(crew), CREWS_MAX)};
    pct_status status = pct_patrol_read_day(x, &j.day, error);
    if (!status) status = collect(&j, error);
    if (!status) status = judge_all(&j, error);
    if (!status) write_figures(&j);
    crew *all = j.crews.items;
    for (size_t i = 0; i < j.crews.length; i++) pct_vector_dispose(&all[i].signs);
    pct_vector_dispose(&j.crews);
    return status ? status : pct_buffer_status(&x->reply, error);
}
