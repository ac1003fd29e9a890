/* A desk on a disk that loses power, with a clock and random bytes that repeat, clients that draw commands from a seed, and
 * a ledger of its own of everything that was acknowledged. */
#ifndef PCT_TESTS_SUPPORT_DESK_WORLD_H
#define PCT_TESTS_SUPPORT_DESK_WORLD_H

#include "base/rng.h"
#include "desk/desk.h"
#include "ledger/merkle.h"
#include "store/tables.h"
#include "support/power_disk.h"

enum { DESK_WORLD_ACKS_MAX = 4096 };

typedef struct desk_ack {
    char key[24];
    unsigned char body[PCT_STORE_HASH_BYTES];
    pct_command_kind kind;
    pct_id object;
    int64_t first_seq, last_seq;
    char words[40];
    bool is_job;
} desk_ack;

typedef struct desk_pending {
    struct desk_world *world;
    desk_ack ack;
} desk_pending;

typedef struct desk_world {
    pct_codes *codes;
    pct_store *store;
    pct_desk *desk;
    pct_rng rng, secrets;
    pct_random random;
    pct_key_keeper keeper;
    const pct_retention_plan *retention; /* of the desk; NULL: none */
    unsigned char agency;                /* every byte of the agency's key; 0: keys lie bare */
    bool erases;                         /* an event may stand without its key */
    int64_t now_ms, keys_made;
    desk_ack acks[DESK_WORLD_ACKS_MAX];
    size_t ack_count, answered, failed, refused;
    desk_pending pending[64];
    size_t pending_count;
    /* digest of the board after the acknowledged event acked_seq[i] */
    int64_t digest_seq[DESK_WORLD_ACKS_MAX];
    uint64_t digests[DESK_WORLD_ACKS_MAX];
    size_t digest_count;
} desk_world;

/* The disk must be there. The codes are shared by all worlds of a process. */
void desk_world_init(desk_world *w, uint64_t seed);
void desk_world_dispose(desk_world *w);
pct_status desk_world_open(desk_world *w, pct_error *error);
void desk_world_close(desk_world *w);
/* For tests that begin with an empty disk and have no faults in mind: what fails here fails the test. */
void desk_world_begin(desk_world *w, uint64_t seed); /* a new disk, nothing open yet */
void desk_world_start(desk_world *w);
void desk_world_restart(desk_world *w);
void desk_world_end(desk_world *w); /* with its disk */

/* Submits up to `most` random commands and makes one step. Acknowledged ones are in the ledger afterwards. */
pct_status desk_world_step(desk_world *w, uint32_t most, pct_error *error);
/* A `done`: counts, and writes what is acknowledged to the ledger. context: a desk_pending. */
void desk_world_acknowledged(void *context, const pct_desk_reply *reply);
pct_desk_request desk_world_call(const char *key, const char *words);
/* Runs one request by itself; the reply's error is copied to *error. */
pct_desk_reply desk_world_do(desk_world *w, const pct_desk_request *request, pct_error *error);

/* What is wrong with the record on the disk; NULL: nothing. Opens and closes it, checks both databases, the log, all that
 * was acknowledged, and the board against one made from the events alone. */
const char *desk_world_find_fault(desk_world *w, bool tables_too);
uint64_t desk_world_board_digest(pct_desk *desk);

#endif
