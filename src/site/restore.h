/* A site out of its backups, as it was at a time: the files, and a record of events without derived tables.
 *
 *     status = pct_restore_make(&order, &staging, &report, &error);    into a staged folder, everything checked
 *     …                                                                whoever has a desk makes the tables
 *     status = pct_staging_commit(&staging, &error);                   only now the site is there
 *
 * All parts of the chain are read, those after the time too: the keys that were destroyed since stay destroyed. Each part
 * must be authentic to its last byte, follow the one before, and make the root of the log that it names. */
#ifndef PCT_SITE_RESTORE_H
#define PCT_SITE_RESTORE_H

#include "site/backup_receipt.h"
#include "store/tables.h"

typedef struct pct_restore_order {
    const char *from; /* one full part, or a folder of parts: the newest chain in it */
    const pct_vault_lock *lock;
    int64_t at_ms;        /* events recorded later are left out; INT64_MAX: none */
    int64_t now_ms;       /* a file of `keys backup` has an end */
    const char *keys;     /* a copy of keys.db, or the file of `keys backup`; NULL: sealed fields stay shut */
    const char *agency;   /* where the agency's key lies; NULL: as the site says */
    const char *recovery; /* the key of the file of `keys backup`, when it is not the agency's; NULL */
    const pct_backup_receipt *receipt; /* the newest parts must not be missing; NULL: nobody knows */
} pct_restore_order;

typedef struct pct_restore_report {
    char chain[PCT_BACKUP_CHAIN];
    int64_t parts, files, events, left_out, keys_dropped;
    int64_t recorded_at_ms; /* of the last event; 0: none */
    int64_t backed_up_ms;   /* the last part was made then */
    pct_hash root;          /* of the log as it is restored */
    bool forks; /* tree heads beyond its end were given out: it has no log.key and none of those heads */
    pct_table_digest
        tables[PCT_TABLES_MAX]; /* as they were, without sealed columns; their names are the schema's */
    size_t table_count;         /* 0: the backup has none for this end */
} pct_restore_report;

/* `staging` has begun. PCT_DAMAGED, PCT_CHECK_FAILED: a part is not what was backed up. */
pct_status pct_restore_make(const pct_restore_order *order, pct_staging *staging, pct_restore_report *out,
                            pct_error *error) PCT_MUST_USE;

#endif
