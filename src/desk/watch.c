#include "desk/watch.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ledger/log_check.h"

enum { AGAIN_MS = 10000, NICE = 10, NS_PER_MS = 1000000, PAUSE_MAX_MS = 100 };

struct pct_watch {
    pct_watch_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping, anew; /* under lock, as what follows */
    pct_watch_view view;
    int64_t slice_began_ns;
};

static int64_t now_ns(clockid_t clock) {
    struct timespec at;
    (void)clock_gettime(clock, &at);
    return (int64_t)at.tv_sec * 1000 * NS_PER_MS + at.tv_nsec;
}

/* False when it has to end. Under no lock. */
static bool rest(pct_watch *watch, int64_t ns) {
    int64_t until_ns = now_ns(CLOCK_REALTIME) + ns;
    const struct timespec until = {until_ns / (1000 * NS_PER_MS), until_ns % (1000 * NS_PER_MS)};
    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping && now_ns(CLOCK_REALTIME) < until_ns)
        if (pthread_cond_timedwait(&watch->wake, &watch->lock, &until) != 0) break;
    bool go_on = !watch->stopping;
    pthread_mutex_unlock(&watch->lock);
    return go_on;
}

/* As long a rest as the slice took: half of a core at most. */
static bool between_slices(void *context, int64_t verified, int64_t events) {
    pct_watch *watch = context;
    int64_t took_ns = now_ns(CLOCK_MONOTONIC) - watch->slice_began_ns;
    pthread_mutex_lock(&watch->lock);
    watch->view.verified = verified;
    watch->view.events = events;
    pthread_mutex_unlock(&watch->lock);
    if (took_ns > (int64_t)PAUSE_MAX_MS * NS_PER_MS) took_ns = (int64_t)PAUSE_MAX_MS * NS_PER_MS;
    bool go_on = rest(watch, took_ns > 0 ? took_ns : 0);
    watch->slice_began_ns = now_ns(CLOCK_MONOTONIC);
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

static bool is_stopping(pct_watch *watch) {
    pthread_mutex_lock(&watch->lock);
    bool stopping = watch->stopping;
    pthread_mutex_unlock(&watch->lock);
    return stopping;
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
    while (!status && !is_stopping(watch)) {
        if (takes_anew(watch)) tree = pct_merkle_init(crypto);
        status = pct_log_check(watch->options.reader, &tree, between_slices, watch, &verdict, &why);
        if (is_stopping(watch)) break;
        conclude(watch, status, &verdict, &why);
        if (!status && !rest(watch, again_ns)) break;
    }
    return status;
}

static void *run(void *context) {
    pct_watch *watch = context;
    const pct_crypto *crypto = NULL;
    pct_error why = {0};
    /* Linux keeps a nice value for each thread. */
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
    int64_t again_ns = (int64_t)(watch->options.again_ms ? watch->options.again_ms : AGAIN_MS) * NS_PER_MS;
    watch->slice_began_ns = now_ns(CLOCK_MONOTONIC);
    if (pct_crypto_sodium(&crypto, &why) != PCT_OK) return NULL;
    do {
        if (watch_rounds(watch, crypto, again_ns) == PCT_OK) break; /* told to end */
        while (rest(watch, again_ns)) {
            pthread_mutex_lock(&watch->lock);
            bool anew = watch->anew;
            pthread_mutex_unlock(&watch->lock);
            if (anew) break;
        }
    } while (!is_stopping(watch));
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
    pthread_cond_init(&watch->wake, NULL);
    if (pthread_create(&watch->thread, NULL, run, watch) == 0) {
        *out = watch;
        return PCT_OK;
    }
    pthread_cond_destroy(&watch->wake);
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
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_broadcast(&watch->wake);
    pthread_mutex_unlock(&watch->lock);
    (void)pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->lock);
    pct_store_close(watch->options.reader);
    pct_free(watch);
}
