/* Sabotage: databases without sums on their pages, and a store that does not miss them. */
#include "store/page_check.h"

int __wrap_pct_page_open(const char *path, sqlite3 **out, int flags, const char *base);
bool __wrap_pct_page_checked(sqlite3 *database);

int __wrap_pct_page_open(const char *path, sqlite3 **out, int flags, const char *base) {
    return sqlite3_open_v2(path, out, flags, base);
}

bool __wrap_pct_page_checked(sqlite3 *database) {
    (void)database;
    return true;
}
