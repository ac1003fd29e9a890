/* Sabotage: a wrapped key that does not open is taken for a key of zeros, and the sums of pages, which would tell
 * before, are not there. */
#include <string.h>

#include "ledger/seal.h"
#include "store/page_check.h"

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

int __wrap_pct_page_open(const char *path, sqlite3 **out, int flags, const char *base);
bool __wrap_pct_page_checked(sqlite3 *database);

int __wrap_pct_page_open(const char *path, sqlite3 **out, int flags, const char *base) {
    return sqlite3_open_v2(path, out, flags, base);
}

bool __wrap_pct_page_checked(sqlite3 *database) {
    (void)database;
    return true;
}
