/* The schema as text, one statement list for each table, in their order; the lists end with a zeroed row. Every column has
 * a comment: what it holds; kept: how long. */
#ifndef PCT_STORE_SCHEMA_H
#define PCT_STORE_SCHEMA_H

typedef struct pct_table_schema {
    const char *name, *key; /* key: columns by which rows are in order */
    const char *sql;
} pct_table_schema;

extern const pct_table_schema pct_schema_record[]; /* facts */
extern const pct_table_schema pct_schema_tables[]; /* derived, in record.db too */
extern const pct_table_schema pct_schema_keys[];
/* Ways into the derived tables that a writer makes on opening where they are missing: they hold nothing of their own, so
 * that adding one is no new format. */
extern const char *const pct_schema_indexes;

#endif
