/* The gate of a listener: how many connections there are, from where, and how long a request may take to come and a reply to go.
 *
 * A client that sends or reads slowly holds a connection, not a thread; the gate sees to it that it does not hold it for long, and that
 * many of them keep nobody out:
 * - From the first byte to the end of its headers a request has PCT_HEADER_S, its body PCT_BODY_S, a reply PCT_REPLY_S on its way to the
 *   reader, the silence between two requests PCT_IDLE_S; all in total, however many bytes come meanwhile. Beyond: 408, and the end.
 *   A request that waits for the desk, and a stream, have no such limit.
 * - PCT_CONNECTIONS_MAX connections. The last PCT_CONNECTIONS_RESERVE are for this machine and for addresses that are known (quota.h): for
 * each new connection beyond,
 *   that one ends which has been sending its request for longest and never showed a session. Who is signed in is never ended for another.
 * - PCT_CONNECTIONS_PER_ADDRESS without a session from one address, the machine's own (the console here, the proxy) apart. Beyond: 429.
 *
 * Over TLS the same words are said, by the thread that serves the connection (a session of GnuTLS belongs to one): to who has agreed on
 * keys, and, PCT_GATE_FAREWELLS a second, to who is one too many and agrees within PCT_GATE_FAREWELL_S; the others just end. */
#ifndef PCT_SERVER_GATE_H
#define PCT_SERVER_GATE_H

#include <microhttpd.h>
#include <stdbool.h>

#include "base/status.h"
#include "server/quota.h"
#include "server/tls.h"

enum {
    PCT_CONNECTIONS_MAX = 2000,
    PCT_CONNECTIONS_RESERVE = 200,
    PCT_CONNECTIONS_PER_ADDRESS = 256,
    PCT_HEADER_S = 10,
    PCT_BODY_S = 20,
    PCT_REPLY_S = 60,
    PCT_IDLE_S = 30,
    PCT_GATE_FAREWELLS = 100,
    PCT_GATE_FAREWELL_S = 10
};

typedef struct pct_gate pct_gate;
typedef struct pct_gate_connection pct_gate_connection;

typedef enum pct_gate_phase {
    PCT_GATE_HEADERS, /* of the first request; from the beginning of the connection */
    PCT_GATE_BETWEEN, /* silence, or headers of a later one */
    PCT_GATE_BODY,
    PCT_GATE_SERVING, /* ours: no limit */
    PCT_GATE_REPLY
} pct_gate_phase;

/* What is told of connections that end before an answer: any thread, with the gate's lock held. `what` is a word of ours. */
typedef void pct_gate_tell(void *context, uint32_t address, const char *what, int status);

typedef struct pct_gate_options {
    pct_gate_tell *tell;
    void *context;
    pct_tls *tls;                                  /* what connections begin with; NULL: plain HTTP */
    pct_quota *quota;                              /* NULL: connections cost nothing, nobody is known */
    int32_t header_ms, body_ms, reply_ms, idle_ms; /* of tests; 0: the limits above */
} pct_gate_options;
pct_status pct_gate_new(const pct_gate_options *options, pct_gate **out, pct_error *error) PCT_MUST_USE;
void pct_gate_free(pct_gate *gate);

/* For MHD_OPTION_NOTIFY_CONNECTION with the gate as context. */
void pct_gate_notify(void *gate, struct MHD_Connection *connection, void **state,
                     enum MHD_ConnectionNotificationCode code);
/* Of a connection that notify has seen; NULL otherwise, which all functions below bear. */
pct_gate_connection *pct_gate_of(struct MHD_Connection *connection);
/* The request goes on to its next phase. False: its time was over, and the connection is ending. */
bool pct_gate_enter(pct_gate_connection *connection, pct_gate_phase phase) PCT_MUST_USE;
/* A request of it showed a session. */
void pct_gate_prove(pct_gate_connection *connection);
uint32_t pct_gate_address(const pct_gate_connection *connection);

#endif
