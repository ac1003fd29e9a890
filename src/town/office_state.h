/* Inside the generated command room: who works there, the cases, and drafts of events in no order yet. */
#ifndef PCT_TOWN_OFFICE_STATE_H
#define PCT_TOWN_OFFICE_STATE_H

#include "base/memory.h"
#include "base/rng.h"
#include "base/vector.h"
#include "town/office.h"

enum {
    PCT_OFFICE_TEAMS = 4,
    PCT_OFFICE_TAKERS = 6, /* of a team */
    PCT_OFFICE_DISPATCHERS = 4,
    PCT_OFFICE_CHIEFS = 3, /* commanders who review by day */
    PCT_OFFICE_UNITS = 20,
    PCT_OFFICE_TEAM = PCT_OFFICE_TAKERS + PCT_OFFICE_DISPATCHERS + 1, /* and its commander */
    PCT_OFFICE_STAFF = PCT_OFFICE_TEAMS * PCT_OFFICE_TEAM + PCT_OFFICE_CHIEFS + 2 * PCT_OFFICE_UNITS,
    PCT_OFFICE_PLACES = 2000
};
#define PCT_OFFICE_HOUR_MS ((int64_t)3600000)
#define PCT_OFFICE_DAY_MS  (24 * PCT_OFFICE_HOUR_MS)

typedef struct pct_office_case {
    int64_t at_ms, opened_ms, ended_ms;
    int32_t call, incident, order; /* things; −1: none */
    int32_t taker, dispatcher, closer;
    int32_t place;
} pct_office_case;

/* An event to be: objects by the number of a thing, which has no seq before all are put in order. */
typedef struct pct_office_draft {
    int64_t at_ms;
    int32_t order;
    int32_t object, other, more; /* things */
    int32_t actor, place, script;
    pct_event_type type;
    pct_role role;
} pct_office_draft;

typedef struct pct_office_thing {
    int64_t seq;
    char kind;
} pct_office_thing;

typedef struct pct_town_office_state {
    pct_rng rng;
    int32_t days, calls_a_day, script; /* script: that makes looks now; −1 */
    double strength;
    int64_t begin_ms;
    pct_text names[PCT_OFFICE_STAFF];
    pct_role roles[PCT_OFFICE_STAFF];
    pct_vector cases, drafts, things; /* cases ascending by at_ms */
    pct_arena texts;
    pct_office_draft spare; /* written after a failure, never read */
    bool failed;            /* no memory: nothing more is added */
} pct_town_office_state;

/* Shifts are numbered from 0, two a day, from 08:00 on. */
int64_t pct_office_shift_begin_ms(const pct_town_office_state *s, int32_t shift);
int32_t pct_office_shift_at(const pct_town_office_state *s, int64_t at_ms);
int32_t pct_office_team_of(int32_t shift);
int32_t pct_office_next_shift_of(int32_t team, int32_t after); /* the first one later than `after` */

int64_t pct_office_between(pct_town_office_state *s, int64_t low, int64_t high); /* uniform, high included */
bool pct_office_chance(pct_town_office_state *s, double probability);
int32_t pct_office_thing_new(pct_town_office_state *s, char kind);
pct_office_draft *pct_office_draft_add(pct_town_office_state *s, pct_event_type type, int64_t at_ms,
                                       int32_t actor, int32_t object);
/* One of its records, as a look shows them: 0 the call, 1 the incident, 2 the order (what is not there: the call). */
void pct_office_look(pct_town_office_state *s, int64_t at_ms, int32_t actor, const pct_office_case *c,
                     int which);
/* The same, for another case than its own. */
void pct_office_look_for(pct_town_office_state *s, int64_t at_ms, int32_t actor, const pct_office_case *c,
                         int which, const pct_office_case *named);
void pct_office_replay(pct_town_office_state *s, int64_t at_ms, int32_t actor, int32_t unit);
/* Index of the first case from that time on. */
size_t pct_office_case_from(const pct_town_office_state *s, int64_t at_ms);
const pct_office_case *pct_office_case_at(const pct_town_office_state *s, size_t i);
/* A case that ended one to `days` days before, of which the actor knows nothing; NULL: there was none. */
const pct_office_case *pct_office_other_case(pct_town_office_state *s, int64_t at_ms, int32_t actor,
                                             int days);
int32_t pct_office_member(int32_t team, int32_t i); /* takers first, then dispatchers, then its commander */
int32_t pct_office_chief(int32_t i);
int32_t pct_office_crew(int32_t unit, int32_t half);

void pct_office_work(pct_town_office_state *s);   /* cases and what belongs to them */
void pct_office_habits(pct_town_office_state *s); /* looks of ordinary work beside them */
void pct_office_slips(pct_town_office_state *s);  /* now and then one names a wrong case */
void pct_office_misuse(pct_town_office_state *s, pct_town_script *script);

#endif
