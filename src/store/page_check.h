/* A sum on every page of a database file, below SQLite: what was flipped on the disk is told before it is used. */
#ifndef PCT_STORE_PAGE_CHECK_H
#define PCT_STORE_PAGE_CHECK_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/message.h"

enum { PCT_PAGE_BYTES = 4096, PCT_PAGE_SUM_BYTES = 8 };

/* sqlite3_open_v2 over the file system `base` (NULL: the usual one), with the sums between. A database that is made has them; one that
 * was made without is read and written without. A page that is not what was written: SQLITE_IOERR_DATA. */
int pct_page_open(const char *path, sqlite3 **out, int flags, const char *base);

/* The name of the file system that checks, over `base`; NULL: no memory, or no such base. */
const char *pct_page_vfs(const char *base);

/* Whether the pages of this database carry sums. */
bool pct_page_checked(sqlite3 *database);

/* A database that was made without gets them: it is copied into itself. */
int pct_page_take_over(sqlite3 *database);

/* Whether a page was not what was written, in the file or in its log, and which was the last. */
bool pct_page_refused(sqlite3 *database, int64_t *page);

/* Reads a file past SQLite, which may use it meanwhile: *bad_page is the first page that is not what was written, 0: none. A file
 * whose format is from before `summed_format` and that has no sums is let be. False: it cannot be read. Not for a process that has
 * the database open: closing a file gives up all its locks. */
bool pct_page_check_file(const char *path, uint32_t summed_format, int64_t *bad_page);

/* What to say after SQLITE_IOERR_DATA, by a message with file, page, found, expected; returns PCT_DAMAGED. */
pct_status pct_page_failure(sqlite3 *database, pct_message message, const char *file, pct_error *error);

#endif
