#include "sim/scenario.h"

#include <stdlib.h>

#include "base/memory.h"

enum { MINUTE_MS = 60000 };

/* A call with its place in the file, for a sort that keeps the order of equal times. */
typedef struct dated_call {
    int64_t at_ms;
    uint32_t record, type;
} dated_call;

static int by_time_then_record(const void *left, const void *right) {
    const dated_call *a = left, *b = right;
    if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
    return (a->record > b->record) - (a->record < b->record);
}

static int by_start_then_unit(const void *left, const void *right) {
    const pct_sim_shift *a = left, *b = right;
    if (a->on_ms != b->on_ms) return a->on_ms < b->on_ms ? -1 : 1;
    return (a->unit > b->unit) - (a->unit < b->unit);
}

static int64_t utc_of_local(const pct_zone *zone, int64_t local_ms, size_t *ambiguous) {
    pct_civil civil = pct_civil_of_ms(local_ms);
    int64_t utc_ms = 0;
    *ambiguous += pct_zone_to_utc(zone, &civil, &utc_ms) != PCT_ZONE_EXACT;
    return utc_ms;
}

static pct_status date_calls(const pct_scenario_source *source, dated_call *dated, size_t *ambiguous,
                             pct_error *error) {
    const pct_call_record *records = source->calls->records.items;
    for (size_t i = 0; i < source->calls->records.length; i++) {
        uint32_t type = pct_codes_type(source->codes, records[i].type);
        if (type == PCT_NO_CODE)
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CSV_VALUE, pct_str(source->calls_file),
                            pct_int(records[i].line), pct_str("type"),
                            pct_phrase(PCT_MSG_EXPECTED_KNOWN_TYPE), pct_view(records[i].type));
        int64_t at_ms = utc_of_local(source->zone, records[i].time_local_ms, ambiguous);
        dated[i] = (dated_call){at_ms, (uint32_t)i, type};
    }
    return PCT_OK;
}

static pct_status make_calls(const pct_scenario_source *source, pct_scenario *scenario, pct_error *error) {
    size_t count = source->calls->records.length;
    const pct_call_record *records = source->calls->records.items;
    dated_call *dated = pct_alloc(count, sizeof *dated);
    scenario->calls = pct_alloc(count, sizeof *scenario->calls);
    scenario->records = pct_alloc(count, sizeof *scenario->records);
    bool complete = dated && scenario->calls && scenario->records;
    pct_status status = complete ? date_calls(source, dated, &scenario->ambiguous_times, error)
                                 : pct_error_memory(error, count * sizeof *dated);
    if (status) goto done;
    qsort(dated, count, sizeof *dated, by_time_then_record);
    for (size_t i = 0; i < count; i++) {
        const pct_call_record *r = &records[dated[i].record];
        scenario->calls[i] = (pct_sim_call){dated[i].at_ms, r->position, dated[i].type, r->priority};
        scenario->records[i] = dated[i].record;
    }
    scenario->call_count = count;
done:
    pct_free(dated);
    return status;
}

static pct_status add_shift(pct_vector *shifts, uint32_t unit, int64_t on_ms, int64_t off_ms,
                            pct_error *error) {
    pct_sim_shift *shift = pct_vector_push(shifts);
    if (!shift) return pct_vector_failed(shifts, PCT_MSG_WHAT_SHIFTS, error);
    *shift = (pct_sim_shift){unit, on_ms, off_ms};
    return PCT_OK;
}

/* The daily shift of one unit on each local day that touches [begin, end). */
static pct_status add_daily_shifts(const pct_scenario_source *source, uint32_t unit, int64_t begin_ms,
                                   int64_t end_ms, pct_vector *shifts, pct_error *error) {
    const pct_unit_row *row = &source->units->rows[unit];
    int64_t start_ms = (int64_t)row->shift_start_min * MINUTE_MS;
    int64_t stop_ms = (int64_t)row->shift_end_min * MINUTE_MS;
    if (stop_ms <= start_ms) stop_ms += PCT_DAY_MS;
    int32_t offset_s;
    pct_civil first = pct_zone_to_local(source->zone, begin_ms, &offset_s);
    size_t ambiguous = 0; /* of shifts nobody need be told */
    int64_t day_ms = (pct_days_of_date(first.year, first.month, first.day) - 1) * PCT_DAY_MS;
    for (;; day_ms += PCT_DAY_MS) {
        int64_t on_ms = utc_of_local(source->zone, day_ms + start_ms, &ambiguous);
        int64_t off_ms = utc_of_local(source->zone, day_ms + stop_ms, &ambiguous);
        if (on_ms >= end_ms) return PCT_OK;
        if (off_ms <= begin_ms || off_ms <= on_ms) continue;
        pct_status status = add_shift(shifts, unit, on_ms > begin_ms ? on_ms : begin_ms, off_ms, error);
        if (status) return status;
    }
}

static pct_status make_shifts(const pct_scenario_source *source, pct_scenario *scenario, pct_error *error) {
    pct_vector shifts = pct_vector_init(sizeof(pct_sim_shift), PCT_SHIFTS_MAX);
    int64_t begin_ms = scenario->call_count ? scenario->calls[0].at_ms : 0;
    int64_t end_ms = scenario->call_count ? scenario->calls[scenario->call_count - 1].at_ms : 0;
    end_ms += source->drain_ms + PCT_DAY_MS;
    pct_status status = PCT_OK;
    for (uint32_t u = 0; u < source->units->count && !status; u++) {
        const pct_unit_row *row = &source->units->rows[u];
        bool always = row->shift_start_min == 0 && row->shift_end_min == PCT_DAY_MINUTES;
        status = always ? add_shift(&shifts, u, begin_ms, end_ms, error)
                        : add_daily_shifts(source, u, begin_ms, end_ms, &shifts, error);
    }
    if (!status && shifts.length > 0) {
        qsort(shifts.items, shifts.length, sizeof(pct_sim_shift), by_start_then_unit);
        scenario->shift_count = shifts.length;
        scenario->shifts = pct_vector_take(&shifts);
    }
    pct_vector_dispose(&shifts);
    return status;
}

pct_status pct_scenario_make(const pct_scenario_source *source, pct_scenario *out, pct_error *error) {
    *out = (pct_scenario){0};
    pct_status status = make_calls(source, out, error);
    if (!status) status = make_shifts(source, out, error);
    if (status) pct_scenario_dispose(out);
    return status;
}

void pct_scenario_dispose(pct_scenario *scenario) {
    pct_free(scenario->calls);
    pct_free(scenario->records);
    pct_free(scenario->shifts);
    *scenario = (pct_scenario){0};
}
