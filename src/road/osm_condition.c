/* Hours of the week are painted on 7 × 96 quarters of an hour; how many of them are painted says the rest. */
#include "road/osm_condition.h"

#include <string.h>

#include "base/text.h"

enum { DAYS = 7, QUARTERS = 96, WEEK = DAYS * QUARTERS, MINUTES_OF_QUARTER = 15, DAY_MINUTES = 1440 };

typedef struct hours {
    bool week[WEEK];
    bool unsure; /* something in it is not of the week's hours */
} hours;

static bool is_space(char c) {
    return c == ' ' || c == '\t';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool begins(pct_text text, const char *prefix) {
    size_t length = strlen(prefix);
    return text.length >= length && memcmp(text.chars, prefix, length) == 0;
}

static pct_text behind(pct_text text, size_t length) {
    return (pct_text){text.chars + length, text.length - length};
}

/* --- hours of the week -------------------------------------------------------------------------------------------- */

/* Takes a day's name off *text; DAYS when there is none. */
static int take_day(pct_text *text) {
    static const char *const names[DAYS] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
    for (int d = 0; d < DAYS; d++)
        if (begins(*text, names[d])) {
            *text = behind(*text, 2);
            return d;
        }
    return DAYS;
}

/* "Mo-Fr,Su": marks the days; false when it is something else. */
static bool read_days(pct_text list, bool days[DAYS]) {
    pct_text item;
    while (pct_text_next(&list, ',', &item)) {
        item = pct_text_trim(item);
        int first = take_day(&item), last = first;
        if (first == DAYS) return false;
        if (begins(item, "-")) {
            item = behind(item, 1);
            last = take_day(&item);
        }
        if (last == DAYS || item.length > 0) return false;
        for (int d = first;; d = (d + 1) % DAYS) {
            days[d] = true;
            if (d == last) break;
        }
    }
    return true;
}

/* "07:00" in minutes; -1 when it is none. 24:00 ends a day, up to 48:00 the night behind it. */
static int minutes_of(pct_text text) {
    int64_t hour, minute;
    const char *colon = text.length > 0 ? memchr(text.chars, ':', text.length) : NULL;
    if (!colon || !is_digit(text.chars[0])) return -1;
    size_t at = (size_t)(colon - text.chars);
    if (!pct_text_to_integer((pct_text){text.chars, at}, &hour) ||
        !pct_text_to_integer(behind(text, at + 1), &minute))
        return -1;
    return hour > 48 || minute < 0 || minute > 59 ? -1 : (int)(hour * 60 + minute);
}

static void paint(hours *h, const bool days[DAYS], int from, int to, bool value) {
    if (to <= from) to += DAY_MINUTES;
    for (int d = 0; d < DAYS; d++)
        for (int q = from / MINUTES_OF_QUARTER; days[d] && q * MINUTES_OF_QUARTER < to; q++)
            h->week[(d * QUARTERS + q) % WEEK] = value;
}

/* "07:00-09:00,17:00-19:00" on those days; false when it is something else. */
static bool read_times(pct_text list, const bool days[DAYS], bool value, hours *h) {
    pct_text item;
    while (pct_text_next(&list, ',', &item)) {
        item = pct_text_trim(item);
        const char *dash = item.length > 0 ? memchr(item.chars, '-', item.length) : NULL;
        if (!dash) return false;
        size_t at = (size_t)(dash - item.chars);
        int from = minutes_of(pct_text_trim((pct_text){item.chars, at})),
            to = minutes_of(pct_text_trim(behind(item, at + 1)));
        if (from < 0 || to < 0) return false;
        paint(h, days, from, to, value);
    }
    return true;
}

/* Where the times begin: the first digit behind days, or the end. */
static size_t times_at(pct_text rule) {
    size_t at = 0;
    while (at < rule.length && !is_digit(rule.chars[at])) at++;
    return at;
}

/* One rule of opening hours: days, times, both, or 24/7; with "off" behind it takes hours away. */
static void read_rule(pct_text rule, hours *h) {
    bool days[DAYS] = {false}, value = true;
    const bool all[DAYS] = {true, true, true, true, true, true, true};
    static const char *const closing[] = {"off", "closed"};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(closing[i]);
        if (rule.length < length || memcmp(rule.chars + rule.length - length, closing[i], length) != 0)
            continue;
        rule = pct_text_trim((pct_text){rule.chars, rule.length - length});
        value = false;
    }
    if (begins(rule, "24/7")) rule = pct_text_trim(behind(rule, strlen("24/7")));
    size_t at = times_at(rule);
    pct_text of_days = pct_text_trim((pct_text){rule.chars, at}), of_times = behind(rule, at);
    bool named = of_days.length > 0;
    if (named && !read_days(of_days, days)) {
        h->unsure = true;
        return;
    }
    if (of_times.length == 0)
        paint(h, named ? days : all, 0, DAY_MINUTES, value);
    else if (!read_times(of_times, named ? days : all, value, h))
        h->unsure = true;
}

static pct_osm_when read_hours(pct_text text, bool *mostly) {
    hours h = {.unsure = false};
    pct_text rule;
    int painted = 0;
    while (pct_text_next(&text, ';', &rule)) {
        rule = pct_text_trim(rule);
        if (rule.length > 0) read_rule(rule, &h);
    }
    for (int q = 0; q < WEEK; q++) painted += h.week[q];
    *mostly = painted * 2 > WEEK;
    if (h.unsure) return PCT_OSM_SOMETIMES;
    return painted == WEEK ? PCT_OSM_ALWAYS : painted == 0 ? PCT_OSM_NEVER : PCT_OSM_SOMETIMES;
}

/* --- other conditions --------------------------------------------------------------------------------------------- */

/* What a patrol car measures at most, in metres and tonnes. */
static const struct {
    const char *name;
    double of_a_car;
} measures[] = {{"weightrating", 3.5}, {"weight", 3.5},        {"grossweight", 3.5}, {"maxweight", 3.5},
                {"emptyweight", 3.5},  {"unladenweight", 3.5}, {"axleload", 2.5},    {"axles", 2.0},
                {"length", 6.0},       {"width", 2.2},         {"height", 2.5},      {"wheels", 4.0},
                {"trailers", 0.0}};

/* "weight>7.5", "length <= 10 m": never for us, always, or unknown. */
static bool is_measure(pct_text text, pct_osm_when *when) {
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        if (!begins(text, measures[i].name)) continue;
        pct_text rest = pct_text_trim(behind(text, strlen(measures[i].name)));
        if (rest.length == 0 || (rest.chars[0] != '<' && rest.chars[0] != '>')) continue;
        bool more = rest.chars[0] == '>';
        rest = behind(rest, 1);
        if (begins(rest, "=")) rest = behind(rest, 1);
        rest = pct_text_trim(rest);
        size_t digits = 0;
        while (digits < rest.length && (is_digit(rest.chars[digits]) || rest.chars[digits] == '.')) digits++;
        double bound;
        *when = PCT_OSM_SOMETIMES;
        if (pct_text_to_real((pct_text){rest.chars, digits}, &bound) && bound >= measures[i].of_a_car)
            *when = more ? PCT_OSM_NEVER : PCT_OSM_ALWAYS;
        return true;
    }
    return false;
}

/* Vehicles that a car is not. */
static bool is_foreign(pct_text text) {
    static const char *const classes[] = {"hgv",   "goods",          "trailer",      "caravan", "motorhome",
                                          "bus",   "coach",          "tourist_bus",  "psv",     "motorcycle",
                                          "moped", "mofa",           "agricultural", "hazmat",  "bicycle",
                                          "foot",  "hgv_articulated"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (pct_text_equal(text, classes[i])) return true;
    return false;
}

static pct_osm_when judge_one(pct_text text, bool *mostly) {
    pct_osm_when when;
    text = pct_text_trim(text);
    *mostly = false;
    if (is_measure(text, &when)) {
        *mostly = when == PCT_OSM_ALWAYS;
        return when;
    }
    return is_foreign(text) ? PCT_OSM_NEVER : read_hours(text, mostly);
}

/* Conditions joined by AND: the one that holds least says when all do. */
static void judge(pct_text text, pct_osm_clause *out) {
    static const char joint[] = " AND ";
    out->when = PCT_OSM_ALWAYS;
    out->mostly = true;
    for (bool more = true; more;) {
        const char *cut = text.length > 0 ? memmem(text.chars, text.length, joint, strlen(joint)) : NULL;
        pct_text one = cut ? (pct_text){text.chars, (size_t)(cut - text.chars)} : text;
        bool mostly;
        pct_osm_when when = judge_one(one, &mostly);
        if (when < out->when) out->when = when;
        out->mostly &= mostly;
        more = cut != NULL;
        if (more) text = behind(text, one.length + strlen(joint));
    }
}

/* --- clauses ------------------------------------------------------------------------------------------------------ */

/* The length of the clause at the front: up to a ';' outside brackets behind which a value and '@' follow. */
static size_t clause_length(pct_text text) {
    int depth = 0;
    for (size_t i = 0; i < text.length; i++) {
        depth += text.chars[i] == '(' ? 1 : text.chars[i] == ')' ? -1 : 0;
        if (text.chars[i] != ';' || depth > 0) continue;
        size_t next = i + 1;
        while (next < text.length && text.chars[next] != ';' && text.chars[next] != '@' &&
               text.chars[next] != '(')
            next++;
        if (next < text.length && text.chars[next] == '@') return i;
    }
    return text.length;
}

bool pct_osm_clause_next(pct_text *rest, pct_osm_clause *out) {
    if (!rest->chars || rest->length == 0) return false;
    size_t length = clause_length(*rest);
    pct_text clause = {rest->chars, length};
    *rest = length < rest->length ? behind(*rest, length + 1) : (pct_text){NULL, 0};
    const char *sign = length > 0 ? memchr(clause.chars, '@', length) : NULL;
    *out = (pct_osm_clause){.value = pct_text_trim(clause), .when = PCT_OSM_SOMETIMES};
    if (!sign) return true;
    size_t at = (size_t)(sign - clause.chars);
    out->value = pct_text_trim((pct_text){clause.chars, at});
    pct_text condition = pct_text_trim(behind(clause, at + 1));
    if (begins(condition, "(")) {
        condition = behind(condition, 1);
        while (condition.length > 0 && (is_space(condition.chars[condition.length - 1]) ||
                                        condition.chars[condition.length - 1] == ')'))
            condition.length--;
    }
    judge(condition, out);
    return true;
}
