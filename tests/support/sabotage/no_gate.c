/* Sabotage: a server without its gate: connections have no time to send their requests in, and are not counted. */
#include "server/gate.h"

void __wrap_pct_gate_notify(void *gate, struct MHD_Connection *connection, void **state,
                            enum MHD_ConnectionNotificationCode code);
pct_gate_connection *__wrap_pct_gate_of(struct MHD_Connection *connection);

void __wrap_pct_gate_notify(void *gate, struct MHD_Connection *connection, void **state,
                            enum MHD_ConnectionNotificationCode code) {
    (void)gate, (void)connection, (void)state, (void)code;
}

pct_gate_connection *__wrap_pct_gate_of(struct MHD_Connection *connection) {
    (void)connection;
    return NULL;
}
