#include "cli/own_time.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

enum { NUMBER_MAX = 24 };
static const char kind[] = "clock", name[] = "own";

pct_status pct_own_time_find(pct_store *store, int64_t *at_ms, pct_error *error) {
    pct_error why;
    pct_buffer bytes = pct_buffer_init(NUMBER_MAX);
    *at_ms = 0;
    pct_status status = pct_store_get_document(store, pct_text_of(kind), pct_text_of(name), 0, &bytes, &why);
    if (status && status != PCT_NOT_FOUND && error) *error = why;
    if (!status && !pct_text_to_integer((pct_text){(const char *)bytes.bytes, bytes.length}, at_ms))
        *at_ms = 0; /* the newest event is known in any case */
    pct_buffer_dispose(&bytes);
    return status;
}

static pct_status end_group(pct_store *store, pct_status status, pct_error *error) {
    if (!status) return pct_store_commit(store, error);
    pct_store_rollback(store);
    return status;
}

pct_status pct_own_time_begin(pct_store *store, int64_t at_ms, pct_error *error) {
    char number[NUMBER_MAX];
    int64_t known_ms;
    pct_status status = pct_own_time_find(store, &known_ms, error);
    if (status != PCT_NOT_FOUND) return status;
    (void)snprintf(number, sizeof number, "%" PRId64, at_ms);
    const pct_document mark = {pct_text_of(kind), pct_text_of(name), pct_text_of(number), 0};
    status = pct_store_begin(store, error);
    if (status) return status;
    return end_group(store, pct_store_put_document(store, &mark, error), error);
}

pct_status pct_own_time_end(pct_store *store, pct_error *error) {
    int64_t known_ms;
    pct_status status = pct_own_time_find(store, &known_ms, error);
    if (status) return status == PCT_NOT_FOUND ? PCT_OK : status;
    status = pct_store_begin(store, error);
    if (status) return status;
    return end_group(store, pct_store_drop_document(store, pct_text_of(kind), pct_text_of(name), error),
                     error);
}
