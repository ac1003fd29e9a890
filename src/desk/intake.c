#include "desk/intake.h"
#include "desk/cards.h"

#include <string.h>

#include "desk/intake_state.h"
#include "site/now.h"

enum { IDLE_MS = 250 };

const char *const pct_spool_reason_names[PCT_SPOOL_REASONS] = {"none", "disk_full", "record_failed",
                                                               "record_slow", "draining"};

int64_t pct_intake_now_ms(const pct_intake *in) {
    const pct_desk_options *o = &in->desk->options;
    return o->clock_ms(o->context);
}

pct_hash pct_intake_who(const pct_intake *in, pct_text account, pct_text key) {
    unsigned char text[PCT_EVENT_ACTOR_MAX + 1 + PCT_EVENT_KEY_MAX];
    pct_hash hash;
    memcpy(text, account.chars, account.length);
    text[account.length] = 0;
    memcpy(text + account.length + 1, key.chars, key.length);
    in->crypto->sha256(text, account.length + 1 + key.length, hash.bytes);
    return hash;
}

pct_kept *pct_intake_find(pct_intake *in, const pct_hash *who) {
    pct_kept *items = in->kept.items;
    for (size_t i = 0; i < in->kept.length; i++)
        if (memcmp(items[i].who.bytes, who->bytes, sizeof who->bytes) == 0) return &items[i];
    return NULL;
}

pct_kept *pct_intake_numbered(pct_intake *in, int64_t number) {
    pct_kept *items = in->kept.items;
    for (size_t i = 0; i < in->kept.length; i++)
        if (items[i].number == number) return &items[i];
    return NULL;
}

void pct_intake_free(pct_taking *t) {
    pct_free(t->item);
    pct_free(t);
}

void pct_intake_unlink(pct_taking *t) {
    pct_intake *in = t->intake;
    *(t->before ? &t->before->next : &in->first) = t->next;
    *(t->next ? &t->next->before : &in->last) = t->before;
    t->next = t->before = NULL;
}

void pct_intake_queue(pct_taking *t) {
    pct_intake *in = t->intake;
    t->spooling = true;
    *(in->queue_last ? &in->queue_last->behind : &in->queue) = t;
    in->queue_last = t;
    in->queued++;
    pthread_cond_signal(&in->work);
}

bool pct_intake_wants_spool(pct_status status) {
    return status == PCT_LIMIT || status == PCT_IO || status == PCT_BUSY || status == PCT_DAMAGED ||
           status == PCT_MEMORY;
}

static void desk_replied(void *context, const pct_desk_reply *reply) {
    pct_taking *t = context;
    pct_intake *in = t->intake;
    (void)pthread_mutex_lock(&in->lock);
    t->with_desk = false;
    bool ours = !t->spooling; /* else the spool has answered, or will */
    bool last = !ours && !t->done;
    if (ours) pct_intake_unlink(t);
    if (ours && pct_intake_wants_spool(reply->status) && in->options.folder && !in->stopping) {
        t->status = reply->status;
        if (reply->error) t->error = *reply->error;
        pct_intake_queue(t);
        ours = false;
    }
    (void)pthread_mutex_unlock(&in->lock);
    if (ours) t->done(t->context, reply);
    if (ours || last) pct_intake_free(t);
}

/* A repetition of what waits in the spool. *answered: `done` was called. */
static pct_status repeat_kept(pct_intake *in, const pct_desk_request *r, pct_desk_done *done, void *context,
                              bool *answered, pct_error *error) {
    pct_kept found;
    pct_hash who;
    *answered = false;
    (void)pthread_mutex_lock(&in->lock);
    const pct_kept *k = NULL;
    if (in->kept.length > 0) {
        who = pct_intake_who(in, pct_desk_key_owner(r), r->key);
        k = pct_intake_find(in, &who);
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
    pct_taking *t = pct_alloc_zeroed(1, sizeof *t);
    if (!t || !(t->item = pct_desk_copy_request(r))) {
        pct_free(t);
        return pct_error_memory(error, sizeof *t);
    }
    t->intake = in, t->done = done, t->context = context;
    t->since_ms = pct_tick_ms();
    bool straight = crowded(in->desk);
    (void)pthread_mutex_lock(&in->lock);
    if (straight && in->queued < PCT_INTAKE_WAITING) {
        t->status = PCT_BUSY;
        pct_intake_queue(t);
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
pct_spool_reason pct_intake_reason(pct_status desk) {
    if (desk == PCT_LIMIT) return PCT_SPOOL_DISK_FULL;
    return desk == PCT_OK || desk == PCT_BUSY ? PCT_SPOOL_RECORD_SLOW : PCT_SPOOL_RECORD_FAILED;
}

void pct_intake_answer(pct_intake *in, pct_taking *t, const pct_desk_reply *reply) {
    (void)pthread_mutex_lock(&in->lock);
    pct_desk_done *done = t->done;
    void *context = t->context;
    if (!reply->status) {
        in->view.kept++;
        in->view.reason = pct_intake_reason(t->status);
        in->spooled_ms = pct_tick_ms();
    }
    (void)pthread_mutex_unlock(&in->lock);
    done(context, reply);
    (void)pthread_mutex_lock(&in->lock);
    t->done = NULL; /* the desk's reply finds it, and frees */
    bool last = !t->with_desk;
    (void)pthread_mutex_unlock(&in->lock);
    if (last) pct_intake_free(t);
}

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

/* --- the thread ---------------------------------------------------------------------------------------------------- */

pct_status pct_intake_step(pct_intake *in, size_t *done, pct_error *error) {
    *done = pct_intake_keep(in) + pct_intake_answer_proof(in);
    pct_status status = PCT_OK;
    if (!in->spool && in->options.folder && pct_tick_ms() >= in->next_open_ms) {
        in->next_open_ms = pct_tick_ms() + PCT_INTAKE_AGAIN_MS;
        if (in->batch_count == 0) status = pct_intake_open_spool(in, error);
    }
    if (in->spool) *done += pct_intake_drain(in);
    return status;
}

static bool wait_for_work(pct_intake *in) {
    (void)pthread_mutex_lock(&in->lock);
    bool busy = in->queue || in->proved || (in->batch_count > 0 && in->batch_answered >= in->batch_count);
    if (!busy && !in->stopping)
        (void)pct_tick_wait(&in->work, &in->lock, pct_tick_ns() + IDLE_MS * PCT_NS_PER_MS);
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
    pct_intake *in = pct_alloc_zeroed(1, sizeof *in);
    *out = NULL;
    if (!in) return pct_error_memory(error, sizeof *in);
    in->options = *options;
    in->desk = options->desk;
    in->kept = pct_vector_init(sizeof(pct_kept), 1 << 20);
    (void)pthread_mutex_init(&in->lock, NULL);
    (void)pthread_cond_init(&in->work, NULL);
    pct_status status = pct_crypto_sodium(&in->crypto, error);
    if (!status) (void)!pct_intake_open_spool(in, error);
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
    for (pct_taking *t = in->queue, *following; t; t = following) {
        following = t->behind;
        const pct_desk_reply closing = {.status = pct_desk_fail_stopped(PCT_BUSY, &error), .error = &error};
        pct_intake_answer(in, t, &closing);
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
    const pct_kept *items = in->kept.items;
    view.pending = (int64_t)in->kept.length;
    if (view.pending > 0) view.oldest_ms = items[0].kept_at_ms;
    bool lately = in->spooled_ms && pct_tick_ms() - in->spooled_ms < 2 * PCT_INTAKE_PATIENCE_MS;
    if (!lately && !in->record_down) view.reason = view.pending > 0 ? PCT_SPOOL_DRAINING : PCT_SPOOL_NOT_USED;
    (void)pthread_mutex_unlock(&in->lock);
    return view;
}
