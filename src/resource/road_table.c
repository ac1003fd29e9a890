/* Travel times from each of some positions to each of others. */
#include "resource/road_json.h"

/* Pairs that cannot be reached, and how many of them closures are the reason for: those that the open road reaches. */
typedef struct unreached {
    size_t pairs, by_closures;
} unreached;

static pct_status find_times(pct_seat *seat, size_t rows, size_t columns, uint32_t *times_ms,
                             pct_error *error) {
    return pct_router_table(seat->router, pct_placed_points(&seat->sources), rows,
                            pct_placed_points(&seat->targets), columns, times_ms, error);
}

/* Row by row on the open road, and only those with a gap. Which band it has does not matter: bands have other times, not other ways. */
static pct_status count_closed(pct_seat *seat, size_t rows, size_t columns, const uint32_t *times_ms,
                               unreached *u, pct_error *error) {
    for (size_t i = 0; i < rows * columns; i++) u->pairs += times_ms[i] == PCT_UNREACHABLE_MS;
    if (u->pairs == 0 || seat->version->closure_count == 0) return PCT_OK;
    uint32_t *all_ms;
    pct_status status = pct_seat_times(seat, (rows + 1) * columns, &all_ms, error);
    pct_router_take_road(seat->router, seat->open);
    for (size_t r = 0; r < rows && !status; r++) {
        const uint32_t *row_ms = all_ms + r * columns;
        uint32_t *open_ms = all_ms + rows * columns;
        size_t gaps = 0;
        for (size_t c = 0; c < columns; c++) gaps += row_ms[c] == PCT_UNREACHABLE_MS;
        if (gaps == 0) continue;
        pct_router_times_from(seat->router, pct_placed_points(&seat->sources)[r],
                              pct_placed_points(&seat->targets), columns, open_ms);
        for (size_t c = 0; c < columns; c++)
            u->by_closures += row_ms[c] == PCT_UNREACHABLE_MS && open_ms[c] != PCT_UNREACHABLE_MS;
    }
    pct_router_take_road(seat->router, seat->road);
    return status;
}

static void write_table(pct_exchange *x, const pct_seat *seat, size_t rows, size_t columns,
                        const uint32_t *times_ms, const unreached *u) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "profile");
    pct_json_string(&json, pct_profile_name(seat->profile));
    pct_road_write_band(&json, seat);
    pct_json_key(&json, "durations_s");
    pct_json_begin_array(&json);
    for (size_t r = 0; r < rows; r++) pct_json_seconds(&json, times_ms + r * columns, columns);
    pct_json_end_array(&json);
    pct_road_write_distances(&json, "source_distances_m", &seat->sources);
    pct_road_write_distances(&json, "target_distances_m", &seat->targets);
    pct_json_key(&json, "unreachable");
    pct_json_integer(&json, (int64_t)u->pairs);
    pct_json_key(&json, "unreachable_by_closures");
    pct_json_integer(&json, (int64_t)u->by_closures);
    pct_json_end_object(&json);
}

pct_status pct_resource_road_table(pct_exchange *x, pct_error *error) {
    pct_seat *seat = NULL;
    unreached u = {0};
    uint32_t *times_ms = NULL;
    pct_status status = pct_road_sit(x, pct_exchange_text(x, "profile"), &seat, error);
    if (status) return status;
    status = pct_road_place_all(x, seat, "sources", &seat->sources, error);
    if (!status) status = pct_road_place_all(x, seat, "targets", &seat->targets, error);
    size_t rows = seat->sources.points.length, columns = seat->targets.points.length;
    if (!status) status = pct_seat_times(seat, (rows + 1) * columns + 1, &times_ms, error);
    if (!status) status = find_times(seat, rows, columns, times_ms, error);
    if (!status) status = count_closed(seat, rows, columns, times_ms, &u, error);
    if (!status) write_table(x, seat, rows, columns, times_ms, &u);
    pct_ways_rise(x->service->ways, seat);
    return status;
}
