/* Where patrols were (patrol/streets.h) of some days, made in the background from the stored tracks of units on their rounds and kept for
 * the next question of the same days. A thread of its own, which takes what others leave; one span after the other. */
#ifndef PCT_RESOURCE_PATROL_PRESENCE_H
#define PCT_RESOURCE_PATROL_PRESENCE_H

#include "resource/patrol_book.h"

typedef struct pct_patrol_presence pct_patrol_presence;

/* `service` with its book, tracks and roads, which live longer. */
pct_status pct_patrol_presence_new(pct_service *service, pct_patrol_presence **out,
                                   pct_error *error) PCT_MUST_USE;
pct_status pct_patrol_presence_start(pct_patrol_presence *presence, pct_error *error) PCT_MUST_USE;
void pct_patrol_presence_free(pct_patrol_presence *presence); /* ends its thread */

#endif
