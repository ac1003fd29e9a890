#include "access/totp.h"

#include <gnutls/crypto.h>
#include <sodium.h>
#include <stdio.h>

enum { MILLION = 1000000, BITS = 5, SHA1_BYTES = 20 };

uint32_t pct_totp_code(const unsigned char secret[PCT_TOTP_SECRET], int64_t step) {
    unsigned char counter[8], hash[SHA1_BYTES] = {0};
    for (int i = 0; i < 8; i++) counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA1, secret, PCT_TOTP_SECRET, counter, sizeof counter, hash) != 0)
        return MILLION; /* which no code is: a machine that forbids SHA-1 lets nobody in by it */
    const unsigned char *at = hash + (hash[SHA1_BYTES - 1] & 15); /* RFC 4226, 5.3 */
    uint32_t value = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return value % MILLION;
}

int64_t pct_totp_find(const unsigned char secret[PCT_TOTP_SECRET], pct_text code, int64_t now_ms,
                      int64_t after) {
    int64_t now = now_ms / PCT_TOTP_STEP_MS, found = -1;
    if (code.length != PCT_TOTP_DIGITS) return -1;
    for (int64_t step = now + PCT_TOTP_WINDOW; step >= now - PCT_TOTP_WINDOW; step--) {
        char digits[PCT_TOTP_DIGITS + 1];
        uint32_t value = pct_totp_code(secret, step);
        (void)snprintf(digits, sizeof digits, "%06u", value % MILLION);
        if (step > after && value < MILLION && sodium_memcmp(digits, code.chars, PCT_TOTP_DIGITS) == 0)
            found = step;
    }
    return found;
}

/* RFC 4648 base32; 20 bytes are 32 letters without padding. */
void pct_totp_write(const unsigned char secret[PCT_TOTP_SECRET], char out[PCT_TOTP_TEXT]) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (int i = 0; i < PCT_TOTP_TEXT - 1; i++) {
        int bit = i * BITS, byte = bit / 8, shift = 11 - bit % 8;
        unsigned pair = (unsigned)secret[byte] << 8 | (byte + 1 < PCT_TOTP_SECRET ? secret[byte + 1] : 0u);
        out[i] = letters[pair >> shift & 31];
    }
    out[PCT_TOTP_TEXT - 1] = '\0';
}

pct_status pct_totp_uri(const char *secret, pct_text account, pct_buffer *out) {
    return pct_buffer_append_format(out, "otpauth://totp/Precinct:%.*s?secret=%s&issuer=Precinct",
                                    (int)account.length, account.chars, secret);
}
