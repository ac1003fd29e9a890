/* The whole life of duty plans, from events alone: the problem that is kept, plans asked for, made, adopted and withdrawn, the rounds of
 * their units with what was served and by what that is proved, what is owed after it, directed orders, the duty level. Pure.
 *
 *     status = pct_life_may(life, type, object, &data, now_ms, &error);   // may this event be caused? changes nothing
 *     status = pct_life_apply(life, &event, &error);                      // events of other modules are passed over
 *
 *     plan   making ─► made ─► adopted          each once; made and adopted ones may be withdrawn
 *               └─► failed
 *     round  planned ─► under way ─► done ─► ended      from its hours and its stops; a unit that is sent to a call
 *                         │  ▲                          leaves it, and resumes it with its rest planned anew
 *                         ▼  │
 *                         left
 *
 * A round counts only while its plan is adopted. What the clock alone changes (late, under way, lapsed) is no event: it is asked for with
 * the time. When a unit resumes its round, neighbours may take stops over: the rests of all of them are planned together (takeover.h) and
 * change together, each by an event of its own round; a stop is in one round at a time. Everything told is a function of the facts of
 * single objects, so that the events of one object after another lead to the same
 * life as all of them in order. Debt: stops of points and lines that were musts and not served when their round ended, or left out when
 * it was resumed, of rounds that ended after the debt that the newest adopted plan took in; it lapses after PCT_LIFE_DEBT_DAYS.
 *
 * Costs: each event O(its stops), a look-up O(rounds). Memory: about 200 bytes a stop; rounds go PCT_LIFE_KEEP_DAYS after their end (they
 * stay in the log). Records hold until the next apply. */
#ifndef PCT_PATROL_LIFE_H
#define PCT_PATROL_LIFE_H

#include "base/vector.h"
#include "event/codec.h"
#include "patrol/duty_plan.h"

enum {
    PCT_LIFE_STOPS_MAX = 400, /* of a round: what an event can hold */
    PCT_LIFE_DEBT_DAYS = 7,
    PCT_LIFE_KEEP_DAYS = 40,
    PCT_LIFE_LATE_S = 900,    /* a visit that begins so long after its time is late */
    PCT_LIFE_SHORT_PCT = 80,  /* one that lasts less than this of its time is short */
    PCT_LIFE_EARLY_S = 3600,  /* before a round's time, nothing of it is done */
    PCT_LIFE_LOG_HOURS = 24,  /* after its end its log may be written */
    PCT_LIFE_CHECKS_MAX = 12, /* supervision checks of a round */
    PCT_LIFE_NOTES_MAX = 10
};

typedef enum pct_life_state { /* of a plan */
                              PCT_LIFE_MAKING,
                              PCT_LIFE_MADE,
                              PCT_LIFE_ADOPTED,
                              PCT_LIFE_WITHDRAWN,
                              PCT_LIFE_FAILED,
                              PCT_LIFE_STATES
} pct_life_state;
extern const char *const pct_life_state_names[PCT_LIFE_STATES];

typedef enum pct_life_going { /* of a round, at a time */
                              PCT_LIFE_PLANNED,
                              PCT_LIFE_UNDER_WAY,
                              PCT_LIFE_LEFT,
                              PCT_LIFE_DONE,
                              PCT_LIFE_ENDED,
                              PCT_LIFE_GOINGS
} pct_life_going;
extern const char *const pct_life_going_names[PCT_LIFE_GOINGS];

typedef enum pct_life_stop_status {
    PCT_LIFE_STOP_PLANNED,
    PCT_LIFE_STOP_DONE,
    PCT_LIFE_STOP_LATE,
    PCT_LIFE_STOP_SHORT,
    PCT_LIFE_STOP_MISSED, /* the round is over */
    PCT_LIFE_STOP_LEFT,   /* a call took its time */
    PCT_LIFE_STOP_HANDED, /* a neighbour took it over */
    PCT_LIFE_STOP_STATUSES
} pct_life_stop_status;
extern const char *const pct_life_stop_status_names[PCT_LIFE_STOP_STATUSES];

typedef struct pct_life_stop {
    int32_t number, n; /* in the round, from 1 and for good; n: the how-manieth of its id */
    pct_duty_kind kind;
    pct_duty_moves moves;
    pct_text id, name;
    pct_position from, to;
    int64_t arrive_ms, start_ms, end_ms, travel_ms; /* as planned last */
    bool must, left;                                /* left: not in the rest that was planned anew */
    bool checked;                  /* a supervision check that was planned, and met the unit */
    pct_visit_proof proof;         /* NONE: not served */
    pct_stop_reason reason;        /* what its crew says of it; NONE: nothing */
    int64_t from_ms, until_ms;     /* when it was served; until 0: not told */
    int64_t handed_to, taken_from; /* rounds: what is handed over is in this one no more; 0: none */
} pct_life_stop;

/* A supervision check: of the round of a unit, never of a person. */
typedef struct pct_life_check {
    pct_check_kind kind;
    pct_check_answer answer;
    pct_check_word word; /* what the crew says of it; NONE: nothing yet */
    int32_t stop;        /* the post that was checked; 0: not told */
    bool announced;
    int64_t at_ms, word_ms;
    pct_text by, planned; /* planned: the id of the plan's check that was made so; may be empty */
} pct_life_check;

typedef struct pct_life_round {
    pct_round_id id;
    pct_plan_id plan;
    pct_unit_id unit;
    pct_order_id order; /* that took the unit away; seq 0: none does */
    pct_text name;      /* the unit's */
    int64_t leave_ms, back_ms,
        until_ms;            /* until: the end of its shift, by which the rest can still be done */
    pct_position start, end; /* its posts */
    int64_t left_ms, ended_ms, ended_seq; /* 0: not */
    int64_t seq;                          /* of its last event */
    int64_t changed_ms;                   /* its rest was planned anew; 0: never */
    pct_order_id changed_for;             /* because of that call, */
    pct_round_id changed_by;              /* for which that round was left */
    bool laid_alone;                      /* without neighbours */
    int64_t called_ms;                    /* roll call; 0: none yet */
    int32_t present, wanted;              /* wanted -1: not told */
    int64_t logged_ms, metres;            /* logged 0: no log */
    int32_t helped, handed_over, times_left;
    pct_text hazards; /* codes, set apart by commas */
    bool kit_complete;
    int32_t notes;          /* in its log; sealed, and read with a look only */
    pct_life_check *checks; /* [checks_length], numbered from 1 as they were made */
    size_t checks_length;
    pct_life_stop *stops; /* [stop_count] in the order of driving, those left out last */
    size_t stop_count;
    pct_arena arena;
} pct_life_round;

typedef struct pct_life_plan {
    pct_plan_id id;
    pct_life_state state;
    pct_plan_source source;
    pct_text name, date, author, adopted_by, problem, digest, reason,
        reason_zh; /* digests of documents; why it failed */
    int64_t asked_ms, made_ms, adopted_ms, debt_until;
    int64_t seconds, seed, rounds, stops, unmet, map_version;
    bool feasible;
    pct_event_plan_made made; /* its cost; texts are those above */
} pct_life_plan;

typedef struct pct_life_directed {
    pct_directed_id id;
    pct_text name, author, reason;
    pct_position position;
    int32_t from_minute, to_minute, minutes, times;
    int64_t ordered_ms, until_ms, ended_ms;
} pct_life_directed;

typedef struct pct_life_level {
    pct_level_id id;
    int32_t level, share_percent, stand_by; /* stand_by -1: not told */
    pct_level_ground ground;
    pct_text number, approver, author;
    int64_t set_ms, from_ms, until_ms; /* until 0: until another */
} pct_life_level;

typedef struct pct_life_kept {
    pct_duty_id id; /* seq 0: none is kept */
    pct_text digest, name, date, author;
    int64_t kept_ms, units, tasks;
} pct_life_kept;

typedef struct pct_life_owed {
    pct_text id, name;
    pct_duty_kind kind;
    int32_t visits;
    int64_t since_ms; /* end of the first round that owes it */
} pct_life_owed;

typedef struct pct_life pct_life;

pct_status pct_life_new(pct_life **out, pct_error *error) PCT_MUST_USE;
void pct_life_free(pct_life *life);
/* PCT_NOT_FOUND, PCT_REFUSED or PCT_INPUT with a life_… message; of events that are not of patrol PCT_OK. */
pct_status pct_life_may(const pct_life *life, pct_event_type type, pct_id object, const pct_event_data *data,
                        int64_t now_ms, pct_error *error) PCT_MUST_USE;
/* Of several events that are caused together or not at all. What is no rest of a round is asked of each by itself. Of rests: each is of
 * another round of one plan, and each stop that one of them hands over another takes over. */
typedef struct pct_life_asked {
    pct_event_type type;
    pct_id object;
    const pct_event_data *data;
} pct_life_asked;
pct_status pct_life_may_all(const pct_life *life, const pct_life_asked *asked, size_t count, int64_t now_ms,
                            pct_error *error) PCT_MUST_USE;
/* PCT_DAMAGED for an event that pct_life_may would not have allowed in form; a failure for want of memory may leave a part. */
pct_status pct_life_apply(pct_life *life, const pct_event *event, pct_error *error) PCT_MUST_USE;
/* Rounds that ended PCT_LIFE_KEEP_DAYS before go. */
void pct_life_forget(pct_life *life, int64_t now_ms);

/* --- looking: NULL when there is none; lists in order of id ------------------------------------------------------------- */

const pct_life_kept *pct_life_kept_now(const pct_life *life);
const pct_life_plan *pct_life_plan_of(const pct_life *life, pct_plan_id id);
const pct_life_plan *pct_life_plan_at(const pct_life *life, size_t index);
const pct_life_round *pct_life_round_of(const pct_life *life, pct_round_id id);
const pct_life_round *pct_life_round_at(const pct_life *life, size_t index);
const pct_life_directed *pct_life_directed_of(const pct_life *life, pct_directed_id id);
const pct_life_directed *pct_life_directed_at(const pct_life *life, size_t index);
bool pct_life_directed_is_open(const pct_life_directed *directed, int64_t now_ms);
/* The one set last among those that hold at the time. */
const pct_life_level *pct_life_level_at_time(const pct_life *life, int64_t at_ms);
const pct_life_level *pct_life_level_at(const pct_life *life, size_t index);

/* Its plan is adopted. */
bool pct_life_round_counts(const pct_life *life, const pct_life_round *round);
pct_life_going pct_life_round_going(const pct_life_round *round, int64_t now_ms);
pct_life_stop_status pct_life_stop_status_of(const pct_life_round *round, const pct_life_stop *stop);
/* It is one of its round: neither left out nor handed over. */
static inline bool pct_life_stop_is_in(const pct_life_stop *s) {
    return !s->left && !s->handed_to;
}
/* The first that is still to be served; NULL: none is. */
const pct_life_stop *pct_life_round_next(const pct_life_round *round);
size_t pct_life_round_served(const pct_life_round *round);
/* By its crew, or by the check that it was planned for. */
bool pct_life_stop_is_served(const pct_life_stop *stop);
/* May others than the crew and who checked be told what was found? The crew has spoken, or its round is over: it speaks first. */
bool pct_life_check_is_told(const pct_life_round *round, const pct_life_check *check);
/* The round that the unit is on, or will be on within PCT_LIFE_EARLY_S; NULL: none. */
const pct_life_round *pct_life_round_of_unit(const pct_life *life, pct_unit_id unit, int64_t now_ms);

/* What is owed, in the order of the rounds that owe it first; texts are the life's. `out` has room for `max`; *count of all of them. */
void pct_life_debt(const pct_life *life, int64_t now_ms, pct_life_owed *out, size_t max, size_t *count);
/* The last event of patrol that was applied. */
int64_t pct_life_seq(const pct_life *life);
/* Of everything it holds; equal lives have equal digests. O(size). */
uint64_t pct_life_digest(const pct_life *life);

/* --- stops as the text of an event: JSON, a row for each of numbers and names (docs/reference/duty-plan.md) --------------- */

/* Appends; positions and times whole numbers. */
/* A stop that nobody has served yet, as the plan has it; its texts are the plan's. */
pct_life_stop pct_life_stop_planned(const pct_duty_stop *stop, int32_t number, bool must);
void pct_life_stops_write(const pct_life_stop *stops, size_t count, pct_buffer *out);
/* Into the arena; what is no such text is PCT_INPUT. */
pct_status pct_life_stops_read(pct_text text, pct_arena *arena, pct_life_stop **out, size_t *count,
                               pct_error *error) PCT_MUST_USE;

/* A stop of the rest and the round that it comes from, or one that is not in it any more and the round that takes it over. */
typedef struct pct_life_move {
    int32_t number;
    int64_t round;
} pct_life_move;
void pct_life_moves_write(const pct_life_move *moves, size_t count, pct_buffer *out);
/* Of no text there are none. */
pct_status pct_life_moves_read(pct_text text, pct_arena *arena, pct_life_move **out, size_t *count,
                               pct_error *error) PCT_MUST_USE;

#endif
