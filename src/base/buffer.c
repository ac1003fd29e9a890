#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 256 };

pct_buffer pct_buffer_init(size_t max_bytes) {
    return (pct_buffer){.max_bytes = max_bytes};
}

void pct_buffer_dispose(pct_buffer *buffer) {
    pct_free(buffer->bytes);
    *buffer = pct_buffer_init(buffer->max_bytes);
}

void pct_buffer_clear(pct_buffer *buffer) {
    pct_memory_forget(buffer->bytes, buffer->length);
    buffer->length = 0;
    buffer->failed = PCT_OK;
}

/* Makes room for `more` bytes and one NUL behind them. */
static pct_status reserve(pct_buffer *buffer, size_t more) {
    if (buffer->failed) return buffer->failed;
    if (more > buffer->max_bytes - buffer->length) return buffer->failed = PCT_LIMIT;
    size_t needed = buffer->length + more + 1;
    if (needed <= buffer->capacity) return PCT_OK;
    size_t capacity = buffer->capacity ? buffer->capacity * 2 : FIRST_CAPACITY;
    if (capacity > buffer->max_bytes) capacity = buffer->max_bytes + 1;
    if (capacity < needed) capacity = needed;
    unsigned char *bytes = pct_realloc(buffer->bytes, capacity, 1);
    if (!bytes) return buffer->failed = PCT_MEMORY;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return PCT_OK;
}

unsigned char *pct_buffer_extend(pct_buffer *buffer, size_t length) {
    if (reserve(buffer, length)) return NULL;
    unsigned char *room = buffer->bytes + buffer->length;
    buffer->length += length;
    return room;
}

pct_status pct_buffer_append(pct_buffer *buffer, const void *bytes, size_t length) {
    unsigned char *room = pct_buffer_extend(buffer, length);
    if (room && length > 0) memcpy(room, bytes, length);
    return buffer->failed;
}

pct_status pct_buffer_append_byte(pct_buffer *buffer, unsigned char byte) {
    return pct_buffer_append(buffer, &byte, 1);
}

pct_status pct_buffer_append_text(pct_buffer *buffer, const char *chars) {
    return pct_buffer_append(buffer, chars, strlen(chars));
}

pct_status pct_buffer_append_format(pct_buffer *buffer, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length >= 0 && reserve(buffer, (size_t)length) == PCT_OK) {
        (void)vsnprintf((char *)buffer->bytes + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
    return buffer->failed;
}

pct_status pct_buffer_status(const pct_buffer *buffer, pct_error *error) {
    if (buffer->failed == PCT_LIMIT)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_BUFFER),
                        pct_int((int64_t)buffer->max_bytes));
    if (buffer->failed) return pct_error_memory(error, buffer->capacity);
    return PCT_OK;
}

const char *pct_buffer_chars(pct_buffer *buffer) {
    if (reserve(buffer, 0)) return "";
    buffer->bytes[buffer->length] = '\0';
    return (const char *)buffer->bytes;
}
