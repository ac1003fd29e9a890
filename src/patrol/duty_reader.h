/* Private to the reader of duty problems and plans: where it stands in the file, and its values. */
#ifndef PCT_PATROL_DUTY_READER_H
#define PCT_PATROL_DUTY_READER_H

#include "base/json.h"
#include "base/map.h"
#include "patrol/duty.h"

enum { PCT_DUTY_PATH_BYTES = 160, PCT_DUTY_MINUTE_MS = 60000 };

typedef struct pct_duty_reader {
    const char *file;
    const pct_zone *zone;
    pct_arena *arena; /* of what is read */
    pct_duty *duty;   /* NULL for a plan */
    pct_error *error;
    int64_t midnight_ms; /* of the problem's day */
    int64_t day;         /* since 1970, local */
    pct_names ids, unit_ids, capabilities;
    char path[PCT_DUTY_PATH_BYTES]; /* "points[3].windows" */
    size_t path_length;
} pct_duty_reader;

/* Into a member, into an item of a list; what leave takes back. */
size_t pct_duty_enter(pct_duty_reader *r, const char *name);
size_t pct_duty_enter_at(pct_duty_reader *r, size_t index);
void pct_duty_leave(pct_duty_reader *r, size_t at);
/* The error for the member that was entered. */
pct_status pct_duty_unknown(pct_duty_reader *r);
pct_status pct_duty_unexpected(pct_duty_reader *r, pct_message expected, const json_t *found);
/* No other members than these; `known` ends with NULL. */
pct_status pct_duty_only(pct_duty_reader *r, const json_t *object, const char *const *known) PCT_MUST_USE;

pct_status pct_duty_text(pct_duty_reader *r, const json_t *value, pct_text *out) PCT_MUST_USE;
pct_status pct_duty_position(pct_duty_reader *r, const json_t *value, pct_position *out) PCT_MUST_USE;
/* "HH:MM" of the problem's day, up to 48:00; "YYYY-MM-DD", its midnight. UTC ms. */
pct_status pct_duty_clock(pct_duty_reader *r, const json_t *value, int64_t *out) PCT_MUST_USE;
pct_status pct_duty_day(pct_duty_reader *r, const json_t *value, int64_t *out) PCT_MUST_USE;
pct_status pct_duty_time(pct_duty_reader *r, const json_t *value, int64_t *out) PCT_MUST_USE; /* RFC 3339 */
pct_status pct_duty_word(pct_duty_reader *r, const json_t *value, const char *const *words, int count,
                         pct_message expected, int *out) PCT_MUST_USE;
pct_status pct_duty_kind_named(pct_duty_reader *r, const json_t *value, pct_duty_kind *out) PCT_MUST_USE;
pct_status pct_duty_moves_named(pct_duty_reader *r, const json_t *value, pct_duty_moves *out) PCT_MUST_USE;
pct_status pct_duty_unit_named(pct_duty_reader *r, const json_t *value, int32_t *out) PCT_MUST_USE;
pct_status pct_duty_capabilities(pct_duty_reader *r, const json_t *value, uint64_t *out) PCT_MUST_USE;

/* Format, name, date and hours; the units without their own tasks. */
pct_status pct_duty_head(pct_duty_reader *r, const json_t *root) PCT_MUST_USE;
pct_status pct_duty_units(pct_duty_reader *r, const json_t *root) PCT_MUST_USE;
pct_status pct_duty_keep_capabilities(pct_duty_reader *r) PCT_MUST_USE;

#endif
