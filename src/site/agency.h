/* The agency's key: it wraps the keys of sealed fields in keys.db, so that keys.db alone opens nothing.
 *
 *     agency.key     "precinct-agency-key-1 ", 32 bytes in base64 (URL alphabet), a line end; mode 0600
 *
 * It lies beside keys.db, or wherever `--key` or "agency_key" of site.json says: on a stick that is taken away with the
 * person who answers for it. Made when a site is first opened to write; from then on a missing or another key is refused.
 * Whoever loses it has lost every sealed field: keep a copy apart from the site, and apart from copies of keys.db. */
#ifndef PCT_SITE_AGENCY_H
#define PCT_SITE_AGENCY_H

#include "ledger/seal.h"
#include "site/site.h"
#include "store/store.h"

#define PCT_AGENCY_FILE "agency.key"

typedef struct pct_agency {
    pct_key_keeper keeper; /* for pct_store_options */
    char path[PCT_PATH_MAX];
    bool own; /* beside keys.db: others must not be able to read it */
    pct_key key;
    const pct_crypto *crypto;
    pct_random random;
} pct_agency;

/* `path` NULL: as the site says. Reads nothing yet; the store asks for the key when it has locked keys.db. Must stay where
 * it is until it is disposed; dispose wipes the key and accepts a zeroed one. */
pct_status pct_agency_init(const pct_site *site, const char *path, pct_agency *out,
                           pct_error *error) PCT_MUST_USE;
/* Reads the key's file without a store; `may_make`: makes it where there is none. */
pct_status pct_agency_load(pct_agency *agency, bool may_make, pct_error *error) PCT_MUST_USE;
/* A new key beside the old one (PATH.next), on the disk. pct_store_rewrap(store, &out->keeper), then
 * agency->keeper.next(…, PCT_KEEPER_TAKE) puts it in the old one's place; a power cut between the two is seen and ended by the
 * next opening. `out` must stay where it is until the store is closed. */
pct_status pct_agency_make_next(const pct_agency *agency, pct_agency *out, pct_error *error) PCT_MUST_USE;
void pct_agency_dispose(pct_agency *agency);

#endif
