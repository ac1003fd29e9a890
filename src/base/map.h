/* Hash maps with a stated maximum: 64-bit key → 32-bit value, and text → its number of first appearance.
 *
 * Open addressing, linear probing, load ≤ 1/2: look-up and insertion O(1) expected. Nothing is ever listed in
 * hash order; callers that need an order keep their own array. Dispose accepts a zeroed map. */
#ifndef PCT_BASE_MAP_H
#define PCT_BASE_MAP_H

#include "base/memory.h"
#include "base/status.h"

#define PCT_MAP_ABSENT UINT32_MAX /* not a legal value */

typedef struct pct_map {
    struct pct_map_slot *slots;
    size_t length, slot_count, max_items;
} pct_map;

pct_map pct_map_init(size_t max_items);
void pct_map_dispose(pct_map *map);
/* Stores value under key unless the key is there; *found is the value that holds now. Fails only for want of
 * memory or beyond the maximum (pct_map_failed tells). */
pct_status pct_map_add(pct_map *map, uint64_t key, uint32_t value, uint32_t *found) PCT_MUST_USE;
pct_status pct_map_set(pct_map *map, uint64_t key, uint32_t value) PCT_MUST_USE;
void pct_map_remove(pct_map *map, uint64_t key);        /* nothing happens when it is not there */
uint32_t pct_map_get(const pct_map *map, uint64_t key); /* PCT_MAP_ABSENT when it is not there */
pct_status pct_map_failed(const pct_map *map, pct_message what, pct_error *error);

/* Interned text: equal texts get equal numbers, counted 0, 1, 2, … in order of first appearance. */
typedef struct pct_names {
    pct_arena arena;
    pct_text *texts; /* length of them; NUL-terminated too */
    size_t length, capacity;
    uint32_t *slots;
    size_t slot_count, max_items;
} pct_names;

pct_names pct_names_init(size_t max_items, size_t max_bytes);
void pct_names_dispose(pct_names *names);
pct_status pct_names_add(pct_names *names, pct_text text, uint32_t *number) PCT_MUST_USE;
uint32_t pct_names_find(const pct_names *names, pct_text text); /* PCT_MAP_ABSENT when it is not there */

#endif
