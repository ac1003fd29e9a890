/* Sabotage: replies to idempotency keys are neither kept nor found. */
#include "store/store.h"

pct_status __wrap_pct_store_add_reply(pct_store *store, const pct_stored_reply *reply, pct_error *error);
pct_status __wrap_pct_store_find_reply(pct_store *store, pct_text account, pct_text key, int64_t now_ms,
                                       pct_stored_reply *out, bool *found, pct_error *error);

pct_status __wrap_pct_store_add_reply(pct_store *store, const pct_stored_reply *reply, pct_error *error) {
    (void)store, (void)reply, (void)error;
    return PCT_OK;
}

pct_status __wrap_pct_store_find_reply(pct_store *store, pct_text account, pct_text key, int64_t now_ms,
                                       pct_stored_reply *out, bool *found, pct_error *error) {
    (void)store, (void)account, (void)key, (void)now_ms, (void)out, (void)error;
    *found = false;
    return PCT_OK;
}
