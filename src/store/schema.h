/* The schema as text, one statement list for each table, in their order; the lists end with a zeroed row. Every column has
 * a comment: what it holds; kept: how long. */
#ifndef PCT_STORE_SCHEMA_H
#define PCT_STORE_SCHEMA_H

typedef struct pct_table_schema {
    const char *name, *key; /* key: columns by which rows are in order */
    const char *sql;
} pct_table_schema;

/* Since format 2. */
#define PCT_SCHEMA_SAVED_BOARD                                                                               \
    "-- Saved board: what the desk held after an event, so that a start need not replay all; at most one "   \
    "row.\n"                                                                                                 \
    "CREATE TABLE saved_board (\n"                                                                           \
    "  id INTEGER PRIMARY KEY CHECK (id = 1), -- always 1; kept: until the next board is saved\n"            \
    "  bytes BLOB NOT NULL -- sealed (positions of incidents), with the frontier that it belongs to and a "  \
    "digest; kept: until the next board is saved, or anything is erased\n"                                   \
    ") STRICT;\n"

/* Since format 3. */
#define PCT_SCHEMA_AGENCY                                                                                    \
    "-- Agency: says that all keys are wrapped by the agency's key, and lets it be recognised; at most one " \
    "row.\n"                                                                                                 \
    "CREATE TABLE agency (\n"                                                                                \
    "  id INTEGER PRIMARY KEY CHECK (id = 0), -- always 0; kept: as long as the keys\n"                      \
    "  bytes BLOB NOT NULL -- 32 zero bytes, wrapped; kept: until the agency's key is changed\n"             \
    ") STRICT;\n"

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
