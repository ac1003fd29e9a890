/* What a value of an event may be: one place for the encoder and the decoder. */
#ifndef PCT_EVENT_RULES_H
#define PCT_EVENT_RULES_H

#include "event/codec.h"

/* The whole numbers that every JSON reader keeps exactly. */
#define PCT_EVENT_INT_MAX ((INT64_C(1) << 53) - 1)

bool pct_event_is_code(
    pct_text text); /* a lower-case letter, then lower-case letters, digits and _; at most 48 */
bool pct_event_is_position(int64_t lon_e7, int64_t lat_e7);
/* The letter behind the backslash for a control character that has a short escape, else 0. */
extern const char pct_event_escape_letters[0x20];
/* Enum members are read and written through this, as the tables know only their place. */
typedef uint32_t pct_event_enum;
_Static_assert(sizeof(pct_role) == sizeof(pct_event_enum), "enums are 32 bits wide");
/* Ids of all kinds are one seq. */
_Static_assert(sizeof(pct_call_id) == sizeof(int64_t), "an id is its seq");

#endif
