#include "cli/patrol_instance.h"

#include <math.h>

#include "base/text.h"

enum { NUMBERS_MAX = 32, EXACT = 100000, CENT = 100 };

typedef struct point {
    double x, y, service, load, profit, open, close;
} point;

typedef struct reading {
    const char *file;
    int64_t line;
    point *points; /* [PCT_INSTANCE_POINTS_MAX] */
    int32_t count;
    double units, capacity;
} reading;

bool pct_instance_word(pct_text *line, pct_text *word) {
    *line = pct_text_trim(*line);
    if (!line->length) return false;
    size_t end = 0;
    while (end < line->length && (unsigned char)line->chars[end] > ' ') end++;
    *word = (pct_text){line->chars, end};
    *line = (pct_text){line->chars + end, line->length - end};
    return true;
}

/* The numbers of a line; -1 when something else stands in it. */
static int numbers_of(pct_text line, double out[NUMBERS_MAX]) {
    int count = 0;
    pct_text word;
    while (pct_instance_word(&line, &word))
        if (count == NUMBERS_MAX || !pct_text_to_real(word, &out[count++]) || fabs(out[count - 1]) > 1e6)
            return -1;
    return count;
}

static pct_status refuse(const reading *read, pct_error *error) {
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PATROL_INSTANCE, pct_str(read->file), pct_int(read->line),
                    pct_phrase(PCT_MSG_PATROL_EXPECTED_CUSTOMER));
}

static pct_status begin(reading *read, const char *file, pct_instance *out, pct_error *error) {
    *out = (pct_instance){.arena = pct_arena_init(PCT_INSTANCE_ARENA_MAX)};
    *read = (reading){.file = file};
    read->points = pct_arena_alloc(&out->arena, PCT_INSTANCE_POINTS_MAX, sizeof *read->points);
    return read->points ? PCT_OK : pct_error_memory(error, PCT_INSTANCE_POINTS_MAX * sizeof *read->points);
}

/* Everything of the problem but its matrix: each point behind the first is a demand, the first is everybody's post. */
static pct_status set_problem(const reading *read, int32_t units, double scale, pct_instance *out,
                              pct_error *error) {
    size_t n = (size_t)read->count;
    double *x = pct_arena_alloc(&out->arena, 2 * n, sizeof *x), *y = x ? x + n : NULL;
    int32_t *travel = pct_arena_alloc(&out->arena, n * n, sizeof *travel);
    pct_patrol_mode *modes = pct_arena_alloc(&out->arena, n, sizeof *modes);
    pct_patrol_demand *demands = pct_arena_alloc(&out->arena, n, sizeof *demands);
    pct_patrol_unit *all = pct_arena_alloc(&out->arena, (size_t)units, sizeof *all);
    if (!x || !travel || !modes || !demands || !all) return pct_error_memory(error, n * n * sizeof *travel);
    int32_t count = 0;
    for (int32_t i = 0; i < read->count; i++) {
        const point *at = &read->points[i];
        x[i] = at->x;
        y[i] = at->y;
        if (i == 0 || at->profit <= 0.0) continue;
        modes[count] = (pct_patrol_mode){.demand = count,
                                         .from = i,
                                         .to = i,
                                         .service_ms = (int32_t)llround(at->service * scale),
                                         .open_ms = llround(at->open * scale),
                                         .close_ms = llround(at->close * scale)};
        demands[count] = (pct_patrol_demand){.first_mode = count,
                                             .mode_count = 1,
                                             .series = PCT_PATROL_NONE,
                                             .unit = PCT_PATROL_NONE,
                                             .weight = (int64_t)at->profit,
                                             .load = (int64_t)at->load,
                                             .must = scale == EXACT};
        count++;
    }
    int64_t open_ms = llround(read->points[0].open * scale),
            close_ms = llround(read->points[0].close * scale);
    for (int32_t u = 0; u < units; u++)
        all[u] = (pct_patrol_unit){.open_ms = open_ms,
                                   .close_ms = close_ms,
                                   .duration_max_ms = close_ms - open_ms,
                                   .capacity = (int64_t)read->capacity};
    out->x = x;
    out->y = y;
    out->scale = scale;
    out->problem = (pct_patrol_problem){.place_count = read->count,
                                        .mode_count = count,
                                        .demand_count = count,
                                        .unit_count = units,
                                        .travel_ms = travel,
                                        .cost = travel,
                                        .modes = modes,
                                        .demands = demands,
                                        .units = all};
    return PCT_OK;
}

static double distance(const pct_instance *in, int32_t from, int32_t to) {
    return hypot(in->x[from] - in->x[to], in->y[from] - in->y[to]);
}

/* Cut to units of `step` when it is above 0, else to the next greater unit. */
static void set_travel(pct_instance *in, int32_t step) {
    int32_t *travel = (int32_t *)(uintptr_t)in->problem.travel_ms;
    int32_t n = in->problem.place_count;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            double exact = distance(in, i, j) * in->scale;
            travel[(size_t)i * (size_t)n + (size_t)j] =
                step ? (int32_t)floor(exact / step + 1e-9) * step : (int32_t)ceil(exact - 1e-6);
        }
}

pct_status pct_instance_read_vrptw(const char *file, pct_text bytes, pct_instance *out, pct_error *error) {
    reading read;
    pct_status status = begin(&read, file, out, error);
    pct_text line;
    while (!status && pct_text_next(&bytes, '\n', &line)) {
        double of[NUMBERS_MAX];
        int count = numbers_of(line, of);
        read.line++;
        if (count <= 0) continue; /* names, headers */
        if (count == 2 && !read.count) {
            read.units = of[0];
            read.capacity = of[1];
        } else if (count == 7 && read.count < PCT_INSTANCE_POINTS_MAX && read.units >= 1.0) {
            read.points[read.count++] = (point){of[1], of[2], of[6], of[3], 1.0, of[4], of[5]};
        } else {
            status = refuse(&read, error);
        }
    }
    if (!status && (read.count < 2 || read.units > PCT_PATROL_UNITS_MAX)) status = refuse(&read, error);
    if (!status) status = set_problem(&read, (int32_t)read.units, EXACT, out, error);
    if (!status) set_travel(out, 0);
    return status;
}

pct_status pct_instance_read_toptw(const char *file, pct_text bytes, int32_t routes, pct_instance *out,
                                   pct_error *error) {
    reading read;
    pct_status status = begin(&read, file, out, error);
    bool is_cordeau = false;
    pct_text line;
    while (!status && pct_text_next(&bytes, '\n', &line)) {
        double of[NUMBERS_MAX];
        int count = numbers_of(line, of);
        if (++read.line <= 2) { /* only what the parameter replaces */
            if (count < 2) status = refuse(&read, error);
            if (read.line == 1) is_cordeau = count > 0 && of[0] == 5.0;
            continue;
        }
        if (count == 0) continue;
        if (count < 9 || read.count == PCT_INSTANCE_POINTS_MAX)
            status = refuse(&read, error);
        else
            read.points[read.count++] =
                (point){of[1], of[2], of[3], 0.0, of[4], of[count - 2], of[count - 1]};
    }
    if (!status && read.count < 2) status = refuse(&read, error);
    if (!status) status = set_problem(&read, routes, CENT, out, error);
    if (!status) set_travel(out, is_cordeau ? 1 : CENT / 10);
    return status;
}

void pct_instance_dispose(pct_instance *in) {
    pct_arena_dispose(&in->arena);
}

double pct_instance_distance(const pct_instance *in, const pct_patrol_plan *plan) {
    if (!in->x) return (double)plan->cost.travel / in->scale;
    const pct_patrol_problem *p = &in->problem;
    double sum = 0.0;
    for (int32_t u = 0; u < plan->unit_count; u++) {
        int32_t place = p->units[u].start;
        if (plan->first[u] == plan->first[u + 1]) continue;
        for (int32_t v = plan->first[u]; v < plan->first[u + 1]; v++) {
            const pct_patrol_mode *m = &p->modes[plan->mode[v]];
            sum += distance(in, place, m->from);
            place = m->to;
        }
        sum += distance(in, place, p->units[u].end);
    }
    return sum;
}
