/* Sabotage: a group waits for more commands before it is committed. */
#include <time.h>

#include "store/store.h"

enum { PATIENCE_MS = 25 };

pct_status __real_pct_store_commit(pct_store *store, pct_error *error);
pct_status __wrap_pct_store_commit(pct_store *store, pct_error *error);

pct_status __wrap_pct_store_commit(pct_store *store, pct_error *error) {
    const struct timespec patience = {.tv_nsec = PATIENCE_MS * 1000000L};
    (void)nanosleep(&patience, NULL);
    return __real_pct_store_commit(store, error);
}
