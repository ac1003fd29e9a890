/* One request and its reply, between the server and a handler.
 *
 * The server fills the upper part; every value there has been checked against the endpoint's description, so that a
 * handler reads without checking again. The handler fills the lower part. Memory: texts of the request hold until the
 * exchange ends; `arena` is the handler's, `reply` goes out as it is.
 *
 * Later replies. A handler that must wait for the desk calls exchange->suspend, submits, and returns PCT_OK; the callback
 * fills `failed`, `error` and `reply` and calls exchange->resume last. No thread sleeps meanwhile. Between the two calls
 * the exchange belongs to the callback. What has to follow the commit but does not belong on the writer's thread goes into
 * exchange->finish: a thread of the server calls it after resume, unless the desk refused. */
#ifndef PCT_RESOURCE_EXCHANGE_H
#define PCT_RESOURCE_EXCHANGE_H

#include "access/accounts.h"
#include "desk/desk.h"
#include "resource/endpoint.h"
#include "resource/service.h"
#include "resource/stream.h"

#define PCT_COOKIE_TLS    "__Host-session" /* a browser takes it from TLS only */
#define PCT_COOKIE_PLAIN  "precinct_session"
#define PCT_BROWSER_TLS   "__Host-browser"
#define PCT_BROWSER_PLAIN "precinct_browser"
#define PCT_OPENID_TLS    "__Host-openid" /* a sign-in that was begun (access/openid.h) */
#define PCT_OPENID_PLAIN  "precinct_openid"

enum {
    PCT_REPLY_MAX = 64 << 20,
    PCT_ETAG_MAX = 24,
    PCT_COOKIE_MAX = 160,
    PCT_BROWSER_MAX = 320,
    PCT_ADDRESS_TEXT = 46,
    PCT_IDEMPOTENCY_KEY_MIN = 8
};

struct pct_exchange {
    pct_service *service;
    const pct_endpoint *endpoint;
    pct_text path_values[PCT_PATH_VALUES_MAX],
        query_values[16]; /* in the order of the description; no chars: absent */
    json_t *body;         /* NULL without one */
    pct_text body_bytes;
    pct_text idempotency_key, if_match, last_event_id;
    pct_text host;                  /* as the client names us */
    pct_identity identity;          /* of who is signed in */
    pct_text token;                 /* of the session; empty when nobody is signed in */
    char address[PCT_ADDRESS_TEXT]; /* of the client, of endpoints that are handled aside */
    bool local;                     /* at the machine itself */
    pct_text browser;               /* the cookie by which a browser is known again */
    pct_text openid;                /* the cookie of a sign-in that was begun with the provider */
    pct_role role;                  /* in which the endpoint is used */
    pct_request lifted_by;          /* approved by another, and held; id.seq 0: none */
    pct_language language;
    bool accepts_gzip;
    bool tls;                /* the client reaches us by TLS */
    int64_t now_ms, wall_ms; /* by the desk's clock; by the wall, for sessions alone */
    pct_arena arena;

    pct_buffer reply;
    const char *content_type; /* NULL: application/json */
    const char *cache;        /* Cache-Control; NULL: not kept, or asked for again by its tag */
    bool gzip;                /* the reply is packed; only where accepts_gzip */
    int status_code;          /* 0: the endpoint's success */
    char etag[PCT_ETAG_MAX];  /* with quotes; empty: none */
    char cookie[PCT_COOKIE_MAX], browser_cookie[PCT_BROWSER_MAX]; /* empty: none */
    const char *location;                                         /* where the browser goes on; NULL: none */
    int retry_after_s;                                            /* 0: none */
    int64_t looked_seq; /* of the event of a look at what is sealed */
    pct_id made;        /* by a command that was taken, for `finish`; with the seq of its last event */
    int64_t made_seq;
    bool streams; /* the reply is a stream of events, from `stream` on */
    pct_stream_cursor stream;
    struct proof *proof; /* of a synthetic call (probe.h) */
    bool synthetic;      /* it came with the probe's token */
    bool gone;           /* what the path names is not on the board */
    bool repeats;        /* out of reach by now, and done by this account before: told again or refused */
    bool waiting;        /* set by suspend */
    pct_status (*finish)(pct_exchange *exchange, pct_error *error); /* NULL: the reply is there on resume */
    pct_status failed;                                              /* of a later reply, with its error */
    pct_error error;
    char field[PCT_API_CODE_MAX]; /* which member of the request an error is about; empty: none */
    void (*suspend)(pct_exchange *exchange);
    void (*resume)(pct_exchange *exchange);
};

/* The value of a parameter by name. Query parameters that were not given have no chars. */
pct_text pct_exchange_path(const pct_exchange *exchange, const char *name);
pct_text pct_exchange_query(const pct_exchange *exchange, const char *name);
/* A query parameter of type int; `otherwise` when it was not given. */
int64_t pct_exchange_query_int(const pct_exchange *exchange, const char *name, int64_t otherwise);
/* A query parameter of type bool; false when it was not given. */
bool pct_exchange_query_flag(const pct_exchange *exchange, const char *name);
/* A query parameter of type position; false when it was not given. */
bool pct_exchange_query_position(const pct_exchange *exchange, const char *name, pct_position *out);
/* A path or query parameter of type id. */
pct_id pct_exchange_id(const pct_exchange *exchange, const char *name);
/* A member of the body of type text; empty when it is absent. */
pct_text pct_exchange_text(const pct_exchange *exchange, const char *name);

/* Checks path, query and body against the endpoint's description; a failure names the field in exchange->field. */
pct_status pct_exchange_check(pct_exchange *exchange, pct_error *error) PCT_MUST_USE;
/* Parses a body: JSON, an object, nested at most PCT_BODY_DEPTH_MAX deep. */
enum { PCT_BODY_DEPTH_MAX = 8 };
pct_status pct_exchange_parse_body(pct_exchange *exchange, pct_text bytes, pct_error *error) PCT_MUST_USE;

/* Sets the strong entity tag of the reply as it stands. */
void pct_exchange_tag(pct_exchange *exchange);
/* PCT_CHECK_FAILED when the request names another tag (If-Match) than that of `current`. */
pct_status pct_exchange_check_match(pct_exchange *exchange, pct_text current, pct_error *error) PCT_MUST_USE;

/* Members of the replies. */
void pct_json_id_member(pct_json_writer *json, const char *key, pct_id id); /* null when seq is 0 */
void pct_json_time_member(pct_json_writer *json, const char *key, int64_t utc_ms,
                          const pct_zone *zone); /* null when 0; RFC 3339 with the site's offset */
void pct_json_position_member(pct_json_writer *json, const char *key, bool has, pct_position position);
/* speed_kmh and heading; null where they are negative. */
void pct_json_motion_members(pct_json_writer *json, int32_t speed_cms, int32_t heading_deg);
void pct_json_text_member(pct_json_writer *json, const char *key, pct_text text);

#endif
