/* Laws of the board, over desks that are driven by a byte source: whatever commands come in whatever order,
 *
 *   every call is waiting (received, linked), served (served, settled) or referred;
 *   a refused command changes nothing;
 *   the same events on an empty board give an equal board, through their canonical bytes too;
 *   a board that was saved and loaded goes on like the one that was saved;
 *   a status changes only along the table;
 *   a unit has at most one open order, and what it is follows from that order;
 *   counts, waiting list and earliest deadline are what counting them all gives;
 *   an event that cannot follow is damage and changes nothing. */
#include "dispatch/board.h"

#include <string.h>

#include "base/rng.h"
#include "support/board.h"
#include "support/codes.h"
#include "support/test.h"

enum { COMMANDS = 1500, SEEDS = 12, IDS_MAX = 4000 };

typedef struct desk {
    pct_rng bytes;
    pct_board *board;
    int64_t now_ms;
    pct_id ids[IDS_MAX]; /* everything ever created */
    size_t id_count;
    pct_event *events; /* with texts that outlive the commands */
    size_t event_count;
    size_t taken, refused;
    uint8_t last_status[IDS_MAX]; /* of ids[i], as last seen */
    char names[12][16];
} desk;

static uint32_t below(desk *d, uint32_t bound) {
    return pct_rng_below(&d->bytes, bound);
}

/* Mostly something of the right kind, at times anything. */
static int64_t draw_id(desk *d, char kind) {
    for (int tries = 0; tries < 20 && d->id_count > 0; tries++) {
        size_t recent = kind != 'U' && d->id_count > 60 && below(d, 4) ? d->id_count - 60 : 0;
        pct_id id = d->ids[recent + below(d, (uint32_t)(d->id_count - recent))];
        if (id.kind == kind) return id.seq;
    }
    return below(d, 50);
}

/* Half of all commands on orders are the next step of some unit's order, so that the walk gets far. */
static void draw_next_step(desk *d, pct_command *c) {
    static const pct_command_kind next[PCT_ORDER_STATUS_COUNT] = {
        PCT_COMMAND_ACKNOWLEDGE, PCT_COMMAND_SET_OUT, PCT_COMMAND_ARRIVE, PCT_COMMAND_REPORT,
        PCT_COMMAND_CLOSE_ORDER};
    const pct_order *order = NULL;
    uint32_t units = pct_board_unit_count(d->board);
    for (int tries = 0; tries < 8 && units && !order; tries++)
        order = pct_board_order(d->board, pct_board_unit_at(d->board, below(d, units))->order);
    if (!order || !below(d, 3)) return;
    c->object.seq = order->id.seq;
    if (c->kind != PCT_COMMAND_DIVERT && c->kind != PCT_COMMAND_CANCEL_ORDER && c->kind != PCT_COMMAND_REMIND)
        c->kind = next[order->status];
}

static void draw_closure(desk *d, pct_event_closure_ordered *closure) {
    static const pct_road_ref roads[] = {{1, 2, 3}, {4, 5, 6}};
    static const pct_position points[] = {{10, 10}, {20, 10}, {20, 20}};
    closure->reason = PCT_CLOSURE_REASON_FLOOD;
    closure->until = d->now_ms + below(d, 600000);
    closure->both_ways = below(d, 4);
    closure->kind = below(d, 3) ? PCT_CLOSURE_KIND_CLOSE : PCT_CLOSURE_KIND_SLOW;
    closure->has_speed_kmh = below(d, 8) ? closure->kind == PCT_CLOSURE_KIND_SLOW : below(d, 2);
    closure->speed_kmh = closure->has_speed_kmh ? 1 + below(d, 120) : 0;
    if (below(d, 2)) {
        closure->area = points, closure->area_count = 2 + below(d, 2);
    } else {
        closure->roads = roads, closure->roads_count = below(d, 3);
        closure->points = points, closure->points_count = closure->roads_count;
    }
}

static pct_command draw_command(desk *d) {
    static const char *const types[] = {"theft", "fire", "noise", "nonsense"};
    static const char *const areas[] = {"", "east", "west"};
    /* Of rights (ADD_ACCOUNT and on) the board knows nothing. */
    pct_command c = test_command((pct_command_kind)below(d, PCT_COMMAND_ADD_ACCOUNT), 0, 0);
    uint32_t what = below(d, 8);
    if (what < 3)
        c.kind = below(d, 6) ? PCT_COMMAND_ACKNOWLEDGE : PCT_COMMAND_DIVERT; /* or the step after it */
    const pct_incident *waiting = pct_board_first_waiting(d->board);
    if (what == 3) c.kind = PCT_COMMAND_SEND_ORDER;
    if (c.kind == PCT_COMMAND_ENROL_UNIT && below(d, 4)) c.kind = PCT_COMMAND_SIGN_ON;
    if ((c.kind == PCT_COMMAND_SIGN_OFF || c.kind == PCT_COMMAND_MAKE_UNAVAILABLE) && below(d, 3))
        c.kind = PCT_COMMAND_SEND_ORDER;
    pct_text type = pct_text_of(types[below(d, 20) ? below(d, 3) : 3]);
    pct_event_data *data = &c.data;
    bool on_order = c.kind >= PCT_COMMAND_DIVERT && c.kind <= PCT_COMMAND_REMIND;
    bool on_closure = c.kind >= PCT_COMMAND_ORDER_CLOSURE,
         on_unit = c.kind >= PCT_COMMAND_SIGN_ON && !on_closure,
         on_call = c.kind == PCT_COMMAND_LINK_CALL || c.kind == PCT_COMMAND_SETTLE_CALL ||
                   c.kind == PCT_COMMAND_LOOK_CALL;
    c.object.kind = on_order ? 'O' : on_unit ? 'U' : on_call ? 'C' : on_closure ? 'L' : 'I';
    c.object.seq = draw_id(d, c.object.kind);
    if (on_order) draw_next_step(d, &c);
    switch (c.kind) {
    case PCT_COMMAND_LOOK_CALL:
    case PCT_COMMAND_LOOK_INCIDENT:
    case PCT_COMMAND_LOOK_ORDER: data->call_looked.for_incident.seq = (int64_t)below(d, 3); break;
    case PCT_COMMAND_RECEIVE_CALL:
        data->call_received.channel = PCT_CHANNEL_APP, data->call_received.type = type;
        data->call_received.priority = 1 + below(d, 4);
        data->call_received.area = pct_text_of(areas[below(d, 3)]);
        break;
    case PCT_COMMAND_LINK_CALL:
        data->call_linked.incident.seq = draw_id(d, 'I'),
        data->call_linked.reason = PCT_LINK_REASON_SAME_EVENT;
        break;
    case PCT_COMMAND_SETTLE_CALL: data->call_settled.reason = PCT_SETTLE_REASON_ADVICE; break;
    case PCT_COMMAND_OPEN_INCIDENT:
        data->incident_opened.call.seq = below(d, 4) ? draw_id(d, 'C') : 0;
        data->incident_opened.type = type, data->incident_opened.priority = 1 + below(d, 4);
        break;
    case PCT_COMMAND_CLASSIFY_INCIDENT:
        data->incident_classified.has_priority = below(d, 2),
        data->incident_classified.priority = 1 + below(d, 4);
        data->incident_classified.found_type = type;
        data->incident_classified.reason = PCT_CLASSIFY_REASON_REVIEW;
        break;
    case PCT_COMMAND_REFER_INCIDENT:
        data->incident_referred.to = PCT_REFERRAL_TARGET_GAS,
        data->incident_referred.reason = PCT_REFERRAL_REASON_SPECIALIST;
        break;
    case PCT_COMMAND_CLOSE_INCIDENT: data->incident_closed.result = PCT_INCIDENT_RESULT_HANDLED; break;
    case PCT_COMMAND_SEND_ORDER:
        data->order_sent.incident.seq = draw_id(d, 'I'), data->order_sent.unit.seq = draw_id(d, 'U');
        break;
    case PCT_COMMAND_DIVERT:
        data->order_diverted.to.seq = waiting && below(d, 2) ? waiting->id.seq : draw_id(d, 'I');
        data->order_diverted.reason = PCT_DIVERT_REASON_MORE_URGENT;
        break;
    case PCT_COMMAND_REPORT: data->order_reported.result = PCT_REPORT_RESULT_HANDLED; break;
    case PCT_COMMAND_CANCEL_ORDER: data->order_cancelled.reason = PCT_CANCEL_REASON_UNIT_FAILED; break;
    case PCT_COMMAND_REMIND:
        if (below(d, 4)) c = pct_board_remind_command(pct_board_next_deadline(d->board));
        break;
    case PCT_COMMAND_ENROL_UNIT:
        data->unit_enrolled.name = pct_text_of(d->names[below(d, 12)]);
        data->unit_enrolled.kind = pct_text_of("car");
        break;
    case PCT_COMMAND_SIGN_ON: data->unit_signed_on.officers = below(d, 3); break;
    case PCT_COMMAND_POSITION_UNIT: data->unit_positioned.at_station = below(d, 2); break;
    case PCT_COMMAND_ORDER_CLOSURE: draw_closure(d, &data->closure_ordered); break;
    case PCT_COMMAND_LIFT_CLOSURE: data->closure_lifted.reason = PCT_CLOSURE_LIFT_CLEARED; break;
    case PCT_COMMAND_LAPSE_CLOSURE:
        if (below(d, 4)) c = pct_board_remind_command(pct_board_next_deadline(d->board));
        break;
    case PCT_COMMAND_MAKE_UNAVAILABLE: data->unit_unavailable.reason = PCT_UNAVAILABLE_REASON_MEAL; break;
    default: break;
    }
    return c;
}

/* --- the laws --------------------------------------------------------------------------------------------------- */

static void check_statuses_follow_the_table(desk *d) {
    for (size_t i = 0; i < d->id_count; i++) {
        int64_t seq = d->ids[i].seq;
        uint8_t from = d->last_status[i], to;
        bool may;
        switch (d->ids[i].kind) {
        case 'C':
            to = pct_board_call(d->board, (pct_call_id){seq})->status, may = pct_call_status_may(from, to);
            break;
        case 'I':
            to = pct_board_incident(d->board, (pct_incident_id){seq})->status,
            may = pct_incident_status_may(from, to);
            break;
        case 'O':
            to = pct_board_order(d->board, (pct_order_id){seq})->status, may = pct_order_status_may(from, to);
            break;
        case 'L':
            to = pct_board_closure(d->board, (pct_closure_id){seq})->status;
            may = from == to || (from == PCT_CLOSURE_OPEN && to <= PCT_CLOSURE_LAPSED);
            break;
        case 'U':
            to = pct_board_unit(d->board, (pct_unit_id){seq})->status, may = pct_unit_status_may(from, to);
            break;
        default: continue; /* of rights the board knows nothing */
        }
        ck_assert_msg(may, "%c%d went from %d to %d", d->ids[i].kind, (int)seq, from, to);
        d->last_status[i] = to;
    }
}

static pct_unit_status status_under(const pct_order *order) {
    switch (order->status) {
    case PCT_ORDER_SENT:
    case PCT_ORDER_ACKNOWLEDGED: return PCT_UNIT_DISPATCHED;
    case PCT_ORDER_SET_OUT: return PCT_UNIT_EN_ROUTE;
    default: return PCT_UNIT_ON_SCENE;
    }
}

/* The chain of open closures holds each of them once, in order of its end; the time of the first. */
static int64_t check_closures(const desk *d) {
    size_t open = 0, chained = 0;
    const pct_closure *first = pct_board_first_closure(d->board), *last = NULL;
    for (size_t i = 0; i < d->id_count; i++)
        open += d->ids[i].kind == 'L' &&
                pct_board_closure(d->board, (pct_closure_id){d->ids[i].seq})->status == PCT_CLOSURE_OPEN;
    for (const pct_closure *c = first; c; c = pct_board_closure(d->board, c->next)) {
        ck_assert_int_eq(c->status, PCT_CLOSURE_OPEN);
        ck_assert(!last || last->until_ms < c->until_ms ||
                  (last->until_ms == c->until_ms && last->id.seq < c->id.seq));
        last = c;
        chained++;
        ck_assert_uint_le(chained, open);
    }
    ck_assert_uint_eq(chained, open);
    ck_assert_uint_eq(pct_board_counts_view(d->board)->closures[PCT_CLOSURE_OPEN], open);
    return first ? first->until_ms : INT64_MAX;
}

static void check_orders(const desk *d) {
    size_t open = 0, of_units = 0, open_of_incidents = 0;
    int64_t earliest = check_closures(d);
    for (size_t i = 0; i < d->id_count; i++) {
        if (d->ids[i].kind != 'O') continue;
        const pct_order *order = pct_board_order(d->board, (pct_order_id){d->ids[i].seq});
        if (order->deadline_ms < earliest) earliest = order->deadline_ms;
        if (order->status >= PCT_ORDER_CLOSED) continue;
        const pct_unit *unit = pct_board_unit(d->board, order->unit);
        open++;
        ck_assert_int_eq(unit->order.seq, order->id.seq); /* so no other order of this unit is open */
        ck_assert_int_eq(unit->status, status_under(order));
        ck_assert_uint_ge(unit->officers, 1);
    }
    for (size_t i = 0; i < d->id_count; i++) {
        if (d->ids[i].kind == 'U')
            of_units += pct_board_unit(d->board, (pct_unit_id){d->ids[i].seq})->order.seq != 0;
        if (d->ids[i].kind == 'I')
            open_of_incidents += pct_board_incident(d->board, (pct_incident_id){d->ids[i].seq})->open_orders;
    }
    ck_assert_uint_eq(of_units, open);
    ck_assert_uint_eq(open_of_incidents, open);
    ck_assert_int_eq(pct_board_next_deadline(d->board).at_ms, earliest);
}

static void check_calls_and_waiting(const desk *d) {
    const pct_board_counts *counts = pct_board_counts_view(d->board);
    size_t calls = 0, waiting = 0, listed = 0;
    for (size_t i = 0; i < d->id_count; i++) {
        int64_t seq = d->ids[i].seq;
        if (d->ids[i].kind == 'I')
            waiting += pct_board_incident(d->board, (pct_incident_id){seq})->status == PCT_INCIDENT_WAITING;
        if (d->ids[i].kind != 'C') continue;
        const pct_call *call = pct_board_call(d->board, (pct_call_id){seq});
        const pct_incident *incident = pct_board_incident(d->board, call->incident);
        bool served = call->status == PCT_CALL_SERVED || call->status == PCT_CALL_SETTLED;
        bool open = call->status == PCT_CALL_RECEIVED || call->status == PCT_CALL_LINKED;
        ck_assert_int_eq(served + open + (call->status == PCT_CALL_REFERRED), 1);
        calls++;
        if (!incident) continue;
        ck_assert_int_eq(call->status, incident->status == PCT_INCIDENT_CLOSED     ? PCT_CALL_SERVED
                                       : incident->status == PCT_INCIDENT_REFERRED ? PCT_CALL_REFERRED
                                                                                   : PCT_CALL_LINKED);
    }
    uint32_t counted = 0;
    for (int s = 0; s < PCT_CALL_STATUS_COUNT; s++) counted += counts->calls[s];
    ck_assert_uint_eq(counted, calls);
    ck_assert_uint_eq(counts->incidents[PCT_INCIDENT_WAITING], waiting);
    const pct_incident *before = NULL, *at = pct_board_first_waiting(d->board);
    for (; at; before = at, at = pct_board_next_waiting(d->board, at), listed++) {
        ck_assert_int_eq(at->status, PCT_INCIDENT_WAITING);
        if (before)
            ck_assert(before->priority < at->priority ||
                      (before->priority == at->priority && before->id.seq < at->id.seq));
    }
    ck_assert_uint_eq(listed, waiting);
}

static void note_created(desk *d, const pct_event *event) {
    if (!pct_event_type_table[event->type].creates) return;
    d->ids[d->id_count] = event->object;
    d->last_status[d->id_count++] = 0; /* the first status of each kind */
}

/* --- saving ----------------------------------------------------------------------------------------------------- */

static pct_text saved(const pct_board *board, pct_buffer *bytes) {
    pct_error error;
    pct_buffer_clear(bytes);
    test_ok(pct_board_save(board, bytes, &error), &error);
    return (pct_text){(const char *)bytes->bytes, bytes->length};
}

/* Both decide the same of whatever comes next. */
static void check_same_decisions(desk *d, const pct_board *other) {
    pct_buffer bytes = pct_buffer_init(PCT_EVENT_BYTES_MAX), others = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    pct_error error, why;
    for (int n = 0; n < 20; n++) {
        pct_command command = draw_command(d);
        pct_command_context context = test_context(d->now_ms + below(d, 30000));
        pct_decision decision, theirs;
        pct_status status = pct_board_decide(d->board, &command, &context, &decision, &error);
        ck_assert_int_eq(pct_board_decide(other, &command, &context, &theirs, &why), status);
        if (status) ck_assert_int_eq(error.message, why.message);
        ck_assert_uint_eq(decision.count, theirs.count);
        for (size_t i = 0; i < decision.count; i++) {
            pct_buffer_clear(&bytes), pct_buffer_clear(&others);
            test_ok(pct_event_encode(&decision.events[i], &bytes, &error), &error);
            test_ok(pct_event_encode(&theirs.events[i], &others, &error), &error);
            ck_assert_uint_eq(bytes.length, others.length);
            ck_assert_mem_eq(bytes.bytes, others.bytes, bytes.length);
        }
    }
    pct_deadline due = pct_board_next_deadline(d->board), others_due = pct_board_next_deadline(other);
    ck_assert_int_eq(due.at_ms, others_due.at_ms);
    ck_assert_int_eq(due.order.seq, others_due.order.seq);
    pct_buffer_dispose(&bytes), pct_buffer_dispose(&others);
}

/* The loaded board takes the place of the one that was saved. */
static void save_and_load(desk *d) {
    pct_buffer bytes = pct_buffer_init(1 << 24);
    pct_board *loaded;
    pct_error error;
    test_ok(pct_board_load(pct_board_codes(d->board), NULL, saved(d->board, &bytes), &loaded, &error),
            &error);
    ck_assert_uint_eq(pct_board_digest(loaded), pct_board_digest(d->board));
    ck_assert_mem_eq(pct_board_counts_view(loaded), pct_board_counts_view(d->board),
                     sizeof(pct_board_counts));
    check_same_decisions(d, loaded);
    pct_board_free(d->board);
    d->board = loaded;
    pct_buffer_dispose(&bytes);
}

/* Half of what has ended is forgotten, so that places of records are used again. */
static void forget_some(desk *d) {
    for (size_t i = 0; i < d->id_count; i += 2) {
        if (d->ids[i].kind == 'I') (void)!pct_board_forget(d->board, (pct_incident_id){d->ids[i].seq}, NULL);
        if (d->ids[i].kind == 'C') (void)!pct_board_forget_call(d->board, (pct_call_id){d->ids[i].seq}, NULL);
    }
}

static void drive(desk *d) {
    pct_error error;
    for (int n = 0; n < COMMANDS; n++) {
        pct_command command = draw_command(d);
        pct_command_context context = test_context(d->now_ms += below(d, 30000));
        if (below(d, 3)) context.purpose = pct_text_of("ring back");
        pct_decision decision;
        uint64_t before = pct_board_digest(d->board);
        pct_status status = pct_board_decide(d->board, &command, &context, &decision, &error);
        ck_assert_uint_eq(pct_board_digest(d->board), before);
        if (status) {
            ck_assert_uint_eq(decision.count, 0);
            ck_assert_int_ne(error.message, PCT_MSG_NONE);
            d->refused++;
            continue;
        }
        d->taken++;
        for (size_t i = 0; i < decision.count; i++) {
            test_ok(pct_board_apply(d->board, &decision.events[i], &error), &error);
            d->events[d->event_count++] = decision.events[i];
            note_created(d, &decision.events[i]);
            check_statuses_follow_the_table(d);
        }
        if (n % 10 == 0) check_orders(d), check_calls_and_waiting(d);
        if (n % 75 == 74) save_and_load(d);
    }
}

/* Replays the events, first as they are, then from their canonical bytes. */
static void check_replay(const desk *d, const pct_codes *codes) {
    pct_buffer bytes = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    pct_arena arena = pct_arena_init(1 << 20);
    pct_error error;
    for (int through_bytes = 0; through_bytes < 2; through_bytes++) {
        pct_board *again;
        test_ok(pct_board_new(codes, NULL, &again, &error), &error);
        for (size_t i = 0; i < d->event_count; i++) {
            pct_event event = d->events[i];
            if (through_bytes) {
                pct_buffer_clear(&bytes), pct_arena_reset(&arena);
                test_ok(pct_event_encode(&d->events[i], &bytes, &error), &error);
                test_ok(
                    pct_event_decode((pct_text){(char *)bytes.bytes, bytes.length}, &arena, &event, &error),
                    &error);
            }
            test_ok(pct_board_apply(again, &event, &error), &error);
        }
        ck_assert_uint_eq(pct_board_digest(again), pct_board_digest(d->board));
        pct_board_free(again);
    }
    pct_buffer_dispose(&bytes);
    pct_arena_dispose(&arena);
}

/* Events that no decision made: of any type, about anything. */
static pct_event draw_stray_event(desk *d) {
    pct_command like = draw_command(d);
    pct_event event;
    memset(&event, 0, sizeof event);
    event.type = (pct_event_type)(1 + below(d, PCT_EVENT_TYPE_COUNT - 1));
    for (int tries = 0; tries < 30 && pct_event_type_table[event.type].kind != like.object.kind; tries++)
        like = draw_command(d);
    event.seq = pct_board_seq(d->board) + (below(d, 20) ? 1 : 0);
    event.occurred_at_ms = d->now_ms;
    event.object = pct_event_type_table[event.type].creates ? (pct_id){.seq = event.seq} : like.object;
    if (below(d, 4)) { /* plausible data; the rest are all zero */
        pct_event_data *data = &event.data;
        switch (event.type) {
        case PCT_EVENT_ORDER_SENT:
            data->order_sent.unit.seq = draw_id(d, 'U'), data->order_sent.incident.seq = draw_id(d, 'I');
            break;
        case PCT_EVENT_CALL_LINKED: data->call_linked.incident.seq = draw_id(d, 'I'); break;
        case PCT_EVENT_INCIDENT_OPENED:
            data->incident_opened.call.seq = draw_id(d, 'C'), data->incident_opened.priority = 2;
            break;
        case PCT_EVENT_ORDER_REMINDED:
            data->order_reminded.clock = PCT_ORDER_CLOCK_ACKNOWLEDGE, data->order_reminded.level = 1;
            break;
        case PCT_EVENT_ORDER_REPORTED: data->order_reported.found_type = pct_text_of("unheard_of"); break;
        case PCT_EVENT_UNIT_ENROLLED: data->unit_enrolled.name = pct_text_of(d->names[below(d, 12)]); break;
        default: break;
        }
    }
    return event;
}

static void check_stray_events(desk *d) {
    size_t damaged = 0;
    for (int n = 0; n < 1500; n++) {
        pct_event event = draw_stray_event(d);
        uint64_t before = pct_board_digest(d->board);
        pct_status status = pct_board_apply(d->board, &event, NULL);
        if (status) {
            ck_assert_int_eq(status, PCT_DAMAGED);
            ck_assert_uint_eq(pct_board_digest(d->board), before);
            damaged++;
            continue;
        }
        event.object.kind = pct_event_type_table[event.type].kind;
        note_created(d, &event);
        check_statuses_follow_the_table(d);
    }
    ck_assert_uint_gt(damaged, 300);
    check_calls_and_waiting(d);
}

TEST(board_keeps_its_laws_whatever_commands_come) {
    pct_codes *codes = test_codes();
    desk *d = calloc(1, sizeof *d);
    pct_error error;
    size_t ended[PCT_ORDER_STATUS_COUNT] = {0};
    d->events = calloc(COMMANDS * PCT_DECISION_EVENTS_MAX, sizeof *d->events);
    for (int i = 0; i < 12; i++) snprintf(d->names[i], sizeof d->names[i], "N%d", i);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        d->bytes = pct_rng_init(seed, 7);
        d->now_ms = 1, d->id_count = d->event_count = d->taken = d->refused = 0;
        test_ok(pct_board_new(codes, NULL, &d->board, &error), &error);
        drive(d);
        ck_assert_uint_gt(d->taken, COMMANDS / 12); /* neither law is tried in vain */
        ck_assert_uint_gt(d->refused, COMMANDS / 5);
        for (int s = 0; s < PCT_ORDER_STATUS_COUNT; s++)
            ended[s] += pct_board_counts_view(d->board)->orders[s];
        check_replay(d, codes);
        check_stray_events(d);
        forget_some(d);
        save_and_load(d);
        pct_board_free(d->board);
    }
    ck_assert_uint_gt(ended[PCT_ORDER_CLOSED], 5 * SEEDS);
    ck_assert_uint_gt(ended[PCT_ORDER_CANCELLED], SEEDS);
    ck_assert_uint_gt(ended[PCT_ORDER_DIVERTED], SEEDS / 2);
    free(d->events), free(d);
    pct_codes_free(codes);
}

/* Whatever is changed in the bytes: refused as damaged, or the board is as it was (neighbours in waiting lists are not read). */
TEST(board_takes_no_changed_bytes_for_a_saved_board) {
    pct_codes *codes = test_codes();
    desk *d = calloc(1, sizeof *d);
    pct_error error;
    pct_buffer bytes = pct_buffer_init(1 << 24);
    size_t refused = 0, tries = 0;
    d->events = calloc(COMMANDS * PCT_DECISION_EVENTS_MAX, sizeof *d->events);
    for (int i = 0; i < 12; i++) snprintf(d->names[i], sizeof d->names[i], "N%d", i);
    d->bytes = pct_rng_init(3, 7);
    test_ok(pct_board_new(codes, NULL, &d->board, &error), &error);
    drive(d);
    pct_text whole = saved(d->board, &bytes);
    for (size_t i = 0; i < whole.length; i++)
        for (int bit = 0; bit < 8; bit++, tries++) {
            pct_board *loaded;
            bytes.bytes[i] ^= (unsigned char)(1 << bit);
            pct_status status = pct_board_load(codes, NULL, whole, &loaded, &error);
            refused += status == PCT_DAMAGED;
            if (!status) ck_assert_uint_eq(pct_board_digest(loaded), pct_board_digest(d->board));
            pct_board_free(loaded);
            bytes.bytes[i] ^= (unsigned char)(1 << bit);
            if (i > 2000) bit = 8; /* the beginning whole, then one bit of each byte */
        }
    for (size_t length = 0; length < whole.length; length += 1 + length / 50) {
        pct_board *loaded;
        ck_assert_int_eq(pct_board_load(codes, NULL, (pct_text){whole.chars, length}, &loaded, &error),
                         PCT_DAMAGED);
    }
    ck_assert_uint_gt(refused, tries * 9 / 10);
    pct_board_free(d->board);
    pct_buffer_dispose(&bytes);
    free(d->events), free(d);
    pct_codes_free(codes);
}

/* 150 orders whose clocks began at drawn times, acknowledged and cancelled in drawn order. */
TEST(board_next_deadline_is_the_earliest_of_all_orders) {
    enum { ORDERS = 150 };
    pct_codes *codes = test_codes();
    pct_rng rng = pct_rng_init(5, 5);
    pct_order_id orders[ORDERS];
    char name[16];
    pct_board *board;
    pct_error error;
    test_ok(pct_board_new(codes, NULL, &board, &error), &error);
    pct_incident_id incident = test_incident(board, "fire", 1, 0);
    for (int i = 0; i < ORDERS; i++) {
        snprintf(name, sizeof name, "U%d", i);
        orders[i] =
            test_send(board, incident, test_unit(board, name, "", 1, 0), 1 + pct_rng_below(&rng, 100000));
    }
    for (int step = 0; step < 2000; step++) {
        int64_t earliest = INT64_MAX, first = 0;
        pct_order_id order = orders[pct_rng_below(&rng, ORDERS)];
        const pct_order *held = pct_board_order(board, order);
        int64_t now_ms = 200000 + pct_rng_below(&rng, 1000000);
        if (held->status == PCT_ORDER_SENT && pct_rng_below(&rng, 3))
            test_step(board, PCT_COMMAND_ACKNOWLEDGE, order, now_ms);
        else if (held->status < PCT_ORDER_CLOSED && pct_rng_below(&rng, 8) == 0)
            test_step(board, PCT_COMMAND_CANCEL_ORDER, order, now_ms);
        else if (held->status == PCT_ORDER_ACKNOWLEDGED && pct_rng_below(&rng, 8) == 0)
            test_step(board, PCT_COMMAND_SET_OUT, order, now_ms);
        for (int i = 0; i < ORDERS; i++) {
            held = pct_board_order(board, orders[i]);
            if (held->deadline_ms < earliest) earliest = held->deadline_ms, first = orders[i].seq;
        }
        if (pct_board_next_deadline(board).at_ms != earliest ||
            pct_board_next_deadline(board).order.seq != first)
            ck_abort_msg("after step %d order %d is not the first", step, (int)first);
    }
    pct_board_free(board);
    pct_codes_free(codes);
}

/* Every status but the first is some status' next, and ended ones lead nowhere. */
TEST(board_table_of_statuses_has_no_island) {
    for (int to = 1; to < PCT_ORDER_STATUS_COUNT; to++) {
        int from = 0;
        while (from < PCT_ORDER_STATUS_COUNT && (from == to || !pct_order_status_may(from, to))) from++;
        ck_assert_int_lt(from, PCT_ORDER_STATUS_COUNT);
    }
    for (int to = 0; to < PCT_ORDER_STATUS_COUNT; to++)
        ck_assert(to == PCT_ORDER_CLOSED || !pct_order_status_may(PCT_ORDER_CLOSED, to));
    for (int to = 0; to < PCT_CALL_STATUS_COUNT; to++)
        ck_assert(to == PCT_CALL_SERVED || !pct_call_status_may(PCT_CALL_SERVED, to));
}

TEST_MAIN("board laws", TEST_CASE(board_keeps_its_laws_whatever_commands_come),
          TEST_CASE(board_takes_no_changed_bytes_for_a_saved_board),
          TEST_CASE(board_next_deadline_is_the_earliest_of_all_orders),
          TEST_CASE(board_table_of_statuses_has_no_island))
