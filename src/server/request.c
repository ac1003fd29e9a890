/* One request: from the first byte to the reply. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "resource/probe.h"
#include "resource/scope.h"
#include "resource/session.h"
#include "server/internal.h"

enum { ARENA_MAX = 64 << 20 };

static void suspend(pct_exchange *x) {
    pct_web_request *r = (pct_web_request *)(void *)x;
    x->waiting = true;
    (void)atomic_fetch_add(&r->server->suspended, 1);
    MHD_suspend_connection(r->connection);
}

static void resume(pct_exchange *x) {
    pct_web_request *r = (pct_web_request *)(void *)x;
    pct_server *server = r->server;
    MHD_resume_connection(r->connection); /* from here on the request may be gone */
    (void)atomic_fetch_sub(&server->suspended, 1);
}

/* What a body may hold: lists of positions and documents need room beyond the usual. */
static size_t body_max(pct_text method, pct_text path) {
    enum { POSITION_BYTES = 48 };
    const pct_endpoint *endpoint;
    pct_text values[PCT_PATH_VALUES_MAX];
    size_t most = PCT_BODY_MAX;
    pct_buffer allowed = pct_buffer_init(64);
    pct_status status = pct_endpoint_find(method, path, &endpoint, values, &allowed);
    pct_buffer_dispose(&allowed);
    for (uint32_t i = 0; status == PCT_OK && i < endpoint->body_count; i++)
        if (endpoint->body[i].type == PCT_API_POSITION && endpoint->body[i].flags & PCT_API_LIST)
            most += (size_t)endpoint->body[i].list_max * POSITION_BYTES;
        else if (endpoint->body[i].type == PCT_API_JSON)
            most += (size_t)endpoint->body[i].max;
    return most;
}

static pct_web_request *begin(pct_server *server, struct MHD_Connection *connection, const char *url,
                              const char *method) {
    pct_web_request *r = pct_alloc_zeroed(1, sizeof *r);
    if (!r) return NULL;
    r->server = server, r->connection = connection, r->gate = pct_gate_of(connection);
    r->allowed = pct_buffer_init(64);
    r->x = (pct_exchange){.service = server->service,
                          .tls = server->origin || server->tls,
                          .now_ms = pct_service_now_ms(server->service),
                          .wall_ms = server->service->wall_ms(),
                          .arena = pct_arena_init(ARENA_MAX),
                          .reply = pct_buffer_init(PCT_REPLY_MAX),
                          .suspend = suspend,
                          .resume = resume};
    pct_text accept = pct_web_header(connection, "Accept-Language");
    r->x.language = pct_web_language(accept.chars ? accept.chars : "");
    pct_text encodings = pct_web_header(connection, "Accept-Encoding");
    r->x.accepts_gzip = encodings.chars && memmem(encodings.chars, encodings.length, "gzip", 4) != NULL;
    r->path = pct_text_of(pct_arena_text(&r->x.arena, url, strlen(url)));
    r->method = pct_text_of(pct_arena_text(&r->x.arena, method, strlen(method)));
    bool brings = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
    r->body = pct_buffer_init(brings ? body_max(r->method, r->path) : PCT_BODY_MAX);
    return r;
}

/* Known before the body is read: a declared length beyond the limit. */
static pct_status check_length(pct_web_request *r, pct_error *error) {
    int64_t length = 0;
    pct_text declared = pct_web_header(r->connection, "Content-Length");
    if (declared.chars && (!pct_text_to_integer(declared, &length) || length > (int64_t)r->body.max_bytes)) {
        r->x.status_code = 413;
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_WEB_BODY_TOO_LARGE, pct_int((int64_t)r->body.max_bytes));
    }
    return PCT_OK;
}

/* A body beyond its limit is read to its end before it is refused: to most clients a connection that ends while they send is a
 * fault of the network. Not when it is larger than is worth that, nor when the client waits for leave to send it. */
static bool is_read_first(const pct_web_request *r) {
    int64_t length;
    return pct_text_to_integer(pct_web_header(r->connection, "Content-Length"), &length) &&
           length <= PCT_BODY_READ_MAX && !pct_web_header(r->connection, "Expect").chars;
}

static pct_status find_endpoint(pct_web_request *r, pct_error *error) {
    pct_status status = pct_endpoint_find(r->method, r->path, &r->x.endpoint, r->x.path_values, &r->allowed);
    if (status == PCT_NOT_FOUND)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_WEB_NO_PATH,
                        pct_view(pct_text_is_utf8(r->path) ? r->path : pct_text_of("?")));
    if (status) {
        r->x.status_code = 405;
        return PCT_FAIL(error, status, PCT_MSG_WEB_METHOD, pct_view(r->method),
                        pct_str(pct_buffer_chars(&r->allowed)));
    }
    return PCT_OK;
}

/* The server's own synthetic call: it may do this one thing, and reaches nothing that is on the board. */
static bool is_synthetic(pct_web_request *r) {
    pct_exchange *x = &r->x;
    x->synthetic = x->endpoint->command == PCT_COMMAND_RECEIVE_CALL &&
                   x->endpoint->event == PCT_EVENT_CALL_RECEIVED &&
                   pct_probe_knows(x->service->probe, pct_web_header(r->connection, PCT_PROBE_HEADER));
    if (x->synthetic) x->role = PCT_ROLE_SYSTEM;
    return x->synthetic;
}

static bool is_open(const pct_exchange *x) {
    return x->endpoint->entry == PCT_ENTRY_OPEN || (x->endpoint->may_be_open && x->service->site->log_public);
}

static pct_status authenticate(pct_web_request *r, pct_error *error) {
    pct_exchange *x = &r->x;
    if (is_open(x)) return PCT_OK;
    if (is_synthetic(r)) return PCT_OK;
    pct_status status = pct_web_credentials(r, error);
    if (!status)
        status = pct_accounts_session(x->service->accounts, x->token, x->wall_ms, &x->identity, error);
    if (!status) status = pct_web_check_token(r, error);
    if (status == PCT_REFUSED && pct_web_pay_forged(r, error) != PCT_OK) return PCT_BUSY;
    if (!status) pct_gate_prove(r->gate);
    if (!status) pct_web_know(r);
    if (!status) status = pct_rights_fill(x->service->rights, &x->identity, error);
    if (!status) pct_resource_session_narrow(x->service, &x->identity);
    if (!status) pct_acts_fill(x->service->acts, &x->identity, x->now_ms);
    if (status == PCT_REFUSED && !x->status_code) x->status_code = 401;
    return status;
}

static pct_status authorise(pct_web_request *r, pct_error *error) {
    pct_exchange *x = &r->x;
    if (x->endpoint->entry != PCT_ENTRY_ROLES || x->synthetic || is_open(x)) return PCT_OK;
    x->role = pct_access_role_for(x->identity.roles, x->endpoint->rights);
    if (x->role != PCT_ROLE_NONE) return PCT_OK;
    pct_buffer roles = pct_buffer_init(PCT_ROLES_TEXT_MAX);
    pct_roles_write(x->endpoint->rights, &roles);
    x->status_code = 403;
    pct_status status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_WEB_NOT_ALLOWED, pct_str(x->identity.account),
                                 pct_str(pct_buffer_chars(&roles)));
    pct_buffer_dispose(&roles);
    return status;
}

typedef struct query_reader {
    pct_web_request *request;
    pct_error *error;
    pct_status status;
} query_reader;

static enum MHD_Result take_query(void *context, enum MHD_ValueKind kind, const char *key, size_t key_length,
                                  const char *value, size_t length) {
    query_reader *reader = context;
    pct_exchange *x = &reader->request->x;
    (void)kind;
    for (uint32_t i = 0; i < x->endpoint->query_count; i++) {
        if (!pct_text_equal((pct_text){key, key_length}, x->endpoint->query[i].name)) continue;
        if (x->query_values[i].chars) break;
        x->query_values[i] = (pct_text){value ? value : "", value ? length : 0};
        return MHD_YES;
    }
    pct_text shown = {key, key_length < PCT_API_CODE_MAX ? key_length : PCT_API_CODE_MAX - 1};
    if (!pct_text_is_utf8(shown)) shown = pct_text_of("?");
    reader->status = PCT_FAIL(reader->error, PCT_INPUT, PCT_MSG_API_QUERY, pct_view(shown));
    memcpy(x->field, shown.chars, shown.length);
    return MHD_NO;
}

/* application/json, with or without parameters behind it; not application/jsonp. */
static bool is_json(pct_text type) {
    pct_text media;
    return pct_text_next(&type, ';', &media) &&
           pct_text_trim(media).length == sizeof "application/json" - 1 &&
           strncasecmp(pct_text_trim(media).chars, "application/json", sizeof "application/json" - 1) == 0;
}

/* Which headers a request must have, by what it does. */
static pct_status check_headers(pct_web_request *r, pct_error *error) {
    pct_exchange *x = &r->x;
    pct_text type = pct_web_header(r->connection, "Content-Type");
    x->host = pct_web_header(r->connection, "Host");
    x->if_match = pct_web_header(r->connection, "If-Match");
    x->last_event_id = pct_web_header(r->connection, "Last-Event-ID");
    x->idempotency_key = pct_web_header(r->connection, "Idempotency-Key");
    if (r->body.length > 0 && !is_json(type)) {
        x->status_code = 415;
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_WEB_CONTENT_TYPE, pct_view(type));
    }
    if (x->endpoint->event == PCT_EVENT_NONE) return PCT_OK;
    if (x->idempotency_key.length < PCT_IDEMPOTENCY_KEY_MIN ||
        x->idempotency_key.length > PCT_EVENT_KEY_MAX || !pct_text_is_utf8(x->idempotency_key)) {
        x->status_code = x->idempotency_key.length == 0 ? 428 : 400;
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_WEB_IDEMPOTENCY_KEY, pct_int(PCT_IDEMPOTENCY_KEY_MIN),
                        pct_int(PCT_EVENT_KEY_MAX));
    }
    return PCT_OK;
}

static pct_status read_input(pct_web_request *r, pct_error *error) {
    pct_exchange *x = &r->x;
    query_reader reader = {r, error, PCT_OK};
    (void)MHD_get_connection_values_n(r->connection, MHD_GET_ARGUMENT_KIND, take_query, &reader);
    if (reader.status) return reader.status;
    pct_text bytes = {(const char *)r->body.bytes, r->body.length};
    bool wants_body = x->endpoint->body_count > 0;
    if (wants_body || bytes.length > 0) {
        pct_status status = pct_exchange_parse_body(x, bytes, error);
        if (status) return status;
    }
    return pct_exchange_check(x, error);
}

/* A file of the console; it is public: it holds nothing of the site. */
static bool serve_asset(pct_web_request *r) {
    bool reads = pct_text_equal(r->method, "GET") || pct_text_equal(r->method, "HEAD");
    r->asset = reads ? pct_asset_find(r->server->assets, r->path) : NULL;
    if (!r->asset) return false;
    r->x.content_type = r->asset->content_type;
    r->x.status_code = 200;
    (void)pct_buffer_append(&r->x.reply, r->asset->bytes.chars, r->asset->bytes.length);
    pct_exchange_tag(&r->x);
    return true;
}

static pct_status hand_over(pct_web_request *r, pct_error *error) {
    return pct_signing_hand_over(r->server->signing, r, pct_resource_session_is_known(&r->x), error);
}

static pct_status serve(pct_web_request *r, pct_error *error) {
    pct_web_client(r);
    pct_status status = r->early ? r->early : pct_web_guard(r, error);
    if (!status && pct_buffer_status(&r->body, NULL) != PCT_OK) {
        r->x.status_code = 413;
        status = PCT_FAIL(error, PCT_LIMIT, PCT_MSG_WEB_BODY_TOO_LARGE, pct_int((int64_t)r->body.max_bytes));
    }
    if (!status && serve_asset(r)) return pct_web_pay_file(r, error);
    if (!status) status = find_endpoint(r, error);
    if (!status) status = pct_web_pay(r, error);
    if (!status) status = authenticate(r, error);
    if (!status) status = authorise(r, error);
    if (!status) status = check_headers(r, error);
    if (!status) status = read_input(r, error);
    if (!status) status = pct_scope_check(&r->x, error);
    if (!status && r->x.endpoint->aside) return hand_over(r, error);
    return status ? status : r->x.endpoint->handle(&r->x, error);
}

static void header(struct MHD_Response *response, const char *name, const char *value) {
    (void)MHD_add_response_header(response, name, value);
}

/* Pages run our own scripts alone, and their map's in a worker; data is never a page. */
static const char asset_policy[] = "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; "
                                   "object-src 'none'; base-uri 'none'; "
                                   "form-action 'self'; frame-ancestors 'none'";
static const char data_policy[] = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/* A browser that hears Basic asks for a password in a window of its own: only who came with the header does. */
static void add_challenge(const pct_web_request *r, struct MHD_Response *response) {
    if (!pct_web_header(r->connection, "Authorization").chars) {
        header(response, "WWW-Authenticate", "Cookie realm=\"precinct\"");
        return;
    }
    header(response, "WWW-Authenticate", "Bearer realm=\"precinct\"");
    header(response, "WWW-Authenticate", "Basic realm=\"precinct\", charset=\"UTF-8\"");
}

static void add_headers(const pct_web_request *r, struct MHD_Response *response) {
    const pct_exchange *x = &r->x;
    header(response, "Content-Type", x->content_type ? x->content_type : "application/json");
    header(response, "Cache-Control", x->cache ? x->cache : x->etag[0] ? "private, no-cache" : "no-store");
    header(response, "Vary", "Accept-Language, Accept-Encoding");
    if (x->gzip) header(response, "Content-Encoding", "gzip");
    header(response, "X-Content-Type-Options", "nosniff");
    header(response, "X-Frame-Options", "DENY");
    header(response, "Content-Security-Policy", r->asset ? asset_policy : data_policy);
    header(response, "Referrer-Policy", "no-referrer");
    header(response, "Cross-Origin-Resource-Policy", "same-origin");
    header(response, "Cross-Origin-Opener-Policy", "same-origin");
    header(response, "Content-Language", x->language == PCT_ZH ? "zh" : "en");
    if (x->tls) header(response, "Strict-Transport-Security", "max-age=31536000");
    if (x->etag[0]) header(response, "ETag", x->etag);
    if (x->cookie[0]) header(response, "Set-Cookie", x->cookie);
    if (x->browser_cookie[0]) header(response, "Set-Cookie", x->browser_cookie);
    if (x->location && x->status_code / 100 == 3) header(response, "Location", x->location);
    if (x->streams) header(response, "X-Accel-Buffering", "no");
    if (x->status_code == 405)
        header(response, "Allow", r->allowed.length ? (const char *)r->allowed.bytes : "");
    if (x->status_code == 413 || r->is_last) header(response, "Connection", "close");
    if (x->status_code == 401) add_challenge(r, response);
    if (x->retry_after_s > 0) {
        pct_buffer seconds = pct_buffer_init(16);
        (void)pct_buffer_append_format(&seconds, "%d", x->retry_after_s);
        header(response, "Retry-After", pct_buffer_chars(&seconds));
        pct_buffer_dispose(&seconds);
    }
}

static void count(const pct_web_request *r) {
    pct_service_counters *c = &r->server->service->counters;
    (void)atomic_fetch_add(&c->requests, 1);
    if (r->x.status_code >= 500)
        (void)atomic_fetch_add(&c->failed, 1);
    else if (r->x.status_code >= 400)
        (void)atomic_fetch_add(&c->refused, 1);
}

/* The reply as it stands in the exchange. */
static enum MHD_Result answer(pct_web_request *r, struct MHD_Connection *connection) {
    pct_exchange *x = &r->x;
    if (pct_buffer_status(&x->reply, NULL) != PCT_OK) {
        pct_error error;
        pct_status status = pct_error_memory(&error, x->reply.length);
        x->status_code = 0;
        pct_web_problem(r, status, &error);
    }
    if (x->status_code == 0) x->status_code = x->endpoint->success;
    (void)pct_buffer_chars(&r->allowed);
    pct_text match = pct_web_header(connection, "If-None-Match");
    if (x->status_code == 200 && x->etag[0] && pct_text_equal(match, x->etag)) {
        x->status_code = 304;
        pct_buffer_clear(&x->reply);
    }
    struct MHD_Response *response =
        x->streams
            ? pct_hub_response(r->server->hub, connection, x)
            : MHD_create_response_from_buffer(x->reply.length, x->reply.bytes ? (void *)x->reply.bytes : "",
                                              MHD_RESPMEM_PERSISTENT);
    if (!response) return MHD_NO;
    r->answered = true;
    add_headers(r, response);
    count(r);
    pct_web_note(r);
    if (!pct_gate_enter(r->gate, x->streams ? PCT_GATE_SERVING : PCT_GATE_REPLY)) {
        MHD_destroy_response(response);
        return MHD_NO;
    }
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned)x->status_code, response);
    MHD_destroy_response(response);
    return queued;
}

enum MHD_Result pct_web_handle(void *context, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_size, void **request) {
    pct_web_request *r = *request;
    if (!r) {
        *request = r = begin(context, connection, url, method);
        if (!r || !pct_gate_enter(r->gate, PCT_GATE_BODY)) return MHD_NO;
        r->early = pct_web_framing(r, version, &r->x.error);
        r->is_last = r->early != PCT_OK;
        if (!r->early) r->early = check_length(r, &r->x.error);
        if (!r->early || (!r->is_last && is_read_first(r))) return MHD_YES;
        pct_web_problem(r, r->early, &r->x.error);
        return answer(r, connection);
    }
    if (*upload_size > 0) {
        r->came_bytes += *upload_size;
        if (r->came_bytes > PCT_BODY_READ_MAX) return MHD_NO; /* in chunks, without a length */
        if (!r->early) (void)pct_buffer_append(&r->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (!r->handled) {
        pct_error error = r->x.error;
        if (!pct_gate_enter(r->gate, PCT_GATE_SERVING)) return MHD_NO;
        r->handled = true;
        pct_status status = serve(r, &error);
        if (r->x.waiting) return MHD_YES;
        if (status) pct_web_problem(r, status, &error);
    } else if (r->x.failed) {
        pct_web_problem(r, r->x.failed, &r->x.error);
    } else if (r->x.finish) {
        pct_status status = r->x.finish(&r->x, &r->x.error);
        if (status) pct_web_problem(r, status, &r->x.error);
    }
    return answer(r, connection);
}

void pct_web_complete(void *context, struct MHD_Connection *connection, void **request,
                      enum MHD_RequestTerminationCode why) {
    pct_web_request *r = *request;
    (void)connection;
    if (!r) return;
    if (r->x.lifted_by.id.seq) pct_acts_let_go(r->x.service->acts, r->x.lifted_by.id);
    if (!r->handled && !r->answered &&
        (why == MHD_REQUEST_TERMINATED_COMPLETED_OK || why == MHD_REQUEST_TERMINATED_WITH_ERROR))
        pct_web_note_gate(context, pct_gate_address(r->gate), "malformed", 400); /* by the library */
    (void)!pct_gate_enter(r->gate, PCT_GATE_BETWEEN);
    json_decref(r->x.body);
    pct_buffer_dispose(&r->x.reply);
    pct_buffer_dispose(&r->body);
    pct_buffer_dispose(&r->allowed);
    pct_arena_dispose(&r->x.arena);
    pct_free(r);
    *request = NULL;
}
