/* A region: towns built one after the other, each added to the files and forgotten, so that memory is that of the
 * largest town and of the compressed map. Nodes, ways and relations of a map stand in three stretches of the file, so
 * ways and relations are collected beside the nodes and appended at the end.
 *
 * Time O(nodes + borders × vertices of the towns they touch). */
#include "town/region.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/position.h"

enum { GATES_MAX = 1 << 12, MAP_BYTES_MAX = INT32_MAX, CALLS_LISTED_MAX = 1 << 28 };

typedef struct call_line {
    const char *chars;
    size_t length;
    uint32_t number;
} call_line;

typedef struct building {
    pct_region region;
    const pct_demand_table *demand;
    uint32_t days;
    pct_town_files *out;
    pct_town_summary *summary;
    pct_town_map map;
    pct_buffer ways, relations, calls;
    pct_town_gate gates[GATES_MAX];
    struct {
        uint32_t border;
        int side;
    } gate_of[GATES_MAX];
    size_t gate_count;
    double asked, built; /* nodes so far */
} building;

/* Adds the features of one collection to another's; the first also gives it its beginning. */
static void append_features(pct_buffer *all, const pct_buffer *part) {
    static const char tail[] = "]}\n";
    const unsigned char *begin = memchr(part->bytes, '[', part->length);
    size_t from = all->length > 0 ? (size_t)(begin - part->bytes) + 1 : 0;
    size_t length = part->length - from - strlen(tail);
    if (all->length > 0 && length > 0 && all->bytes[all->length - 1] != '[')
        (void)pct_buffer_append_byte(all, ',');
    (void)pct_buffer_append(all, part->bytes + from, length);
}

static void append_rows(pct_buffer *all, const pct_buffer *part) {
    const unsigned char *line = memchr(part->bytes, '\n', part->length);
    size_t from = all->length > 0 ? (size_t)(line - part->bytes) + 1 : 0;
    (void)pct_buffer_append(all, part->bytes + from, part->length - from);
}

static void append_duty(pct_buffer *all, const pct_buffer *parts) {
    for (int i = 0; i < PCT_TOWN_DUTY_PARTS; i++) {
        if (all[i].length > 0 && parts[i].length > 0) (void)pct_buffer_append_text(&all[i], ",\n");
        (void)pct_buffer_append(&all[i], parts[i].bytes, parts[i].length);
    }
}

/* Vertices where a road from outside may end: on a street, neither motorway nor bridge nor roundabout. */
static pct_status list_ends(const pct_town *town, pct_vector *ends, pct_error *error) {
    uint8_t *fit = pct_alloc_zeroed(town->points.length, 1);
    pct_status status = fit ? PCT_OK : pct_error_memory(error, town->points.length);
    for (uint32_t i = 0; i < town->roads.length && !status; i++) {
        const pct_town_road *road = pct_town_road_at(town, i);
        bool street = road->road_class > PCT_ROAD_MOTORWAY_LINK && road->road_class <= PCT_ROAD_RESIDENTIAL &&
                      !(road->flags & (PCT_TOWN_BRIDGE | PCT_TOWN_ROUNDABOUT | PCT_TOWN_ONEWAY));
        fit[road->a] |= street ? 1 : 2;
        fit[road->b] |= street ? 1 : 2;
    }
    for (uint32_t v = 0; v < town->points.length && !status; v++) {
        if (fit[v] != 1 || !town->used[v]) continue;
        uint32_t *end = pct_vector_push(ends);
        if (end)
            *end = v;
        else
            status = pct_vector_failed(ends, PCT_MSG_WHAT_VERTICES, error);
    }
    pct_free(fit);
    return status;
}

static uint32_t nearest_end(const pct_town *town, const pct_vector *ends, pct_position to) {
    const uint32_t *vertices = ends->items;
    const pct_position *points = pct_town_points(town);
    pct_plane plane = pct_plane_at(to);
    double best = INFINITY;
    uint32_t found = 0;
    for (size_t i = 0; i < ends->length; i++) {
        double east_m, north_m;
        pct_plane_to_m(&plane, points[vertices[i]], &east_m, &north_m);
        double squared = east_m * east_m + north_m * north_m;
        if (squared >= best) continue;
        best = squared;
        found = vertices[i];
    }
    return found;
}

/* For each border of the cell the vertex where its road begins. A vertex inside a way becomes a junction by it. */
static pct_status find_gates(building *b, uint32_t cell, pct_town *town, pct_error *error) {
    pct_vector ends = pct_vector_init(sizeof(uint32_t), town->points.length);
    pct_region_border *borders = b->region.borders.items;
    pct_status status = list_ends(town, &ends, error);
    b->gate_count = 0;
    for (uint32_t i = 0; i < b->region.borders.length && !status; i++)
        for (int side = 0; side <= 1 && ends.length > 0; side++) {
            if (borders[i].cells[side] != cell || b->gate_count == GATES_MAX) continue;
            uint32_t vertex = nearest_end(town, &ends, borders[i].crossing[side]);
            if (town->used[vertex] < 2) town->node_count++, town->segment_count++;
            town->used[vertex] = 2;
            borders[i].gate[side] = pct_town_points(town)[vertex];
            b->gates[b->gate_count] = (pct_town_gate){.vertex = vertex};
            b->gate_of[b->gate_count].border = i;
            b->gate_of[b->gate_count++].side = side;
        }
    pct_vector_dispose(&ends);
    return status;
}

static void count(building *b, const pct_town *town, const pct_town_summary *s) {
    pct_town_summary *all = b->summary;
    all->nodes += town->node_count;
    all->segments += town->segment_count;
    all->people += town->people;
    all->restrictions += (uint32_t)town->turns.length;
    all->houses += (uint32_t)town->houses.length;
    all->areas += s->areas;
    all->places += s->places;
    all->stations += s->stations;
    all->units += s->units;
    all->calls += s->calls;
}

static pct_status write_town(building *b, pct_town *town, pct_error *error) {
    pct_town_summary s = {0};
    pct_town_files part;
    pct_region_border *borders = b->region.borders.items;
    pct_town_files_init(&part);
    pct_status status = pct_town_write_lists(town, b->demand, &part, &s, error);
    if (!status) status = pct_town_map_add(town, &b->map, b->gates, b->gate_count, error);
    if (!status) {
        append_features(&b->out->areas, &part.areas);
        append_features(&b->out->places, &part.places);
        append_features(&b->out->stations, &part.stations);
        append_rows(&b->out->units, &part.units);
        append_rows(&b->calls, &part.calls);
        append_duty(b->out->duty_parts, part.duty_parts);
        for (size_t i = 0; i < b->gate_count; i++)
            borders[b->gate_of[i].border].gate_node[b->gate_of[i].side] = b->gates[i].node;
        count(b, town, &s);
    }
    pct_town_files_dispose(&part);
    return status;
}

/* Each town is asked for a little more or less, so that the sum comes near. */
static pct_status build_town(building *b, uint32_t number, pct_error *error) {
    const pct_region_cell *cell = (const pct_region_cell *)b->region.cells.items + number;
    pct_rng rng = pct_rng_init(b->region.seed, PCT_TOWN_STREAM_BLOCKS + (uint64_t)number);
    uint64_t seed = (uint64_t)pct_rng_below(&rng, INT32_MAX) << 31 | pct_rng_below(&rng, INT32_MAX);
    double correction =
        b->built > 0.0 ? fmin(1.2, fmax(0.8, (b->asked + cell->nodes) / (b->built + cell->nodes))) : 1.0;
    pct_town town;
    pct_status status =
        pct_town_build_once(seed, (uint32_t)(cell->nodes * correction), cell->middle, &town, error);
    if (status) return status;
    b->asked += cell->nodes;
    b->built += town.node_count;
    town.people = pct_town_people(town.node_count);
    town.days = b->days;
    town.title = cell->title;
    town.numbered =
        (pct_town_numbers){b->summary->stations, b->summary->places, b->summary->units, b->summary->calls};
    status = find_gates(b, number, &town, error);
    if (!status) status = write_town(b, &town, error);
    pct_town_dispose(&town);
    return status;
}

/* The time is the second column, in a form whose order as text is its order in time. */
static int by_time(const void *a, const void *b) {
    const call_line *p = a, *q = b;
    const char *p_time = memchr(p->chars, ',', p->length), *q_time = memchr(q->chars, ',', q->length);
    size_t p_room = p->length - (size_t)(p_time - p->chars), q_room = q->length - (size_t)(q_time - q->chars);
    int order = memcmp(p_time, q_time, p_room < q_room ? p_room : q_room);
    size_t digits = strlen(",2026-06-01T00:00:00");
    if (p_room >= digits && q_room >= digits) order = memcmp(p_time, q_time, digits);
    return order ? order : p->number < q->number ? -1 : 1;
}

static pct_status sort_calls(building *b, pct_error *error) {
    pct_vector lines = pct_vector_init(sizeof(call_line), CALLS_LISTED_MAX);
    const char *at = pct_buffer_chars(&b->calls), *end = at + b->calls.length;
    pct_status status = pct_buffer_status(&b->calls, error);
    for (uint32_t number = 0; at < end && !status; number++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (number == 0) { /* the columns' names */
            (void)pct_buffer_append(&b->out->calls, at, (size_t)(line_end - at) + 1);
        } else {
            call_line *line = pct_vector_push(&lines);
            if (line)
                *line = (call_line){at, (size_t)(line_end - at) + 1, number};
            else
                status = pct_vector_failed(&lines, PCT_MSG_WHAT_CALLS, error);
        }
        at = line_end + 1;
    }
    if (!status && lines.length > 0) qsort(lines.items, lines.length, sizeof(call_line), by_time);
    for (size_t i = 0; i < lines.length && !status; i++) {
        const call_line *line = (const call_line *)lines.items + i;
        (void)pct_buffer_append(&b->out->calls, line->chars, line->length);
    }
    pct_vector_dispose(&lines);
    return status ? status : pct_buffer_status(&b->out->calls, error);
}

static pct_status open_map(building *b, pct_error *error) {
    b->map = (pct_town_map){.next_node = 1, .next_way = 1, .next_relation = 1};
    pct_box box = pct_region_bounds(&b->region);
    pct_status status = pct_osm_writer_new(&b->out->map, PCT_TOWN_MAP_PROGRAM, box, &b->map.nodes, error);
    if (!status) status = pct_osm_writer_new(&b->ways, NULL, box, &b->map.ways, error);
    return status ? status : pct_osm_writer_new(&b->relations, NULL, box, &b->map.relations, error);
}

static pct_status close_files(building *b, pct_error *error) {
    pct_osm_writer *writers[] = {b->map.nodes, b->map.ways, b->map.relations};
    pct_buffer *collections[] = {&b->out->areas, &b->out->places, &b->out->stations};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < 3 && !status; i++) status = pct_osm_writer_finish(writers[i], error);
    if (status) return status;
    (void)pct_buffer_append(&b->out->map, b->ways.bytes, b->ways.length);
    (void)pct_buffer_append(&b->out->map, b->relations.bytes, b->relations.length);
    status = pct_buffer_status(&b->out->map, error);
    for (size_t i = 0; i < 3 && !status; i++) {
        (void)pct_buffer_append_text(collections[i], "]}\n");
        status = pct_buffer_status(collections[i], error);
    }
    if (!status) status = pct_buffer_status(&b->out->units, error);
    return status ? status : sort_calls(b, error);
}

pct_status pct_region_generate(const pct_town_request *request, uint32_t village_nodes,
                               const pct_demand_table *demand, pct_town_files *out, pct_town_summary *summary,
                               pct_error *error) {
    building *b = pct_alloc_zeroed(1, sizeof *b);
    if (!b) return pct_error_memory(error, sizeof *b);
    b->region = (pct_region){.seed = request->seed,
                             .village_nodes = village_nodes,
                             .plane = pct_plane_at((pct_position){1024000000, 401000000})};
    b->demand = demand;
    b->days = request->days ? request->days : PCT_TOWN_DAYS;
    b->out = out;
    b->summary = summary;
    b->ways = b->relations = b->calls = pct_buffer_init(MAP_BYTES_MAX);
    pct_status status = pct_region_plan(&b->region, request->nodes, error);
    if (!status) status = open_map(b, error);
    for (uint32_t i = 0; i < b->region.cells.length && !status; i++) status = build_town(b, i, error);
    if (!status) status = pct_region_join(&b->region, &b->map, summary, error);
    if (!status) status = close_files(b, error);
    pct_osm_writer_free(b->map.nodes);
    pct_osm_writer_free(b->map.ways);
    pct_osm_writer_free(b->map.relations);
    pct_buffer_dispose(&b->ways);
    pct_buffer_dispose(&b->relations);
    pct_buffer_dispose(&b->calls);
    pct_region_dispose(&b->region);
    pct_free(b);
    return status;
}
