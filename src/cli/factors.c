#include "cli/factors.h"

#include <stdio.h>

pct_status pct_factors_open(pct_accounts *accounts, const pct_agency *agency, pct_error *error) {
    pct_status status = pct_factors_unlock(accounts, agency->key.bytes, error);
    if (status != PCT_REFUSED) return status;
    pct_buffer text = pct_buffer_init(1 << 12);
    (void)pct_error_render(error, PCT_EN, &text);
    (void)fprintf(stderr, "precinct: %s\n", pct_buffer_chars(&text));
    pct_buffer_dispose(&text);
    return PCT_OK;
}
