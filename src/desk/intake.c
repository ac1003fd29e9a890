#include "desk/intake.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "desk/state.h"
#include "store/spool.h"

enum {
    PATIENCE_MS = 1000,
    IDLE_MS = 250,
    AGAIN_MS = 500, /* until the record, or the spool, is tried again */
    BATCH = 64,     /* entries drained at a time */
    PLAIN_MAX = PCT_STORE_WRAPPED_BYTES + PCT_STORE_HASH_BYTES
};

const char *const pct_spool_reason_names[PCT_SPOOL_REASONS] = {"none", "disk_full", "record_failed",
                                                               "record_slow", "draining"};

/* A call between the one who brought it, the desk and the spool. Freed by the last of desk and spool that holds it. */
typedef struct taking {
    struct taking *next, *before; /* in `waiting`, by time */
    struct taking *behind;        /* in `queue` */
    pct_intake *intake;
    pct_item *item; /* the request with its texts */
    pct_desk_done *done;
    void *context;
    int64_t since_ms; /* monotonic */
    bool with_desk, spooling;
    pct_status status; /* the desk's, when it refused for want of a disk */
    pct_error error;
} taking;

/* An entry of the spool, by number, with what tells whether a request is the same. */
typedef struct kept {
    int64_t number, kept_at_ms;
    pct_hash who;                             /* of account and key */
    unsigned char body[PCT_STORE_HASH_BYTES]; /* of the request */
    bool refused, own_key;                    /* the record does not take it; not under its own key */
} kept;

/* An entry on its way into the record. */
typedef struct draining {
    pct_intake *intake;
    int64_t number;
    pct_status status;
    pct_error error;
} draining;

struct pct_intake {
    pct_intake_options options;
    pct_desk *desk;
    const pct_crypto *crypto;
    pct_spool *spool; /* the thread's alone */
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_t thread;
    bool started, stopping;

    /* under the lock */
    taking *first, *last;       /* with the desk, oldest first */
    taking *queue, *queue_last; /* for the spool */
    int64_t queued;
    pct_vector kept; /* of kept: the spool's entries, in order of number */
    pct_intake_view view;
    void (*proved)(void *context, bool well); /* NULL: nobody waits for a proof */
    void *proved_context;
    int64_t spooled_ms; /* monotonic: when a call last had to go to the spool */
    bool record_down;   /* the last try to drain found it so */

    /* the thread's */
    draining batch[BATCH];
    size_t batch_count, batch_answered;
    int64_t next_try_ms, next_open_ms;
};

static int64_t desk_now_ms(const pct_intake *in) {
    const pct_desk_options *o = &in->desk->options;
    return o->clock_ms(o->context);
}

static pct_hash who_of(const pct_intake *in, pct_text account, pct_text key) {
    unsigned char text[PCT_EVENT_ACTOR_MAX + 1 + PCT_EVENT_KEY_MAX];
    pct_hash hash;
    memcpy(text, account.chars, account.length);
    text[account.length] = 0;
    memcpy(text + account.length + 1, key.chars, key.length);
    in->crypto->sha256(text, account.length + 1 + key.length, hash.bytes);
    return hash;
}

/* Under the lock. */
static kept *find_kept(pct_intake *in, const pct_hash *who) {
    kept *items = in->kept.items;
    for (size_t i = 0; i < in->kept.length; i++)
        if (memcmp(items[i].who.bytes, who->bytes, sizeof who->bytes) == 0) return &items[i];
    return NULL;
}

/* --- an entry's bytes: wrapped key ‖ digest of the body ‖ the event as the log would store it ------------------------ */

typedef struct entry_key {
    int64_t number;
    pct_key key;
} entry_key;

static pct_status key_for_sealing(void *context, pct_key_name *name, pct_key *key, pct_error *error) {
    const entry_key *k = context;
    (void)error;
    name->id = k->number;
    *key = k->key;
    return PCT_OK;
}

static pct_status key_for_opening(void *context, const pct_key_name *name, pct_key *key, pct_error *error) {
    const entry_key *k = context;
    (void)error;
    if (name->id != k->number) return PCT_NOT_FOUND;
    *key = k->key;
    return PCT_OK;
}

/* Entries have no number before they are added: all are bound to 1, and their keys to themselves. */
static const pct_stored_key entry_name = {
    .id = 1, .object = {.kind = 'C', .seq = 1}, .class = {"personal", 8}};

static pct_status seal_entry(pct_intake *in, const pct_desk_request *r, int64_t kept_at_ms, pct_buffer *out,
                             pct_error *error) {
    unsigned char wrapped[PCT_STORE_WRAPPED_BYTES] = {0};
    entry_key key = {.number = entry_name.id};
    const pct_ledger_keys keys = {&key, key_for_sealing, key_for_opening};
    pct_event event = {.seq = entry_name.object.seq,
                       .epoch = in->desk->options.epoch,
                       .recorded_at_ms = kept_at_ms,
                       .occurred_at_ms = r->occurred_at_ms ? r->occurred_at_ms : kept_at_ms,
                       .cause = r->cause,
                       .map_version = in->desk->options.map_version,
                       .actor = r->account,
                       .purpose = r->purpose,
                       .idempotency_key = r->key,
                       .object = entry_name.object,
                       .role = r->role,
                       .type = PCT_EVENT_CALL_RECEIVED,
                       .version = pct_event_type_version(PCT_EVENT_CALL_RECEIVED),
                       .data = r->command.data};
    if (!event.data.call_received.via) event.data.call_received.via = PCT_VIA_SPOOL;
    pct_key_new(in->desk->random, &key.key);
    if (in->options.keeper)
        in->options.keeper->wrap(in->options.keeper->context, &entry_name, key.key.bytes, wrapped);
    else
        memcpy(wrapped, key.key.bytes, sizeof key.key.bytes);
    (void)pct_buffer_append(out, wrapped, sizeof wrapped);
    (void)pct_buffer_append(out, r->body, sizeof r->body);
    pct_status status = pct_buffer_status(out, error);
    if (!status) status = pct_ledger_seal(in->crypto, &keys, in->desk->random, &event, out, error);
    in->crypto->wipe(&key, sizeof key);
    return status;
}

/* The request as it was; its texts borrow from the bytes and the arena. */
static pct_status open_entry(pct_intake *in, pct_text bytes, pct_arena *arena, pct_desk_request *out,
                             pct_error *error) {
    const unsigned char *at = (const unsigned char *)bytes.chars;
    entry_key key = {.number = entry_name.id};
    const pct_ledger_keys keys = {&key, key_for_sealing, key_for_opening};
    pct_event event;
    pct_status status = PCT_OK;
    if (bytes.length < PLAIN_MAX)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_SPOOL_DAMAGED, pct_str(PCT_SPOOL_FILE), pct_int(0));
    if (in->options.keeper)
        status =
            in->options.keeper->unwrap(in->options.keeper->context, &entry_name, at, key.key.bytes, error);
    else
        memcpy(key.key.bytes, at, sizeof key.key.bytes);
    const pct_text stored = {bytes.chars + PLAIN_MAX, bytes.length - PLAIN_MAX};
    if (!status) status = pct_ledger_open(in->crypto, &keys, stored, arena, &event, NULL, error);
    in->crypto->wipe(&key, sizeof key);
    if (status) return status;
    *out = (pct_desk_request){.lane = PCT_LANE_CALLS,
                              .command = {.kind = PCT_COMMAND_RECEIVE_CALL, .data = event.data},
                              .account = event.actor,
                              .purpose = event.purpose,
                              .key = event.idempotency_key,
                              .role = event.role,
                              .occurred_at_ms = event.occurred_at_ms,
                              .cause = event.cause};
    memcpy(out->body, at + PCT_STORE_WRAPPED_BYTES, sizeof out->body);
    return PCT_OK;
}

/* --- taking -------------------------------------------------------------------------------------------------------- */

static void free_taking(taking *t) {
    pct_free(t->item);
    pct_free(t);
}

/* Under the lock. */
static void unlink_waiting(taking *t) {
    pct_intake *in = t->intake;
    *(t->before ? &t->before->next : &in->first) = t->next;
    *(t->next ? &t->next->before : &in->last) = t->before;
    t->next = t->before = NULL;
}

/* Under the lock; from here on the spool's side answers. */
static void queue_for_spool(taking *t) {
    pct_intake *in = t->intake;
    t->spooling = true;
    *(in->queue_last ? &in->queue_last->behind : &in->queue) = t;
    in->queue_last = t;
    in->queued++;
    pthread_cond_signal(&in->work);
}

static bool wants_spool(pct_status status) {
    return status == PCT_LIMIT || status == PCT_IO || status == PCT_BUSY || status == PCT_DAMAGED ||
           status == PCT_MEMORY;
}

static void desk_replied(void *context, const pct_desk_reply *reply) {
    taking *t = context;
    pct_intake *in = t->intake;
    (void)pthread_mutex_lock(&in->lock);
    t->with_desk = false;
    bool ours = !t->spooling; /* else the spool has answered, or will */
    bool last = !ours && !t->done;
    if (ours) unlink_waiting(t);
    if (ours && wants_spool(reply->status) && in->options.folder && !in->stopping) {
        t->status = reply->status;
        if (reply->error) t->error = *reply->error;
        queue_for_spool(t);
        ours = false;
    }
    (void)pthread_mutex_unlock(&in->lock);
    if (ours) t->done(t->context, reply);
    if (ours || last) free_taking(t);
}

/* A repetition of what waits in the spool. *answered: `done` was called. */
static pct_status repeat_kept(pct_intake *in, const pct_desk_request *r, pct_desk_done *done, void *context,
                              bool *answered, pct_error *error) {
    kept found;
    pct_hash who;
    *answered = false;
    (void)pthread_mutex_lock(&in->lock);
    const kept *k = NULL;
    if (in->kept.length > 0) {
        who = who_of(in, r->account, r->key);
        k = find_kept(in, &who);
    }
    if (k) found = *k;
    (void)pthread_mutex_unlock(&in->lock);
    if (!k) return PCT_OK;
    if (memcmp(found.body, r->body, sizeof found.body) != 0)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_DESK_KEY_REUSED, pct_view(r->key));
    *answered = true;
    done(context,
         &(pct_desk_reply){.repeated = true, .receipt = found.number, .kept_at_ms = found.kept_at_ms});
    return PCT_OK;
}

static pct_status check_call(const pct_intake *in, const pct_desk_request *r, pct_error *error) {
    pct_text type = r->command.data.call_received.type;
    if (pct_codes_type(in->desk->options.codes, type) == PCT_NO_CODE)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_BOARD_TYPE_UNKNOWN, pct_view(type));
    return PCT_OK;
}

static bool crowded(pct_desk *desk) {
    pthread_mutex_lock(&desk->gate);
    bool much = desk->lanes[PCT_LANE_CALLS].queued >= PCT_CALLS_IN_MEMORY;
    pthread_mutex_unlock(&desk->gate);
    return much;
}

pct_status pct_intake_take(pct_intake *in, const pct_desk_request *r, pct_desk_done *done, void *context,
                           pct_error *error) {
    bool answered;
    if (r->command.kind != PCT_COMMAND_RECEIVE_CALL || r->key.length == 0 || !in->options.folder ||
        r->key.length > PCT_EVENT_KEY_MAX || r->account.length > PCT_EVENT_ACTOR_MAX)
        return pct_desk_submit(in->desk, r, done, context, error);
    pct_status status = repeat_kept(in, r, done, context, &answered, error);
    if (status || answered) return status;
    status = check_call(in, r, error); /* what the spool takes the record will take */
    if (status) return status;
    taking *t = pct_alloc_zeroed(1, sizeof *t);
    if (!t || !(t->item = pct_desk_copy_request(r))) {
        pct_free(t);
        return pct_error_memory(error, sizeof *t);
    }
    t->intake = in, t->done = done, t->context = context;
    t->since_ms = pct_desk_monotonic_ms();
    bool straight = crowded(in->desk);
    (void)pthread_mutex_lock(&in->lock);
    if (straight && in->queued < PCT_INTAKE_WAITING) {
        t->status = PCT_BUSY;
        queue_for_spool(t);
        (void)pthread_mutex_unlock(&in->lock);
        return PCT_OK;
    }
    t->with_desk = true;
    t->before = in->last;
    *(in->last ? &in->last->next : &in->first) = t;
    in->last = t;
    (void)pthread_mutex_unlock(&in->lock);
    status = pct_desk_submit(in->desk, &t->item->request, desk_replied, t, &t->error);
    if (!status) return PCT_OK;
    const pct_desk_reply refused = {.status = status, .error = &t->error};
    desk_replied(t, &refused);
    return PCT_OK;
}

/* --- keeping ------------------------------------------------------------------------------------------------------- */

static pct_status note_kept(pct_intake *in, const kept *k, pct_error *error) {
    (void)pthread_mutex_lock(&in->lock);
    kept *room = pct_vector_push(&in->kept);
    if (room) *room = *k;
    (void)pthread_mutex_unlock(&in->lock);
    return room ? PCT_OK : pct_vector_failed(&in->kept, PCT_MSG_WHAT_SPOOLED, error);
}

/* What the spool holds, from its bytes. */
static pct_status list_spool(pct_intake *in, pct_error *error) {
    pct_buffer bytes = pct_buffer_init(PCT_SPOOL_ENTRY_MAX);
    pct_arena arena = pct_arena_init(1 << 20);
    pct_status status = PCT_OK;
    (void)pthread_mutex_lock(&in->lock);
    in->kept.length = 0;
    in->view.unreadable = (int64_t)pct_spool_unreadable(in->spool);
    (void)pthread_mutex_unlock(&in->lock);
    for (size_t i = 0; i < pct_spool_count(in->spool) && !status; i++) {
        const pct_spooled s = pct_spool_at(in->spool, i);
        kept k = {.number = s.number, .kept_at_ms = s.kept_at_ms};
        pct_desk_request r;
        pct_buffer_clear(&bytes);
        pct_arena_reset(&arena);
        status = pct_spool_read(in->spool, i, &bytes, error);
        if (!status &&
            open_entry(in, (pct_text){(const char *)bytes.bytes, bytes.length}, &arena, &r, NULL) == PCT_OK) {
            k.who = who_of(in, r.account, r.key);
            memcpy(k.body, r.body, sizeof k.body);
        } else if (!status) {
            k.refused = true;
            (void)pthread_mutex_lock(&in->lock);
            in->view.unreadable++;
            (void)pthread_mutex_unlock(&in->lock);
        }
        if (!status) status = note_kept(in, &k, error);
    }
    pct_arena_dispose(&arena);
    pct_buffer_dispose(&bytes);
    return status;
}

static void random_bytes(void *context, unsigned char *bytes, size_t length) {
    const pct_random *random = context;
    random->fill(random->context, bytes, length);
}

static pct_status open_spool(pct_intake *in, pct_error *error) {
    const pct_intake_options *o = &in->options;
    const pct_spool_options options = {.folder = o->folder,
                                       .vfs = o->vfs,
                                       .reserve_bytes =
                                           o->reserve_bytes ? o->reserve_bytes : PCT_INTAKE_RESERVE,
                                       .random = random_bytes,
                                       .context = &in->desk->random};
    if (in->spool || !o->folder) return PCT_OK;
    pct_status status = pct_spool_open(&options, &in->spool, error);
    if (!status) status = list_spool(in, error);
    (void)pthread_mutex_lock(&in->lock);
    in->view.has_spool = !status;
    in->view.failures += status != PCT_OK;
    (void)pthread_mutex_unlock(&in->lock);
    if (status) {
        pct_spool_close(in->spool);
        in->spool = NULL;
    }
    return status;
}

/* After a failure nobody knows what the file holds: it is read again before it is used again. */
static void give_up_spool(pct_intake *in) {
    pct_spool_close(in->spool);
    in->spool = NULL;
    (void)pthread_mutex_lock(&in->lock);
    in->view.has_spool = false;
    in->view.failures++;
    (void)pthread_mutex_unlock(&in->lock);
}

static pct_status add_taking(pct_intake *in, const taking *t, kept *k, pct_error *error) {
    const pct_desk_request *r = &t->item->request;
    pct_buffer bytes = pct_buffer_init(PCT_SPOOL_ENTRY_MAX);
    k->kept_at_ms = desk_now_ms(in);
    k->who = who_of(in, r->account, r->key);
    memcpy(k->body, r->body, sizeof k->body);
    pct_status status = seal_entry(in, r, k->kept_at_ms, &bytes, error);
    if (!status)
        status = pct_spool_add(in->spool, k->kept_at_ms, (pct_text){(const char *)bytes.bytes, bytes.length},
                               &k->number, error);
    pct_buffer_dispose(&bytes);
    return status;
}

/* Those that wait for the spool, and those for whom the record takes too long. */
static taking *take_queue(pct_intake *in) {
    int64_t patience_ms = in->options.patience_ms ? in->options.patience_ms : PATIENCE_MS;
    int64_t overdue_ms = pct_desk_monotonic_ms() - patience_ms;
    (void)pthread_mutex_lock(&in->lock);
    while (in->first && in->first->since_ms <= overdue_ms && in->queued < PCT_INTAKE_WAITING) {
        taking *t = in->first;
        unlink_waiting(t);
        t->status = PCT_OK; /* the desk has said nothing yet */
        queue_for_spool(t);
    }
    taking *first = in->queue;
    in->queue = in->queue_last = NULL;
    in->queued = 0;
    (void)pthread_mutex_unlock(&in->lock);
    return first;
}

/* PCT_OK: it has said nothing yet. */
static pct_spool_reason reason_of(pct_status desk) {
    if (desk == PCT_LIMIT) return PCT_SPOOL_DISK_FULL;
    return desk == PCT_OK || desk == PCT_BUSY ? PCT_SPOOL_RECORD_SLOW : PCT_SPOOL_RECORD_FAILED;
}

/* Tells one; frees it when the desk no longer holds it. */
static void answer(pct_intake *in, taking *t, const pct_desk_reply *reply) {
    (void)pthread_mutex_lock(&in->lock);
    pct_desk_done *done = t->done;
    void *context = t->context;
    if (!reply->status) {
        in->view.kept++;
        in->view.reason = reason_of(t->status);
        in->spooled_ms = pct_desk_monotonic_ms();
    }
    (void)pthread_mutex_unlock(&in->lock);
    done(context, reply);
    (void)pthread_mutex_lock(&in->lock);
    t->done = NULL; /* the desk's reply finds it, and frees */
    bool last = !t->with_desk;
    (void)pthread_mutex_unlock(&in->lock);
    if (last) free_taking(t);
}

/* The same account and key twice in one round: the first one's receipt, or a refusal. */
static const kept *kept_in_round(const kept *round, size_t count, const kept *k) {
    for (size_t i = 0; i < count; i++)
        if (memcmp(round[i].who.bytes, k->who.bytes, sizeof k->who.bytes) == 0) return &round[i];
    return NULL;
}

static pct_status keep_some(pct_intake *in, taking **members, kept *round, size_t count, pct_error *error) {
    pct_status status = open_spool(in, error);
    size_t added = 0;
    for (; added < count && !status; added++) {
        const pct_desk_request *r = &members[added]->item->request;
        kept *k = &round[added];
        k->who = who_of(in, r->account, r->key);
        const kept *twin = kept_in_round(round, added, k);
        (void)pthread_mutex_lock(&in->lock);
        if (!twin) twin = find_kept(in, &k->who);
        if (twin) *k = *twin; /* it keeps the digest of the first body */
        (void)pthread_mutex_unlock(&in->lock);
        if (twin) continue;
        status = add_taking(in, members[added], k, error);
        if (!status) status = note_kept(in, k, error);
    }
    if (!status) status = pct_spool_sync(in->spool, error);
    return status;
}

static void answer_kept(pct_intake *in, taking *t, const kept *k) {
    pct_error error;
    pct_desk_reply reply = {.receipt = k->number, .kept_at_ms = k->kept_at_ms};
    if (memcmp(k->body, t->item->request.body, sizeof k->body) != 0) {
        reply = (pct_desk_reply){.status = PCT_FAIL(&error, PCT_CHECK_FAILED, PCT_MSG_DESK_KEY_REUSED,
                                                    pct_view(t->item->request.key)),
                                 .error = &error};
    }
    answer(in, t, &reply);
}

/* Whom the desk may still answer waits for it: nobody hears "not taken" of what the record may have. */
static bool wait_on(pct_intake *in, taking *t) {
    (void)pthread_mutex_lock(&in->lock);
    bool waits = t->with_desk;
    if (waits) {
        t->spooling = false;
        t->behind = NULL;
        t->since_ms = pct_desk_monotonic_ms();
        t->before = in->last;
        *(in->last ? &in->last->next : &in->first) = t;
        in->last = t;
    }
    (void)pthread_mutex_unlock(&in->lock);
    return waits;
}

/* What could not be kept is refused with the spool's reason. With a failure nothing of the round counts: what of it is on
 * the disk will be drained, and the same key finds it in the record. */
static size_t keep_round(pct_intake *in, taking **members, size_t count) {
    pct_error why = {0};
    kept round[BATCH] = {0};
    pct_status status = keep_some(in, members, round, count, &why);
    if (status) give_up_spool(in);
    for (size_t i = 0; i < count; i++) {
        const pct_desk_reply refused = {.status = status == PCT_LIMIT ? PCT_LIMIT : PCT_IO, .error = &why};
        if (!status)
            answer_kept(in, members[i], &round[i]);
        else if (!wait_on(in, members[i]))
            answer(in, members[i], &refused);
    }
    return count;
}

static size_t keep(pct_intake *in) {
    size_t done = 0;
    for (taking *t = take_queue(in); t;) {
        taking *members[BATCH];
        size_t count = 0;
        for (; t && count < BATCH; t = t->behind) members[count++] = t;
        done += keep_round(in, members, count);
    }
    return done;
}

/* --- proving ------------------------------------------------------------------------------------------------------- */

void pct_intake_prove(pct_intake *in, void (*proved)(void *context, bool well), void *context) {
    if (!in || !in->options.folder) return;
    (void)pthread_mutex_lock(&in->lock);
    if (!in->proved && !in->stopping) {
        in->proved = proved;
        in->proved_context = context;
        pthread_cond_signal(&in->work);
    }
    (void)pthread_mutex_unlock(&in->lock);
}

/* As long as a call's entry, sealed in the same way. */
static pct_status write_proof(pct_intake *in, pct_error *error) {
    pct_desk_request r = {
        .account = pct_text_of("synthetic"), .key = pct_text_of("synthetic"), .role = PCT_ROLE_SYSTEM};
    r.command.data.call_received = (pct_event_call_received){.channel = PCT_CHANNEL_PHONE,
                                                             .type = pct_text_of("synthetic"),
                                                             .priority = 4,
                                                             .words = pct_text_of("synthetic")};
    pct_buffer bytes = pct_buffer_init(PCT_SPOOL_ENTRY_MAX);
    int64_t number = 0, now_ms = desk_now_ms(in);
    pct_status status = open_spool(in, error);
    if (!status) status = seal_entry(in, &r, now_ms, &bytes, error);
    if (!status)
        status = pct_spool_add(in->spool, now_ms, (pct_text){(const char *)bytes.bytes, bytes.length},
                               &number, error);
    if (!status) status = pct_spool_sync(in->spool, error);
    if (!status) status = pct_spool_wipe(in->spool, pct_spool_count(in->spool) - 1, error);
    if (!status) status = pct_spool_sync(in->spool, error);
    pct_buffer_dispose(&bytes);
    return status;
}

static size_t answer_proof(pct_intake *in) {
    pct_error why;
    (void)pthread_mutex_lock(&in->lock);
    void (*proved)(void *context, bool well) = in->proved;
    void *context = in->proved_context;
    (void)pthread_mutex_unlock(&in->lock);
    if (!proved) return 0;
    pct_status status = write_proof(in, &why);
    if (status && in->spool) give_up_spool(in);
    proved(context, status == PCT_OK);
    (void)pthread_mutex_lock(&in->lock);
    in->proved = NULL;
    (void)pthread_mutex_unlock(&in->lock);
    return 1;
}

/* --- draining ------------------------------------------------------------------------------------------------------ */

static void drained(void *context, const pct_desk_reply *reply) {
    draining *d = context;
    pct_intake *in = d->intake;
    (void)pthread_mutex_lock(&in->lock);
    d->status = reply->status;
    if (reply->error) d->error = *reply->error;
    in->batch_answered++;
    pthread_cond_signal(&in->work);
    (void)pthread_mutex_unlock(&in->lock);
}

/* Under the lock. */
static kept *kept_numbered(pct_intake *in, int64_t number) {
    kept *items = in->kept.items;
    for (size_t i = 0; i < in->kept.length; i++)
        if (items[i].number == number) return &items[i];
    return NULL;
}

static kept kept_as(pct_intake *in, int64_t number) {
    (void)pthread_mutex_lock(&in->lock);
    const kept *k = kept_numbered(in, number);
    const kept copy = k ? *k : (kept){0};
    (void)pthread_mutex_unlock(&in->lock);
    return copy;
}

/* A second time under a key of its own, when the record knows the entry's key with another body: nobody's call is dropped
 * for that. */
static pct_status submit_entry(pct_intake *in, size_t at, bool own_key, draining *d, pct_error *error) {
    pct_buffer bytes = pct_buffer_init(PCT_SPOOL_ENTRY_MAX);
    pct_arena arena = pct_arena_init(1 << 20);
    pct_desk_request r;
    char key[PCT_EVENT_KEY_MAX + 1];
    pct_status status = pct_spool_read(in->spool, at, &bytes, error);
    if (!status)
        status = open_entry(in, (pct_text){(const char *)bytes.bytes, bytes.length}, &arena, &r, error);
    if (!status) {
        int64_t now_ms = desk_now_ms(in);
        (void)snprintf(key, sizeof key, "spool-Q%lld-%lld", (long long)d->number,
                       (long long)r.occurred_at_ms);
        if (r.occurred_at_ms > now_ms) r.occurred_at_ms = now_ms; /* the clock was set back */
        if (own_key) r.key = pct_text_of(key);
        status = pct_desk_submit(in->desk, &r, drained, d, error);
    }
    pct_arena_dispose(&arena);
    pct_buffer_dispose(&bytes);
    return status;
}

/* The record's rules do not take it: under another key, or not at all. */
static void mark_refused(pct_intake *in, const draining *d) {
    (void)pthread_mutex_lock(&in->lock);
    kept *k = kept_numbered(in, d->number);
    if (k && d->status == PCT_CHECK_FAILED && !k->own_key) {
        k->own_key = true;
        in->view.conflicts++;
    } else if (k) {
        k->refused = true;
        in->view.refused++;
    }
    (void)pthread_mutex_unlock(&in->lock);
}

static size_t place_of(pct_intake *in, int64_t number) {
    size_t at = 0;
    while (at < pct_spool_count(in->spool) && pct_spool_at(in->spool, at).number != number) at++;
    return at;
}

/* The oldest that the record may take: one alone while it is not known to take anything, then a batch. */
static void begin_batch(pct_intake *in, bool proven) {
    size_t most = proven ? BATCH : 1;
    in->batch_count = in->batch_answered = 0;
    for (size_t at = 0; at < pct_spool_count(in->spool) && in->batch_count < most; at++) {
        int64_t number = pct_spool_at(in->spool, at).number;
        const kept k = kept_as(in, number);
        if (k.refused) continue;
        draining *d = &in->batch[in->batch_count++];
        *d = (draining){.intake = in, .number = number};
        pct_status status = submit_entry(in, at, k.own_key, d, &d->error);
        if (!status) continue;
        const pct_desk_reply refused = {.status = status, .error = &d->error};
        drained(d, &refused);
    }
}

static void forget_kept(pct_intake *in, int64_t number) {
    (void)pthread_mutex_lock(&in->lock);
    kept *items = in->kept.items, *k = kept_numbered(in, number);
    if (k) {
        memmove(k, k + 1, (size_t)(items + in->kept.length - (k + 1)) * sizeof *k);
        in->kept.length--;
    }
    in->view.drained++;
    (void)pthread_mutex_unlock(&in->lock);
}

/* The record has it, so that the spool need not. *taken false: the record takes nothing yet. */
static pct_status settle_entry(pct_intake *in, const draining *d, bool *taken, pct_error *error) {
    *taken = !wants_spool(d->status);
    if (!*taken) return PCT_OK;
    if (d->status) {
        mark_refused(in, d);
        return PCT_OK;
    }
    size_t at = place_of(in, d->number);
    pct_status status = at < pct_spool_count(in->spool) ? pct_spool_wipe(in->spool, at, error) : PCT_OK;
    if (!status) forget_kept(in, d->number);
    return status;
}

/* All of the batch were answered. *all: the record took, or refused by its rules, each of them. */
static pct_status settle_batch(pct_intake *in, bool *all, pct_error *error) {
    pct_status status = PCT_OK, down = PCT_OK;
    for (size_t i = 0; i < in->batch_count && !status; i++) {
        bool taken;
        status = settle_entry(in, &in->batch[i], &taken, error);
        if (!taken) down = in->batch[i].status;
    }
    in->batch_count = 0;
    (void)pthread_mutex_lock(&in->lock);
    in->record_down = down != PCT_OK;
    if (down) in->view.reason = reason_of(down);
    in->batch_answered = 0;
    (void)pthread_mutex_unlock(&in->lock);
    *all = down == PCT_OK;
    return status ? status : pct_spool_sync(in->spool, error);
}

static size_t drain(pct_intake *in) {
    pct_error why;
    int64_t now_ms = pct_desk_monotonic_ms();
    (void)pthread_mutex_lock(&in->lock);
    bool answered = in->batch_count > 0 && in->batch_answered >= in->batch_count;
    (void)pthread_mutex_unlock(&in->lock);
    size_t count = in->batch_count;
    if (count > 0 && !answered) return 0;
    bool all = false;
    if (answered) {
        pct_status status = settle_batch(in, &all, &why);
        in->next_try_ms = all ? 0 : now_ms + AGAIN_MS;
        if (status) give_up_spool(in);
    }
    if (!in->spool || pct_spool_count(in->spool) == 0 || now_ms < in->next_try_ms) return count;
    begin_batch(in, all);
    return count + in->batch_count;
}

/* --- the thread ---------------------------------------------------------------------------------------------------- */

pct_status pct_intake_step(pct_intake *in, size_t *done, pct_error *error) {
    *done = keep(in) + answer_proof(in);
    pct_status status = PCT_OK;
    if (!in->spool && in->options.folder && pct_desk_monotonic_ms() >= in->next_open_ms) {
        in->next_open_ms = pct_desk_monotonic_ms() + AGAIN_MS;
        if (in->batch_count == 0) status = open_spool(in, error);
    }
    if (in->spool) *done += drain(in);
    return status;
}

static bool wait_for_work(pct_intake *in) {
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += IDLE_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) until.tv_sec++, until.tv_nsec -= 1000000000L;
    (void)pthread_mutex_lock(&in->lock);
    bool busy = in->queue || in->proved || (in->batch_count > 0 && in->batch_answered >= in->batch_count);
    if (!busy && !in->stopping) (void)pthread_cond_clockwait(&in->work, &in->lock, CLOCK_MONOTONIC, &until);
    bool go_on = !in->stopping || in->queue;
    (void)pthread_mutex_unlock(&in->lock);
    return go_on;
}

static void *run(void *context) {
    pct_intake *in = context;
    pct_error error;
    size_t done = 0;
    while (wait_for_work(in)) (void)!pct_intake_step(in, &done, &error);
    return NULL;
}

pct_status pct_intake_open(const pct_intake_options *options, pct_intake **out, pct_error *error) {
    pct_error why;
    pct_intake *in = pct_alloc_zeroed(1, sizeof *in);
    *out = NULL;
    if (!in) return pct_error_memory(error, sizeof *in);
    in->options = *options;
    in->desk = options->desk;
    in->kept = pct_vector_init(sizeof(kept), 1 << 20);
    (void)pthread_mutex_init(&in->lock, NULL);
    (void)pthread_cond_init(&in->work, NULL);
    pct_status status = pct_crypto_sodium(&in->crypto, error);
    if (!status) (void)!open_spool(in, &why);
    if (status) {
        pct_intake_close(in);
        return status;
    }
    *out = in;
    return PCT_OK;
}

pct_status pct_intake_start(pct_intake *in, pct_error *error) {
    if (pthread_create(&in->thread, NULL, run, in) != 0) return pct_error_memory(error, 0);
    in->started = true;
    return PCT_OK;
}

void pct_intake_stop(pct_intake *in) {
    if (!in) return;
    (void)pthread_mutex_lock(&in->lock);
    in->stopping = true;
    pthread_cond_broadcast(&in->work);
    (void)pthread_mutex_unlock(&in->lock);
    if (in->started) (void)pthread_join(in->thread, NULL);
    in->started = false;
}

void pct_intake_close(pct_intake *in) {
    pct_error error;
    if (!in) return;
    pct_intake_stop(in);
    for (taking *t = in->queue, *following; t; t = following) {
        following = t->behind;
        const pct_desk_reply closing = {.status = pct_desk_fail_stopped(PCT_BUSY, &error), .error = &error};
        answer(in, t, &closing);
    }
    pct_spool_close(in->spool);
    pct_vector_dispose(&in->kept);
    (void)pthread_cond_destroy(&in->work);
    (void)pthread_mutex_destroy(&in->lock);
    pct_free(in);
}

pct_intake_view pct_intake_look(pct_intake *in) {
    if (!in) return (pct_intake_view){0};
    (void)pthread_mutex_lock(&in->lock);
    pct_intake_view view = in->view;
    const kept *items = in->kept.items;
    view.pending = (int64_t)in->kept.length;
    if (view.pending > 0) view.oldest_ms = items[0].kept_at_ms;
    bool lately = in->spooled_ms && pct_desk_monotonic_ms() - in->spooled_ms < 2 * PATIENCE_MS;
    if (!lately && !in->record_down) view.reason = view.pending > 0 ? PCT_SPOOL_DRAINING : PCT_SPOOL_NOT_USED;
    (void)pthread_mutex_unlock(&in->lock);
    return view;
}
