#include "resource/demand.h"

#include "base/memory.h"
#include "clock/time.h"
#include "desk/rest.h"
#include "store/tables.h"

enum {
    PLACES_MAX = 50000,
    ARENA_MAX = 1 << 20,
    YOUNG_CALLS = 1000, /* below it the record is young */
    YOUNG_MS = 4000,
    OLD_MS = 300000
};

struct pct_demand_watch {
    pct_live_road *live;
    pct_desk *desk;
    pct_advice *advice;
    pct_store *reader;
    pthread_t thread;
    pct_rest rest;
    bool started;
    int64_t learnt_seq, calls;
};

static pct_status learn_from(pct_demand_watch *w, pct_demand_place *places, size_t count, int64_t now_ms,
                             pct_error *error) {
    pct_vector points = {0};
    pct_status status =
        pct_demand_learn(pct_live_road_open(w->live), places, count, now_ms, &points, &w->calls, error);
    if (!status) status = pct_advice_expect(w->advice, points.items, points.length, w->calls, error);
    pct_vector_dispose(&points);
    return status;
}

static pct_status learn(pct_demand_watch *w, pct_error *error) {
    const pct_snapshot *snapshot = pct_desk_snapshot(w->desk);
    int64_t seq = pct_snapshot_seq(snapshot), now_ms = pct_snapshot_at_ms(snapshot);
    pct_snapshot_release(snapshot);
    if (seq == w->learnt_seq) return PCT_OK;
    size_t count = 0;
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_demand_place *places = pct_alloc(PLACES_MAX, sizeof *places);
    pct_place_count *rows = pct_alloc(PLACES_MAX, sizeof *rows);
    pct_status status = places && rows ? PCT_OK : pct_error_memory(error, PLACES_MAX * sizeof *places);
    if (!status)
        status = pct_store_count_incidents_by_road(w->reader, now_ms - PCT_DEMAND_DAYS * PCT_DAY_MS,
                                                   PLACES_MAX, &arena, rows, &count, error);
    for (size_t i = 0; i < count && !status; i++)
        places[i] = (pct_demand_place){rows[i].road, rows[i].incidents, rows[i].first_ms};
    if (!status) status = learn_from(w, places, count, now_ms, error);
    if (!status) w->learnt_seq = seq;
    pct_free(places);
    pct_free(rows);
    pct_arena_dispose(&arena);
    return status;
}

/* --- the thread --------------------------------------------------------------------------------------------------- */

/* What fails is tried again next time; what was expected before stays. */
static void *run(void *context) {
    pct_demand_watch *w = context;
    pct_error error;
    while (pct_rest_for(&w->rest, (w->calls < YOUNG_CALLS ? YOUNG_MS : OLD_MS) * PCT_NS_PER_MS))
        (void)!learn(w, &error);
    return NULL;
}

static pct_status read_settings(const pct_site *site, pct_advice *advice, pct_error *error) {
    pct_mapped_file file;
    pct_cover_settings settings[PCT_PRIORITY_COUNT];
    pct_status status = pct_site_map_definition(site, "cover.csv", &file, error);
    if (status) return status;
    status = pct_cover_settings_read("cover.csv", file.bytes, settings, error);
    pct_file_unmap(&file);
    if (!status) pct_advice_weigh_cover(advice, settings);
    return status;
}

pct_status pct_demand_watch_new(const pct_site *site, pct_live_road *live, pct_desk *desk, pct_advice *advice,
                                pct_demand_watch **out, pct_error *error) {
    pct_demand_watch *w = pct_alloc_zeroed(1, sizeof *w);
    *out = NULL;
    if (!w) return pct_error_memory(error, sizeof *w);
    pct_rest_init(&w->rest);
    w->live = live, w->desk = desk, w->advice = advice;
    w->learnt_seq = -1;
    const pct_store_options reader = {.folder = site->folder, .read_only = true};
    pct_status status = read_settings(site, advice, error);
    if (!status) status = pct_store_open(&reader, &w->reader, error);
    if (!status) status = learn(w, error);
    if (!status && pthread_create(&w->thread, NULL, run, w) != 0) status = pct_error_memory(error, 0);
    w->started = !status;
    if (status)
        pct_demand_watch_free(w);
    else
        *out = w;
    return status;
}

void pct_demand_watch_free(pct_demand_watch *w) {
    if (!w) return;
    pct_rest_end(&w->rest);
    if (w->started) (void)pthread_join(w->thread, NULL);
    pct_store_close(w->reader);
    pct_rest_dispose(&w->rest);
    pct_free(w);
}
