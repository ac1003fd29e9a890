/* Inside the book of patrol: shared by its files, and by nobody else. */
#ifndef PCT_RESOURCE_PATROL_BOOK_STATE_H
#define PCT_RESOURCE_PATROL_BOOK_STATE_H

#include "desk/rest.h"
#include "resource/patrol_book.h"
#include "resource/patrol_keeper.h"
#include "resource/patrol_presence.h"

struct pct_patrol_book {
    pct_service *service;
    pthread_mutex_t lock;     /* of the life; held through a commit */
    pthread_mutex_t adopting; /* held through an adoption */
    pct_life *life;
    int64_t loaded_seq; /* the last event of patrol at the start */
    pct_patrol_keeper *keeper;
    pct_rest tending, making;
    pthread_t tender, maker;
    bool tends, makes;
    pct_patrol_presence *presence;
    atomic_llong making_plan;     /* seq of the plan that is being made; 0: none */
    atomic_int progress_permille; /* of it */
};

/* Its two threads: context is the book. */
void *pct_patrol_tend(void *context);
void *pct_patrol_make(void *context);

/* One look at all rounds; any failure leaves the rest to the next look. */
void pct_patrol_tend_once(pct_patrol_book *book);

/* The rest of a round whose unit is free again, together with its neighbours' (patrol_takeover.c). PCT_NOT_FOUND: there is no problem to plan on
 * now; it is laid alone then. */
pct_status pct_patrol_take_over(pct_patrol_book *book, pct_round_id id, pct_error *error) PCT_MUST_USE;

#endif
