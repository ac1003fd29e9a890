#include "access/schema.h"

#include <stddef.h>
#include <string.h>

#define C   PCT_COLUMN
#define END PCT_COLUMNS_END

static const pct_column account_columns[] = {
    C("name", "TEXT PRIMARY KEY", STAFF, ACCESS, ROW, "name of the account"),
    C("roles", "INTEGER NOT NULL", STAFF, ACCESS, ROW, "set of roles, 1 << role, until the record has them"),
    C("password", "TEXT NOT NULL", KEY, ACCESS, ROW, "argon2id with its salt and limits"),
    C("disabled", "INTEGER NOT NULL DEFAULT 0", STAFF, ACCESS, ROW, "1: may not sign in"),
    C("created_at_ms", "INTEGER NOT NULL", STAFF, ACCESS, ROW, "UTC ms"),
    C("person", "TEXT NOT NULL DEFAULT ''", STAFF, ACCESS, ROW,
      "staff number: two accounts of one person are one pair of eyes"),
    C("factor", "BLOB", KEY, ACCESS, ROW, "secret of the second factor, sealed; NULL: none"),
    C("factor_waits", "BLOB", KEY, ACCESS, STATE, "a secret that nobody has confirmed yet, sealed"),
    C("factor_step", "INTEGER NOT NULL DEFAULT 0", STAFF, ACCESS, STATE,
      "time step of the last code that was used"),
    END};

static const pct_column session_columns[] = {
    C("token_hash", "BLOB PRIMARY KEY", KEY, ACCESS, SESSION, "BLAKE2b-256 of the token"),
    C("account", "TEXT NOT NULL", STAFF, ACCESS, SESSION, "its account"),
    C("expires_at_ms", "INTEGER NOT NULL", STAFF, ACCESS, SESSION, "UTC ms"),
    C("opened_at_ms", "INTEGER NOT NULL DEFAULT 0", STAFF, ACCESS, SESSION, "UTC ms"),
    C("signed_by", "INTEGER NOT NULL DEFAULT 0", STAFF, ACCESS, SESSION, "how: pct_signed_by"),
    C("address", "TEXT NOT NULL DEFAULT ''", STAFF, ACCESS, SESSION,
      "where it was opened from; its owner alone sees it"),
    END};

static const pct_column token_columns[] = {
    C("token_hash", "BLOB PRIMARY KEY", KEY, ACCESS, ROW, "BLAKE2b-256 of the token"),
    C("account", "TEXT NOT NULL", STAFF, ACCESS, ROW, "in whose name it acts"),
    C("name", "TEXT NOT NULL", OPERATIONAL, ACCESS, ROW, "what it is for"),
    C("roles", "INTEGER NOT NULL", STAFF, ACCESS, ROW, "of the account's, those it may use; 0: all"),
    C("reads", "INTEGER NOT NULL", OPERATIONAL, ACCESS, ROW, "1: it changes nothing"),
    C("created_at_ms", "INTEGER NOT NULL", STAFF, ACCESS, ROW, "UTC ms"),
    C("expires_at_ms", "INTEGER NOT NULL", STAFF, ACCESS, ROW, "UTC ms"),
    C("used_at_ms", "INTEGER NOT NULL DEFAULT 0", STAFF, ACCESS, STATE, "last use, to five minutes; UTC ms"),
    END};

static const pct_column recovery_columns[] = {
    C("code_hash", "BLOB PRIMARY KEY", KEY, ACCESS, ROW, "keyed BLAKE2b-256 of a code to get in once"),
    C("account", "TEXT NOT NULL", STAFF, ACCESS, ROW, "whom it lets in"), END};

static const pct_column secret_columns[] = {C("name", "TEXT PRIMARY KEY", KEY, ACCESS, ROW, "what it is for"),
                                            C("value", "BLOB NOT NULL", KEY, ACCESS, ROW,
                                              "browser: by which browsers are known again; factor: opens "
                                              "second factors, sealed under the agency's key"),
                                            END};

static const pct_column device_columns[] = {
    C("id_hash", "BLOB PRIMARY KEY", KEY, ACCESS, ROW, "BLAKE2b-256 of its id"),
    C("unit", "TEXT NOT NULL", OPERATIONAL, ACCESS, ROW, "name of the unit it is bound to"),
    C("speed", "INTEGER NOT NULL", OPERATIONAL, ACCESS, ROW, "how it gives speeds: pct_speed_unit"),
    C("added_at_ms", "INTEGER NOT NULL", OPERATIONAL, ACCESS, ROW, "UTC ms"), END};

const pct_table_schema pct_schema_access[] = {
    {"account", "name", "Accounts: who may sign in.", account_columns, NULL, "WITHOUT ROWID", NULL},
    {"session", "token_hash", "Sessions: who is signed in.", session_columns, NULL, "WITHOUT ROWID", NULL},
    {"token", "token_hash", "API tokens: programs that act in an account's name.", token_columns, NULL,
     "WITHOUT ROWID", NULL},
    {"recovery", "code_hash", "Codes to get in once without the second factor.", recovery_columns, NULL,
     "WITHOUT ROWID", NULL},
    {"secret", "name", "Secrets of signing in.", secret_columns, NULL, "WITHOUT ROWID", NULL},
    {"device", "id_hash", "Devices: which unit a position is of.", device_columns, NULL, "WITHOUT ROWID",
     NULL},
    {0}};

/* Columns that a file from before does not have yet: each has a default, or may be NULL. */
static int add_columns(sqlite3 *database, const pct_table_schema *t) {
    int code = SQLITE_OK;
    for (const pct_column *c = t->columns; c->name && code == SQLITE_OK; c++) {
        if (sqlite3_table_column_metadata(database, NULL, t->name, c->name, NULL, NULL, NULL, NULL, NULL) ==
            SQLITE_OK)
            continue;
        pct_buffer sql = pct_buffer_init(PCT_SCHEMA_BYTES_MAX);
        (void)pct_buffer_append_format(&sql, "ALTER TABLE %s ADD COLUMN %s %s", t->name, c->name, c->sql);
        const char *text = pct_buffer_chars(&sql);
        code = sql.failed ? SQLITE_NOMEM : sqlite3_exec(database, text, NULL, NULL, NULL);
        pct_buffer_dispose(&sql);
    }
    return code;
}

int pct_access_make_tables(sqlite3 *database, const char *name) {
    pct_buffer sql = pct_buffer_init(PCT_SCHEMA_BYTES_MAX);
    for (const pct_table_schema *t = pct_schema_access; t->name; t++)
        if (!name || strcmp(t->name, name) == 0) pct_schema_write(t, &sql);
    const char *text = pct_buffer_chars(&sql);
    int code = sql.failed ? SQLITE_NOMEM : sqlite3_exec(database, text, NULL, NULL, NULL);
    pct_buffer_dispose(&sql);
    for (const pct_table_schema *t = pct_schema_access; t->name && code == SQLITE_OK; t++)
        if (!name || strcmp(t->name, name) == 0) code = add_columns(database, t);
    return code;
}
