/* Sabotage: a group is acknowledged first and committed when the next one begins. */
#include "store/store.h"

pct_status __real_pct_store_begin(pct_store *store, pct_error *error);
pct_status __real_pct_store_commit(pct_store *store, pct_error *error);
void __real_pct_store_close(pct_store *store);
pct_status __wrap_pct_store_begin(pct_store *store, pct_error *error);
pct_status __wrap_pct_store_commit(pct_store *store, pct_error *error);
void __wrap_pct_store_close(pct_store *store);

static pct_store *open_group;

pct_status __wrap_pct_store_begin(pct_store *store, pct_error *error) {
    if (open_group != store) return __real_pct_store_begin(store, error);
    open_group = NULL;
    pct_status status = __real_pct_store_commit(store, error);
    return status ? status : __real_pct_store_begin(store, error);
}

pct_status __wrap_pct_store_commit(pct_store *store, pct_error *error) {
    if (open_group) return __real_pct_store_commit(store, error);
    open_group = store;
    return PCT_OK;
}

void __wrap_pct_store_close(pct_store *store) {
    if (store && open_group == store) (void)!__real_pct_store_commit(store, NULL);
    if (open_group == store) open_group = NULL;
    __real_pct_store_close(store);
}
