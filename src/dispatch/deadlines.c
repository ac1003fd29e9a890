/* Reminders: each open order has at most one running clock, so the queue holds each order at most once. A binary heap in
 * which orders know their place: change O(log n), earliest O(1). Equal times leave in order of id. */
#include "dispatch/board_state.h"

#define NOWHERE UINT32_MAX

static pct_order *order_of(const pct_board *board, uint32_t slot) {
    return (pct_order *)board->slabs[PCT_SLAB_ORDERS].items.items + slot;
}

static bool before(const pct_order *a, const pct_order *b) {
    return a->deadline_ms != b->deadline_ms ? a->deadline_ms < b->deadline_ms : a->id.seq < b->id.seq;
}

static void put(pct_board *board, uint32_t place, uint32_t slot) {
    board->deadlines.slots[place] = slot;
    order_of(board, slot)->deadline_at = place;
}

static void rise(pct_board *board, uint32_t place) {
    const uint32_t *slots = board->deadlines.slots;
    uint32_t slot = slots[place];
    while (place > 0 && before(order_of(board, slot), order_of(board, slots[(place - 1) / 2]))) {
        put(board, place, slots[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(board, place, slot);
}

static void sink(pct_board *board, uint32_t place) {
    const uint32_t *slots = board->deadlines.slots;
    uint32_t slot = slots[place], length = board->deadlines.length;
    for (uint32_t child; (child = 2 * place + 1) < length; place = child) {
        if (child + 1 < length && before(order_of(board, slots[child + 1]), order_of(board, slots[child])))
            child++;
        if (!before(order_of(board, slots[child]), order_of(board, slot))) break;
        put(board, place, slots[child]);
    }
    put(board, place, slot);
}

static void leave(pct_board *board, pct_order *order) {
    uint32_t place = order->deadline_at, last = board->deadlines.slots[--board->deadlines.length];
    order->deadline_at = NOWHERE;
    if (place == board->deadlines.length) return;
    put(board, place, last);
    rise(board, place);
    sink(board, order_of(board, last)->deadline_at);
}

pct_status pct_deadlines_reserve(pct_board *board, uint32_t open_orders) {
    pct_deadline_queue *queue = &board->deadlines;
    if (open_orders <= queue->capacity) return PCT_OK;
    uint32_t capacity = queue->capacity ? queue->capacity * 2 : 64;
    if (capacity < open_orders) capacity = open_orders;
    uint32_t *slots = pct_realloc(queue->slots, capacity, sizeof *slots);
    if (!slots) return PCT_MEMORY;
    queue->slots = slots;
    queue->capacity = capacity;
    return PCT_OK;
}

pct_order_clock pct_deadlines_clock(pct_order_status status) {
    switch (status) {
    case PCT_ORDER_SENT: return PCT_ORDER_CLOCK_ACKNOWLEDGE;
    case PCT_ORDER_ACKNOWLEDGED: return PCT_ORDER_CLOCK_SET_OUT;
    case PCT_ORDER_ON_SCENE: return PCT_ORDER_CLOCK_FEEDBACK;
    default: return PCT_ORDER_CLOCK_NONE;
    }
}

static int64_t due_ms(const pct_board *board, const pct_order *order) {
    const int64_t *spans;
    switch (pct_deadlines_clock(order->status)) {
    case PCT_ORDER_CLOCK_ACKNOWLEDGE: spans = board->settings.acknowledge_ms; break;
    case PCT_ORDER_CLOCK_SET_OUT: spans = board->settings.set_out_ms; break;
    case PCT_ORDER_CLOCK_FEEDBACK: spans = board->settings.feedback_ms; break;
    default: return INT64_MAX;
    }
    if (order->reminders >= PCT_REMINDER_LEVELS || spans[order->reminders] == 0) return INT64_MAX;
    return order->at_ms[order->status] + spans[order->reminders];
}

void pct_deadlines_update(pct_board *board, pct_order *order) {
    pct_deadline_queue *queue = &board->deadlines;
    int64_t due = due_ms(board, order);
    if (order->deadline_at != NOWHERE) leave(board, order);
    order->deadline_ms = due;
    if (due == INT64_MAX || PCT_NEVER(queue->length == queue->capacity)) return;
    uint32_t slot = (uint32_t)(order - (pct_order *)board->slabs[PCT_SLAB_ORDERS].items.items);
    put(board, queue->length++, slot);
    rise(board, queue->length - 1);
}

pct_deadline pct_board_next_deadline(const pct_board *board) {
    const pct_closure *closure = pct_board_first_closure(board);
    const pct_order *order = board->deadlines.length ? order_of(board, board->deadlines.slots[0]) : NULL;
    if (closure && (!order || closure->until_ms <= order->deadline_ms))
        return (pct_deadline){.at_ms = closure->until_ms, .closure = closure->id};
    if (!order) return (pct_deadline){.at_ms = INT64_MAX};
    return (pct_deadline){.at_ms = order->deadline_ms,
                          .order = order->id,
                          .clock = pct_deadlines_clock(order->status),
                          .level = (uint8_t)(order->reminders + 1)};
}

pct_command pct_board_remind_command(pct_deadline deadline) {
    if (deadline.closure.seq)
        return (pct_command){.kind = PCT_COMMAND_LAPSE_CLOSURE,
                             .object = {.kind = 'L', .seq = deadline.closure.seq}};
    pct_command command = {.kind = PCT_COMMAND_REMIND, .object = {.kind = 'O', .seq = deadline.order.seq}};
    command.data.order_reminded.clock = deadline.clock;
    command.data.order_reminded.level = deadline.level;
    return command;
}
