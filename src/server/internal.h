/* What the files of the server share. */
#ifndef PCT_SERVER_INTERNAL_H
#define PCT_SERVER_INTERNAL_H

#include <microhttpd.h>

#include "resource/exchange.h"
#include "server/gate.h"
#include "server/quota.h"
#include "server/security_log.h"
#include "server/server.h"
#include "server/signing.h"

typedef struct pct_hub pct_hub;

struct pct_server {
    pct_service *service;
    const char *origin;
    pct_tls *tls; /* our own */
    const pct_assets *assets;
    struct MHD_Daemon *daemon, *positions;
    struct MHD_Response *positions_reply; /* empty: the same for all */
    uint16_t port, positions_port;
    atomic_int suspended; /* requests that wait for the desk */
    pct_hub *hub;
    struct pct_prober *prober;
    pct_gate *gate, *positions_gate;
    pct_security_log *security;
    pct_signing *signing;
    pct_quota *quota;
};

/* One request from its first byte to the last of its reply. */
typedef struct pct_web_request {
    pct_exchange x; /* first: handlers know this part only */
    pct_server *server;
    struct MHD_Connection *connection;
    pct_gate_connection *gate; /* may be NULL */
    pct_text named;            /* the account that Basic names; no chars: none */
    const char *what;          /* of a refusal: its message's key */
    pct_text method, path;
    pct_buffer body, allowed;
    const pct_asset *asset;          /* a file of the console, when that is what is asked for */
    pct_status early;                /* found before the body came */
    size_t came_bytes;               /* of the body, kept or thrown away */
    bool handled, answered, is_last; /* is_last: the connection ends with it */
} pct_web_request;

/* request.c */
enum MHD_Result pct_web_handle(void *server, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_size, void **request);
void pct_web_complete(void *server, struct MHD_Connection *connection, void **request,
                      enum MHD_RequestTerminationCode why);
/* problem.c: the reply becomes a problem document. */
void pct_web_problem(pct_web_request *request, pct_status status, const pct_error *error);
/* framing.c: is it clear where the request ends? PCT_INPUT otherwise, and the connection ends with the reply. */
pct_status pct_web_framing(pct_web_request *request, const char *version, pct_error *error) PCT_MUST_USE;
/* watched.c: a line of the security log, when the reply is a refusal of note. */
void pct_web_note(const pct_web_request *request);
/* The same of what ended at a gate: a pct_gate_tell with the server as context. */
void pct_web_note_gate(void *server, uint32_t address, const char *what, int status);
/* guard.c: may this come from where it comes from? PCT_REFUSED otherwise. */
pct_status pct_web_guard(pct_web_request *request, pct_error *error) PCT_MUST_USE;
/* credentials.c: the token of the session's cookie, or of the header Authorization, into x->token. PCT_REFUSED when both
 * came, or the header holds no API token. */
pct_status pct_web_credentials(pct_web_request *request, pct_error *error) PCT_MUST_USE;
/* Is who asks, by now known, the one that the header names, and may a token of that kind do this? */
pct_status pct_web_check_token(pct_web_request *request, pct_error *error) PCT_MUST_USE;
/* allowance.c: what a request costs its address (quota.h). PCT_BUSY: it is refused with 429. A file of the console; anything else, by its
 * endpoint; a session or token that turned out to be none; and that one turned out to be good. */
pct_status pct_web_pay_file(pct_web_request *request, pct_error *error) PCT_MUST_USE;
pct_status pct_web_pay(pct_web_request *request, pct_error *error) PCT_MUST_USE;
pct_status pct_web_pay_forged(pct_web_request *request, pct_error *error) PCT_MUST_USE;
void pct_web_know(const pct_web_request *request);
/* client.c: who is at the other end, into address, local and browser of the exchange. */
void pct_web_client(pct_web_request *request);
/* For the security log: as there, of version 4; else the peer's. */
uint32_t pct_web_address(const pct_web_request *request);
pct_language pct_web_language(const char *accept);
pct_text pct_web_header(struct MHD_Connection *connection, const char *name);

/* stream.c */
pct_status pct_hub_start(pct_service *service, pct_hub **out, pct_error *error) PCT_MUST_USE;
void pct_hub_end_streams(pct_hub *hub); /* and takes no new ones */
void pct_hub_stop(pct_hub *hub);
/* The reply of a stream; NULL without memory. */
struct MHD_Response *pct_hub_response(pct_hub *hub, struct MHD_Connection *connection,
                                      const pct_exchange *exchange);

/* positions.c */
enum MHD_Result pct_positions_handle(void *server, struct MHD_Connection *connection, const char *url,
                                     const char *method, const char *version, const char *upload,
                                     size_t *upload_size, void **request);
void pct_positions_complete(void *server, struct MHD_Connection *connection, void **request,
                            enum MHD_RequestTerminationCode why);

#endif
