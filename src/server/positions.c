/* The listener for devices: any path, any of the four forms, on its own port. It obeys its clients' rules: everything
 * from a known device is answered 200, for a client repeats what is refused and holds back all that comes after it;
 * 400 (404 for JSON) is said to an unknown device alone. A request target without a leading slash is taken. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "resource/position_report.h"
#include "resource/probe.h"
#include "server/internal.h"

enum { FORM, JSON };

typedef struct position_request {
    pct_server *server;
    pct_gate_connection *gate;
    pct_buffer body;
    pct_position_report report;
} position_request;

static enum MHD_Result take_pair(void *context, enum MHD_ValueKind kind, const char *key, size_t key_length,
                                 const char *value, size_t length) {
    position_request *r = context;
    (void)kind;
    if (value)
        pct_position_report_set(&r->report, (pct_text){key, key_length}, (pct_text){value, length},
                                &r->server->service->site->zone);
    return MHD_YES;
}

static unsigned refusal(pct_taken taken, int form) {
    if (taken != PCT_TAKEN_UNKNOWN_DEVICE) return MHD_HTTP_OK;
    return form == JSON ? MHD_HTTP_NOT_FOUND : MHD_HTTP_BAD_REQUEST;
}

/* Many reports: refused only when no device among them is known. */
static unsigned take_json(position_request *r, int64_t now_ms) {
    pct_service *service = r->server->service;
    pct_error error;
    size_t count = 0;
    unsigned code = MHD_HTTP_BAD_REQUEST;
    pct_position_report *reports = pct_alloc(PCT_REPORTS_MAX, sizeof *reports);
    if (!reports) return MHD_HTTP_SERVICE_UNAVAILABLE;
    if (pct_position_report_json((pct_text){(const char *)r->body.bytes, r->body.length},
                                 &service->site->zone, reports, &count, &error) == PCT_OK)
        code = count > 0 ? MHD_HTTP_NOT_FOUND : MHD_HTTP_OK;
    for (size_t i = 0; i < count; i++)
        if (refusal(pct_resource_take_position(service, &reports[i], now_ms), JSON) == MHD_HTTP_OK)
            code = MHD_HTTP_OK;
    pct_free(reports);
    return code;
}

static unsigned take(position_request *r, struct MHD_Connection *connection) {
    pct_service *service = r->server->service;
    int64_t now_ms = service->wall_ms();
    pct_text body = pct_text_trim((pct_text){(const char *)r->body.bytes, r->body.length});
    if (pct_buffer_status(&r->body, NULL) != PCT_OK) return MHD_HTTP_CONTENT_TOO_LARGE;
    if (body.length > 0 && (body.chars[0] == '[' || body.chars[0] == '{')) return take_json(r, now_ms);
    (void)MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, take_pair, r);
    pct_position_report_form(&r->report, body, &service->site->zone);
    if (pct_probe_knows(service->probe, pct_text_of(r->report.device))) { /* our own: it concerns no unit */
        pct_probe_end(service->probe, PCT_WAY_POSITIONS, r->report.lat_deg > 0 && r->report.lon_deg > 0);
        return MHD_HTTP_OK;
    }
    return refusal(pct_resource_take_position(service, &r->report, now_ms), FORM);
}

enum MHD_Result pct_positions_handle(void *context, struct MHD_Connection *connection, const char *url,
                                     const char *method, const char *version, const char *upload,
                                     size_t *upload_size, void **request) {
    position_request *r = *request;
    (void)url, (void)version;
    if (!r) {
        r = pct_alloc_zeroed(1, sizeof *r);
        if (!r) return MHD_NO;
        r->server = context, r->gate = pct_gate_of(connection);
        r->body = pct_buffer_init(PCT_BODY_MAX);
        pct_position_report_init(&r->report);
        *request = r;
        return pct_gate_enter(r->gate, PCT_GATE_BODY) ? MHD_YES : MHD_NO;
    }
    if (*upload_size > 0) {
        (void)pct_buffer_append(&r->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (!pct_gate_enter(r->gate, PCT_GATE_REPLY)) return MHD_NO;
    bool known = strcmp(method, "GET") == 0 || strcmp(method, "POST") == 0;
    unsigned code = known ? take(r, connection) : MHD_HTTP_METHOD_NOT_ALLOWED;
    return MHD_queue_response(connection, code, r->server->positions_reply);
}

void pct_positions_complete(void *context, struct MHD_Connection *connection, void **request,
                            enum MHD_RequestTerminationCode why) {
    position_request *r = *request;
    (void)context, (void)connection, (void)why;
    if (!r) return;
    (void)!pct_gate_enter(r->gate, PCT_GATE_BETWEEN);
    pct_buffer_dispose(&r->body);
    pct_free(r);
    *request = NULL;
}
