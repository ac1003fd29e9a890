/* The rest of a round, planned anew: how it is taken in, and whether the rests of several rounds may change together. */

#include "base/text.h"
#include "patrol/life_state.h"

static const size_t arena_max = (size_t)16 << 20;

static const pct_life_move *move_of(const pct_life_move *moves, size_t count, int32_t number) {
    for (size_t i = 0; i < count; i++)
        if (moves[i].number == number) return &moves[i];
    return NULL;
}

static const pct_life_stop *stop_of(const pct_life_stop *stops, size_t count, int32_t number) {
    for (size_t i = 0; i < count; i++)
        if (stops[i].number == number) return &stops[i];
    return NULL;
}

static bool is_gone(const pct_life_stop *s) {
    return pct_life_stop_is_served(s) || s->handed_to;
}

/* --- taking it in --------------------------------------------------------------------------------------------------------- */

pct_status pct_life_take_rest(pct_life_round *r, pct_text stops, pct_text moved) {
    pct_life_stop *rest;
    pct_life_move *moves;
    size_t rest_count, move_count, count = 0;
    pct_error why;
    pct_status status = pct_life_stops_read(stops, &r->arena, &rest, &rest_count, &why);
    if (!status) status = pct_life_moves_read(moved, &r->arena, &moves, &move_count, &why);
    if (status) return status == PCT_INPUT ? PCT_DAMAGED : status;
    pct_life_stop *all = pct_arena_alloc(&r->arena, r->stop_count + rest_count + 1, sizeof *all);
    if (!all) return PCT_MEMORY;
    for (size_t i = 0; i < r->stop_count; i++)
        if (pct_life_stop_is_served(&r->stops[i])) all[count++] = r->stops[i];
    for (size_t i = 0; i < rest_count; i++) {
        const pct_life_stop *was = pct_life_find_stop(r, rest[i].number);
        const pct_life_move *move = move_of(moves, move_count, rest[i].number);
        if (was) rest[i].reason = was->reason, rest[i].taken_from = was->taken_from;
        if (move) rest[i].taken_from = move->round;
        all[count++] = rest[i];
    }
    for (size_t i = 0; i < r->stop_count; i++) {
        const pct_life_stop *s = &r->stops[i];
        const pct_life_move *move = move_of(moves, move_count, s->number);
        if (pct_life_stop_is_served(s) || stop_of(rest, rest_count, s->number)) continue;
        all[count] = *s;
        if (move) all[count].handed_to = move->round;
        all[count++].left |= !s->handed_to && !move;
    }
    r->stops = all, r->stop_count = count;
    return PCT_OK;
}

/* --- whether it may be ------------------------------------------------------------------------------------------------------ */

typedef struct rest {
    pct_life_stop *stops; /* [stop_count] */
    pct_life_move *moves; /* [move_count] */
    size_t stop_count, move_count;
} rest;

static pct_status read_rest(pct_text stops, pct_text moved, pct_arena *arena, rest *out, pct_error *error) {
    pct_status status = pct_life_stops_read(stops, arena, &out->stops, &out->stop_count, error);
    return status ? status : pct_life_moves_read(moved, arena, &out->moves, &out->move_count, error);
}

static bool are_same(const pct_life_stop *a, const pct_life_stop *b) {
    return a->kind == b->kind && a->n == b->n && pct_text_same(a->id, b->id);
}

static int32_t last_number(const pct_life_round *r) {
    int32_t last = 0;
    for (size_t i = 0; i < r->stop_count; i++)
        if (r->stops[i].number > last) last = r->stops[i].number;
    return last;
}

static pct_status strange(const pct_life_round *r, int32_t number, pct_error *error) {
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LIFE_REST_STRANGE, pct_int(r->id.seq), pct_int(number));
}

static pct_status check_rest(const pct_life_round *r, const rest *is, pct_error *error) {
    int32_t last = last_number(r);
    for (size_t i = 0; i < is->stop_count; i++) {
        const pct_life_stop *s = &is->stops[i], *was = pct_life_find_stop(r, s->number);
        bool taken = move_of(is->moves, is->move_count, s->number) != NULL;
        bool good = was ? !taken && !is_gone(was) && are_same(s, was) : taken && s->number > last;
        if (!good) return strange(r, s->number, error);
    }
    for (size_t i = 0; i < is->move_count; i++) {
        int32_t number = is->moves[i].number;
        const pct_life_stop *was = pct_life_find_stop(r, number);
        bool twice = move_of(is->moves, i, number) != NULL;
        bool taken = stop_of(is->stops, is->stop_count, number) != NULL;
        if (twice || (!taken && (!was || is_gone(was)))) return strange(r, number, error);
    }
    return PCT_OK;
}

pct_status pct_life_may_rest(const pct_life_round *round, pct_text stops, pct_text moved, pct_error *error) {
    pct_arena arena = pct_arena_init(arena_max);
    rest is;
    pct_status status = read_rest(stops, moved, &arena, &is, error);
    if (!status) status = check_rest(round, &is, error);
    pct_arena_dispose(&arena);
    return status;
}

/* --- several together --------------------------------------------------------------------------------------------------------- */

typedef struct together {
    const pct_life_round **rounds; /* [count] */
    rest *rests;                   /* [count] */
    size_t count;
    pct_arena arena;
} together;

static bool rest_texts(const pct_life_asked *asked, pct_text *stops, pct_text *moved) {
    if (asked->type == PCT_EVENT_ROUND_RESUMED) {
        *stops = asked->data->round_resumed.stops, *moved = asked->data->round_resumed.moved;
        return true;
    }
    if (asked->type != PCT_EVENT_ROUND_CHANGED) return false;
    *stops = asked->data->round_changed.stops, *moved = asked->data->round_changed.moved;
    return true;
}

/* The stop that a move is about: of the rest where it is taken over, else of the round. */
static const pct_life_stop *moved_stop(const together *t, size_t at, const pct_life_move *move, bool *taken) {
    const pct_life_stop *s = stop_of(t->rests[at].stops, t->rests[at].stop_count, move->number);
    *taken = s != NULL;
    return s ? s : pct_life_find_stop(t->rounds[at], move->number);
}

/* How often the other round says the opposite of the same stop. */
static int counterparts(const together *t, size_t at, const pct_life_move *move) {
    bool taken, theirs;
    int count = 0;
    const pct_life_stop *s = moved_stop(t, at, move, &taken);
    for (size_t k = 0; s && k < t->count; k++) {
        if (k == at || t->rounds[k]->id.seq != move->round) continue;
        for (size_t i = 0; i < t->rests[k].move_count; i++) {
            const pct_life_move *other = &t->rests[k].moves[i];
            const pct_life_stop *o = moved_stop(t, k, other, &theirs);
            count += o && theirs != taken && other->round == t->rounds[at]->id.seq && are_same(s, o);
        }
    }
    return count;
}

static pct_status check_pairs(const together *t, pct_error *error) {
    for (size_t at = 0; at < t->count; at++) {
        bool alien = t->rounds[at]->plan.seq != t->rounds[0]->plan.seq;
        for (size_t k = 0; k < at; k++) alien |= t->rounds[k] == t->rounds[at];
        if (alien)
            return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LIFE_REST_OTHER_PLAN, pct_int(t->rounds[at]->id.seq));
        for (size_t i = 0; i < t->rests[at].move_count; i++)
            if (counterparts(t, at, &t->rests[at].moves[i]) != 1)
                return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LIFE_REST_UNPAIRED,
                                pct_int(t->rounds[at]->id.seq), pct_int(t->rests[at].moves[i].number));
    }
    return PCT_OK;
}

static pct_status gather(const pct_life *life, const pct_life_asked *asked, size_t count, together *t,
                         pct_error *error) {
    t->rounds = pct_arena_alloc(&t->arena, count, sizeof *t->rounds);
    t->rests = pct_arena_alloc(&t->arena, count, sizeof *t->rests);
    if (!t->rounds || !t->rests) return pct_error_memory(error, count * sizeof *t->rests);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        pct_text stops, moved;
        if (!rest_texts(&asked[i], &stops, &moved)) continue;
        t->rounds[t->count] = pct_life_find_round(life, asked[i].object.seq);
        status = read_rest(stops, moved, &t->arena, &t->rests[t->count], error);
        t->count++;
    }
    return status;
}

pct_status pct_life_may_all(const pct_life *life, const pct_life_asked *asked, size_t count, int64_t now_ms,
                            pct_error *error) {
    together t = {.arena = pct_arena_init(arena_max)};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = pct_life_may(life, asked[i].type, asked[i].object, asked[i].data, now_ms, error);
    if (!status) status = gather(life, asked, count, &t, error);
    if (!status) status = check_pairs(&t, error);
    pct_arena_dispose(&t.arena);
    return status;
}
