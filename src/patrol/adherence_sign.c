/* Tags, codes and photographs beside what positions prove, and what was lost to a call. A sign goes to the stop of its place whose visit it
 * lies in, else to the nearest in time. O(signs × (stops + positions)). */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "patrol/adherence_state.h"

/* Whether positions say that at this time the unit was elsewhere; *known: they say something. */
static bool was_elsewhere(const pct_judging *j, pct_position place, int64_t at_ms, bool *known) {
    const pct_adherence_fix *f = j->fixes.items;
    *known = false;
    for (size_t i = 1; i < j->fixes.count; i++) {
        if (f[i].at_ms < at_ms || f[i - 1].at_ms > at_ms || f[i].at_ms - f[i - 1].at_ms > j->fixes.gap_ms)
            continue;
        double share = (double)(at_ms - f[i - 1].at_ms) / (double)(f[i].at_ms - f[i - 1].at_ms);
        pct_position at = pct_geo_between(f[i - 1].position, f[i].position, share);
        *known = true;
        return pct_geo_distance_m(at, place) >
               2 * (j->a->options.radius_m + fmax(f[i].accuracy_m, f[i - 1].accuracy_m));
    }
    return false;
}

void pct_judging_take_sign(pct_judging *j, const pct_adherence_sign *sign) {
    pct_adherence_visit *visits = j->out->visits.items, *best = NULL;
    int64_t least_ms = j->a->options.reach_ms + 1;
    for (size_t i = 0; i < j->out->visits.length; i++) {
        const pct_duty_stop *stop = &j->route->stops[visits[i].stop];
        bool signed_too = visits[i].proof >= PCT_PROOF_TAG;
        int64_t off_ms = visits[i].enter_ms <= sign->at_ms && sign->at_ms <= visits[i].leave_ms
                             ? 0
                             : llabs(sign->at_ms - stop->start_ms);
        if (pct_text_same(stop->id, sign->id) && !signed_too && off_ms < least_ms)
            best = &visits[i], least_ms = off_ms;
    }
    if (!best) return;
    const pct_duty_stop *stop = &j->route->stops[best->stop];
    bool known, unproved = best->state == PCT_ADHERED_MISSED || best->state == PCT_ADHERED_UNKNOWN;
    bool elsewhere =
        was_elsewhere(j, stop->from, sign->at_ms, &known) && was_elsewhere(j, stop->to, sign->at_ms, &known);
    best->contradicted = elsewhere;
    if (elsewhere && sign->proof != PCT_PROOF_TAG) return;
    best->proof = sign->proof;
    if (!unproved) return;
    if (best->enter_ms == 0) best->enter_ms = best->leave_ms = sign->at_ms;
    best->late_ms = best->enter_ms > stop->start_ms ? best->enter_ms - stop->start_ms : 0;
    if (known && !elsewhere)
        best->state = PCT_ADHERED_SHORT; /* it was there, and positions say for how short a time */
    else
        best->state = best->late_ms > j->a->options.late_ms ? PCT_ADHERED_LATE : PCT_ADHERED_DONE;
}

void pct_judging_take_calls(pct_judging *j) {
    pct_adherence_visit *v = j->out->visits.items;
    for (size_t i = 0; i < j->out->visits.length; i++) {
        const pct_duty_stop *stop = &j->route->stops[v[i].stop];
        for (size_t k = 0; k < j->evidence->call_count && v[i].state >= PCT_ADHERED_SHORT; k++)
            v[i].called |=
                j->evidence->calls[k].from_ms < stop->end_ms && stop->start_ms < j->evidence->calls[k].to_ms;
    }
}
