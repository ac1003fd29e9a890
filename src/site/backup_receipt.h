/* What its owner keeps of the last part of a backup, elsewhere than the backup: without it an older chain is a sound one, and nobody
 * can tell that the newest parts were taken away.
 *
 *     {"format": 1, "chain": "…", "part": 7, "at_ms": …, "until": 1234, "root": "…"}
 *
 * Public, small, replaced with each part. The site keeps the same of each folder that it backs up to (site/backup_state.h). */
#ifndef PCT_SITE_BACKUP_RECEIPT_H
#define PCT_SITE_BACKUP_RECEIPT_H

#include "site/backup.h"

typedef struct pct_backup_receipt {
    char chain[PCT_BACKUP_CHAIN];
    int64_t part, at_ms, until; /* until: the last event that was backed up */
    pct_hash root;              /* of the log then */
} pct_backup_receipt;

/* Replaces the file at `path`, synced. */
pct_status pct_backup_receipt_write(const char *path, const pct_backup_report *report, int64_t at_ms,
                                    pct_error *error) PCT_MUST_USE;
pct_status pct_backup_receipt_read(const char *path, pct_backup_receipt *out, pct_error *error) PCT_MUST_USE;
/* What the site itself remembers of the last part in `folder`; *there: it does. */
pct_status pct_backup_receipt_of_site(const char *site, const char *folder, bool *there,
                                      pct_backup_receipt *out, pct_error *error) PCT_MUST_USE;

/* Of the newest part that is there. PCT_CHECK_FAILED: newer ones were made. */
pct_status pct_backup_receipt_check_part(const pct_backup_receipt *receipt, const pct_backup_label *last,
                                         const char *path, pct_error *error) PCT_MUST_USE;
/* Of the log when it has receipt->until events. PCT_CHECK_FAILED: it is another. */
pct_status pct_backup_receipt_check_log(const pct_backup_receipt *receipt, const pct_merkle *tree,
                                        pct_error *error) PCT_MUST_USE;

#endif
