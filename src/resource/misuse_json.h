/* Flags of the misuse watch as the interface and the command show them. */
#ifndef PCT_RESOURCE_MISUSE_JSON_H
#define PCT_RESOURCE_MISUSE_JSON_H

#include "base/json.h"
#include "clock/zone.h"
#include "desk/misuse.h"

void pct_misuse_flag_write(const pct_misuse_flag *flag, const pct_zone *zone, pct_json_writer *json);
void pct_misuse_look_write(const pct_event *look, const pct_zone *zone, pct_json_writer *json);
/* The case that was named in a look; seq 0: none. */
pct_id pct_misuse_case_of(const pct_event *look);
/* NONE: there is no such result. */
pct_flag_result pct_flag_result_named(pct_text name);

#endif
