/* What comes over a connection of the load client: replies and streams of events, read as they arrive. No sockets here. */
#ifndef PCT_CLI_LOAD_WIRE_H
#define PCT_CLI_LOAD_WIRE_H

#include <stdbool.h>

#include "base/buffer.h"

typedef struct pct_wire_reply {
    int status;
    bool chunked;
    size_t head_bytes, body_bytes; /* as declared; no body when nothing is declared */
} pct_wire_reply;

/* PCT_OK with a whole head, PCT_NOT_FOUND while more has to come, PCT_INPUT when this is no HTTP/1.1 reply. */
pct_status pct_wire_read_head(pct_text bytes, pct_wire_reply *out) PCT_MUST_USE;

/* A chunked body on its way (RFC 9112, 7.1; no trailers). */
typedef struct pct_wire_chunks {
    enum { PCT_WIRE_SIZE, PCT_WIRE_DATA, PCT_WIRE_AFTER_DATA, PCT_WIRE_END } at;
    uint64_t left;
} pct_wire_chunks;

/* Appends what `bytes` carry of the body to `out`; PCT_INPUT when they are no chunks. */
pct_status pct_wire_unpack(pct_wire_chunks *chunks, pct_text bytes, pct_buffer *out) PCT_MUST_USE;

/* The next whole event in bytes[*from …]: its parts, and *from behind it. False while more has to come. Comments are
 * passed over; an event has one line of data, as our server writes them. */
typedef struct pct_wire_event {
    pct_text name, data;
    int64_t id; /* -1: none */
} pct_wire_event;
bool pct_wire_next_event(pct_text bytes, size_t *from, pct_wire_event *out);

#endif
