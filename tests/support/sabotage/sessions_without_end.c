/* Sabotage: to a session it is always the first moment. */
#include "access/accounts.h"

pct_status __real_pct_accounts_session(pct_accounts *accounts, pct_text token, int64_t now_ms,
                                       pct_identity *out, pct_error *error);
pct_status __wrap_pct_accounts_session(pct_accounts *accounts, pct_text token, int64_t now_ms,
                                       pct_identity *out, pct_error *error);

pct_status __wrap_pct_accounts_session(pct_accounts *accounts, pct_text token, int64_t now_ms,
                                       pct_identity *out, pct_error *error) {
    (void)now_ms;
    return __real_pct_accounts_session(accounts, token, 0, out, error);
}
