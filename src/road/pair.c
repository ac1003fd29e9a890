/* Left-right (Ramalhete, Correia, "Left-Right: A Concurrency Control Technique with Wait-Free Population Oblivious Reads", 2015) with
 * one counter of readers for each side.
 *
 * A reader counts itself in on the side that is shown and looks again; had the writer exchanged the sides in between, it counts
 * itself out and begins anew (the writer exchanges at most once in a customization, a reader needs some nanoseconds: it happens
 * once or never). The writer shows the other side and then waits for the count of the hidden one to be 0. All of it is
 * sequentially consistent: either the reader's second look sees the exchange, and it reads nothing, or its count came before the
 * exchange, and the writer sees it.
 *
 * The log is a list of arcs for each side, each arc once; what they are to take stands in `want`, so that the last word on an arc
 * counts and a log is never longer than the road has arcs. */
#include "road/pair.h"

#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

enum { CACHE_LINE = 64 };

/* One road on one side. */
typedef struct half {
    pct_road road;  /* all but metric and own_ms is the open road's */
    pct_vector log; /* of uint32_t: arcs that may differ from what is wanted */
    bool lost,
        is_open; /* lost: the log had no room, compare all; is_open: differs in nothing from the open road */
} half;

typedef struct twin {
    const pct_road *open;
    half halves[2];
    uint32_t *want_ms, *want_own_ms; /* [network arcs] to drive them */
    uint32_t *base_ms;               /* [network arcs] with nothing closed */
    uint8_t *logged;                 /* [network arcs] bit 0, 1: in the log of that side */
    uint32_t differ;                 /* arcs that are wanted otherwise than the open road has them */
    pct_metric_updater *updater;
    pct_vector changes; /* of pct_arc_change, for one catching up */
} twin;

typedef struct counter {
    atomic_uint readers;
    char own_line[CACHE_LINE - sizeof(atomic_uint)]; /* readers of the two sides do not disturb each other */
} counter;

struct pct_road_pair {
    counter sides[2];
    atomic_uint shown;
    unsigned count;
    twin twins[PCT_ROAD_PAIR_MAX];
#ifdef PCT_TEST_BUILD
    pct_road_pair_watcher watcher;
    void *watcher_context;
#endif
};

/* --- making ------------------------------------------------------------------------------------------------------- */

static pct_status half_init(half *h, const twin *t, pct_error *error) {
    const pct_road *open = t->open;
    uint32_t arcs = open->network.arc_count;
    size_t bytes = arcs * sizeof *t->want_ms;
    h->road = *open;
    h->road.open = open;
    h->log = pct_vector_init(sizeof(uint32_t), arcs);
    h->is_open = true;
    h->road.own_ms = pct_alloc(arcs, sizeof *h->road.own_ms);
    pct_status status = pct_road_set_times(&h->road, t->want_ms, error);
    if (!status && !h->road.own_ms) status = pct_error_memory(error, bytes);
    if (!status) memcpy(h->road.own_ms, t->want_own_ms, bytes);
    return status;
}

static pct_status twin_init(twin *t, const pct_road *open, pct_error *error) {
    uint32_t arcs = open->network.arc_count;
    size_t bytes = arcs * sizeof *t->want_ms;
    pct_status status = PCT_OK;
    *t = (twin){.open = open, .changes = pct_vector_init(sizeof(pct_arc_change), open->graph.arc_count)};
    t->want_ms = pct_alloc(arcs, sizeof *t->want_ms);
    t->want_own_ms = pct_alloc(arcs, sizeof *t->want_own_ms);
    t->base_ms = pct_alloc(arcs, sizeof *t->base_ms);
    t->logged = pct_alloc_zeroed(arcs, sizeof *t->logged);
    if (!t->want_ms || !t->want_own_ms || !t->base_ms || !t->logged)
        return pct_error_memory(error, 3 * bytes + arcs);
    for (uint32_t a = 0; a < arcs; a++)
        t->want_ms[a] = t->want_own_ms[a] = t->base_ms[a] = pct_road_drive_ms(open, a);
    for (int side = 0; side < 2 && !status; side++) status = half_init(&t->halves[side], t, error);
    return status ? status : pct_metric_updater_new(&open->graph, &open->hierarchy, &t->updater, error);
}

static void twin_dispose(twin *t) {
    for (int side = 0; side < 2; side++) {
        pct_metric_dispose(&t->halves[side].road.metric);
        pct_free(t->halves[side].road.own_ms);
        pct_free(t->halves[side].road.drive_ms);
        pct_vector_dispose(&t->halves[side].log);
    }
    pct_free(t->want_ms);
    pct_free(t->want_own_ms);
    pct_free(t->base_ms);
    pct_free(t->logged);
    pct_metric_updater_free(t->updater);
    pct_vector_dispose(&t->changes);
}

pct_status pct_road_pair_new(const pct_road *const *open, unsigned count, pct_road_pair **out,
                             pct_error *error) {
    pct_road_pair *pair = pct_alloc_zeroed(1, sizeof *pair);
    if (!pair) return pct_error_memory(error, sizeof *pair);
    pct_status status = PCT_OK;
    for (unsigned i = 0; i < count && i < PCT_ROAD_PAIR_MAX && !status; i++) {
        pair->count++;
        status = twin_init(&pair->twins[i], open[i], error);
    }
    if (status)
        pct_road_pair_free(pair);
    else
        *out = pair;
    return status;
}

void pct_road_pair_free(pct_road_pair *pair) {
    if (!pair) return;
    for (unsigned i = 0; i < pair->count; i++) twin_dispose(&pair->twins[i]);
    pct_free(pair);
}

pct_status pct_road_pair_share(pct_road_pair *pair, pct_pool *pool, pct_error *error) {
    pct_status status = PCT_OK;
    for (unsigned i = 0; i < pair->count && !status; i++)
        status =
            pct_metric_updater_share(pair->twins[i].updater, &pair->twins[i].open->hierarchy, pool, error);
    return status;
}

/* --- readers ------------------------------------------------------------------------------------------------------ */

#ifdef PCT_TEST_BUILD
#define STEP(pair, step)                                                                                     \
    do {                                                                                                     \
        if ((pair)->watcher) (pair)->watcher((pair)->watcher_context, step);                                 \
    } while (0)

void pct_road_pair_watch(pct_road_pair *pair, pct_road_pair_watcher watcher, void *context) {
    pair->watcher = watcher;
    pair->watcher_context = context;
}
#else
#define STEP(pair, step) ((void)0)
#endif

unsigned pct_road_pair_arrive(pct_road_pair *pair) {
    for (;;) {
        unsigned side = atomic_load(&pair->shown);
        STEP(pair, PCT_ROAD_PAIR_SEEN);
        (void)atomic_fetch_add(&pair->sides[side].readers, 1);
        STEP(pair, PCT_ROAD_PAIR_COUNTED);
        if (atomic_load(&pair->shown) == side) return side;
        (void)atomic_fetch_sub(&pair->sides[side].readers, 1);
    }
}

void pct_road_pair_depart(pct_road_pair *pair, unsigned side) {
    (void)atomic_fetch_sub(&pair->sides[side].readers, 1);
}

const pct_road *pct_road_pair_road(const pct_road_pair *pair, unsigned side, unsigned which) {
    const twin *t = &pair->twins[which];
    return t->halves[side].is_open ? t->open : &t->halves[side].road;
}

/* --- the log ------------------------------------------------------------------------------------------------------ */

const pct_road *pct_road_pair_open(const pct_road_pair *pair, unsigned which) {
    return pair->twins[which].open;
}

uint32_t pct_road_pair_wanted_ms(const pct_road_pair *pair, unsigned which, uint32_t arc) {
    return pair->twins[which].want_ms[arc];
}

uint32_t pct_road_pair_wanted_own_ms(const pct_road_pair *pair, unsigned which, uint32_t arc) {
    return pair->twins[which].want_own_ms[arc];
}

static bool differs(const twin *t, uint32_t arc) {
    uint32_t open_ms = pct_road_drive_ms(t->open, arc);
    return t->want_ms[arc] != open_ms || t->want_own_ms[arc] != open_ms;
}

void pct_road_pair_want(pct_road_pair *pair, unsigned which, uint32_t arc, uint32_t ms, uint32_t own_ms) {
    twin *t = &pair->twins[which];
    if (t->want_ms[arc] == ms && t->want_own_ms[arc] == own_ms) return;
    t->differ -= differs(t, arc);
    t->want_ms[arc] = ms;
    t->want_own_ms[arc] = own_ms;
    t->differ += differs(t, arc);
    for (unsigned side = 0; side < 2; side++) {
        half *h = &t->halves[side];
        if (t->logged[arc] >> side & 1 || h->lost) continue;
        uint32_t *room = pct_vector_push(&h->log);
        h->lost = !room;
        if (room) *room = arc;
        if (room) t->logged[arc] |= (uint8_t)(1 << side);
    }
}

uint32_t pct_road_pair_base_ms(const pct_road_pair *pair, unsigned which, uint32_t arc) {
    return pair->twins[which].base_ms[arc];
}

void pct_road_pair_rebase(pct_road_pair *pair, unsigned which, const uint32_t *base_ms) {
    twin *t = &pair->twins[which];
    for (uint32_t a = 0; a < t->open->network.arc_count; a++) {
        t->base_ms[a] = base_ms[a];
        pct_road_pair_want(pair, which, a, base_ms[a], base_ms[a]);
    }
}

void pct_road_pair_bound(pct_road_pair *pair, unsigned which, const uint32_t *least_ms, double max_mps) {
    twin *t = &pair->twins[which];
    for (int side = 0; side < 2; side++) {
        t->halves[side].road.crow = pct_crow_of(&t->open->network, least_ms);
        t->halves[side].road.max_speed_mps = max_mps;
    }
}

/* --- the hidden side ---------------------------------------------------------------------------------------------- */

unsigned pct_road_pair_hidden(const pct_road_pair *pair) {
    return 1 - atomic_load(&pair->shown);
}

bool pct_road_pair_is_free(const pct_road_pair *pair) {
    return atomic_load(&pair->sides[pct_road_pair_hidden(pair)].readers) == 0;
}

bool pct_road_pair_is_behind(const pct_road_pair *pair) {
    unsigned side = pct_road_pair_hidden(pair);
    for (unsigned i = 0; i < pair->count; i++)
        if (pair->twins[i].halves[side].log.length > 0 || pair->twins[i].halves[side].lost) return true;
    return false;
}

/* Into the list of changes, or, without room for it, into the times alone; false then. */
static bool take_arc(twin *t, half *h, uint32_t arc) {
    pct_road *road = &h->road;
    uint32_t ms = t->want_ms[arc], driven = road->network.arc_segment[arc];
    uint32_t graph_arcs[PCT_ROAD_ARRIVALS_MAX];
    bool listed = true;
    road->own_ms[arc] = t->want_own_ms[arc];
    if (pct_road_drive_ms(road, arc) == ms) return true;
    size_t count = pct_road_graph_arcs(road, driven >> 1, driven & 1, graph_arcs);
    for (size_t i = 0; i < count; i++) {
        uint32_t graph_ms = pct_road_graph_ms(road, graph_arcs[i], ms);
        pct_arc_change *room = pct_vector_push(&t->changes);
        if (room)
            *room = (pct_arc_change){graph_arcs[i], graph_ms};
        else
            road->metric.arc_ms[graph_arcs[i]] = graph_ms;
        listed &= room != NULL;
    }
    if (road->drive_ms) road->drive_ms[arc] = ms;
    return listed;
}

static void catch_up(twin *t, unsigned side) {
    half *h = &t->halves[side];
    const uint32_t *log = h->log.items;
    bool listed = true;
    t->changes.length = 0;
    for (size_t i = 0; i < h->log.length && !h->lost; i++) listed &= take_arc(t, h, log[i]);
    for (uint32_t a = 0; a < t->open->network.arc_count && h->lost; a++) listed &= take_arc(t, h, a);
    const pct_arc_change *changes = t->changes.items;
    for (size_t i = 0; i < t->changes.length && !listed; i++)
        h->road.metric.arc_ms[changes[i].arc] = changes[i].ms;
    if (!listed)
        pct_metric_customize(&h->road.graph, &h->road.hierarchy, &h->road.metric, t->updater);
    else if (t->changes.length > 0)
        pct_metric_update(&h->road.graph, &h->road.hierarchy, &h->road.metric, changes, t->changes.length,
                          t->updater);
    uint8_t keep = (uint8_t) ~(1U << side);
    for (size_t i = 0; i < h->log.length; i++) t->logged[log[i]] &= keep;
    h->log.length = 0;
    h->lost = false;
    h->is_open = t->differ == 0;
}

void pct_road_pair_catch_up(pct_road_pair *pair) {
    unsigned side = pct_road_pair_hidden(pair);
    for (unsigned i = 0; i < pair->count; i++) catch_up(&pair->twins[i], side);
}

pct_status pct_road_pair_perfect(pct_road_pair *pair, pct_error *error) {
    unsigned side = pct_road_pair_hidden(pair);
    pct_status status = PCT_OK;
    for (unsigned i = 0; i < pair->count && !status; i++) {
        pct_road *road = &pair->twins[i].halves[side].road;
        if (!pair->twins[i].halves[side].is_open && !road->metric.is_perfect)
            status = pct_metric_perfect(&road->hierarchy, &road->metric, pair->twins[i].updater, error);
    }
    return status;
}

bool pct_road_pair_is_perfect(const pct_road_pair *pair, unsigned side) {
    for (unsigned i = 0; i < pair->count; i++)
        if (!pct_road_pair_road(pair, side, i)->metric.is_perfect) return false;
    return true;
}

void pct_road_pair_exchange(pct_road_pair *pair) {
    atomic_store(&pair->shown, pct_road_pair_hidden(pair));
}
