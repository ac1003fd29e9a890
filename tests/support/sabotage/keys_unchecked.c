/* Sabotage: a wrapped key that does not open is taken for a key of zeros, and the sums of pages, which would tell before, are not
 * there (__wrap_pct_page_open, __wrap_pct_page_checked). */
#include <string.h>

#include "ledger/seal.h"
#include "support/sabotage/pages_unchecked.c"

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
