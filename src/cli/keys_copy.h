/* Writing a copy of the keys: by the command on a closed record, or by `serve` for it. */
#ifndef PCT_CLI_KEYS_COPY_H
#define PCT_CLI_KEYS_COPY_H

#include "desk/keys_copy.h"
#include "site/site.h"

enum { PCT_KEYS_DAYS = 7, PCT_KEYS_DAYS_MAX = 30 };

typedef struct pct_keys_order {
    const char *file;
    const char *key, *recovery; /* NULL: as the site says; none */
    int64_t days;
} pct_keys_order;

/* The file is written whole, synced, for its owner alone. */
pct_status pct_keys_copy_write(pct_desk *desk, const pct_site *site, const pct_keys_order *order,
                               pct_key_copy_head *head, pct_error *error) PCT_MUST_USE;

#endif
