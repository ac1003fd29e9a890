/* A thread that works in the background: a slice, a rest, and so on until it is told to end. It yields to whoever serves.
 *
 *     pct_rest_yield();  while (pct_rest_for(&rest, pause_ns)) …a slice…        elsewhere: pct_rest_end(&rest); join */
#ifndef PCT_DESK_REST_H
#define PCT_DESK_REST_H

#include "site/now.h"

typedef struct pct_rest {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ending; /* under the lock */
} pct_rest;

void pct_rest_init(pct_rest *rest);
void pct_rest_dispose(pct_rest *rest); /* after the thread has ended */
/* false: it has to end, at once or before the time is over. By a clock that nobody sets. */
bool pct_rest_for(pct_rest *rest, int64_t ns);
bool pct_rest_is_ending(pct_rest *rest);
void pct_rest_end(pct_rest *rest); /* any thread */

/* The calling thread takes what others leave (Linux keeps a nice value for each thread). */
void pct_rest_yield(void);

#endif
