/* Calls into SQLite that fail: the linker sends them through here (--wrap). Opening, preparing, binding, stepping, executing and
 * checkpointing count; nothing of SQLite's own inside does. */
#ifndef PCT_TESTS_SUPPORT_DATABASE_CALLS_H
#define PCT_TESTS_SUPPORT_DATABASE_CALLS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct database_fault {
    uint64_t at;   /* the number of the call from now on, from 1; 0: none */
    int code;      /* what it says */
    bool for_good; /* and every one after it */
    bool done;     /* it does its work and says that it failed; else it does nothing */
} database_fault;

void database_calls_arm(database_fault fault);
/* Did it come? */
bool database_calls_failed(void);
uint64_t database_calls_count(void); /* since it was armed */

#endif
