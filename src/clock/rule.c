/* The span around an instant is found among the changes of three years, the instant's own and its neighbours:
 * the last change not after it and the first one after it. Where summer time ends and begins in one moment, it
 * goes on (RFC 8536 writes permanent summer time so). */
#include "clock/rule.h"

#include "clock/time.h"

typedef struct cursor {
    const char *at, *end;
} cursor;

static bool take(cursor *c, char wanted) {
    if (c->at == c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

static bool take_number(cursor *c, int min, int max, int *out) {
    const char *first = c->at;
    int value = 0;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && c->at - first < 3)
        value = value * 10 + (*c->at++ - '0');
    *out = value;
    return c->at > first && value >= min && value <= max;
}

static bool is_letter(char ch) {
    return (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
}

/* Three letters or more, or anything between < and >. */
static bool take_name(cursor *c) {
    const char *first = c->at;
    if (take(c, '<')) {
        while (c->at < c->end && *c->at != '>') c->at++;
        return take(c, '>');
    }
    while (c->at < c->end && is_letter(*c->at)) c->at++;
    return c->at - first >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(cursor *c, int max_hours, int32_t *out_s) {
    bool negative = take(c, '-');
    int hours, minutes = 0, seconds = 0;
    if (!negative) (void)take(c, '+');
    if (!take_number(c, 0, max_hours, &hours)) return false;
    if (take(c, ':')) {
        if (!take_number(c, 0, 59, &minutes)) return false;
        if (take(c, ':') && !take_number(c, 0, 59, &seconds)) return false;
    }
    int32_t size_s = (hours * 60 + minutes) * 60 + seconds;
    *out_s = negative ? -size_s : size_s;
    return true;
}

static bool take_day(cursor *c, pct_rule_day *day) {
    bool read;
    *day = (pct_rule_day){.kind = PCT_DAY_OF_YEAR, .time_s = 2 * 3600};
    if (take(c, 'J')) {
        day->kind = PCT_DAY_JULIAN;
        read = take_number(c, 1, 365, &day->number);
    } else if (take(c, 'M')) {
        day->kind = PCT_DAY_OF_WEEK;
        read = take_number(c, 1, 12, &day->month) && take(c, '.') && take_number(c, 1, 5, &day->week) &&
               take(c, '.') && take_number(c, 0, 6, &day->number);
    } else {
        read = take_number(c, 0, 365, &day->number);
    }
    return read && (!take(c, '/') || take_time(c, 167, &day->time_s));
}

bool pct_rule_parse(pct_text text, pct_rule *out) {
    cursor c = {text.chars, text.chars + text.length};
    int32_t west_s;
    *out = (pct_rule){.is_given = false};
    if (text.length == 0) return true;
    pct_rule rule = {.is_given = true};
    if (!take_name(&c) || !take_time(&c, 24, &west_s)) return false;
    rule.standard_s = -west_s;
    if (c.at < c.end) {
        rule.has_summer = true;
        rule.summer_s = rule.standard_s + 3600;
        if (!take_name(&c)) return false;
        if (c.at < c.end && *c.at != ',') {
            if (!take_time(&c, 24, &west_s)) return false;
            rule.summer_s = -west_s;
        }
        if (!take(&c, ',') || !take_day(&c, &rule.summer_begins) || !take(&c, ',') ||
            !take_day(&c, &rule.summer_ends))
            return false;
    }
    if (c.at != c.end) return false;
    *out = rule;
    return true;
}

/* The day of a year, in days since 1970. */
static int64_t day_in(const pct_rule_day *day, int32_t year) {
    int64_t new_year = pct_days_of_date(year, 1, 1);
    if (day->kind == PCT_DAY_OF_YEAR) return new_year + day->number;
    if (day->kind == PCT_DAY_JULIAN)
        return new_year + day->number - 1 + (day->number >= 60 && pct_days_of_month(year, 2) == 29);
    int64_t first = pct_days_of_date(year, day->month, 1);
    int to_weekday = (day->number - pct_weekday_of_days(first) % 7 + 7) % 7;
    int64_t in_month = to_weekday + 7 * (day->week - 1);
    return first + (in_month < pct_days_of_month(year, day->month) ? in_month : in_month - 7);
}

pct_offset_span pct_rule_span(const pct_rule *rule, int64_t utc_s) {
    pct_offset_span span = {INT64_MIN, INT64_MAX, rule->standard_s};
    if (!rule->has_summer) return span;
    int32_t this_year = pct_civil_of_ms((utc_s + rule->standard_s) * 1000).year;
    for (int32_t year = this_year - 1; year <= this_year + 1; year++) {
        int64_t begins_s =
            day_in(&rule->summer_begins, year) * 86400 + rule->summer_begins.time_s - rule->standard_s;
        int64_t ends_s = day_in(&rule->summer_ends, year) * 86400 + rule->summer_ends.time_s - rule->summer_s;
        if (ends_s <= utc_s && ends_s > span.from_s) {
            span.from_s = ends_s;
            span.offset_s = rule->standard_s;
        }
        if (begins_s <= utc_s && begins_s >= span.from_s) {
            span.from_s = begins_s;
            span.offset_s = rule->summer_s;
        }
        if (ends_s > utc_s && ends_s < span.to_s) span.to_s = ends_s;
        if (begins_s > utc_s && begins_s < span.to_s) span.to_s = begins_s;
    }
    return span;
}
