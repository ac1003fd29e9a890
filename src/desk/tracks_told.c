#include "desk/tracks_told.h"

#include "base/text.h"
#include "desk/state.h"
#include "ledger/read.h"

typedef struct telling {
    const pct_event_tracks_thinned *destroyed;
    int64_t *seq;
    bool told;
} telling;

static pct_status compare(void *context, const pct_event *event, pct_error *error) {
    telling *t = context;
    const pct_event_tracks_thinned *data = &event->data.tracks_thinned;
    (void)error;
    t->told |= event->type == PCT_EVENT_TRACKS_THINNED && data->class == t->destroyed->class &&
               data->until >= t->destroyed->until;
    return PCT_OK;
}

static pct_status tell(pct_desk *desk, void *context, pct_error *error) {
    telling *t = context;
    pct_status status = pct_ledger_each_event_of_kind(desk->store, 'T', compare, t, error);
    if (status || t->told) return status;
    pct_event event = pct_desk_own_event(desk, PCT_EVENT_TRACKS_THINNED, "retention");
    event.data.tracks_thinned = *t->destroyed;
    status = pct_desk_record_alone(desk, &event, error);
    if (!status) *t->seq = event.seq;
    return status;
}

pct_status pct_desk_tell_tracks(pct_desk *desk, const pct_event_tracks_thinned *destroyed, int64_t *seq,
                                pct_error *error) {
    telling t = {destroyed, seq, false};
    *seq = 0;
    return pct_desk_between_groups(desk, tell, &t, error);
}
