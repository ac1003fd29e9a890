/* A unit's sheet for other programs: iCalendar (RFC 5545), GPX 1.1, GeoJSON (RFC 7946). Exact where programs are strict: CRLF, lines of at
 * most 75 bytes that never part a character, times in UTC, escapes; nothing in them but what the sheet itself shows. */
#include <string.h>

#include "clock/time.h"
#include "geo/geojson.h"
#include "resource/patrol_rounds.h"

enum { FOLD_BYTES = 75, LINE_MAX = 4096 };

/* --- iCalendar ------------------------------------------------------------------------------------------------------------- */

/* One content line, folded. */
static void put_line(pct_buffer *out, pct_buffer *line) {
    const char *chars = pct_buffer_chars(line);
    size_t length = line->length, at = 0, room = FOLD_BYTES;
    while (at < length) {
        size_t take = length - at < room ? length - at : room;
        while (at + take < length && ((unsigned char)chars[at + take] & 0xC0) == 0x80) take--;
        (void)pct_buffer_append(out, chars + at, take);
        at += take;
        (void)pct_buffer_append_text(out, at < length ? "\r\n " : "\r\n");
        room = FOLD_BYTES - 1; /* the blank counts */
    }
    pct_buffer_clear(line);
}

static void put(pct_buffer *out, pct_buffer *line, const char *text) {
    (void)pct_buffer_append_text(line, text);
    put_line(out, line);
}

static void put_text(pct_buffer *out, pct_buffer *line, const char *name, pct_text text) {
    (void)pct_buffer_append_text(line, name);
    for (size_t i = 0; i < text.length; i++) {
        char c = text.chars[i];
        if (c == '\\' || c == ';' || c == ',') (void)pct_buffer_append_byte(line, '\\');
        if (c == '\n')
            (void)pct_buffer_append_text(line, "\\n");
        else if ((unsigned char)c >= 0x20)
            (void)pct_buffer_append_byte(line, (unsigned char)c);
    }
    put_line(out, line);
}

static void put_time(pct_buffer *out, pct_buffer *line, const char *name, int64_t at_ms) {
    const pct_civil c = pct_civil_of_ms(at_ms);
    (void)pct_buffer_append_format(line, "%s:%04d%02d%02dT%02d%02d%02dZ", name, (int)c.year, c.month, c.day,
                                   c.hour, c.minute, c.second);
    put_line(out, line);
}

static void put_event(const pct_exchange *x, const pct_life_round *r, const pct_life_stop *s, pct_buffer *out,
                      pct_buffer *line) {
    put(out, line, "BEGIN:VEVENT");
    (void)pct_buffer_append_format(line, "UID:R%lld-%d@precinct", (long long)r->id.seq, s->number);
    put_line(out, line);
    put_time(out, line, "DTSTAMP", x->now_ms);
    put_time(out, line, "DTSTART", s->start_ms);
    if (s->end_ms > s->start_ms) put_time(out, line, "DTEND", s->end_ms);
    put_text(out, line, "SUMMARY:", s->name);
    put_text(out, line, "CATEGORIES:", pct_text_of(pct_duty_kind_name(s->kind)));
    (void)pct_buffer_append_format(line, "GEO:%.6f;%.6f", pct_position_lat_deg(s->from),
                                   pct_position_lon_deg(s->from));
    put_line(out, line);
    put(out, line, "END:VEVENT");
}

void pct_patrol_write_ics(const pct_exchange *x, const pct_life_round *r, pct_buffer *out) {
    pct_buffer line = pct_buffer_init(LINE_MAX);
    put(out, &line, "BEGIN:VCALENDAR");
    put(out, &line, "VERSION:2.0");
    put(out, &line, "PRODID:-//Precinct//Duty plan//EN");
    put(out, &line, "CALSCALE:GREGORIAN");
    put_text(out, &line, "X-WR-CALNAME:", r->name);
    for (size_t i = 0; i < r->stop_count; i++)
        if (pct_life_stop_is_in(&r->stops[i])) put_event(x, r, &r->stops[i], out, &line);
    put(out, &line, "END:VCALENDAR");
    pct_buffer_dispose(&line);
}

/* --- GPX --------------------------------------------------------------------------------------------------------------------- */

static void put_xml(pct_buffer *out, pct_text text) {
    for (size_t i = 0; i < text.length; i++) {
        char c = text.chars[i];
        if (c == '<')
            (void)pct_buffer_append_text(out, "&lt;");
        else if (c == '>')
            (void)pct_buffer_append_text(out, "&gt;");
        else if (c == '&')
            (void)pct_buffer_append_text(out, "&amp;");
        else if ((unsigned char)c >= 0x20)
            (void)pct_buffer_append_byte(out, (unsigned char)c);
    }
}

static void put_place(pct_buffer *out, const char *tag, pct_position p) {
    (void)pct_buffer_append_format(out, "<%s lat=\"%.7f\" lon=\"%.7f\">", tag, pct_position_lat_deg(p),
                                   pct_position_lon_deg(p));
}

void pct_patrol_write_gpx(const pct_exchange *x, const pct_life_round *r, const pct_vector *line,
                          pct_buffer *out) {
    const pct_position *points = line->items;
    (void)x;
    (void)pct_buffer_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" "
                                      "creator=\"Precinct\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n");
    for (size_t i = 0; i < r->stop_count; i++) {
        const pct_life_stop *s = &r->stops[i];
        if (!pct_life_stop_is_in(s)) continue;
        put_place(out, "wpt", s->from);
        (void)pct_buffer_append_text(out, "<time>");
        (void)pct_time_format(s->start_ms / 1000 * 1000, 0, out);
        (void)pct_buffer_append_text(out, "</time><name>");
        put_xml(out, s->name);
        (void)pct_buffer_append_format(out, "</name><type>%s</type></wpt>\n", pct_duty_kind_name(s->kind));
    }
    (void)pct_buffer_append_text(out, "<trk><name>");
    put_xml(out, r->name);
    (void)pct_buffer_append_text(out, "</name><trkseg>\n");
    for (size_t i = 0; i < line->length; i++) {
        put_place(out, "trkpt", points[i]);
        (void)pct_buffer_append_text(out, "</trkpt>\n");
    }
    (void)pct_buffer_append_text(out, "</trkseg></trk>\n</gpx>\n");
}

/* --- GeoJSON ------------------------------------------------------------------------------------------------------------------ */

static void write_point(pct_json_writer *json, pct_position p) {
    pct_json_begin_object(json);
    pct_json_key(json, "type");
    pct_json_string(json, "Point");
    pct_json_position_member(json, "coordinates", true, p);
    pct_json_end_object(json);
}

static void write_stop(pct_json_writer *json, const pct_exchange *x, const pct_life_round *r,
                       const pct_life_stop *s) {
    const pct_position ends[] = {s->from, s->to};
    pct_json_begin_object(json);
    pct_json_key(json, "type");
    pct_json_string(json, "Feature");
    pct_json_key(json, "properties");
    pct_json_begin_object(json);
    pct_json_key(json, "stop");
    pct_json_integer(json, s->number);
    pct_json_key(json, "kind");
    pct_json_string(json, pct_duty_kind_name(s->kind));
    pct_json_text_member(json, "id", s->id);
    pct_json_text_member(json, "name", s->name);
    pct_json_time_member(json, "start", s->start_ms, &x->service->site->zone);
    pct_json_time_member(json, "end", s->end_ms, &x->service->site->zone);
    pct_json_key(json, "status");
    pct_json_string(json, pct_life_stop_status_names[pct_life_stop_status_of(r, s)]);
    pct_json_end_object(json);
    pct_json_key(json, "geometry");
    if (s->kind == PCT_DUTY_LINE)
        pct_geojson_write_line(json, ends, 2);
    else
        write_point(json, s->from);
    pct_json_end_object(json);
}

void pct_patrol_write_geojson(const pct_exchange *x, const pct_life_round *r, const pct_vector *line,
                              pct_buffer *out) {
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "type");
    pct_json_string(&json, "FeatureCollection");
    pct_json_key(&json, "features");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < r->stop_count; i++) write_stop(&json, x, r, &r->stops[i]);
    if (line->length > 1) {
        pct_json_begin_object(&json);
        pct_json_key(&json, "type");
        pct_json_string(&json, "Feature");
        pct_json_key(&json, "properties");
        pct_json_begin_object(&json);
        pct_json_key(&json, "kind");
        pct_json_string(&json, "route");
        pct_json_end_object(&json);
        pct_json_key(&json, "geometry");
        pct_geojson_write_line(&json, line->items, line->length);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    if (x->service->site->map_credit[0]) {
        pct_json_key(&json, "attribution");
        pct_json_string(&json, x->service->site->map_credit);
    }
    pct_json_end_object(&json);
}
