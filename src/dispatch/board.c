/* The board's records: where they are, what is counted about them, and their digest. */
#include "dispatch/board.h"

#include <string.h>

#include "base/digest.h"
#include "dispatch/board_state.h"

enum { SLOT_BITS = 28, TEXT_BYTES_MAX = 64 << 20, TYPES_MAX = 65536 };

pct_board_settings pct_board_settings_default(void) {
    const int64_t s = 1000, min = 60 * s, h = 60 * min;
    return (pct_board_settings){.acknowledge_ms = {30 * s, 60 * s, 120 * s, 180 * s},
                                .set_out_ms = {5 * min, 10 * min, 15 * min, 30 * min},
                                .feedback_ms = {30 * min, h, 2 * h, 4 * h}};
}

pct_status pct_board_new(const pct_codes *codes, const pct_board_settings *settings, pct_board **out,
                         pct_error *error) {
    static const size_t sizes[PCT_SLAB_COUNT] = {sizeof(pct_call), sizeof(pct_incident), sizeof(pct_order),
                                                 sizeof(pct_unit), sizeof(pct_closure)};
    pct_board *board = pct_alloc_zeroed(1, sizeof *board);
    *out = NULL;
    if (!board) return pct_error_memory(error, sizeof *board);
    board->codes = codes;
    board->settings = settings ? *settings : pct_board_settings_default();
    board->types = pct_names_init(TYPES_MAX, TEXT_BYTES_MAX);
    board->unit_names = pct_names_init(PCT_BOARD_UNITS_MAX, TEXT_BYTES_MAX);
    board->stations = pct_names_init(PCT_BOARD_UNITS_MAX, TEXT_BYTES_MAX);
    board->authors = pct_names_init(TYPES_MAX, TEXT_BYTES_MAX);
    board->areas = pct_names_init(TYPES_MAX, TEXT_BYTES_MAX);
    board->unit_by_name = pct_map_init(PCT_BOARD_UNITS_MAX);
    board->objects = pct_map_init((size_t)PCT_BOARD_OBJECTS_MAX * PCT_SLAB_COUNT);
    for (int kind = 0; kind < PCT_SLAB_COUNT; kind++)
        board->slabs[kind] =
            (pct_slab){pct_vector_init(sizes[kind],
                                       kind == PCT_SLAB_UNITS ? PCT_BOARD_UNITS_MAX : PCT_BOARD_OBJECTS_MAX),
                       PCT_NO_SLOT};
    uint32_t number;
    bool good = pct_names_add(&board->areas, (pct_text){"", 0}, &number) == PCT_OK;
    for (uint32_t i = 0; i < pct_codes_type_count(codes) && good; i++)
        good = pct_names_add(&board->types, pct_codes_type_at(codes, i)->code.code, &number) == PCT_OK;
    if (!good) {
        pct_board_free(board);
        return pct_error_memory(error, PCT_EVENT_CODE_MAX);
    }
    *out = board;
    return PCT_OK;
}

void pct_board_free(pct_board *board) {
    if (!board) return;
    for (int kind = 0; kind < PCT_SLAB_COUNT; kind++) pct_vector_dispose(&board->slabs[kind].items);
    pct_names_dispose(&board->types), pct_names_dispose(&board->unit_names),
        pct_names_dispose(&board->stations), pct_names_dispose(&board->authors),
        pct_names_dispose(&board->areas);
    pct_map_dispose(&board->objects), pct_map_dispose(&board->unit_by_name);
    pct_free(board->deadlines.slots);
    pct_free(board);
}

pct_text pct_board_area_name(const pct_board *board, uint32_t area) {
    return area < board->areas.length ? board->areas.texts[area] : (pct_text){"", 0};
}

/* --- records --------------------------------------------------------------------------------------------------- */

static char *item_at(const pct_slab *slab, uint32_t slot) {
    return (char *)slab->items.items + slot * slab->items.item_size;
}

static int64_t seq_of(const char *item) {
    int64_t seq;
    memcpy(&seq, item, sizeof seq);
    return seq;
}

static void *find(const pct_board *board, pct_slab_kind kind, int64_t seq) {
    uint32_t found = seq > 0 ? pct_map_get(&board->objects, (uint64_t)seq) : PCT_MAP_ABSENT;
    if (found == PCT_MAP_ABSENT || found >> SLOT_BITS != (uint32_t)kind) return NULL;
    return item_at(&board->slabs[kind], found & ((1u << SLOT_BITS) - 1));
}

static void chain_free(pct_slab *slab, char *item) {
    uint32_t slot = (uint32_t)((size_t)(item - (char *)slab->items.items) / slab->items.item_size);
    memset(item, 0, slab->items.item_size);
    memcpy(item + sizeof(int64_t), &slab->first_free, sizeof slab->first_free);
    slab->first_free = slot;
}

void *pct_board_add(pct_board *board, pct_slab_kind kind, int64_t seq) {
    pct_slab *slab = &board->slabs[kind];
    uint32_t slot = slab->first_free, found;
    bool reused = slot != PCT_NO_SLOT;
    if (!reused) {
        if (!pct_vector_push(&slab->items)) return NULL;
        slot = (uint32_t)slab->items.length - 1;
    }
    if (pct_map_add(&board->objects, (uint64_t)seq, (uint32_t)kind << SLOT_BITS | slot, &found) != PCT_OK) {
        if (!reused) slab->items.length--;
        return NULL;
    }
    char *item = item_at(slab, slot);
    if (reused) memcpy(&slab->first_free, item + sizeof(int64_t), sizeof slab->first_free);
    memset(item, 0, slab->items.item_size);
    memcpy(item, &seq, sizeof seq);
    return item;
}

void pct_board_drop(pct_board *board, pct_slab_kind kind, int64_t seq) {
    char *item = find(board, kind, seq);
    if (PCT_NEVER(!item)) return;
    pct_map_remove(&board->objects, (uint64_t)seq);
    chain_free(&board->slabs[kind], item);
}

pct_call *pct_board_find_call(const pct_board *board, int64_t seq) {
    return find(board, PCT_SLAB_CALLS, seq);
}

pct_incident *pct_board_find_incident(const pct_board *board, int64_t seq) {
    return find(board, PCT_SLAB_INCIDENTS, seq);
}

pct_order *pct_board_find_order(const pct_board *board, int64_t seq) {
    return find(board, PCT_SLAB_ORDERS, seq);
}

pct_unit *pct_board_find_unit(const pct_board *board, int64_t seq) {
    return find(board, PCT_SLAB_UNITS, seq);
}

pct_closure *pct_board_find_closure(const pct_board *board, int64_t seq) {
    return find(board, PCT_SLAB_CLOSURES, seq);
}

const pct_call *pct_board_call(const pct_board *board, pct_call_id id) {
    return pct_board_find_call(board, id.seq);
}

const pct_incident *pct_board_incident(const pct_board *board, pct_incident_id id) {
    return pct_board_find_incident(board, id.seq);
}

const pct_order *pct_board_order(const pct_board *board, pct_order_id id) {
    return pct_board_find_order(board, id.seq);
}

const pct_unit *pct_board_unit(const pct_board *board, pct_unit_id id) {
    return pct_board_find_unit(board, id.seq);
}

uint32_t pct_board_unit_count(const pct_board *board) {
    return (uint32_t)board->slabs[PCT_SLAB_UNITS].items.length;
}

const pct_unit *pct_board_unit_at(const pct_board *board, uint32_t index) {
    const pct_vector *units = &board->slabs[PCT_SLAB_UNITS].items;
    return index < units->length ? (const pct_unit *)units->items + index : NULL;
}

const pct_unit *pct_board_unit_named(const pct_board *board, pct_text name) {
    uint32_t number = pct_names_find(&board->unit_names, name);
    uint32_t index = number == PCT_MAP_ABSENT ? number : pct_map_get(&board->unit_by_name, number);
    const pct_unit *unit = index == PCT_MAP_ABSENT ? NULL : pct_board_unit_at(board, index);
    return unit && unit->name.chars == board->unit_names.texts[number].chars ? unit : NULL;
}

int64_t pct_board_next_of_kind(const pct_board *board, char kind, size_t *place) {
    static const char kinds[PCT_SLAB_COUNT] = {'C', 'I', 'O', 'U', 'L'};
    const pct_slab *slab = NULL;
    for (int i = 0; i < PCT_SLAB_COUNT; i++)
        if (kinds[i] == kind) slab = &board->slabs[i];
    while (slab && *place < slab->items.length) {
        int64_t seq = seq_of(item_at(slab, (uint32_t)(*place)++));
        if (seq) return seq;
    }
    return 0;
}

const pct_incident *pct_board_first_waiting(const pct_board *board) {
    for (int priority = 1; priority <= PCT_PRIORITY_COUNT; priority++)
        if (board->waiting[priority].first.seq)
            return pct_board_incident(board, board->waiting[priority].first);
    return NULL;
}

const pct_incident *pct_board_next_waiting(const pct_board *board, const pct_incident *incident) {
    if (incident->waiting_after.seq) return pct_board_incident(board, incident->waiting_after);
    for (int priority = incident->priority + 1; priority <= PCT_PRIORITY_COUNT; priority++)
        if (board->waiting[priority].first.seq)
            return pct_board_incident(board, board->waiting[priority].first);
    return NULL;
}

pct_text pct_board_type_code(const pct_board *board, uint32_t type) {
    return type < board->types.length ? board->types.texts[type] : (pct_text){"", 0};
}

const pct_codes *pct_board_codes(const pct_board *board) {
    return board->codes;
}

int64_t pct_board_seq(const pct_board *board) {
    return board->seq;
}

const pct_board_counts *pct_board_counts_view(const pct_board *board) {
    return &board->counts;
}

/* --- forgetting ------------------------------------------------------------------------------------------------ */

pct_status pct_board_forget(pct_board *board, pct_incident_id id, pct_error *error) {
    pct_incident *incident = pct_board_find_incident(board, id.seq);
    if (!incident) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_INCIDENT, pct_int(id.seq));
    if (incident->status != PCT_INCIDENT_CLOSED && incident->status != PCT_INCIDENT_REFERRED)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_BOARD_LIVE, pct_int(id.seq),
                        pct_str(pct_incident_status_code(incident->status)));
    for (pct_call *call; (call = pct_board_find_call(board, incident->first_call.seq)) != NULL;) {
        incident->first_call = call->next;
        board->counts.calls[call->status]--;
        pct_board_drop(board, PCT_SLAB_CALLS, call->id.seq);
    }
    for (pct_order *order; (order = pct_board_find_order(board, incident->first_order.seq)) != NULL;) {
        incident->first_order = order->next;
        board->counts.orders[order->status]--;
        pct_board_drop(board, PCT_SLAB_ORDERS, order->id.seq);
    }
    board->counts.incidents[incident->status]--;
    pct_board_drop(board, PCT_SLAB_INCIDENTS, id.seq);
    return PCT_OK;
}

pct_status pct_board_forget_call(pct_board *board, pct_call_id id, pct_error *error) {
    pct_call *call = pct_board_find_call(board, id.seq);
    if (!call) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_CALL, pct_int(id.seq));
    if (call->status != PCT_CALL_SETTLED)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_BOARD_CALL_LIVE, pct_int(id.seq),
                        pct_str(pct_call_status_code(call->status)));
    board->counts.calls[call->status]--;
    pct_board_drop(board, PCT_SLAB_CALLS, id.seq);
    return PCT_OK;
}

/* --- digest: the sum of the digests of all records, so that their places do not matter ------------------------- */

static uint64_t digest_numbers(const int64_t *numbers, size_t count) {
    return pct_digest(numbers, count * sizeof *numbers);
}

static int64_t digest_area(const pct_board *board, uint32_t area) {
    pct_text name = pct_board_area_name(board, area);
    return (int64_t)pct_digest(name.chars, name.length);
}

static uint64_t digest_call(const pct_board *board, const pct_call *c) {
    int64_t n[PCT_BOARD_NUMBERS_MAX];
    size_t count = pct_board_call_numbers(c, n);
    n[count++] = digest_area(board, c->area);
    return digest_numbers(n, count);
}

static uint64_t digest_incident(const pct_board *board, const pct_incident *i) {
    int64_t n[PCT_BOARD_NUMBERS_MAX];
    size_t count = pct_board_incident_numbers(i, n);
    n[count++] = digest_area(board, i->area);
    return digest_numbers(n, count);
}

static uint64_t digest_order(const pct_order *o) {
    int64_t n[PCT_BOARD_NUMBERS_MAX];
    return digest_numbers(n, pct_board_order_numbers(o, n));
}

static uint64_t digest_unit(const pct_unit *u) {
    int64_t n[PCT_BOARD_NUMBERS_MAX];
    size_t count = pct_board_unit_numbers(u, n);
    n[count++] = (int64_t)pct_digest(u->name.chars, u->name.length);
    n[count++] = (int64_t)pct_digest(u->station.chars, u->station.length);
    return digest_numbers(n, count);
}

uint64_t pct_board_digest(const pct_board *board) {
    uint64_t sum = digest_numbers(&board->seq, 1);
    for (int kind = 0; kind < PCT_SLAB_COUNT; kind++) {
        const pct_slab *slab = &board->slabs[kind];
        for (uint32_t slot = 0; slot < slab->items.length; slot++) {
            const void *item = item_at(slab, slot);
            if (seq_of(item) == 0) continue;
            switch ((pct_slab_kind)kind) {
            case PCT_SLAB_CALLS: sum += digest_call(board, item); break;
            case PCT_SLAB_INCIDENTS: sum += digest_incident(board, item); break;
            case PCT_SLAB_ORDERS: sum += digest_order(item); break;
            case PCT_SLAB_CLOSURES: sum += pct_closures_digest(item); break;
            default: sum += digest_unit(item); break;
            }
        }
    }
    return sum;
}
