/* Days from dates after Hinnant, "chrono-compatible low-level date algorithms": years begin in March, so that
 * the leap day is the last of its year, and repeat every 400 years of 146097 days. */
#include "clock/time.h"

#include <inttypes.h>

enum { ERA_DAYS = 146097, EPOCH_DAYS = 719468 }; /* 0000-03-01 to 1970-01-01 */

static int64_t floor_divide(int64_t a, int64_t b) {
    int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

int64_t pct_days_of_date(int32_t year, int month, int day) {
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_divide(y, 400), year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

int pct_weekday_of_days(int64_t days) {
    int64_t since_monday = days + 3 - floor_divide(days + 3, 7) * 7; /* 1970-01-01 was a Thursday */
    return (int)since_monday + 1;
}

int pct_days_of_month(int32_t year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

bool pct_civil_is_valid(const pct_civil *c) {
    return c->year >= 0 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= pct_days_of_month(c->year, c->month) && c->hour < 24 && c->minute < 60 &&
           c->second < 60 && c->ms < 1000;
}

int64_t pct_civil_to_ms(const pct_civil *c) {
    int64_t seconds = (c->hour * INT64_C(60) + c->minute) * 60 + c->second;
    return pct_days_of_date(c->year, c->month, c->day) * PCT_DAY_MS + seconds * 1000 + c->ms;
}

pct_civil pct_civil_of_ms(int64_t ms) {
    int64_t days = floor_divide(ms, PCT_DAY_MS), in_day = ms - days * PCT_DAY_MS;
    int64_t shifted = days + EPOCH_DAYS;
    int64_t era = floor_divide(shifted, ERA_DAYS), day_of_era = shifted - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    return (pct_civil){.year = (int32_t)(year_of_era + era * 400 + (month <= 2)),
                       .month = (uint8_t)month,
                       .day = (uint8_t)(day_of_year - (153 * march_month + 2) / 5 + 1),
                       .hour = (uint8_t)(in_day / 3600000),
                       .minute = (uint8_t)(in_day / 60000 % 60),
                       .second = (uint8_t)(in_day / 1000 % 60),
                       .ms = (uint16_t)(in_day % 1000)};
}

/* Takes exactly `count` digits off the text. */
static bool take_digits(pct_text *rest, size_t count, int *out) {
    int value = 0;
    if (rest->length < count) return false;
    for (size_t i = 0; i < count; i++) {
        if (rest->chars[i] < '0' || rest->chars[i] > '9') return false;
        value = value * 10 + (rest->chars[i] - '0');
    }
    *out = value;
    *rest = (pct_text){rest->chars + count, rest->length - count};
    return true;
}

static bool take_char(pct_text *rest, char c) {
    if (rest->length == 0 || rest->chars[0] != c) return false;
    *rest = (pct_text){rest->chars + 1, rest->length - 1};
    return true;
}

static bool take_date(pct_text *rest, pct_civil *civil) {
    int year, month, day;
    if (!take_digits(rest, 4, &year) || !take_char(rest, '-') || !take_digits(rest, 2, &month) ||
        !take_char(rest, '-') || !take_digits(rest, 2, &day))
        return false;
    civil->year = year;
    civil->month = (uint8_t)month;
    civil->day = (uint8_t)day;
    return true;
}

static bool take_clock(pct_text *rest, pct_civil *civil) {
    int hour, minute, second = 0, digit;
    if (!take_digits(rest, 2, &hour) || !take_char(rest, ':') || !take_digits(rest, 2, &minute)) return false;
    if (take_char(rest, ':')) {
        if (!take_digits(rest, 2, &second)) return false;
        if (take_char(rest, '.')) {
            if (!take_digits(rest, 1, &digit)) return false;
            int weight = 100;
            do {
                civil->ms = (uint16_t)(civil->ms + digit * weight);
                weight /= 10;
            } while (take_digits(rest, 1, &digit));
        }
    }
    civil->hour = (uint8_t)hour;
    civil->minute = (uint8_t)minute;
    civil->second = (uint8_t)second;
    return true;
}

static bool take_offset(pct_text *rest, pct_time *time) {
    if (rest->length == 0) return true;
    time->has_offset = true;
    if (take_char(rest, 'Z') || take_char(rest, 'z')) return true;
    bool west = rest->chars[0] == '-';
    int hours, minutes;
    if (!west && rest->chars[0] != '+') return false;
    *rest = (pct_text){rest->chars + 1, rest->length - 1};
    if (!take_digits(rest, 2, &hours) || !take_char(rest, ':') || !take_digits(rest, 2, &minutes))
        return false;
    if (hours > 23 || minutes > 59) return false;
    time->offset_s = (hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

bool pct_time_parse(pct_text text, pct_time *out) {
    pct_time time = {.has_offset = false};
    if (!take_date(&text, &time.civil)) return false;
    if (!take_char(&text, 'T') && !take_char(&text, 't') && !take_char(&text, ' ')) return false;
    if (!take_clock(&text, &time.civil) || !take_offset(&text, &time) || text.length > 0) return false;
    if (!pct_civil_is_valid(&time.civil)) return false;
    *out = time;
    return true;
}

pct_status pct_time_format(int64_t utc_ms, int32_t offset_s, pct_buffer *out) {
    int minutes = offset_s / 60;
    pct_civil c = pct_civil_of_ms(utc_ms + minutes * INT64_C(60000));
    (void)pct_buffer_append_format(out, "%04" PRId32 "-%02u-%02uT%02u:%02u:%02u", c.year, c.month, c.day,
                                   c.hour, c.minute, c.second);
    if (c.ms > 0) (void)pct_buffer_append_format(out, ".%03u", c.ms);
    if (minutes == 0) return pct_buffer_append_byte(out, 'Z');
    int size = minutes < 0 ? -minutes : minutes;
    return pct_buffer_append_format(out, "%c%02d:%02d", minutes < 0 ? '-' : '+', size / 60, size % 60);
}
