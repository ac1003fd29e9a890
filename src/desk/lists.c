/* Persistent lists: readers hold a snapshot, the writer changes its own lists, and both share all chunks that did not
 * change.
 *
 *   writer's list    [ a ][ b ][ c' ]          c' is a copy: a snapshot held c when the writer changed it
 *                      │    │
 *   snapshot         [ a ][ b ][ c ]           a chunk counts who holds it; only a chunk that the writer alone holds is
 *                                              changed in place
 *
 * Ids grow, so records are appended and every list is in order of id: binary search over chunks, then within one. Dropped
 * records leave a hole; an empty chunk leaves the list. Put and drop O(log n + 64 records), snapshot O(n / 64). */
#include <stdatomic.h>
#include <string.h>

#include "desk/state.h"

enum { CHUNK_RECORDS = 64 };

struct pct_chunk {
    atomic_uint holders;
    uint32_t used;
    uint64_t alive; /* bit i: record i is there */
    _Alignas(max_align_t) unsigned char records[];
};

struct pct_snapshot {
    atomic_uint holders;
    pct_lists lists;
    int64_t seq, at_ms;
    pct_board_counts counts;
};

static int64_t seq_at(const pct_list *list, const pct_chunk *chunk, uint32_t i) {
    int64_t seq;
    memcpy(&seq, chunk->records + i * list->record_size, sizeof seq);
    return seq;
}

static pct_chunk *chunk_new(const pct_list *list) {
    pct_chunk *chunk = pct_alloc(1, sizeof *chunk + CHUNK_RECORDS * list->record_size);
    if (!chunk) return NULL;
    atomic_init(&chunk->holders, 1);
    chunk->used = 0;
    chunk->alive = 0;
    return chunk;
}

static void chunk_release(pct_chunk *chunk) {
    if (atomic_fetch_sub_explicit(&chunk->holders, 1, memory_order_acq_rel) == 1) pct_free(chunk);
}

/* The last chunk that begins at or below seq; count when none does. */
static size_t chunk_of(const pct_list *list, int64_t seq) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (seq_at(list, list->chunks[middle], 0) <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : list->count;
}

/* The first record at or above seq within a chunk. */
static uint32_t place_of(const pct_list *list, const pct_chunk *chunk, int64_t seq) {
    uint32_t low = 0, high = chunk->used;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (seq_at(list, chunk, middle) < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const void *find(const pct_list *list, int64_t seq) {
    size_t c = chunk_of(list, seq);
    if (c == list->count) return NULL;
    const pct_chunk *chunk = list->chunks[c];
    uint32_t i = place_of(list, chunk, seq);
    bool there = i < chunk->used && chunk->alive >> i & 1 && seq_at(list, chunk, i) == seq;
    return there ? chunk->records + i * list->record_size : NULL;
}

static const void *next(const pct_list *list, int64_t after) {
    size_t c = chunk_of(list, after);
    if (c == list->count) c = 0;
    for (; c < list->count; c++) {
        const pct_chunk *chunk = list->chunks[c];
        for (uint32_t i = place_of(list, chunk, after + 1); i < chunk->used; i++)
            if (chunk->alive >> i & 1) return chunk->records + i * list->record_size;
    }
    return NULL;
}

pct_lists pct_lists_init(void) {
    return (pct_lists){{{.record_size = sizeof(pct_desk_call)},
                        {.record_size = sizeof(pct_desk_incident)},
                        {.record_size = sizeof(pct_desk_order)},
                        {.record_size = sizeof(pct_desk_unit)},
                        {.record_size = sizeof(pct_desk_closure)}}};
}

void pct_lists_dispose(pct_lists *lists) {
    for (int kind = 0; kind < PCT_LIST_COUNT; kind++) {
        pct_list *list = &lists->of[kind];
        for (size_t i = 0; i < list->count; i++) chunk_release(list->chunks[i]);
        pct_free(list->chunks);
    }
    *lists = pct_lists_init();
}

/* The chunk in place c, for the writer alone. */
static pct_chunk *own_chunk(pct_list *list, size_t c) {
    pct_chunk *chunk = list->chunks[c];
    if (atomic_load_explicit(&chunk->holders, memory_order_acquire) == 1) return chunk;
    pct_chunk *copy = chunk_new(list);
    if (!copy) return NULL;
    copy->used = chunk->used;
    copy->alive = chunk->alive;
    memcpy(copy->records, chunk->records, chunk->used * list->record_size);
    list->chunks[c] = copy;
    chunk_release(chunk);
    return copy;
}

static pct_chunk *append_chunk(pct_list *list) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 16;
        pct_chunk **chunks = pct_realloc(list->chunks, capacity, sizeof *chunks);
        if (!chunks) return NULL;
        list->chunks = chunks;
        list->capacity = capacity;
    }
    pct_chunk *chunk = chunk_new(list);
    if (chunk) list->chunks[list->count++] = chunk;
    return chunk;
}

pct_status pct_lists_put(pct_lists *lists, pct_list_kind kind, const void *record) {
    pct_list *list = &lists->of[kind];
    int64_t seq;
    memcpy(&seq, record, sizeof seq);
    size_t c = chunk_of(list, seq);
    uint32_t i = 0;
    pct_chunk *chunk = NULL;
    if (c < list->count) {
        i = place_of(list, list->chunks[c], seq);
        bool there = i < list->chunks[c]->used;
        if (there && PCT_NEVER(seq_at(list, list->chunks[c], i) != seq)) return PCT_INTERNAL;
        if (there || i < CHUNK_RECORDS) {
            chunk = own_chunk(list, c);
            if (!chunk) return PCT_MEMORY;
        }
    }
    if (!chunk) {
        chunk = append_chunk(list);
        if (!chunk) return PCT_MEMORY;
        i = 0;
    }
    if (i == chunk->used) chunk->used++;
    chunk->alive |= UINT64_C(1) << i;
    memcpy(chunk->records + i * list->record_size, record, list->record_size);
    return PCT_OK;
}

pct_status pct_lists_drop(pct_lists *lists, pct_list_kind kind, int64_t seq) {
    pct_list *list = &lists->of[kind];
    if (!find(list, seq)) return PCT_OK;
    size_t c = chunk_of(list, seq);
    pct_chunk *chunk = own_chunk(list, c);
    if (!chunk) return PCT_MEMORY;
    chunk->alive &= ~(UINT64_C(1) << place_of(list, chunk, seq));
    if (chunk->alive == 0 && chunk->used == CHUNK_RECORDS) {
        chunk_release(chunk);
        list->count--;
        memmove(list->chunks + c, list->chunks + c + 1, (list->count - c) * sizeof *list->chunks);
    }
    return PCT_OK;
}

/* --- snapshots --------------------------------------------------------------------------------------------------- */

pct_status pct_snapshot_new(const pct_lists *lists, pct_snapshot **out) {
    pct_snapshot *snapshot = pct_alloc_zeroed(1, sizeof *snapshot);
    *out = NULL;
    if (!snapshot) return PCT_MEMORY;
    atomic_init(&snapshot->holders, 1);
    snapshot->lists = pct_lists_init();
    for (int kind = 0; kind < PCT_LIST_COUNT; kind++) {
        const pct_list *from = &lists->of[kind];
        pct_list *to = &snapshot->lists.of[kind];
        to->chunks = pct_alloc(from->count, sizeof *to->chunks);
        if (!to->chunks) {
            pct_snapshot_release(snapshot);
            return PCT_MEMORY;
        }
        if (from->count) memcpy(to->chunks, from->chunks, from->count * sizeof *to->chunks);
        to->count = to->capacity = from->count;
        for (size_t i = 0; i < to->count; i++)
            atomic_fetch_add_explicit(&to->chunks[i]->holders, 1, memory_order_relaxed);
    }
    *out = snapshot;
    return PCT_OK;
}

void pct_snapshot_mark(pct_snapshot *snapshot, int64_t seq, int64_t at_ms, const pct_board_counts *counts) {
    snapshot->seq = seq;
    snapshot->at_ms = at_ms;
    snapshot->counts = *counts;
}

void pct_snapshot_retain(const pct_snapshot *snapshot) {
    atomic_fetch_add_explicit(&((pct_snapshot *)(uintptr_t)snapshot)->holders, 1, memory_order_relaxed);
}

void pct_snapshot_release(const pct_snapshot *snapshot) {
    pct_snapshot *own = (pct_snapshot *)(uintptr_t)snapshot;
    if (!own || atomic_fetch_sub_explicit(&own->holders, 1, memory_order_acq_rel) != 1) return;
    pct_lists_dispose(&own->lists);
    pct_free(own);
}

int64_t pct_snapshot_seq(const pct_snapshot *snapshot) {
    return snapshot->seq;
}

int64_t pct_snapshot_at_ms(const pct_snapshot *snapshot) {
    return snapshot->at_ms;
}

const pct_board_counts *pct_snapshot_counts(const pct_snapshot *snapshot) {
    return &snapshot->counts;
}

const pct_desk_call *pct_snapshot_call(const pct_snapshot *snapshot, pct_call_id id) {
    return find(&snapshot->lists.of[PCT_LIST_CALLS], id.seq);
}

const pct_desk_incident *pct_snapshot_incident(const pct_snapshot *snapshot, pct_incident_id id) {
    return find(&snapshot->lists.of[PCT_LIST_INCIDENTS], id.seq);
}

const pct_desk_order *pct_snapshot_order(const pct_snapshot *snapshot, pct_order_id id) {
    return find(&snapshot->lists.of[PCT_LIST_ORDERS], id.seq);
}

const pct_desk_unit *pct_snapshot_unit(const pct_snapshot *snapshot, pct_unit_id id) {
    return find(&snapshot->lists.of[PCT_LIST_UNITS], id.seq);
}

const pct_desk_call *pct_snapshot_next_call(const pct_snapshot *snapshot, pct_call_id after) {
    return next(&snapshot->lists.of[PCT_LIST_CALLS], after.seq);
}

const pct_desk_incident *pct_snapshot_next_incident(const pct_snapshot *snapshot, pct_incident_id after) {
    return next(&snapshot->lists.of[PCT_LIST_INCIDENTS], after.seq);
}

const pct_desk_order *pct_snapshot_next_order(const pct_snapshot *snapshot, pct_order_id after) {
    return next(&snapshot->lists.of[PCT_LIST_ORDERS], after.seq);
}

const pct_desk_unit *pct_snapshot_next_unit(const pct_snapshot *snapshot, pct_unit_id after) {
    return next(&snapshot->lists.of[PCT_LIST_UNITS], after.seq);
}

const pct_desk_closure *pct_snapshot_closure(const pct_snapshot *snapshot, pct_closure_id id) {
    return find(&snapshot->lists.of[PCT_LIST_CLOSURES], id.seq);
}

const pct_desk_closure *pct_snapshot_next_closure(const pct_snapshot *snapshot, pct_closure_id after) {
    return next(&snapshot->lists.of[PCT_LIST_CLOSURES], after.seq);
}
