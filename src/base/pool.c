#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/memory.h"

enum {
    LOOKS = 10000,
    WORTH = 8,    /* of that many parts the threads take one, or they found no idle core */
    REST_MAX = 31 /* jobs */
};

struct pct_pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pthread_t threads[PCT_POOL_THREADS_MAX];
    unsigned thread_count;
    /* under the lock */
    bool taken, stop;     /* a caller has the pool; all go home */
    atomic_uint inside;   /* threads that are at a part; written under the lock */
    uint32_t next, count; /* parts: next to be claimed; equal when there is nothing to do */
    uint32_t helped;      /* parts that were not the caller's */
    uint32_t rest, rests; /* jobs that are not offered any more; as many as there were at last */
    /* the job: set under the lock while nobody is inside */
    pct_pool_task task;
    void *context;
};

typedef struct entrance {
    pct_pool *pool;
    unsigned worker;
    bool taken_up;
} entrance;

unsigned pct_pool_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

/* As SCHED_BATCH a thread that is woken takes an idle core at once, but displaces nobody: above all not its caller, who would
 * have to stand in line again for as long as the whole job takes.
 * Between two parts a thread holds nothing, and there it offers its core to whoever else wants it: on a busy machine it is
 * then seldom interrupted within a part, which its caller would have to wait for. */
static void *thread_main(void *argument) {
    entrance *in = argument;
    pct_pool *pool = in->pool;
    unsigned worker = in->worker;
    pthread_mutex_lock(&pool->lock);
    in->taken_up = true;
    pthread_cond_signal(&pool->done);
    for (;;) {
        while (!pool->stop && pool->next == pool->count) pthread_cond_wait(&pool->work, &pool->lock);
        if (pool->stop) break;
        uint32_t part = pool->next++;
        pool->helped++;
        atomic_fetch_add(&pool->inside, 1);
        pthread_mutex_unlock(&pool->lock);
        pool->task(pool->context, worker, part);
        pthread_mutex_lock(&pool->lock);
        if (atomic_fetch_sub(&pool->inside, 1) == 1) pthread_cond_signal(&pool->done);
        pthread_mutex_unlock(&pool->lock);
        (void)sched_yield();
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void start_threads(pct_pool *pool, unsigned threads) {
    const struct sched_param none = {0};
    for (unsigned i = 0; i < threads; i++) {
        entrance in = {pool, pool->thread_count + 1, false};
        if (pthread_create(&pool->threads[pool->thread_count], NULL, thread_main, &in) != 0) break;
        (void)pthread_setschedparam(pool->threads[pool->thread_count], SCHED_BATCH, &none);
        pool->thread_count++;
        pthread_mutex_lock(&pool->lock);
        while (!in.taken_up) pthread_cond_wait(&pool->done, &pool->lock);
        pthread_mutex_unlock(&pool->lock);
    }
}

pct_status pct_pool_new(unsigned threads, pct_pool **out, pct_error *error) {
    pct_pool *pool = pct_alloc_zeroed(1, sizeof *pool);
    if (!pool) return pct_error_memory(error, sizeof *pool);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    start_threads(pool, threads < PCT_POOL_THREADS_MAX ? threads : PCT_POOL_THREADS_MAX);
    *out = pool;
    return PCT_OK;
}

void pct_pool_free(pct_pool *pool) {
    if (!pool) return;
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->lock);
    pct_free(pool);
}

unsigned pct_pool_width(const pct_pool *pool) {
    return pool ? pool->thread_count + 1 : 1;
}

/* Opens a job for the threads; false when another has them. */
static bool open_job(pct_pool *pool, pct_pool_task task, void *context, uint32_t count) {
    pthread_mutex_lock(&pool->lock);
    bool free = !pool->taken;
    if (free) {
        pool->taken = true;
        pool->task = task;
        pool->context = context;
        pool->next = pool->helped = 0;
        pool->count = count;
        pthread_cond_broadcast(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    return free;
}

/* Parts until none is left; then those that are still at one are waited for, and nobody else. */
static void work_off(pct_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    while (pool->next < pool->count) {
        uint32_t part = pool->next++;
        pthread_mutex_unlock(&pool->lock);
        pool->task(pool->context, 0, part);
        pthread_mutex_lock(&pool->lock);
    }
    if (atomic_load(&pool->inside) > 0) { /* sleeping and waking take longer than what most are still at */
        pthread_mutex_unlock(&pool->lock);
        for (int i = 0; i < LOOKS && atomic_load(&pool->inside) > 0; i++) continue;
        pthread_mutex_lock(&pool->lock);
    }
    while (atomic_load(&pool->inside) > 0) pthread_cond_wait(&pool->done, &pool->lock);
    bool worth = pool->helped >= pool->count / WORTH;
    pool->rest = pool->rests = worth ? 0 : pool->rests * 2 + 1 < REST_MAX ? pool->rests * 2 + 1 : REST_MAX;
    pool->taken = false;
    pthread_mutex_unlock(&pool->lock);
}

pct_pool *pct_pool_offered(pct_pool *pool) {
    if (!pool) return NULL;
    pthread_mutex_lock(&pool->lock);
    bool resting = pool->rest > 0;
    if (resting) pool->rest--;
    pthread_mutex_unlock(&pool->lock);
    return resting ? NULL : pool;
}

void pct_pool_run(pct_pool *pool, pct_pool_task task, void *context, uint32_t count) {
    if (!pool || pool->thread_count == 0 || count < 2 || !open_job(pool, task, context, count)) {
        for (uint32_t part = 0; part < count; part++) task(context, 0, part);
        return;
    }
    work_off(pool);
}
