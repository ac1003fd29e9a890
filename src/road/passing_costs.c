/* What passing a node costs, from tables that users edit: turns.csv and barriers.csv. */
#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "road/profile.h"

static const double seconds_max = 3600.0, ms_per_s = 1000.0;

enum { COLUMNS_MAX = PCT_TURN_SITUATION_COUNT };

static const char *const turn_names[] = {
#define X(name, text) text,
    PCT_TURNS(X)
#undef X
};

/* A table with one row for each of `names` and columns of seconds: ms[row × column_count + column]. */
typedef struct table {
    const char *key; /* its first column */
    const char *columns[COLUMNS_MAX];
    size_t column_count;
    const char *const *names;
    size_t name_count;
    pct_message expected; /* of a name */
} table;

static pct_status read_cost(const pct_csv *csv, int column, uint32_t *ms, pct_error *error) {
    double seconds = 0.0;
    *ms = PCT_NO_WAY_MS;
    if (pct_text_equal(pct_csv_text(csv, column), "no")) return PCT_OK;
    pct_status status = pct_csv_real(csv, column, 0.0, seconds_max, &seconds, error);
    *ms = (uint32_t)lround(seconds * ms_per_s);
    return status;
}

static pct_status read_row(const pct_csv *csv, const table *t, const int *columns, bool *seen, uint32_t *ms,
                           pct_error *error) {
    pct_text name = pct_csv_text(csv, columns[0]);
    size_t row = 0;
    while (row < t->name_count && !pct_text_equal(name, t->names[row])) row++;
    if (row == t->name_count || name.length == 0)
        return pct_csv_unexpected(csv, columns[0], t->expected, error);
    if (seen[row]) return pct_csv_unexpected(csv, columns[0], PCT_MSG_EXPECTED_ONE_ROW_EACH, error);
    seen[row] = true;
    pct_status status = PCT_OK;
    for (size_t c = 0; c < t->column_count && !status; c++)
        status = read_cost(csv, columns[c + 1], &ms[row * t->column_count + c], error);
    return status;
}

static pct_status read_table(const char *file, pct_text bytes, const table *t, uint32_t *ms,
                             pct_error *error) {
    pct_csv csv;
    int columns[COLUMNS_MAX + 1];
    bool seen[PCT_TURN_COUNT + PCT_BARRIER_COUNT] = {false};
    pct_status status = pct_csv_open(&csv, file, bytes, error);
    if (status) return status;
    status = pct_csv_column(&csv, t->key, &columns[0], error);
    for (size_t c = 0; c < t->column_count && !status; c++)
        status = pct_csv_column(&csv, t->columns[c], &columns[c + 1], error);
    bool more = !status;
    while (more) {
        status = pct_csv_next(&csv, &more, error);
        if (!status && more) status = read_row(&csv, t, columns, seen, ms, error);
        if (status) more = false;
    }
    for (size_t i = 0; i < t->name_count && !status; i++)
        if (!seen[i] && *t->names[i])
            status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_PASSING_COST_MISSING, pct_str(file), pct_str(t->key),
                              pct_str(t->names[i]));
    pct_csv_close(&csv);
    return status;
}

pct_status pct_turn_costs_read(const char *file, pct_text bytes, pct_speeds *speeds, pct_error *error) {
    static const table turns = {"turn",
                                {"priority_s", "yield_s", "signals_s"},
                                PCT_TURN_SITUATION_COUNT,
                                turn_names,
                                PCT_TURN_COUNT,
                                PCT_MSG_EXPECTED_TURN};
    uint32_t ms[PCT_TURN_KINDS] = {0};
    pct_status status = read_table(file, bytes, &turns, ms, error);
    if (!status) memcpy(speeds->costs.turn_ms, ms, sizeof ms);
    return status;
}

pct_status pct_barrier_costs_read(const char *file, pct_text bytes, pct_speeds *speeds, pct_error *error) {
    const char *names[PCT_BARRIER_COUNT];
    for (int b = 0; b < PCT_BARRIER_COUNT; b++) names[b] = pct_barrier_name((pct_barrier)b);
    const table barriers = {"barrier", {"response_s", "patrol_s"}, PCT_PROFILE_COUNT,
                            names,     PCT_BARRIER_COUNT,          PCT_MSG_EXPECTED_BARRIER};
    uint32_t ms[PCT_BARRIER_COUNT * PCT_PROFILE_COUNT] = {0};
    pct_status status = read_table(file, bytes, &barriers, ms, error);
    for (int b = 0; b < PCT_BARRIER_COUNT && !status; b++)
        for (int p = 0; p < PCT_PROFILE_COUNT; p++)
            speeds->costs.barrier_ms[p][b] = ms[b * PCT_PROFILE_COUNT + p];
    return status;
}
