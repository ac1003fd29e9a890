/* Areas: two partitions of the same ground, each cut by itself.
 *
 * An area is a rectangle of blocks. Cutting a rectangle in two along a main road, again and again, until each part
 * has few enough people, gives a level; cutting its parts on gives the level below. All borders run over the same
 * lattice vertices, so neighbours share them bit for bit: no gap, no overlap. */
#include <stdio.h>

#include "base/json.h"
#include "town/output.h"

enum { AREAS_MAX = 1 << 20, AREA_NAME_BYTES_MAX = 256 };

typedef struct cutting {
    pct_town *town;
    pct_vector *areas;
    double target; /* people of an area, not normed */
    bool rows_first;
} cutting;

static double people_of(const pct_town *town, const pct_town_area *a, int setting) {
    double sum = 0.0;
    for (uint32_t r = a->row0; r < a->row1; r++)
        for (uint32_t c = a->col0; c < a->col1; c++) {
            const pct_town_block *block = pct_town_block_at(town, r, c);
            if (setting < 0 || block->setting == setting) sum += block->people + 1e-3;
        }
    return sum;
}

static pct_town_setting setting_of(const pct_town *town, const pct_town_area *area) {
    double all = people_of(town, area, -1), urban = people_of(town, area, PCT_TOWN_URBAN);
    if (urban >= 0.5 * all) return PCT_TOWN_URBAN;
    return urban + people_of(town, area, PCT_TOWN_SUBURBAN) >= 0.5 * all ? PCT_TOWN_SUBURBAN : PCT_TOWN_RURAL;
}

/* Where to cut so that both parts have about the same number of people; no part is thinner than two blocks where
 * that can be helped. */
static void cut(const cutting *k, const pct_town_area *whole, pct_town_area *low, pct_town_area *high) {
    uint32_t height = whole->row1 - whole->row0, width = whole->col1 - whole->col0;
    bool rows = height > width || (height == width && k->rows_first);
    uint32_t first = rows ? whole->row0 : whole->col0, end = rows ? whole->row1 : whole->col1;
    uint32_t margin = end - first >= 4 ? 2 : 1, at = first + margin;
    double all = people_of(k->town, whole, -1);
    *low = *high = *whole;
    for (;; at++) {
        *(rows ? &low->row1 : &low->col1) = at;
        if (at + margin >= end || people_of(k->town, low, -1) >= 0.5 * all) break;
    }
    *(rows ? &high->row0 : &high->col0) = at;
}

static pct_status name_area(cutting *k, pct_town_area *area, uint32_t ordinal, uint32_t of_parent,
                            pct_error *error) {
    char zh[64], en[64];
    switch ((pct_town_level)area->level) {
    case PCT_TOWN_STATION_AREA:
        return pct_town_name_stem(k->town, "派出所辖区", " Station Area", &area->name, error);
    case PCT_TOWN_COMMUNITY:
        if (area->setting == PCT_TOWN_RURAL)
            return pct_town_name_stem(k->town, "村社区", " Rural Community", &area->name, error);
        return pct_town_name_stem(k->town, "社区", " Community", &area->name, error);
    case PCT_TOWN_ZONE:
        snprintf(zh, sizeof zh, "%u号巡区", ordinal);
        snprintf(en, sizeof en, "Patrol Zone %u", ordinal);
        break;
    case PCT_TOWN_CELL:
        snprintf(zh, sizeof zh, "%u区%u网格", of_parent, ordinal);
        snprintf(en, sizeof en, "Cell %u-%u", of_parent, ordinal);
        break;
    }
    return pct_town_name_add(k->town, zh, en, &area->name, error);
}

/* Cuts `whole` into areas of one level, south-west first. `of_parent` is the parent's ordinal. */
static pct_status divide(cutting *k, pct_town_area whole, uint32_t of_parent, pct_error *error) {
    pct_vector todo = pct_vector_init(sizeof(pct_town_area), AREAS_MAX);
    pct_status status = PCT_OK;
    uint32_t ordinal = 0;
    pct_town_area *next = pct_vector_push(&todo);
    if (next) *next = whole;
    while (next && status == PCT_OK && todo.length > 0) {
        pct_town_area area = ((pct_town_area *)todo.items)[--todo.length], low, high;
        bool single = area.row1 - area.row0 < 2 && area.col1 - area.col0 < 2;
        if (!single && people_of(k->town, &area, -1) > k->target) {
            cut(k, &area, &low, &high);
            if ((next = pct_vector_push(&todo))) *next = high;
            if (next && (next = pct_vector_push(&todo))) *next = low;
            continue;
        }
        area.setting = (uint8_t)setting_of(k->town, &area);
        status = name_area(k, &area, ++ordinal, of_parent, error);
        if (status == PCT_OK && (next = pct_vector_push(k->areas))) *next = area;
    }
    if (!next)
        status = pct_vector_failed(todo.length >= AREAS_MAX ? &todo : k->areas, PCT_MSG_WHAT_AREAS, error);
    pct_vector_dispose(&todo);
    return status;
}

static double share(const pct_town *town, double all, double people, double least) {
    double parts = town->people / people;
    return all / (parts > least ? parts : least);
}

/* Two levels of one partition. */
static pct_status divide_twice(cutting *k, pct_town_level level, double upper, double lower,
                               pct_error *error) {
    uint32_t first = (uint32_t)k->areas->length;
    pct_town_area whole = {.row1 = k->town->row_line_count - 1,
                           .col1 = k->town->col_line_count - 1,
                           .parent = PCT_NO_INDEX,
                           .level = (uint8_t)level};
    k->target = upper;
    pct_status status = divide(k, whole, 0, error);
    uint32_t end = (uint32_t)k->areas->length;
    k->target = lower;
    for (uint32_t i = first; status == PCT_OK && i < end; i++) {
        pct_town_area part = ((pct_town_area *)k->areas->items)[i];
        part.parent = i;
        part.level++;
        status = divide(k, part, i - first + 1, error);
    }
    return status;
}

pct_status pct_town_divide(pct_town *town, pct_vector *areas, pct_error *error) {
    cutting k = {.town = town, .areas = areas, .rows_first = true};
    pct_town_area whole = {.row1 = town->row_line_count - 1, .col1 = town->col_line_count - 1};
    double all = people_of(town, &whole, -1);
    *areas = pct_vector_init(sizeof(pct_town_area), AREAS_MAX);
    pct_status status = divide_twice(&k, PCT_TOWN_STATION_AREA, share(town, all, 22000.0, 2.5),
                                     share(town, all, 5000.0, 7.0), error);
    if (status) return status;
    k.rows_first = false;
    return divide_twice(&k, PCT_TOWN_ZONE, share(town, all, 15000.0, 3.5), share(town, all, 3500.0, 9.0),
                        error);
}

static void write_point(const pct_town *town, uint32_t r, uint32_t c, pct_json_writer *json) {
    pct_position p = pct_town_points(town)[r * town->cols + c];
    pct_json_begin_array(json);
    pct_json_real(json, pct_position_lon_deg(p), 7);
    pct_json_real(json, pct_position_lat_deg(p), 7);
    pct_json_end_array(json);
}

static void write_ring(const pct_town *town, const pct_town_area *area, pct_json_writer *json) {
    uint32_t r0 = town->row_lines[area->row0], r1 = town->row_lines[area->row1];
    uint32_t c0 = town->col_lines[area->col0], c1 = town->col_lines[area->col1];
    pct_json_begin_array(json);
    for (uint32_t c = c0; c < c1; c++) write_point(town, r0, c, json);
    for (uint32_t r = r0; r < r1; r++) write_point(town, r, c1, json);
    for (uint32_t c = c1; c > c0; c--) write_point(town, r1, c, json);
    for (uint32_t r = r1; r > r0; r--) write_point(town, r, c0, json);
    write_point(town, r0, c0, json);
    pct_json_end_array(json);
}

/* An area's name, after the name of its town where that has one. */
static void write_name(const pct_town *town, const char *key, uint32_t name, bool en, pct_json_writer *json) {
    char text[AREA_NAME_BYTES_MAX];
    pct_town_name own = pct_town_name_of(town, name);
    const char *title = en ? town->title.en : town->title.zh;
    snprintf(text, sizeof text, "%s%s%s", title, en && title[0] ? " " : "", en ? own.en : own.zh);
    pct_json_key(json, key);
    pct_json_string(json, text);
}

static void write_area(const pct_town *town, const pct_vector *areas, const pct_town_area *area,
                       pct_json_writer *json) {
    static const char *const levels[] = {"station_area", "community", "zone", "cell"};
    static const char *const settings[] = {"urban", "suburban", "rural"};
    pct_json_begin_object(json);
    pct_json_key(json, "type");
    pct_json_string(json, "Feature");
    pct_json_key(json, "properties");
    pct_json_begin_object(json);
    pct_json_key(json, "partition");
    pct_json_string(json, area->level <= PCT_TOWN_COMMUNITY ? "station areas" : "patrol zones");
    pct_json_key(json, "level");
    pct_json_string(json, levels[area->level]);
    write_name(town, "name", area->name, false, json);
    write_name(town, "name_en", area->name, true, json);
    if (area->parent != PCT_NO_INDEX)
        write_name(town, "parent", ((pct_town_area *)areas->items)[area->parent].name, false, json);
    pct_json_key(json, "class");
    pct_json_string(json, settings[area->setting]);
    pct_json_end_object(json);
    pct_json_key(json, "geometry");
    pct_json_begin_object(json);
    pct_json_key(json, "type");
    pct_json_string(json, "Polygon");
    pct_json_key(json, "coordinates");
    pct_json_begin_array(json);
    write_ring(town, area, json);
    pct_json_end_array(json);
    pct_json_end_object(json);
    pct_json_end_object(json);
}

pct_status pct_town_write_areas(const pct_town *town, const pct_vector *areas, pct_buffer *out,
                                pct_error *error) {
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "type");
    pct_json_string(&json, "FeatureCollection");
    pct_json_key(&json, "features");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < areas->length; i++) {
        (void)pct_buffer_append_byte(out, '\n');
        write_area(town, areas, (const pct_town_area *)areas->items + i, &json);
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(out, '\n');
    return pct_buffer_status(out, error);
}
