/* Sabotage: any two hashes are the same. */
#include "ledger/merkle.h"

bool __wrap_pct_hash_equal(pct_hash a, pct_hash b);

bool __wrap_pct_hash_equal(pct_hash a, pct_hash b) {
    (void)a, (void)b;
    return true;
}
