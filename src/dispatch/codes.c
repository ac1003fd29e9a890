/* Reading the code tables. Each spelling is interned once: a name's number leads to the row it stands for, so that a
 * look-up is one hash. O(bytes) to read. */
#include "dispatch/codes.h"

#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/map.h"
#include "base/text.h"
#include "base/vector.h"
#include "event/rules.h"

enum { SPELLINGS_MAX = 20000, TEXT_BYTES_MAX = 4 << 20, TARGET_MAX_S = 86400 };

typedef struct spellings {
    pct_names names;
    pct_vector rows; /* uint32_t: by number of the name, the row it stands for */
} spellings;

struct pct_codes {
    pct_arena arena;
    pct_vector types;        /* pct_incident_type */
    pct_vector capabilities; /* pct_code */
    pct_vector unit_kinds;
    pct_vector priorities;
    int64_t targets_s[PCT_PRIORITY_COUNT]; /* 0: none */
    spellings type_names, capability_names, unit_kind_names, priority_names;
};

/* --- limits: what no type may be about (docs/scope.md) -------------------------------------------------------- */

/* Stems in lower case. English ones count where a word begins, whatever the case; Chinese ones anywhere. */
static const char *const forbidden_words[] = {
    "petition",   "assembl",   "protest",      "demonstrat", "rally",      "march",      "gathering",
    "picket",     "watchlist", "watch list",   "watch_list", "key person", "key_person", "person of",
    "persons of", "person_of", "suspect list", "blacklist",  "face recog", "上访",       "信访",
    "请愿",       "集会",      "游行",         "示威",       "聚集",       "聚众",       "罢工",
    "静坐",       "抗议",      "维权",         "重点人",     "布控",       "稳控",       "关注人员",
    "黑名单",     "人脸"};

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool contains_word(pct_text text, const char *word) {
    size_t length = strlen(word);
    bool english = word[0] >= 'a' && word[0] <= 'z';
    for (size_t at = 0; at + length <= text.length; at++) {
        size_t i = 0;
        char before = at > 0 ? lower(text.chars[at - 1]) : ' ';
        if (english && before >= 'a' && before <= 'z') continue;
        while (i < length && lower(text.chars[at + i]) == word[i]) i++;
        if (i == length) return true;
    }
    return false;
}

static pct_status check_scope(const pct_csv *csv, pct_text text, pct_error *error) {
    for (size_t i = 0; i < sizeof forbidden_words / sizeof *forbidden_words; i++)
        if (contains_word(text, forbidden_words[i]))
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CODES_OUT_OF_SCOPE, pct_str(csv->file),
                            pct_int(csv->line), pct_view(text), pct_str(forbidden_words[i]));
    return PCT_OK;
}

/* --- rows ----------------------------------------------------------------------------------------------------- */

typedef struct table {
    pct_csv csv;
    int code, zh, en, also;
    bool numeric; /* codes are 1, 2, 3, … */
    pct_arena *arena;
    spellings *spelling;
} table;

static pct_status open_table(table *t, const char *file, pct_text bytes, pct_error *error) {
    pct_status status = pct_csv_open(&t->csv, file, bytes, error);
    if (!status) status = pct_csv_column(&t->csv, "code", &t->code, error);
    if (!status) status = pct_csv_column(&t->csv, "zh", &t->zh, error);
    if (!status) status = pct_csv_column(&t->csv, "en", &t->en, error);
    t->also = status ? -1 : pct_csv_find(&t->csv, "also");
    return status;
}

static pct_status keep_text(table *t, int column, pct_text *out, pct_error *error) {
    pct_text text = pct_text_trim(pct_csv_text(&t->csv, column));
    if (text.length == 0) return pct_csv_unexpected(&t->csv, column, PCT_MSG_EXPECTED_TEXT, error);
    char *copy = pct_arena_text(t->arena, text.chars, text.length);
    if (!copy) return pct_error_memory(error, text.length);
    *out = (pct_text){copy, text.length};
    return PCT_OK;
}

static pct_status add_spelling(table *t, pct_text spelling, uint32_t row, pct_error *error) {
    uint32_t number;
    pct_status status = check_scope(&t->csv, spelling, error);
    if (status) return status;
    size_t before = t->spelling->names.length;
    status = pct_names_add(&t->spelling->names, spelling, &number);
    if (status)
        return status == PCT_MEMORY ? pct_error_memory(error, spelling.length)
                                    : PCT_FAIL(error, status, PCT_MSG_LIMIT_EXCEEDED,
                                               pct_phrase(PCT_MSG_WHAT_SPELLINGS), pct_int(SPELLINGS_MAX));
    if (t->spelling->names.length > before) {
        uint32_t *target = pct_vector_push(&t->spelling->rows);
        if (!target) return pct_vector_failed(&t->spelling->rows, PCT_MSG_WHAT_SPELLINGS, error);
        *target = row;
        return PCT_OK;
    }
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CODES_TWICE, pct_str(t->csv.file), pct_int(t->csv.line),
                    pct_view(spelling));
}

/* Code, names and spellings of the row at hand, which gets number `row`. */
static pct_status read_code(table *t, uint32_t row, pct_code *out, pct_error *error) {
    pct_status status = keep_text(t, t->code, &out->code, error);
    if (!status) status = keep_text(t, t->zh, &out->names[PCT_ZH], error);
    if (!status) status = keep_text(t, t->en, &out->names[PCT_EN], error);
    if (status) return status;
    int64_t number;
    if (t->numeric) {
        if (!pct_text_to_integer(out->code, &number) || number != (int64_t)row + 1)
            return pct_csv_unexpected(&t->csv, t->code, PCT_MSG_EXPECTED_PRIORITIES_IN_ORDER, error);
    } else if (!pct_event_is_code(out->code)) {
        return pct_csv_unexpected(&t->csv, t->code, PCT_MSG_EXPECTED_CODE, error);
    }
    status = check_scope(&t->csv, out->names[PCT_ZH], error);
    if (!status) status = check_scope(&t->csv, out->names[PCT_EN], error);
    if (!status) status = add_spelling(t, out->code, row, error);
    pct_text rest = pct_csv_text(&t->csv, t->also), item;
    while (!status && pct_text_next(&rest, ';', &item)) {
        item = pct_text_trim(item);
        if (item.length > 0) status = add_spelling(t, item, row, error);
    }
    return status;
}

/* Of a priority; the column and each of its cells may be absent. */
static pct_status read_target(pct_codes *codes, table *t, uint32_t row, pct_error *error) {
    int column = t->numeric ? pct_csv_find(&t->csv, "target_s") : -1;
    if (row >= PCT_PRIORITY_COUNT || pct_text_trim(pct_csv_text(&t->csv, column)).length == 0) return PCT_OK;
    return pct_csv_integer(&t->csv, column, 1, TARGET_MAX_S, &codes->targets_s[row], error);
}

/* A table of codes and names alone. */
static pct_status read_plain(pct_codes *codes, const char *file, pct_text bytes, bool numeric,
                             spellings *spelling, pct_vector *out, pct_error *error) {
    table t = {.arena = &codes->arena, .spelling = spelling, .numeric = numeric};
    bool more = true;
    pct_status status = open_table(&t, file, bytes, error);
    if (status) goto done;
    while ((status = pct_csv_next(&t.csv, &more, error)) == PCT_OK && more) {
        uint32_t row = (uint32_t)out->length;
        pct_code *code = pct_vector_push(out);
        status = code ? read_code(&t, row, code, error) : pct_vector_failed(out, PCT_MSG_WHAT_ROWS, error);
        if (!status) status = read_target(codes, &t, row, error);
        if (status) goto done;
    }
    if (!status && out->length == 0) status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_CODES_NONE, pct_str(file));
done:
    pct_csv_close(&t.csv);
    return status;
}

/* --- incident types -------------------------------------------------------------------------------------------- */

typedef struct type_columns {
    int priority, required, wanted, min_officers, min_strength;
} type_columns;

static pct_status open_types(table *t, type_columns *c, const char *file, pct_text bytes, pct_error *error) {
    pct_status status = open_table(t, file, bytes, error);
    if (!status) status = pct_csv_column(&t->csv, "priority", &c->priority, error);
    if (!status) status = pct_csv_column(&t->csv, "required", &c->required, error);
    if (!status) status = pct_csv_column(&t->csv, "wanted", &c->wanted, error);
    if (!status) status = pct_csv_column(&t->csv, "min_officers", &c->min_officers, error);
    if (!status) status = pct_csv_column(&t->csv, "min_strength", &c->min_strength, error);
    return status;
}

static pct_status read_set(const pct_codes *codes, const table *t, int column, pct_capability_set *out,
                           pct_error *error) {
    pct_text unknown;
    if (pct_codes_capability_set(codes, pct_csv_text(&t->csv, column), out, &unknown)) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CODES_CAPABILITY, pct_str(t->csv.file), pct_int(t->csv.line),
                    pct_view(unknown));
}

static pct_status read_type(const pct_codes *codes, table *t, const type_columns *c, uint32_t row,
                            pct_incident_type *type, pct_error *error) {
    int64_t priority = 0, officers = 0, strength = 0;
    pct_status status = read_code(t, row, &type->code, error);
    if (!status) status = pct_csv_integer(&t->csv, c->priority, 1, PCT_PRIORITY_COUNT, &priority, error);
    if (!status) status = read_set(codes, t, c->required, &type->required, error);
    if (!status) status = read_set(codes, t, c->wanted, &type->wanted, error);
    if (!status) status = pct_csv_integer(&t->csv, c->min_officers, 0, 100, &officers, error);
    if (!status) status = pct_csv_integer(&t->csv, c->min_strength, 0, 200, &strength, error);
    if (status) return status;
    type->priority = (uint8_t)priority;
    type->min_officers = (uint8_t)officers, type->min_strength = (uint8_t)strength;
    return PCT_OK;
}

static pct_status read_types(pct_codes *codes, const char *file, pct_text bytes, pct_error *error) {
    table t = {.arena = &codes->arena, .spelling = &codes->type_names};
    type_columns columns;
    bool more = true;
    pct_status status = open_types(&t, &columns, file, bytes, error);
    if (status) goto done;
    while ((status = pct_csv_next(&t.csv, &more, error)) == PCT_OK && more) {
        uint32_t row = (uint32_t)codes->types.length;
        pct_incident_type *type = pct_vector_push(&codes->types);
        status = type ? read_type(codes, &t, &columns, row, type, error)
                      : pct_vector_failed(&codes->types, PCT_MSG_WHAT_ROWS, error);
        if (status) goto done;
    }
    if (!status && codes->types.length == 0)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_CODES_NONE, pct_str(file));
done:
    pct_csv_close(&t.csv);
    return status;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static spellings spellings_init(void) {
    return (spellings){pct_names_init(SPELLINGS_MAX, TEXT_BYTES_MAX),
                       pct_vector_init(sizeof(uint32_t), SPELLINGS_MAX)};
}

static void spellings_dispose(spellings *s) {
    pct_names_dispose(&s->names);
    pct_vector_dispose(&s->rows);
}

void pct_codes_free(pct_codes *codes) {
    if (!codes) return;
    pct_vector_dispose(&codes->types), pct_vector_dispose(&codes->capabilities);
    pct_vector_dispose(&codes->unit_kinds), pct_vector_dispose(&codes->priorities);
    spellings_dispose(&codes->type_names), spellings_dispose(&codes->capability_names);
    spellings_dispose(&codes->unit_kind_names), spellings_dispose(&codes->priority_names);
    pct_arena_dispose(&codes->arena);
    pct_free(codes);
}

pct_status pct_codes_read(const pct_codes_source *source, pct_codes **out, pct_error *error) {
    *out = NULL;
    pct_codes *codes = pct_alloc_zeroed(1, sizeof *codes);
    if (!codes) return pct_error_memory(error, sizeof *codes);
    codes->arena = pct_arena_init(TEXT_BYTES_MAX);
    codes->types = pct_vector_init(sizeof(pct_incident_type), PCT_INCIDENT_TYPES_MAX);
    codes->capabilities = pct_vector_init(sizeof(pct_code), PCT_CAPABILITIES_MAX);
    codes->unit_kinds = pct_vector_init(sizeof(pct_code), PCT_UNIT_KINDS_MAX);
    codes->priorities = pct_vector_init(sizeof(pct_code), PCT_PRIORITY_COUNT);
    codes->type_names = spellings_init(), codes->capability_names = spellings_init();
    codes->unit_kind_names = spellings_init(), codes->priority_names = spellings_init();
    pct_status status = read_plain(codes, source->capabilities_file, source->capabilities, false,
                                   &codes->capability_names, &codes->capabilities, error);
    if (!status)
        status = read_plain(codes, source->unit_kinds_file, source->unit_kinds, false,
                            &codes->unit_kind_names, &codes->unit_kinds, error);
    if (!status)
        status = read_plain(codes, source->priorities_file, source->priorities, true, &codes->priority_names,
                            &codes->priorities, error);
    if (!status && codes->priorities.length < PCT_PRIORITY_COUNT)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_CODES_PRIORITIES, pct_str(source->priorities_file),
                          pct_int(PCT_PRIORITY_COUNT), pct_int((int64_t)codes->priorities.length));
    if (!status) status = read_types(codes, source->incident_types_file, source->incident_types, error);
    if (status)
        pct_codes_free(codes);
    else
        *out = codes;
    return status;
}

static uint32_t row_of(const spellings *s, pct_text spelling) {
    uint32_t number = pct_names_find(&s->names, spelling);
    return number == PCT_MAP_ABSENT ? PCT_NO_CODE : ((const uint32_t *)s->rows.items)[number];
}

uint32_t pct_codes_type(const pct_codes *codes, pct_text spelling) {
    return row_of(&codes->type_names, spelling);
}

uint32_t pct_codes_capability(const pct_codes *codes, pct_text spelling) {
    return row_of(&codes->capability_names, spelling);
}

uint32_t pct_codes_unit_kind(const pct_codes *codes, pct_text spelling) {
    return row_of(&codes->unit_kind_names, spelling);
}

uint32_t pct_codes_priority(const pct_codes *codes, pct_text spelling) {
    uint32_t row = row_of(&codes->priority_names, spelling);
    return row == PCT_NO_CODE ? row : row + 1;
}

uint32_t pct_codes_type_count(const pct_codes *codes) {
    return (uint32_t)codes->types.length;
}

uint32_t pct_codes_capability_count(const pct_codes *codes) {
    return (uint32_t)codes->capabilities.length;
}

uint32_t pct_codes_unit_kind_count(const pct_codes *codes) {
    return (uint32_t)codes->unit_kinds.length;
}

const pct_incident_type *pct_codes_type_at(const pct_codes *codes, uint32_t number) {
    return number < codes->types.length ? (const pct_incident_type *)codes->types.items + number : NULL;
}

static const pct_code *code_at(const pct_vector *rows, uint32_t number) {
    return number < rows->length ? (const pct_code *)rows->items + number : NULL;
}

const pct_code *pct_codes_capability_at(const pct_codes *codes, uint32_t number) {
    return code_at(&codes->capabilities, number);
}

const pct_code *pct_codes_unit_kind_at(const pct_codes *codes, uint32_t number) {
    return code_at(&codes->unit_kinds, number);
}

const pct_code *pct_codes_priority_at(const pct_codes *codes, uint32_t priority) {
    return priority ? code_at(&codes->priorities, priority - 1) : NULL;
}

int64_t pct_codes_target_s(const pct_codes *codes, uint32_t priority) {
    return priority && priority <= PCT_PRIORITY_COUNT ? codes->targets_s[priority - 1] : 0;
}

bool pct_codes_capability_set(const pct_codes *codes, pct_text list, pct_capability_set *out,
                              pct_text *unknown) {
    pct_text item;
    *out = 0;
    while (pct_text_next(&list, ';', &item)) {
        item = pct_text_trim(item);
        if (item.length == 0) continue;
        uint32_t number = pct_codes_capability(codes, item);
        if (number == PCT_NO_CODE) {
            *unknown = item;
            return false;
        }
        *out |= (pct_capability_set)1 << number;
    }
    return true;
}
