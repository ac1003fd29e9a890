/* Backups of a site: parts that each bring what happened since the last, encrypted (ledger/vault.h), made while it serves.
 *
 *     FOLDER/<chain>-000001.backup    everything: files of the site, all events
 *     FOLDER/<chain>-000002.backup    events since, files that changed, keys that were destroyed; …
 *     SITE/backups/<place>.json       what the last part for this folder brought (place: of the folder's path)
 *
 * A part, inside the vault, is records: type (1 byte), length (8 bytes, big-endian), content. In this order:
 *
 *     h   {"format": 1, "root": hex}: the root of the log after this part
 *     f   a file: length of its path (2, big-endian), path, mode (4, big-endian), content
 *     k   {path: SHA-256, …}: all files of the site at this time
 *     e   an event: its stored bytes, the numbers from..until in order, without gaps
 *     r   a reply to an idempotency key, d a document
 *     x   ids of all keys that were destroyed (8 bytes each, big-endian)
 *     t   {table: [rows, digest], …}: the derived tables after this part, without their sealed columns; of a full part alone
 *     z   the end
 *
 * The label, which is public and bound: "precinct-backup-1 CHAIN PART AT_MS FROM UNTIL".
 *
 * The log proves itself: the hash tree goes on from the part before over the bytes that are shipped and must make the root that was
 * committed with them. Personal data are in a backup only as ciphertext: whoever destroys a key has destroyed it in every
 * backup. A part is there whole (synced, then renamed) or not at all, and no file is ever replaced. */
#ifndef PCT_SITE_BACKUP_H
#define PCT_SITE_BACKUP_H

#include "ledger/merkle.h"
#include "ledger/vault.h"
#include "site/backup_files.h"
#include "store/store.h"

enum { PCT_BACKUP_CHAIN = 33, PCT_BACKUP_PARTS_MAX = 100000, PCT_BACKUP_JSON_MAX = 64 << 20 };

typedef struct pct_backup_order {
    const char *site;
    const char *to; /* a folder, or the name of a new file for one full part */
    const pct_vault_lock *lock;
    int64_t now_ms;
    bool full;     /* begin a new chain */
    bool when_new; /* nothing at all when nothing has happened */
} pct_backup_order;

typedef struct pct_backup_report {
    char file[PCT_PATH_MAX]; /* empty: nothing was new */
    char chain[PCT_BACKUP_CHAIN];
    int64_t part, from, until; /* events from .. until; none when until < from */
    int64_t files, bytes;      /* shipped; of the part */
    pct_hash root;
    bool lost; /* the last part was not in the folder as it was left: a new chain was begun */
} pct_backup_report;

/* `store`: a reader. PCT_CHECK_FAILED: the log is not what its tree says, or not what was backed up before. */
pct_status pct_backup_make(pct_store *store, const pct_backup_order *order, pct_backup_report *out,
                           pct_error *error) PCT_MUST_USE;

/* SITE/backups.json, what `doctor` reads: {"last_ms":…,"drill_ms":…,"drill":"passed"|"failed"}. `drill` NULL: a backup was made. */
pct_status pct_backup_note(const char *site, int64_t at_ms, const char *drill, pct_error *error) PCT_MUST_USE;

/* A label as text, and back. */
typedef struct pct_backup_label {
    char chain[PCT_BACKUP_CHAIN];
    int64_t part, at_ms, from, until;
} pct_backup_label;
int pct_backup_label_write(const pct_backup_label *label, char out[PCT_VAULT_LABEL_MAX]);
bool pct_backup_label_read(pct_text text, pct_backup_label *out);

#endif
