/* What the last part of a chain brought: what the next one begins from. Never needed for restoring. */
#ifndef PCT_SITE_BACKUP_STATE_H
#define PCT_SITE_BACKUP_STATE_H

#include "site/backup.h"

typedef struct pct_backup_state {
    bool there;
    char path[PCT_PATH_MAX]; /* of the file of this state */
    char chain[PCT_BACKUP_CHAIN];
    int64_t part, at_ms, until, bytes, destroyed;
    pct_merkle tree;
    pct_vector files; /* of pct_backup_file, by path */
} pct_backup_state;

/* For backups to `folder`; NULL: for one that is a file of its own. A state that is not there, or of no use, is empty: the next backup is
 * full. Dispose always. */
pct_status pct_backup_state_read(const char *site, const char *folder, const pct_crypto *crypto,
                                 pct_backup_state *out, pct_error *error) PCT_MUST_USE;
pct_status pct_backup_state_write(const pct_backup_state *state, const char *folder,
                                  pct_error *error) PCT_MUST_USE;
void pct_backup_state_dispose(pct_backup_state *state);
void pct_backup_hex(const unsigned char *bytes, size_t length, char *out);
/* false when it is not hex of exactly `length` bytes. */
bool pct_backup_hex_read(const char *text, unsigned char *out, size_t length);

#endif
