/* Weeks of work in a generated command room: calls, orders, looks of people who do their work, and among them scripted misuse.
 *
 *     status = pct_town_office_new(&options, &office, error);
 *     office->events[0 … event_count)       in order, ready for whoever follows a record; nothing sealed is filled in
 *     office->script_of[i]                  −1: ordinary work; else which script made the look
 *     office->scripts[0 … script_count)     what was done, by whom
 *
 * Ordinary work: four teams in shifts of twelve hours, crews that sign on and off, quiet nights and busy ones, handing over,
 * earlier cases of a place, callers who come back, colleagues' questions, reports that are finished later or after the shift,
 * a commander telephoned at night, reviews of single cases and of whole shifts, complaints, places that call often, replays after
 * accidents. A script says in numbers what misuse of its pattern is; `strength` 1 as it is meant to be found, below 1 fainter.
 *
 * Same options, same events, bit for bit. O(events log events); texts belong to the office. Free accepts NULL. */
#ifndef PCT_TOWN_OFFICE_H
#define PCT_TOWN_OFFICE_H

#include "audit/rules.h"

typedef struct pct_town_office_options {
    uint64_t seed;
    int32_t days, calls_a_day;
    int32_t scripts; /* 0: nobody misuses anything */
    double strength;
} pct_town_office_options;

typedef struct pct_town_script {
    pct_audit_pattern pattern;
    pct_text actor;
    int32_t looks;
} pct_town_script;

typedef struct pct_town_office {
    pct_event *events;
    int32_t *script_of;
    pct_town_script *scripts;
    size_t event_count, script_count;
    size_t looks; /* ordinary ones */
    struct pct_town_office_state *state;
} pct_town_office;

pct_status pct_town_office_new(const pct_town_office_options *options, pct_town_office **out,
                               pct_error *error) PCT_MUST_USE;
void pct_town_office_free(pct_town_office *office);

#endif
