/* The service without HTTP, on a disk that loses power: desk, store, spool and resources in one thread, on a clock and a disk that
 * repeat, and clients that keep what they asked and what they were told.
 *
 *     client ──ask──► endpoint, exchange, handler ──► intake ──► desk ──► store ──► power disk
 *       ▲                                                │
 *       └── 201 done · 202 kept · 4xx refused · else it asks again, with the same key, as long as nobody answers
 *
 *     service_world_init(seed) ─► open ─► step, step … ─► close ─► power_disk_restore ─► open …
 *
 * What is wrong is said by service_world_find_fault, which believes nothing that the service says of itself but the stored bytes: each
 * acknowledged ask has its events, once; nothing refused was done; looks stand in the log; time never goes back; the rest is
 * desk_world_find_fault's. */
#ifndef PCT_TESTS_SUPPORT_SERVICE_WORLD_H
#define PCT_TESTS_SUPPORT_SERVICE_WORLD_H

#include "access/acts.h"
#include "resource/exchange.h"
#include "support/desk_world.h"

enum { SERVICE_ASKS_MAX = 3000, SERVICE_LOOKS_MAX = 1000, SERVICE_TALKS = 12, SERVICE_RESERVE = 32 << 10 };

typedef enum ask_state { ASK_OPEN, ASK_KEPT, ASK_DONE, ASK_REFUSED } ask_state;

typedef struct service_ask {
    char key[16], path[40], body[160], words[24];
    ask_state state;
    bool was_kept, is_call, in_talk;
    enum { ERASED_NOT, ERASED_PERHAPS, ERASED } erased;
    pct_id object;
    int64_t seq, receipt;
} service_ask;

typedef struct service_look {
    int64_t seq, call;
} service_look;

typedef struct service_talk {
    pct_exchange x; /* first */
    struct service_world *world;
    service_ask *ask, look;
    int64_t looked_at; /* a call's number; 0: it is an ask */
    bool taken, resumed;
} service_talk;

typedef struct service_world {
    desk_world desk;
    pct_site site;
    pct_service service;
    pct_intake *intake;
    bool is_open;
    int64_t waited_ms; /* of the clocks by which is waited; it never goes back */
    service_talk talks[SERVICE_TALKS];
    service_ask asks[SERVICE_ASKS_MAX];
    size_t ask_count;
    service_look looks[SERVICE_LOOKS_MAX];
    size_t look_count;
    int64_t approved[64]; /* requests that a second person approved */
    size_t approved_count;
    uint64_t answered, kept, erased, repeated;
    const char *fault; /* seen on the way */
} service_world;

/* From here to dispose all clocks of the process show the world's time. */
void service_world_init(service_world *w, uint64_t seed);
void service_world_dispose(service_world *w);
pct_status service_world_open(service_world *w, pct_error *error);
/* Whoever waits is told, or is not: a client that hears nothing asks again later. */
void service_world_close(service_world *w);
/* A few clients ask, somebody looks, time passes, the desk and the spool's thread come round. Fails as the desk failed. */
pct_status service_world_step(service_world *w, pct_error *error);
/* One ask of the test's own, the same once more, a look; they come back when it is answered, or nobody answers. */
service_ask *service_world_ask(service_world *w, const char *path, const char *body);
void service_world_ask_again(service_world *w, service_ask *ask);
void service_world_look(service_world *w, int64_t call);
/* An erasure, the tables made again, or an act of two persons. */
void service_world_clerk(service_world *w);
/* All that is open is asked again until it is answered, and all that was answered once more: the same answers must come. */
const char *service_world_settle(service_world *w);
/* NULL: nothing. Leaves it closed. */
const char *service_world_find_fault(service_world *w, bool tables_too);

#endif
