/* The code tables of dispatch (definitions/codes): incident types and what they need, capabilities, kinds of
 * unit, priorities; each with its names in zh and en and other systems' spellings.
 *
 * Read once, immutable afterwards; may be shared between threads. Look-ups are O(1) and know a code or any spelling
 * of its `also` column, letter for letter. Texts borrow from the pct_codes.
 *
 * A type *requires* capabilities (a unit without one is never sent by a policy) and *wants* others (a unit that has
 * them is preferred). Types that name petitioning or assembly, and any watch on persons, are refused: docs/scope.md. */
#ifndef PCT_DISPATCH_CODES_H
#define PCT_DISPATCH_CODES_H

#include <stdbool.h>

#include "base/message.h"

enum {
    PCT_CAPABILITIES_MAX = 64,
    PCT_INCIDENT_TYPES_MAX = 1000,
    PCT_UNIT_KINDS_MAX = 200,
    PCT_PRIORITY_COUNT = 4
};

typedef uint64_t pct_capability_set; /* bit 1 << capability */

typedef struct pct_code {
    pct_text code;
    pct_text names[PCT_LANGUAGE_COUNT];
} pct_code;

typedef struct pct_incident_type {
    pct_code code;
    pct_capability_set required, wanted;
    uint8_t priority;                   /* its default, 1 (most urgent) to 4 */
    uint8_t min_officers, min_strength; /* officers alone; officers and auxiliaries together */
} pct_incident_type;

typedef struct pct_codes pct_codes;

/* File names are for error messages. */
typedef struct pct_codes_source {
    const char *incident_types_file, *capabilities_file, *unit_kinds_file, *priorities_file;
    pct_text incident_types, capabilities, unit_kinds, priorities; /* contents */
} pct_codes_source;

/* The tables' file names below definitions/codes/. */
#define PCT_CODES_INCIDENT_TYPES_FILE "incident_types.csv"
#define PCT_CODES_CAPABILITIES_FILE   "capabilities.csv"
#define PCT_CODES_UNIT_KINDS_FILE     "unit_kinds.csv"
#define PCT_CODES_PRIORITIES_FILE     "priorities.csv"

pct_status pct_codes_read(const pct_codes_source *source, pct_codes **out, pct_error *error) PCT_MUST_USE;
void pct_codes_free(pct_codes *codes);

#define PCT_NO_CODE UINT32_MAX

/* Numbers count from 0 in the order of the file; PCT_NO_CODE when there is no such code or spelling. */
uint32_t pct_codes_type(const pct_codes *codes, pct_text spelling);
uint32_t pct_codes_capability(const pct_codes *codes, pct_text spelling);
uint32_t pct_codes_unit_kind(const pct_codes *codes, pct_text spelling);
uint32_t pct_codes_priority(const pct_codes *codes, pct_text spelling); /* 1 … 4, or PCT_NO_CODE */

uint32_t pct_codes_type_count(const pct_codes *codes);
uint32_t pct_codes_capability_count(const pct_codes *codes);
uint32_t pct_codes_unit_kind_count(const pct_codes *codes);
const pct_incident_type *pct_codes_type_at(const pct_codes *codes, uint32_t number);
const pct_code *pct_codes_capability_at(const pct_codes *codes, uint32_t number);
const pct_code *pct_codes_unit_kind_at(const pct_codes *codes, uint32_t number);
const pct_code *pct_codes_priority_at(const pct_codes *codes, uint32_t priority); /* 1 … 4 */
/* Within how many seconds the first unit should be there, by the column `target_s`; 0: the table names none. */
int64_t pct_codes_target_s(const pct_codes *codes, uint32_t priority); /* 1 … 4 */

/* A set from the codes of a list separated by ';' (white space around items is ignored). On failure *unknown is the
 * item that is no capability. */
bool pct_codes_capability_set(const pct_codes *codes, pct_text list, pct_capability_set *out,
                              pct_text *unknown);

#endif
