/* From an older format to the newest. A step is a list of statements for each of the two databases; all steps of a database
 * are one transaction, so that a crash leaves the old format or the new one whole. */
#include <stdio.h>

#include "store/schema.h"
#include "store/state.h"

/* steps[n]: from format n + 1 to n + 2. */
static const struct {
    const char *record, *keys;
} steps[PCT_STORE_FORMAT - 1] = {{PCT_SCHEMA_SAVED_BOARD, ""}, {"", PCT_SCHEMA_AGENCY}};

static pct_status take_steps(pct_store *store, sqlite3 *database, int64_t format, pct_error *error) {
    char mark[40];
    pct_status status = pct_store_execute(store, database, "BEGIN IMMEDIATE", error);
    for (int64_t n = format; n < PCT_STORE_FORMAT && !status; n++)
        status = pct_store_execute(store, database,
                                   database == store->keys ? steps[n - 1].keys : steps[n - 1].record, error);
    (void)snprintf(mark, sizeof mark, "PRAGMA user_version=%d; COMMIT", PCT_STORE_FORMAT);
    return status ? status : pct_store_execute(store, database, mark, error);
}

pct_status pct_store_migrate(pct_store *store, sqlite3 *database, int64_t format, pct_error *error) {
    return format == PCT_STORE_FORMAT ? PCT_OK : take_steps(store, database, format, error);
}
