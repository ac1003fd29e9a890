/* Streams of server-sent events. What is new is rendered once, by one thread, into frames that all readers share; a reader
 * without news sleeps without a thread.
 *
 *     desk ──publish──► hub thread: frame of changes ───┐
 *     clock ─every second─► …: frame of positions ──────┼─► wake every stream ──► MHD threads: read_stream sends from the frame
 *                                                       │
 *     a reader that is behind, or new: its own frame of changes; the frame of all positions, made once a second on demand
 *
 * Readers who reach the same share a view: one for those who reach the whole site, and one for each other set of areas that
 * somebody reads with. Each view has its frames.
 *
 * A frame never changes; it lives as long as the hub keeps it or a stream sends from it, so that a slow reader costs its
 * own connection's memory and nothing else. Changes go out as they come, at most a frame each BATCH_MS. Sessions are looked at
 * again every second, and at once when the record changes anybody's rights: a stream ends with its session, and when the
 * rights of its account have changed (its reader comes again, with what it may see by then). */
#include <string.h>
#include <time.h>

#include "access/tokens.h"
#include "base/memory.h"
#include "resource/state.h"
#include "server/internal.h"
#include "site/now.h"

enum { BATCH_MS = 40, LOOK_MS = 200, TICK_MS = 1000, FRAMES_KEPT = 32 };

/* Text for streams. Of changes: behind `from` up to `to` by event number; of positions: by version. */
typedef struct frame {
    int holders;
    int64_t from, to;
    pct_buffer text;
} frame;

/* Who reads the same, and what was rendered for them. */
typedef struct view {
    struct view *next;
    pct_identity identity; /* its roles and its reach alone count */
    pct_role_set scopes[PCT_SCOPE_COUNT];
    int streams;
    int64_t seq;                 /* up to which frames of changes were made */
    frame *changes[FRAMES_KEPT]; /* a ring; the newest before changes[at] */
    size_t at;
    frame *second,
        *whole; /* positions that are new since the second before; of all units (NULL: nobody asked) */
} view;

typedef struct stream {
    struct stream *next, **link; /* in the hub's list */
    pct_hub *hub;
    view *view;
    struct MHD_Connection *connection;
    int64_t seq, fixes;    /* of the last event and of the last positions that it was given */
    char token[PCT_TOKEN]; /* of a session, or of an API token */
    int64_t changed_seq;   /* of the account's rights under which it began */
    frame
        *sending; /* from `sent` on not yet given to the connection; the stream's thread alone moves in it */
    size_t sent;
    bool asleep, ended, placed, second_due; /* placed: its seq is known to be one of this record */
} stream;

struct pct_hub {
    pct_service *service;
    pthread_mutex_t lock; /* of everything below, and of all streams; not of the text in a frame */
    pthread_t thread;
    stream *streams;
    int64_t rights;          /* version of the rights for which sessions were looked at */
    view everything, *views; /* of those who reach the whole site; the others */
    frame *hello, *quiet;    /* how a stream begins; that it is alive */
    pct_state_view state;    /* as it was last said */
    bool stopping, running;
};

/* --- frames (under the lock) ------------------------------------------------------------------------------------------ */

static frame *make_frame(int64_t from) {
    frame *f = pct_alloc_zeroed(1, sizeof *f);
    if (f) *f = (frame){.holders = 1, .from = from, .to = from, .text = pct_buffer_init(PCT_FRAME_MAX)};
    return f;
}

static frame *hold(frame *f) {
    f->holders++;
    return f;
}

static void let_go(frame *f) {
    if (!f || --f->holders > 0) return;
    pct_buffer_dispose(&f->text);
    pct_free(f);
}

static frame *fixed_frame(const char *text) {
    frame *f = make_frame(0);
    if (f && pct_buffer_append_text(&f->text, text) == PCT_OK) return f;
    let_go(f);
    return NULL;
}

/* NULL without memory, or when there is too much to say at once. */
static frame *changes_behind(const pct_hub *hub, const view *v, int64_t seq, int64_t until) {
    pct_error error;
    const pct_stream_reader reader = {&v->identity, v->scopes};
    frame *f = make_frame(seq);
    if (f && pct_stream_changes(hub->service, &reader, &f->to, until, &f->text, &error) == PCT_OK) return f;
    let_go(f);
    return NULL;
}

static frame *positions_behind(const pct_hub *hub, const view *v, int64_t fixes) {
    pct_error error;
    const pct_stream_reader reader = {&v->identity, v->scopes};
    frame *f = make_frame(fixes);
    if (f && pct_stream_second(hub->service, &reader, &f->to, &f->text, &error) == PCT_OK) return f;
    let_go(f);
    return NULL;
}

static frame *kept_changes(const view *v, int64_t seq) {
    for (size_t i = 0; i < FRAMES_KEPT; i++) {
        frame *f = v->changes[(v->at + i) % FRAMES_KEPT];
        if (f && f->from == seq) return f;
    }
    return NULL;
}

/* --- views (under the lock) ----------------------------------------------------------------------------------------- */

static bool reach_the_same(const pct_identity *a, const pct_identity *b) {
    return a->roles == b->roles && strcmp(a->areas, b->areas) == 0 && a->unit.seq == b->unit.seq &&
           a->unit_since_ms == b->unit_since_ms && a->incident_count == b->incident_count &&
           memcmp(a->incidents, b->incidents, a->incident_count * sizeof *a->incidents) == 0;
}

/* NULL without memory. */
static view *view_for(pct_hub *hub, const pct_identity *identity,
                      const pct_role_set scopes[PCT_SCOPE_COUNT]) {
    if (pct_access_whole_role(identity, scopes) != PCT_ROLE_NONE) return &hub->everything;
    for (view *v = hub->views; v; v = v->next)
        if (reach_the_same(&v->identity, identity)) return v;
    view *v = pct_alloc_zeroed(1, sizeof *v);
    if (!v) return NULL;
    v->identity = *identity;
    v->identity.glass_count = 0; /* an emergency is looked at object by object */
    memcpy(v->scopes, scopes, sizeof v->scopes);
    v->seq = hub->everything.seq;
    v->next = hub->views;
    return hub->views = v;
}

static void drop_frames(view *v) {
    for (size_t i = 0; i < FRAMES_KEPT; i++) let_go(v->changes[i]);
    let_go(v->second);
    let_go(v->whole);
}

static void leave_view(pct_hub *hub, view *left) {
    if (--left->streams > 0 || left == &hub->everything) return;
    for (view **link = &hub->views; *link; link = &(*link)->next)
        if (*link == left) {
            *link = left->next;
            drop_frames(left);
            pct_free(left);
            return;
        }
}

/* --- a stream ---------------------------------------------------------------------------------------------------------- */

static void wake(stream *s) {
    if (!s->asleep) return;
    s->asleep = false;
    MHD_resume_connection(s->connection);
}

/* The next changes for a stream, held for it; NULL when it has them all. Its first look is its own: only that tells
 * whether its place is one of this record. */
static frame *next_changes(stream *s) {
    view *v = s->view;
    if (s->placed && s->seq >= v->seq) return NULL;
    frame *f = s->placed ? kept_changes(v, s->seq) : NULL;
    f = f ? hold(f) : changes_behind(s->hub, v, s->seq, v->seq);
    s->ended |= !f; /* the client connects again from where it was */
    s->placed = true;
    if (f) s->seq = f->to;
    return f;
}

static frame *next_positions(stream *s) {
    view *v = s->view;
    if (!s->second_due) return NULL;
    s->second_due = false;
    frame *second = v->second;
    if (second && s->fixes >= second->from && s->fixes > 0) {
        s->fixes = second->to;
        return hold(second);
    }
    if (!v->whole) v->whole = positions_behind(s->hub, v, 0);
    if (!v->whole) return NULL;
    s->fixes = v->whole->to;
    return hold(v->whole);
}

/* Something more for a stream that has sent all it had: changes first. A frame may be empty: nothing in it is reached. */
static void refill(stream *s) {
    bool tick = s->second_due;
    let_go(s->sending);
    s->sent = 0;
    while ((s->sending = next_changes(s)) != NULL) {
        if (s->sending->text.length > 0) return;
        let_go(s->sending);
    }
    s->sending = next_positions(s);
    if (s->sending && s->sending->text.length > 0) return;
    let_go(s->sending);
    s->sending = tick ? hold(s->hub->quiet) : NULL;
}

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t max) {
    stream *s = context;
    (void)position;
    (void)pthread_mutex_lock(&s->hub->lock);
    if (!s->ended && (!s->sending || s->sent == s->sending->text.length)) refill(s);
    bool ended = s->ended;
    const frame *f = s->sending;
    if (!ended && !f) {
        s->asleep = true;
        MHD_suspend_connection(s->connection);
    }
    (void)pthread_mutex_unlock(&s->hub->lock);
    if (ended) return MHD_CONTENT_READER_END_OF_STREAM;
    if (!f) return 0;
    size_t n = f->text.length - s->sent;
    if (n > max) n = max;
    memcpy(out, f->text.bytes + s->sent, n);
    s->sent += n;
    return (ssize_t)n;
}

static void free_stream(void *context) {
    stream *s = context;
    pct_hub *hub = s->hub;
    (void)pthread_mutex_lock(&hub->lock);
    *s->link = s->next;
    if (s->next) s->next->link = s->link;
    let_go(s->sending);
    if (s->view) leave_view(hub, s->view);
    (void)pthread_mutex_unlock(&hub->lock);
    (void)atomic_fetch_sub(&hub->service->counters.streams, 1);
    pct_free(s);
}

struct MHD_Response *pct_hub_response(pct_hub *hub, struct MHD_Connection *connection,
                                      const pct_exchange *x) {
    enum { BLOCK = 8 << 10 };
    stream *s = pct_alloc_zeroed(1, sizeof *s);
    if (!s) return NULL;
    *s = (stream){.hub = hub,
                  .connection = connection,
                  .seq = x->stream.seq,
                  .changed_seq = x->identity.changed_seq,
                  .second_due = true};
    size_t length = x->token.length < sizeof s->token ? x->token.length : sizeof s->token - 1;
    memcpy(s->token, x->token.chars, length);
    (void)pthread_mutex_lock(&hub->lock);
    s->view = view_for(hub, &x->identity, x->endpoint->scopes);
    if (s->view) s->view->streams++;
    s->sending = hold(hub->hello);
    s->next = hub->streams;
    s->link = &hub->streams;
    if (s->next) s->next->link = &s->next;
    hub->streams = s;
    s->ended = hub->stopping || !s->view;
    (void)pthread_mutex_unlock(&hub->lock);
    (void)atomic_fetch_add(&hub->service->counters.streams, 1);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, s, free_stream);
    if (!response) free_stream(s);
    return response;
}

/* --- the hub's thread ----------------------------------------------------------------------------------------------- */

static const pct_role_set desk_roles =
    1u << PCT_ROLE_CALL_TAKER | 1u << PCT_ROLE_DISPATCHER | 1u << PCT_ROLE_COMMANDER;

/* Under the lock. Who may not read any more, or may read something else by now, is shown out. */
static void check_session(pct_hub *hub, stream *s, int64_t now_ms) {
    pct_identity identity;
    pct_error error;
    pct_accounts *accounts = hub->service->accounts;
    pct_text token = pct_text_of(s->token);
    pct_status status = pct_accounts_still(accounts, token, now_ms, &identity, &error);
    if (!status) status = pct_rights_fill(hub->service->rights, &identity, &error);
    /* Who works at a desk is there although he only looks; a screen of others may be left alone. */
    if (!status && identity.roles & desk_roles)
        status = pct_accounts_session(accounts, token, now_ms, &identity, &error);
    if (!status) status = pct_rights_fill(hub->service->rights, &identity, &error);
    if (status == PCT_REFUSED || (!status && identity.changed_seq != s->changed_seq)) s->ended = true;
}

static void check_sessions(pct_hub *hub) {
    int64_t now_ms = hub->service->wall_ms();
    hub->rights = pct_rights_version(hub->service->rights);
    for (stream *s = hub->streams; s; s = s->next) check_session(hub, s, now_ms);
}

/* Text nobody has seen yet into the ring. Without memory the streams make do with their own. */
static void publish_changes(pct_hub *hub, view *v) {
    frame *f = changes_behind(hub, v, v->seq, INT64_MAX);
    if (!f || f->to == f->from) {
        let_go(f);
        return;
    }
    v->seq = f->to;
    let_go(v->changes[v->at]);
    v->changes[v->at] = f;
    v->at = (v->at + 1) % FRAMES_KEPT;
}

static void publish_second(pct_hub *hub, view *v) {
    frame *f = positions_behind(hub, v, v->second ? v->second->to : 0);
    let_go(v->second);
    let_go(v->whole);
    v->second = f;
    v->whole = NULL;
}

static void publish_to(pct_hub *hub, view *v, bool tick) {
    publish_changes(hub, v);
    if (tick) publish_second(hub, v);
}

static void publish(pct_hub *hub, bool tick) {
    (void)pthread_mutex_lock(&hub->lock);
    publish_to(hub, &hub->everything, tick);
    for (view *v = hub->views; v; v = v->next) publish_to(hub, v, tick);
    for (stream *s = hub->streams; s; s = s->next) {
        s->second_due |= tick;
        wake(s);
    }
    (void)pthread_mutex_unlock(&hub->lock);
}

static void sleep_ms(int64_t ms) {
    if (ms > 0) (void)nanosleep(&(struct timespec){.tv_nsec = (long)ms * 1000000L}, NULL);
}

/* Said at once: whoever sits at a console must not take the next call believing that all is well. */
static bool is_other_state(pct_hub *hub) {
    const pct_state_view now = pct_state_look(hub->service);
    bool other = pct_state_differs(&now, &hub->state);
    hub->state = now;
    return other;
}

static void *run(void *context) {
    pct_hub *hub = context;
    int64_t next_tick = pct_tick_ms() + TICK_MS;
    while (true) {
        (void)pthread_mutex_lock(&hub->lock);
        bool stopping = hub->stopping;
        int64_t seen = hub->everything.seq;
        (void)pthread_mutex_unlock(&hub->lock);
        if (stopping) return NULL;
        int64_t left = next_tick - pct_tick_ms();
        bool news =
            left > 0 && pct_desk_wait(hub->service->desk, seen, (int)(left < LOOK_MS ? left : LOOK_MS));
        bool second = pct_tick_ms() >= next_tick, tick = second || is_other_state(hub);
        if (second) next_tick += TICK_MS;
        bool moved = pct_rights_version(hub->service->rights) != hub->rights;
        if (second || moved) {
            (void)pthread_mutex_lock(&hub->lock);
            check_sessions(hub);
            (void)pthread_mutex_unlock(&hub->lock);
        }
        if (tick || news || moved) publish(hub, tick);
        left = next_tick - pct_tick_ms();
        if (news) sleep_ms(left < BATCH_MS ? left : BATCH_MS);
    }
}

pct_status pct_hub_start(pct_service *service, pct_hub **out, pct_error *error) {
    pct_hub *hub = pct_alloc_zeroed(1, sizeof *hub);
    if (!hub) return pct_error_memory(error, sizeof *hub);
    hub->service = service;
    (void)pthread_mutex_init(&hub->lock, NULL);
    const pct_snapshot *snapshot = pct_desk_snapshot(service->desk);
    hub->everything.seq = pct_snapshot_seq(snapshot);
    hub->everything.identity.roles = hub->everything.scopes[PCT_SCOPE_SITE] = ~(pct_role_set)0;
    pct_snapshot_release(snapshot);
    hub->hello = fixed_frame("retry: 3000\n\n");
    hub->quiet = fixed_frame(": \n\n");
    hub->running = hub->hello && hub->quiet && pthread_create(&hub->thread, NULL, run, hub) == 0;
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
    drop_frames(&hub->everything);
    while (hub->views) {
        view *v = hub->views;
        hub->views = v->next;
        drop_frames(v);
        pct_free(v);
    }
    let_go(hub->hello);
    let_go(hub->quiet);
    pct_free(hub);
}
