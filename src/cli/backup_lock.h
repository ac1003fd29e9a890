/* What locks and opens backups, from the command line: recovery keys and pass phrases.
 *
 *     secret   "precinct-recovery-secret-1 ", 32 bytes in base64 (URL alphabet), a line end; mode 0600, kept away from the site
 *     public   "precinct-recovery-1:" and 32 bytes in base64, itself or in a file; all that making backups needs */
#ifndef PCT_CLI_BACKUP_LOCK_H
#define PCT_CLI_BACKUP_LOCK_H

#include "cli/command.h"
#include "ledger/vault.h"

typedef struct pct_backup_lock {
    pct_vault_lock lock; /* borrows from the rest: stays where it is */
    pct_recovery_key key;
    pct_buffer phrase;
} pct_backup_lock;

/* From --to or --pass-phrase (locking), --secret or --pass-phrase (opening): one of them. Dispose always. */
pct_status pct_backup_lock_for_writing(const pct_cli *cli, pct_backup_lock *out,
                                       pct_error *error) PCT_MUST_USE;
pct_status pct_backup_lock_for_reading(const pct_cli *cli, pct_backup_lock *out,
                                       pct_error *error) PCT_MUST_USE;
void pct_backup_lock_dispose(pct_backup_lock *lock); /* wipes */

#endif
