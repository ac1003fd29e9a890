/* Closures of roads, whole or down to a speed: an author, a reason from a closed list, an end. Open ones form one chain in order of their end, so
 * that the next one to lapse is its head; there are few of them (PCT_BOARD_CLOSURES_MAX), an insertion walks the chain. */
#include <string.h>

#include "base/digest.h"
#include "clock/time.h"
#include "dispatch/board_state.h"

enum { CORNERS_MIN = 3 };

/* --- commands ---------------------------------------------------------------------------------------------------- */

pct_status pct_closures_may_order(const pct_board *board, const pct_event_closure_ordered *closure,
                                  int64_t now_ms, pct_error *error) {
    bool by_roads =
        closure->roads_count > 0 && closure->area_count == 0 && closure->points_count == closure->roads_count;
    bool by_area = closure->roads_count == 0 && closure->points_count == 0 &&
                   closure->area_count >= CORNERS_MIN && closure->both_ways;
    if (!by_roads && !by_area) return pct_error_set(error, PCT_INPUT, PCT_MSG_BOARD_CLOSURE_WHAT, NULL, 0);
    if (closure->has_speed_kmh != (closure->kind == PCT_CLOSURE_KIND_SLOW))
        return pct_error_set(error, PCT_INPUT, PCT_MSG_BOARD_CLOSURE_SPEED, NULL, 0);
    if (closure->until <= now_ms || closure->until - now_ms > PCT_CLOSURE_LONGEST_MS)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_BOARD_CLOSURE_END,
                        pct_int(PCT_CLOSURE_LONGEST_MS / PCT_DAY_MS));
    if (board->counts.closures[PCT_CLOSURE_OPEN] >= PCT_BOARD_CLOSURES_MAX)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_BOARD_CLOSURES_MANY, pct_int(PCT_BOARD_CLOSURES_MAX));
    return PCT_OK;
}

pct_status pct_closures_may_end(const pct_board *board, int64_t seq, pct_closure_status to, int64_t now_ms,
                                pct_error *error) {
    const pct_closure *closure = pct_board_find_closure(board, seq);
    if (!closure) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_CLOSURE, pct_int(seq));
    if (closure->status != PCT_CLOSURE_OPEN)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_BOARD_CLOSURE_ENDED, pct_int(seq),
                        pct_str(pct_closure_status_code(closure->status)));
    if (to == PCT_CLOSURE_LAPSED && now_ms < closure->until_ms)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_BOARD_CLOSURE_NOT_DUE, pct_int(seq));
    return PCT_OK;
}

/* --- events ------------------------------------------------------------------------------------------------------ */

static void enter_chain(pct_board *board, pct_closure *closure) {
    pct_closure_id *link = &board->first_closure;
    for (pct_closure *c; (c = pct_board_find_closure(board, link->seq)) != NULL; link = &c->next)
        if (c->until_ms > closure->until_ms) break; /* ids grow: equal ends stay in order of id */
    closure->next = *link;
    *link = closure->id;
}

static void leave_chain(pct_board *board, pct_closure *closure) {
    pct_closure_id *link = &board->first_closure;
    for (pct_closure *c; (c = pct_board_find_closure(board, link->seq)) != NULL && c != closure;)
        link = &c->next;
    *link = closure->next;
    closure->next.seq = 0;
}

pct_status pct_closures_ordered(pct_board *board, const pct_event *e) {
    const pct_event_closure_ordered *ordered = &e->data.closure_ordered;
    uint32_t author;
    pct_status status = pct_names_add(&board->authors, e->actor, &author);
    if (status) return status;
    pct_closure *closure = pct_board_add(board, PCT_SLAB_CLOSURES, e->seq);
    if (!closure) return PCT_MEMORY;
    closure->ordered_at_ms = e->occurred_at_ms;
    closure->until_ms = ordered->until;
    closure->author = board->authors.texts[author];
    closure->roads = ordered->roads_count;
    closure->corners = ordered->area_count;
    closure->reason = (uint8_t)ordered->reason;
    closure->both_ways = ordered->both_ways;
    closure->kind = (uint8_t)ordered->kind;
    closure->speed_kmh = (uint8_t)(ordered->has_speed_kmh ? ordered->speed_kmh : 0);
    closure->status = PCT_CLOSURE_OPEN;
    board->counts.closures[PCT_CLOSURE_OPEN]++;
    enter_chain(board, closure);
    return PCT_OK;
}

static pct_status end(pct_board *board, const pct_event *e, pct_closure_status to) {
    pct_closure *closure = pct_board_find_closure(board, e->object.seq);
    if (!closure || closure->status != PCT_CLOSURE_OPEN) return PCT_DAMAGED;
    leave_chain(board, closure);
    board->counts.closures[PCT_CLOSURE_OPEN]--, board->counts.closures[to]++;
    closure->status = (uint8_t)to;
    closure->ended_at_ms = e->occurred_at_ms;
    return PCT_OK;
}

pct_status pct_closures_lifted(pct_board *board, const pct_event *e) {
    pct_status status = end(board, e, PCT_CLOSURE_LIFTED);
    if (!status)
        pct_board_find_closure(board, e->object.seq)->lift_reason = (uint8_t)e->data.closure_lifted.reason;
    return status;
}

pct_status pct_closures_lapsed(pct_board *board, const pct_event *e) {
    return end(board, e, PCT_CLOSURE_LAPSED);
}

/* --- looking and forgetting -------------------------------------------------------------------------------------- */

const pct_closure *pct_board_closure(const pct_board *board, pct_closure_id id) {
    return pct_board_find_closure(board, id.seq);
}

const pct_closure *pct_board_first_closure(const pct_board *board) {
    return pct_board_find_closure(board, board->first_closure.seq);
}

pct_status pct_board_forget_closure(pct_board *board, pct_closure_id id, pct_error *error) {
    const pct_closure *closure = pct_board_find_closure(board, id.seq);
    if (!closure) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_CLOSURE, pct_int(id.seq));
    if (closure->status == PCT_CLOSURE_OPEN)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_BOARD_CLOSURE_LIVE, pct_int(id.seq));
    board->counts.closures[closure->status]--;
    pct_board_drop(board, PCT_SLAB_CLOSURES, id.seq);
    return PCT_OK;
}

size_t pct_board_closure_numbers(const pct_closure *c, int64_t out[PCT_BOARD_NUMBERS_MAX]) {
    const int64_t n[] = {'L',      c->id.seq,   c->ordered_at_ms, c->until_ms, c->ended_at_ms, c->next.seq,
                         c->roads, c->corners,  c->status,        c->reason,   c->lift_reason, c->both_ways,
                         c->kind,  c->speed_kmh};
    memcpy(out, n, sizeof n);
    return sizeof n / sizeof *n;
}

uint64_t pct_closures_digest(const pct_closure *c) {
    int64_t n[PCT_BOARD_NUMBERS_MAX];
    size_t count = pct_board_closure_numbers(c, n);
    n[count++] = (int64_t)pct_digest(c->author.chars, c->author.length);
    return pct_digest(n, count * sizeof *n);
}
