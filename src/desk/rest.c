#include "desk/rest.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NICE = 10 };

void pct_rest_init(pct_rest *rest) {
    (void)pthread_mutex_init(&rest->lock, NULL);
    (void)pthread_cond_init(&rest->wake, NULL);
    rest->ending = false;
}

void pct_rest_dispose(pct_rest *rest) {
    (void)pthread_cond_destroy(&rest->wake);
    (void)pthread_mutex_destroy(&rest->lock);
}

bool pct_rest_for(pct_rest *rest, int64_t ns) {
    int64_t until_ns = pct_tick_ns() + ns;
    (void)pthread_mutex_lock(&rest->lock);
    while (!rest->ending && pct_tick_wait(&rest->wake, &rest->lock, until_ns)) {
    }
    bool go_on = !rest->ending;
    (void)pthread_mutex_unlock(&rest->lock);
    return go_on;
}

bool pct_rest_is_ending(pct_rest *rest) {
    (void)pthread_mutex_lock(&rest->lock);
    bool ending = rest->ending;
    (void)pthread_mutex_unlock(&rest->lock);
    return ending;
}

void pct_rest_end(pct_rest *rest) {
    (void)pthread_mutex_lock(&rest->lock);
    rest->ending = true;
    (void)pthread_cond_broadcast(&rest->wake);
    (void)pthread_mutex_unlock(&rest->lock);
}

void pct_rest_yield(void) {
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
}
