/* Which files of a site go into a backup, and whether they have changed since the last one.
 *
 * A list of what goes, not of what stays: a file that a later module makes is not in a backup until somebody has thought about
 * what it holds. Not in it, on purpose: keys.db and agency.key (backed up apart, for a short time, so that erasing
 * holds), tracks.db (positions, 30 days), spools, sockets, sessions, the security log. record.db goes by its events. */
#ifndef PCT_SITE_BACKUP_FILES_H
#define PCT_SITE_BACKUP_FILES_H

#include "base/vector.h"
#include "ledger/crypto.h"
#include "site/file.h"

#define PCT_BACKUP_FOLDER "backups" /* in the site: what was backed up when, and the last drill */

enum { PCT_BACKUP_PATH_MAX = 256, PCT_BACKUP_FILES_MAX = 100000 };

typedef struct pct_backup_file {
    char path[PCT_BACKUP_PATH_MAX]; /* in the site */
    int64_t size, changed_ns;       /* as it was looked at */
    uint32_t mode;
    pct_hash digest;
    bool known; /* the digest is that of an earlier backup */
} pct_backup_file;

/* Of the files of `site` that go into a backup, by path. Digests are not set. */
pct_status pct_backup_files_list(const char *site, pct_vector *out, pct_error *error) PCT_MUST_USE;
/* Whether a file of this path may be in a backup: what a restore takes. */
bool pct_backup_file_allowed(const char *path);
/* The accounts as they are, without sessions, in a file of their own below PCT_BACKUP_FOLDER; the caller removes it. */
pct_status pct_backup_copy_accounts(const char *site, char out[PCT_PATH_MAX], pct_error *error) PCT_MUST_USE;

#define PCT_BACKUP_ACCOUNTS "accounts.db"

#endif
