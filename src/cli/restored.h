/* A restored site made ready: what `restore` and `backup drill` share. */
#ifndef PCT_CLI_RESTORED_H
#define PCT_CLI_RESTORED_H

#include "cli/backup_lock.h"
#include "cli/command.h"
#include "site/restore.h"

typedef struct pct_restored_order {
    pct_restore_order order; /* borrows from the rest: stays where it is */
    pct_backup_lock lock;
    pct_backup_receipt receipt;
} pct_restored_order;

/* From the options of a command and its first argument: --secret or --pass-phrase, --at, --receipt, --keys, --recovery, --key. Dispose
 * always. */
pct_status pct_restored_order_read(const pct_cli *cli, pct_restored_order *out,
                                   pct_error *error) PCT_MUST_USE;
void pct_restored_order_dispose(pct_restored_order *order);

/* Into the staged folder: files, record, tables; then all is looked at: every event, the root, the tables against those that
 * were backed up (*tables_compared). PCT_CHECK_FAILED, PCT_DAMAGED: the backup is no good. */
pct_status pct_restored_make(const pct_restore_order *order, pct_staging *staging, pct_restore_report *report,
                             bool *tables_compared, pct_error *error) PCT_MUST_USE;

#endif
