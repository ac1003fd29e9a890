/* A witness's HTTP side: POST /add-checkpoint of https://c2sp.org/tlog-witness, and nothing else. One thread, on a loopback
 * address; a proxy with TLS in front carries it further. Bodies, times and connections are bounded. */
#ifndef PCT_SERVER_WITNESS_H
#define PCT_SERVER_WITNESS_H

#include "base/message.h"
#include "site/witness.h"

typedef struct pct_witness_server pct_witness_server;

/* `witness` outlives the server and is used by its thread alone. *port 0: any free one, set to the one taken. */
pct_status pct_witness_server_start(pct_witness *witness, const char *address, uint16_t *port,
                                    pct_language language, pct_witness_server **out,
                                    pct_error *error) PCT_MUST_USE;
void pct_witness_server_stop(pct_witness_server *server);

#endif
