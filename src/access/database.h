/* The connection to accounts.db: whoever opens it gets sums on its pages, the same pragmas, and the same words for what fails. */
#ifndef PCT_ACCESS_DATABASE_H
#define PCT_ACCESS_DATABASE_H

#include <sqlite3.h>
#include <stddef.h>

#include "base/message.h"

#define PCT_ACCESS_FILE "accounts.db"
enum { PCT_ACCESS_APPLICATION = 0x50435404, PCT_ACCESS_BUSY_MS = 2000 };

/* Opens it, or makes it; takes over one from before it carried sums; makes what is missing of `table`, or of all when it is NULL.
 * *out is the caller's to close, after a failure too. */
pct_status pct_access_open(const char *site_folder, const char *table, sqlite3 **out,
                           pct_error *error) PCT_MUST_USE;
pct_status pct_access_prepare(sqlite3 *db, const char *const *queries, size_t count, sqlite3_stmt **out,
                              pct_error *error) PCT_MUST_USE;
/* What the last failure of this connection means. */
pct_status pct_access_failure(sqlite3 *db, pct_error *error);

#endif
