#include "support/database_calls.h"

#include <sqlite3.h>
#include <stddef.h>

static database_fault fault;
static uint64_t calls;
static bool came;
static int last; /* what the last call said, when it said it in place of SQLite; 0: it did not */

void database_calls_arm(database_fault next) {
    fault = next;
    calls = 0;
    came = false;
    last = 0;
}

bool database_calls_failed(void) {
    return came;
}

uint64_t database_calls_count(void) {
    return calls;
}

static bool fails(void) {
    bool now = ++calls == fault.at || (fault.for_good && fault.at && calls > fault.at);
    came |= now;
    last = now ? fault.code : 0;
    return now;
}

/* `failed`: what a caller finds when it has failed without doing its work. */
#define WRAPPED(name, parameters, arguments, failed)                                                         \
    int __real_##name parameters;                                                                            \
    int __wrap_##name parameters;                                                                            \
    int __wrap_##name parameters {                                                                           \
        if (!fails()) return __real_##name arguments;                                                        \
        failed;                                                                                              \
        return fault.code;                                                                                   \
    }
#define DONE(name, arguments) fault.done ? __real_##name arguments : 0

/* A connection is made all the same, and is the caller's to close; a statement is not. */
WRAPPED(sqlite3_open_v2, (const char *name, sqlite3 **out, int flags, const char *vfs),
        (name, out, flags, vfs), (void)__real_sqlite3_open_v2(name, out, flags, vfs))
WRAPPED(sqlite3_prepare_v2, (sqlite3 * db, const char *sql, int n, sqlite3_stmt **out, const char **tail),
        (db, sql, n, out, tail), *out = NULL)
WRAPPED(sqlite3_prepare_v3,
        (sqlite3 * db, const char *sql, int n, unsigned flags, sqlite3_stmt **out, const char **tail),
        (db, sql, n, flags, out, tail), *out = NULL)
WRAPPED(sqlite3_step, (sqlite3_stmt * s), (s), (void)(DONE(sqlite3_step, (s))))
WRAPPED(sqlite3_exec,
        (sqlite3 * db, const char *sql, int (*row)(void *, int, char **, char **), void *p, char **why),
        (db, sql, row, p, why), (void)(DONE(sqlite3_exec, (db, sql, row, p, why))))
WRAPPED(sqlite3_bind_int64, (sqlite3_stmt * s, int i, sqlite3_int64 value), (s, i, value), (void)0)
WRAPPED(sqlite3_bind_null, (sqlite3_stmt * s, int i), (s, i), (void)0)
WRAPPED(sqlite3_bind_text, (sqlite3_stmt * s, int i, const char *t, int n, void (*drop)(void *)),
        (s, i, t, n, drop), (void)0)
WRAPPED(sqlite3_bind_text64,
        (sqlite3_stmt * s, int i, const char *t, sqlite3_uint64 n, void (*drop)(void *),
         unsigned char coding),
        (s, i, t, n, drop, coding), (void)0)
WRAPPED(sqlite3_bind_blob64, (sqlite3_stmt * s, int i, const void *b, sqlite3_uint64 n, void (*drop)(void *)),
        (s, i, b, n, drop), (void)0)
WRAPPED(sqlite3_wal_checkpoint_v2, (sqlite3 * db, const char *name, int mode, int *log, int *done),
        (db, name, mode, log, done), (void)(DONE(sqlite3_wal_checkpoint_v2, (db, name, mode, log, done))))

int __real_sqlite3_extended_errcode(sqlite3 *db);
int __wrap_sqlite3_extended_errcode(sqlite3 *db);
int __real_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_errcode(sqlite3 *db);

int __wrap_sqlite3_extended_errcode(sqlite3 *db) {
    return last ? last : __real_sqlite3_extended_errcode(db);
}

int __wrap_sqlite3_errcode(sqlite3 *db) {
    return last ? last & 0xFF : __real_sqlite3_errcode(db);
}
