/* A site's log as the commands read it that speak for it to others: the record, the key, the tree and its signed head. */
#ifndef PCT_CLI_LOG_SITE_H
#define PCT_CLI_LOG_SITE_H

#include "cli/log_text.h"
#include "cli/record.h"
#include "ledger/log_tree.h"
#include "site/heads.h"

typedef struct pct_log_site {
    pct_record record;
    pct_signer signer;
    pct_log_tree tree;
    pct_head head; /* the newest; its size is the tree's */
} pct_log_site;

/* Reads the log once, and signs its head when none was given out yet for its size. Accepts a zeroed one, which stays where it
 * is; close after a failure too. */
pct_status pct_log_site_open(const char *folder, pct_log_site *out, pct_error *error) PCT_MUST_USE;
void pct_log_site_close(pct_log_site *site);

#endif
