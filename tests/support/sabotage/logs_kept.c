/* Sabotage: the databases' logs are not emptied, and keep what was erased. */
#include "store/state.h"

pct_status __wrap_pct_store_empty_log(pct_store *store, sqlite3 *database, int wait_ms, pct_error *error);

pct_status __wrap_pct_store_empty_log(pct_store *store, sqlite3 *database, int wait_ms, pct_error *error) {
    (void)store, (void)database, (void)wait_ms, (void)error;
    return PCT_OK;
}
