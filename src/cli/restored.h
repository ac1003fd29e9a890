/* A restored site made ready: what `restore` and `backup drill` share. */
#ifndef PCT_CLI_RESTORED_H
#define PCT_CLI_RESTORED_H

#include "cli/command.h"
#include "site/restore.h"

/* Into the staged folder: files, record, tables; then all is looked at: every event, the root, the tables against those that
 * were backed up (*tables_compared). PCT_CHECK_FAILED, PCT_DAMAGED: the backup is no good. */
pct_status pct_restored_make(const pct_restore_order *order, pct_staging *staging, pct_restore_report *report,
                             bool *tables_compared, pct_error *error) PCT_MUST_USE;
/* --at of a command. */
pct_status pct_restored_at(const pct_cli *cli, int64_t *out, pct_error *error) PCT_MUST_USE;

#endif
