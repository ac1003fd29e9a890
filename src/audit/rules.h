/* The lines of the misuse watch: from how many look-ups of one pattern on somebody else has to look at them. They come from
 * definitions/misuse.csv, shipped and editable; each row carries its reason in both languages, and one without is refused.
 *
 * A row with a role overrides the one without. Count 0: not watched for this role. O(bytes), no memory. */
#ifndef PCT_AUDIT_RULES_H
#define PCT_AUDIT_RULES_H

#include "event/codec.h"

typedef enum pct_audit_pattern {
    PCT_AUDIT_OUTSIDE_CASES,  /* different cases of others in a day */
    PCT_AUDIT_OFF_SHIFT,      /* looks while not at work */
    PCT_AUDIT_MANY_CASES,     /* different cases of others in a longer time */
    PCT_AUDIT_MANY_LIVE,      /* different open cases, on none of which somebody worked */
    PCT_AUDIT_SERIES,         /* neighbours in the register */
    PCT_AUDIT_ONE_PLACE,      /* different cases of others at one stretch of road */
    PCT_AUDIT_SAME_RECORD,    /* one record, again and again */
    PCT_AUDIT_TRACK_FOLLOWED, /* replays of one unit's track */
    PCT_AUDIT_FALSE_CASE,     /* different cases, each looked at for one that has nothing to do with it */
    PCT_AUDIT_PATTERN_COUNT
} pct_audit_pattern;
extern const char *const pct_audit_pattern_names[PCT_AUDIT_PATTERN_COUNT];

typedef struct pct_audit_line {
    int32_t count; /* 0: not watched */
    int64_t window_ms;
} pct_audit_line;

typedef struct pct_audit_rules {
    pct_audit_line lines[PCT_AUDIT_PATTERN_COUNT][PCT_ROLE_COUNT];
    int64_t own_case_ms;                /* so long a case is one's own after work on it */
    int64_t on_the_board_ms;            /* so long after its end a case is before everybody */
    int64_t same_place_ms;              /* so long work at a place explains looks at earlier cases there */
    int64_t sitting_ms;                 /* looks at a record within it are one */
    int64_t at_work_ms;                 /* so long after work somebody is at work */
    int64_t settles_ms;                 /* so long after a look work may still explain it */
    int64_t closed_long_ms;             /* so long after its end a case explains no look at another */
    int32_t neighbours;                 /* of a record to each side, in the order in which they were made */
    int32_t idle_cases[PCT_ROLE_COUNT]; /* of each colleague, before idleness is absence */
    int32_t day_begins_h[PCT_ROLE_COUNT], day_ends_h[PCT_ROLE_COUNT]; /* local hours; both 0: none */
} pct_audit_rules;

pct_status pct_audit_rules_read(const char *file, pct_text bytes, pct_audit_rules *out,
                                pct_error *error) PCT_MUST_USE;

#endif
