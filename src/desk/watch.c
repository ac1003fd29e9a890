#include "desk/watch.h"

#include "desk/rest.h"
#include "ledger/log_check.h"

enum { AGAIN_MS = 10000 };
static const int64_t pause_max_ns = 100 * PCT_NS_PER_MS;

struct pct_watch {
    pct_watch_options options;
    pthread_t thread;
    pct_rest rest;
    pthread_mutex_t lock;
    bool anew; /* under lock, as what follows */
    pct_watch_view view;
    int64_t slice_began_ns;
};

/* As long a rest as the slice took: half of a core at most. */
static bool between_slices(void *context, int64_t verified, int64_t events) {
    pct_watch *watch = context;
    int64_t took_ns = pct_tick_ns() - watch->slice_began_ns;
    pthread_mutex_lock(&watch->lock);
    watch->view.verified = verified;
    watch->view.events = events;
    pthread_mutex_unlock(&watch->lock);
    bool go_on = pct_rest_for(&watch->rest, took_ns < pause_max_ns ? took_ns : pause_max_ns);
    watch->slice_began_ns = pct_tick_ns();
    return go_on;
}

static void conclude(pct_watch *watch, pct_status status, const pct_ledger_verdict *verdict,
                     const pct_error *why) {
    pthread_mutex_lock(&watch->lock);
    watch->view.verified = (int64_t)verdict->tree.size;
    if (!status) watch->view.events = watch->view.verified;
    watch->view.state = !status                                               ? PCT_WATCH_SOUND
                        : status == PCT_CHECK_FAILED || status == PCT_DAMAGED ? PCT_WATCH_BAD
                                                                              : PCT_WATCH_FAILED;
    if (status) watch->view.why = *why;
    if (watch->view.state == PCT_WATCH_BAD)
        watch->view.first_bad = verdict->bad_seq ? verdict->bad_seq : watch->view.verified + 1;
    const pct_watch_view view = watch->view;
    pthread_mutex_unlock(&watch->lock);
    if (status && watch->options.found) watch->options.found(watch->options.context, &view);
}

/* True when it has to begin again. */
static bool takes_anew(pct_watch *watch) {
    pthread_mutex_lock(&watch->lock);
    bool anew = watch->anew;
    watch->anew = false;
    if (anew) watch->view = (pct_watch_view){.state = PCT_WATCH_RUNNING};
    pthread_mutex_unlock(&watch->lock);
    return anew;
}

/* Round after round, until the log is not what it should be. */
static pct_status watch_rounds(pct_watch *watch, const pct_crypto *crypto, int64_t again_ns) {
    pct_error why = {0};
    pct_ledger_verdict verdict = {0};
    pct_merkle tree = pct_merkle_init(crypto);
    pct_status status = PCT_OK;
    while (!status && !pct_rest_is_ending(&watch->rest)) {
        if (takes_anew(watch)) tree = pct_merkle_init(crypto);
        status = pct_log_check(watch->options.reader, &tree, between_slices, watch, &verdict, &why);
        if (pct_rest_is_ending(&watch->rest)) break;
        conclude(watch, status, &verdict, &why);
        if (!status && !pct_rest_for(&watch->rest, again_ns)) break;
    }
    return status;
}

static void *run(void *context) {
    pct_watch *watch = context;
    const pct_crypto *crypto = NULL;
    pct_error why = {0};
    pct_rest_yield();
    int64_t again_ns =
        (int64_t)(watch->options.again_ms ? watch->options.again_ms : AGAIN_MS) * PCT_NS_PER_MS;
    watch->slice_began_ns = pct_tick_ns();
    if (pct_crypto_sodium(&crypto, &why) != PCT_OK) return NULL;
    do {
        if (watch_rounds(watch, crypto, again_ns) == PCT_OK) break; /* told to end */
        while (pct_rest_for(&watch->rest, again_ns)) {
            pthread_mutex_lock(&watch->lock);
            bool anew = watch->anew;
            pthread_mutex_unlock(&watch->lock);
            if (anew) break;
        }
    } while (!pct_rest_is_ending(&watch->rest));
    return NULL;
}

pct_status pct_watch_start(const pct_watch_options *options, pct_watch **out, pct_error *error) {
    pct_watch *watch = pct_alloc_zeroed(1, sizeof *watch);
    *out = NULL;
    if (!watch) {
        pct_store_close(options->reader);
        return pct_error_memory(error, sizeof *watch);
    }
    watch->options = *options;
    pthread_mutex_init(&watch->lock, NULL);
    pct_rest_init(&watch->rest);
    if (pthread_create(&watch->thread, NULL, run, watch) == 0) {
        *out = watch;
        return PCT_OK;
    }
    pct_rest_dispose(&watch->rest);
    pthread_mutex_destroy(&watch->lock);
    pct_store_close(options->reader);
    pct_free(watch);
    return pct_error_memory(error, 0);
}

pct_watch_view pct_watch_look(pct_watch *watch) {
    if (!watch) return (pct_watch_view){.state = PCT_WATCH_RUNNING};
    pthread_mutex_lock(&watch->lock);
    const pct_watch_view view = watch->view;
    pthread_mutex_unlock(&watch->lock);
    return view;
}

void pct_watch_again(pct_watch *watch) {
    if (!watch) return;
    pthread_mutex_lock(&watch->lock);
    watch->anew = true;
    pthread_mutex_unlock(&watch->lock);
}

void pct_watch_stop(pct_watch *watch) {
    if (!watch) return;
    pct_rest_end(&watch->rest);
    (void)pthread_join(watch->thread, NULL);
    pct_rest_dispose(&watch->rest);
    pthread_mutex_destroy(&watch->lock);
    pct_store_close(watch->options.reader);
    pct_free(watch);
}
