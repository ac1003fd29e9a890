#include "ledger/read.h"

#include "ledger/seal.h"

enum { EVENT_ARENA_MAX = 1 << 20 };

typedef struct reading {
    const pct_crypto *crypto;
    pct_arena arena; /* of one event */
    pct_read_visitor *visit;
    void *context;
} reading;

static pct_status begin(reading *r, pct_read_visitor *visit, void *context, pct_error *error) {
    *r = (reading){.arena = pct_arena_init(EVENT_ARENA_MAX), .visit = visit, .context = context};
    return pct_crypto_sodium(&r->crypto, error);
}

static pct_status read_event(void *context, const pct_stored_event *stored, pct_error *error) {
    reading *r = context;
    pct_event event;
    pct_arena_reset(&r->arena);
    pct_status status = pct_ledger_open(r->crypto, NULL, stored->bytes, &r->arena, &event, NULL, error);
    return status ? status : r->visit(r->context, &event, error);
}

pct_status pct_ledger_each_event(pct_store *store, int64_t from, int64_t until, pct_read_visitor *visit,
                                 void *context, pct_error *error) {
    reading r;
    pct_status status = begin(&r, visit, context, error);
    if (!status) status = pct_store_each_event(store, from, until, read_event, &r, error);
    pct_arena_dispose(&r.arena);
    return status;
}

pct_status pct_ledger_each_event_of(pct_store *store, pct_id object, pct_read_visitor *visit, void *context,
                                    pct_error *error) {
    reading r;
    pct_status status = begin(&r, visit, context, error);
    if (!status) status = pct_store_each_event_of(store, object, 0, read_event, &r, error);
    pct_arena_dispose(&r.arena);
    return status;
}

pct_status pct_ledger_each_event_of_kind(pct_store *store, char kind, pct_read_visitor *visit, void *context,
                                         pct_error *error) {
    reading r;
    pct_status status = begin(&r, visit, context, error);
    if (!status) status = pct_store_each_event_of_kind(store, kind, read_event, &r, error);
    pct_arena_dispose(&r.arena);
    return status;
}
