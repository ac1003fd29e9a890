/* Which refusals are of note. Not those that honest work meets every day: something that is gone, a stale view, a session that ended,
 * a rule of the desk. What a request brought never gets into the log: the endpoint is named as our table names it. */
#include <string.h>

#include "server/internal.h"

static bool is_of_note(const pct_web_request *r) {
    switch (r->x.status_code) {
    case 401:
        return r->x.token.length > 0 || pct_web_header(r->connection, "Authorization").chars ||
               r->x.endpoint == NULL || r->x.endpoint->entry == PCT_ENTRY_OPEN;
    case 404: return r->x.endpoint == NULL;
    case 400:
    case 403:
    case 405:
    case 413:
    case 415:
    case 429: return true;
    default: return false;
    }
}

void pct_web_note(const pct_web_request *r) {
    const pct_endpoint *endpoint = r->x.endpoint;
    if (!is_of_note(r)) return;
    const pct_security_line line = {.wall_ms = r->x.wall_ms,
                                    .address = pct_web_address(r),
                                    .what = r->what ? r->what : "refused",
                                    .status = r->x.status_code,
                                    .method = endpoint ? endpoint->method : NULL,
                                    .endpoint = endpoint ? endpoint->path : NULL};
    pct_security_log_write(r->server->security, &line);
}

void pct_web_note_gate(void *context, uint32_t address, const char *what, int status) {
    pct_server *server = context;
    for (int i = 0; i < PCT_ENDED_COUNT; i++)
        if (strcmp(what, pct_ended_names[i]) == 0)
            (void)atomic_fetch_add(&server->service->counters.ended[i], 1);
    const pct_security_line line = {
        .wall_ms = server->service->wall_ms(), .address = address, .what = what, .status = status};
    pct_security_log_write(server->security, &line);
}
