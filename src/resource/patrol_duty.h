/* The duty problem that a plan is made from: the one that is kept, with what has come since. */
#ifndef PCT_RESOURCE_PATROL_DUTY_H
#define PCT_RESOURCE_PATROL_DUTY_H

#include "resource/patrol_book.h"

/* The problem that is kept, with directed orders that are open on its day, what is owed, and of each station's units the share that the
 * duty level of its first hour puts on the street; as JSON, read and found good, its day and name beside. *debt_until: the last
 * event whose debt is in it. PCT_NOT_FOUND when none is kept. */
pct_status pct_patrol_problem_now(pct_patrol_book *book, pct_buffer *out, pct_duty *duty, int64_t *debt_until,
                                  pct_error *error) PCT_MUST_USE;

/* Nothing of it is aimed at a dwelling, as the gazetteer knows them: PCT_REFUSED, naming the first. */
pct_status pct_patrol_refuse_dwellings(const pct_service *service, const pct_duty *duty,
                                       pct_error *error) PCT_MUST_USE;
pct_status pct_patrol_refuse_dwelling(const pct_service *service, pct_text what, pct_position position,
                                      pct_error *error) PCT_MUST_USE;

#endif
