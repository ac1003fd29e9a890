#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "demand/demand.h"

enum { TYPE_BYTES_MAX = 1 << 20 };

static const char *const use_names[PCT_USE_COUNT] = {
#define X(name, text) text,
    PCT_LAND_USES(X)
#undef X
};

typedef struct columns {
    int type, rate, hours, days, priorities, uses[PCT_USE_COUNT];
} columns;

const char *pct_land_use_name(pct_land_use use) {
    return use_names[use];
}

/* A list of `count` numbers >= 0, one at least positive; scaled so that they sum to 1. */
static pct_status read_shares(const pct_csv *csv, int column, size_t count, pct_message expected,
                              double *shares, pct_error *error) {
    pct_text rest = pct_csv_text(csv, column), item;
    double sum = 0.0;
    size_t n = 0;
    for (; pct_text_next(&rest, ';', &item); n++) {
        double value;
        if (n >= count || !pct_text_to_real(pct_text_trim(item), &value) || value < 0.0 || value > 1e9)
            return pct_csv_unexpected(csv, column, expected, error);
        shares[n] = value;
        sum += value;
    }
    if (n != count || !(sum > 0.0)) return pct_csv_unexpected(csv, column, expected, error);
    for (size_t i = 0; i < count; i++) shares[i] /= sum;
    return PCT_OK;
}

static pct_status find_columns(const pct_csv *csv, columns *c, pct_error *error) {
    const struct {
        const char *name;
        int *column;
    } wanted[] = {{"type", &c->type},
                  {"per_week_per_1000", &c->rate},
                  {"hours", &c->hours},
                  {"days", &c->days},
                  {"priorities", &c->priorities}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        pct_status status = pct_csv_column(csv, wanted[i].name, wanted[i].column, error);
        if (status) return status;
    }
    for (int i = 0; i < PCT_USE_COUNT; i++) {
        pct_status status = pct_csv_column(csv, use_names[i], &c->uses[i], error);
        if (status) return status;
    }
    return PCT_OK;
}

static pct_status read_uses(const pct_csv *csv, const columns *c, pct_demand_source *source,
                            pct_error *error) {
    double sum = 0.0;
    for (int i = 0; i < PCT_USE_COUNT; i++) {
        pct_status status = pct_csv_real(csv, c->uses[i], 0.0, 1e6, &source->uses[i], error);
        if (status) return status;
        sum += source->uses[i];
    }
    if (sum > 0.0) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_DEMAND_NOWHERE, pct_str(csv->file), pct_int(csv->line));
}

static pct_status read_source(const pct_csv *csv, const columns *c, pct_demand_table *table,
                              pct_error *error) {
    pct_text type = pct_text_trim(pct_csv_text(csv, c->type));
    if (type.length == 0) return pct_csv_unexpected(csv, c->type, PCT_MSG_EXPECTED_INCIDENT_TYPE_CODE, error);
    pct_demand_source *source = pct_vector_push(&table->sources);
    if (!source) return pct_vector_failed(&table->sources, PCT_MSG_WHAT_CALL_SOURCES, error);
    pct_status status = pct_names_add(&table->types, type, &source->type);
    if (status) return pct_error_memory(error, type.length);
    status = pct_csv_real(csv, c->rate, 0.0, 1e6, &source->per_week_per_1000, error);
    if (status) return status;
    status = read_shares(csv, c->hours, 24, PCT_MSG_EXPECTED_HOUR_WEIGHTS, source->hours, error);
    if (status) return status;
    status = read_shares(csv, c->days, 7, PCT_MSG_EXPECTED_DAY_WEIGHTS, source->days, error);
    if (status) return status;
    status = read_shares(csv, c->priorities, PCT_PRIORITIES, PCT_MSG_EXPECTED_PRIORITY_WEIGHTS,
                         source->priorities, error);
    if (status) return status;
    return read_uses(csv, c, source, error);
}

pct_status pct_demand_table_read(const char *file, pct_text bytes, pct_demand_table *out, pct_error *error) {
    pct_csv csv;
    columns c;
    bool more = true;
    *out = (pct_demand_table){.types = pct_names_init(PCT_DEMAND_SOURCES_MAX, TYPE_BYTES_MAX),
                              .sources = pct_vector_init(sizeof(pct_demand_source), PCT_DEMAND_SOURCES_MAX)};
    pct_status status = pct_csv_open(&csv, file, bytes, error);
    if (status) return status;
    status = find_columns(&csv, &c, error);
    while (status == PCT_OK && (status = pct_csv_next(&csv, &more, error)) == PCT_OK && more)
        status = read_source(&csv, &c, out, error);
    if (status == PCT_OK && out->sources.length == 0)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_DEMAND_EMPTY, pct_str(file));
    pct_csv_close(&csv);
    if (status) pct_demand_table_dispose(out);
    return status;
}

void pct_demand_table_dispose(pct_demand_table *table) {
    pct_names_dispose(&table->types);
    pct_vector_dispose(&table->sources);
}
