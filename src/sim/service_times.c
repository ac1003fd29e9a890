/* Reads the table into one cell per type and priority, with an extra row for all types and an extra column for all
 * priorities, then fills empty durations from the more general cells. Gamma draws: Marsaglia and Tsang, "A simple
 * method for generating gamma variables", 2000; shapes below 1 by a power of a uniform draw, as they describe. */
#include "sim/service_times.h"

#include <math.h>

#include "base/csv.h"
#include "base/memory.h"
#include "base/text.h"

enum { PRIORITY_COUNT = 4, CELLS = PRIORITY_COUNT + 1 }; /* cell 0: every priority */

static const double mean_max_s = 7 * 24 * 3600.0;
static const double cv_max = 10.0;

static const struct {
    const char *mean, *cv;
} columns[PCT_SERVICE_PHASE_COUNT] = {
    [PCT_SERVICE_ACKNOWLEDGE] = {"acknowledge_mean_s", "acknowledge_cv"},
    [PCT_SERVICE_TURNOUT] = {"turnout_mean_s", "turnout_cv"},
    [PCT_SERVICE_ON_SCENE] = {"on_scene_mean_s", "on_scene_cv"},
    [PCT_SERVICE_REPORT] = {"report_mean_s", "report_cv"},
};

typedef struct cell {
    pct_service_time times[PCT_SERVICE_PHASE_COUNT];
    bool given[PCT_SERVICE_PHASE_COUNT];
    int64_t line; /* 0: no row */
} cell;

struct pct_service_times {
    size_t type_count;
    cell *cells; /* [(type_count + 1) × CELLS]; the first row of cells is for every type */
};

typedef struct reader {
    pct_csv csv;
    const pct_codes *codes;
    int type, priority, mean[PCT_SERVICE_PHASE_COUNT], cv[PCT_SERVICE_PHASE_COUNT];
} reader;

static pct_status find_columns(reader *r, pct_error *error) {
    pct_status status = pct_csv_column(&r->csv, "type", &r->type, error);
    if (!status) status = pct_csv_column(&r->csv, "priority", &r->priority, error);
    for (int phase = 0; phase < PCT_SERVICE_PHASE_COUNT && !status; phase++) {
        status = pct_csv_column(&r->csv, columns[phase].mean, &r->mean[phase], error);
        if (!status) status = pct_csv_column(&r->csv, columns[phase].cv, &r->cv[phase], error);
    }
    return status;
}

static bool is_blank(const pct_csv *csv, int column) {
    return pct_text_trim(pct_csv_text(csv, column)).length == 0;
}

/* Which cell the row describes. */
static pct_status read_place(reader *r, size_t *row, int64_t *priority, pct_error *error) {
    pct_text type = pct_text_trim(pct_csv_text(&r->csv, r->type));
    *row = 0;
    if (!pct_text_equal(type, "*")) {
        uint32_t number = pct_codes_type(r->codes, type);
        if (number == PCT_NO_CODE)
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_SERVICE_TYPE_UNKNOWN, pct_str(r->csv.file),
                            pct_int(r->csv.line), pct_view(type));
        *row = (size_t)number + 1;
    }
    *priority = 0;
    if (is_blank(&r->csv, r->priority)) return PCT_OK;
    return pct_csv_integer(&r->csv, r->priority, 1, PRIORITY_COUNT, priority, error);
}

static pct_status read_row(reader *r, pct_service_times *times, pct_error *error) {
    size_t row;
    int64_t priority;
    pct_status status = read_place(r, &row, &priority, error);
    if (status) return status;
    cell *c = &times->cells[row * CELLS + (size_t)priority];
    if (c->line != 0)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_SERVICE_ROW_TWICE, pct_str(r->csv.file),
                        pct_int(r->csv.line), pct_int(c->line));
    c->line = r->csv.line;
    for (int phase = 0; phase < PCT_SERVICE_PHASE_COUNT && !status; phase++) {
        if (is_blank(&r->csv, r->mean[phase]) && is_blank(&r->csv, r->cv[phase])) continue;
        c->given[phase] = true;
        status = pct_csv_real(&r->csv, r->mean[phase], 0.0, mean_max_s, &c->times[phase].mean_s, error);
        if (!status) status = pct_csv_real(&r->csv, r->cv[phase], 0.0, cv_max, &c->times[phase].cv, error);
    }
    return status;
}

/* The row for everything must be complete: from it every other cell can be filled. */
static pct_status check_general_row(const char *file, const pct_service_times *times, pct_error *error) {
    for (int phase = 0; phase < PCT_SERVICE_PHASE_COUNT; phase++)
        if (!times->cells[0].given[phase])
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_SERVICE_GENERAL_MISSING, pct_str(file),
                            pct_str(columns[phase].mean));
    return PCT_OK;
}

/* More specific cells are filled last, so that their sources are still as the file gave them. */
static void fill_from_general(pct_service_times *times) {
    for (size_t row = times->type_count + 1; row-- > 0;)
        for (size_t priority = CELLS; priority-- > 0;) {
            cell *c = &times->cells[row * CELLS + priority];
            const cell *sources[] = {&times->cells[row * CELLS], &times->cells[priority], &times->cells[0]};
            for (int phase = 0; phase < PCT_SERVICE_PHASE_COUNT; phase++)
                for (size_t s = 0; s < sizeof sources / sizeof *sources && !c->given[phase]; s++) {
                    if (!sources[s]->given[phase]) continue;
                    c->times[phase] = sources[s]->times[phase];
                    c->given[phase] = true;
                }
        }
}

static pct_status read_rows(reader *r, pct_service_times *times, pct_error *error) {
    pct_status status = find_columns(r, error);
    bool more = true;
    while (!status && more) {
        status = pct_csv_next(&r->csv, &more, error);
        if (!status && more) status = read_row(r, times, error);
    }
    if (!status) status = check_general_row(r->csv.file, times, error);
    if (!status) fill_from_general(times);
    return status;
}

static pct_status new_table(size_t type_count, pct_service_times **out, pct_error *error) {
    pct_service_times *times = pct_alloc_zeroed(1, sizeof *times);
    if (!times) return pct_error_memory(error, sizeof *times);
    *out = times;
    times->type_count = type_count;
    times->cells = pct_alloc_zeroed((type_count + 1) * CELLS, sizeof *times->cells);
    return times->cells ? PCT_OK : pct_error_memory(error, (type_count + 1) * CELLS * sizeof *times->cells);
}

pct_status pct_service_times_read(const char *file, pct_text bytes, const pct_codes *codes,
                                  pct_service_times **out, pct_error *error) {
    reader r = {.codes = codes};
    pct_service_times *times = NULL;
    pct_status status = pct_csv_open(&r.csv, file, bytes, error);
    if (status) return status;
    status = new_table(pct_codes_type_count(codes), &times, error);
    if (!status) status = read_rows(&r, times, error);
    pct_csv_close(&r.csv);
    if (status)
        pct_service_times_free(times);
    else
        *out = times;
    return status;
}

void pct_service_times_free(pct_service_times *times) {
    if (!times) return;
    pct_free(times->cells);
    pct_free(times);
}

pct_service_time pct_service_times_get(const pct_service_times *times, uint32_t type, int priority,
                                       pct_service_phase phase) {
    bool known = type < times->type_count && priority >= 1 && priority <= PRIORITY_COUNT;
    size_t at = PCT_ALWAYS(known) ? ((size_t)type + 1) * CELLS + (size_t)priority : 0;
    return times->cells[at].times[phase];
}

/* Mean `shape`, for shape ≥ 1. */
static double gamma_draw(double shape, pct_rng *rng) {
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = pct_rng_normal(rng), v = 1.0 + c * x;
        if (v <= 0.0) continue;
        v = v * v * v;
        double u = 1.0 - pct_rng_unit(rng); /* in (0, 1] */
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
    }
}

int64_t pct_service_time_draw_ms(pct_service_time time, pct_rng *rng) {
    double mean_ms = time.mean_s * 1000.0;
    if (mean_ms <= 0.0) return 0;
    if (time.cv <= 0.0) return llround(mean_ms);
    double shape = 1.0 / (time.cv * time.cv);
    double value = shape >= 1.0
                       ? gamma_draw(shape, rng)
                       : gamma_draw(shape + 1.0, rng) * pow(1.0 - pct_rng_unit(rng), time.cv * time.cv);
    return llround(value / shape * mean_ms);
}
