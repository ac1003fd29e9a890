/* Sabotage: keys are said to be destroyed, and stay. */
#include "store/store.h"

pct_status __wrap_pct_store_drop_keys(pct_store *store, pct_id object, pct_text class, int64_t *dropped,
                                      pct_error *error);

pct_status __wrap_pct_store_drop_keys(pct_store *store, pct_id object, pct_text class, int64_t *dropped,
                                      pct_error *error) {
    (void)store, (void)object, (void)class, (void)error;
    *dropped = 1;
    return PCT_OK;
}
