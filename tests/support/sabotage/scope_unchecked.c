/* Sabotage: what lies beyond an account's scope is answered like all else. */
#include "resource/scope.h"

pct_status __real_pct_scope_check(pct_exchange *exchange, pct_error *error);
pct_status __wrap_pct_scope_check(pct_exchange *exchange, pct_error *error);

pct_status __wrap_pct_scope_check(pct_exchange *exchange, pct_error *error) {
    pct_status status = __real_pct_scope_check(exchange, error);
    return status == PCT_NOT_FOUND ? PCT_OK : status;
}
