/* A site's record, as commands open it: to read beside a running server, or to write alone. */
#ifndef PCT_CLI_RECORD_H
#define PCT_CLI_RECORD_H

#include "desk/retention.h"
#include "site/agency.h"
#include "site/site.h"

typedef struct pct_record {
    pct_site site;
    pct_agency agency;
    pct_codes *codes;
    pct_store *store;
    pct_retention_plan plan; /* of site.json; borrowed by the desk, which begins nothing by itself */
    pct_desk *desk;          /* NULL for a reader */
} pct_record;

/* Accepts a zeroed record, which stays where it is. A writer makes a record that is not there yet; `key` is where the
 * agency's key lies (NULL: as the site says). Close after a failure too. */
pct_status pct_record_open(const char *folder, bool write, const char *key, pct_record *out,
                           pct_error *error) PCT_MUST_USE;
void pct_record_close(pct_record *record);

#endif
