/* The queue and the writer: groups, recovery. */
#include "track/track.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "site/now.h"
#include "track/state.h"

enum {
    QUEUE_BY_DEFAULT = 1 << 17,
    GROUP_MS = 1000, /* a shorter one would write the last page of every unit more often */
    RETRY_MS = 1000,
    CHECKPOINT_MS = 5000,
    CHECKPOINT_PAGES = 4000
};

const char *const pct_tracks_state_names[PCT_TRACKS_STATE_COUNT] = {"normal", "full", "failed"};

int64_t pct_tracks_now_ms(const pct_tracks *t) {
    return t->options.clock_ms ? t->options.clock_ms(t->options.context) : pct_wall_ms();
}

/* --- in ---------------------------------------------------------------------------------------------------------- */

bool pct_tracks_put(pct_tracks *t, const pct_track_point *point) {
    (void)pthread_mutex_lock(&t->gate);
    pct_track_point *room = pct_vector_push(&t->queue);
    if (room)
        *room = *point;
    else
        t->counters.lost++;
    if (t->queue.length == t->queue.max_items / 2) (void)pthread_cond_signal(&t->work);
    (void)pthread_mutex_unlock(&t->gate);
    return room;
}

/* What waits becomes the group, unless one is still to be written. */
static void take_group(pct_tracks *t) {
    if (t->group.length > 0) return;
    (void)pthread_mutex_lock(&t->gate);
    pct_vector empty = t->group;
    t->group = t->queue;
    t->queue = empty;
    t->writing = (int64_t)t->group.length;
    (void)pthread_mutex_unlock(&t->gate);
}

/* --- a group ----------------------------------------------------------------------------------------------------- */

static int by_unit_and_time(const void *a, const void *b) {
    const pct_track_point *p = a, *q = b;
    if (p->unit != q->unit) return p->unit < q->unit ? -1 : 1;
    return p->at_ms < q->at_ms ? -1 : p->at_ms > q->at_ms;
}

static void bind_known(sqlite3_stmt *s, int at, int32_t value) {
    if (value < 0)
        (void)sqlite3_bind_null(s, at);
    else
        (void)sqlite3_bind_int(s, at, value);
}

int pct_tracks_run(sqlite3_stmt *s) {
    int code = sqlite3_step(s), end = sqlite3_reset(s);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : end ? end : code;
}

static int add_point(pct_tracks *t, const pct_track_point *p) {
    sqlite3_stmt *s = t->statements[PCT_TRACK_ADD];
    (void)sqlite3_bind_int64(s, 1, p->unit);
    (void)sqlite3_bind_int64(s, 2, p->at_ms);
    (void)sqlite3_bind_int(s, 3, p->position.lon_e7);
    (void)sqlite3_bind_int(s, 4, p->position.lat_e7);
    bind_known(s, 5, p->speed_cms);
    bind_known(s, 6, p->heading_deg);
    (void)sqlite3_bind_int(s, 7, p->source);
    return pct_tracks_run(s);
}

static int add_group(pct_tracks *t, int64_t *stored) {
    pct_track_point *points = t->group.items;
    int code = SQLITE_OK;
    if (t->group.length > 0) qsort(points, t->group.length, sizeof *points, by_unit_and_time);
    for (size_t i = 0; i < t->group.length && !code; i++) {
        code = add_point(t, &points[i]);
        if (!code) *stored += sqlite3_changes(t->db);
    }
    return code;
}

/* A checkpoint is what puts rows on the disk for good. */
static int checkpoint(pct_tracks *t, int64_t now_ms) {
    if (t->pages == 0 || (t->pages < CHECKPOINT_PAGES && now_ms < t->next_checkpoint_ms)) return SQLITE_OK;
    int code = sqlite3_wal_checkpoint_v2(t->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code == SQLITE_BUSY) code = SQLITE_OK;
    if (!code) {
        t->pages = 0;
        t->next_checkpoint_ms = now_ms + CHECKPOINT_MS;
    }
    return code;
}

/* --- one step ------------------------------------------------------------------------------------------------------ */

static void count_group(pct_tracks *t, int64_t stored, int64_t expired, int64_t thinned) {
    (void)pthread_mutex_lock(&t->gate);
    t->counters.stored += stored;
    t->counters.repeated += (int64_t)t->group.length - stored;
    t->counters.expired += expired;
    t->counters.thinned += thinned;
    for (int c = 0; c < PCT_TRACKS_CLASSES && !t->round.going; c++)
        if (t->round.cut_ms[c] > t->whole_ms[c]) t->whole_ms[c] = t->round.cut_ms[c];
    t->counters.groups++;
    t->writing = 0;
    (void)pthread_mutex_unlock(&t->gate);
    t->group.length = 0;
}

static bool is_idle(const pct_tracks *t, int64_t now_ms) {
    return t->group.length == 0 && !pct_tracks_thin_due(t, now_ms);
}

static pct_status write_group(pct_tracks *t, int64_t now_ms, pct_error *error) {
    int64_t stored = 0, expired = 0, thinned = 0;
    if (is_idle(t, now_ms)) return pct_tracks_failure(t, t->db, checkpoint(t, now_ms), error);
    int code = pct_tracks_run(t->statements[PCT_TRACK_BEGIN]);
    if (!code) code = add_group(t, &stored);
    if (!code) code = pct_tracks_thin(t, now_ms, &expired, &thinned);
    if (!code) code = pct_tracks_run(t->statements[PCT_TRACK_COMMIT]);
    if (code) {
        pct_status status = pct_tracks_failure(t, t->db, code, error);
        if (!sqlite3_get_autocommit(t->db)) (void)sqlite3_exec(t->db, "ROLLBACK", NULL, NULL, NULL);
        memset(&t->round, 0, sizeof t->round); /* what it believed done is not */
        return status;
    }
    count_group(t, stored, expired, thinned);
    return pct_tracks_failure(t, t->db, checkpoint(t, now_ms), error);
}

static pct_status connect_and_write(pct_tracks *t, int64_t now_ms, pct_error *error) {
    pct_status status = pct_tracks_connect(t, error);
    return status ? status : write_group(t, now_ms, error);
}

static void count_state(pct_tracks *t, pct_status status, bool restarted) {
    (void)pthread_mutex_lock(&t->gate);
    t->counters.state = !status               ? PCT_TRACKS_NORMAL
                        : status == PCT_LIMIT ? PCT_TRACKS_FULL
                                              : PCT_TRACKS_FAILED;
    t->counters.failures += status != PCT_OK;
    t->counters.restarts += restarted;
    (void)pthread_mutex_unlock(&t->gate);
}

pct_status pct_tracks_step(pct_tracks *t, pct_error *error) {
    int64_t now_ms = pct_tracks_now_ms(t);
    bool restarted = atomic_exchange(&t->damaged, false);
    if (restarted) pct_tracks_discard(t);
    take_group(t);
    pct_status status = connect_and_write(t, now_ms, error);
    if (status == PCT_DAMAGED && !restarted) {
        pct_tracks_discard(t);
        restarted = true;
        status = connect_and_write(t, now_ms, error);
    }
    /* After a failed write nobody knows what the connection still believes; a full disk it can bear. */
    if (status == PCT_IO || status == PCT_DAMAGED) pct_tracks_disconnect(t);
    count_state(t, status, restarted);
    return status;
}

/* --- the thread ---------------------------------------------------------------------------------------------------- */

/* false when the thread has to end. */
static bool wait_a_while(pct_tracks *t, int64_t ms) {
    (void)pthread_mutex_lock(&t->gate);
    if (!t->stopping) (void)pct_tick_wait(&t->work, &t->gate, pct_tick_ns() + ms * PCT_NS_PER_MS);
    bool go_on = !t->stopping;
    (void)pthread_mutex_unlock(&t->gate);
    return go_on;
}

static void *run(void *context) {
    pct_tracks *t = context;
    pct_error error;
    pct_status status = PCT_OK;
    while (wait_a_while(t, status ? RETRY_MS : GROUP_MS)) status = pct_tracks_step(t, &error);
    return NULL;
}

pct_status pct_tracks_start(pct_tracks *t, pct_error *error) {
    if (PCT_NEVER(t->started)) return PCT_INTERNAL;
    if (pthread_create(&t->thread, NULL, run, t) != 0) return pct_error_memory(error, 0);
    t->started = true;
    return PCT_OK;
}

/* --- opening and closing ------------------------------------------------------------------------------------------- */

pct_status pct_tracks_open(const pct_tracks_options *options, pct_tracks **out, pct_error *error) {
    pct_tracks *t = pct_alloc_zeroed(1, sizeof *t);
    *out = NULL;
    if (!t) return pct_error_memory(error, sizeof *t);
    pct_status status = pct_path_join(t->path, options->folder, PCT_TRACKS_FILE, error);
    if (status) {
        pct_free(t);
        return status;
    }
    t->options = *options;
    size_t most = options->queue_max ? options->queue_max : QUEUE_BY_DEFAULT;
    t->queue = pct_vector_init(sizeof(pct_track_point), most);
    t->group = pct_vector_init(sizeof(pct_track_point), most);
    (void)pthread_mutex_init(&t->gate, NULL);
    (void)pthread_mutex_init(&t->reading, NULL);
    (void)pthread_cond_init(&t->work, NULL);
    pct_error ignored;
    status = options->read_only ? PCT_OK : pct_tracks_step(t, error ? error : &ignored);
    if (status == PCT_MEMORY) {
        pct_tracks_close(t);
        return status;
    }
    *out = t;
    return PCT_OK;
}

void pct_tracks_close(pct_tracks *t) {
    pct_error error;
    if (!t) return;
    (void)pthread_mutex_lock(&t->gate);
    t->stopping = true;
    (void)pthread_cond_signal(&t->work);
    (void)pthread_mutex_unlock(&t->gate);
    if (t->started) (void)pthread_join(t->thread, NULL);
    if (t->group.length + t->queue.length > 0 && pct_tracks_step(t, &error) == PCT_OK && t->queue.length > 0)
        (void)!pct_tracks_step(t, &error);
    pct_tracks_close_reader(t);
    pct_tracks_disconnect(t);
    pct_vector_dispose(&t->queue);
    pct_vector_dispose(&t->group);
    (void)pthread_cond_destroy(&t->work);
    (void)pthread_mutex_destroy(&t->reading);
    (void)pthread_mutex_destroy(&t->gate);
    pct_free(t);
}

pct_tracks_counters pct_tracks_counters_view(pct_tracks *t) {
    (void)pthread_mutex_lock(&t->gate);
    pct_tracks_counters counters = t->counters;
    counters.queued = t->writing + (int64_t)t->queue.length;
    (void)pthread_mutex_unlock(&t->gate);
    return counters;
}
