/* How often somebody may try to sign in, so that passwords cannot be guessed and nobody can be locked out by others' guesses.
 *
 * Each failure is charged to the keys of the table below; who is beyond one of them waits. What a desk needs is charged to keys that
 * strangers do not hold (after OWASP's "device cookies"):
 *
 *     who tries                                              charged to             at once   then one in
 *     the machine itself                                     nothing                   -           -
 *     a browser in which this account signed in before       browser and account      10         30 s
 *     a browser in which another account did                 that account and this    10         30 s
 *     everybody else                                         address and account       5         30 s
 *                                                            address                  20          5 s
 *                                                            account                  30         20 s
 *     a second factor, behind the right password             as above, and the code's own: 5, then one a minute; and of
 *                                                            strangers together, for each account: 10, then one in 10 min
 *
 * So all strangers of the world together have 4,350 guesses a day at an account, and 154 at a code; and however many they make, they
 * charge nothing to a desk. A success clears the keys that are its own alone.
 *
 * In memory; a restart forgets. PCT_ATTEMPT_KEYS keys, of which the one that would be free first gives way. The caller's clock must
 * not run backwards (a monotonic one). All functions may be called by any thread, and cost O(1). Free accepts NULL. */
#ifndef PCT_ACCESS_ATTEMPTS_H
#define PCT_ACCESS_ATTEMPTS_H

#include <stdbool.h>

#include "base/status.h"

enum { PCT_ATTEMPT_KEYS = 1 << 15 };

typedef struct pct_attempts pct_attempts;

/* Who tries. */
typedef struct pct_attempt {
    pct_text account;
    pct_text address;
    pct_text browser; /* its id; empty: not known here */
    pct_text voucher; /* the account that signed in there last, when this one never did; else empty */
    bool local;       /* on the machine itself */
} pct_attempt;

typedef enum pct_attempt_kind { PCT_ATTEMPT_PASSWORD, PCT_ATTEMPT_CODE } pct_attempt_kind;

pct_status pct_attempts_new(pct_attempts **out, pct_error *error) PCT_MUST_USE;
void pct_attempts_free(pct_attempts *attempts);
/* How long until the next try; 0: now. */
int64_t pct_attempts_wait_ms(pct_attempts *attempts, pct_attempt_kind kind, const pct_attempt *who,
                             int64_t now_ms);
void pct_attempts_failed(pct_attempts *attempts, pct_attempt_kind kind, const pct_attempt *who,
                         int64_t now_ms);
void pct_attempts_passed(pct_attempts *attempts, const pct_attempt *who);

#endif
