/* Growable bytes with a maximum that is stated when the buffer is made (after curl's dynbuf).
 *
 * Appending is amortised O(1). The first failure sticks: later appends do nothing and return the same status,
 * so a writer may append many times and check once with pct_buffer_status(). Disposing accepts a zeroed
 * buffer. Text appended is not NUL-terminated; pct_buffer_chars() is. */
#ifndef PCT_BASE_BUFFER_H
#define PCT_BASE_BUFFER_H

#include "base/status.h"

typedef struct pct_buffer {
    unsigned char *bytes;
    size_t length, capacity, max_bytes;
    pct_status failed; /* PCT_OK, PCT_MEMORY or PCT_LIMIT */
} pct_buffer;

pct_buffer pct_buffer_init(size_t max_bytes);
void pct_buffer_dispose(pct_buffer *buffer);
void pct_buffer_clear(pct_buffer *buffer); /* keeps the memory, forgets content and failure */

pct_status pct_buffer_append(pct_buffer *buffer, const void *bytes, size_t length);
pct_status pct_buffer_append_byte(pct_buffer *buffer, unsigned char byte);
pct_status pct_buffer_append_text(pct_buffer *buffer, const char *chars);
pct_status pct_buffer_append_format(pct_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for `length` more bytes, counted as appended; NULL on failure. */
unsigned char *pct_buffer_extend(pct_buffer *buffer, size_t length);

pct_status pct_buffer_status(const pct_buffer *buffer, pct_error *error) PCT_MUST_USE;
const char *pct_buffer_chars(pct_buffer *buffer); /* "" after a failure */

#endif
