/* Two rings of waiting requests, a thread that takes the first. O(PCT_SIGNING_MAX) for one that comes. */
#include "server/signing.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "base/memory.h"
#include "server/internal.h"

struct pct_signing {
    pthread_mutex_t lock;
    pthread_cond_t news;
    pthread_t thread;
    bool running, ending;
    struct queue {
        pct_web_request *of[PCT_SIGNING_MAX];
        size_t first, count;
    } known, strangers;
};

static pct_status refuse(pct_web_request *r, pct_error *error) {
    r->x.status_code = 429, r->x.retry_after_s = PCT_SIGNING_RETRY_S;
    return PCT_FAIL(error, PCT_BUSY, PCT_MSG_SIGN_IN_BUSY, pct_int(PCT_SIGNING_MAX));
}

static void *sign(void *context) {
    pct_signing *s = context;
    (void)pthread_mutex_lock(&s->lock);
    for (;;) {
        struct queue *q = s->known.count > 0 ? &s->known : &s->strangers;
        if (q->count == 0 && s->ending) break;
        if (q->count == 0) {
            (void)pthread_cond_wait(&s->news, &s->lock);
            continue;
        }
        pct_web_request *r = q->of[q->first];
        bool ending = s->ending;
        q->first = (q->first + 1) % PCT_SIGNING_MAX;
        q->count--;
        (void)pthread_mutex_unlock(&s->lock);
        r->x.failed = ending ? refuse(r, &r->x.error) : r->x.endpoint->handle(&r->x, &r->x.error);
        r->x.resume(&r->x); /* from here on it may be gone */
        (void)pthread_mutex_lock(&s->lock);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

pct_status pct_signing_start(pct_signing **out, pct_error *error) {
    const struct sched_param none = {0};
    pct_signing *s = pct_alloc_zeroed(1, sizeof *s);
    if (!s) return pct_error_memory(error, sizeof *s);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->news, NULL);
    *out = s;
    s->running = pthread_create(&s->thread, NULL, sign, s) == 0;
    if (!s->running) return PCT_FAIL(error, PCT_IO, PCT_MSG_SERVER_NOT_STARTED, pct_str("pthread_create"));
    (void)pthread_setschedparam(s->thread, SCHED_BATCH, &none);
    return PCT_OK;
}

void pct_signing_end(pct_signing *s) {
    if (!s || !s->running) return;
    (void)pthread_mutex_lock(&s->lock);
    s->ending = true;
    (void)pthread_cond_signal(&s->news);
    (void)pthread_mutex_unlock(&s->lock);
    (void)pthread_join(s->thread, NULL);
    s->running = false;
}

void pct_signing_free(pct_signing *s) {
    if (!s) return;
    pct_signing_end(s);
    (void)pthread_cond_destroy(&s->news);
    (void)pthread_mutex_destroy(&s->lock);
    pct_free(s);
}

/* Under the lock. */
static bool has_room(const struct queue *q, const char *address) {
    size_t same = 0;
    for (size_t i = 0; i < q->count; i++)
        same += strcmp(q->of[(q->first + i) % PCT_SIGNING_MAX]->x.address, address) == 0;
    return q->count < PCT_SIGNING_MAX && same < PCT_SIGNING_PER_ADDRESS;
}

/* Suspended before the thread can see it: to resume what does not sleep yet would be lost. */
pct_status pct_signing_hand_over(pct_signing *s, pct_web_request *r, bool known, pct_error *error) {
    struct queue *q = known ? &s->known : &s->strangers;
    (void)pthread_mutex_lock(&s->lock);
    bool taken = !s->ending && has_room(q, r->x.address);
    if (taken) {
        r->x.suspend(&r->x);
        q->of[(q->first + q->count++) % PCT_SIGNING_MAX] = r;
        (void)pthread_cond_signal(&s->news);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return taken ? PCT_OK : refuse(r, error);
}
