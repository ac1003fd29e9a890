/* Which stay answers which stop: an alignment of two sequences in time (Needleman and Wunsch 1970), so that one visit left out does not
 * make all later ones late. A stay that answers costs how far it lies from the planned time, and what is missing of the dwell as a
 * share of the reach; a stop without an answer costs more than any answer. O(stops × stays) time and memory, per place. */
#include <stdlib.h>

#include "base/memory.h"
#include "patrol/adherence_state.h"

enum { ALIGN_MAX = 1 << 24 };

static double completeness(const pct_asked *a, const pct_stay *s) {
    if (a->line) return s->share / s->wanted;
    return a->wanted_ms > 0 ? (double)(s->to_ms - s->from_ms) / (double)a->wanted_ms : 1;
}

int64_t pct_adherence_begin(const pct_asked *asked, const pct_stay *stay) {
    int64_t latest = stay->to_ms - asked->wanted_ms;
    if (asked->line) latest = stay->to_ms - (stay->to_ms - stay->from_ms) / 5;
    if (latest < stay->from_ms) latest = stay->from_ms;
    return asked->start_ms < stay->from_ms ? stay->from_ms
           : asked->start_ms > latest      ? latest
                                           : asked->start_ms;
}

/* INT64_MAX: it is no answer. */
static int64_t cost_of(const pct_asked *a, const pct_stay *s, int64_t reach_ms) {
    double full = completeness(a, s);
    int64_t shift = llabs(pct_adherence_begin(a, s) - a->start_ms);
    if (shift > reach_ms || full < PCT_ADHERENCE_PASSING) return INT64_MAX;
    return shift + (full < 1 ? (int64_t)((1 - full) * (double)reach_ms) : 0);
}

pct_status pct_adherence_align(const pct_asked *asked, size_t asked_count, const pct_stay *stays,
                               size_t stay_count, int64_t reach_ms, int32_t *answer, pct_error *error) {
    size_t wide = stay_count + 1;
    int64_t *best =
        wide <= ALIGN_MAX / (asked_count + 1) ? pct_alloc(wide * (asked_count + 1), sizeof *best) : NULL;
    if (!best) return pct_error_memory(error, wide * (asked_count + 1) * sizeof *best);
    for (size_t k = 0; k < wide; k++) best[k] = 0;
    for (size_t i = 1; i <= asked_count; i++)
        for (size_t k = 0; k < wide; k++) {
            int64_t least = best[(i - 1) * wide + k] + 2 * reach_ms;
            if (k > 0) {
                int64_t cost = cost_of(&asked[i - 1], &stays[k - 1], reach_ms);
                if (best[i * wide + k - 1] < least) least = best[i * wide + k - 1];
                if (cost < INT64_MAX && best[(i - 1) * wide + k - 1] + cost < least)
                    least = best[(i - 1) * wide + k - 1] + cost;
            }
            best[i * wide + k] = least;
        }
    for (size_t i = asked_count, k = stay_count; i > 0;) {
        if (k > 0 && best[i * wide + k] == best[i * wide + k - 1]) {
            k--;
            continue;
        }
        bool left = best[i * wide + k] == best[(i - 1) * wide + k] + 2 * reach_ms;
        answer[--i] = left ? PCT_DUTY_NONE : (int32_t)--k;
    }
    pct_free(best);
    return PCT_OK;
}

/* --- stays over several stops --------------------------------------------------------------------------------------- */

static bool fills_half(const pct_stay *s, const pct_asked *a) {
    int64_t from = s->from_ms > a->start_ms ? s->from_ms : a->start_ms;
    int64_t to = s->to_ms < a->end_ms ? s->to_ms : a->end_ms;
    return 2 * (to - from) >= a->end_ms - a->start_ms && to >= from;
}

static int by_begin(const void *a, const void *b) {
    const pct_stay *x = a, *y = b;
    return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

pct_status pct_adherence_cut(const pct_asked *asked, size_t asked_count, pct_vector *stays,
                             pct_error *error) {
    for (size_t i = 1; i < asked_count; i++) {
        int64_t at = (asked[i - 1].end_ms + asked[i].start_ms) / 2;
        for (size_t k = 0; k < stays->length; k++) {
            pct_stay *s = (pct_stay *)stays->items + k, rest = *s;
            if (!fills_half(s, &asked[i - 1]) || !fills_half(s, &asked[i])) continue;
            s->to_ms = at, s->open_end = false;
            rest.from_ms = at, rest.open_front = false;
            pct_stay *room = pct_vector_push(stays);
            if (!room) return pct_error_memory(error, sizeof *room);
            *room = rest;
            break;
        }
    }
    if (stays->length > 0) qsort(stays->items, stays->length, sizeof(pct_stay), by_begin);
    return PCT_OK;
}
