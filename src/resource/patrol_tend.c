/* Rounds that nobody has in hand at the moment: each second the tender looks at all of them and at what the board says of their units.
 *
 *     the unit has an open order                         → the round is left
 *     it has none any more, and the round was left       → the rest is planned anew, and the round resumed: with its neighbours'
 *                                                          (patrol_takeover.c), or alone where that cannot be
 *     all is served and it is back, half an hour beyond its shift, or left at the shift's end → it has ended
 *
 * It looks at states, not at what has changed: nothing is lost when the service was off meanwhile.
 *
 * The rest, planned alone: what is open stays in its order and is driven from where the unit is, nothing before its time; while that does not
 * end in time, the last stop that is no must is left out, then the last must. O(stops³) at worst, over one table of travel. */
#include <string.h>

#include "base/text.h"
#include "clock/time.h"
#include "resource/patrol_book_state.h"
#include "resource/ways.h"

enum { LOOK_MS = 500, GRACE_MS = 1800000, STOPS_TEXT_MAX = 49152 };

typedef struct rest_plan {
    pct_life_stop *stops; /* open ones; [count] */
    size_t count;
    const uint32_t *
        times_ms; /* rows: the unit, then leaving each stop; columns: coming to each stop, then the end post */
    int64_t now_ms, until_ms, back_ms; /* back: what was laid comes to */
} rest_plan;

/* --- the rest ------------------------------------------------------------------------------------------------------------- */

static uint32_t travel_ms(const rest_plan *p, size_t from, size_t to) {
    return p->times_ms[from * (p->count + 1) + to];
}

/* Times of what is not left out; false when it does not end in time, or no way leads there. */
static bool lay(rest_plan *p) {
    int64_t at_ms = p->now_ms;
    size_t from = 0;
    for (size_t i = 0; i < p->count; i++) {
        pct_life_stop *s = &p->stops[i];
        if (s->left) continue;
        uint32_t way_ms = travel_ms(p, from, i);
        int64_t dwell_ms = s->end_ms - s->start_ms;
        if (way_ms == PCT_UNREACHABLE_MS) return false;
        s->travel_ms = way_ms;
        s->arrive_ms = at_ms + way_ms;
        s->start_ms = s->arrive_ms > s->start_ms ? s->arrive_ms : s->start_ms;
        s->end_ms = s->start_ms + dwell_ms;
        at_ms = s->end_ms;
        from = i + 1;
    }
    uint32_t home_ms = travel_ms(p, from, p->count);
    if (home_ms == PCT_UNREACHABLE_MS) return false;
    p->back_ms = at_ms + home_ms;
    return p->back_ms <= p->until_ms;
}

static bool leave_one(const rest_plan *p) {
    for (int must = 0; must <= 1; must++)
        for (size_t i = p->count; i > 0; i--)
            if (!p->stops[i - 1].left && p->stops[i - 1].must == must) return p->stops[i - 1].left = true;
    return false;
}

static bool settle(rest_plan *p, pct_life_stop *as_planned) {
    memcpy(as_planned, p->stops, p->count * sizeof *as_planned);
    while (!lay(p)) {
        if (!leave_one(p)) return false;
        for (size_t i = 0; i < p->count; i++) { /* times begin again from the plan's */
            bool left = p->stops[i].left;
            p->stops[i] = as_planned[i];
            p->stops[i].left = left;
        }
    }
    return true;
}

static pct_status sit(pct_service *service, pct_seat **out, pct_error *error) {
    pct_status status = pct_ways_sit(service->ways, PCT_PROFILE_PATROL, out, error);
    return status == PCT_NOT_FOUND ? pct_ways_sit(service->ways, PCT_PROFILE_RESPONSE, out, error) : status;
}

static pct_status times_of(pct_service *service, const pct_life_round *r, pct_position from, rest_plan *p,
                           pct_arena *arena, pct_error *error) {
    pct_seat *seat;
    size_t cells = (p->count + 1) * (p->count + 1);
    uint32_t *times_ms = pct_arena_alloc(arena, cells, sizeof *times_ms);
    if (!times_ms) return pct_error_memory(error, cells * sizeof *times_ms);
    pct_status status = sit(service, &seat, error);
    if (status) return status;
    pct_placed_clear(&seat->sources);
    pct_placed_clear(&seat->targets);
    status = pct_seat_place(seat, from, &seat->sources, error);
    for (size_t i = 0; i < p->count && !status; i++) {
        status = pct_seat_place(seat, p->stops[i].to, &seat->sources, error);
        if (!status) status = pct_seat_place(seat, p->stops[i].from, &seat->targets, error);
    }
    if (!status) status = pct_seat_place(seat, r->end, &seat->targets, error);
    if (!status)
        status = pct_router_table(seat->router, seat->sources.points.items, seat->sources.points.length,
                                  seat->targets.points.items, seat->targets.points.length, times_ms, error);
    p->times_ms = times_ms;
    pct_ways_rise(service->ways, seat);
    return status;
}

static bool is_open(const pct_life_stop *s) {
    return !pct_life_stop_is_served(s) && pct_life_stop_is_in(s);
}

/* A unit that nobody knows the place of is taken to be where it was to be next. */
static pct_position place_of(pct_service *service, const pct_life_round *r) {
    pct_fix fix;
    const pct_life_stop *next = pct_life_round_next(r);
    if (pct_desk_fix_of(service->desk, r->unit, &fix)) return fix.position;
    return next ? next->from : r->start;
}

/* With the book held: its stops, in the arena. */
static pct_status plan_rest(pct_patrol_book *book, const pct_life_round *r, pct_arena *arena, rest_plan *p,
                            pct_error *error) {
    p->stops = pct_arena_alloc(arena, r->stop_count + 1, sizeof *p->stops);
    pct_life_stop *as_planned = pct_arena_alloc(arena, r->stop_count + 1, sizeof *as_planned);
    if (!p->stops || !as_planned) return pct_error_memory(error, r->stop_count * sizeof *p->stops);
    p->now_ms = pct_service_now_ms(book->service);
    p->until_ms = r->until_ms;
    for (size_t i = 0; i < r->stop_count; i++)
        if (is_open(&r->stops[i])) p->stops[p->count++] = r->stops[i];
    p->back_ms = p->now_ms;
    if (p->count == 0) return PCT_OK;
    pct_status status = times_of(book->service, r, place_of(book->service, r), p, arena, error);
    /* Off the roads, or too late even to come home: nothing of it can be kept. */
    bool kept = !status && settle(p, as_planned);
    for (size_t i = 0; i < p->count && !kept; i++) p->stops[i].left = true;
    return status == PCT_NOT_FOUND || status == PCT_UNREACHABLE ? PCT_OK : status;
}

static pct_status rest_text(rest_plan *p, pct_arena *arena, pct_text *out, pct_error *error) {
    pct_buffer text = pct_buffer_init(STOPS_TEXT_MAX);
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++)
        if (!p->stops[i].left) p->stops[kept++] = p->stops[i];
    pct_life_stops_write(p->stops, kept, &text);
    pct_status status = pct_buffer_status(&text, error);
    out->chars = status ? NULL : pct_arena_text(arena, (const char *)text.bytes, text.length);
    out->length = text.length;
    pct_buffer_dispose(&text);
    return status || out->chars ? status : pct_error_memory(error, STOPS_TEXT_MAX);
}

/* --- tending ---------------------------------------------------------------------------------------------------------------- */

static pct_status act(pct_patrol_book *book, pct_command_kind kind, pct_round_id round, pct_event_data data,
                      int64_t cause, pct_error *error) {
    pct_desk_reply reply;
    const pct_patrol_act act = {
        .command = {.kind = kind, .object = {.kind = 'R', .seq = round.seq}, .data = data},
        .account = pct_text_of("system"),
        .role = PCT_ROLE_SYSTEM,
        .cause = cause};
    return pct_patrol_commit(book, &act, &reply, error);
}

static pct_status resume_alone(pct_patrol_book *book, pct_round_id id, pct_error *error) {
    pct_arena arena = pct_arena_init(16 << 20);
    rest_plan p = {0};
    pct_event_data data;
    pct_status status = PCT_OK;
    memset(&data, 0, sizeof data);
    const pct_life_round *r = pct_life_round_of(pct_patrol_hold(book), id);
    int64_t cause = r ? r->order.seq : 0;
    if (r) status = plan_rest(book, r, &arena, &p, error);
    data.round_resumed.back = p.back_ms;
    pct_patrol_let_go(book);
    if (r && !status) status = rest_text(&p, &arena, &data.round_resumed.stops, error);
    data.round_resumed.laid = PCT_REST_LAID_ALONE;
    if (r && !status) status = act(book, PCT_COMMAND_RESUME_ROUND, id, data, cause, error);
    pct_arena_dispose(&arena);
    return status;
}

typedef enum what_to_do { NOTHING, LEAVE, RESUME, END } what_to_do;

static what_to_do due(const pct_life_round *r, const pct_desk_unit *unit, int64_t now_ms) {
    bool away = unit && unit->unit.order.seq != 0;
    if (now_ms < r->leave_ms) return NOTHING;
    bool done = pct_life_round_going(r, now_ms) == PCT_LIFE_DONE && now_ms >= r->back_ms;
    if (done || (now_ms >= r->until_ms && (r->left_ms || now_ms >= r->until_ms + GRACE_MS))) return END;
    if (away && !r->left_ms) return now_ms < r->until_ms ? LEAVE : NOTHING;
    return !away && r->left_ms ? RESUME : NOTHING;
}

/* The first round with something to do, with what. */
static what_to_do find_due(pct_patrol_book *book, size_t *from, pct_round_id *id, pct_order_id *order) {
    what_to_do what = NOTHING;
    const pct_snapshot *snapshot = pct_desk_snapshot(book->service->desk);
    const pct_life *life = pct_patrol_hold(book);
    const pct_life_round *r;
    int64_t now_ms = pct_service_now_ms(book->service);
    for (; what == NOTHING && (r = pct_life_round_at(life, *from)) != NULL; ++*from) {
        if (r->ended_ms || !pct_life_round_counts(life, r)) continue;
        const pct_desk_unit *unit = pct_snapshot_unit(snapshot, r->unit);
        what = due(r, unit, now_ms);
        *id = r->id;
        *order = unit ? unit->unit.order : (pct_order_id){0};
    }
    pct_patrol_let_go(book);
    pct_snapshot_release(snapshot);
    return what;
}

void pct_patrol_tend_once(pct_patrol_book *book) {
    size_t from = 0;
    pct_round_id id;
    pct_order_id order;
    pct_error why;
    for (what_to_do what; (what = find_due(book, &from, &id, &order)) != NOTHING;) {
        pct_event_data data;
        memset(&data, 0, sizeof data);
        if (pct_rest_is_ending(&book->tending)) return;
        data.round_left.order = order;
        if (what == RESUME && pct_patrol_take_over(book, id, &why))
            (void)!resume_alone(book, id, &why);
        else if (what == RESUME)
            continue;
        else if (what == LEAVE)
            (void)!act(book, PCT_COMMAND_LEAVE_ROUND, id, data, order.seq, &why);
        else
            (void)!act(book, PCT_COMMAND_END_ROUND, id, (pct_event_data){0}, 0, &why);
    }
}

void *pct_patrol_tend(void *context) {
    pct_patrol_book *book = context;
    pct_rest_yield();
    while (pct_rest_for(&book->tending, LOOK_MS * PCT_NS_PER_MS)) pct_patrol_tend_once(book);
    return NULL;
}
