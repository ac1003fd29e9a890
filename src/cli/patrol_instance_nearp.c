/* Node, edge and arc routing (Prins, Bouchenoua, Bach, Hasle, Wøhlk): required nodes are points, required arcs lines of one direction,
 * required edges lines of two; between them the shortest way over all links. No times: everything is at instant 0. */
#include "base/text.h"
#include "cli/patrol_instance.h"

enum { NODES_MAX = 600, ITEMS_MAX = 4000, FAR = 1 << 28, WORDS_MAX = 6 };

typedef enum section { HEADER, NODES, EDGES_REQUIRED, EDGES, ARCS_REQUIRED, ARCS, END } section;

typedef struct reading {
    const char *file;
    int64_t line;
    pct_instance *out;
    section section;
    int64_t units, capacity, depot, nodes, optimum;
    int32_t *cost; /* [nodes squared] */
    int32_t *zero; /* the same of times */
    pct_patrol_mode *modes;
    pct_patrol_demand *demands; /* [ITEMS_MAX], modes twice that */
    int32_t mode_count, demand_count;
    int64_t load;
} reading;

static pct_status refuse(const reading *r, pct_error *error) {
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PATROL_INSTANCE, pct_str(r->file), pct_int(r->line),
                    pct_phrase(PCT_MSG_PATROL_EXPECTED_SECTION));
}

static pct_status make_room(reading *r, pct_error *error) {
    if (r->nodes < 1 || r->nodes > NODES_MAX || r->depot < 1 || r->depot > r->nodes) return refuse(r, error);
    size_t cells = (size_t)r->nodes * (size_t)r->nodes;
    pct_arena *arena = &r->out->arena;
    r->cost = pct_arena_alloc(arena, cells, sizeof *r->cost);
    r->zero = pct_arena_alloc(arena, cells, sizeof *r->zero);
    r->modes = pct_arena_alloc(arena, 2 * ITEMS_MAX, sizeof *r->modes);
    r->demands = pct_arena_alloc(arena, ITEMS_MAX, sizeof *r->demands);
    if (!r->cost || !r->zero || !r->modes || !r->demands)
        return pct_error_memory(error, cells * sizeof *r->cost);
    for (size_t i = 0; i < cells; i++) {
        r->zero[i] = 0;
        r->cost[i] = i % ((size_t)r->nodes + 1) ? FAR : 0;
    }
    return PCT_OK;
}

static void add_link(reading *r, int64_t from, int64_t to, int64_t cost) {
    int32_t *cell = &r->cost[(from - 1) * r->nodes + to - 1];
    if (cost < *cell) *cell = (int32_t)cost;
}

static void add_mode(reading *r, int64_t from, int64_t to, int64_t cost) {
    r->modes[r->mode_count++] = (pct_patrol_mode){
        .demand = r->demand_count, .from = (int32_t)from - 1, .to = (int32_t)to - 1, .cost = (int32_t)cost};
}

static void add_demand(reading *r, int32_t modes, int64_t load) {
    r->demands[r->demand_count++] = (pct_patrol_demand){.first_mode = r->mode_count - modes,
                                                        .mode_count = modes,
                                                        .series = PCT_PATROL_NONE,
                                                        .unit = PCT_PATROL_NONE,
                                                        .weight = 1,
                                                        .load = load,
                                                        .must = true};
    r->load += load;
}

/* A row's numbers behind its name: FROM TO COST [DEMAND …]; of a node DEMAND … behind N and its number. */
static pct_status read_row(reading *r, pct_text name, pct_text rest, pct_error *error) {
    int64_t of[WORDS_MAX] = {0};
    int count = 0;
    pct_text word;
    while (count < WORDS_MAX && pct_instance_word(&rest, &word)) {
        if (!pct_text_to_integer(word, &of[count]) || of[count] < 0 || of[count] >= FAR)
            return refuse(r, error);
        count++;
    }
    if (r->demand_count == ITEMS_MAX) return refuse(r, error);
    if (r->section == NODES) {
        int64_t node = 0;
        pct_text digits = {name.chars + 1, name.length - 1};
        if (count < 1 || !pct_text_to_integer(digits, &node) || node < 1 || node > r->nodes)
            return refuse(r, error);
        add_mode(r, node, node, 0);
        add_demand(r, 1, of[0]);
        return PCT_OK;
    }
    bool required = r->section == EDGES_REQUIRED || r->section == ARCS_REQUIRED;
    bool both = r->section == EDGES_REQUIRED || r->section == EDGES;
    if (count < (required ? 4 : 3) || of[0] < 1 || of[0] > r->nodes || of[1] < 1 || of[1] > r->nodes)
        return refuse(r, error);
    add_link(r, of[0], of[1], of[2]);
    if (both) add_link(r, of[1], of[0], of[2]);
    if (required) {
        add_mode(r, of[0], of[1], of[2]);
        if (both) add_mode(r, of[1], of[0], of[2]);
        add_demand(r, both ? 2 : 1, of[3]);
    }
    return PCT_OK;
}

/* "Name of a number: number", the number last. */
static pct_status read_header(reading *r, pct_text line, pct_error *error) {
    const struct {
        const char *name;
        int64_t *value;
    } fields[] = {{"Optimal", &r->optimum},
                  {"#Vehicles:", &r->units},
                  {"Capacity:", &r->capacity},
                  {"Depot", &r->depot},
                  {"#Nodes:", &r->nodes}};
    pct_text rest = line, first, word;
    if (!pct_instance_word(&rest, &first)) return PCT_OK;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!pct_text_equal(first, fields[i].name)) continue;
        pct_text last = {0};
        while (pct_instance_word(&rest, &word)) last = word;
        if (!pct_text_to_integer(last, fields[i].value)) return refuse(r, error);
    }
    return PCT_OK;
}

static bool begins_section(reading *r, pct_text first) {
    static const struct {
        const char *name;
        section section;
    } names[] = {{"ReN.", NODES}, {"ReE.", EDGES_REQUIRED},
                 {"EDGE", EDGES}, {"ReA.", ARCS_REQUIRED},
                 {"ARC", ARCS},   {"-1", END}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (pct_text_equal(first, names[i].name)) {
            r->section = names[i].section;
            return true;
        }
    return false;
}

static pct_status read_line(reading *r, pct_text line, pct_error *error) {
    pct_text rest = line, first;
    r->line++;
    if (r->section == END || !pct_instance_word(&rest, &first)) return PCT_OK;
    bool was_header = r->section == HEADER;
    if (begins_section(r, first)) return was_header ? make_room(r, error) : PCT_OK;
    return was_header ? read_header(r, line, error) : read_row(r, first, rest, error);
}

/* Floyd and Warshall. */
static void close_ways(reading *r) {
    int64_t n = r->nodes;
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                int32_t over = r->cost[i * n + k] + r->cost[k * n + j];
                if (over < r->cost[i * n + j]) r->cost[i * n + j] = over;
            }
}

static pct_status finish(reading *r, pct_error *error) {
    if (!r->demand_count || r->capacity < 1) return refuse(r, error);
    /* As many as needed: twice what the load asks for is never too few here. */
    int64_t units = r->units > 0 ? r->units : 2 * (r->load / r->capacity + 1) + 2;
    if (units > PCT_PATROL_UNITS_MAX) return refuse(r, error);
    pct_patrol_unit *all = pct_arena_alloc(&r->out->arena, (size_t)units, sizeof *all);
    if (!all) return pct_error_memory(error, (size_t)units * sizeof *all);
    for (int64_t u = 0; u < units; u++)
        all[u] = (pct_patrol_unit){
            .start = (int32_t)r->depot - 1, .end = (int32_t)r->depot - 1, .capacity = r->capacity};
    close_ways(r);
    r->out->scale = 1.0;
    r->out->optimum = r->optimum > 0 ? (double)r->optimum : 0.0;
    r->out->problem = (pct_patrol_problem){.place_count = (int32_t)r->nodes,
                                           .mode_count = r->mode_count,
                                           .demand_count = r->demand_count,
                                           .unit_count = (int32_t)units,
                                           .travel_ms = r->zero,
                                           .cost = r->cost,
                                           .modes = r->modes,
                                           .demands = r->demands,
                                           .units = all};
    return PCT_OK;
}

pct_status pct_instance_read_nearp(const char *file, pct_text bytes, pct_instance *out, pct_error *error) {
    *out = (pct_instance){.arena = pct_arena_init(PCT_INSTANCE_ARENA_MAX)};
    reading r = {.file = file, .out = out};
    pct_status status = PCT_OK;
    pct_text line;
    while (!status && pct_text_next(&bytes, '\n', &line)) status = read_line(&r, line, error);
    return status ? status : finish(&r, error);
}
