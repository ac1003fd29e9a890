#include "resource/band_roads.h"

#include <pthread.h>

#include "base/memory.h"

struct pct_band_roads {
    const pct_road *open[PCT_PROFILE_COUNT]; /* NULL: the site has none of that profile */
    const pct_live_bands *bands;             /* NULL: nothing is learnt */
    pthread_mutex_t lock;                    /* of all below */
    pct_held_road *first;
    uint64_t takes;
};

pct_status pct_band_roads_new(const pct_live_road *live, pct_band_roads **out, pct_error *error) {
    pct_band_roads *roads = pct_alloc_zeroed(1, sizeof *roads);
    if (!roads) return pct_error_memory(error, sizeof *roads);
    (void)pthread_mutex_init(&roads->lock, NULL);
    roads->open[PCT_PROFILE_RESPONSE] = pct_live_road_open(live);
    roads->open[PCT_PROFILE_PATROL] = pct_live_road_open_patrol(live);
    roads->bands = pct_live_road_bands(live);
    *out = roads;
    return PCT_OK;
}

static void held_free(pct_held_road *held) {
    pct_road_free(held->road);
    pct_free(held);
}

void pct_band_roads_free(pct_band_roads *roads) {
    if (!roads) return;
    for (pct_held_road *held = roads->first, *next; held; held = next) {
        next = held->next;
        held_free(held);
    }
    (void)pthread_mutex_destroy(&roads->lock);
    pct_free(roads);
}

int pct_band_roads_at(const pct_band_roads *roads, pct_profile profile, int64_t at_ms) {
    const pct_live_bands *b = roads->bands;
    if (!b) return PCT_NO_BAND;
    int band = pct_bands_at(&b->site->bands, b->zone, at_ms);
    return pct_learnt_has(&b->site->learnt, pct_learnt_profile_of(profile), band) ? band : PCT_NO_BAND;
}

const pct_band *pct_band_roads_named(const pct_band_roads *roads, int band) {
    return band == PCT_NO_BAND ? NULL : &roads->bands->site->bands.items[band];
}

int pct_band_roads_index(const pct_band_roads *roads, const pct_band *band) {
    return band ? (int)(band - roads->bands->site->bands.items) : PCT_NO_BAND;
}

/* All that a version closes or slows, in a row; NULL when that is nothing. */
static pct_status list_closed(const pct_live_version *version, pct_closed_segment **out, size_t *count,
                              pct_error *error) {
    *out = NULL;
    *count = 0;
    for (size_t i = 0; version && i < version->closure_count; i++) *count += version->closures[i].count;
    if (*count == 0) return PCT_OK;
    pct_closed_segment *list = pct_alloc(*count, sizeof *list);
    if (!list) return pct_error_memory(error, *count * sizeof *list);
    *out = list;
    for (size_t i = 0; i < version->closure_count; i++)
        for (size_t s = 0; s < version->closures[i].count; s++) *list++ = version->closures[i].segments[s];
    return PCT_OK;
}

static pct_status make_road(const pct_band_roads *roads, pct_held_road *held, const pct_live_version *version,
                            pct_error *error) {
    const pct_road *open = roads->open[held->profile];
    pct_closed_segment *closed;
    size_t count;
    pct_status status = list_closed(version, &closed, &count, error);
    if (status) return status;
    if (held->band == PCT_NO_BAND)
        status = pct_road_close(open, closed, count, &held->road, error);
    else if (count == 0)
        status = pct_road_of_band(open, &roads->bands->site->learnt, held->band, &roads->bands->site->base,
                                  &held->road, error);
    else
        status = pct_road_close_in_band(open, &roads->bands->site->learnt, held->band,
                                        &roads->bands->site->base, closed, count, &held->road, error);
    pct_free(closed);
    return status;
}

/* Of those that nobody uses, all but the ones used last; of the same profile and band only what has the newest closures. */
static void let_go(pct_band_roads *roads, const pct_held_road *newest) {
    for (;;) {
        pct_held_road **oldest = NULL;
        size_t idle = 0;
        bool stale = false;
        for (pct_held_road **p = &roads->first; *p; p = &(*p)->next) {
            const pct_held_road *h = *p;
            if (h->users > 0) continue;
            idle++;
            bool old = h->profile == newest->profile && h->band == newest->band && h->number != 0 &&
                       h->number < newest->number;
            if (stale || (!old && oldest && h->used >= (*oldest)->used)) continue;
            oldest = p;
            stale = old;
        }
        if (!oldest || (!stale && idle <= PCT_BAND_ROADS_KEPT)) return;
        pct_held_road *gone = *oldest;
        *oldest = gone->next;
        held_free(gone);
    }
}

static pct_held_road *find(const pct_band_roads *roads, pct_profile profile, int band, int64_t number) {
    for (pct_held_road *h = roads->first; h; h = h->next)
        if (h->profile == profile && h->band == band && h->number == number) return h;
    return NULL;
}

pct_status pct_band_roads_take(pct_band_roads *roads, pct_profile profile, int band,
                               const pct_live_version *version, pct_held_road **out, pct_error *error) {
    const bool closes = version && version->closure_count > 0;
    const int64_t number = closes ? version->number : 0;
    pct_status status = PCT_OK;
    (void)pthread_mutex_lock(&roads->lock);
    pct_held_road *held = find(roads, profile, band, number);
    if (!held) {
        held = pct_alloc_zeroed(1, sizeof *held);
        status = held ? PCT_OK : pct_error_memory(error, sizeof *held);
        if (!status) {
            *held = (pct_held_road){.profile = profile, .band = band, .number = number};
            status = make_road(roads, held, closes ? version : NULL, error);
        }
        if (status) {
            pct_free(held);
        } else {
            held->next = roads->first;
            roads->first = held;
        }
    }
    if (!status) {
        held->users++;
        held->used = ++roads->takes;
        let_go(roads, held);
        *out = held;
    }
    (void)pthread_mutex_unlock(&roads->lock);
    return status;
}

void pct_band_roads_give(pct_band_roads *roads, pct_held_road *held) {
    (void)pthread_mutex_lock(&roads->lock);
    held->users--;
    let_go(roads, held);
    (void)pthread_mutex_unlock(&roads->lock);
}
