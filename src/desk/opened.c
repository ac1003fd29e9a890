/* Reading what events seal, for those who have put their look on record. Keys never leave the writer. */
#include "desk/state.h"

enum { EVENT_ARENA_MAX = 1 << 20 };

typedef struct opening {
    pct_desk *desk;
    pct_ledger_keys keys;
    pct_arena arena; /* of one event */
    pct_opened_visitor *visit;
    void *context;
} opening;

static pct_status open_event(void *context, const pct_stored_event *stored, pct_error *error) {
    opening *o = context;
    pct_event event;
    pct_event_sealing sealing;
    pct_arena_reset(&o->arena);
    pct_status status =
        pct_ledger_open(o->desk->crypto, &o->keys, stored->bytes, &o->arena, &event, &sealing, error);
    return status ? status : o->visit(o->context, &event, &sealing, error);
}

pct_status pct_desk_each_opened_event(pct_desk *desk, pct_id object, pct_opened_visitor *visit, void *context,
                                      pct_error *error) {
    opening o = {desk, pct_desk_keys(desk), pct_arena_init(EVENT_ARENA_MAX), visit, context};
    pct_status status = pct_store_each_event_of(desk->store, object, 0, open_event, &o, error);
    pct_arena_dispose(&o.arena);
    return status;
}
