/* Sabotage: a wrapped key that does not open is taken for a key of zeros. */
#include <string.h>

#include "ledger/seal.h"

pct_status __real_pct_key_unwrap(const pct_crypto *crypto, const pct_key *agency, const pct_key_name *name,
                                 const unsigned char *wrapped, pct_key *out, pct_error *error);
pct_status __wrap_pct_key_unwrap(const pct_crypto *crypto, const pct_key *agency, const pct_key_name *name,
                                 const unsigned char *wrapped, pct_key *out, pct_error *error);

pct_status __wrap_pct_key_unwrap(const pct_crypto *crypto, const pct_key *agency, const pct_key_name *name,
                                 const unsigned char *wrapped, pct_key *out, pct_error *error) {
    if (__real_pct_key_unwrap(crypto, agency, name, wrapped, out, error) != PCT_OK)
        memset(out, 0, sizeof *out);
    return PCT_OK;
}
