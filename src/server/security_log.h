/* The security log: one line of JSON for each refused request of note, in security.log of the site's folder.
 *
 *     {"at":"2026-11-22T09:00:00.000Z","address":"10.0.0.7","what":"web_origin","status":403,"endpoint":"POST /api/v1/calls"}
 *
 * A line holds what we say of a request, never what came in it: no path, name, cookie or word of it. Lines beyond PCT_SECURITY_LINES_S a
 * second (after PCT_SECURITY_BURST at once) are counted, and the next line says how many (`left_out`). Two files of
 * PCT_SECURITY_BYTES at most: security.log and the one before it, security.log.1. A log that cannot be written holds up nothing. */
#ifndef PCT_SERVER_SECURITY_LOG_H
#define PCT_SERVER_SECURITY_LOG_H

#include "base/status.h"

enum { PCT_SECURITY_LINES_S = 50, PCT_SECURITY_BURST = 2000, PCT_SECURITY_BYTES = 4 << 20 };

typedef struct pct_security_log pct_security_log;

pct_status pct_security_log_open(const char *folder, pct_security_log **out, pct_error *error) PCT_MUST_USE;
void pct_security_log_close(pct_security_log *log);

typedef struct pct_security_line {
    int64_t wall_ms;
    uint32_t address;              /* IPv4, as in sin_addr; 0: not known */
    const char *what;              /* a word of ours */
    int status;                    /* 0: the connection was closed without an answer */
    const char *method, *endpoint; /* of our own table; NULL: none */
} pct_security_line;

/* Any thread; NULL log: nothing happens. */
void pct_security_log_write(pct_security_log *log, const pct_security_line *line);

#endif
