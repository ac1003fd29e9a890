/* A few threads that share out the parts of one job.
 *
 *     status = pct_pool_new(pct_pool_processors() - 1, &pool, error);   // threads beside the caller's
 *     pct_pool_run(pool, task, context, count);                         // task(context, worker, 0 … count - 1), each once
 *     pct_pool_free(pool);
 *
 * The caller works too, and parts are claimed one by one: a thread that gets no core holds nothing up but the part it is at,
 * and where there is no pool (NULL), or another job has its threads, the caller does all parts by itself. The threads take a core
 * that is idle, and none away from anybody (SCHED_BATCH). Nobody spins, but for some microseconds in which the caller looks
 * whether the last part is done before it sleeps.
 * In a job `worker` tells the threads apart: 0 is the caller, others are below pct_pool_width. What a part writes is seen by
 * the caller afterwards. A run costs a few microseconds and allocates nothing; any thread may call it. */
#ifndef PCT_BASE_POOL_H
#define PCT_BASE_POOL_H

#include "base/status.h"

typedef struct pct_pool pct_pool;
typedef void (*pct_pool_task)(void *context, unsigned worker, uint32_t part);

enum { PCT_POOL_THREADS_MAX = 63 };

/* Processors that this process may use, at least 1. */
unsigned pct_pool_processors(void);
/* As many threads as the system gives, `threads` at most; they sleep until there is work, and have the
 * caller's mask of signals. */
pct_status pct_pool_new(unsigned threads, pct_pool **out, pct_error *error) PCT_MUST_USE;
void pct_pool_free(pct_pool *pool);
/* Threads and the caller; 1 for NULL. */
unsigned pct_pool_width(const pct_pool *pool);
/* The pool, or NULL when its threads found next to no idle core at the last job: then the caller does better alone, without what
 * sharing costs it. One job in 2, 4, … 32 is offered all the same, to see whether the machine is less busy. */
pct_pool *pct_pool_offered(pct_pool *pool);
void pct_pool_run(pct_pool *pool, pct_pool_task task, void *context, uint32_t count);

#endif
