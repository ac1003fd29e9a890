/* A load over HTTP/1.1 to a server on this machine: one thread, epoll, connections that are kept.
 *
 *     status = pct_load_new(&load, &error);
 *     status = pct_load_add_traffic(load, &calls, &error);       kinds of traffic run side by side, numbered as they came
 *     status = pct_load_add_readers(load, &consoles, &error);    streams of events
 *     status = pct_load_run(load, 20.0, &error);                 may be called again: every run counts from nothing
 *     figures = pct_load_figures_view(load, 0);
 *
 * A traffic is a closed loop (each of its clients asks again as soon as it is answered) or an open one: request n is meant for
 * start + n / rate whether or not the earlier ones are answered, and its latency counts from then, so that a server that
 * stalls cannot hide what it made others wait for. A run ends when its time is over and all is answered, at most
 * PCT_LOAD_DRAIN_S later; requests that were due and never sent or answered are counted as lost.
 *
 * A broken connection ends the run with PCT_IO. Cost of a request: one write, one read, what the callbacks do. Memory: a
 * connection's request and reply, 4 bytes for each request of a run. */
#ifndef PCT_CLI_LOAD_CLIENT_H
#define PCT_CLI_LOAD_CLIENT_H

#include <stdbool.h>

#include "base/buffer.h"

enum { PCT_LOAD_DRAIN_S = 5, PCT_LOAD_REPLY_MAX = 64 << 20, PCT_LOAD_REQUESTS_MAX = 1 << 24 };

typedef struct pct_load pct_load;

/* Appends the whole of a request, head and body. Numbers count up from 0 over all clients of the traffic and all runs. */
typedef void pct_load_write(void *context, uint64_t number, pct_buffer *out);
/* The body holds until the function returns. */
typedef void pct_load_answered(void *context, uint64_t number, int status, pct_text body);

typedef struct pct_load_traffic {
    uint16_t port; /* of 127.0.0.1 */
    uint32_t clients;
    double rate_per_s;   /* of all clients together; 0: a closed loop */
    uint64_t number_max; /* requests in all runs together; 0: no end but the run's */
    pct_load_write *write;
    pct_load_answered *answered; /* NULL: nobody asks */
    void *context;
} pct_load_traffic;

/* One event of a stream; texts hold until the function returns. */
typedef struct pct_load_event {
    pct_text name, data;
    int64_t id;  /* -1: it has none */
    double at_s; /* when its last byte was there, by pct_cli_seconds */
} pct_load_event;
typedef void pct_load_take_event(void *context, uint32_t reader, const pct_load_event *event);

typedef struct pct_load_readers {
    uint16_t port;
    uint32_t count;
    pct_text request; /* borrowed until the readers are added */
    pct_load_take_event *take;
    void *context;
} pct_load_readers;

typedef struct pct_load_figures {
    uint64_t sent, answered, lost;
    uint64_t good, refused, failed; /* 2xx; 3xx and 4xx; the others */
    double seconds;                 /* from the start to the last answer */
    double median_ms, p99_ms, max_ms;
} pct_load_figures;

pct_status pct_load_new(pct_load **out, pct_error *error) PCT_MUST_USE;
void pct_load_free(pct_load *load); /* accepts NULL */
pct_status pct_load_add_traffic(pct_load *load, const pct_load_traffic *traffic,
                                pct_error *error) PCT_MUST_USE;
/* Connects and asks at once. */
pct_status pct_load_add_readers(pct_load *load, const pct_load_readers *readers,
                                pct_error *error) PCT_MUST_USE;
pct_status pct_load_run(pct_load *load, double seconds, pct_error *error) PCT_MUST_USE;
/* Of the last run. O(n log n) in its requests. */
pct_load_figures pct_load_figures_view(pct_load *load, size_t traffic);

#endif
