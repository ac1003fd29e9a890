/* Inside the desk: shared by its files, and by nobody else.
 *
 * Three locks, never two at a time: `gate` for the lanes and for those who wait; `board_lock` for the live board; `live` for
 * what readers see (snapshot, notices, fixes, counters). */
#ifndef PCT_DESK_STATE_H
#define PCT_DESK_STATE_H

#include <pthread.h>

#include "base/map.h"
#include "base/vector.h"
#include "desk/retention.h"
#include "ledger/merkle.h"
#include "ledger/seal.h"
#include "store/tables.h"

enum {
    PCT_TOUCHED_MAX = 64,           /* objects that one event can touch, calls of an ended incident aside */
    PCT_FORGET_AFTER_MS = 86400000, /* of a closed or referred incident, or a settled call */
};

/* --- snapshots: lists of records in order of id, in chunks that snapshots share ----------------------------------- */

typedef struct pct_chunk pct_chunk;

typedef enum pct_list_kind {
    PCT_LIST_CALLS,
    PCT_LIST_INCIDENTS,
    PCT_LIST_ORDERS,
    PCT_LIST_UNITS,
    PCT_LIST_CLOSURES,
    PCT_LIST_COUNT
} pct_list_kind;

typedef struct pct_list {
    pct_chunk **chunks;
    size_t count, capacity, record_size;
} pct_list;

typedef struct pct_lists {
    pct_list of[PCT_LIST_COUNT];
} pct_lists;

pct_lists pct_lists_init(void);
void pct_lists_dispose(pct_lists *lists);
/* The record (which begins with its id) is new, or takes the place of the one with its id. */
pct_status pct_lists_put(pct_lists *lists, pct_list_kind kind, const void *record) PCT_MUST_USE;
pct_status pct_lists_drop(pct_lists *lists, pct_list_kind kind, int64_t seq) PCT_MUST_USE;
/* A snapshot of the lists as they are; one reference is the caller's. */
pct_status pct_snapshot_new(const pct_lists *lists, pct_snapshot **out) PCT_MUST_USE;
void pct_snapshot_mark(pct_snapshot *snapshot, int64_t seq, int64_t at_ms, const pct_board_counts *counts);
void pct_snapshot_retain(const pct_snapshot *snapshot);

/* --- lanes --------------------------------------------------------------------------------------------------------- */

typedef struct pct_item {
    struct pct_item *next;
    pct_lane lane;
    pct_desk_request request; /* texts live behind the item; not for a job */
    pct_desk_job *job;
    pct_desk_done *done;
    void *context;
    pct_desk_reply reply;
    pct_error error;
    int64_t came_ms; /* monotonic; not for a job */
} pct_item;

/* The events of an item, or of a reminder, of the present group. */
typedef struct pct_group {
    pct_item *first, *last; /* taken from the lanes, in order */
    size_t count;
    pct_vector notices; /* of pct_desk_notice */
    int64_t events, refused, repeated, reminders;
    bool begun;
} pct_group;

/* What the writer does between groups, for one who waits. */
typedef struct pct_work {
    struct pct_work *next;
    pct_status (*run)(pct_desk *desk, void *context, pct_error *error);
    void *context;
    pct_error *error;
    pct_status status;
    bool done, mends; /* mends: it is run although the desk has stopped */
} pct_work;

/* A run of retention, between two slices. */
typedef struct pct_retaining {
    int64_t next_ms; /* when the desk goes on by itself; INT64_MAX: never */
    int64_t after;   /* the last key that was looked at */
    bool running, dry, emptying;
    pct_retention_report report;
} pct_retaining;

struct pct_desk {
    pct_desk_options options;
    pct_store *store;
    const pct_crypto *crypto;
    pct_random random;
    int64_t last_ms; /* time never goes back */
    uint32_t group_max, save_every;

    /* the writer's */
    pct_board *board; /* under board_lock where others may look */
    pct_merkle tree;
    pct_lists lists;
    pct_vector endings; /* of pct_ending, from endings_at on */
    size_t endings_at;
    pct_vector retired; /* boards whose texts old snapshots may hold */
    pct_buffer bytes;
    pct_arena arena;
    pct_group group;
    int64_t recorded_ms; /* recorded_at of the last event */
    int64_t since_saved; /* events since the board was saved */
    int64_t replayed;    /* events at the last loading */
    pct_saved_board saved;
    bool disk_full;
    pct_retaining retaining; /* next_ms under board_lock */
    pct_status stopped;      /* PCT_OK while it works */
    pct_error why;

    pthread_mutex_t gate, board_lock, live;
    pthread_cond_t work, published;
    pthread_t thread;
    bool started, stopping;
    struct {
        pct_item *first, *last;
        int64_t queued;
    } lanes[PCT_LANE_COUNT];
    int64_t queued, waiters, wakes;
    pct_work *works;
    int64_t taken[PCT_LANE_COUNT], shed[PCT_LANE_COUNT], shed_ms[PCT_LANE_COUNT]; /* ms: monotonic */

    /* what readers see, under `live` */
    const pct_snapshot *snapshot;
    pct_desk_notice *notices; /* ring: seq % PCT_DESK_NOTICES */
    int64_t first_notice, last_notice;
    pct_vector fixes;
    pct_map fix_of; /* unit → index in fixes */
    int64_t fix_version;
    pct_desk_counters counters;
    void (*publish)(void *context);
    void *publish_context;
};

typedef struct pct_ending {
    pct_id object; /* incident, settled call or closure */
    int64_t ended_at_ms;
} pct_ending;

/* --- between the desk's files ---------------------------------------------------------------------------------------- */

int64_t pct_desk_now_ms(pct_desk *desk);

/* Follows one event: applies it to the board, the lists, and (where wanted) the tables; fills the notice. */
typedef struct pct_follow {
    bool lists, tables;
} pct_follow;
pct_status pct_desk_follow(pct_desk *desk, const pct_event *event, pct_follow what, pct_desk_notice *notice,
                           pct_error *error) PCT_MUST_USE;
/* Lists, tree and a new board from the record: an empty one is followed through all events, or (resume) the saved one through
 * those behind it. The board that was the desk's before becomes the caller's when it is no longer; a failure can leave a
 * half-made one. */
pct_status pct_desk_replay(pct_desk *desk, pct_follow what, pct_error *error) PCT_MUST_USE;
pct_status pct_desk_resume(pct_desk *desk, pct_error *error) PCT_MUST_USE;
/* All records of the board into the readers' lists. */
pct_status pct_desk_list_board(pct_desk *desk, pct_error *error) PCT_MUST_USE;
/* Keeps the board in the record; between groups. */
pct_status pct_desk_save(pct_desk *desk, pct_error *error) PCT_MUST_USE;
/* Board, lists, endings and tree as they were saved; desk->saved says what became of it. */
pct_status pct_desk_take_saved(pct_desk *desk, pct_error *error) PCT_MUST_USE;
/* Keys of sealed fields, from the store. */
pct_ledger_keys pct_desk_keys(pct_desk *desk);
/* Seals, hashes, stores and follows one decided event, within a group. */
pct_status pct_desk_record_event(pct_desk *desk, const pct_event *event, pct_error *error) PCT_MUST_USE;
pct_status pct_desk_save_tree(pct_desk *desk, pct_error *error) PCT_MUST_USE;
/* alone.c, between groups: an event that the service itself has to say, and its group. */
pct_event pct_desk_own_event(pct_desk *desk, pct_event_type type, const char *purpose);
pct_status pct_desk_record_alone(pct_desk *desk, const pct_event *event, pct_error *error) PCT_MUST_USE;
/* Board and lists as the record has them, and a snapshot of them. */
pct_status pct_desk_load(pct_desk *desk, pct_error *error) PCT_MUST_USE;
/* The end of a group: its snapshot is published, or (status) it is given up and the board made again; those who wait are
 * told. */
void pct_desk_finish_group(pct_desk *desk, pct_status status, pct_snapshot *snapshot, const pct_error *why);
/* Runs it between two groups: here, or on the writer's thread when the desk was started. */
pct_status pct_desk_between_groups(pct_desk *desk,
                                   pct_status (*run)(pct_desk *desk, void *context, pct_error *error),
                                   void *context, pct_error *error) PCT_MUST_USE;
/* The same, also on a desk that has stopped. */
pct_status pct_desk_mend(pct_desk *desk, pct_status (*run)(pct_desk *desk, void *context, pct_error *error),
                         void *context, pct_error *error) PCT_MUST_USE;
void pct_desk_run_works(pct_desk *desk);
/* retention.c: when it begins by itself; what it does then; what tables make of its events. */
pct_status pct_desk_plan_retention(pct_desk *desk, pct_error *error) PCT_MUST_USE;
void pct_desk_retain_when_due(pct_desk *desk, int64_t now_ms);
pct_status pct_desk_follow_retention(pct_desk *desk, const pct_event *event, pct_error *error) PCT_MUST_USE;
/* A request with all its texts in one piece; NULL without memory. */
pct_item *pct_desk_copy_request(const pct_desk_request *request);
/* map_told.c: the events of closures that a new map moved or lost. */
pct_status pct_desk_follow_map(pct_desk *desk, const pct_event *event, pct_error *error) PCT_MUST_USE;
/* Takes what waits, the most urgent lane first. */
void pct_lanes_take(pct_desk *desk, pct_group *group);
/* Answers what still waits. */
void pct_lanes_refuse(pct_desk *desk);
/* Why nothing is acknowledged any more: the desk is closing (PCT_BUSY), or its disk failed. */
pct_status pct_desk_fail_stopped(pct_status stopped, pct_error *error);
void pct_desk_tell(pct_desk *desk, pct_item *item);

#endif
