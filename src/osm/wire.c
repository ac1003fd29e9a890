#include "osm/wire.h"

enum { VARINT_BYTES_MAX = 10, TYPE_NUMBER = 0, TYPE_FIXED64 = 1, TYPE_BYTES = 2, TYPE_FIXED32 = 5 };

pct_wire pct_wire_of(const void *bytes, size_t length) {
    const unsigned char *at = bytes;
    return (pct_wire){at, length ? at + length : at, false};
}

size_t pct_wire_length(pct_wire wire) {
    return (size_t)(wire.end - wire.at);
}

static uint64_t fail(pct_wire *wire) {
    wire->at = wire->end;
    wire->failed = true;
    return 0;
}

uint64_t pct_wire_varint(pct_wire *wire) {
    const unsigned char *at = wire->at, *end = wire->end;
    if (at < end && *at < 0x80) {
        wire->at = at + 1;
        return *at;
    }
    uint64_t value = 0;
    for (int i = 0; i < VARINT_BYTES_MAX && at < end; i++) {
        uint64_t byte = *at++;
        /* The tenth byte has room for one bit of 64. */
        if (i == VARINT_BYTES_MAX - 1 && byte > 1) return fail(wire);
        value |= (byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            wire->at = at;
            return value;
        }
    }
    return fail(wire);
}

int64_t pct_wire_unzigzag(uint64_t value) {
    return (int64_t)((value >> 1) ^ (0 - (value & 1)));
}

int64_t pct_wire_zigzag(pct_wire *wire) {
    return pct_wire_unzigzag(pct_wire_varint(wire));
}

size_t pct_wire_count(pct_wire wire) {
    size_t count = 0;
    for (const unsigned char *at = wire.at; at < wire.end; at++) count += *at < 0x80;
    return count;
}

static pct_wire take(pct_wire *wire, uint64_t length) {
    if (length > pct_wire_length(*wire)) {
        fail(wire);
        return (pct_wire){wire->end, wire->end, true};
    }
    pct_wire taken = {wire->at, wire->at + length, false};
    wire->at += length;
    return taken;
}

bool pct_wire_next(pct_wire *wire, pct_wire_field *field) {
    if (wire->at == wire->end) return false;
    *field = (pct_wire_field){.tag = pct_wire_varint(wire)};
    if (field->tag >> 3 == 0) fail(wire);
    switch (field->tag & 7) {
    case TYPE_NUMBER: field->value = pct_wire_varint(wire); break;
    case TYPE_FIXED64: field->bytes = take(wire, 8); break;
    case TYPE_BYTES: field->bytes = take(wire, pct_wire_varint(wire)); break;
    case TYPE_FIXED32: field->bytes = take(wire, 4); break;
    default: fail(wire);
    }
    return !wire->failed;
}

void pct_wire_put_varint(pct_buffer *out, uint64_t value) {
    unsigned char bytes[VARINT_BYTES_MAX];
    size_t n = 0;
    for (; value >= 0x80; value >>= 7) bytes[n++] = (unsigned char)(value | 0x80);
    bytes[n++] = (unsigned char)value;
    (void)pct_buffer_append(out, bytes, n);
}

void pct_wire_put_zigzag(pct_buffer *out, int64_t value) {
    pct_wire_put_varint(out, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void pct_wire_put_number(pct_buffer *out, uint32_t tag, uint64_t value) {
    pct_wire_put_varint(out, tag);
    pct_wire_put_varint(out, value);
}

void pct_wire_put_bytes(pct_buffer *out, uint32_t tag, const void *bytes, size_t length) {
    pct_wire_put_varint(out, tag);
    pct_wire_put_varint(out, length);
    (void)pct_buffer_append(out, bytes, length);
}

void pct_wire_put_buffer(pct_buffer *out, uint32_t tag, const pct_buffer *content) {
    if (content->failed && !out->failed) out->failed = content->failed;
    pct_wire_put_bytes(out, tag, content->bytes, content->length);
}
