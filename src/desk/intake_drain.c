/* From the spool into the record: oldest first, one alone until the record is known to take anything, then in batches. */
#include <stdio.h>
#include <string.h>

#include "desk/intake_state.h"
#include "site/now.h"

static void drained(void *context, const pct_desk_reply *reply) {
    pct_draining *d = context;
    pct_intake *in = d->intake;
    (void)pthread_mutex_lock(&in->lock);
    d->status = reply->status;
    if (reply->error) d->error = *reply->error;
    in->batch_answered++;
    pthread_cond_signal(&in->work);
    (void)pthread_mutex_unlock(&in->lock);
}

static pct_kept kept_as(pct_intake *in, int64_t number) {
    (void)pthread_mutex_lock(&in->lock);
    const pct_kept *k = pct_intake_numbered(in, number);
    const pct_kept copy = k ? *k : (pct_kept){0};
    (void)pthread_mutex_unlock(&in->lock);
    return copy;
}

/* A second time under a key of its own, when the record knows the entry's key with another body: nobody's call is dropped
 * for that. */
static pct_status submit_entry(pct_intake *in, size_t at, bool own_key, pct_draining *d, pct_error *error) {
    pct_buffer bytes = pct_buffer_init(PCT_SPOOL_ENTRY_MAX);
    pct_arena arena = pct_arena_init(1 << 20);
    pct_desk_request r;
    char key[PCT_EVENT_KEY_MAX + 1];
    pct_status status = pct_spool_read(in->spool, at, &bytes, error);
    if (!status)
        status =
            pct_intake_unseal(in, (pct_text){(const char *)bytes.bytes, bytes.length}, &arena, &r, error);
    if (!status) {
        int64_t now_ms = pct_intake_now_ms(in);
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
static void mark_refused(pct_intake *in, const pct_draining *d) {
    (void)pthread_mutex_lock(&in->lock);
    pct_kept *k = pct_intake_numbered(in, d->number);
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
    size_t most = proven ? PCT_INTAKE_BATCH : 1;
    in->batch_count = in->batch_answered = 0;
    for (size_t at = 0; at < pct_spool_count(in->spool) && in->batch_count < most; at++) {
        int64_t number = pct_spool_at(in->spool, at).number;
        const pct_kept k = kept_as(in, number);
        if (k.refused) continue;
        pct_draining *d = &in->batch[in->batch_count++];
        *d = (pct_draining){.intake = in, .number = number};
        pct_status status = submit_entry(in, at, k.own_key, d, &d->error);
        if (!status) continue;
        const pct_desk_reply refused = {.status = status, .error = &d->error};
        drained(d, &refused);
    }
}

static void forget_kept(pct_intake *in, int64_t number) {
    (void)pthread_mutex_lock(&in->lock);
    pct_kept *items = in->kept.items, *k = pct_intake_numbered(in, number);
    if (k) {
        memmove(k, k + 1, (size_t)(items + in->kept.length - (k + 1)) * sizeof *k);
        in->kept.length--;
    }
    in->view.drained++;
    (void)pthread_mutex_unlock(&in->lock);
}

/* The record has it, so that the spool need not. *taken false: the record takes nothing yet. */
static pct_status settle_entry(pct_intake *in, const pct_draining *d, bool *taken, pct_error *error) {
    *taken = !pct_intake_wants_spool(d->status);
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
    if (down) in->view.reason = pct_intake_reason(down);
    in->batch_answered = 0;
    (void)pthread_mutex_unlock(&in->lock);
    *all = down == PCT_OK;
    return status ? status : pct_spool_sync(in->spool, error);
}

size_t pct_intake_drain(pct_intake *in) {
    pct_error why;
    int64_t now_ms = pct_tick_ms();
    (void)pthread_mutex_lock(&in->lock);
    bool answered = in->batch_count > 0 && in->batch_answered >= in->batch_count;
    (void)pthread_mutex_unlock(&in->lock);
    size_t count = in->batch_count;
    if (count > 0 && !answered) return 0;
    bool all = false;
    if (answered) {
        pct_status status = settle_batch(in, &all, &why);
        in->next_try_ms = all ? 0 : now_ms + PCT_INTAKE_AGAIN_MS;
        if (status) pct_intake_give_up_spool(in);
    }
    if (!in->spool || pct_spool_count(in->spool) == 0 || now_ms < in->next_try_ms) return count;
    begin_batch(in, all);
    return count + in->batch_count;
}
