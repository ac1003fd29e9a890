/* Inside the replay: shared by its files, and by nobody else.
 *
 *   replay.c      what it is made of, its thread, what other threads ask and set
 *   follow.c      the desk's answers and notices: what became of calls, incidents and units
 *   driven.c      the units: shifts, steps, positions
 *   dispatcher.c  calls that come in, incidents that wait
 *
 * One thread steps; `lock` guards what others look at or set. The lock is never held while the desk is asked. */
#ifndef PCT_REPLAY_STATE_H
#define PCT_REPLAY_STATE_H

#include "base/map.h"
#include "replay/replay.h"
#include "sim/crew.h"
#include "sim/kernel.h"

/* Kinds of timers; the object is an index of what the comment names. */
typedef enum pct_replay_timer {
    PCT_TIMER_CALL,                                        /* call of the plan */
    PCT_TIMER_SHIFT_ON,                                    /* shift of the plan */
    PCT_TIMER_SHIFT_OFF,                                   /* shift */
    PCT_TIMER_LOOK,                                        /* for incidents that wait */
    PCT_TIMER_STEP,                                        /* unit; + pct_crew_step */
    PCT_TIMER_TOUR = PCT_TIMER_STEP + PCT_CREW_STEP_COUNT, /* unit: the next of its round */
} pct_replay_timer;

/* Something said to the desk, until its answer has been taken. */
typedef enum pct_said_kind {
    PCT_SAID_CALL,  /* index: call */
    PCT_SAID_OPEN,  /* index: call */
    PCT_SAID_SEND,  /* index: unit; incident */
    PCT_SAID_END,   /* incident: closed or referred */
    PCT_SAID_SHIFT, /* index: unit */
    PCT_SAID_STEP,  /* index: unit; step */
    PCT_SAID_WHERE, /* index: unit: it left its station on its round, or is back */
} pct_said_kind;

typedef struct pct_said {
    struct pct_said *next; /* among the answered */
    pct_replay *replay;
    pct_said_kind kind;
    uint32_t index;
    pct_crew_step step;
    pct_incident_id incident;
    int64_t due_ms;
    pct_status status; /* the answer */
    pct_id object;
} pct_said;

typedef struct pct_driven {
    pct_unit_id id;
    pct_crew crew;
    pct_road_point station;
    pct_kernel_handle timer;
    pct_order_id order; /* that it follows; seq 0: none */
    uint8_t order_status, unit_status;
    uint32_t shift;
    int64_t not_before_ms; /* it was in a person's hands until then */
    uint32_t promised_ms;  /* the way to `promised`, as the policy asked */
    pct_incident_id promised;
    int64_t idle_ms; /* it may go home, since then; 0: it may not */
    bool placed;     /* a person said where it stands */
    bool by_hand;    /* as the stepping thread knows it */
    bool off_due;    /* its shift is over */
    bool claimed;    /* an order is on its way to it */
    bool on_tour;    /* its trip and timer are its round's */
} pct_driven;

#define PCT_NO_CALL UINT32_MAX

/* An incident that is open on the desk. */
typedef struct pct_followed {
    pct_incident_id id;
    pct_road_point point; /* segment PCT_NO_INDEX: nowhere near a road */
    uint32_t call;        /* of the plan; PCT_NO_CALL: a person's */
    uint32_t walk;        /* in which units were last sought for it */
    int64_t since_ms;     /* it has waited */
    bool persons, busy;   /* a person acted on it; something was said about it and is not answered yet */
} pct_followed;

struct pct_replay {
    pct_replay_options options;
    pct_crew_world world;
    pct_kernel *kernel;
    pct_driven *units; /* [plan->units->count] */
    size_t unit_count;
    pct_map unit_of;        /* seq → index in units */
    pct_vector followed;    /* of pct_followed */
    pct_map followed_of;    /* seq of the incident → index in followed */
    pct_vector to_open;     /* uint32_t: calls that the desk has and nobody has opened an incident for */
    int64_t *call_seq;      /* [call_count] the desk's number; 0: not yet received */
    bool *type_has_unit;    /* [types] */
    uint32_t *type_failed;  /* [types] the walk in which no unit suited */
    pct_road_point *points; /* [points_count] by pct_unit.index */
    size_t points_count;
    pct_recommendation *recommendation;
    pct_desk_notice *notices;
    uint64_t *dirty; /* bits: units to look at */
    int64_t seq;     /* of the last notice */
    uint32_t walk;
    size_t asked;        /* candidates of the last recommendation */
    bool look;           /* for units for those who wait */
    size_t said_now;     /* in this step */
    int64_t road_number; /* of the roads that ways were taken on; 0: none yet */

    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    pct_said *answered_first, *answered_last;
    int64_t waiting; /* said and not answered */
    bool *by_hand;   /* [unit_count] as people want it */
    bool hands_changed, look_again, news, running, stopping;
    pct_replay_figures figures;
    int64_t second_us, second_behind_ms; /* the wall second that is being measured */
};

/* --- replay.c */
/* Submits; the answer comes to follow.c. `about` is copied. occurred at about->due_ms, at the latest now. */
pct_status pct_replay_say(pct_replay *r, const pct_said *about, pct_lane lane, const pct_command *command,
                          pct_error *error) PCT_MUST_USE;
/* A timer that may be due already. */
pct_status pct_replay_set_timer(pct_replay *r, int64_t at_ms, uint32_t kind, uint32_t object,
                                pct_kernel_handle *handle, pct_error *error) PCT_MUST_USE;
bool pct_replay_is_automatic(pct_replay *r);
/* Again, a wall second from now. */
int64_t pct_replay_again_ms(pct_replay *r);

/* --- follow.c */
pct_status pct_replay_follow(pct_replay *r, pct_error *error) PCT_MUST_USE;
/* NULL when it is not followed. Holds until the next incident is followed or dropped. */
pct_followed *pct_replay_followed(pct_replay *r, int64_t seq);
/* Everything as it stands on the desk: at the beginning, and when notices were lost. */
pct_status pct_replay_follow_all(pct_replay *r, pct_error *error) PCT_MUST_USE;
uint32_t pct_replay_unit_of(const pct_replay *r, int64_t seq); /* PCT_MAP_ABSENT: not driven */

/* --- driven.c */
pct_status pct_driven_follow(pct_replay *r, uint32_t unit, const pct_snapshot *snapshot,
                             pct_error *error) PCT_MUST_USE;
pct_status pct_driven_timer(pct_replay *r, const pct_kernel_event *event, pct_error *error) PCT_MUST_USE;
/* Those whom the dispatcher has left free set out for their stations. */
pct_status pct_driven_go_home(pct_replay *r, pct_error *error) PCT_MUST_USE;
pct_status pct_driven_put_fixes(pct_replay *r, pct_error *error) PCT_MUST_USE;
pct_status pct_driven_hands(pct_replay *r, pct_error *error) PCT_MUST_USE;
/* Roads have been closed or opened: those under way go on by the best road from where they are; those whom no road is left stand
 * until there is one. */
pct_status pct_driven_take_new_road(pct_replay *r, pct_error *error) PCT_MUST_USE;

/* --- dispatcher.c */
pct_status pct_dispatcher_call(pct_replay *r, const pct_kernel_event *event, pct_error *error) PCT_MUST_USE;
/* Opens, ends and sends, as far as nobody else does. */
pct_status pct_dispatcher_work(pct_replay *r, pct_error *error) PCT_MUST_USE;

#endif
