/* The tables of accounts.db: accounts with their sessions, and position devices. They are facts of their own, not derived from
 * events. */
#ifndef PCT_ACCESS_SCHEMA_H
#define PCT_ACCESS_SCHEMA_H

#include <sqlite3.h>

#include "store/schema.h"

extern const pct_table_schema pct_schema_access[];

/* Makes what is missing of `name`, or of all tables when it is NULL; a result code of SQLite's. */
int pct_access_make_tables(sqlite3 *database, const char *name);

#endif
