/* Writing a copy of the keys: by the command on a closed record, or by `serve` for it. */
#ifndef PCT_CLI_KEYS_COPY_H
#define PCT_CLI_KEYS_COPY_H

#include "desk/keys_copy.h"
#include "site/site.h"

enum { PCT_KEYS_DAYS = 7, PCT_KEYS_DAYS_MAX = 30 };

typedef struct pct_keys_order {
    const char *file;
    const char *key, *recovery; /* NULL: as the site says; none */
    const pct_key *with;        /* read by who asks; NULL: one of the two above */
    int64_t days;
} pct_keys_order;

/* The key that the copy is encrypted under; a recovery key that is not there is made. */
pct_status pct_keys_copy_key(const pct_site *site, const pct_keys_order *order, pct_key *out,
                             pct_error *error) PCT_MUST_USE;
/* While the site is served: the server reaches nothing outside its folder, so it leaves the copy there, and this takes it to where it
 * belongs. */
void pct_keys_copy_path(const pct_site *site, int64_t number, char out[PCT_PATH_MAX]);
pct_status pct_keys_copy_fetch(const char *from, const char *to, pct_error *error) PCT_MUST_USE;
/* The file is written whole, synced, for its owner alone. */
pct_status pct_keys_copy_write(pct_desk *desk, const pct_site *site, const pct_keys_order *order,
                               pct_key_copy_head *head, pct_error *error) PCT_MUST_USE;

#endif
