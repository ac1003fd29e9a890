#include "cli/under_way.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "site/file.h"

enum { PAGE = 200, ORDERS_MAX = 100, ARENA_MAX = 64 << 20 };

static pct_status add_orders(pct_store *store, pct_incident_id incident, pct_arena *arena, pct_vector *out,
                             pct_error *error) {
    pct_order_row *rows = pct_arena_alloc(arena, ORDERS_MAX, sizeof *rows);
    size_t count = 0;
    if (!rows) return pct_error_memory(error, ORDERS_MAX * sizeof *rows);
    pct_status status = pct_store_list_orders(store, incident, ORDERS_MAX, arena, rows, &count, error);
    for (size_t i = 0; i < count && !status; i++) {
        if (rows[i].set_out_at_ms <= 0 || rows[i].arrived_at_ms <= rows[i].set_out_at_ms) continue;
        pct_under_way *room = pct_vector_push(out);
        if (!room) return pct_error_memory(error, sizeof *room);
        *room = (pct_under_way){rows[i].unit.seq, rows[i].set_out_at_ms, rows[i].arrived_at_ms};
    }
    return status;
}

/* The newest incidents first, a page at a time. */
static pct_status read_pages(pct_store *store, pct_vector *out, pct_error *error) {
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_status status = PCT_OK;
    size_t count = PAGE;
    for (int64_t before = 0; count == PAGE && !status; pct_arena_reset(&arena)) {
        pct_incident_row *rows = pct_arena_alloc(&arena, PAGE, sizeof *rows);
        status = rows ? pct_store_list_incidents(store, before, PAGE, &arena, rows, &count, error)
                      : pct_error_memory(error, PAGE * sizeof *rows);
        for (size_t i = 0; !status && i < count; i++) {
            status = add_orders(store, rows[i].id, &arena, out, error);
            before = rows[i].id.seq;
        }
    }
    pct_arena_dispose(&arena);
    return status;
}

static int by_unit_and_time(const void *a, const void *b) {
    const pct_under_way *p = a, *q = b;
    if (p->unit != q->unit) return p->unit < q->unit ? -1 : 1;
    return (p->from_ms > q->from_ms) - (p->from_ms < q->from_ms);
}

pct_status pct_under_way_read(const char *folder, pct_vector *out, pct_error *error) {
    const pct_store_options options = {.folder = folder, .read_only = true};
    char path[PCT_PATH_MAX];
    struct stat info;
    pct_store *store;
    pct_status status = pct_path_join(path, folder, PCT_STORE_RECORD, error);
    if (status || stat(path, &info) != 0) return status;
    status = pct_store_open(&options, &store, error);
    if (status) return status;
    status = read_pages(store, out, error);
    pct_store_close(store);
    if (out->length > 0) qsort(out->items, out->length, sizeof(pct_under_way), by_unit_and_time);
    return status;
}

bool pct_under_way_covers(const pct_vector *all, int64_t unit, int64_t from_ms, int64_t to_ms) {
    const pct_under_way *ways = all->items;
    size_t low = 0, high = all->length;
    while (low < high) { /* the first that begins later */
        size_t middle = low + (high - low) / 2;
        if (ways[middle].unit < unit || (ways[middle].unit == unit && ways[middle].from_ms <= from_ms))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && ways[low - 1].unit == unit && to_ms <= ways[low - 1].to_ms;
}
