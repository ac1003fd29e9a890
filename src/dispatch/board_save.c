/* A board as bytes, and back.
 *
 *     version · codes · digest │ seq │ names of types, of areas │ calls │ incidents │ orders │ units │ closures │ waiting lists │ chain of closures
 *
 * All numbers are zigzag varints (a call takes some 30 bytes, an incident 60). A record is the same row of numbers that
 * its digest is made of, so that what counts for equality is what is saved. Counts, deadlines and the map of objects
 * follow from the records and are made again.
 *
 * Bytes are not trusted: every number has its range, every link leads to a record, chains end, waiting lists are in order;
 * and the digest of what was made must be the one that was saved. A board that learns to hold something new and digests
 * it, but does not save it, is therefore refused here, and its owner replays the events. */
#include <string.h>

#include "base/digest.h"
#include "dispatch/board_state.h"

enum { VERSION = 4, VARINT_BYTES = 10 };

/* --- records as rows of numbers ----------------------------------------------------------------------------------- */

size_t pct_board_call_numbers(const pct_call *c, int64_t out[PCT_BOARD_NUMBERS_MAX]) {
    const int64_t n[] = {'C',     c->id.seq, c->received_at_ms, c->incident.seq, c->next.seq,
                         c->type, c->area,   c->priority,       c->status,       c->channel};
    memcpy(out, n, sizeof n);
    return sizeof n / sizeof *n;
}

size_t pct_board_incident_numbers(const pct_incident *i, int64_t out[PCT_BOARD_NUMBERS_MAX]) {
    const int64_t n[] = {'I',
                         i->id.seq,
                         i->opened_at_ms,
                         i->first_arrival_ms,
                         i->ended_at_ms,
                         i->first_call.seq,
                         i->first_order.seq,
                         i->waiting_before.seq,
                         i->waiting_after.seq,
                         i->position.lon_e7,
                         i->position.lat_e7,
                         i->type,
                         i->found_type,
                         i->area,
                         i->calls,
                         i->orders,
                         i->open_orders,
                         i->on_scene_orders,
                         i->closed_orders,
                         i->priority,
                         i->status,
                         i->gravity,
                         i->has_position};
    memcpy(out, n, sizeof n);
    return sizeof n / sizeof *n;
}

size_t pct_board_order_numbers(const pct_order *o, int64_t out[PCT_BOARD_NUMBERS_MAX]) {
    const int64_t n[] = {'O',
                         o->id.seq,
                         o->incident.seq,
                         o->unit.seq,
                         o->next.seq,
                         o->expected_travel_ms,
                         o->deadline_ms,
                         o->unit_index,
                         o->status,
                         o->reminders};
    memcpy(out, n, sizeof n);
    memcpy(out + sizeof n / sizeof *n, o->at_ms, sizeof o->at_ms);
    return sizeof n / sizeof *n + PCT_ORDER_STATUS_COUNT;
}

size_t pct_board_unit_numbers(const pct_unit *u, int64_t out[PCT_BOARD_NUMBERS_MAX]) {
    const int64_t n[] = {'U',
                         u->id.seq,
                         u->status_since_ms,
                         u->signed_on_ms,
                         u->shift_end_ms,
                         u->order.seq,
                         (int64_t)u->capabilities,
                         u->position.lon_e7,
                         u->position.lat_e7,
                         u->index,
                         u->kind,
                         u->officers,
                         u->auxiliaries,
                         u->status,
                         u->unavailable_reason,
                         u->has_position};
    memcpy(out, n, sizeof n);
    return sizeof n / sizeof *n;
}

/* The numbers of types, kinds and capabilities mean what they meant only under the same codes. */
static uint64_t codes_digest(const pct_codes *codes) {
    uint64_t digest = 0;
    uint32_t kinds = pct_codes_unit_kind_count(codes), capabilities = pct_codes_capability_count(codes);
    for (uint32_t i = 0; i < pct_codes_type_count(codes); i++) {
        pct_text code = pct_codes_type_at(codes, i)->code.code;
        digest = pct_digest_fold(digest, code.chars, code.length);
    }
    for (uint32_t i = 0; i < kinds + capabilities; i++) {
        pct_text code = i < kinds ? pct_codes_unit_kind_at(codes, i)->code
                                  : pct_codes_capability_at(codes, i - kinds)->code;
        digest = pct_digest_fold(digest, code.chars, code.length);
    }
    return digest;
}

/* --- saving ------------------------------------------------------------------------------------------------------- */

static void put(pct_buffer *out, int64_t number) {
    uint64_t rest = ((uint64_t)number << 1) ^ (uint64_t)(number >> 63);
    unsigned char bytes[VARINT_BYTES];
    size_t length = 0;
    for (; rest >= 0x80; rest >>= 7) bytes[length++] = (unsigned char)(rest | 0x80);
    bytes[length++] = (unsigned char)rest;
    (void)pct_buffer_append(out, bytes, length);
}

static void put_text(pct_buffer *out, pct_text text) {
    put(out, (int64_t)text.length);
    (void)pct_buffer_append(out, text.chars, text.length);
}

/* The letter in front is left out. */
static void put_record(pct_buffer *out, pct_slab_kind kind, const void *item) {
    int64_t n[PCT_BOARD_NUMBERS_MAX];
    size_t count = 0;
    switch (kind) {
    case PCT_SLAB_CALLS: count = pct_board_call_numbers(item, n); break;
    case PCT_SLAB_INCIDENTS: count = pct_board_incident_numbers(item, n); break;
    case PCT_SLAB_ORDERS: count = pct_board_order_numbers(item, n); break;
    case PCT_SLAB_UNITS: count = pct_board_unit_numbers(item, n); break;
    default: count = pct_board_closure_numbers(item, n); break;
    }
    for (size_t i = 1; i < count; i++) put(out, n[i]);
    if (kind == PCT_SLAB_UNITS) {
        put_text(out, ((const pct_unit *)item)->name);
        put_text(out, ((const pct_unit *)item)->station);
    } else if (kind == PCT_SLAB_CLOSURES) {
        put_text(out, ((const pct_closure *)item)->author);
    }
}

static void put_slab(pct_buffer *out, const pct_board *board, pct_slab_kind kind) {
    const pct_vector *items = &board->slabs[kind].items;
    int64_t count = 0, seq;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < items->length; i++) {
            const char *item = (const char *)items->items + i * items->item_size;
            memcpy(&seq, item, sizeof seq);
            if (seq == 0) continue;
            if (pass == 0)
                count++;
            else
                put_record(out, kind, item);
        }
        if (pass == 0) put(out, count);
    }
}

static void put_waiting(pct_buffer *out, const pct_board *board) {
    for (int priority = 1; priority <= PCT_PRIORITY_COUNT; priority++) {
        const pct_incident *i = pct_board_find_incident(board, board->waiting[priority].first.seq);
        for (; i; i = pct_board_find_incident(board, i->waiting_after.seq)) put(out, i->id.seq);
        put(out, 0);
    }
    const pct_closure *c = pct_board_first_closure(board);
    for (; c; c = pct_board_closure(board, c->next)) put(out, c->id.seq);
    put(out, 0);
}

static void put_names(pct_buffer *out, const pct_names *names) {
    put(out, (int64_t)names->length);
    for (size_t i = 0; i < names->length; i++) put_text(out, names->texts[i]);
}

pct_status pct_board_save(const pct_board *board, pct_buffer *out, pct_error *error) {
    put(out, VERSION);
    put(out, (int64_t)codes_digest(board->codes));
    put(out, (int64_t)pct_board_digest(board));
    put(out, board->seq);
    put_names(out, &board->types);
    put_names(out, &board->areas);
    for (int kind = 0; kind < PCT_SLAB_COUNT; kind++) put_slab(out, board, (pct_slab_kind)kind);
    put_waiting(out, board);
    return pct_buffer_status(out, error);
}

/* --- loading ------------------------------------------------------------------------------------------------------- */

typedef struct reader {
    const unsigned char *at, *end;
    pct_board *board;
    bool bad, no_memory;
} reader;

static int64_t take(reader *r) {
    uint64_t value = 0;
    for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
        unsigned char byte = *r->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    }
    r->bad = true;
    return 0;
}

static int64_t take_between(reader *r, int64_t low, int64_t high) {
    int64_t value = take(r);
    if (value >= low && value <= high) return value;
    r->bad = true;
    return low;
}

static int64_t take_seq(reader *r) {
    return take_between(r, 0, r->board->seq);
}

static pct_text take_text(reader *r) {
    size_t length = (size_t)take_between(r, 0, r->end - r->at);
    if (length > (size_t)(r->end - r->at)) r->bad = true;
    pct_text text = {(const char *)r->at, r->bad ? 0 : length};
    r->at += text.length;
    return text;
}

static uint32_t take_type(reader *r) {
    int64_t type = take_between(r, 0, PCT_NO_CODE);
    if (type != PCT_NO_CODE && (size_t)type >= r->board->types.length) r->bad = true;
    return (uint32_t)type;
}

static uint32_t take_area(reader *r) {
    return (uint32_t)take_between(r, 0, (int64_t)r->board->areas.length - 1);
}

static pct_position take_position(reader *r) {
    int32_t lon_e7 = (int32_t)take_between(r, -1800000000, 1800000000);
    return (pct_position){lon_e7, (int32_t)take_between(r, -900000000, 900000000)};
}

static void *take_record(reader *r, pct_slab_kind kind) {
    int64_t seq = take_between(r, 1, r->board->seq);
    if (r->bad || pct_map_get(&r->board->objects, (uint64_t)seq) != PCT_MAP_ABSENT) {
        r->bad = true;
        return NULL;
    }
    void *item = pct_board_add(r->board, kind, seq);
    if (!item) r->no_memory = true;
    return item;
}

static void take_call(reader *r) {
    pct_call *c = take_record(r, PCT_SLAB_CALLS);
    if (!c) return;
    c->received_at_ms = take(r);
    c->incident.seq = take_seq(r);
    c->next.seq = take_seq(r);
    c->type = take_type(r);
    c->area = take_area(r);
    c->priority = (uint8_t)take_between(r, 0, UINT8_MAX);
    c->status = (uint8_t)take_between(r, 0, PCT_CALL_STATUS_COUNT - 1);
    c->channel = (uint8_t)take_between(r, 0, PCT_CHANNEL_COUNT - 1);
    r->board->counts.calls[c->status]++;
}

static void take_incident(reader *r) {
    pct_incident *i = take_record(r, PCT_SLAB_INCIDENTS);
    if (!i) return;
    i->opened_at_ms = take(r);
    i->first_arrival_ms = take(r);
    i->ended_at_ms = take(r);
    i->first_call.seq = take_seq(r);
    i->first_order.seq = take_seq(r);
    (void)take_seq(r), (void)take_seq(r); /* its neighbours: linked again from the waiting lists */
    i->position = take_position(r);
    i->type = take_type(r);
    i->found_type = take_type(r);
    i->area = take_area(r);
    i->calls = (uint32_t)take_between(r, 0, UINT32_MAX);
    i->orders = (uint32_t)take_between(r, 0, UINT32_MAX);
    i->open_orders = (uint32_t)take_between(r, 0, UINT32_MAX);
    i->on_scene_orders = (uint32_t)take_between(r, 0, UINT32_MAX);
    i->closed_orders = (uint32_t)take_between(r, 0, UINT32_MAX);
    i->priority = (uint8_t)take_between(r, 1, PCT_PRIORITY_COUNT);
    i->status = (uint8_t)take_between(r, 0, PCT_INCIDENT_STATUS_COUNT - 1);
    i->gravity = (uint8_t)take_between(r, 0, PCT_GRAVITY_COUNT - 1);
    i->has_position = take_between(r, 0, 1) != 0;
    r->board->counts.incidents[i->status]++;
}

static void take_order(reader *r) {
    pct_order *o = take_record(r, PCT_SLAB_ORDERS);
    if (!o) return;
    o->incident.seq = take_seq(r);
    o->unit.seq = take_seq(r);
    o->next.seq = take_seq(r);
    o->expected_travel_ms = take(r);
    o->deadline_ms = take(r);
    o->unit_index = (uint32_t)take_between(r, 0, PCT_BOARD_UNITS_MAX - 1);
    o->status = (uint8_t)take_between(r, 0, PCT_ORDER_STATUS_COUNT - 1);
    o->reminders = (uint8_t)take_between(r, 0, PCT_REMINDER_LEVELS);
    for (int i = 0; i < PCT_ORDER_STATUS_COUNT; i++) o->at_ms[i] = take(r);
    o->deadline_at = UINT32_MAX;
    r->board->counts.orders[o->status]++;
}

static void name_unit(reader *r, pct_unit *u) {
    pct_board *board = r->board;
    pct_text name = take_text(r), station = take_text(r);
    uint32_t name_number, station_number;
    if (station.length == 0) station = (pct_text){"", 0};
    if (r->bad) return;
    r->bad = pct_board_unit_named(board, name) != NULL;
    if (pct_names_add(&board->stations, station, &station_number) ||
        pct_names_add(&board->unit_names, name, &name_number) ||
        pct_map_set(&board->unit_by_name, name_number, u->index)) {
        r->no_memory = true;
        return;
    }
    u->name = board->unit_names.texts[name_number];
    u->station = board->stations.texts[station_number];
}

static void take_unit(reader *r) {
    int64_t index = pct_board_unit_count(r->board), kinds = pct_codes_unit_kind_count(r->board->codes);
    pct_unit *u = take_record(r, PCT_SLAB_UNITS);
    if (!u) return;
    u->status_since_ms = take(r);
    u->signed_on_ms = take(r);
    u->shift_end_ms = take(r);
    u->order.seq = take_seq(r);
    u->capabilities = (pct_capability_set)take(r);
    u->position = take_position(r);
    u->index = (uint32_t)take_between(r, index, index);
    int64_t kind = take_between(r, 0, PCT_NO_CODE);
    if (kind >= kinds && kind != PCT_NO_CODE) r->bad = true;
    u->kind = (uint32_t)kind;
    u->officers = (uint16_t)take_between(r, 0, UINT16_MAX);
    u->auxiliaries = (uint16_t)take_between(r, 0, UINT16_MAX);
    u->status = (uint8_t)take_between(r, 0, PCT_UNIT_STATUS_COUNT - 1);
    u->unavailable_reason = (uint8_t)take_between(r, 0, PCT_UNAVAILABLE_REASON_COUNT - 1);
    u->has_position = take_between(r, 0, 1) != 0;
    name_unit(r, u);
    r->board->counts.units[u->status]++;
}

static void take_closure(reader *r) {
    pct_closure *c = take_record(r, PCT_SLAB_CLOSURES);
    uint32_t author;
    if (!c) return;
    c->ordered_at_ms = take(r);
    c->until_ms = take(r);
    c->ended_at_ms = take(r);
    (void)take_seq(r); /* the next one: linked again from the chain */
    c->roads = (uint32_t)take_between(r, 0, UINT32_MAX);
    c->corners = (uint32_t)take_between(r, 0, UINT32_MAX);
    c->status = (uint8_t)take_between(r, 0, PCT_CLOSURE_STATUS_COUNT - 1);
    c->reason = (uint8_t)take_between(r, 0, PCT_CLOSURE_REASON_COUNT - 1);
    c->lift_reason = (uint8_t)take_between(r, 0, PCT_CLOSURE_LIFT_COUNT - 1);
    c->both_ways = take_between(r, 0, 1) != 0;
    c->kind = (uint8_t)take_between(r, 0, PCT_CLOSURE_KIND_COUNT - 1);
    c->speed_kmh = (uint8_t)take_between(r, 0, UINT8_MAX);
    r->board->counts.closures[c->status]++;
    pct_text name = take_text(r);
    if (r->bad) return;
    r->no_memory = pct_names_add(&r->board->authors, name, &author) != PCT_OK;
    if (!r->no_memory) c->author = r->board->authors.texts[author];
}

/* A board begins with some: they are the first of those that were saved. */
static void take_names(reader *r, pct_names *names) {
    size_t known = names->length, count = (size_t)take_between(r, (int64_t)known, UINT16_MAX);
    for (size_t i = 0; i < count && !r->bad && !r->no_memory; i++) {
        pct_text name = take_text(r);
        uint32_t number;
        if (r->bad) return;
        r->no_memory = pct_names_add(names, name.length ? name : (pct_text){"", 0}, &number) != PCT_OK;
        r->bad = !r->no_memory && number != i;
    }
}

static void take_waiting(reader *r) {
    pct_board *board = r->board;
    uint32_t count = 0;
    for (int priority = 1; priority <= PCT_PRIORITY_COUNT; priority++) {
        pct_incident *before = NULL;
        for (int64_t seq; (seq = take_seq(r)) != 0 && !r->bad; count++) {
            pct_incident *i = pct_board_find_incident(board, seq);
            if (!i || i->status != PCT_INCIDENT_WAITING || i->priority != priority ||
                (before && before->id.seq >= seq)) {
                r->bad = true;
                return;
            }
            *(before ? &before->waiting_after : &board->waiting[priority].first) = i->id;
            if (before) i->waiting_before = before->id;
            board->waiting[priority].last = i->id;
            before = i;
        }
    }
    if (count != board->counts.incidents[PCT_INCIDENT_WAITING]) r->bad = true;
}

static void take_chain(reader *r) {
    pct_board *board = r->board;
    pct_closure *before = NULL;
    uint32_t count = 0;
    for (int64_t seq; (seq = take_seq(r)) != 0 && !r->bad; count++) {
        pct_closure *c = pct_board_find_closure(board, seq);
        if (!c || c->status != PCT_CLOSURE_OPEN ||
            (before && (before->until_ms > c->until_ms ||
                        (before->until_ms == c->until_ms && before->id.seq >= seq)))) {
            r->bad = true;
            return;
        }
        *(before ? &before->next : &board->first_closure) = c->id;
        before = c;
    }
    if (count != board->counts.closures[PCT_CLOSURE_OPEN]) r->bad = true;
}

/* --- links --------------------------------------------------------------------------------------------------------- */

/* The calls and orders of every incident, once each: so no chain runs in a circle. */
static void check_chains(reader *r) {
    const pct_board *board = r->board;
    const pct_vector *incidents = &board->slabs[PCT_SLAB_INCIDENTS].items;
    size_t left = board->slabs[PCT_SLAB_CALLS].items.length + board->slabs[PCT_SLAB_ORDERS].items.length;
    for (size_t i = 0; i < incidents->length && !r->bad; i++) {
        const pct_incident *incident = (const pct_incident *)incidents->items + i;
        const pct_call *call = pct_board_find_call(board, incident->first_call.seq);
        for (; call && !r->bad; call = pct_board_find_call(board, call->next.seq))
            r->bad = call->incident.seq != incident->id.seq || left-- == 0;
        const pct_order *order = pct_board_find_order(board, incident->first_order.seq);
        for (; order && !r->bad; order = pct_board_find_order(board, order->next.seq))
            r->bad = order->incident.seq != incident->id.seq || left-- == 0;
    }
}

static bool order_is_linked(const pct_board *board, const pct_order *order) {
    const pct_unit *unit = pct_board_unit_at(board, order->unit_index);
    bool open = pct_order_status_is_open(order->status);
    return unit && unit->id.seq == order->unit.seq && pct_board_find_incident(board, order->incident.seq) &&
           (!open || unit->order.seq == order->id.seq);
}

/* Deadlines follow from the orders; the queue has room for all that are open. */
static void take_deadlines(reader *r) {
    pct_board *board = r->board;
    const pct_vector *orders = &board->slabs[PCT_SLAB_ORDERS].items;
    uint32_t open = 0;
    for (int s = 0; s < PCT_ORDER_STATUS_COUNT; s++)
        if (pct_order_status_is_open((pct_order_status)s)) open += board->counts.orders[s];
    if (pct_deadlines_reserve(board, open) != PCT_OK) r->no_memory = true;
    for (size_t i = 0; i < orders->length && !r->bad && !r->no_memory; i++) {
        pct_order *order = (pct_order *)orders->items + i;
        r->bad = !order_is_linked(board, order);
        if (!r->bad) pct_deadlines_update(board, order);
    }
    for (uint32_t i = 0; i < pct_board_unit_count(board) && !r->bad; i++) {
        const pct_unit *unit = pct_board_unit_at(board, i);
        const pct_order *order = pct_board_find_order(board, unit->order.seq);
        r->bad =
            unit->order.seq && !(order && order->unit_index == i && pct_order_status_is_open(order->status));
    }
}

static void take_all(reader *r) {
    static void (*const takers[PCT_SLAB_COUNT])(reader *) = {take_call, take_incident, take_order, take_unit,
                                                             take_closure};
    take_names(r, &r->board->types);
    if (!r->bad && !r->no_memory) take_names(r, &r->board->areas);
    for (int kind = 0; kind < PCT_SLAB_COUNT && !r->bad; kind++) {
        int64_t count = take_between(r, 0, r->end - r->at);
        for (int64_t i = 0; i < count && !r->bad && !r->no_memory; i++) takers[kind](r);
    }
    if (!r->bad && !r->no_memory) take_waiting(r);
    if (!r->bad && !r->no_memory) take_chain(r);
    if (!r->bad && !r->no_memory) check_chains(r);
    if (!r->bad && !r->no_memory) take_deadlines(r);
}

pct_status pct_board_load(const pct_codes *codes, const pct_board_settings *settings, pct_text bytes,
                          pct_board **out, pct_error *error) {
    const unsigned char *first = (const unsigned char *)bytes.chars;
    reader r = {.at = first, .end = first + bytes.length};
    *out = NULL;
    pct_status status = pct_board_new(codes, settings, &r.board, error);
    if (status) return status;
    r.bad = take(&r) != VERSION || r.bad || (uint64_t)take(&r) != codes_digest(codes);
    uint64_t digest = r.bad ? 0 : (uint64_t)take(&r);
    if (!r.bad) r.board->seq = take_between(&r, 0, INT64_MAX);
    if (!r.bad) take_all(&r);
    if (!r.no_memory && (r.bad || r.at != r.end || pct_board_digest(r.board) != digest))
        status = pct_error_set(error, PCT_DAMAGED, PCT_MSG_BOARD_NOT_SAVED_HERE, NULL, 0);
    if (r.no_memory) status = pct_error_memory(error, bytes.length);
    if (status)
        pct_board_free(r.board);
    else
        *out = r.board;
    return status;
}
