#include "resource/live_road.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "store/tables.h"

enum { ROWS_MAX = 512, ARENA_MAX = 8 << 20, NS_PER_MS = 1000000, MS_PER_S = 1000 };

typedef struct version {
    pct_live_version shown; /* first, so that a reader's pointer is ours */
    unsigned holders;       /* under the lock; the live road itself is one */
    pct_road *made;         /* NULL: nothing is closed, and the road is the open one */
    pct_vector closures;    /* of pct_live_closure */
    pct_vector segments;    /* of pct_closed_segment, closure after closure */
} version;

struct pct_live_road {
    const pct_road *open;
    pct_desk *desk;
    pct_store *reader; /* the thread's alone */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool started, stopping, poked;
    version *newest;
};

/* --- a version ---------------------------------------------------------------------------------------------------- */

static void version_free(version *v) {
    if (!v) return;
    pct_road_free(v->made);
    pct_vector_dispose(&v->closures);
    pct_vector_dispose(&v->segments);
    pct_free(v);
}

static version *version_new(void) {
    version *v = pct_alloc_zeroed(1, sizeof *v);
    if (!v) return NULL;
    v->holders = 1;
    v->closures = pct_vector_init(sizeof(pct_live_closure), PCT_BOARD_CLOSURES_MAX);
    v->segments = pct_vector_init(sizeof(pct_closed_segment),
                                  (size_t)PCT_BOARD_CLOSURES_MAX * PCT_CLOSURE_SEGMENTS_MAX);
    return v;
}

static const pct_live_closure *find_closure(const version *v, pct_closure_id id) {
    for (size_t i = 0; v && i < v->shown.closure_count; i++)
        if (v->shown.closures[i].id.seq == id.seq) return &v->shown.closures[i];
    return NULL;
}

static pct_status add_segment(version *v, pct_closed_segment shut) {
    pct_closed_segment *room = pct_vector_push(&v->segments);
    if (!room) return PCT_MEMORY;
    *room = shut;
    return PCT_OK;
}

/* --- roads of a closure from the record --------------------------------------------------------------------------- */

static pct_status add_roads(const pct_live_road *live, version *v, pct_live_closure *closure,
                            const pct_closure *c, const pct_closed_road *rows, size_t count) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        uint32_t segment;
        bool backward;
        if (pct_closed_find(live->open, rows[i].road, rows[i].position, &segment, &backward, NULL) != PCT_OK)
            closure->missing++;
        else
            status = add_segment(v, (pct_closed_segment){segment, c->both_ways || !backward,
                                                         c->both_ways || backward, c->speed_kmh});
    }
    return status;
}

static pct_status add_area(const pct_live_road *live, version *v, pct_live_closure *closure,
                           const pct_closure *c, const pct_closed_road *rows, size_t count) {
    pct_position ring[ROWS_MAX];
    pct_vector found = pct_vector_init(sizeof(uint32_t), PCT_CLOSURE_SEGMENTS_MAX);
    for (size_t i = 0; i < count; i++) ring[i] = rows[i].position;
    pct_status status = pct_closed_in_area(live->open, ring, count, PCT_CLOSURE_SEGMENTS_MAX, &found, NULL);
    const uint32_t *segments = found.items;
    if (status == PCT_LIMIT) closure->missing++, status = PCT_OK; /* the map has grown under it */
    for (size_t i = 0; i < found.length && !status; i++)
        status = add_segment(v, (pct_closed_segment){segments[i], true, true, c->speed_kmh});
    pct_vector_dispose(&found);
    return status;
}

static pct_status read_closure(const pct_live_road *live, version *v, const pct_closure *c,
                               pct_live_closure *closure, pct_error *error) {
    pct_closed_road rows[ROWS_MAX];
    size_t count = 0;
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_status status =
        pct_store_list_closed_roads(live->reader, c->id, ROWS_MAX, &arena, rows, &count, error);
    pct_arena_dispose(&arena);
    if (status || count == 0) return status;
    status = rows[0].has_road ? add_roads(live, v, closure, c, rows, count)
                              : add_area(live, v, closure, c, rows, count);
    return status ? pct_error_memory(error, sizeof rows) : PCT_OK;
}

/* Of a closure that the version before knows, its segments are taken over. */
static pct_status add_closure(const pct_live_road *live, version *v, const pct_closure *c, pct_error *error) {
    pct_live_closure *closure = pct_vector_push(&v->closures);
    if (!closure) return pct_error_memory(error, sizeof *closure);
    *closure = (pct_live_closure){.id = c->id, .speed_kmh = c->speed_kmh};
    size_t before = v->segments.length;
    const pct_live_closure *known = find_closure(live->newest, c->id);
    pct_status status = PCT_OK;
    for (size_t i = 0; known && i < known->count && !status; i++) status = add_segment(v, known->segments[i]);
    if (status) return pct_error_memory(error, sizeof(pct_closed_segment));
    if (known)
        closure->missing = known->missing;
    else
        status = read_closure(live, v, c, closure, error);
    closure->count = v->segments.length - before;
    return status;
}

static pct_status gather(const pct_live_road *live, const pct_snapshot *snapshot, version *v,
                         pct_error *error) {
    pct_status status = PCT_OK;
    const pct_desk_closure *c = pct_snapshot_next_closure(snapshot, (pct_closure_id){0});
    for (; c && !status; c = pct_snapshot_next_closure(snapshot, c->closure.id))
        if (c->closure.status == PCT_CLOSURE_OPEN) status = add_closure(live, v, &c->closure, error);
    pct_live_closure *closures = v->closures.items;
    const pct_closed_segment *segments = v->segments.items;
    for (size_t i = 0; i < v->closures.length; i++) {
        closures[i].segments = segments;
        segments += closures[i].count;
    }
    v->shown.closures = closures;
    v->shown.closure_count = v->closures.length;
    return status;
}

/* --- the exchange ------------------------------------------------------------------------------------------------- */

static void let_go(pct_live_road *live, version *v) {
    (void)pthread_mutex_lock(&live->lock);
    bool last = v && --v->holders == 0;
    (void)pthread_mutex_unlock(&live->lock);
    if (last) version_free(v);
}

static void exchange(pct_live_road *live, version *v) {
    v->shown.number = live->newest ? live->newest->shown.number + 1 : 1;
    (void)pthread_mutex_lock(&live->lock);
    version *old = live->newest;
    live->newest = v;
    (void)pthread_mutex_unlock(&live->lock);
    let_go(live, old);
}

static bool is_current(const pct_live_road *live, const pct_snapshot *snapshot) {
    size_t open = 0;
    const pct_desk_closure *c = pct_snapshot_next_closure(snapshot, (pct_closure_id){0});
    for (; c; c = pct_snapshot_next_closure(snapshot, c->closure.id)) {
        if (c->closure.status != PCT_CLOSURE_OPEN) continue;
        if (!find_closure(live->newest, c->closure.id)) return false;
        open++;
    }
    return live->newest && live->newest->shown.closure_count == open;
}

static pct_status update(pct_live_road *live, pct_error *error) {
    const pct_snapshot *snapshot = pct_desk_snapshot(live->desk);
    version *v = NULL;
    pct_status status = PCT_OK;
    if (is_current(live, snapshot)) goto done;
    v = version_new();
    status = v ? gather(live, snapshot, v, error) : pct_error_memory(error, sizeof *v);
    if (!status && v->segments.length > 0)
        status = pct_road_close(live->open, v->segments.items, v->segments.length, &v->made, error);
    if (status) goto done;
    v->shown.road = v->made ? v->made : live->open;
    exchange(live, v);
    v = NULL;
done:
    version_free(v);
    pct_snapshot_release(snapshot);
    return status;
}

/* false when the thread has to end. */
static bool wait_for_change(pct_live_road *live) {
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)PCT_LIVE_ROAD_LOOK_MS * NS_PER_MS;
    until.tv_sec += until.tv_nsec / (MS_PER_S * (long)NS_PER_MS);
    until.tv_nsec %= MS_PER_S * (long)NS_PER_MS;
    (void)pthread_mutex_lock(&live->lock);
    if (!live->stopping && !live->poked) (void)pthread_cond_timedwait(&live->wake, &live->lock, &until);
    live->poked = false;
    bool go_on = !live->stopping;
    (void)pthread_mutex_unlock(&live->lock);
    return go_on;
}

/* What fails (memory, a record that cannot be read) is tried again at the next look; the version before stays. */
static void *run(void *context) {
    pct_live_road *live = context;
    pct_error error;
    while (wait_for_change(live)) (void)!update(live, &error);
    return NULL;
}

/* --- from outside ------------------------------------------------------------------------------------------------- */

pct_status pct_live_road_new(const pct_road *open, pct_desk *desk, const char *folder, pct_live_road **out,
                             pct_error *error) {
    pct_live_road *live = pct_alloc_zeroed(1, sizeof *live);
    *out = NULL;
    if (!live) return pct_error_memory(error, sizeof *live);
    (void)pthread_mutex_init(&live->lock, NULL);
    (void)pthread_cond_init(&live->wake, NULL);
    live->open = open;
    live->desk = desk;
    const pct_store_options reader = {.folder = folder, .read_only = true};
    pct_status status = pct_store_open(&reader, &live->reader, error);
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
    let_go(live, live->newest);
    pct_store_close(live->reader);
    (void)pthread_cond_destroy(&live->wake);
    (void)pthread_mutex_destroy(&live->lock);
    pct_free(live);
}

const pct_live_version *pct_live_road_hold(pct_live_road *live) {
    (void)pthread_mutex_lock(&live->lock);
    version *v = live->newest;
    v->holders++;
    (void)pthread_mutex_unlock(&live->lock);
    return &v->shown;
}

void pct_live_road_release(pct_live_road *live, const pct_live_version *shown) {
    let_go(live, (version *)(uintptr_t)shown);
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
