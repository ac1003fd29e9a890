/* The town's duty problem for its first day of calls (docs/reference/duty-plan.md): what a city asks of each station on paper.
 *
 *   station   up to ten must-visit points at its public places (three visits a day), three lines of main road (two passes), a hold at a school
 *             gate at both peaks, up to three premises that are due sooner or later; nothing aimed at dwellings
 *   unit      its shift, a roll call at eight, a meal at its station
 *   town      one area with presence
 *
 * Every place belongs to the station that is nearest. O(stations × (places + road vertices)). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "demand/calls_csv.h"
#include "town/output.h"

enum { POINTS = 10, LINES = 3, PREMISES = 3, VERTICES_MAX = 40, ID_BYTES = 32 };
static const double line_m = 700.0, line_min_m = 300.0, area_half_m = 250.0;
static const char date[] = "2026-06-01";

typedef struct writing {
    const pct_town *town;
    pct_buffer *parts;
    uint32_t stations;
    bool can_drive[PCT_TOWN_DUTY_STATIONS_MAX]; /* some unit of the station may do its rounds */
    pct_rng rng;
} writing;

static const pct_town_place *place_at(const pct_town *town, uint32_t i) {
    return (const pct_town_place *)town->places.items + i;
}

/* --- JSON ---------------------------------------------------------------------------------------------------- */

static pct_json_writer begin_item(const writing *w, pct_town_duty_part part) {
    pct_buffer *out = &w->parts[part];
    if (out->length > 0) (void)pct_buffer_append_text(out, ",\n");
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    return json;
}

static void write_text(pct_json_writer *json, const char *key, const char *chars) {
    pct_json_key(json, key);
    pct_json_string(json, chars);
}

static void write_number(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

static void write_position(pct_json_writer *json, pct_position at) {
    pct_json_begin_array(json);
    pct_json_real(json, pct_position_lon_deg(at), 7);
    pct_json_real(json, pct_position_lat_deg(at), 7);
    pct_json_end_array(json);
}

static void write_at(pct_json_writer *json, const char *key, pct_position at) {
    pct_json_key(json, key);
    write_position(json, at);
}

/* "07:00-07:40 16:30-17:10" */
static void write_windows(pct_json_writer *json, const char *windows) {
    pct_json_key(json, "windows");
    pct_json_begin_array(json);
    for (const char *at = windows; *at; at += at[11] ? 12 : 11) {
        pct_json_begin_array(json);
        pct_json_text(json, (pct_text){at, 5});
        pct_json_text(json, (pct_text){at + 6, 5});
        pct_json_end_array(json);
    }
    pct_json_end_array(json);
}

static void write_id(pct_json_writer *json, const char *letter, uint32_t station, uint32_t number) {
    char id[ID_BYTES];
    (void)snprintf(id, sizeof id, "S%u-%s%u", station, letter, number);
    write_text(json, "id", id);
}

/* The number of the station in the files, and that its units alone do it when they can. */
static uint32_t number_of(const writing *w, uint32_t s) {
    return w->town->numbered.stations + s + 1;
}

static void write_station(const writing *w, pct_json_writer *json, uint32_t s) {
    char id[ID_BYTES];
    if (!w->can_drive[s]) return;
    (void)snprintf(id, sizeof id, "S%u", number_of(w, s));
    write_text(json, "station", id);
}

/* --- units --------------------------------------------------------------------------------------------------- */

static void write_piece(pct_json_writer *json, pct_position at) {
    pct_json_key(json, "fixed");
    pct_json_begin_array(json);
    pct_json_begin_object(json);
    write_text(json, "id", "roll");
    write_text(json, "kind", "roll_call");
    write_at(json, "at", at);
    write_text(json, "start", "08:00");
    write_number(json, "minutes", 10);
    pct_json_end_object(json);
    pct_json_end_array(json);
    pct_json_key(json, "breaks");
    pct_json_begin_array(json);
    pct_json_begin_object(json);
    write_windows(json, "11:00-13:00");
    write_number(json, "minutes", 30);
    pct_json_key(json, "at");
    pct_json_begin_array(json);
    write_position(json, at);
    pct_json_end_array(json);
    pct_json_end_object(json);
    pct_json_end_array(json);
}

/* Boats drive no rounds. */
static void write_units(writing *w, uint32_t units) {
    for (uint32_t i = 0; i < units && w->stations > 0; i++) {
        const pct_town_equipment *e = pct_town_equipment_of(i);
        uint32_t s = i % w->stations;
        if (strcmp(e->kind, "boat") == 0) continue;
        pct_position at = place_at(w->town, s)->position;
        char id[ID_BYTES];
        pct_json_writer json = begin_item(w, PCT_TOWN_DUTY_UNITS);
        (void)snprintf(id, sizeof id, "U%u", w->town->numbered.units + i + 1);
        write_text(&json, "id", id);
        (void)snprintf(id, sizeof id, "S%u", number_of(w, s));
        write_text(&json, "station", id);
        bool walks = strcmp(e->kind, "foot") == 0;
        write_text(&json, "moves", walks ? "walk" : "drive");
        write_at(&json, "start", at);
        write_text(&json, "from", e->shift_start);
        write_text(&json, "to", e->shift_end);
        write_piece(&json, at);
        pct_json_end_object(&json);
        w->can_drive[s] |= !walks && strcmp(e->shift_start, "00:00") == 0;
    }
}

/* --- what is asked ------------------------------------------------------------------------------------------- */

static bool is_premises(uint8_t kind) {
    return kind == PCT_TOWN_PLACE_EXPLOSIVES_STORE || kind == PCT_TOWN_PLACE_QUARRY ||
           kind == PCT_TOWN_PLACE_WORKS || kind == PCT_TOWN_PLACE_FUEL || kind == PCT_TOWN_PLACE_HOTEL;
}

static bool is_dwelling(uint8_t kind) {
    return kind == PCT_TOWN_PLACE_ESTATE;
}

static bool is_school(uint8_t kind) {
    return kind == PCT_TOWN_PLACE_SCHOOL || kind == PCT_TOWN_PLACE_MIDDLE_SCHOOL ||
           kind == PCT_TOWN_PLACE_KINDERGARTEN;
}

static uint32_t nearest_station(const writing *w, pct_position at) {
    uint32_t best = 0;
    for (uint32_t s = 1; s < w->stations; s++)
        if (pct_geo_distance_m(place_at(w->town, s)->position, at) <
            pct_geo_distance_m(place_at(w->town, best)->position, at))
            best = s;
    return best;
}

/* Where one stops for the place: on the nearest street that has a name, which is in public whatever stands around it. */
static pct_position at_street(const pct_town *town, pct_position place) {
    const uint32_t *refs = town->way_refs.items;
    pct_position best = place;
    double best_m = INFINITY;
    for (uint32_t i = 0; i < town->ways.length; i++) {
        const pct_town_way *way = (const pct_town_way *)town->ways.items + i;
        for (uint32_t v = 0; v < way->ref_count && way->name != 0; v++) {
            pct_position at = pct_town_points(town)[refs[way->ref_at + v]];
            double off_m = pct_geo_distance_m(at, place);
            if (off_m >= best_m) continue;
            best_m = off_m;
            best = at;
        }
    }
    return best;
}

static void write_head(const writing *w, pct_json_writer *json, uint32_t s, const pct_town_place *place) {
    write_text(json, "name", pct_town_name_of(w->town, place->name).zh);
    write_at(json, "at", at_street(w->town, place->position));
    write_station(w, json, s);
}

static void write_point(const writing *w, uint32_t s, uint32_t number, const pct_town_place *place) {
    pct_json_writer json = begin_item(w, PCT_TOWN_DUTY_POINTS);
    write_id(&json, "P", number_of(w, s), number);
    write_head(w, &json, s, place);
    write_text(&json, "kind", pct_town_place_table[place->kind].kind);
    write_number(&json, "visits", 3);
    write_number(&json, "gap_minutes", 120);
    write_windows(&json, "00:00-08:00 08:00-16:00 16:00-24:00");
    pct_json_end_object(&json);
}

static void write_hold(const writing *w, uint32_t s, const pct_town_place *place) {
    pct_json_writer json = begin_item(w, PCT_TOWN_DUTY_HOLDS);
    write_id(&json, "H", number_of(w, s), 1);
    write_head(w, &json, s, place);
    write_windows(&json, "07:00-07:40 16:30-17:10");
    pct_json_key(&json, "must");
    pct_json_bool(&json, false);
    pct_json_end_object(&json);
}

static void write_premises(writing *w, uint32_t s, uint32_t number, const pct_town_place *place) {
    char seen[] = "2026-05-00";
    pct_json_writer json = begin_item(w, PCT_TOWN_DUTY_PREMISES);
    (void)snprintf(seen + 8, 3, "%02u", 1 + pct_rng_below(&w->rng, 28));
    write_id(&json, "F", number_of(w, s), number);
    write_head(w, &json, s, place);
    write_text(&json, "kind", pct_town_place_table[place->kind].kind);
    write_number(&json, "minutes", 20);
    write_windows(&json, "09:00-17:00");
    write_text(&json, "last_seen", seen);
    pct_json_end_object(&json);
}

static void write_places_of(writing *w, uint32_t s) {
    uint32_t points = 0, premises = 0, holds = 0;
    for (uint32_t i = w->stations; i < w->town->places.length; i++) {
        const pct_town_place *place = place_at(w->town, i);
        if (is_dwelling(place->kind) || nearest_station(w, place->position) != s) continue;
        if (is_premises(place->kind)) {
            if (premises < PREMISES) write_premises(w, s, ++premises, place);
            continue;
        }
        if (is_school(place->kind) && holds++ == 0)
            write_hold(w, s, place);
        else if (points < POINTS)
            write_point(w, s, ++points, place);
    }
}

/* --- lines --------------------------------------------------------------------------------------------------- */

typedef struct stretch {
    double off_m; /* from the station */
    uint32_t name, first, count;
} stretch;

static pct_position vertex_of(const pct_town *town, const pct_town_way *way, uint32_t at) {
    const uint32_t *refs = town->way_refs.items;
    return pct_town_points(town)[refs[way->ref_at + at]];
}

/* From the vertex nearest to the station on, as long as a line is; count 0 when that is too short. */
static stretch stretch_of(const pct_town *town, const pct_town_way *way, pct_position station) {
    stretch s = {.off_m = INFINITY, .name = way->name};
    uint32_t nearest = 0;
    double length_m = 0.0;
    for (uint32_t v = 0; v < way->ref_count; v++) {
        double off_m = pct_geo_distance_m(vertex_of(town, way, v), station);
        if (off_m >= s.off_m) continue;
        s.off_m = off_m;
        nearest = v;
    }
    uint32_t end = nearest;
    while (end + 1 < way->ref_count && length_m < line_m && end - nearest + 1 < VERTICES_MAX) {
        length_m += pct_geo_distance_m(vertex_of(town, way, end), vertex_of(town, way, end + 1));
        end++;
    }
    s.first = way->ref_at + nearest;
    s.count = length_m >= line_min_m ? end - nearest + 1 : 0;
    return s;
}

static bool may_be_line(const pct_town_way *way) {
    bool main = way->road_class == PCT_ROAD_PRIMARY || way->road_class == PCT_ROAD_SECONDARY ||
                way->road_class == PCT_ROAD_TERTIARY;
    return main && way->name != 0 && !(way->flags & (PCT_TOWN_ONEWAY | PCT_TOWN_ROUNDABOUT));
}

static void write_line(const writing *w, uint32_t s, uint32_t number, const stretch *line) {
    const uint32_t *refs = w->town->way_refs.items;
    pct_json_writer json = begin_item(w, PCT_TOWN_DUTY_LINES);
    write_id(&json, "L", number_of(w, s), number);
    write_text(&json, "name", pct_town_name_of(w->town, line->name).zh);
    pct_json_key(&json, "path");
    pct_json_begin_array(&json);
    for (uint32_t i = 0; i < line->count; i++)
        write_position(&json, pct_town_points(w->town)[refs[line->first + i]]);
    pct_json_end_array(&json);
    write_station(w, &json, s);
    write_number(&json, "passes", 2);
    write_number(&json, "gap_minutes", 120);
    write_windows(&json, "08:00-16:00 16:00-24:00");
    pct_json_end_object(&json);
}

/* The nearest stretches of main road, each of another street. */
static void write_lines_of(const writing *w, uint32_t s) {
    stretch best[LINES];
    uint32_t count = 0;
    pct_position station = place_at(w->town, s)->position;
    for (uint32_t i = 0; i < w->town->ways.length; i++) {
        const pct_town_way *way = (const pct_town_way *)w->town->ways.items + i;
        if (!may_be_line(way)) continue;
        stretch found = stretch_of(w->town, way, station);
        uint32_t at = 0;
        while (at < count && best[at].name != found.name) at++;
        bool same = at < count, full = count == LINES;
        if (found.count == 0 || (same && best[at].off_m <= found.off_m)) continue;
        if (!same && full && best[LINES - 1].off_m <= found.off_m) continue;
        if (!same) at = full ? LINES - 1 : count++;
        for (; at > 0 && best[at - 1].off_m > found.off_m; at--) best[at] = best[at - 1];
        best[at] = found;
    }
    for (uint32_t i = 0; i < count; i++) write_line(w, s, i + 1, &best[i]);
}

/* --- the whole ----------------------------------------------------------------------------------------------- */

/* Round its liveliest place. */
static void write_area(const writing *w) {
    static const double corners[][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}};
    const pct_town_place *middle = NULL;
    for (uint32_t i = w->stations; i < w->town->places.length; i++) {
        const pct_town_place *place = place_at(w->town, i);
        bool night = place->kind == PCT_TOWN_PLACE_NIGHTLIFE;
        if (night || (place->kind == PCT_TOWN_PLACE_MARKET && !middle)) middle = place;
        if (night) break;
    }
    if (!middle) return;
    pct_plane plane = pct_plane_at(middle->position);
    pct_json_writer json = begin_item(w, PCT_TOWN_DUTY_AREAS);
    write_id(&json, "A", number_of(w, 0), 1);
    write_text(&json, "name", pct_town_name_of(w->town, middle->name).zh);
    pct_json_key(&json, "polygon");
    pct_json_begin_array(&json);
    pct_json_begin_array(&json);
    for (size_t i = 0; i < sizeof corners / sizeof *corners; i++)
        write_position(&json,
                       pct_plane_from_m(&plane, corners[i][0] * area_half_m, corners[i][1] * area_half_m));
    pct_json_end_array(&json);
    pct_json_end_array(&json);
    write_number(&json, "unit_minutes_per_hour", 15);
    pct_json_end_object(&json);
}

pct_status pct_town_write_duty(const pct_town *town, uint32_t stations, uint32_t units,
                               pct_buffer parts[PCT_TOWN_DUTY_PARTS], pct_error *error) {
    writing w = {.town = town,
                 .parts = parts,
                 .stations = stations < PCT_TOWN_DUTY_STATIONS_MAX ? stations : PCT_TOWN_DUTY_STATIONS_MAX,
                 .rng = pct_rng_init(town->seed, PCT_TOWN_STREAM_DUTY)};
    write_units(&w, units);
    for (uint32_t s = 0; s < w.stations; s++) {
        write_places_of(&w, s);
        write_lines_of(&w, s);
    }
    write_area(&w);
    pct_status status = PCT_OK;
    for (int i = 0; i < PCT_TOWN_DUTY_PARTS && !status; i++) status = pct_buffer_status(&parts[i], error);
    return status;
}

pct_status pct_town_join_duty(const pct_buffer parts[PCT_TOWN_DUTY_PARTS], pct_buffer *out,
                              pct_error *error) {
    static const char *const names[PCT_TOWN_DUTY_PARTS] = {"units", "points", "lines",
                                                           "areas", "holds",  "premises"};
    (void)pct_buffer_append_format(out,
                                   "{\"format\":\"precinct-duty-1\",\"name\":\"勤务 %s\",\"date\":\"%s\","
                                   "\"from\":\"00:00\",\"to\":\"24:00\"",
                                   date, date);
    for (int i = 0; i < PCT_TOWN_DUTY_PARTS; i++) {
        (void)pct_buffer_append_format(out, ",\n\"%s\":[\n", names[i]);
        (void)pct_buffer_append(out, parts[i].bytes, parts[i].length);
        (void)pct_buffer_append_text(out, "]");
    }
    (void)pct_buffer_append_text(out, "}\n");
    return pct_buffer_status(out, error);
}
