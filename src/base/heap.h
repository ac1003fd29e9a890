/* Indexed 4-ary min-heap over ids 0 … n-1 with 32-bit keys: Dijkstra's queue.
 *
 * Equal keys leave in order of id, so that every traversal is repeatable. Push, decrease and pop are
 * O(log n); pct_heap_new is the only call that allocates, clear costs what is still queued. */
#ifndef PCT_BASE_HEAP_H
#define PCT_BASE_HEAP_H

#include <stdbool.h>

#include "base/status.h"

typedef struct pct_heap pct_heap;

pct_status pct_heap_new(uint32_t id_count, pct_heap **out) PCT_MUST_USE;
void pct_heap_free(pct_heap *heap);
void pct_heap_clear(pct_heap *heap);
bool pct_heap_empty(const pct_heap *heap);
/* Queues id under key, or lowers its key; a key that is not lower changes nothing. */
void pct_heap_lower(pct_heap *heap, uint32_t id, uint32_t key);
uint32_t pct_heap_min_key(const pct_heap *heap); /* of a heap that is not empty */
uint32_t pct_heap_pop(pct_heap *heap);           /* the id with the least key; not from an empty heap */

#endif
