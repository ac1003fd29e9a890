/* A unit that was at a call goes on with its round, and its neighbours with theirs: planned anew together (patrol/takeover.h) from what the book and
 * the board say, without holding either, and told in one decision. Has a round moved on meanwhile — a stop was served, a unit was called
 * away —, the decision is refused as a whole, and all is planned again from how it is then. */
#include <string.h>

#include "base/text.h"
#include "patrol/lowered_road.h"
#include "patrol/takeover.h"
#include "resource/patrol_book_state.h"
#include "resource/ways.h"

enum { TRIES = 4, STOPS_TEXT_MAX = 49152, MOVED_TEXT_MAX = 16384, FIX_MINUTES = 15 };
static const size_t arena_max = (size_t)64 << 20;
static const double detour = 1.3; /* of who walks or cycles, over the straight way */

typedef struct taking_over {
    pct_patrol_book *book;
    pct_arena arena;
    pct_takeover_round *rounds;
    size_t count, caller;
    pct_order_id order;
    const pct_takeover_change *changes;
    size_t change_count;
    int64_t now_ms;
} taking_over;

/* --- how it is now ------------------------------------------------------------------------------------------------------------ */

/* Texts are the life's: they hold as long as the round, and rounds are forgotten at a start alone. */
static pct_status copy_round(taking_over *t, const pct_life_round *r, pct_error *error) {
    pct_life_round *copy = pct_arena_alloc(&t->arena, 1, sizeof *copy);
    pct_life_stop *stops = pct_arena_alloc(&t->arena, r->stop_count + 1, sizeof *stops);
    if (!copy || !stops) return pct_error_memory(error, r->stop_count * sizeof *stops);
    *copy = *r;
    memcpy(stops, r->stops, r->stop_count * sizeof *stops);
    copy->stops = stops;
    t->rounds[t->count++] = (pct_takeover_round){copy, false, -1};
    return PCT_OK;
}

static pct_status copy_rounds(taking_over *t, pct_round_id id, pct_error *error) {
    const pct_life *life = pct_patrol_hold(t->book);
    const pct_life_round *left = pct_life_round_of(life, id), *r;
    size_t most = 0;
    pct_status status = PCT_OK;
    while (pct_life_round_at(life, most)) most++;
    t->rounds = pct_arena_alloc(&t->arena, most + 1, sizeof *t->rounds);
    if (!t->rounds) status = pct_error_memory(error, most * sizeof *t->rounds);
    if (!status && (!left || !left->left_ms || left->ended_ms))
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LIFE_ROUND_NOT_LEFT, pct_int(id.seq));
    for (size_t i = 0; !status && (r = pct_life_round_at(life, i)) != NULL; i++) {
        if (r->plan.seq != left->plan.seq || !pct_life_round_counts(life, r)) continue;
        if (r == left) t->caller = t->count, t->order = r->order;
        status = copy_round(t, r, error);
    }
    pct_patrol_let_go(t->book);
    return status;
}

/* Who is away, or not on duty when it should be, takes nothing over. */
static bool drives(const taking_over *t, const pct_life_round *r, const pct_snapshot *snapshot) {
    const pct_desk_unit *u = pct_snapshot_unit(snapshot, r->unit);
    if (r->ended_ms || t->now_ms >= r->until_ms || !u || u->unit.order.seq ||
        u->unit.status == PCT_UNIT_UNAVAILABLE)
        return false;
    if (r->id.seq == t->rounds[t->caller].round->id.seq) return true;
    return !r->left_ms && (u->unit.status != PCT_UNIT_OFF_DUTY || t->now_ms < r->leave_ms);
}

static bool place_of(const taking_over *t, pct_seat *seat, pct_unit_id unit, pct_road_point *out) {
    pct_fix fix;
    double distance_m;
    return pct_desk_fix_of(t->book->service->desk, unit, &fix) &&
           t->now_ms - fix.received_at_ms < FIX_MINUTES * INT64_C(60000) &&
           pct_road_snap(seat->open, fix.position, PCT_WAYS_SNAP_MAX_M, out, &distance_m, NULL) == PCT_OK;
}

/* How far each unit that drives still has to its next stop. */
static void find_ways(taking_over *t, pct_seat *seat) {
    for (size_t i = 0; i < t->count; i++) {
        const pct_life_round *r = t->rounds[i].round;
        const pct_life_stop *next = pct_life_round_next(r);
        pct_road_point from, to;
        double distance_m;
        if (i == t->caller || !t->rounds[i].drives || !next || next->moves != PCT_DUTY_DRIVE ||
            t->now_ms < r->leave_ms || !place_of(t, seat, r->unit, &from) ||
            pct_road_snap(seat->open, next->from, PCT_DUTY_SNAP_MAX_M, &to, &distance_m, NULL))
            continue;
        uint32_t ms = pct_router_time_ms(seat->router, from, to);
        if (ms != PCT_UNREACHABLE_MS) t->rounds[i].there_ms = ms;
    }
}

static pct_duty_moves moves_of(const pct_lowered *l, pct_text unit) {
    for (size_t i = 0; i < l->duty->unit_count; i++)
        if (pct_text_same(l->duty->units[i].id, unit)) return l->duty->units[i].moves;
    return PCT_DUTY_DRIVE;
}

/* From where the unit is to each place of its world; where that is not known, from where it was to be next. */
static pct_status find_away(taking_over *t, const pct_lowered *l, pct_seat *seat, const int32_t **out,
                            pct_error *error) {
    const pct_life_round *r = t->rounds[t->caller].round;
    const pct_life_stop *next = pct_life_round_next(r);
    size_t places = (size_t)l->problem.place_count;
    pct_duty_moves moves = moves_of(l, r->name);
    pct_position at = next ? next->from : r->start;
    pct_fix fix;
    int32_t *away_ms = pct_arena_alloc(&t->arena, places, sizeof *away_ms);
    uint32_t *times_ms = pct_arena_alloc(&t->arena, places, sizeof *times_ms);
    if (!away_ms || !times_ms) return pct_error_memory(error, places * sizeof *times_ms);
    if (pct_desk_fix_of(t->book->service->desk, r->unit, &fix)) at = fix.position;
    pct_placed_clear(&seat->sources);
    pct_status status = moves == PCT_DUTY_DRIVE ? pct_seat_place(seat, at, &seat->sources, error) : PCT_OK;
    if (status) return status;
    if (moves == PCT_DUTY_DRIVE)
        pct_router_times_from(seat->router, *(pct_road_point *)seat->sources.points.items, l->points, places,
                              times_ms);
    for (size_t i = 0; i < places; i++) {
        int64_t ms = moves == PCT_DUTY_DRIVE
                         ? times_ms[i]
                         : pct_duty_pace_ms(moves, detour * pct_geo_distance_m(at, l->positions[i]));
        away_ms[i] = l->moves[i] == moves && ms < PCT_DUTY_NO_WAY_MS ? (int32_t)ms : PCT_DUTY_NO_WAY_MS;
    }
    *out = away_ms;
    return PCT_OK;
}

static pct_status sit(pct_service *service, pct_seat **out, pct_error *error) {
    pct_status status = pct_ways_sit(service->ways, PCT_PROFILE_PATROL, out, error);
    return status == PCT_NOT_FOUND ? pct_ways_sit(service->ways, PCT_PROFILE_RESPONSE, out, error) : status;
}

static pct_status look(taking_over *t, const pct_lowered *l, const int32_t **away_ms, pct_error *error) {
    pct_seat *seat;
    pct_status status = sit(t->book->service, &seat, error);
    if (status) return status;
    const pct_snapshot *snapshot = pct_desk_snapshot(t->book->service->desk);
    for (size_t i = 0; i < t->count; i++) t->rounds[i].drives = drives(t, t->rounds[i].round, snapshot);
    pct_snapshot_release(snapshot);
    find_ways(t, seat);
    status = find_away(t, l, seat, away_ms, error);
    pct_ways_rise(t->book->service->ways, seat);
    return status;
}

/* PCT_NOT_FOUND: there is no problem to plan on. */
static pct_status plan(taking_over *t, pct_error *error) {
    pct_plan_id of = t->rounds[t->caller].round->plan;
    pct_takeover_change *changes = NULL;
    const int32_t *away_ms = NULL;
    const pct_lowered *l = pct_patrol_keeper_hold(t->book->keeper, of);
    pct_status status = l ? look(t, l, &away_ms, error)
                          : PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_PLAN, pct_int(of.seq));
    if (!status) {
        const pct_takeover_call call = {.rounds = t->rounds,
                                        .count = t->count,
                                        .caller = t->caller,
                                        .now_ms = t->now_ms,
                                        .away_ms = away_ms,
                                        .neighbours = PCT_TAKEOVER_NEIGHBOURS,
                                        .seed = (uint64_t)t->order.seq,
                                        .iterations = PCT_TAKEOVER_ITERATIONS};
        status = pct_takeover_plan(l, &call, &t->arena, &changes, &t->change_count, error);
    }
    pct_patrol_keeper_let_go(t->book->keeper);
    t->changes = changes;
    return status;
}

/* --- telling it ---------------------------------------------------------------------------------------------------------------- */

static pct_status keep(taking_over *t, pct_buffer *text, pct_text *out, pct_error *error) {
    pct_status status = pct_buffer_status(text, error);
    char *copy = status ? NULL : pct_arena_text(&t->arena, (const char *)text->bytes, text->length);
    *out = (pct_text){copy, text->length};
    pct_buffer_dispose(text);
    return status || copy ? status : pct_error_memory(error, STOPS_TEXT_MAX);
}

static pct_status write_texts(taking_over *t, const pct_takeover_change *c, pct_text *stops, pct_text *moved,
                              pct_error *error) {
    pct_buffer text = pct_buffer_init(STOPS_TEXT_MAX), moves = pct_buffer_init(MOVED_TEXT_MAX);
    pct_life_stops_write(c->stops, c->stop_count, &text);
    if (c->move_count) pct_life_moves_write(c->moves, c->move_count, &moves);
    pct_status status = keep(t, &text, stops, error), second = keep(t, &moves, moved, error);
    return status ? status : second;
}

static pct_status command_of(taking_over *t, const pct_takeover_change *c, pct_command *out,
                             pct_error *error) {
    const pct_life_round *r = t->rounds[c->round].round, *left = t->rounds[t->caller].round;
    pct_text stops, moved;
    pct_status status = write_texts(t, c, &stops, &moved, error);
    *out = (pct_command){.kind = r == left ? PCT_COMMAND_RESUME_ROUND : PCT_COMMAND_CHANGE_ROUND,
                         .object = {.kind = 'R', .seq = r->id.seq}};
    if (r == left)
        out->data.round_resumed = (pct_event_round_resumed){.back = c->back_ms,
                                                            .stops = stops,
                                                            .moved = moved,
                                                            .after = r->seq,
                                                            .has_after = true,
                                                            .laid = PCT_REST_LAID_TOGETHER};
    else
        out->data.round_changed = (pct_event_round_changed){.order = t->order,
                                                            .round = left->id,
                                                            .after = r->seq,
                                                            .back = c->back_ms,
                                                            .leave = c->leave_ms,
                                                            .has_leave = c->leave_ms != 0,
                                                            .stops = stops,
                                                            .moved = moved};
    return status;
}

static pct_status tell(taking_over *t, pct_error *error) {
    pct_command commands[PCT_DESK_ALSO_MAX + 1];
    pct_desk_reply reply;
    pct_status status = PCT_OK;
    if (t->change_count > PCT_DESK_ALSO_MAX + 1)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_PLAN, pct_int(0));
    for (size_t i = 0; i < t->change_count && !status; i++)
        status = command_of(t, &t->changes[i], &commands[i], error);
    if (status) return status;
    const pct_patrol_act act = {.command = commands[0],
                                .also = commands + 1,
                                .also_count = t->change_count - 1,
                                .account = pct_text_of("system"),
                                .role = PCT_ROLE_SYSTEM,
                                .cause = t->order.seq};
    return pct_patrol_commit(t->book, &act, &reply, error);
}

static pct_status attempt(pct_patrol_book *book, pct_round_id id, pct_error *error) {
    taking_over t = {
        .book = book, .arena = pct_arena_init(arena_max), .now_ms = pct_service_now_ms(book->service)};
    pct_status status = copy_rounds(&t, id, error);
    if (!status) status = plan(&t, error);
    if (!status) status = tell(&t, error);
    pct_arena_dispose(&t.arena);
    return status;
}

pct_status pct_patrol_take_over(pct_patrol_book *book, pct_round_id id, pct_error *error) {
    pct_status status = PCT_REFUSED;
    for (int i = 0; i < TRIES && status == PCT_REFUSED && !pct_rest_is_ending(&book->tending); i++)
        status = attempt(book, id, error);
    return status;
}
