#include "patrol/crews.h"

#include <string.h>

void pct_crews_add(pct_crews *crews, const pct_adherence *adherence) {
    const pct_adherence_visit *v = adherence->visits.items;
    for (size_t i = 0; i < adherence->visits.length; i++)
        if (!(v[i].called && v[i].state >= PCT_ADHERED_SHORT)) crews->by_state[v[i].state]++;
    crews->shift_ms += adherence->shift_ms;
    crews->unknown_ms += adherence->unknown_ms;
    crews->crews++;
}

pct_crews_figures pct_crews_tell(const pct_crews *crews, int64_t days) {
    pct_crews_figures f = {.told = crews->crews >= PCT_CREWS_LEAST || days >= 7 * PCT_CREWS_WEEKS};
    if (crews->crews == 0) f.told = false;
    if (!f.told) return f;
    f.crews = crews->crews;
    memcpy(f.by_state, crews->by_state, sizeof f.by_state);
    if (crews->shift_ms > 0) f.unknown_share = (double)crews->unknown_ms / (double)crews->shift_ms;
    return f;
}

bool pct_crews_may_see(pct_sheet_reader reader, bool seen, int64_t shift_end_ms, int64_t now_ms) {
    if (reader == PCT_SHEET_OTHER || now_ms >= shift_end_ms + PCT_SHEET_MS) return false;
    return reader == PCT_SHEET_CREW || seen;
}
