/* Any bytes as an ID token, against keys of each kind, and as keys: refused, never taken: nobody signed them. */
#include <stdlib.h>
#include <string.h>

#include "access/openid_token.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static const char keys[] =
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static void try_token(const char *json, size_t json_length, pct_text token) {
    const pct_openid_expected expected = {"https://id.example", "precinct", "n", "sub", 1760000000};
    char who[PCT_OPENID_WHO_MAX + 1];
    json_t *set = json_loadb(json, json_length, JSON_REJECT_DUPLICATES, NULL);
    if (pct_openid_token_check(set, token, &expected, who, NULL) == PCT_OK) abort();
    json_decref(set);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    static const char token[] = "eyJhbGciOiJFZERTQSJ9.e30.AAAA";
    try_token(keys, sizeof keys - 1, (pct_text){(const char *)bytes, length});
    try_token((const char *)bytes, length, pct_text_of(token));
    return 0;
}
