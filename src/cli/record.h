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
    int64_t stands_at_ms;    /* its clock, where it is that of a replay (cli/own_time.h) */
    pct_desk *desk;          /* NULL for a reader */
} pct_record;

/* Accepts a zeroed record, which stays where it is. A writer makes a record that is not there yet; `key` is where the
 * agency's key lies (NULL: as the site says). Close after a failure too. */
pct_status pct_record_open(const char *folder, bool write, const char *key, pct_record *out,
                           pct_error *error) PCT_MUST_USE;
void pct_record_close(pct_record *record);
/* The map that lies there is not the one that the newest event was decided on: an event says so (desk/map_told.h). Opening to
 * write does it; `serve` and `map update`, which have a desk of their own or replace the map under it, ask for it. */
pct_status pct_record_tell_map(const pct_site *site, pct_desk *desk, pct_error *error) PCT_MUST_USE;

#endif
