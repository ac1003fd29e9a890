/* Base64 (RFC 4648): the standard alphabet with padding, or the one for URLs without.
 *
 * Reading is strict, so that bytes have one spelling: no white space, no other alphabet, padding exactly as the variant
 * has it, and the bits behind the last byte are zero. O(length); nothing is allocated. */
#ifndef PCT_BASE_BASE64_H
#define PCT_BASE_BASE64_H

#include <stdbool.h>

#include "base/buffer.h"

typedef enum pct_base64 { PCT_BASE64_STANDARD, PCT_BASE64_URL } pct_base64;

pct_status pct_base64_append(pct_buffer *out, pct_base64 variant, const void *bytes, size_t length);
/* The number of bytes that `text` stands for; false when it is not base64 of this variant. */
bool pct_base64_check(pct_base64 variant, pct_text text, size_t *length);
/* Writes them; `text` has passed pct_base64_check. */
void pct_base64_read(pct_text text, unsigned char *out);

#endif
