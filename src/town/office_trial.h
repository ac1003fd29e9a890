/* How well the misuse watch does on generated command rooms: one with scripts, for what it finds, and the same one without, for
 * false alarms. A script counts as flagged when a flag of its own pattern names its actor and one of its looks. */
#ifndef PCT_TOWN_OFFICE_TRIAL_H
#define PCT_TOWN_OFFICE_TRIAL_H

#include "audit/watch.h"
#include "town/office.h"

/* Seeds: lines were drawn with 1 to 10, 7001 and 9001 to 9010 in view; the test and the bench have others. */
enum { PCT_TOWN_TRIAL_TEST_SEED = 52001, PCT_TOWN_TRIAL_BENCH_SEED = 83001 };

typedef struct pct_town_trial {
    int64_t scripts[PCT_AUDIT_PATTERN_COUNT], flagged[PCT_AUDIT_PATTERN_COUNT];
    int64_t false_alarms[PCT_AUDIT_PATTERN_COUNT];
    int64_t looks, events; /* of the room without scripts */
} pct_town_trial;

/* Adds to *sum. */
pct_status pct_town_trial_find(const pct_audit_rules *rules, const pct_town_office_options *options,
                               pct_town_trial *sum, pct_error *error) PCT_MUST_USE;
pct_status pct_town_trial_alarm(const pct_audit_rules *rules, const pct_town_office_options *options,
                                pct_town_trial *sum, pct_error *error) PCT_MUST_USE;

/* Wilson's interval of a share (95 %). */
void pct_town_trial_interval(int64_t hits, int64_t of, double *low, double *high);

#endif
