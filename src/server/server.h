/* The HTTP adapter: bytes to exchanges and back (libmicrohttpd, epoll, a few threads). No domain logic.
 *
 *     status = pct_server_bind(&options, &sockets, error);     its ports are known and taken; nobody is answered yet
 *     status = pct_server_start(&options, &sockets, &server, error);     serves from here on
 *     pct_server_stop(server);                                 ends streams, waits for commands in flight
 *
 * A request goes: limits (size, time, nesting; gate.h) → where from (Host, Origin) → endpoint → session → rights → what came in
 * → handler → reply. Every refusal is a problem document (RFC 9457) in the reader's language. A request that waits for
 * the desk, and a stream without news, sleep without a thread. Memory: PCT_CONNECTION_MEMORY for each connection, a body
 * of at most PCT_BODY_MAX (and 48 bytes for each position of a list), a reply of at most PCT_REPLY_MAX. */
#ifndef PCT_SERVER_SERVER_H
#define PCT_SERVER_SERVER_H

#include "resource/service.h"
#include "server/assets.h"
#include "server/tls.h"

enum {
    PCT_BODY_MAX = 64 << 10,
    PCT_BODY_READ_MAX =
        16 << 20, /* of a body beyond its limit so much is read and thrown away, so that the 413 is read */
    PCT_CONNECTION_MEMORY = 16 << 10 /* so much may request line and headers be: 414 and 431 beyond */
};

typedef struct pct_server pct_server;

typedef struct pct_server_options {
    pct_service *service;
    const pct_assets *assets;   /* the console's files; NULL: none */
    const char *address;        /* IPv4: a loopback address, unless there is TLS */
    uint16_t port;              /* 0: any free one */
    uint16_t positions_port;    /* of the listener for devices; 0: any free one */
    const char *synthetic_type; /* of synthetic calls; only with service->probe */
    pct_tls *tls;               /* both listeners speak it; NULL: plain HTTP, on loopback or behind a proxy */
    const char *
        origin; /* "https://…" under which a proxy with TLS, or our own TLS, shows us; NULL: loopback names */
} pct_server_options;

/* Bound before anything else is opened: what a process may bind is taken away from it afterwards (confine.h). */
typedef struct pct_server_sockets {
    int fd, positions_fd; /* -1: none */
    uint16_t port, positions_port;
} pct_server_sockets;
#define PCT_SERVER_SOCKETS_NONE ((pct_server_sockets){.fd = -1, .positions_fd = -1})

/* PCT_BUSY when a port is taken. Only address, origin and ports of the options are looked at. */
pct_status pct_server_bind(const pct_server_options *options, pct_server_sockets *out,
                           pct_error *error) PCT_MUST_USE;
void pct_server_unbind(pct_server_sockets *sockets);
/* Takes the sockets, also when it fails. */
pct_status pct_server_start(const pct_server_options *options, pct_server_sockets *sockets, pct_server **out,
                            pct_error *error) PCT_MUST_USE;
uint16_t pct_server_port(const pct_server *server);
uint16_t pct_server_positions_port(const pct_server *server);
void pct_server_stop(pct_server *server);

#endif
