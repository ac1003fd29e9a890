/* The schema as a table: every column says what it holds, of which class that is, what for, and for how long. The SQL is made
 * from it, so that a column without the four does not compile, and `tools/check_schema.py` finds tables that somebody makes
 * past it and writes docs/reference/schema.md from it.
 *
 *     pct_table_schema ─ pct_schema_write ─► "CREATE TABLE …;" with a comment for each column
 *
 * Lists of tables end with a zeroed row, lists of columns too. */
#ifndef PCT_STORE_SCHEMA_H
#define PCT_STORE_SCHEMA_H

#include "base/buffer.h"

/* X(NAME, name): what kind of data a column holds. */
#define PCT_DATA_CLASSES(X)                                                                                  \
    X(OPERATIONAL, "operational") /* of the matter: times, types, places known coarsely, numbers */          \
    X(PERSONAL, "personal")       /* of a caller or a party */                                               \
    X(NARRATIVE, "narrative")     /* free words of staff */                                                  \
    X(POSITION, "position")       /* exact, of a call or of a crew */                                        \
    X(AUDIT, "audit")             /* who did what */                                                         \
    X(STAFF, "staff")             /* of those who work here */                                               \
    X(KEY, "key")                 /* what opens something: keys, hashes of passwords and tokens */

/* X(NAME, name): what for. */
#define PCT_PURPOSES(X)                                                                                      \
    X(HANDLING, "handling")     /* taking a call and answering it */                                         \
    X(DUTY, "duty")             /* knowing who is on duty and where, for their safety and to send them */    \
    X(ROADS, "roads")           /* knowing which roads are open */                                           \
    X(STATISTICS, "statistics") /* planning by type, place and hour */                                       \
    X(PROOF, "proof")           /* showing later what was done */                                            \
    X(INTEGRITY, "integrity")   /* showing that nothing was changed */                                       \
    X(REPETITION, "repetition") /* answering a request that comes twice once */                              \
    X(ACCESS, "access")         /* knowing who may do what */                                                \
    X(SETTINGS, "settings")     /* what a module works with */                                               \
    X(RESTART, "restart")       /* serving again soon after a start */                                       \
    X(SEALING, "sealing")       /* keeping what is sealed readable, and no longer than it may be */

/* X(NAME, name, hours, from): how long; 0 hours: not by the clock. */
#define PCT_PERIODS(X)                                                                                       \
    X(SKELETON, "skeleton", 2192 * 24, "6 years after its end")                                              \
    X(PERSONAL, "personal", 365 * 24, "1 year after the end of the incident, or until it is erased")         \
    X(NARRATIVE, "narrative", 730 * 24, "2 years after the end of the incident, or until it is erased")      \
    X(REPLY, "reply", 30 * 24, "30 days")                                                                    \
    X(SESSION, "session", 12, "12 hours")                                                                    \
    X(TRACK, "track", 30 * 24, "30 days, then thinned")                                                      \
    X(THINNED, "thinned", 365 * 24, "1 year, then counted")                                                  \
    X(COUNTS, "counts", 0, "for ever: a count that names nobody")                                            \
    X(KEY, "key", 0, "until what it seals is destroyed")                                                     \
    X(ROW, "row", 0, "while what it describes exists")                                                       \
    X(STATE, "state", 0, "until the next change")

/* 0 is none: a row that leaves one of them out is found. */
typedef enum pct_data_class {
    PCT_DATA_NONE,
#define X(NAME, name) PCT_DATA_##NAME,
    PCT_DATA_CLASSES(X)
#undef X
        PCT_DATA_COUNT
} pct_data_class;

typedef enum pct_purpose {
    PCT_PURPOSE_NONE,
#define X(NAME, name) PCT_PURPOSE_##NAME,
    PCT_PURPOSES(X)
#undef X
        PCT_PURPOSE_COUNT
} pct_purpose;

typedef enum pct_period {
    PCT_PERIOD_NONE,
#define X(NAME, name, hours, from) PCT_PERIOD_##NAME,
    PCT_PERIODS(X)
#undef X
        PCT_PERIOD_COUNT
} pct_period;

extern const char *const pct_data_class_names[PCT_DATA_COUNT];
extern const char *const pct_purpose_names[PCT_PURPOSE_COUNT];

typedef struct pct_period_row {
    const char *name;
    int32_t hours;
    const char *from;
} pct_period_row;
extern const pct_period_row pct_periods[PCT_PERIOD_COUNT];

typedef struct pct_column {
    const char *name, *sql;
    pct_data_class class;
    pct_purpose purpose;
    pct_period period;
    const char *holds;
} pct_column;

/* One column; with fewer than all of them it does not compile. */
#define PCT_COLUMN(name, sql, class, purpose, period, holds)                                                 \
    { name, sql, PCT_DATA_##class, PCT_PURPOSE_##purpose, PCT_PERIOD_##period, "" holds }
#define PCT_COLUMNS_END                                                                                      \
    { NULL, NULL, PCT_DATA_NONE, PCT_PURPOSE_NONE, PCT_PERIOD_NONE, NULL }

typedef struct pct_table_schema {
    const char *name, *key; /* key: columns by which rows are in order */
    const char *about;
    const pct_column *columns;
    const char *primary; /* a key of several columns; NULL: a column says so itself */
    const char *options; /* behind the columns: STRICT, WITHOUT ROWID */
    const char *indexes; /* statements; NULL: none */
} pct_table_schema;

/* Appends the statements that make the table and its indexes. */
void pct_schema_write(const pct_table_schema *table, pct_buffer *out);
/* The table of this name in a list; NULL when there is none. */
const pct_table_schema *pct_schema_find(const pct_table_schema *tables, const char *name);

enum { PCT_SCHEMA_BYTES_MAX = 1 << 16 }; /* of one table's statements */

/* Since format 4: what a closure does. */
#define PCT_SCHEMA_CLOSURE_KIND                                                                              \
    "ALTER TABLE closure ADD COLUMN kind TEXT NOT NULL DEFAULT 'close';\n"                                   \
    "ALTER TABLE closure ADD COLUMN speed_kmh INTEGER NOT NULL DEFAULT 0;\n"

extern const pct_table_schema pct_schema_record[]; /* facts */
extern const pct_table_schema pct_schema_tables[]; /* derived, in record.db too */
extern const pct_table_schema pct_schema_keys[];
/* Ways into the derived tables that a writer makes on opening where they are missing: they hold nothing of their own, so
 * that adding one is no new format. */
extern const char *const pct_schema_indexes;

#endif
