/* A 4-ary heap keeps parent and children in one or two cache lines: fewer misses than a binary heap at the
 * sizes of a road search (LaMarca and Ladner, "The influence of caches on the performance of heaps", 1996).
 */
#include "base/heap.h"

#include <string.h>

#include "base/memory.h"

enum { ARITY = 4 };
#define NOWHERE UINT32_MAX

typedef struct entry {
    uint32_t key, id;
} entry;

struct pct_heap {
    entry *entries;
    uint32_t *place; /* id → index in entries, NOWHERE when not queued */
    uint32_t length, id_count;
};

pct_status pct_heap_new(uint32_t id_count, pct_heap **out) {
    pct_heap *heap = pct_alloc_zeroed(1, sizeof *heap);
    if (!heap) return PCT_MEMORY;
    heap->entries = pct_alloc(id_count, sizeof *heap->entries);
    heap->place = pct_alloc(id_count, sizeof *heap->place);
    heap->id_count = id_count;
    if (!heap->entries || !heap->place) {
        pct_heap_free(heap);
        return PCT_MEMORY;
    }
    memset(heap->place, 0xFF, id_count * sizeof *heap->place);
    *out = heap;
    return PCT_OK;
}

void pct_heap_free(pct_heap *heap) {
    if (!heap) return;
    pct_free(heap->entries);
    pct_free(heap->place);
    pct_free(heap);
}

void pct_heap_clear(pct_heap *heap) {
    for (uint32_t i = 0; i < heap->length; i++) heap->place[heap->entries[i].id] = NOWHERE;
    heap->length = 0;
}

bool pct_heap_empty(const pct_heap *heap) {
    return heap->length == 0;
}

static bool before(entry a, entry b) {
    return a.key < b.key || (a.key == b.key && a.id < b.id);
}

static void put(pct_heap *heap, uint32_t at, entry e) {
    heap->entries[at] = e;
    heap->place[e.id] = at;
}

static void sift_up(pct_heap *heap, uint32_t at, entry e) {
    while (at > 0) {
        uint32_t parent = (at - 1) / ARITY;
        if (!before(e, heap->entries[parent])) break;
        put(heap, at, heap->entries[parent]);
        at = parent;
    }
    put(heap, at, e);
}

static void sift_down(pct_heap *heap, entry e) {
    uint32_t at = 0;
    for (;;) {
        uint32_t first = at * ARITY + 1;
        if (first >= heap->length) break;
        uint32_t end = first + ARITY < heap->length ? first + ARITY : heap->length;
        uint32_t least = first;
        for (uint32_t child = first + 1; child < end; child++)
            if (before(heap->entries[child], heap->entries[least])) least = child;
        if (!before(heap->entries[least], e)) break;
        put(heap, at, heap->entries[least]);
        at = least;
    }
    put(heap, at, e);
}

void pct_heap_lower(pct_heap *heap, uint32_t id, uint32_t key) {
    if (PCT_NEVER(id >= heap->id_count)) return;
    uint32_t at = heap->place[id];
    if (at == NOWHERE)
        at = heap->length++;
    else if (key >= heap->entries[at].key)
        return;
    sift_up(heap, at, (entry){key, id});
}

uint32_t pct_heap_min_key(const pct_heap *heap) {
    return heap->entries[0].key;
}

uint32_t pct_heap_pop(pct_heap *heap) {
    uint32_t id = heap->entries[0].id;
    heap->place[id] = NOWHERE;
    entry last = heap->entries[--heap->length];
    if (heap->length > 0) sift_down(heap, last);
    return id;
}
