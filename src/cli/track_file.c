/* GPX is read by its track points alone: <trkpt lat="…" lon="…"> … <time>…</time> … </trkpt>. What else the document holds is
 * passed over, and so is whether it is well-formed around them. */
#include "cli/track_file.h"

#include <string.h>

#include "base/csv.h"
#include "base/text.h"

static pct_status add(pct_vector *fixes, pct_match_fix fix, pct_error *error) {
    pct_match_fix *room = pct_vector_push(fixes);
    if (!room) return pct_vector_failed(fixes, PCT_MSG_WHAT_TRACK_POINTS, error);
    *room = fix;
    return PCT_OK;
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

static pct_status read_row(const pct_csv *csv, const int columns[3], const pct_zone *zone, pct_vector *fixes,
                           pct_error *error) {
    double lon, lat;
    pct_match_fix fix;
    if (!pct_zone_parse(zone, pct_text_trim(pct_csv_text(csv, columns[0])), &fix.at_ms, NULL))
        return pct_csv_unexpected(csv, columns[0], PCT_MSG_EXPECTED_TRACK_TIME, error);
    pct_status status = pct_csv_real(csv, columns[1], -180.0, 180.0, &lon, error);
    if (!status) status = pct_csv_real(csv, columns[2], -90.0, 90.0, &lat, error);
    if (status) return status;
    if (PCT_NEVER(!pct_position_from_degrees(lon, lat, &fix.position))) return PCT_INTERNAL;
    return add(fixes, fix, error);
}

static pct_status read_csv(const char *file, pct_text bytes, const pct_zone *zone, pct_vector *fixes,
                           pct_error *error) {
    static const char *const names[] = {"time", "lon", "lat"};
    pct_csv csv;
    int columns[3];
    pct_status status = pct_csv_open(&csv, file, bytes, error);
    if (status) return status;
    for (int i = 0; i < 3 && !status; i++) status = pct_csv_column(&csv, names[i], &columns[i], error);
    for (bool more = true; !status;) {
        status = pct_csv_next(&csv, &more, error);
        if (status || !more) break;
        status = read_row(&csv, columns, zone, fixes, error);
    }
    pct_csv_close(&csv);
    return status;
}

/* --- GPX ---------------------------------------------------------------------------------------------------------- */

typedef struct gpx {
    const char *file;
    pct_text rest;
    int64_t line;
} gpx;

/* Steps behind the next `mark`; false when there is none. *before gets what was stepped over. */
static bool step_behind(gpx *g, const char *mark, pct_text *before) {
    const char *found = memmem(g->rest.chars, g->rest.length, mark, strlen(mark));
    if (!found) return false;
    *before = (pct_text){g->rest.chars, (size_t)(found - g->rest.chars)};
    size_t step = before->length + strlen(mark);
    for (size_t i = 0; i < step; i++) g->line += g->rest.chars[i] == '\n';
    g->rest = (pct_text){g->rest.chars + step, g->rest.length - step};
    return true;
}

/* The value of an attribute between quotes of either kind. */
static bool attribute(pct_text tag, const char *name, pct_text *out) {
    size_t length = strlen(name);
    for (size_t i = 1; i + length + 2 < tag.length; i++) {
        char before = tag.chars[i - 1], quote = tag.chars[i + length + 1];
        bool is_it = (before == ' ' || before == '\n' || before == '\t' || before == '\r') &&
                     memcmp(tag.chars + i, name, length) == 0 && tag.chars[i + length] == '=' &&
                     (quote == '"' || quote == '\'');
        if (!is_it) continue;
        const char *begin = tag.chars + i + length + 2;
        const char *end = memchr(begin, quote, tag.length - (i + length + 2));
        if (!end) return false;
        *out = (pct_text){begin, (size_t)(end - begin)};
        return true;
    }
    return false;
}

/* The text of <name> within an element's content. */
static bool child(pct_text content, const char *open, const char *close, pct_text *out) {
    const char *begin = memmem(content.chars, content.length, open, strlen(open));
    if (!begin) return false;
    begin += strlen(open);
    const char *end = memmem(begin, content.length - (size_t)(begin - content.chars), close, strlen(close));
    if (!end) return false;
    *out = pct_text_trim((pct_text){begin, (size_t)(end - begin)});
    return true;
}

static pct_status read_point(gpx *g, const pct_zone *zone, pct_vector *fixes, pct_error *error) {
    pct_text tag, content, lat, lon, time;
    int64_t line = g->line;
    double lat_deg, lon_deg;
    pct_match_fix fix;
    bool good = step_behind(g, ">", &tag) && tag.length > 0 && tag.chars[tag.length - 1] != '/' &&
                attribute(tag, "lat", &lat) && attribute(tag, "lon", &lon) &&
                pct_text_to_real(lat, &lat_deg) && pct_text_to_real(lon, &lon_deg) &&
                pct_position_from_degrees(lon_deg, lat_deg, &fix.position) &&
                step_behind(g, "</trkpt>", &content) && child(content, "<time>", "</time>", &time) &&
                pct_zone_parse(zone, time, &fix.at_ms, NULL);
    if (!good) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_TRACK_GPX_POINT, pct_str(g->file), pct_int(line));
    return add(fixes, fix, error);
}

pct_status pct_track_file_read(const char *file, pct_text bytes, const pct_zone *zone, pct_vector *fixes,
                               pct_error *error) {
    pct_text start = pct_text_trim(bytes), before;
    bool marked = start.length >= 3 && memcmp(start.chars, "\xEF\xBB\xBF", 3) == 0;
    size_t skip = marked ? 3 : 0;
    pct_status status = PCT_OK;
    if (start.length > skip && start.chars[skip] == '<') {
        gpx g = {file, bytes, 1};
        while (!status && step_behind(&g, "<trkpt", &before)) status = read_point(&g, zone, fixes, error);
    } else {
        status = read_csv(file, bytes, zone, fixes, error);
    }
    if (!status && fixes->length == 0)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_TRACK_EMPTY, pct_str(file));
    return status;
}
