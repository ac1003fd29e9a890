/* A hash map from (street, hour of the day) to a row, which holds time and up to three different crews; rows are sorted by street when
 * somebody asks, and those of the hours that are asked for taken together. O(rows log rows) at the first question. */
#include "patrol/streets.h"

#include <stdlib.h>

#include "base/map.h"

enum { HOURS = 24, HOUR_MS = 3600000, MIN_MS = 60000 };

typedef struct row {
    uint64_t key; /* segment × 24 + hour */
    int64_t unit_ms;
    int64_t crews[PCT_CREWS_LEAST]; /* different ones; 0: none yet */
} row;

struct pct_streets {
    const pct_zone *zone;
    pct_map row_of;
    pct_vector rows; /* of row */
    bool sorted;
};

pct_status pct_streets_new(const pct_zone *zone, pct_streets **out, pct_error *error) {
    pct_streets *s = *out = pct_alloc_zeroed(1, sizeof *s);
    if (!s) return pct_error_memory(error, sizeof *s);
    s->zone = zone;
    s->row_of = pct_map_init(PCT_STREETS_ROWS_MAX);
    s->rows = pct_vector_init(sizeof(row), PCT_STREETS_ROWS_MAX);
    return PCT_OK;
}

void pct_streets_free(pct_streets *streets) {
    if (!streets) return;
    pct_map_dispose(&streets->row_of);
    pct_vector_dispose(&streets->rows);
    pct_free(streets);
}

static void remember(int64_t crews[PCT_CREWS_LEAST], int64_t crew) {
    int i = 0;
    while (i < PCT_CREWS_LEAST && crews[i] != 0 && crews[i] != crew) i++;
    if (i < PCT_CREWS_LEAST) crews[i] = crew;
}

static pct_status add_hour(pct_streets *s, int64_t crew, uint64_t key, int64_t ms, pct_error *error) {
    uint32_t number;
    if (pct_map_add(&s->row_of, key, (uint32_t)s->rows.length, &number))
        return pct_error_memory(error, sizeof(row));
    if (number == s->rows.length) {
        row *fresh = pct_vector_push(&s->rows);
        if (!fresh) {
            pct_map_remove(&s->row_of, key);
            return pct_error_memory(error, sizeof *fresh);
        }
        fresh->key = key;
    }
    row *r = (row *)s->rows.items + number;
    r->unit_ms += ms;
    remember(r->crews, crew);
    return PCT_OK;
}

/* The sort moved the rows: the map is made anew. */
static pct_status renumber(pct_streets *s, pct_error *error) {
    const row *r = s->rows.items;
    for (size_t i = 0; i < s->rows.length; i++)
        if (pct_map_set(&s->row_of, r[i].key, (uint32_t)i)) return pct_error_memory(error, sizeof *r);
    s->sorted = false;
    return PCT_OK;
}

pct_status pct_streets_add(pct_streets *streets, int64_t crew, uint32_t segment, int64_t from_ms,
                           int64_t to_ms, pct_error *error) {
    pct_status status = streets->sorted ? renumber(streets, error) : PCT_OK;
    while (!status && from_ms < to_ms) {
        int32_t offset_s;
        pct_civil civil = pct_zone_to_local(streets->zone, from_ms, &offset_s);
        int64_t local_ms = pct_civil_to_ms(&civil), left_ms = HOUR_MS - local_ms % HOUR_MS;
        int64_t end_ms = to_ms - from_ms < left_ms ? to_ms : from_ms + left_ms;
        status = add_hour(streets, crew, (uint64_t)segment * HOURS + (uint64_t)civil.hour, end_ms - from_ms,
                          error);
        from_ms = end_ms;
    }
    return status;
}

static int by_key(const void *a, const void *b) {
    const row *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static int by_minutes(const void *a, const void *b) {
    const pct_street *x = a, *y = b;
    if (x->unit_minutes != y->unit_minutes) return x->unit_minutes < y->unit_minutes ? 1 : -1;
    return (x->segment > y->segment) - (x->segment < y->segment);
}

/* One street: its rows in the hours that are asked for, together. */
static pct_status tell_street(const row *r, size_t count, int hour, pct_vector *rows, size_t *hidden,
                              pct_error *error) {
    int64_t crews[PCT_CREWS_LEAST] = {0}, ms = 0;
    for (size_t i = 0; i < count; i++) {
        if (hour != PCT_STREETS_ALL_DAY && (int)(r[i].key % HOURS) != hour) continue;
        ms += r[i].unit_ms;
        for (int c = 0; c < PCT_CREWS_LEAST && r[i].crews[c] != 0; c++) remember(crews, r[i].crews[c]);
    }
    if (ms == 0) return PCT_OK;
    if (crews[PCT_CREWS_LEAST - 1] == 0) {
        ++*hidden;
        return PCT_OK;
    }
    pct_street *told = pct_vector_push(rows);
    if (!told) return pct_error_memory(error, sizeof *told);
    const int64_t step_ms = PCT_STREETS_STEP_MIN * MIN_MS;
    *told = (pct_street){(uint32_t)(r->key / HOURS),
                         (int32_t)((ms + step_ms / 2) / step_ms * PCT_STREETS_STEP_MIN)};
    return PCT_OK;
}

pct_status pct_streets_tell(pct_streets *streets, int hour, pct_vector *rows, size_t *hidden,
                            pct_error *error) {
    const row *r = streets->rows.items;
    size_t count = streets->rows.length, first = 0;
    pct_status status = PCT_OK;
    *hidden = 0;
    if (!streets->sorted && count > 1) qsort(streets->rows.items, count, sizeof(row), by_key);
    streets->sorted = true;
    while (first < count && !status) {
        size_t end = first + 1;
        while (end < count && r[end].key / HOURS == r[first].key / HOURS) end++;
        status = tell_street(&r[first], end - first, hour, rows, hidden, error);
        first = end;
    }
    if (!status && rows->length > 1) qsort(rows->items, rows->length, sizeof(pct_street), by_minutes);
    return status;
}
