/* What the plans of patrol share: from a plan's text to its event, and to the rounds of its units. */
#ifndef PCT_RESOURCE_PATROL_PLAN_H
#define PCT_RESOURCE_PATROL_PLAN_H

#include "patrol/duty_plan.h"
#include "resource/patrol_book.h"

/* Keeps the text of a plan and says that it is made; by whom: act's account, role and key, its command is filled in. */
pct_status pct_patrol_plan_made(pct_patrol_book *book, pct_plan_id id, const pct_duty_plan *plan,
                                pct_text text, pct_patrol_act *act, pct_error *error) PCT_MUST_USE;
/* Of the life's plan: its document read. The caller disposes of both. */
pct_status pct_patrol_plan_read(pct_patrol_book *book, pct_plan_id id, pct_buffer *text, pct_duty_plan *out,
                                pct_error *error) PCT_MUST_USE;

#endif
