/* Codes of an authenticator (RFC 6238 over RFC 4226): HMAC-SHA-1, 6 digits, a new one every 30 s, as the apps have it. Pure; O(1). */
#ifndef PCT_ACCESS_TOTP_H
#define PCT_ACCESS_TOTP_H

#include <stdbool.h>

#include "base/buffer.h"

enum {
    PCT_TOTP_SECRET = 20, /* bytes; RFC 4226 asks for as many as the hash has */
    PCT_TOTP_TEXT = 33,   /* of a secret in base32, and a NUL */
    PCT_TOTP_DIGITS = 6,
    PCT_TOTP_STEP_MS = 30000,
    PCT_TOTP_WINDOW = 1 /* steps before and after: clocks differ, and people type slowly */
};

/* Below a million; a million when the library has no SHA-1 here. */
uint32_t pct_totp_code(const unsigned char secret[PCT_TOTP_SECRET], int64_t step);
/* The step within the window, behind `after`, whose code this is; -1: none. Of two that match, the earlier one. */
int64_t pct_totp_find(const unsigned char secret[PCT_TOTP_SECRET], pct_text code, int64_t now_ms,
                      int64_t after);
void pct_totp_write(const unsigned char secret[PCT_TOTP_SECRET], char out[PCT_TOTP_TEXT]);
/* otpauth://totp/Precinct:anna?secret=…&issuer=Precinct: what apps read from a picture. An account's name needs no escape. */
pct_status pct_totp_uri(const char *secret, pct_text account, pct_buffer *out);

#endif
