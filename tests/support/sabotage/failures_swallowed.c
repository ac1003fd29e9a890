/* Sabotage: a group that could not be committed is told as if it were. */
#include "store/store.h"

pct_status __real_pct_store_commit(pct_store *store, pct_error *error);
pct_status __wrap_pct_store_commit(pct_store *store, pct_error *error);

pct_status __wrap_pct_store_commit(pct_store *store, pct_error *error) {
    if (__real_pct_store_commit(store, error) != PCT_OK) pct_store_rollback(store);
    return PCT_OK;
}
