#include "desk/misuse.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "base/vector.h"
#include "clock/time.h"
#include "desk/rest.h"
#include "ledger/read.h"

enum { AGAIN_MS = 2000, BACK_EVENTS = 1 << 20 };
enum { REVIEWS_MAX = 1 << 16, NEW_ENOUGH_MS = 10000 };
#define BACK_MS (62 * PCT_DAY_MS)

typedef struct review {
    char flag[PCT_WATCH_HASH_TEXT], by[PCT_EVENT_ACTOR_MAX + 1];
    int64_t at_ms, looks;
    pct_flag_result result;
} review;

struct pct_misuse {
    pct_misuse_options options;
    pct_audit_rules rules;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pct_audit_watch *watch;
    pct_watch_keys keys;
    pct_vector reviews;
    pct_map review_of; /* digest of a flag's hash → index in reviews */
    int64_t next_seq;  /* 0: nothing was read yet */

    pct_rest rest;
    bool started;
};

static pct_status begin(pct_misuse *m, pct_error *error) {
    const pct_random random = m->options.random ? *m->options.random : pct_random_system();
    const pct_audit_options audit = {.rules = &m->rules, .zone = m->options.zone};
    const pct_crypto *crypto;
    pct_status status = pct_crypto_sodium(&crypto, error); /* before the first hash */
    if (!status) status = pct_watch_keys_init(m->options.site_folder, random, &m->keys, error);
    return status ? status : pct_audit_watch_new(&audit, &m->watch, error);
}

pct_status pct_misuse_new(const pct_misuse_options *options, pct_misuse **out, pct_error *error) {
    pct_misuse *m = pct_alloc_zeroed(1, sizeof *m);
    *out = NULL;
    if (!m) {
        pct_store_close(options->reader);
        return pct_error_memory(error, sizeof *m);
    }
    m->options = *options;
    m->rules = *options->rules;
    m->reviews = pct_vector_init(sizeof(review), REVIEWS_MAX);
    m->review_of = pct_map_init(REVIEWS_MAX);
    (void)pthread_mutex_init(&m->lock, NULL);
    pct_rest_init(&m->rest);
    pct_status status = begin(m, error);
    if (status) {
        pct_misuse_free(m);
        return status;
    }
    *out = m;
    return PCT_OK;
}

void pct_misuse_free(pct_misuse *m) {
    if (!m) return;
    pct_rest_end(&m->rest);
    if (m->started) (void)pthread_join(m->thread, NULL);
    pct_audit_watch_free(m->watch);
    pct_watch_keys_dispose(&m->keys);
    pct_vector_dispose(&m->reviews);
    pct_map_dispose(&m->review_of);
    pct_rest_dispose(&m->rest);
    (void)pthread_mutex_destroy(&m->lock);
    pct_store_close(m->options.reader);
    pct_free(m);
}

/* --- following (under the lock) ----------------------------------------------------------------------------------- */

static void copy_text(pct_text text, char *out, size_t size) {
    size_t length = text.length < size - 1 ? text.length : size - 1;
    memcpy(out, text.chars, length);
    out[length] = '\0';
}

/* A later review of the same flag takes the place of the one before: the flag had grown. */
static pct_status take_review(pct_misuse *m, const pct_event *e, pct_error *error) {
    const pct_event_flag_reviewed *data = &e->data.flag_reviewed;
    uint64_t key = pct_audit_actor_of(data->flag);
    uint32_t at = pct_map_get(&m->review_of, key);
    review *r = at == PCT_MAP_ABSENT ? pct_vector_push(&m->reviews) : (review *)m->reviews.items + at;
    if (!r) return pct_vector_failed(&m->reviews, PCT_MSG_WHAT_AUDIT_ACTORS, error);
    *r = (review){.at_ms = e->recorded_at_ms, .looks = data->looks, .result = data->result};
    copy_text(data->flag, r->flag, sizeof r->flag);
    copy_text(e->actor, r->by, sizeof r->by);
    if (at != PCT_MAP_ABSENT) return PCT_OK;
    if (pct_map_set(&m->review_of, key, (uint32_t)m->reviews.length - 1) == PCT_OK) return PCT_OK;
    return pct_map_failed(&m->review_of, PCT_MSG_WHAT_AUDIT_ACTORS, error);
}

static pct_status follow_event(void *context, const pct_event *event, pct_error *error) {
    pct_misuse *m = context;
    pct_status status = pct_audit_watch_follow(m->watch, event, error);
    if (!status && event->type == PCT_EVENT_FLAG_REVIEWED) status = take_review(m, event, error);
    m->next_seq = event->seq + 1;
    return status;
}

static pct_status read_time(void *context, const pct_event *event, pct_error *error) {
    (void)error;
    *(int64_t *)context = event->recorded_at_ms;
    return PCT_OK;
}

/* Where two months ago lie, by halving; but a million events back at least. */
static pct_status find_start(pct_misuse *m, int64_t last_seq, pct_error *error) {
    int64_t low = 1, high = last_seq > BACK_EVENTS ? last_seq - BACK_EVENTS : 1;
    int64_t since_ms = m->options.clock_ms(m->options.context) - BACK_MS;
    pct_status status = PCT_OK;
    while (low < high && !status) {
        int64_t middle = low + (high - low) / 2, at_ms = since_ms;
        status = pct_ledger_each_event(m->options.reader, middle, middle + 1, read_time, &at_ms, error);
        if (at_ms < since_ms)
            low = middle + 1;
        else
            high = middle;
    }
    m->next_seq = low;
    return status;
}

static pct_status follow_slice(pct_misuse *m, bool *complete, pct_error *error) {
    int64_t last_seq = 0, now_ms = m->options.clock_ms(m->options.context);
    *complete = false;
    pct_status status = pct_store_last_seq(m->options.reader, &last_seq, error);
    if (!status && m->next_seq == 0) status = find_start(m, last_seq, error);
    int64_t until = m->next_seq + PCT_MISUSE_SLICE;
    if (!status && m->next_seq <= last_seq)
        status = pct_ledger_each_event(m->options.reader, m->next_seq, until, follow_event, m, error);
    if (status || m->next_seq <= last_seq) return status;
    *complete = true;
    /* Not up to this moment: what is being committed may bear a time just before it. */
    status = pct_audit_watch_advance(m->watch, now_ms - NEW_ENOUGH_MS, error);
    pct_audit_watch_forget(m->watch, now_ms - PCT_WATCH_KEY_MS);
    return status ? status : pct_watch_keys_destroy_old(&m->keys, now_ms, error);
}

pct_status pct_misuse_catch_up(pct_misuse *m, int slices, bool *complete, pct_error *error) {
    pct_status status = PCT_OK;
    *complete = false;
    for (int i = 0; i < slices && !*complete && !status; i++) {
        (void)pthread_mutex_lock(&m->lock);
        status = follow_slice(m, complete, error);
        (void)pthread_mutex_unlock(&m->lock);
    }
    return status;
}

/* --- flags (under the lock) --------------------------------------------------------------------------------------- */

static pct_status name_flag(pct_misuse *m, const pct_audit_flag *flag, int64_t now_ms, pct_misuse_flag *out,
                            pct_error *error) {
    char text[64];
    *out = (pct_misuse_flag){.flag = *flag, .until_ms = pct_watch_key_until_ms(flag->raised_ms)};
    int length =
        snprintf(text, sizeof text, "%lld %s", (long long)flag->seq, pct_audit_pattern_names[flag->pattern]);
    pct_status status = pct_watch_hash(&m->keys, flag->raised_ms, now_ms, "flag",
                                       (pct_text){text, (size_t)length}, out->id, error);
    length = snprintf(text, sizeof text, "%llu", (unsigned long long)flag->actor);
    if (!status)
        status = pct_watch_hash(&m->keys, flag->raised_ms, now_ms, "actor", (pct_text){text, (size_t)length},
                                out->actor, error);
    out->flag.actor = 0; /* nothing that could be linked without the key */
    if (status) return status;
    uint32_t at = pct_map_get(&m->review_of, pct_audit_actor_of(pct_text_of(out->id)));
    const review *r = at == PCT_MAP_ABSENT ? NULL : (const review *)m->reviews.items + at;
    if (!r || strcmp(r->flag, out->id) != 0 || r->looks < flag->looks) return PCT_OK;
    out->result = r->result;
    out->reviewed_at_ms = r->at_ms;
    memcpy(out->reviewed_by, r->by, sizeof out->reviewed_by);
    return PCT_OK;
}

pct_status pct_misuse_each(pct_misuse *m, bool (*take)(void *context, const pct_misuse_flag *flag),
                           void *context, pct_error *error) {
    int64_t now_ms = m->options.clock_ms(m->options.context);
    pct_status status = PCT_OK;
    bool more = true;
    (void)pthread_mutex_lock(&m->lock);
    for (size_t i = pct_audit_watch_flag_count(m->watch); i-- > 0 && more && !status;) {
        pct_misuse_flag named;
        status = name_flag(m, pct_audit_watch_flag_at(m->watch, i), now_ms, &named, error);
        if (!status) more = take(context, &named);
        if (status == PCT_NOT_FOUND) status = PCT_OK; /* its key is gone, and so is the flag */
    }
    (void)pthread_mutex_unlock(&m->lock);
    return status;
}

typedef struct search {
    pct_text id;
    pct_misuse_flag *out;
    bool found;
} search;

static bool is_it(void *context, const pct_misuse_flag *flag) {
    search *s = context;
    s->found = pct_text_equal(s->id, flag->id);
    if (s->found) *s->out = *flag;
    return !s->found;
}

pct_status pct_misuse_find(pct_misuse *m, pct_text id, pct_misuse_flag *out, pct_error *error) {
    search s = {.id = id, .out = out};
    pct_status status = pct_misuse_each(m, is_it, &s, error);
    if (status || s.found) return status;
    return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_MISUSE_UNKNOWN, pct_view(id));
}

pct_status pct_misuse_each_look(pct_misuse *m, const pct_audit_flag *flag, pct_read_visitor *visit,
                                void *context, pct_error *error) {
    pct_status status = PCT_OK;
    (void)pthread_mutex_lock(&m->lock);
    for (uint32_t i = 0; i < flag->seq_count && !status; i++)
        status =
            pct_ledger_each_event(m->options.reader, flag->seqs[i], flag->seqs[i] + 1, visit, context, error);
    (void)pthread_mutex_unlock(&m->lock);
    return status;
}

/* --- the thread --------------------------------------------------------------------------------------------------- */

/* As long a rest as the slice took: half of a core at most. What fails is tried again: a reader meets a full disk too. */
static void *run(void *context) {
    pct_misuse *m = context;
    pct_rest_yield();
    int64_t pause_ns = 0;
    while (pct_rest_for(&m->rest, pause_ns)) {
        bool complete;
        pct_error why;
        int64_t began_ns = pct_tick_ns();
        pct_status status = pct_misuse_catch_up(m, 1, &complete, &why);
        pause_ns = complete || status ? AGAIN_MS * PCT_NS_PER_MS : pct_tick_ns() - began_ns;
    }
    return NULL;
}

pct_status pct_misuse_start(pct_misuse *m, pct_error *error) {
    if (pthread_create(&m->thread, NULL, run, m) != 0) return pct_error_memory(error, 0);
    m->started = true;
    return PCT_OK;
}
