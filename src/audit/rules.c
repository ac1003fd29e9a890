/* Reading misuse.csv. Settings and patterns stand in one table by name; a setting takes either a count or hours. O(bytes). */
#include "audit/rules.h"

#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"

enum { COUNT_MAX = 200, HOURS_MAX = 31 * 24, LIVE_MAX = 400 };

const char *const pct_audit_pattern_names[PCT_AUDIT_PATTERN_COUNT] = {
    "outside_cases", "off_shift",   "many_cases",     "many_live", "series",
    "one_place",     "same_record", "track_followed", "false_case"};

typedef struct setting {
    const char *name;
    size_t at;                     /* in the rules: of an int64_t of ms, or of an int32_t */
    bool is_time, by_role, needed; /* needed: for all roles */
    int32_t max;
} setting;

static const setting settings[] = {
    {"own_case", offsetof(pct_audit_rules, own_case_ms), true, false, true, HOURS_MAX},
    {"on_the_board", offsetof(pct_audit_rules, on_the_board_ms), true, false, true, HOURS_MAX},
    {"same_place", offsetof(pct_audit_rules, same_place_ms), true, false, true, HOURS_MAX},
    {"sitting", offsetof(pct_audit_rules, sitting_ms), true, false, true, HOURS_MAX},
    {"at_work", offsetof(pct_audit_rules, at_work_ms), true, false, true, HOURS_MAX},
    {"settles", offsetof(pct_audit_rules, settles_ms), true, false, true, 24},
    {"closed_long", offsetof(pct_audit_rules, closed_long_ms), true, false, true, HOURS_MAX},
    {"idle_cases", offsetof(pct_audit_rules, idle_cases), false, true, true, 1000},
    {"neighbours", offsetof(pct_audit_rules, neighbours), false, false, true, 1000},
    {"day_begins", offsetof(pct_audit_rules, day_begins_h), false, true, false, 24},
    {"day_ends", offsetof(pct_audit_rules, day_ends_h), false, true, false, 24}};
enum { SETTINGS = sizeof settings / sizeof *settings, NAMES = SETTINGS + PCT_AUDIT_PATTERN_COUNT };

typedef struct reader {
    pct_csv csv;
    int rule, role, count, hours, why_en, why_zh;
    bool given[NAMES][PCT_ROLE_COUNT]; /* [PCT_ROLE_NONE]: for all */
} reader;

static const char *name_at(size_t i) {
    return i < SETTINGS ? settings[i].name : pct_audit_pattern_names[i - SETTINGS];
}

static pct_status read_names(reader *r, size_t *name, pct_role *role, pct_error *error) {
    const pct_text rule = pct_csv_text(&r->csv, r->rule), who = pct_csv_text(&r->csv, r->role);
    for (*name = 0; *name < NAMES && !pct_text_equal(rule, name_at(*name));) ++*name;
    if (*name == NAMES) return pct_csv_unexpected(&r->csv, r->rule, PCT_MSG_EXPECTED_MISUSE_RULE, error);
    for (*role = PCT_ROLE_NONE; *role < PCT_ROLE_SYSTEM; ++*role)
        if (pct_text_equal(who, pct_role_names[*role])) break;
    if (*role == PCT_ROLE_SYSTEM || (*role && *name < SETTINGS && !settings[*name].by_role))
        return pct_csv_unexpected(&r->csv, r->role, PCT_MSG_EXPECTED_MISUSE_ROLE, error);
    if (r->given[*name][*role])
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_MISUSE_RULE_TWICE, pct_str(r->csv.file),
                        pct_int(r->csv.line), pct_view(rule), pct_view(who));
    r->given[*name][*role] = true;
    return PCT_OK;
}

static pct_status read_hours(reader *r, double min_h, double max_h, int64_t *ms, pct_error *error) {
    double hours;
    pct_status status = pct_csv_real(&r->csv, r->hours, min_h, max_h, &hours, error);
    *ms = status ? 0 : llround(hours * 3600000.0);
    return status;
}

static pct_status read_setting(reader *r, const setting *s, pct_role role, pct_audit_rules *out,
                               pct_error *error) {
    char *field = (char *)out + s->at;
    int64_t value;
    if (s->is_time) return read_hours(r, 0.0, s->max, (int64_t *)(void *)field, error);
    pct_status status = pct_csv_integer(&r->csv, r->count, 0, s->max, &value, error);
    if (status) return status;
    int32_t *values = (int32_t *)(void *)field;
    if (!s->by_role) *values = (int32_t)value;
    for (pct_role each = PCT_ROLE_NONE; s->by_role && each < PCT_ROLE_COUNT; each++)
        if (each == role || (!role && !r->given[s - settings][each])) values[each] = (int32_t)value;
    return PCT_OK;
}

static pct_status read_line(reader *r, size_t pattern, pct_role role, pct_audit_rules *out,
                            pct_error *error) {
    pct_audit_line line;
    int64_t count;
    int64_t max = pattern == PCT_AUDIT_MANY_LIVE ? LIVE_MAX : COUNT_MAX;
    pct_status status = pct_csv_integer(&r->csv, r->count, 0, max, &count, error);
    if (!status) status = read_hours(r, 0.01, HOURS_MAX, &line.window_ms, error);
    if (status) return status;
    line.count = (int32_t)count;
    for (pct_role each = PCT_ROLE_NONE; each < PCT_ROLE_COUNT; each++)
        if (each == role || (!role && !r->given[SETTINGS + pattern][each])) out->lines[pattern][each] = line;
    return PCT_OK;
}

static pct_status read_row(reader *r, pct_audit_rules *out, pct_error *error) {
    const int reasons[] = {r->why_en, r->why_zh};
    pct_role role = PCT_ROLE_NONE;
    size_t name = 0;
    pct_status status = read_names(r, &name, &role, error);
    for (int i = 0; i < 2 && !status; i++)
        if (pct_csv_text(&r->csv, reasons[i]).length == 0)
            status = pct_csv_unexpected(&r->csv, reasons[i], PCT_MSG_EXPECTED_MISUSE_REASON, error);
    if (status) return status;
    return name < SETTINGS ? read_setting(r, &settings[name], role, out, error)
                           : read_line(r, name - SETTINGS, role, out, error);
}

static pct_status check_given(const reader *r, const char *file, pct_error *error) {
    for (size_t i = 0; i < NAMES; i++) {
        bool needed = i >= SETTINGS || settings[i].needed;
        if (needed && !r->given[i][PCT_ROLE_NONE])
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_MISUSE_RULE_MISSING, pct_str(file),
                            pct_str(name_at(i)));
    }
    return PCT_OK;
}

pct_status pct_audit_rules_read(const char *file, pct_text bytes, pct_audit_rules *out, pct_error *error) {
    reader r = {.given = {{false}}};
    const struct {
        const char *name;
        int *column;
    } columns[] = {{"rule", &r.rule},   {"role", &r.role},     {"count", &r.count},
                   {"hours", &r.hours}, {"why_en", &r.why_en}, {"why_zh", &r.why_zh}};
    bool more = true;
    memset(out, 0, sizeof *out);
    pct_status status = pct_csv_open(&r.csv, file, bytes, error);
    if (status) return status;
    for (size_t i = 0; i < sizeof columns / sizeof *columns && !status; i++)
        status = pct_csv_column(&r.csv, columns[i].name, columns[i].column, error);
    while (!status && (status = pct_csv_next(&r.csv, &more, error)) == PCT_OK && more)
        status = read_row(&r, out, error);
    if (!status) status = check_given(&r, file, error);
    pct_csv_close(&r.csv);
    return status;
}
