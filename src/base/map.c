#include "base/map.h"

#include <string.h>
#include <xxhash.h>

typedef struct pct_map_slot {
    uint64_t key;
    uint32_t value; /* PCT_MAP_ABSENT: the slot is free */
} pct_map_slot;

enum { FIRST_SLOTS = 64 };

/* splitmix64's finaliser: neighbouring ids, the usual keys, spread over the table. */
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

pct_map pct_map_init(size_t max_items) {
    return (pct_map){.max_items = max_items};
}

void pct_map_dispose(pct_map *map) {
    pct_free(map->slots);
    *map = pct_map_init(map->max_items);
}

static pct_map_slot *slot_of(const pct_map *map, uint64_t key) {
    size_t i = mix(key) & (map->slot_count - 1);
    while (map->slots[i].value != PCT_MAP_ABSENT && map->slots[i].key != key)
        i = (i + 1) & (map->slot_count - 1);
    return &map->slots[i];
}

static pct_status map_grow(pct_map *map) {
    if (map->length >= map->max_items) return PCT_LIMIT;
    if (map->length * 2 < map->slot_count) return PCT_OK;
    pct_map wider = *map;
    wider.slot_count = map->slot_count ? map->slot_count * 2 : FIRST_SLOTS;
    wider.slots = pct_alloc(wider.slot_count, sizeof *wider.slots);
    if (!wider.slots) return PCT_MEMORY;
    for (size_t i = 0; i < wider.slot_count; i++) wider.slots[i] = (pct_map_slot){0, PCT_MAP_ABSENT};
    for (size_t i = 0; i < map->slot_count; i++)
        if (map->slots[i].value != PCT_MAP_ABSENT) *slot_of(&wider, map->slots[i].key) = map->slots[i];
    pct_free(map->slots);
    *map = wider;
    return PCT_OK;
}

pct_status pct_map_add(pct_map *map, uint64_t key, uint32_t value, uint32_t *found) {
    pct_map_slot *slot = map->slots ? slot_of(map, key) : NULL;
    if (!slot || slot->value == PCT_MAP_ABSENT) {
        pct_status status = map_grow(map);
        if (status) return status;
        slot = slot_of(map, key);
        *slot = (pct_map_slot){key, value};
        map->length++;
    }
    *found = slot->value;
    return PCT_OK;
}

pct_status pct_map_set(pct_map *map, uint64_t key, uint32_t value) {
    uint32_t found;
    pct_status status = pct_map_add(map, key, value, &found);
    if (!status) slot_of(map, key)->value = value;
    return status;
}

/* Backward-shift deletion (Knuth 6.4 R): items behind the hole that a look-up would no longer reach move into it, so that
 * no tombstones gather. */
void pct_map_remove(pct_map *map, uint64_t key) {
    pct_map_slot *slot = map->slots ? slot_of(map, key) : NULL;
    if (!slot || slot->value == PCT_MAP_ABSENT) return;
    size_t mask = map->slot_count - 1, hole = (size_t)(slot - map->slots);
    for (size_t i = (hole + 1) & mask; map->slots[i].value != PCT_MAP_ABSENT; i = (i + 1) & mask) {
        size_t home = mix(map->slots[i].key) & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        map->slots[hole] = map->slots[i];
        hole = i;
    }
    map->slots[hole].value = PCT_MAP_ABSENT;
    map->length--;
}

uint32_t pct_map_get(const pct_map *map, uint64_t key) {
    return map->slots ? slot_of(map, key)->value : PCT_MAP_ABSENT;
}

pct_status pct_map_failed(const pct_map *map, pct_message what, pct_error *error) {
    if (map->length >= map->max_items)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(what),
                        pct_int((int64_t)map->max_items));
    return pct_error_memory(error, map->slot_count * 2 * sizeof *map->slots);
}

pct_names pct_names_init(size_t max_items, size_t max_bytes) {
    return (pct_names){.arena = pct_arena_init(max_bytes), .max_items = max_items};
}

void pct_names_dispose(pct_names *names) {
    pct_arena_dispose(&names->arena);
    pct_free(names->texts);
    pct_free(names->slots);
    *names = pct_names_init(names->max_items, names->arena.max_bytes);
}

static uint32_t *name_slot(const pct_names *names, pct_text text) {
    size_t i = (size_t)XXH3_64bits(text.chars, text.length) & (names->slot_count - 1);
    for (; names->slots[i] != PCT_MAP_ABSENT; i = (i + 1) & (names->slot_count - 1)) {
        pct_text held = names->texts[names->slots[i]];
        if (held.length == text.length &&
            (text.length == 0 || memcmp(held.chars, text.chars, text.length) == 0))
            break;
    }
    return &names->slots[i];
}

static pct_status names_grow(pct_names *names) {
    if (names->length >= names->max_items) return PCT_LIMIT;
    if (names->length * 2 < names->slot_count) return PCT_OK;
    size_t slot_count = names->slot_count ? names->slot_count * 2 : FIRST_SLOTS;
    pct_text *texts = pct_realloc(names->texts, slot_count / 2, sizeof *texts);
    if (!texts) return PCT_MEMORY;
    names->texts = texts;
    uint32_t *slots = pct_alloc(slot_count, sizeof *slots);
    if (!slots) return PCT_MEMORY;
    memset(slots, 0xFF, slot_count * sizeof *slots);
    pct_free(names->slots);
    names->slots = slots;
    names->slot_count = slot_count;
    for (uint32_t i = 0; i < names->length; i++) *name_slot(names, texts[i]) = i;
    return PCT_OK;
}

pct_status pct_names_add(pct_names *names, pct_text text, uint32_t *number) {
    *number = pct_names_find(names, text);
    if (*number != PCT_MAP_ABSENT) return PCT_OK;
    pct_status status = names_grow(names);
    if (status) return status;
    char *copy = pct_arena_text(&names->arena, text.chars, text.length);
    if (!copy) return PCT_MEMORY;
    *number = (uint32_t)names->length;
    *name_slot(names, text) = *number;
    names->texts[names->length++] = (pct_text){copy, text.length};
    return PCT_OK;
}

uint32_t pct_names_find(const pct_names *names, pct_text text) {
    return names->slots ? *name_slot(names, text) : PCT_MAP_ABSENT;
}
