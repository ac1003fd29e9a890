#include "audit/known.h"

#include <string.h>

#include "base/memory.h"

/* splitmix64's finalizer (Vigna): every bit of the key reaches every bit of the result. */
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

pct_status pct_known_init(uint32_t objects, uint32_t relations, pct_known *out, pct_error *error) {
    *out = (pct_known){.object_mask = objects / PCT_KNOWN_WAYS - 1,
                       .relation_mask = relations / PCT_KNOWN_WAYS - 1};
    out->objects = pct_alloc_zeroed(objects, sizeof *out->objects);
    out->relations = pct_alloc_zeroed(relations, sizeof *out->relations);
    if (out->objects && out->relations) return PCT_OK;
    pct_known_dispose(out);
    return pct_error_memory(error, objects * sizeof *out->objects);
}

void pct_known_dispose(pct_known *known) {
    pct_free(known->objects);
    pct_free(known->relations);
    *known = (pct_known){0};
}

static pct_known_object *object_set(const pct_known *known, int64_t seq) {
    return known->objects + (mix((uint64_t)seq) & known->object_mask) * PCT_KNOWN_WAYS;
}

pct_known_object *pct_known_find(const pct_known *known, int64_t seq) {
    pct_known_object *set = object_set(known, seq);
    for (int i = 0; i < PCT_KNOWN_WAYS && seq > 0; i++)
        if (set[i].seq == seq) return &set[i];
    return NULL;
}

pct_known_object *pct_known_add(pct_known *known, int64_t seq) {
    pct_known_object *set = object_set(known, seq), *place = set;
    for (int i = 1; i < PCT_KNOWN_WAYS; i++)
        if (set[i].seq < place->seq) place = &set[i];
    memset(place, 0, sizeof *place);
    place->seq = seq;
    return place;
}

uint64_t pct_known_key(uint64_t who, char kind, uint64_t what) {
    uint64_t key = mix(who ^ mix(what ^ mix((uint64_t)(unsigned char)kind)));
    return key ? key : 1;
}

bool pct_known_touch(pct_known *known, uint64_t key, int64_t at_ms) {
    pct_known_relation *set = known->relations + (key & known->relation_mask) * PCT_KNOWN_WAYS, *place = set;
    for (int i = 0; i < PCT_KNOWN_WAYS; i++) {
        if (set[i].key == key) {
            set[i].last_ms = at_ms;
            return false;
        }
        if (set[i].last_ms < place->last_ms) place = &set[i];
    }
    *place = (pct_known_relation){key, at_ms};
    return true;
}

bool pct_known_since(const pct_known *known, uint64_t key, int64_t since_ms) {
    const pct_known_relation *set = known->relations + (key & known->relation_mask) * PCT_KNOWN_WAYS;
    for (int i = 0; i < PCT_KNOWN_WAYS; i++)
        if (set[i].key == key) return set[i].last_ms >= since_ms;
    return false;
}
