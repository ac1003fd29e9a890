/* The life of duty plans in the running service (patrol/life.h): one book, which every handler and two threads of its own hold.
 *
 *     const pct_life *life = pct_patrol_hold(book);   … look …   pct_patrol_let_go(book);
 *     status = pct_patrol_commit(book, &act, &reply, &error);     // decided, on disk, and in the book
 *
 * The book is made from the record's events at the start, and follows what it commits by reading that event back: what is in the book is
 * what stands in the record. Commands wait for each other, and their thread for the commit: people, tags and the book's own threads give
 * some in a second.
 *
 * Texts of problems and plans are documents of the record, named by their SHA-256, which their event holds: a document without an event
 * is harmless, one that was changed is not used.
 *
 *     tender    each second: a unit that was sent to a call has left its round; one that is free again goes on with the rest, planned anew;
 *               a round whose time is over ends
 *     maker     makes plans that are asked for, one after the other */
#ifndef PCT_RESOURCE_PATROL_BOOK_H
#define PCT_RESOURCE_PATROL_BOOK_H

#include "patrol/life.h"
#include "resource/exchange.h"

typedef struct pct_patrol_book pct_patrol_book;

/* All of the service but the server must be there already. */
pct_status pct_patrol_book_new(pct_service *service, pct_patrol_book **out, pct_error *error) PCT_MUST_USE;
/* Its threads; before it is freed, and before the desk closes. */
pct_status pct_patrol_book_start(pct_patrol_book *book, pct_error *error) PCT_MUST_USE;
void pct_patrol_book_free(pct_patrol_book *book);

const pct_life *pct_patrol_hold(pct_patrol_book *book);
/* The same again, for who holds it. */
const pct_life *pct_patrol_life(const pct_patrol_book *book);
void pct_patrol_let_go(pct_patrol_book *book);

typedef struct pct_patrol_act {
    pct_command command;
    const pct_command *also; /* [also_count] rests of other rounds that change with it: all or none */
    size_t also_count;
    pct_text account, purpose, key; /* key empty: not to be repeated */
    unsigned char body[PCT_STORE_HASH_BYTES];
    pct_role role;
    int64_t cause;
} pct_patrol_act;

/* PCT_REFUSED … as pct_life_may says, at the moment of the decision. A repeated request gets its first reply. */
pct_status pct_patrol_commit(pct_patrol_book *book, const pct_patrol_act *act, pct_desk_reply *reply,
                             pct_error *error) PCT_MUST_USE;
/* The command of an exchange, with its key, account and role; its reply is {"id", "seq"}. */
pct_status pct_patrol_take(pct_exchange *exchange, const pct_command *command, pct_text purpose,
                           pct_error *error) PCT_MUST_USE;
void pct_patrol_write_taken(pct_exchange *exchange, const pct_desk_reply *reply);

enum { PCT_PATROL_NAME_TEXT = 65 }; /* of a document: 64 hexadecimal digits */
/* Kinds: "duty" and "plan". */
pct_status pct_patrol_put(pct_patrol_book *book, const char *kind, pct_text bytes,
                          char name[PCT_PATROL_NAME_TEXT], pct_error *error) PCT_MUST_USE;
pct_status pct_patrol_get(pct_patrol_book *book, const char *kind, pct_text name, pct_buffer *out,
                          pct_error *error) PCT_MUST_USE;

/* Of the plan that is being made, 0 to 1; 0 for others. */
double pct_patrol_progress(pct_patrol_book *book, pct_plan_id id);

#endif
