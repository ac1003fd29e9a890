/* Cards of paper for calls while nothing else works: numbers that are never given twice, and what a number looks like.
 *
 *     status = pct_desk_print_cards(desk, account, 40, &first, &error);    // an event: first … first + 39 are given out
 *     pct_card_write(first, text);                                         // "000123-20"
 *
 * The last two digits are ISO 7064 MOD 97-10 over the six: every wrong digit and every two that changed places are found, so
 * that a card that is entered wrongly is refused instead of becoming another. Giving out is O(events of this kind). */
#ifndef PCT_DESK_CARDS_H
#define PCT_DESK_CARDS_H

#include "desk/desk.h"

enum { PCT_CARD_TEXT = 12, PCT_CARDS_MAX = 1000, PCT_CARD_LAST = 999999 };

void pct_card_write(int64_t number, char out[PCT_CARD_TEXT]);
/* false unless it is six digits, a hyphen and the two that belong to them. */
bool pct_card_read(pct_text text, int64_t *out);

/* A call that was written on a card: the card's number is its idempotency key, for all accounts together. */
bool pct_desk_is_card(const pct_command *command);

/* Whose a request's key is: a card is entered once, whoever does it. */
pct_text pct_desk_key_owner(const pct_desk_request *request);

/* PCT_INPUT: count beyond 1 … PCT_CARDS_MAX; PCT_LIMIT: no such numbers are left. The cards are given out when this returns,
 * printed or not. */
pct_status pct_desk_print_cards(pct_desk *desk, pct_text account, int64_t count, int64_t *first,
                                pct_error *error) PCT_MUST_USE;

#endif
