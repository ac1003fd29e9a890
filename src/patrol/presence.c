/* A hash map from (segment, hour) to a row; rows are sorted when they are asked for. */
#include "patrol/presence.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vector.h"

enum { HOUR_MS = 3600000 };

struct pct_presence {
    const pct_zone *zone;
    pct_map row_of;
    pct_vector rows; /* of pct_presence_row */
    bool sorted;
};

pct_status pct_presence_new(const pct_zone *zone, pct_presence **out, pct_error *error) {
    pct_presence *p = pct_alloc_zeroed(1, sizeof *p);
    *out = p;
    if (!p) return pct_error_memory(error, sizeof *p);
    p->zone = zone;
    p->row_of = pct_map_init(PCT_PRESENCE_ROWS_MAX);
    p->rows = pct_vector_init(sizeof(pct_presence_row), PCT_PRESENCE_ROWS_MAX);
    return PCT_OK;
}

void pct_presence_free(pct_presence *presence) {
    if (!presence) return;
    pct_map_dispose(&presence->row_of);
    pct_vector_dispose(&presence->rows);
    pct_free(presence);
}

static pct_status add_hour(pct_presence *p, uint32_t segment, int64_t hour, int64_t ms, pct_error *error) {
    uint64_t key = (uint64_t)segment << 32 | (uint32_t)hour;
    uint32_t row;
    if (pct_map_add(&p->row_of, key, (uint32_t)p->rows.length, &row))
        return pct_error_memory(error, sizeof(pct_presence_row));
    if (row == p->rows.length) {
        pct_presence_row *fresh = pct_vector_push(&p->rows);
        if (!fresh) {
            pct_map_remove(&p->row_of, key);
            return pct_error_memory(error, sizeof *fresh);
        }
        *fresh = (pct_presence_row){segment, hour, 0};
    }
    ((pct_presence_row *)p->rows.items)[row].unit_ms += ms;
    return PCT_OK;
}

/* The sort moved the rows: the map is made anew. */
static pct_status renumber(pct_presence *p, pct_error *error) {
    const pct_presence_row *row = p->rows.items;
    for (size_t i = 0; i < p->rows.length; i++)
        if (pct_map_set(&p->row_of, (uint64_t)row[i].segment << 32 | (uint32_t)row[i].hour, (uint32_t)i))
            return pct_error_memory(error, sizeof *row);
    p->sorted = false;
    return PCT_OK;
}

pct_status pct_presence_add(pct_presence *presence, uint32_t segment, int64_t from_ms, int64_t to_ms,
                            pct_error *error) {
    pct_status status = presence->sorted ? renumber(presence, error) : PCT_OK;
    while (!status && from_ms < to_ms) {
        int32_t offset_s;
        pct_civil civil = pct_zone_to_local(presence->zone, from_ms, &offset_s);
        int64_t local_ms = pct_civil_to_ms(&civil), left_ms = HOUR_MS - local_ms % HOUR_MS;
        int64_t end_ms = to_ms - from_ms < left_ms ? to_ms : from_ms + left_ms;
        status = add_hour(presence, segment, local_ms / HOUR_MS, end_ms - from_ms, error);
        from_ms = end_ms;
    }
    return status;
}

static int by_segment(const void *a, const void *b) {
    const pct_presence_row *x = a, *y = b;
    if (x->segment != y->segment) return x->segment < y->segment ? -1 : 1;
    return (x->hour > y->hour) - (x->hour < y->hour);
}

const pct_presence_row *pct_presence_rows(pct_presence *presence, size_t *count) {
    if (!presence->sorted && presence->rows.length > 1)
        qsort(presence->rows.items, presence->rows.length, sizeof(pct_presence_row), by_segment);
    presence->sorted = true;
    *count = presence->rows.length;
    return presence->rows.items;
}
