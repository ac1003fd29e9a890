/* The writer's thread, and those who wait for it. The thread sleeps until somebody submits or a deadline comes; while one
 * group is on its way to the disk the next one gathers. */
#include "desk/state.h"
#include "site/now.h"

enum { SLEEP_MAX_MS = 1000 };

static int64_t sleep_ms(pct_desk *desk) {
    const pct_desk_options *o = &desk->options;
    int64_t due_ms = pct_desk_next_due_ms(desk), now_ms = o->clock_ms(o->context);
    int64_t ms = due_ms <= now_ms ? 0 : o->sleep_ms ? o->sleep_ms(o->context, due_ms) : due_ms - now_ms;
    return ms < SLEEP_MAX_MS ? ms : SLEEP_MAX_MS;
}

/* false when the thread has to end. */
static bool wait_for_work(pct_desk *desk) {
    pthread_mutex_lock(&desk->gate);
    int64_t wakes = desk->wakes;
    pthread_mutex_unlock(&desk->gate);
    int64_t ms = sleep_ms(desk);
    pthread_mutex_lock(&desk->gate);
    bool idle = desk->queued == 0 && !desk->works && desk->wakes == wakes;
    if (!desk->stopping && idle && ms > 0)
        (void)pct_tick_wait(&desk->work, &desk->gate, pct_tick_ns() + ms * PCT_NS_PER_MS);
    bool go_on = !desk->stopping || desk->queued > 0 || desk->works;
    pthread_mutex_unlock(&desk->gate);
    return go_on;
}

void pct_desk_wake(pct_desk *desk) {
    pthread_mutex_lock(&desk->gate);
    desk->wakes++;
    pthread_cond_signal(&desk->work);
    pthread_mutex_unlock(&desk->gate);
}

static void *run(void *context) {
    pct_desk *desk = context;
    size_t handled;
    pct_error error;
    while (wait_for_work(desk)) (void)!pct_desk_step(desk, &handled, &error);
    return NULL;
}

pct_status pct_desk_start(pct_desk *desk, pct_error *error) {
    if (PCT_NEVER(desk->started)) return PCT_INTERNAL;
    desk->stopping = false;
    if (pthread_create(&desk->thread, NULL, run, desk) != 0) return pct_error_memory(error, 0);
    desk->started = true;
    return PCT_OK;
}

/* What was submitted before is still done. */
void pct_desk_stop(pct_desk *desk) {
    if (!desk->started) return;
    pthread_mutex_lock(&desk->gate);
    desk->stopping = true;
    pthread_cond_signal(&desk->work);
    pthread_mutex_unlock(&desk->gate);
    (void)pthread_join(desk->thread, NULL);
    desk->started = false;
}

/* --- waiting ----------------------------------------------------------------------------------------------------- */

typedef struct waiter {
    pct_desk *desk;
    pct_desk_job *job;
    void *context;
    pct_desk_reply *reply;
    pct_error *error;
    bool answered;
} waiter;

static void answered(void *context, const pct_desk_reply *reply) {
    waiter *w = context;
    pct_desk *desk = w->desk;
    pthread_mutex_lock(&desk->gate);
    *w->reply = *reply;
    if (reply->error && w->error) *w->error = *reply->error;
    w->reply->error = NULL;
    w->answered = true;
    pthread_cond_broadcast(&desk->published);
    pthread_mutex_unlock(&desk->gate);
}

static pct_status wait_for(waiter *w) {
    pthread_mutex_lock(&w->desk->gate);
    while (!w->answered) (void)pthread_cond_wait(&w->desk->published, &w->desk->gate);
    pthread_mutex_unlock(&w->desk->gate);
    return w->reply->status;
}

pct_status pct_desk_submit_and_wait(pct_desk *desk, const pct_desk_request *request, pct_desk_reply *out,
                                    pct_error *error) {
    waiter w = {.desk = desk, .reply = out, .error = error};
    pct_status status = pct_desk_submit(desk, request, answered, &w, error);
    return status ? status : wait_for(&w);
}

static pct_status waiting_job(void *context, pct_store *store, int64_t now_ms, pct_error *error) {
    waiter *w = context;
    return w->job(w->context, store, now_ms, error);
}

pct_status pct_desk_run_job(pct_desk *desk, pct_lane lane, pct_desk_job *job, void *context,
                            pct_error *error) {
    pct_desk_reply reply;
    waiter w = {.desk = desk, .job = job, .context = context, .reply = &reply, .error = error};
    pct_status status = pct_desk_submit_job(desk, lane, waiting_job, answered, &w, error);
    return status ? status : wait_for(&w);
}

/* --- between groups ---------------------------------------------------------------------------------------------- */

static pct_status hand_over(pct_desk *desk, pct_work *work) {
    if (!desk->started) return work->run(desk, work->context, work->error);
    pthread_mutex_lock(&desk->gate);
    work->next = desk->works;
    desk->works = work;
    pthread_cond_signal(&desk->work);
    while (!work->done) (void)pthread_cond_wait(&desk->published, &desk->gate);
    pthread_mutex_unlock(&desk->gate);
    return work->status;
}

pct_status pct_desk_between_groups(pct_desk *desk,
                                   pct_status (*run_it)(pct_desk *desk, void *context, pct_error *error),
                                   void *context, pct_error *error) {
    pct_work work = {.run = run_it, .context = context, .error = error};
    return hand_over(desk, &work);
}

pct_status pct_desk_mend(pct_desk *desk,
                         pct_status (*run_it)(pct_desk *desk, void *context, pct_error *error), void *context,
                         pct_error *error) {
    pct_work work = {.run = run_it, .context = context, .error = error, .mends = true};
    return hand_over(desk, &work);
}

/* One for each group, so that no caller waits for more than one of them. */
void pct_desk_run_works(pct_desk *desk) {
    pthread_mutex_lock(&desk->gate);
    pct_work *work = desk->works;
    if (work) desk->works = work->next;
    pct_status stopped = desk->stopped;
    pthread_mutex_unlock(&desk->gate);
    if (!work) return;
    pct_status status = stopped && !work->mends ? pct_desk_fail_stopped(stopped, work->error)
                                                : work->run(desk, work->context, work->error);
    pthread_mutex_lock(&desk->gate);
    work->status = status;
    work->done = true;
    pthread_cond_broadcast(&desk->published);
    pthread_mutex_unlock(&desk->gate);
}

bool pct_desk_wait(pct_desk *desk, int64_t after, int timeout_ms) {
    int64_t until_ns = pct_tick_ns() + timeout_ms * PCT_NS_PER_MS;
    bool there = false, late = false;
    while (!there && !late) {
        pthread_mutex_lock(&desk->live);
        there = desk->last_notice > after;
        pthread_mutex_unlock(&desk->live);
        if (there) break;
        pthread_mutex_lock(&desk->gate);
        late = !pct_tick_wait(&desk->published, &desk->gate, until_ns);
        pthread_mutex_unlock(&desk->gate);
    }
    return there;
}
