/* Drawing calls: a non-homogeneous Poisson process, exactly.
 *
 * The rate is constant within an hour of the week. So the number of calls in an hour is Poisson with the hour's
 * mean, their times are uniform in it, and source, land use, place and priority follow independently from
 * discrete distributions, each an alias table (thinning and superposition of Poisson processes: Kingman, "Poisson
 * Processes", 1993, ch. 2). O(sources) an hour of the week to build, O(1) a call to draw. */
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "demand/alias.h"
#include "demand/demand.h"

typedef struct drawn_source {
    uint32_t type;
    pct_alias use, priority;
} drawn_source;

struct pct_demand_model {
    uint32_t source_count;
    drawn_source *sources;
    double *hourly;                        /* [168][source_count] expected calls */
    double hour_mean[PCT_HOURS_PER_WEEK];  /* their sums */
    pct_alias by_hour[PCT_HOURS_PER_WEEK]; /* which source; empty when the mean is 0 */
    pct_alias place_of_use[PCT_USE_COUNT]; /* empty when the use does not occur */
    uint32_t *places;                      /* place numbers, grouped by use */
    uint32_t first_place[PCT_USE_COUNT + 1];
};

/* Groups the places by use and makes one alias table for each use; a use whose weights are all 0 does not occur. */
static pct_status index_places(pct_demand_model *model, const pct_demand_place *places, uint32_t count,
                               double *weights, pct_error *error) {
    uint32_t n = 0;
    for (int use = 0; use < PCT_USE_COUNT; use++) {
        double sum = 0.0;
        model->first_place[use] = n;
        for (uint32_t i = 0; i < count; i++) {
            if ((int)places[i].use != use) continue;
            weights[n] = places[i].weight;
            sum += places[i].weight;
            model->places[n++] = i;
        }
        uint32_t first = model->first_place[use];
        if (!(sum != 0.0)) continue;
        pct_status status = pct_alias_init(&model->place_of_use[use], weights + first, n - first, error);
        if (status) return status;
    }
    model->first_place[PCT_USE_COUNT] = n;
    return PCT_OK;
}

/* *occurs tells whether any of the source's uses does. */
static pct_status index_source(pct_demand_model *model, const pct_demand_source *from, drawn_source *to,
                               bool *occurs, pct_error *error) {
    double uses[PCT_USE_COUNT];
    *occurs = false;
    for (int use = 0; use < PCT_USE_COUNT; use++) {
        uses[use] = model->place_of_use[use].count > 0 ? from->uses[use] : 0.0;
        if (uses[use] > 0.0) *occurs = true;
    }
    to->type = from->type;
    if (!*occurs) return PCT_OK;
    pct_status status = pct_alias_init(&to->use, uses, PCT_USE_COUNT, error);
    if (status) return status;
    return pct_alias_init(&to->priority, from->priorities, PCT_PRIORITIES, error);
}

static pct_status index_hours(pct_demand_model *model, pct_error *error) {
    for (uint32_t hour = 0; hour < PCT_HOURS_PER_WEEK; hour++) {
        const double *means = model->hourly + (size_t)hour * model->source_count;
        for (uint32_t s = 0; s < model->source_count; s++) model->hour_mean[hour] += means[s];
        if (!(model->hour_mean[hour] > 0.0)) continue;
        pct_status status = pct_alias_init(&model->by_hour[hour], means, model->source_count, error);
        if (status) return status;
    }
    return PCT_OK;
}

static pct_status index_sources(pct_demand_model *model, const pct_demand_table *table, double people,
                                pct_error *error) {
    const pct_demand_source *sources = table->sources.items;
    for (uint32_t s = 0; s < model->source_count; s++) {
        bool occurs;
        pct_status status = index_source(model, &sources[s], &model->sources[s], &occurs, error);
        if (status) return status;
        double weekly = occurs ? sources[s].per_week_per_1000 * people / 1000.0 : 0.0;
        for (uint32_t hour = 0; hour < PCT_HOURS_PER_WEEK; hour++)
            model->hourly[(size_t)hour * model->source_count + s] =
                weekly * sources[s].days[hour / 24] * sources[s].hours[hour % 24];
    }
    return index_hours(model, error);
}

pct_status pct_demand_model_new(const pct_demand_table *table, double people, const pct_demand_place *places,
                                uint32_t place_count, pct_demand_model **out, pct_error *error) {
    pct_status status = PCT_OK;
    size_t sources = table->sources.length;
    double *weights = pct_alloc(place_count, sizeof *weights);
    pct_demand_model *model = pct_alloc_zeroed(1, sizeof *model);
    *out = NULL;
    if (model) {
        model->source_count = (uint32_t)sources;
        model->sources = pct_alloc_zeroed(sources, sizeof *model->sources);
        model->hourly = pct_alloc(sources * PCT_HOURS_PER_WEEK, sizeof *model->hourly);
        model->places = pct_alloc(place_count, sizeof *model->places);
    }
    if (!weights || !model || !model->sources || !model->hourly || !model->places) {
        status = pct_error_memory(error, place_count * sizeof *weights + sources * sizeof *model->sources);
        goto done;
    }
    status = index_places(model, places, place_count, weights, error);
    if (status) goto done;
    status = index_sources(model, table, people, error);
done:
    pct_free(weights);
    if (status)
        pct_demand_model_free(model);
    else
        *out = model;
    return status;
}

void pct_demand_model_free(pct_demand_model *model) {
    if (!model) return;
    for (uint32_t s = 0; model->sources && s < model->source_count; s++) {
        pct_alias_dispose(&model->sources[s].use);
        pct_alias_dispose(&model->sources[s].priority);
    }
    for (int hour = 0; hour < PCT_HOURS_PER_WEEK; hour++) pct_alias_dispose(&model->by_hour[hour]);
    for (int use = 0; use < PCT_USE_COUNT; use++) pct_alias_dispose(&model->place_of_use[use]);
    pct_free(model->sources);
    pct_free(model->hourly);
    pct_free(model->places);
    pct_free(model);
}

static int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

uint32_t pct_demand_hour_of_week(int64_t time_local_ms) {
    int64_t hour = floor_divide(time_local_ms, PCT_HOUR_MS) + 3 * 24; /* 1970-01-01 was a Thursday */
    return (uint32_t)(hour - floor_divide(hour, PCT_HOURS_PER_WEEK) * PCT_HOURS_PER_WEEK);
}

double pct_demand_expected(const pct_demand_model *model, uint32_t type, uint32_t hour_of_week) {
    const double *means = model->hourly + (size_t)hour_of_week * model->source_count;
    double sum = 0.0;
    for (uint32_t s = 0; s < model->source_count; s++)
        if (type == PCT_MAP_ABSENT || model->sources[s].type == type) sum += means[s];
    return sum;
}

static void draw_call(const pct_demand_model *model, uint32_t hour, pct_rng *rng, pct_demand_call *call) {
    const drawn_source *source = &model->sources[pct_alias_draw(&model->by_hour[hour], rng)];
    uint32_t use = pct_alias_draw(&source->use, rng);
    call->type = source->type;
    call->place = model->places[model->first_place[use] + pct_alias_draw(&model->place_of_use[use], rng)];
    call->priority = (uint8_t)(1 + pct_alias_draw(&source->priority, rng));
}

/* A total order up to equality of the whole record, so that any sort gives the same list. */
static int by_time(const void *a, const void *b) {
    const pct_demand_call *x = a, *y = b;
    if (x->time_local_ms != y->time_local_ms) return x->time_local_ms < y->time_local_ms ? -1 : 1;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    if (x->type != y->type) return x->type < y->type ? -1 : 1;
    return (int)x->priority - (int)y->priority;
}

pct_status pct_demand_draw(const pct_demand_model *model, int64_t from_local_ms, int64_t to_local_ms,
                           pct_rng *rng, pct_vector *calls, pct_error *error) {
    for (int64_t start = from_local_ms; start < to_local_ms;) {
        int64_t end = (floor_divide(start, PCT_HOUR_MS) + 1) * PCT_HOUR_MS;
        if (end > to_local_ms) end = to_local_ms;
        uint32_t hour = pct_demand_hour_of_week(start);
        double share = (double)(end - start) / (double)PCT_HOUR_MS;
        uint32_t count = pct_rng_poisson(rng, model->hour_mean[hour] * share);
        size_t first = calls->length;
        for (uint32_t i = 0; i < count; i++) {
            pct_demand_call *call = pct_vector_push(calls);
            if (!call) return pct_vector_failed(calls, PCT_MSG_WHAT_CALLS, error);
            call->time_local_ms = start + pct_rng_below(rng, (uint32_t)(end - start));
            draw_call(model, hour, rng, call);
        }
        if (count > 1) qsort((pct_demand_call *)calls->items + first, count, calls->item_size, by_time);
        start = end;
    }
    return PCT_OK;
}
