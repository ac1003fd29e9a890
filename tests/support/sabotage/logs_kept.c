/* Sabotage: the databases' logs are not emptied, and keep what was erased. */
#include "store/store.h"

pct_status __wrap_pct_store_truncate_logs(pct_store *store, pct_error *error);
pct_status __wrap_pct_store_try_truncate_logs(pct_store *store, pct_error *error);

pct_status __wrap_pct_store_truncate_logs(pct_store *store, pct_error *error) {
    (void)store, (void)error;
    return PCT_OK;
}

pct_status __wrap_pct_store_try_truncate_logs(pct_store *store, pct_error *error) {
    (void)store, (void)error;
    return PCT_OK;
}
