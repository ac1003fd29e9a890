#include "road/osm_speed.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "road/network.h"

static const double kmh_per_mph = 1.609344, kmh_per_knot = 1.852;

enum {
    WALK_KMH = 7,
    LIMIT_MAX_KMH = 254,
    WEEK_S = 7 * 24 * 3600,
    DAY_S = 24 * 3600,
    HOUR_S = 3600,
    MINUTE_S = 60
};

/* What the law says where a sign names the kind of place alone. The first row holds where no other does. */
typedef struct law {
    char country[4];
    uint8_t urban, rural, trunk, motorway, living;
} law;

static const law laws[] = {
    {"", 50, 90, 100, 120, 20},          {"CN", 50, 70, 80, 120, 20},
    {"TW", 50, 60, 90, 110, 20},         {"HK", 50, 70, 80, 110, 20},
    {"RU", 60, 90, 110, 110, 20},        {"BY", 60, 90, 110, 110, 20},
    {"UA", 50, 90, 110, 130, 20},        {"DE", 50, 100, PCT_NO_LIMIT_KMH, PCT_NO_LIMIT_KMH, WALK_KMH},
    {"AT", 50, 100, 100, 130, WALK_KMH}, {"CH", 50, 80, 100, 120, 20},
    {"FR", 50, 80, 110, 130, 20},        {"IT", 50, 90, 110, 130, 30},
    {"ES", 50, 90, 90, 120, 20},         {"PT", 50, 90, 100, 120, 20},
    {"AD", 50, 90, 90, 90, 20},          {"LI", 50, 80, 80, 80, 20},
    {"BE", 50, 90, 120, 120, 20},        {"NL", 50, 80, 100, 130, 15},
    {"PL", 50, 90, 120, 140, 20},        {"CZ", 50, 90, 110, 130, 20},
    {"GB", 48, 97, 113, 113, 32},        {"JP", 60, 60, 60, 100, 20},
    {"RO", 50, 90, 100, 130, 20},        {"HU", 50, 90, 110, 130, 20},
};

static bool begins(pct_text text, const char *prefix) {
    size_t length = strlen(prefix);
    return text.length >= length && memcmp(text.chars, prefix, length) == 0;
}

static pct_text behind(pct_text text, size_t length) {
    return (pct_text){text.chars + length, text.length - length};
}

static const law *law_of(pct_text country) {
    for (size_t i = 1; i < sizeof laws / sizeof *laws; i++)
        if (begins(country, laws[i].country) &&
            (country.length == 2 || country.chars[2] == '-' || country.chars[2] == ':'))
            return &laws[i];
    return &laws[0];
}

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/* "50", "50 km/h", "30mph". */
static bool limit_of_number(pct_text value, uint8_t *kmh) {
    size_t digits = 0;
    while (digits < value.length &&
           ((value.chars[digits] >= '0' && value.chars[digits] <= '9') || value.chars[digits] == '.'))
        digits++;
    pct_text unit = pct_text_trim(behind(value, digits));
    double number, factor = 1.0;
    if (!pct_text_to_real((pct_text){value.chars, digits}, &number)) return false;
    if (pct_text_equal(unit, "mph"))
        factor = kmh_per_mph;
    else if (pct_text_equal(unit, "knots") || pct_text_equal(unit, "kn") || pct_text_equal(unit, "knot"))
        factor = kmh_per_knot;
    else if (unit.length > 0 && !pct_text_equal(unit, "km/h") && !pct_text_equal(unit, "kmh") &&
             !pct_text_equal(unit, "kph") && !pct_text_equal(unit, "kmph") && !pct_text_equal(unit, "KM/H"))
        return false;
    double found = round(number * factor);
    if (!(found >= 1.0 && found <= LIMIT_MAX_KMH)) return false;
    *kmh = (uint8_t)found;
    return true;
}

/* "CN:urban": a country, perhaps a part of it ("BE-VLG:urban"), and the kind of place. */
static bool limit_of_law(pct_text value, uint8_t *kmh) {
    const char *colon = value.length > 3 ? memchr(value.chars, ':', value.length) : NULL;
    if (!colon || colon - value.chars < 2 || !is_upper(value.chars[0]) || !is_upper(value.chars[1]))
        return false;
    const law *l = law_of(value);
    pct_text place = behind(value, (size_t)(colon - value.chars) + 1);
    const struct {
        const char *name;
        uint8_t kmh;
    } places[] = {{"urban", l->urban},      {"rural", l->rural},           {"trunk", l->trunk},
                  {"expressway", l->trunk}, {"motorway", l->motorway},     {"living_street", l->living},
                  {"walk", WALK_KMH},       {"pedestrian_zone", WALK_KMH}, {"bicycle_road", 30},
                  {"school", 30},           {"nsl_restricted", l->urban},  {"nsl_single", l->rural},
                  {"nsl_dual", l->trunk}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (pct_text_equal(place, places[i].name)) {
            *kmh = places[i].kmh;
            return true;
        }
    if (!begins(place, "zone")) return limit_of_number(place, kmh);
    place = behind(place, strlen("zone"));
    return limit_of_number(begins(place, ":") ? behind(place, 1) : place, kmh);
}

static bool limit_of_one(pct_text value, uint8_t *kmh) {
    value = pct_text_trim(value);
    *kmh = 0;
    if (pct_text_equal(value, "signals") || pct_text_equal(value, "variable")) return true;
    if (pct_text_equal(value, "none") || pct_text_equal(value, "unlimited")) *kmh = PCT_NO_LIMIT_KMH;
    if (pct_text_equal(value, "walk") || pct_text_equal(value, "walking")) *kmh = WALK_KMH;
    return *kmh > 0 || limit_of_number(value, kmh) || limit_of_law(value, kmh);
}

/* One of several: the least, or the most, of those that say something. PCT_NO_LIMIT_KMH is the most of all. */
static bool limit_among(pct_text value, char separator, bool most, uint8_t *kmh) {
    pct_text item;
    bool any = false;
    *kmh = 0;
    for (pct_text rest = value; pct_text_next(&rest, separator, &item);) {
        uint8_t one;
        if (most && pct_text_trim(item).length == 0) continue; /* a lane without a limit of its own */
        if (!limit_of_one(item, &one)) return false;
        any = true;
        if (one > 0 && (*kmh == 0 || (most ? one > *kmh : one < *kmh))) *kmh = one;
    }
    return any;
}

bool pct_osm_limit_of(pct_text value, uint8_t *kmh) {
    if (limit_of_one(value, kmh)) return true;
    if (value.length > 0 && memchr(value.chars, '|', value.length)) return limit_among(value, '|', true, kmh);
    if (value.length > 0 && memchr(value.chars, ';', value.length))
        return limit_among(value, ';', false, kmh);
    return limit_among(value, '-', false, kmh);
}

bool pct_osm_limit_of_lanes(pct_text value, uint8_t *kmh) {
    return limit_among(value, '|', true, kmh);
}

/* --- durations ---------------------------------------------------------------------------------------------------- */

/* "20", "0:20", "0:20:00": minutes, hours and minutes, and seconds as well. */
static bool clock_s(pct_text value, double *seconds) {
    double parts[3];
    size_t count = 0;
    pct_text item;
    for (pct_text rest = value; pct_text_next(&rest, ':', &item); count++)
        if (count == 3 || !pct_text_to_real(item, &parts[count]) || parts[count] < 0.0) return false;
    if (count == 1) *seconds = parts[0] * MINUTE_S;
    if (count >= 2) *seconds = parts[0] * HOUR_S + parts[1] * MINUTE_S + (count == 3 ? parts[2] : 0.0);
    return count >= 1 && (count == 1 || parts[1] < MINUTE_S);
}

/* ISO 8601: P, days, T, then hours, minutes and seconds, each a number and its letter. */
static bool iso_s(pct_text value, double *seconds) {
    bool time = false;
    *seconds = 0.0;
    for (size_t at = 1, from = 1; at < value.length; at++) {
        char c = value.chars[at];
        double number;
        if ((c >= '0' && c <= '9') || c == '.') continue;
        if (c == 'T' && !time && at == from) {
            time = true;
        } else {
            double unit = c == 'D' && !time  ? DAY_S
                          : c == 'H' && time ? HOUR_S
                          : c == 'M' && time ? MINUTE_S
                          : c == 'S' && time ? 1.0
                                             : 0.0;
            if (unit == 0.0 || !pct_text_to_real((pct_text){value.chars + from, at - from}, &number))
                return false;
            *seconds += number * unit;
        }
        from = at + 1;
        if (from == value.length) return c != 'T';
    }
    return false;
}

bool pct_osm_duration_of(pct_text value, uint32_t *ms) {
    double seconds;
    value = pct_text_trim(value);
    bool read = value.length > 0 && value.chars[0] == 'P' ? iso_s(value, &seconds) : clock_s(value, &seconds);
    if (!read || !(seconds > 0.0 && seconds <= WEEK_S)) return false;
    *ms = (uint32_t)fmax(round(seconds * 1000.0), 1.0);
    return true;
}
