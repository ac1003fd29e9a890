/* What a closure cuts off, told to whoever orders it: how much, which streets, which premises and public places. */
#ifndef PCT_RESOURCE_CUT_OFF_H
#define PCT_RESOURCE_CUT_OFF_H

#include "resource/exchange.h"
#include "resource/live_road.h"

/* Writes the member "cut_off": null when nothing is. Beside what is closed now, but for the closure `except` (seq 0: none). */
pct_status pct_json_cut_off_member(pct_json_writer *json, const pct_exchange *exchange,
                                   const pct_closed_segment *coming, size_t count, pct_closure_id except,
                                   pct_error *error) PCT_MUST_USE;

#endif
