/* Protocol Buffers wire format, as much of it as OpenStreetMap PBF needs
 * (https://protobuf.dev/programming-guides/encoding).
 *
 * Reading. A pct_wire is a span of bytes that is used up from the front; nothing is copied or allocated.
 *
 *     pct_wire wire = pct_wire_of(bytes, length);
 *     pct_wire_field field;
 *     while (pct_wire_next(&wire, &field))
 *         switch (field.tag) {
 *         case PCT_WIRE_NUMBER(1): id = (int64_t)field.value; break;
 *         case PCT_WIRE_BYTES(8): refs = field.bytes; break;     // packed numbers: pct_wire_varint(&refs) …
 *         }
 *     if (wire.failed) …                                         // it was cut or is no such format
 *
 * Every read is checked against the end. The first failure sticks: the span is then empty and reads give 0, so
 * that a message may be read to its end and judged once. Fields of unknown number are passed over.
 *
 * Writing appends to a pct_buffer, whose failures stick likewise. */
#ifndef PCT_OSM_WIRE_H
#define PCT_OSM_WIRE_H

#include <stdbool.h>

#include "base/buffer.h"

typedef struct pct_wire {
    const unsigned char *at, *end;
    bool failed;
} pct_wire;

/* Number and wire type of a field, as they stand before it. */
#define PCT_WIRE_NUMBER(number) ((number) << 3)
#define PCT_WIRE_BYTES(number)  ((number) << 3 | 2)

typedef struct pct_wire_field {
    uint64_t tag;
    uint64_t value; /* of a number */
    pct_wire bytes; /* of bytes: texts, messages, packed numbers */
} pct_wire_field;

pct_wire pct_wire_of(const void *bytes, size_t length);
size_t pct_wire_length(pct_wire wire);
/* false at the end and after a failure. */
bool pct_wire_next(pct_wire *wire, pct_wire_field *field);
uint64_t pct_wire_varint(pct_wire *wire);
int64_t pct_wire_zigzag(pct_wire *wire);
int64_t pct_wire_unzigzag(uint64_t value); /* of a number field */
/* How many varints the span holds; a cut last one is not counted. O(bytes). */
size_t pct_wire_count(pct_wire wire);

void pct_wire_put_varint(pct_buffer *out, uint64_t value);
void pct_wire_put_zigzag(pct_buffer *out, int64_t value);
/* A field: its tag, then the number or the bytes. */
void pct_wire_put_number(pct_buffer *out, uint32_t tag, uint64_t value);
void pct_wire_put_bytes(pct_buffer *out, uint32_t tag, const void *bytes, size_t length);
/* The same from a buffer, whose failure it takes over. */
void pct_wire_put_buffer(pct_buffer *out, uint32_t tag, const pct_buffer *content);

#endif
