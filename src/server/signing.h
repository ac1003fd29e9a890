/* Signing in, on a thread of its own. To check a password costs some 50 ms of a core and 64 MiB, on purpose; on a thread that serves
 * connections everybody else of it would wait for that, and a dozen wrong passwords a second would hold up calls. Here such requests
 * wait for each other alone, suspended. Who is known (the machine itself, browsers in which somebody signed in before) goes before
 * strangers and has a queue of his own, so that no crowd of strangers holds up a desk for longer than one check. Who comes when
 * PCT_SIGNING_MAX wait in his queue, or PCT_SIGNING_PER_ADDRESS of the same address, is told to come again (429 with Retry-After).
 *
 *     serve ──hand_over──► two queues ──thread──► endpoint->handle ──resume──► reply
 *
 * The thread takes a core that is idle and displaces nobody (SCHED_BATCH). Which endpoints are meant: `aside` in their description. */
#ifndef PCT_SERVER_SIGNING_H
#define PCT_SERVER_SIGNING_H

#include <stdbool.h>

#include "base/status.h"

enum { PCT_SIGNING_MAX = 64, PCT_SIGNING_PER_ADDRESS = 16, PCT_SIGNING_RETRY_S = 2 };

typedef struct pct_signing pct_signing;
struct pct_web_request;

pct_status pct_signing_start(pct_signing **out, pct_error *error) PCT_MUST_USE;
/* What waits is refused, and so is what comes later. Accepts NULL, as free does. */
void pct_signing_end(pct_signing *signing);
void pct_signing_free(pct_signing *signing);
/* PCT_OK: the request is suspended, and belongs to the thread until it is resumed. PCT_BUSY: no room. Any thread. */
pct_status pct_signing_hand_over(pct_signing *signing, struct pct_web_request *request, bool known,
                                 pct_error *error) PCT_MUST_USE;

#endif
