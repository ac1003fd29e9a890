/* Streams of server-sent events. One thread renders what is new once for all readers that are up to date, a reader that
 * is behind renders its own; a reader without news sleeps without a thread.
 *
 *     desk ──publish──► hub thread: frame (from … to) ──► resume every stream ──► MHD thread: read_stream copies it
 *
 * Changes go out as they come, at most a frame each BATCH_MS; positions once a second. Sessions are looked at again every
 * CHECK_S: a stream ends with its session. */
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "server/internal.h"

enum { BATCH_MS = 40, TICK_MS = 1000, CHECK_S = 5, KEEP_ALIVE_S = 1, BEGINNING_MAX = 64 };

typedef struct stream {
    struct stream *next, **link; /* in the hub's list */
    pct_hub *hub;
    struct MHD_Connection *connection;
    pct_stream_cursor cursor;
    char token[PCT_SESSION_TOKEN];
    pct_buffer pending; /* rendered, from `sent` on not yet given to the connection */
    size_t sent;
    bool asleep, ended, positions_due, keep_alive_due;
} stream;

struct pct_hub {
    pct_service *service;
    pthread_mutex_t lock; /* of everything below, and of all streams */
    pthread_t thread;
    stream *streams;
    pct_stream_cursor from, to; /* of `frame` */
    pct_buffer frame;
    bool frame_positions; /* the frame has the positions of its second */
    bool stopping, running;
};

static void wake(stream *s) {
    if (!s->asleep) return;
    s->asleep = false;
    MHD_resume_connection(s->connection);
}

/* More text for a stream that has sent all it had. The common frame where it fits, else one of its own. */
static void refill(stream *s) {
    pct_hub *hub = s->hub;
    pct_error error;
    pct_buffer_clear(&s->pending);
    s->sent = 0;
    bool fits = s->cursor.seq == hub->from.seq && s->cursor.fixes == hub->from.fixes &&
                hub->frame_positions == s->positions_due;
    if (fits) {
        (void)pct_buffer_append(&s->pending, hub->frame.bytes, hub->frame.length);
        s->cursor = hub->to;
    } else if (pct_stream_frame(hub->service, &s->cursor, s->positions_due, &s->pending, &error) != PCT_OK) {
        s->ended = true; /* too much or no memory: the client connects again from where it was */
    }
    s->positions_due = false;
    if (s->pending.length == 0 && s->keep_alive_due) (void)pct_buffer_append_text(&s->pending, ": \n\n");
    s->keep_alive_due = false;
}

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t max) {
    stream *s = context;
    (void)position;
    (void)pthread_mutex_lock(&s->hub->lock);
    ssize_t given = 0;
    if (s->sent == s->pending.length && !s->ended) refill(s);
    if (s->ended) {
        given = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (s->sent < s->pending.length) {
        size_t n = s->pending.length - s->sent;
        if (n > max) n = max;
        memcpy(out, s->pending.bytes + s->sent, n);
        s->sent += n;
        given = (ssize_t)n;
    } else {
        s->asleep = true;
        MHD_suspend_connection(s->connection);
    }
    (void)pthread_mutex_unlock(&s->hub->lock);
    return given;
}

static void free_stream(void *context) {
    stream *s = context;
    pct_hub *hub = s->hub;
    (void)pthread_mutex_lock(&hub->lock);
    *s->link = s->next;
    if (s->next) s->next->link = s->link;
    (void)pthread_mutex_unlock(&hub->lock);
    (void)atomic_fetch_sub(&hub->service->counters.streams, 1);
    pct_buffer_dispose(&s->pending);
    pct_free(s);
}

struct MHD_Response *pct_hub_response(pct_hub *hub, struct MHD_Connection *connection,
                                      pct_stream_cursor cursor, pct_text token) {
    enum { BLOCK = 8 << 10 };
    stream *s = pct_alloc_zeroed(1, sizeof *s);
    if (!s) return NULL;
    *s = (stream){.hub = hub,
                  .connection = connection,
                  .cursor = cursor,
                  .positions_due = true,
                  .pending = pct_buffer_init(PCT_FRAME_MAX)};
    memcpy(s->token, token.chars, token.length < sizeof s->token ? token.length : sizeof s->token - 1);
    (void)pct_buffer_append_text(&s->pending, "retry: 3000\n\n");
    (void)pthread_mutex_lock(&hub->lock);
    s->next = hub->streams;
    s->link = &hub->streams;
    if (s->next) s->next->link = &s->next;
    hub->streams = s;
    s->ended = hub->stopping;
    (void)pthread_mutex_unlock(&hub->lock);
    (void)atomic_fetch_add(&hub->service->counters.streams, 1);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, s, free_stream);
    if (!response) free_stream(s);
    return response;
}

/* --- the hub's thread ----------------------------------------------------------------------------------------------- */

static void check_sessions(pct_hub *hub) {
    pct_identity identity;
    pct_error error;
    int64_t now_ms = hub->service->clock_ms();
    for (stream *s = hub->streams; s; s = s->next)
        if (pct_accounts_session(hub->service->accounts, pct_text_of(s->token), now_ms, &identity, &error) ==
            PCT_REFUSED)
            s->ended = true;
}

static void publish(pct_hub *hub, bool tick, bool keep_alive) {
    pct_error error;
    (void)pthread_mutex_lock(&hub->lock);
    pct_buffer_clear(&hub->frame);
    hub->from = hub->to;
    hub->frame_positions = tick;
    if (pct_stream_frame(hub->service, &hub->to, tick, &hub->frame, &error) != PCT_OK)
        pct_buffer_clear(&hub->frame);
    for (stream *s = hub->streams; s; s = s->next) {
        s->positions_due |= tick;
        s->keep_alive_due |= keep_alive;
        wake(s);
    }
    (void)pthread_mutex_unlock(&hub->lock);
}

static int64_t monotonic_ms(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void *run(void *context) {
    pct_hub *hub = context;
    int64_t next_tick = monotonic_ms() + TICK_MS;
    for (int64_t ticks = 0;;) {
        (void)pthread_mutex_lock(&hub->lock);
        bool stopping = hub->stopping;
        int64_t seen = hub->to.seq;
        (void)pthread_mutex_unlock(&hub->lock);
        if (stopping) return NULL;
        int64_t left = next_tick - monotonic_ms();
        bool news = left > 0 && pct_desk_wait(hub->service->desk, seen, (int)left);
        bool tick = monotonic_ms() >= next_tick;
        if (tick) next_tick += TICK_MS, ticks++;
        if (tick && ticks % CHECK_S == 0) {
            (void)pthread_mutex_lock(&hub->lock);
            check_sessions(hub);
            (void)pthread_mutex_unlock(&hub->lock);
        }
        if (tick || news) publish(hub, tick, tick && ticks % KEEP_ALIVE_S == 0);
        if (news) (void)nanosleep(&(struct timespec){.tv_nsec = BATCH_MS * 1000000L}, NULL);
    }
}

pct_status pct_hub_start(pct_service *service, pct_hub **out, pct_error *error) {
    pct_hub *hub = pct_alloc_zeroed(1, sizeof *hub);
    if (!hub) return pct_error_memory(error, sizeof *hub);
    hub->service = service;
    hub->frame = pct_buffer_init(PCT_FRAME_MAX);
    (void)pthread_mutex_init(&hub->lock, NULL);
    const pct_snapshot *snapshot = pct_desk_snapshot(service->desk);
    hub->to.seq = pct_snapshot_seq(snapshot);
    pct_snapshot_release(snapshot);
    hub->from = hub->to;
    hub->running = pthread_create(&hub->thread, NULL, run, hub) == 0;
    if (!hub->running) {
        pct_hub_stop(hub);
        return PCT_FAIL(error, PCT_IO, PCT_MSG_SERVER_NOT_STARTED, pct_str("pthread_create"));
    }
    *out = hub;
    return PCT_OK;
}

void pct_hub_end_streams(pct_hub *hub) {
    (void)pthread_mutex_lock(&hub->lock);
    hub->stopping = true;
    for (stream *s = hub->streams; s; s = s->next) {
        s->ended = true;
        wake(s);
    }
    (void)pthread_mutex_unlock(&hub->lock);
}

void pct_hub_stop(pct_hub *hub) {
    if (!hub) return;
    pct_hub_end_streams(hub);
    if (hub->running) (void)pthread_join(hub->thread, NULL);
    (void)pthread_mutex_destroy(&hub->lock);
    pct_buffer_dispose(&hub->frame);
    pct_free(hub);
}
