/* The log is verified while it is in use: a thread of low priority with a reader of its own goes through it once after the
 * start, at half the speed it could, and then follows what is committed. What it finds changes nothing about taking
 * calls: a record that is damaged somewhere is better than none. It is shown and said. */
#ifndef PCT_DESK_WATCH_H
#define PCT_DESK_WATCH_H

#include "store/store.h"

typedef enum pct_watch_state {
    PCT_WATCH_RUNNING, /* sound as far as it has come */
    PCT_WATCH_SOUND,   /* up to `events` */
    PCT_WATCH_BAD,     /* `why` says what, at `first_bad` */
    PCT_WATCH_FAILED,  /* the record could not be read; `why` says why */
} pct_watch_state;

typedef struct pct_watch_view {
    pct_watch_state state;
    int64_t verified, events; /* of the log as it was when the round began */
    int64_t first_bad;        /* 0: none */
    pct_error why;
} pct_watch_view;

typedef struct pct_watch pct_watch;

typedef struct pct_watch_options {
    pct_store *reader; /* its own; taken, also when it fails */
    int again_ms;      /* between rounds; 0: 10 s */
    /* Called once, by its thread, when it ends as bad or failed. May be NULL. */
    void (*found)(void *context, const pct_watch_view *view);
    void *context;
} pct_watch_options;

pct_status pct_watch_start(const pct_watch_options *options, pct_watch **out, pct_error *error) PCT_MUST_USE;
/* Any thread. NULL: a watch that has not begun. */
pct_watch_view pct_watch_look(pct_watch *watch);
/* From the first event on once more; also after it ended. Any thread; NULL is accepted. */
void pct_watch_again(pct_watch *watch);
void pct_watch_stop(pct_watch *watch);

#endif
