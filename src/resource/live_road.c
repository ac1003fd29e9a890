#include "resource/live_road.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "site/now.h"
#include "store/tables.h"

enum { ROWS_MAX = 512, ARENA_MAX = 8 << 20, LEAVE_MS = 2, HELPERS_MAX = 3, NO_BAND = -1 };

/* What is closed at one time. */
typedef struct list {
    pct_vector closures; /* of pct_live_closure */
    pct_vector segments; /* of pct_closed_segment, closure after closure */
    int64_t number, closed_number;
} list;

struct pct_live_road {
    const pct_road *open, *patrol; /* patrol: NULL when the site has none */
    unsigned profiles;             /* roads of the pair */
    pct_desk *desk;
    pct_store *reader; /* the thread's alone */
    pct_road_pair *pair;
    pct_pool *pool; /* helps the thread to customize */
    struct {
        pct_live_version shown;
        list *list; /* both sides may have the same */
    } sides[2];
    pct_live_bands bands; /* site NULL: there are none */
    int band;             /* whose times the pair has, NO_BAND: those of the open roads */
    uint32_t *base_ms;    /* [network arcs] for a change of band */
    list *newest;         /* that of a side; NULL before the first */
    bool calm;            /* the perfect metrics of what is closed now are there, or cannot be had */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool started, stopping, poked;
};

/* --- a list ------------------------------------------------------------------------------------------------------- */

static void list_free(list *l) {
    if (!l) return;
    pct_vector_dispose(&l->closures);
    pct_vector_dispose(&l->segments);
    pct_free(l);
}

static list *list_new(void) {
    list *l = pct_alloc_zeroed(1, sizeof *l);
    if (!l) return NULL;
    l->closures = pct_vector_init(sizeof(pct_live_closure), PCT_BOARD_CLOSURES_MAX);
    l->segments = pct_vector_init(sizeof(pct_closed_segment),
                                  (size_t)PCT_BOARD_CLOSURES_MAX * PCT_CLOSURE_SEGMENTS_MAX);
    return l;
}

static const pct_live_closure *find_closure(const list *l, pct_closure_id id) {
    const pct_live_closure *closures = l ? l->closures.items : NULL;
    for (size_t i = 0; l && i < l->closures.length; i++)
        if (closures[i].id.seq == id.seq) return &closures[i];
    return NULL;
}

static pct_status add_segment(list *l, pct_closed_segment shut) {
    pct_closed_segment *room = pct_vector_push(&l->segments);
    if (!room) return PCT_MEMORY;
    *room = shut;
    return PCT_OK;
}

/* --- roads of a closure from the record --------------------------------------------------------------------------- */

static pct_status add_roads(const pct_live_road *live, list *l, pct_live_closure *closure,
                            const pct_closure *c, const pct_closed_road *rows, size_t count) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        uint32_t segment;
        bool backward;
        if (pct_closed_find(live->open, rows[i].road, rows[i].position, &segment, &backward, NULL) != PCT_OK)
            closure->missing++;
        else
            status = add_segment(l, (pct_closed_segment){segment, c->both_ways || !backward,
                                                         c->both_ways || backward, c->speed_kmh});
    }
    return status;
}

static pct_status add_area(const pct_live_road *live, list *l, pct_live_closure *closure,
                           const pct_closure *c, const pct_closed_road *rows, size_t count) {
    pct_position ring[ROWS_MAX];
    pct_vector found = pct_vector_init(sizeof(uint32_t), PCT_CLOSURE_SEGMENTS_MAX);
    for (size_t i = 0; i < count; i++) ring[i] = rows[i].position;
    pct_status status = pct_closed_in_area(live->open, ring, count, PCT_CLOSURE_SEGMENTS_MAX, &found, NULL);
    const uint32_t *segments = found.items;
    if (status == PCT_LIMIT) closure->missing++, status = PCT_OK; /* the map has grown under it */
    for (size_t i = 0; i < found.length && !status; i++)
        status = add_segment(l, (pct_closed_segment){segments[i], true, true, c->speed_kmh});
    pct_vector_dispose(&found);
    return status;
}

static pct_status read_closure(const pct_live_road *live, list *l, const pct_closure *c,
                               pct_live_closure *closure, pct_error *error) {
    pct_closed_road rows[ROWS_MAX];
    size_t count = 0;
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_status status =
        pct_store_list_closed_roads(live->reader, c->id, ROWS_MAX, &arena, rows, &count, error);
    pct_arena_dispose(&arena);
    if (status || count == 0) return status;
    status = rows[0].has_road ? add_roads(live, l, closure, c, rows, count)
                              : add_area(live, l, closure, c, rows, count);
    return status ? pct_error_memory(error, sizeof rows) : PCT_OK;
}

/* Of a closure that the list before knows, its segments are taken over. */
static pct_status add_closure(const pct_live_road *live, list *l, const pct_closure *c, pct_error *error) {
    pct_live_closure *closure = pct_vector_push(&l->closures);
    if (!closure) return pct_error_memory(error, sizeof *closure);
    *closure = (pct_live_closure){.id = c->id, .speed_kmh = c->speed_kmh};
    size_t before = l->segments.length;
    const pct_live_closure *known = find_closure(live->newest, c->id);
    pct_status status = PCT_OK;
    for (size_t i = 0; known && i < known->count && !status; i++) status = add_segment(l, known->segments[i]);
    if (status) return pct_error_memory(error, sizeof(pct_closed_segment));
    if (known)
        closure->missing = known->missing;
    else
        status = read_closure(live, l, c, closure, error);
    closure->count = l->segments.length - before;
    return status;
}

static pct_status gather(const pct_live_road *live, const pct_snapshot *snapshot, list *l, pct_error *error) {
    pct_status status = PCT_OK;
    const pct_desk_closure *c = pct_snapshot_next_closure(snapshot, (pct_closure_id){0});
    for (; c && !status; c = pct_snapshot_next_closure(snapshot, c->closure.id))
        if (c->closure.status == PCT_CLOSURE_OPEN) status = add_closure(live, l, &c->closure, error);
    pct_live_closure *closures = l->closures.items;
    const pct_closed_segment *segments = l->segments.items;
    for (size_t i = 0; i < l->closures.length; i++) {
        closures[i].segments = segments;
        segments += closures[i].count;
    }
    return status;
}

/* --- the exchange ------------------------------------------------------------------------------------------------- */

static bool is_stopping(pct_live_road *live) {
    (void)pthread_mutex_lock(&live->lock);
    bool stopping = live->stopping;
    (void)pthread_mutex_unlock(&live->lock);
    return stopping;
}

/* false when the thread has to end before the last reader has left. */
static bool wait_until_free(pct_live_road *live) {
    const struct timespec a_moment = {0, PCT_NS_PER_MS / 4};
    while (!pct_road_pair_is_free(live->pair)) {
        if (is_stopping(live)) return false;
        (void)nanosleep(&a_moment, NULL);
    }
    return true;
}

static bool has_learnt(const pct_live_road *live, pct_profile profile, int band) {
    return band != NO_BAND && pct_learnt_has(&live->bands.site->learnt, pct_learnt_profile_of(profile), band);
}

/* Whose learnt speeds a profile has. */
static const pct_band *band_of(const pct_live_road *live, pct_profile profile) {
    return has_learnt(live, profile, live->band) ? &live->bands.site->bands.items[live->band] : NULL;
}

/* Shows the hidden side, free and caught up, with what is closed on it. */
static void show(pct_live_road *live, list *l) {
    unsigned side = pct_road_pair_hidden(live->pair);
    list *before = live->sides[side].list;
    if (before != l && before != live->sides[1 - side].list) list_free(before);
    live->sides[side].list = live->newest = l;
    live->sides[side].shown =
        (pct_live_version){.road = pct_road_pair_road(live->pair, side, 0),
                           .patrol = live->patrol ? pct_road_pair_road(live->pair, side, 1) : NULL,
                           .bands = {band_of(live, PCT_PROFILE_RESPONSE), band_of(live, PCT_PROFILE_PATROL)},
                           .closures = l->closures.items,
                           .closure_count = l->closures.length,
                           .number = l->number,
                           .closed_number = l->closed_number};
    pct_road_pair_exchange(live->pair);
}

/* Into the pair's log: what one list has and the other has not. */
static void log_difference(pct_live_road *live, unsigned which, const list *before, const list *after) {
    const pct_live_closure *closures = before ? before->closures.items : NULL;
    bool lifted = false;
    for (size_t i = 0; before && i < before->closures.length; i++) {
        if (find_closure(after, closures[i].id)) continue;
        pct_closed_want(live->pair, which, closures[i].segments, closures[i].count, NULL, 0);
        lifted = true;
    }
    closures = after->closures.items;
    for (size_t i = 0; i < after->closures.length; i++)
        if (lifted || !find_closure(before, closures[i].id))
            pct_closed_want(live->pair, which, NULL, 0, closures[i].segments, closures[i].count);
}

/* --- the band of now ---------------------------------------------------------------------------------------------- */

/* Bands in which nothing is learnt are one. */
static int band_now(const pct_live_road *live) {
    const pct_live_bands *b = &live->bands;
    if (!b->site) return NO_BAND;
    int band = pct_bands_at(&b->site->bands, b->zone, b->now_ms(b->context));
    bool any = has_learnt(live, PCT_PROFILE_RESPONSE, band) || has_learnt(live, PCT_PROFILE_PATROL, band);
    return any ? band : NO_BAND;
}

static void write_times(const pct_live_road *live, unsigned which, int band, uint32_t *arc_ms) {
    const pct_road *open = pct_road_pair_open(live->pair, which);
    const pct_network *net = pct_road_network(open);
    if (has_learnt(live, open->profile, band)) {
        const pct_site_bands *site = live->bands.site;
        pct_learnt_arc_times(&site->learnt, pct_learnt_profile_of(open->profile), band, &site->base, net,
                             arc_ms);
        return;
    }
    for (uint32_t a = 0; a < net->arc_count; a++) arc_ms[a] = pct_road_drive_ms(open, a);
}

static void bound_profile(pct_live_road *live, unsigned which, uint32_t *least_ms) {
    const pct_site_bands *site = live->bands.site;
    const pct_road *open = pct_road_pair_open(live->pair, which);
    const uint32_t arcs = pct_road_network(open)->arc_count;
    double max_mps = pct_road_max_speed_mps(open);
    write_times(live, which, NO_BAND, least_ms);
    for (int band = 0; band < site->bands.count; band++) {
        if (!has_learnt(live, open->profile, band)) continue;
        write_times(live, which, band, live->base_ms);
        for (uint32_t a = 0; a < arcs; a++)
            if (live->base_ms[a] < least_ms[a]) least_ms[a] = live->base_ms[a];
        double mps =
            pct_learnt_max_mps(&site->learnt, pct_learnt_profile_of(open->profile), band, &site->base);
        if (mps > max_mps) max_mps = mps;
    }
    pct_road_pair_bound(live->pair, which, least_ms, max_mps);
}

/* The least of all bands: bounds that hold whichever band is shown. */
static pct_status bound_bands(pct_live_road *live, pct_error *error) {
    uint32_t arcs = pct_road_network(live->open)->arc_count;
    if (!live->bands.site) return PCT_OK;
    uint32_t *least_ms = pct_alloc(arcs, sizeof *least_ms);
    live->base_ms = pct_alloc(arcs, sizeof *live->base_ms);
    pct_status status =
        least_ms && live->base_ms ? PCT_OK : pct_error_memory(error, 2 * arcs * sizeof *least_ms);
    for (unsigned i = 0; i < live->profiles && !status; i++) bound_profile(live, i, least_ms);
    pct_free(least_ms);
    return status;
}

/* Into the pair's log: the times of a band, and over them all that is closed. */
static void log_band(pct_live_road *live, int band, const list *closed) {
    for (unsigned i = 0; i < live->profiles; i++) {
        write_times(live, i, band, live->base_ms);
        pct_road_pair_rebase(live->pair, i, live->base_ms);
        log_difference(live, i, NULL, closed);
    }
    live->band = band;
}

static bool is_current(const pct_live_road *live, const pct_snapshot *snapshot) {
    size_t open = 0;
    const pct_desk_closure *c = pct_snapshot_next_closure(snapshot, (pct_closure_id){0});
    for (; c; c = pct_snapshot_next_closure(snapshot, c->closure.id)) {
        if (c->closure.status != PCT_CLOSURE_OPEN) continue;
        if (!find_closure(live->newest, c->closure.id)) return false;
        open++;
    }
    return live->newest && live->newest->closures.length == open;
}

static pct_status update(pct_live_road *live, pct_error *error) {
    const pct_snapshot *snapshot = pct_desk_snapshot(live->desk);
    const int band = band_now(live);
    list *l = NULL;
    pct_status status = PCT_OK;
    const bool current = is_current(live, snapshot);
    if (band == live->band && current) goto done;
    live->calm = false;
    l = list_new();
    status = l ? gather(live, snapshot, l, error) : pct_error_memory(error, sizeof *l);
    if (status || !wait_until_free(live)) goto done;
    l->number = live->newest ? live->newest->number + 1 : 1;
    l->closed_number = (live->newest ? live->newest->closed_number : 0) + !current;
    for (unsigned i = 0; i < live->profiles; i++) log_difference(live, i, live->newest, l);
    if (band != live->band) log_band(live, band, l);
    pct_road_pair_catch_up(live->pair);
    show(live, l);
    l = NULL;
done:
    list_free(l);
    pct_snapshot_release(snapshot);
    return status;
}

/* What can wait: the side that was shown takes the log when its readers have left; the perfect metrics come when nothing has
 * changed for a look. */
static void tidy(pct_live_road *live, bool calm) {
    pct_error error;
    if (!pct_road_pair_is_free(live->pair)) return;
    if (pct_road_pair_is_behind(live->pair)) pct_road_pair_catch_up(live->pair);
    unsigned hidden = pct_road_pair_hidden(live->pair);
    if (!calm || live->calm || pct_road_pair_is_perfect(live->pair, 1 - hidden)) return;
    live->calm = true; /* once for each change, also when it fails */
    if (pct_road_pair_perfect(live->pair, &error) == PCT_OK) show(live, live->newest);
}

/* What woke the thread, or that it has to end. */
typedef enum woken { BY_POKE, BY_TIME, TO_END } woken;

static woken wait_for_change(pct_live_road *live) {
    int64_t wait_ms = pct_road_pair_is_behind(live->pair) ? LEAVE_MS : PCT_LIVE_ROAD_LOOK_MS;
    (void)pthread_mutex_lock(&live->lock);
    if (!live->stopping && !live->poked)
        (void)pct_tick_wait(&live->wake, &live->lock, pct_tick_ns() + wait_ms * PCT_NS_PER_MS);
    woken by = live->stopping ? TO_END : live->poked || wait_ms == LEAVE_MS ? BY_POKE : BY_TIME;
    live->poked = false;
    (void)pthread_mutex_unlock(&live->lock);
    return by;
}

/* What fails (memory, a record that cannot be read) is tried again at the next look; what was shown before stays. */
static void *run(void *context) {
    pct_live_road *live = context;
    pct_error error;
    for (woken by; (by = wait_for_change(live)) != TO_END;) {
        (void)!update(live, &error);
        tidy(live, by == BY_TIME);
    }
    return NULL;
}

/* --- from outside ------------------------------------------------------------------------------------------------- */

pct_status pct_live_road_new(const pct_road *open, const pct_road *patrol, const pct_live_bands *bands,
                             pct_desk *desk, const char *folder, pct_live_road **out, pct_error *error) {
    const pct_road *const roads[] = {open, patrol};
    unsigned beside = pct_pool_processors() - 1;
    pct_live_road *live = pct_alloc_zeroed(1, sizeof *live);
    *out = NULL;
    if (!live) return pct_error_memory(error, sizeof *live);
    (void)pthread_mutex_init(&live->lock, NULL);
    (void)pthread_cond_init(&live->wake, NULL);
    live->open = open, live->patrol = patrol, live->profiles = patrol ? 2 : 1;
    live->desk = desk;
    live->band = NO_BAND;
    if (bands) live->bands = *bands;
    const pct_store_options reader = {.folder = folder, .read_only = true};
    pct_status status = pct_store_open(&reader, &live->reader, error);
    if (!status) status = pct_road_pair_new(roads, live->profiles, &live->pair, error);
    if (!status) status = pct_pool_new(beside < HELPERS_MAX ? beside : HELPERS_MAX, &live->pool, error);
    if (!status) status = pct_road_pair_share(live->pair, live->pool, error);
    if (!status) status = bound_bands(live, error);
    if (!status) status = update(live, error);
    if (!status && pthread_create(&live->thread, NULL, run, live) != 0) status = pct_error_memory(error, 0);
    live->started = !status;
    if (status)
        pct_live_road_free(live);
    else
        *out = live;
    return status;
}

void pct_live_road_free(pct_live_road *live) {
    if (!live) return;
    if (live->started) {
        (void)pthread_mutex_lock(&live->lock);
        live->stopping = true;
        (void)pthread_cond_signal(&live->wake);
        (void)pthread_mutex_unlock(&live->lock);
        (void)pthread_join(live->thread, NULL);
    }
    if (live->sides[0].list != live->sides[1].list) list_free(live->sides[1].list);
    list_free(live->sides[0].list);
    pct_road_pair_free(live->pair);
    pct_pool_free(live->pool);
    pct_free(live->base_ms);
    pct_store_close(live->reader);
    (void)pthread_cond_destroy(&live->wake);
    (void)pthread_mutex_destroy(&live->lock);
    pct_free(live);
}

const pct_live_version *pct_live_road_hold(pct_live_road *live) {
    return &live->sides[pct_road_pair_arrive(live->pair)].shown;
}

void pct_live_road_release(pct_live_road *live, const pct_live_version *shown) {
    pct_road_pair_depart(live->pair, shown == &live->sides[1].shown);
}

void pct_live_road_poke(pct_live_road *live) {
    (void)pthread_mutex_lock(&live->lock);
    live->poked = true;
    (void)pthread_cond_signal(&live->wake);
    (void)pthread_mutex_unlock(&live->lock);
}

const pct_road *pct_live_road_open(const pct_live_road *live) {
    return live->open;
}

const pct_road *pct_live_road_open_patrol(const pct_live_road *live) {
    return live->patrol;
}

const pct_live_bands *pct_live_road_bands(const pct_live_road *live) {
    return live->bands.site ? &live->bands : NULL;
}
