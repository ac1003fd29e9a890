/* Keys of sealed data for a record that is being restored: out of a copy of keys.db, or out of the file of `keys backup`. */
#ifndef PCT_SITE_RESTORE_KEYS_H
#define PCT_SITE_RESTORE_KEYS_H

#include "ledger/key_copy.h"
#include "site/restore.h"
#include "site/site.h"

typedef struct pct_restore_keys {
    bool sealed; /* there is a file of `keys backup`; the rest is its content */
    pct_key_copy_head head;
    pct_buffer entries;
} pct_restore_keys;

/* Before the store of `folder` is opened: a copy of keys.db is put there at once, a file of `keys backup` is read. PCT_REFUSED: its
 * end has come. Dispose always; accepts a zeroed one. */
pct_status pct_restore_keys_take(const pct_site *site, const pct_restore_order *order, const char *folder,
                                 pct_restore_keys *out, pct_error *error) PCT_MUST_USE;
/* Outside a group. What was destroyed goes again with pct_store_settle_keys. */
pct_status pct_restore_keys_put(const pct_restore_keys *keys, pct_store *store,
                                pct_error *error) PCT_MUST_USE;
/* For each event. PCT_REFUSED: the copy was made of another record. */
pct_status pct_restore_keys_check(const pct_restore_keys *keys, int64_t seq, pct_hash leaf,
                                  pct_error *error) PCT_MUST_USE;
void pct_restore_keys_dispose(pct_restore_keys *keys); /* wipes */

#endif
