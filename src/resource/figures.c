/* Figures for those who lead: calls by hour and by type, how long the first unit took to arrive, against the target of each
 * priority. From the derived tables; counts and durations, nothing of a person. Who sees aggregates alone (chief, analyst) is told no group
 * of fewer than 10 (groups.h). A response is counted from the opening of its incident to the first arrival; percentiles
 * are nearest ranks. O(rows of the span, log for the ranks). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vector.h"
#include "resource/board_json.h"
#include "resource/groups.h"
#include "store/history.h"

enum { MS_PER_HOUR = 3600000, DAYS_MAX = 31, HOURS_MAX = DAYS_MAX * 24 + 2, TYPES_MAX = 10000 };
enum { RESPONSES_MAX = 1 << 22 };

typedef struct type_count {
    pct_text type;
    int64_t calls;
} type_count;

typedef struct response {
    int64_t hour, priority, took_ms; /* hour: of the span; took_ms -1: nobody has arrived */
} response;

typedef struct figures {
    pct_exchange *x;
    pct_json_writer json;
    int64_t from_ms, until_ms, hours; /* whole hours */
    int64_t least;                    /* of a group that is told; 0: any */
    int64_t *by_hour;
    pct_vector types;     /* of type_count */
    pct_vector responses; /* of response */
} figures;

/* --- gathering ---------------------------------------------------------------------------------------------------- */

static int64_t whole_hour_ms(int64_t ms) {
    int64_t within_ms = ms % MS_PER_HOUR;
    return ms - within_ms - (within_ms < 0 ? MS_PER_HOUR : 0);
}

static pct_status take_count(void *context, const pct_call_count *count, pct_error *error) {
    figures *f = context;
    type_count *types = f->types.items;
    f->by_hour[(count->hour_ms - f->from_ms) / MS_PER_HOUR] += count->calls;
    for (size_t i = 0; i < f->types.length; i++)
        if (pct_text_same(types[i].type, count->type)) {
            types[i].calls += count->calls;
            return PCT_OK;
        }
    type_count *type = pct_vector_push(&f->types);
    if (!type) return pct_vector_failed(&f->types, PCT_MSG_WHAT_ROWS, error);
    char *copy = pct_arena_text(&f->x->arena, count->type.chars, count->type.length);
    if (!copy) return pct_error_memory(error, count->type.length);
    *type = (type_count){{copy, count->type.length}, count->calls};
    return PCT_OK;
}

static pct_status take_response(void *context, const pct_response *row, pct_error *error) {
    figures *f = context;
    response *r = pct_vector_push(&f->responses);
    if (!r) return pct_vector_failed(&f->responses, PCT_MSG_WHAT_ROWS, error);
    *r = (response){.hour = (row->opened_at_ms - f->from_ms) / MS_PER_HOUR,
                    .priority = row->priority,
                    .took_ms = row->first_arrival_ms ? row->first_arrival_ms - row->opened_at_ms : -1};
    return PCT_OK;
}

/* Day by day, so that others who read the record wait for one day's rows and not for a month's. */
static pct_status gather(figures *f, pct_error *error) {
    pct_service *service = f->x->service;
    pct_status status = PCT_OK;
    for (int64_t from_ms = f->from_ms, until_ms; from_ms < f->until_ms && !status; from_ms = until_ms) {
        until_ms = from_ms + INT64_C(24) * MS_PER_HOUR < f->until_ms ? from_ms + INT64_C(24) * MS_PER_HOUR
                                                                     : f->until_ms;
        (void)pthread_mutex_lock(&service->reading);
        status = pct_store_each_count(service->reader, from_ms, until_ms, take_count, f, error);
        if (!status)
            status = pct_store_each_response(service->reader, from_ms, until_ms, take_response, f, error);
        (void)pthread_mutex_unlock(&service->reading);
    }
    return status;
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

/* Nothing is withheld from those who direct the work. */
static int64_t withhold(const figures *f, const int64_t *counts, size_t count, bool *withheld) {
    if (f->least > 0) return pct_groups_withhold(counts, count, withheld);
    memset(withheld, 0, count * sizeof *withheld);
    return 0;
}

static void write_hours(figures *f) {
    bool withheld[HOURS_MAX];
    (void)withhold(f, f->by_hour, (size_t)f->hours, withheld);
    pct_json_key(&f->json, "hours");
    pct_json_begin_array(&f->json);
    for (int64_t i = 0; i < f->hours; i++) {
        pct_json_begin_object(&f->json);
        pct_json_time_member(&f->json, "hour", f->from_ms + i * MS_PER_HOUR, &f->x->service->site->zone);
        pct_json_key(&f->json, "calls");
        if (withheld[i])
            pct_json_null(&f->json);
        else
            pct_json_integer(&f->json, f->by_hour[i]);
        pct_json_end_object(&f->json);
    }
    pct_json_end_array(&f->json);
}

static void write_type(figures *f, pct_text type, int64_t calls) {
    pct_json_begin_object(&f->json);
    pct_json_text_member(&f->json, "type", type);
    pct_json_key(&f->json, "calls");
    pct_json_integer(&f->json, calls);
    pct_json_end_object(&f->json);
}

static int by_calls(const void *a, const void *b) {
    const type_count *x = a, *y = b;
    if (x->calls != y->calls) return x->calls > y->calls ? -1 : 1;
    size_t common = x->type.length < y->type.length ? x->type.length : y->type.length;
    int order = memcmp(x->type.chars, y->type.chars, common);
    return order ? order : (x->type.length > y->type.length) - (x->type.length < y->type.length);
}

/* The withheld ones are told as one group without a type. */
static pct_status write_types(figures *f, pct_error *error) {
    type_count *types = f->types.items;
    size_t count = f->types.length;
    int64_t *counts = pct_arena_alloc(&f->x->arena, count + 1, sizeof *counts);
    bool *withheld = pct_arena_alloc(&f->x->arena, count + 1, sizeof *withheld);
    if (!counts || !withheld) return pct_error_memory(error, count * sizeof *counts);
    if (count > 1) qsort(types, count, sizeof *types, by_calls);
    for (size_t i = 0; i < count; i++) counts[i] = types[i].calls;
    int64_t others = withhold(f, counts, count, withheld);
    pct_json_key(&f->json, "types");
    pct_json_begin_array(&f->json);
    for (size_t i = 0; i < count; i++)
        if (!withheld[i]) write_type(f, types[i].type, types[i].calls);
    if (others >= PCT_GROUP_MIN) write_type(f, (pct_text){"", 0}, others);
    pct_json_end_array(&f->json);
    return PCT_OK;
}

/* --- responses ---------------------------------------------------------------------------------------------------- */

static int by_hour(const void *a, const void *b) {
    const response *x = a, *y = b;
    if (x->hour != y->hour) return x->hour > y->hour ? 1 : -1;
    if (x->priority != y->priority) return x->priority > y->priority ? 1 : -1;
    return (x->took_ms > y->took_ms) - (x->took_ms < y->took_ms);
}

static int by_priority(const void *a, const void *b) {
    const response *x = a, *y = b;
    if (x->priority != y->priority) return x->priority > y->priority ? 1 : -1;
    return (x->took_ms > y->took_ms) - (x->took_ms < y->took_ms);
}

static void seconds_member(figures *f, const char *key, int64_t ms) {
    pct_json_key(&f->json, key);
    pct_json_real(&f->json, ms < 0 ? NAN : (double)ms / 1000.0, 1); /* null for NAN */
}

static int64_t rank_ms(const response *arrived, size_t count, int percent) {
    return count ? arrived[(count * (size_t)percent + 99) / 100 - 1].took_ms : -1;
}

/* A run of one priority, sorted by what it took; those that nobody has reached come first. */
static void write_group(figures *f, const response *run, size_t count) {
    int64_t target_s = pct_codes_target_s(f->x->service->codes, (uint32_t)run->priority);
    size_t waiting = 0, within = 0;
    while (waiting < count && run[waiting].took_ms < 0) waiting++;
    const response *arrived = run + waiting;
    size_t reached = count - waiting;
    if ((int64_t)reached < f->least) reached = 0;
    while (within < reached && arrived[within].took_ms <= target_s * 1000) within++;
    pct_json_key(&f->json, "priority");
    pct_json_integer(&f->json, run->priority);
    pct_json_key(&f->json, "arrived");
    if (reached)
        pct_json_integer(&f->json, (int64_t)reached);
    else
        pct_json_null(&f->json);
    seconds_member(f, "p50_s", rank_ms(arrived, reached, 50));
    seconds_member(f, "p90_s", rank_ms(arrived, reached, 90));
    pct_json_key(&f->json, "within_target");
    pct_json_real(&f->json, reached && target_s ? (double)within / (double)reached : NAN, 3);
}

static void write_priorities(figures *f) {
    response *all = f->responses.items;
    size_t count = f->responses.length;
    if (count > 1) qsort(all, count, sizeof *all, by_priority);
    pct_json_key(&f->json, "priorities");
    pct_json_begin_array(&f->json);
    for (int64_t p = 1; p <= PCT_PRIORITY_COUNT; p++) {
        const response none = {0, p, -1};
        size_t first = 0, n = 0;
        while (first < count && all[first].priority < p) first++;
        while (first + n < count && all[first + n].priority == p) n++;
        int64_t target_s = pct_codes_target_s(f->x->service->codes, (uint32_t)p);
        pct_json_begin_object(&f->json);
        write_group(f, n ? all + first : &none, n ? n : 1);
        pct_json_key(&f->json, "target_s");
        if (target_s)
            pct_json_integer(&f->json, target_s);
        else
            pct_json_null(&f->json);
        pct_json_end_object(&f->json);
    }
    pct_json_end_array(&f->json);
}

/* Runs of one hour and priority, and how many of each were reached. */
typedef struct runs {
    size_t first[HOURS_MAX * PCT_PRIORITY_COUNT], length[HOURS_MAX * PCT_PRIORITY_COUNT], count;
    int64_t arrived[HOURS_MAX * PCT_PRIORITY_COUNT];
    bool withheld[HOURS_MAX * PCT_PRIORITY_COUNT];
} runs;

static void find_runs(const figures *f, runs *r) {
    const response *all = f->responses.items;
    for (size_t i = 0; i < f->responses.length; i++) {
        bool same = r->count > 0 && all[i].hour == all[i - 1].hour && all[i].priority == all[i - 1].priority;
        if (!same) {
            if (r->count == HOURS_MAX * PCT_PRIORITY_COUNT) return;
            r->first[r->count++] = i;
        }
        r->length[r->count - 1]++;
        r->arrived[r->count - 1] += all[i].took_ms >= 0;
    }
}

/* The total of each priority is told: what is withheld of it must not follow from the hours that are shown. */
static void withhold_runs(const figures *f, runs *r) {
    const response *all = f->responses.items;
    for (int64_t p = 1; p <= PCT_PRIORITY_COUNT && f->least > 0; p++) {
        int64_t counts[HOURS_MAX];
        size_t at[HOURS_MAX], n = 0;
        bool withheld[HOURS_MAX];
        for (size_t i = 0; i < r->count && n < HOURS_MAX; i++)
            if (all[r->first[i]].priority == p) counts[n] = r->arrived[i], at[n++] = i;
        (void)pct_groups_withhold(counts, n, withheld);
        for (size_t i = 0; i < n; i++) r->withheld[at[i]] = withheld[i];
    }
}

static pct_status write_responses(figures *f, pct_error *error) {
    response *all = f->responses.items;
    runs *r = pct_alloc_zeroed(1, sizeof *r);
    if (!r) return pct_error_memory(error, sizeof *r);
    if (f->responses.length > 1) qsort(all, f->responses.length, sizeof *all, by_hour);
    find_runs(f, r);
    withhold_runs(f, r);
    pct_json_key(&f->json, "responses");
    pct_json_begin_array(&f->json);
    for (size_t i = 0; i < r->count; i++) {
        if (r->arrived[i] == 0 || r->withheld[i]) continue;
        pct_json_begin_object(&f->json);
        pct_json_time_member(&f->json, "hour", f->from_ms + all[r->first[i]].hour * MS_PER_HOUR,
                             &f->x->service->site->zone);
        write_group(f, all + r->first[i], r->length[i]);
        pct_json_end_object(&f->json);
    }
    pct_json_end_array(&f->json);
    pct_free(r);
    return PCT_OK;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static int64_t time_of(const pct_exchange *x, const char *name, int64_t otherwise) {
    int64_t ms = otherwise;
    pct_text text = pct_exchange_query(x, name);
    if (text.chars) (void)pct_zone_parse(&x->service->site->zone, text, &ms, NULL);
    return ms;
}

/* Widened to whole hours; without `from` and `to`, the last day. */
static pct_status read_span(figures *f, pct_error *error) {
    int64_t until_ms = time_of(f->x, "to", f->x->now_ms + 1);
    f->until_ms = whole_hour_ms(until_ms + MS_PER_HOUR - 1);
    f->from_ms = whole_hour_ms(time_of(f->x, "from", until_ms - INT64_C(24) * MS_PER_HOUR));
    f->hours = (f->until_ms - f->from_ms) / MS_PER_HOUR;
    if (f->hours >= 1 && f->hours <= HOURS_MAX - 1) return PCT_OK;
    memcpy(f->x->field, "from", sizeof "from");
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_FIGURES_SPAN, pct_int(DAYS_MAX));
}

static int64_t open_incidents(pct_desk *desk) {
    const pct_snapshot *snapshot = pct_desk_snapshot(desk);
    const pct_board_counts *counts = pct_snapshot_counts(snapshot);
    int64_t open = counts->incidents[PCT_INCIDENT_WAITING] + counts->incidents[PCT_INCIDENT_DISPATCHED] +
                   counts->incidents[PCT_INCIDENT_ON_SCENE] + counts->incidents[PCT_INCIDENT_HANDLED];
    pct_snapshot_release(snapshot);
    return open;
}

static pct_status write_figures(figures *f, pct_error *error) {
    const pct_zone *zone = &f->x->service->site->zone;
    int64_t open = open_incidents(f->x->service->desk);
    pct_json_begin_object(&f->json);
    pct_json_time_member(&f->json, "from", f->from_ms, zone);
    pct_json_time_member(&f->json, "to", f->until_ms, zone);
    pct_json_time_member(&f->json, "at", f->x->now_ms, zone);
    pct_json_key(&f->json, "groups_of_at_least");
    pct_json_integer(&f->json, f->least ? f->least : 1);
    pct_json_key(&f->json, "open");
    if (open > 0 && open < f->least)
        pct_json_null(&f->json);
    else
        pct_json_integer(&f->json, open);
    write_hours(f);
    pct_status status = write_types(f, error);
    write_priorities(f);
    if (!status) status = write_responses(f, error);
    pct_json_end_object(&f->json);
    return status;
}

pct_status pct_resource_figures(pct_exchange *x, pct_error *error) {
    figures f = {.x = x,
                 .json = pct_json_writer_init(&x->reply),
                 .least = x->role == PCT_ROLE_COMMANDER ? 0 : PCT_GROUP_MIN,
                 .types = pct_vector_init(sizeof(type_count), TYPES_MAX),
                 .responses = pct_vector_init(sizeof(response), RESPONSES_MAX)};
    pct_status status = read_span(&f, error);
    if (status) goto done;
    f.by_hour = pct_alloc_zeroed((size_t)f.hours, sizeof *f.by_hour);
    if (!f.by_hour) {
        status = pct_error_memory(error, (size_t)f.hours * sizeof *f.by_hour);
        goto done;
    }
    status = gather(&f, error);
    if (!status) status = write_figures(&f, error);
done:
    pct_free(f.by_hour);
    pct_vector_dispose(&f.types);
    pct_vector_dispose(&f.responses);
    return status;
}
