/* The spool's side of intake: calls are written and synced, then answered; and the proof that this still works. */
#include <string.h>

#include "desk/cards.h"
#include "desk/intake_state.h"
#include "site/now.h"

static pct_status note_kept(pct_intake *in, const pct_kept *k, pct_error *error) {
    (void)pthread_mutex_lock(&in->lock);
    pct_kept *room = pct_vector_push(&in->kept);
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
        pct_kept k = {.number = s.number, .kept_at_ms = s.kept_at_ms};
        pct_desk_request r;
        pct_buffer_clear(&bytes);
        pct_arena_reset(&arena);
        status = pct_spool_read(in->spool, i, &bytes, error);
        if (!status && pct_intake_unseal(in, (pct_text){(const char *)bytes.bytes, bytes.length}, &arena, &r,
                                         NULL) == PCT_OK) {
            k.who = pct_intake_who(in, pct_desk_key_owner(&r), r.key);
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

pct_status pct_intake_open_spool(pct_intake *in, pct_error *error) {
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

void pct_intake_give_up_spool(pct_intake *in) {
    pct_spool_close(in->spool);
    in->spool = NULL;
    (void)pthread_mutex_lock(&in->lock);
    in->view.has_spool = false;
    in->view.failures++;
    (void)pthread_mutex_unlock(&in->lock);
}

static pct_status add_taking(pct_intake *in, const pct_taking *t, pct_kept *k, pct_error *error) {
    const pct_desk_request *r = &t->item->request;
    pct_buffer bytes = pct_buffer_init(PCT_SPOOL_ENTRY_MAX);
    k->kept_at_ms = pct_intake_now_ms(in);
    k->who = pct_intake_who(in, pct_desk_key_owner(r), r->key);
    memcpy(k->body, r->body, sizeof k->body);
    pct_status status = pct_intake_seal(in, r, k->kept_at_ms, &bytes, error);
    if (!status)
        status = pct_spool_add(in->spool, k->kept_at_ms, (pct_text){(const char *)bytes.bytes, bytes.length},
                               &k->number, error);
    pct_buffer_dispose(&bytes);
    return status;
}

/* Those that wait for the spool, and those for whom the record takes too long. */
static pct_taking *take_queue(pct_intake *in) {
    int64_t patience_ms = in->options.patience_ms ? in->options.patience_ms : PCT_INTAKE_PATIENCE_MS;
    int64_t overdue_ms = pct_tick_ms() - patience_ms;
    (void)pthread_mutex_lock(&in->lock);
    while (in->first && in->first->since_ms <= overdue_ms && in->queued < PCT_INTAKE_WAITING) {
        pct_taking *t = in->first;
        pct_intake_unlink(t);
        t->status = PCT_OK; /* the desk has said nothing yet */
        pct_intake_queue(t);
    }
    pct_taking *first = in->queue;
    in->queue = in->queue_last = NULL;
    in->queued = 0;
    (void)pthread_mutex_unlock(&in->lock);
    return first;
}

/* The same account and key twice in one round: the first one's receipt, or a refusal. */
static const pct_kept *kept_in_round(const pct_kept *round, size_t count, const pct_kept *k) {
    for (size_t i = 0; i < count; i++)
        if (memcmp(round[i].who.bytes, k->who.bytes, sizeof k->who.bytes) == 0) return &round[i];
    return NULL;
}

static pct_status keep_some(pct_intake *in, pct_taking **members, pct_kept *round, size_t count,
                            pct_error *error) {
    pct_status status = pct_intake_open_spool(in, error);
    size_t added = 0;
    for (; added < count && !status; added++) {
        const pct_desk_request *r = &members[added]->item->request;
        pct_kept *k = &round[added];
        k->who = pct_intake_who(in, pct_desk_key_owner(r), r->key);
        const pct_kept *twin = kept_in_round(round, added, k);
        (void)pthread_mutex_lock(&in->lock);
        if (!twin) twin = pct_intake_find(in, &k->who);
        if (twin) *k = *twin; /* it keeps the digest of the first body */
        (void)pthread_mutex_unlock(&in->lock);
        if (twin) continue;
        status = add_taking(in, members[added], k, error);
        if (!status) status = note_kept(in, k, error);
    }
    if (!status) status = pct_spool_sync(in->spool, error);
    return status;
}

static void answer_kept(pct_intake *in, pct_taking *t, const pct_kept *k) {
    pct_error error;
    pct_desk_reply reply = {.receipt = k->number, .kept_at_ms = k->kept_at_ms};
    if (memcmp(k->body, t->item->request.body, sizeof k->body) != 0) {
        reply = (pct_desk_reply){.status = PCT_FAIL(&error, PCT_CHECK_FAILED, PCT_MSG_DESK_KEY_REUSED,
                                                    pct_view(t->item->request.key)),
                                 .error = &error};
    }
    pct_intake_answer(in, t, &reply);
}

/* Whom the desk may still answer waits for it: nobody hears "not taken" of what the record may have. */
static bool wait_on(pct_intake *in, pct_taking *t) {
    (void)pthread_mutex_lock(&in->lock);
    bool waits = t->with_desk;
    if (waits) {
        t->spooling = false;
        t->behind = NULL;
        t->since_ms = pct_tick_ms();
        t->before = in->last;
        *(in->last ? &in->last->next : &in->first) = t;
        in->last = t;
    }
    (void)pthread_mutex_unlock(&in->lock);
    return waits;
}

/* What could not be kept is refused with the spool's reason. With a failure nothing of the round counts: what of it is on
 * the disk will be drained, and the same key finds it in the record. */
static size_t keep_round(pct_intake *in, pct_taking **members, size_t count) {
    pct_error why = {0};
    pct_kept round[PCT_INTAKE_BATCH] = {0};
    pct_status status = keep_some(in, members, round, count, &why);
    if (status) pct_intake_give_up_spool(in);
    for (size_t i = 0; i < count; i++) {
        const pct_desk_reply refused = {.status = status == PCT_LIMIT ? PCT_LIMIT : PCT_IO, .error = &why};
        if (!status)
            answer_kept(in, members[i], &round[i]);
        else if (!wait_on(in, members[i]))
            pct_intake_answer(in, members[i], &refused);
    }
    return count;
}

size_t pct_intake_keep(pct_intake *in) {
    size_t done = 0;
    for (pct_taking *t = take_queue(in); t;) {
        pct_taking *members[PCT_INTAKE_BATCH];
        size_t count = 0;
        for (; t && count < PCT_INTAKE_BATCH; t = t->behind) members[count++] = t;
        done += keep_round(in, members, count);
    }
    return done;
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
    int64_t number = 0, now_ms = pct_intake_now_ms(in);
    pct_status status = pct_intake_open_spool(in, error);
    if (!status) status = pct_intake_seal(in, &r, now_ms, &bytes, error);
    if (!status)
        status = pct_spool_add(in->spool, now_ms, (pct_text){(const char *)bytes.bytes, bytes.length},
                               &number, error);
    if (!status) status = pct_spool_sync(in->spool, error);
    if (!status) status = pct_spool_wipe(in->spool, pct_spool_count(in->spool) - 1, error);
    if (!status) status = pct_spool_sync(in->spool, error);
    pct_buffer_dispose(&bytes);
    return status;
}

size_t pct_intake_answer_proof(pct_intake *in) {
    pct_error why;
    (void)pthread_mutex_lock(&in->lock);
    void (*proved)(void *context, bool well) = in->proved;
    void *context = in->proved_context;
    (void)pthread_mutex_unlock(&in->lock);
    if (!proved) return 0;
    pct_status status = write_proof(in, &why);
    if (status && in->spool) pct_intake_give_up_spool(in);
    proved(context, status == PCT_OK);
    (void)pthread_mutex_lock(&in->lock);
    in->proved = NULL;
    (void)pthread_mutex_unlock(&in->lock);
    return 1;
}
