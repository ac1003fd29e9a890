/* Endpoints: what the server offers, described in api/, one JSON file for each resource; tools/gen_api.py writes the
 * table, the OpenAPI document and the TypeScript types.
 *
 * The server (floor 8) finds the endpoint, checks who asks and what came in, and calls its handler with an exchange; a
 * handler looks at desk, maps and accounts and writes its reply into the exchange. Handlers may be called by several
 * threads at once; they keep nothing between calls. */
#ifndef PCT_RESOURCE_ENDPOINT_H
#define PCT_RESOURCE_ENDPOINT_H

#include "access/identity.h"
#include "base/json.h"
#include "base/message.h"
#include "dispatch/board.h"

typedef enum pct_api_type {
    PCT_API_TEXT,
    PCT_API_CODE,
    PCT_API_INT,
    PCT_API_REAL,
    PCT_API_BOOL,
    PCT_API_ID,
    PCT_API_TIME,
    PCT_API_POSITION,
    PCT_API_ROAD,
    PCT_API_ENUM,
    PCT_API_JSON /* a document, which its own reader checks */
} pct_api_type;

enum { PCT_API_OPTIONAL = 1, PCT_API_LIST = 2, PCT_API_CODE_MAX = 48 };

/* A parameter, or a member of a body. */
typedef struct pct_api_field {
    const char *name;
    uint8_t type, flags;
    char kind;                 /* of an id */
    int64_t min, max;          /* of a number; of a text: its bytes */
    int64_t list_max;          /* most items of a list */
    const char *const *values; /* of an enum; ends with NULL */
} pct_api_field;

/* What sets the values of a list in a query apart: positions have commas of their own. */
static inline char pct_api_separator(const pct_api_field *field) {
    return field->type == PCT_API_POSITION ? ';' : ',';
}

typedef enum pct_entry { PCT_ENTRY_ROLES, PCT_ENTRY_SIGNED_IN, PCT_ENTRY_OPEN } pct_entry;

typedef struct pct_exchange pct_exchange;

typedef struct pct_endpoint {
    const char *name, *method, *path;
    pct_entry entry;
    pct_role_set rights;                  /* those that may, within some scope; only with PCT_ENTRY_ROLES */
    pct_role_set scopes[PCT_SCOPE_COUNT]; /* of them, those that may within this one */
    bool unmasks;     /* shows what is sealed: beyond the scope by broken glass or two persons */
    bool may_be_open; /* to everybody, where the site makes its log public */
    bool aside;       /* takes long: handled on the thread for signing in */
    const pct_api_field *path_fields, *query, *body;
    uint32_t path_count, query_count, body_count;
    pct_command_kind command;
    pct_event_type event; /* PCT_EVENT_NONE: it submits no command */
    int success;          /* HTTP status when all went well */
    /* PCT_OK: the reply is in the exchange. PCT_BUSY with exchange->waiting: it comes later (exchange.h). */
    pct_status (*handle)(pct_exchange *exchange, pct_error *error);
} pct_endpoint;

extern const pct_endpoint pct_endpoints[];
extern const size_t pct_endpoint_count;
extern const pct_text pct_openapi_document;

enum { PCT_PATH_VALUES_MAX = 4 };

/* Finds the endpoint of a method and path and the texts of its path parameters. PCT_NOT_FOUND: no such path;
 * PCT_REFUSED: the path is there, but not for this method (*allowed: a list of those that are). O(endpoints). */
pct_status pct_endpoint_find(pct_text method, pct_text path, const pct_endpoint **out,
                             pct_text values[PCT_PATH_VALUES_MAX], pct_buffer *allowed) PCT_MUST_USE;

#endif
