#include "desk/retention.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "clock/time.h"
#include "desk/state.h"
#include "store/retention.h"
#include "store/schema.h"

enum {
    SLICE_KEYS = 500,
    BATCH_MAX = 32, /* objects of one kind in an event */
    SLICE_PAUSE_MS = 50,
    LOGS_AGAIN_MS = 10000,
    SOON_MS = 600000, /* after an opening that comes a day late */
    MS_PER_MINUTE = 60000,
    MINUTES_PER_HOUR = 60
};

static const char document_kind[] = "retention", document_name[] = "last run";

static pct_text class_text(pct_erased_class class) {
    return pct_text_of(pct_erased_class_names[class]);
}

static bool is_class(const char *text, pct_erased_class class) {
    return strcmp(text, pct_erased_class_names[class]) == 0;
}

/* --- periods ------------------------------------------------------------------------------------------------------- */

static int64_t schema_days(pct_erased_class class) {
    for (int p = 0; p < PCT_PERIOD_COUNT; p++)
        if (is_class(pct_periods[p].name, class)) return pct_periods[p].hours / 24;
    return 0;
}

static pct_status days_allowed(pct_desk *desk, pct_erased_class class, int64_t *out, pct_error *error) {
    pct_status status = pct_store_get_period(desk->store, class_text(class), out, error);
    if (!status && *out == 0) *out = schema_days(class);
    return status;
}

static pct_status read_days(pct_desk *desk, void *context, pct_error *error) {
    int64_t *days = context;
    const pct_retention_plan *plan = desk->options.retention;
    pct_status status = PCT_OK;
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT && !status; c++) {
        status = days_allowed(desk, (pct_erased_class)c, &days[c], error);
        if (!status && plan && plan->days[c] > 0 && plan->days[c] < days[c]) days[c] = plan->days[c];
    }
    return status;
}

pct_status pct_desk_retention_days(pct_desk *desk, int64_t days[PCT_ERASED_CLASS_COUNT], pct_error *error) {
    memset(days, 0, PCT_ERASED_CLASS_COUNT * sizeof *days);
    return pct_desk_between_groups(desk, read_days, days, error);
}

/* --- a batch ------------------------------------------------------------------------------------------------------- */

static const char kinds[] = "CIOR";
enum { KINDS = sizeof kinds - 1 };

typedef struct batch {
    int64_t objects[PCT_ERASED_CLASS_COUNT][KINDS][BATCH_MAX];
    uint32_t counts[PCT_ERASED_CLASS_COUNT][KINDS];
    bool full, any;
} batch;

static void put_object(batch *b, pct_erased_class class, pct_id object) {
    const char *kind = strchr(kinds, object.kind);
    size_t k = kind ? (size_t)(kind - kinds) : 0;
    uint32_t *count = &b->counts[class][k];
    if (!kind) return;
    for (uint32_t i = 0; i < *count; i++)
        if (b->objects[class][k][i] == object.seq) return;
    b->objects[class][k][(*count)++] = object.seq;
    b->any = true;
    if (*count == BATCH_MAX) b->full = true;
}

/* Is the period of what this key seals over? A key that no object of the record has (its event was never written) is counted from
 * when it was made. */
static pct_status is_due(pct_desk *desk, const pct_aged_key *key, int64_t days, bool *due, pct_error *error) {
    const int64_t cut_ms = desk->last_ms - days * PCT_DAY_MS;
    int64_t ended_ms;
    *due = false;
    if (key->made_at_ms > cut_ms) return PCT_OK;
    pct_status status = pct_store_object_ended(desk->store, key->object, &ended_ms, error);
    if (status == PCT_NOT_FOUND) ended_ms = key->made_at_ms, status = PCT_OK;
    *due = !status && ended_ms > 0 && ended_ms <= cut_ms;
    return status;
}

/* From run->after on; *end: there are no more keys. */
static pct_status gather(pct_desk *desk, pct_retaining *run, batch *b, bool *end, pct_error *error) {
    pct_aged_key *keys = pct_arena_alloc(&desk->arena, SLICE_KEYS * sizeof *keys, _Alignof(pct_aged_key));
    size_t count = 0;
    if (!keys) return pct_error_memory(error, SLICE_KEYS * sizeof *keys);
    pct_status status = pct_store_list_keys(desk->store, run->after, SLICE_KEYS, keys, &count, error);
    *end = count < SLICE_KEYS;
    for (size_t i = 0; i < count && !status; i++) {
        if (b->full) {
            *end = false;
            break;
        }
        for (int c = 1; c < PCT_ERASED_CLASS_COUNT && !status; c++) {
            bool due = false;
            if (!is_class(keys[i].class, (pct_erased_class)c)) continue;
            status = is_due(desk, &keys[i], run->report.days[c], &due, error);
            if (due) put_object(b, (pct_erased_class)c, keys[i].object);
        }
        run->after = keys[i].id;
        run->report.looked++;
    }
    return status;
}

/* --- destroying ---------------------------------------------------------------------------------------------------- */

/* The event says how many, so the keys go first; both are of one group. */
static pct_status destroy_class(pct_desk *desk, pct_retaining *run, const batch *b, pct_erased_class class,
                                pct_error *error) {
    pct_event event = pct_desk_own_event(desk, PCT_EVENT_RETENTION_APPLIED, "retention");
    pct_event_retention_applied *data = &event.data.retention_applied;
    pct_status status = PCT_OK;
    int64_t objects = 0;
    for (size_t k = 0; k < KINDS; k++)
        for (uint32_t i = 0; i < b->counts[class][k] && !status; i++, objects++) {
            const int64_t seq = b->objects[class][k][i];
            int64_t dropped = 0;
            status =
                pct_store_drop_keys(desk->store, (pct_id){seq, kinds[k]}, class_text(class), &dropped, error);
            data->keys += dropped;
            if (kinds[k] == 'C') data->calls[data->calls_count++].seq = seq;
            if (kinds[k] == 'I') data->incidents[data->incidents_count++].seq = seq;
            if (kinds[k] == 'O') data->orders[data->orders_count++].seq = seq;
            if (kinds[k] == 'R') data->rounds[data->rounds_count++].seq = seq;
        }
    if (status || objects == 0) return status;
    data->class = class;
    data->days = run->report.days[class];
    run->report.keys += data->keys;
    run->report.events++;
    return pct_desk_record_event(desk, &event, error);
}

static pct_status destroy(pct_desk *desk, pct_retaining *run, const batch *b, pct_snapshot **snapshot,
                          pct_error *error) {
    desk->group.begun = true;
    pct_status status = pct_store_begin(desk->store, error);
    pthread_mutex_lock(&desk->board_lock);
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT && !status; c++)
        status = destroy_class(desk, run, b, (pct_erased_class)c, error);
    pthread_mutex_unlock(&desk->board_lock);
    if (!status) status = pct_store_drop_saved(desk->store, error);
    if (!status) status = pct_desk_save_tree(desk, error);
    if (!status && pct_snapshot_new(&desk->lists, snapshot) != PCT_OK) status = pct_error_memory(error, 0);
    return status ? status : pct_store_commit(desk->store, error);
}

/* One look at SLICE_KEYS keys, and at most one group. What a failed group would have destroyed is met again. */
static pct_status slice(pct_desk *desk, pct_retaining *run, bool *end, pct_error *error) {
    const pct_retaining before = *run;
    pct_snapshot *snapshot = NULL;
    pct_error why = {0};
    batch b = {0};
    pct_arena_reset(&desk->arena);
    (void)pct_desk_now_ms(desk);
    pct_status status = gather(desk, run, &b, end, error);
    if (status || !b.any) return status;
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT; c++)
        for (int k = 0; k < KINDS; k++) run->report.objects[c] += b.counts[c][k];
    if (run->dry) return PCT_OK;
    status = destroy(desk, run, &b, &snapshot, &why);
    if (status && error) *error = why;
    pct_desk_finish_group(desk, status, snapshot, &why);
    if (status)
        *run = before;
    else
        desk->since_saved = desk->save_every;
    return status;
}

static pct_status begin_run(pct_desk *desk, pct_retaining *run, bool dry, pct_error *error) {
    *run = (pct_retaining){.running = true, .dry = dry};
    return read_days(desk, run->report.days, error);
}

/* --- asked for ------------------------------------------------------------------------------------------------------ */

typedef struct asked {
    pct_retaining run;
    bool end;
} asked;

static pct_status asked_begin(pct_desk *desk, void *context, pct_error *error) {
    asked *a = context;
    return begin_run(desk, &a->run, a->run.dry, error);
}

static pct_status asked_slice(pct_desk *desk, void *context, pct_error *error) {
    asked *a = context;
    return slice(desk, &a->run, &a->end, error);
}

static pct_status asked_end(pct_desk *desk, void *context, pct_error *error) {
    const asked *a = context;
    pct_status status = pct_store_truncate_logs(desk->store, error);
    return status == PCT_BUSY
               ? PCT_FAIL(error, PCT_BUSY, PCT_MSG_DESK_RETAIN_AGAIN, pct_int(a->run.report.keys))
               : status;
}

pct_status pct_desk_retain(pct_desk *desk, bool dry, pct_retention_report *out, pct_error *error) {
    asked a = {.run = {.dry = dry}};
    pct_status status = pct_desk_between_groups(desk, asked_begin, &a, error);
    while (!status && !a.end) status = pct_desk_between_groups(desk, asked_slice, &a, error);
    if (!status && a.run.report.keys > 0) status = pct_desk_between_groups(desk, asked_end, &a, error);
    *out = a.run.report;
    return status;
}

/* --- by itself ------------------------------------------------------------------------------------------------------ */

static int64_t next_quiet_ms(const pct_retention_plan *plan, int64_t now_ms) {
    int32_t offset_s;
    int64_t at_ms = now_ms;
    for (int day = 0; day < 3; day++) {
        pct_civil local = pct_zone_to_local(plan->zone, now_ms + day * PCT_DAY_MS, &offset_s);
        local.hour = (uint8_t)(plan->quiet_minute / MINUTES_PER_HOUR % 24);
        local.minute = (uint8_t)(plan->quiet_minute % MINUTES_PER_HOUR);
        local.second = 0, local.ms = 0;
        (void)pct_zone_to_utc(plan->zone, &local, &at_ms);
        if (at_ms > now_ms) return at_ms;
    }
    return now_ms + PCT_DAY_MS;
}

pct_status pct_desk_plan_retention(pct_desk *desk, pct_error *error) {
    const pct_retention_plan *plan = desk->options.retention;
    int64_t last_ms = 0;
    pct_buffer bytes = pct_buffer_init(PCT_STORE_NAME_MAX);
    desk->retaining = (pct_retaining){.next_ms = INT64_MAX};
    if (!plan || !plan->zone) return PCT_OK;
    int64_t now_ms = pct_desk_now_ms(desk);
    pct_status status = pct_store_get_document(desk->store, pct_text_of(document_kind),
                                               pct_text_of(document_name), now_ms, &bytes, error);
    bool known =
        !status && pct_text_to_integer((pct_text){(const char *)bytes.bytes, bytes.length}, &last_ms);
    pct_buffer_dispose(&bytes);
    desk->retaining.next_ms = next_quiet_ms(plan, now_ms);
    if ((!known || now_ms - last_ms > PCT_DAY_MS) && now_ms + SOON_MS < desk->retaining.next_ms)
        desk->retaining.next_ms = now_ms + SOON_MS;
    return status == PCT_NOT_FOUND ? PCT_OK : status;
}

/* What else has its day: replies and documents that have expired. The next opening learns that it was done. */
static pct_status end_run(pct_desk *desk, pct_error *error) {
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)desk->last_ms);
    const pct_document ran = {
        pct_text_of(document_kind), pct_text_of(document_name), {text, (size_t)length}, 0};
    pct_status status = pct_store_begin(desk->store, error);
    if (!status) status = pct_store_drop_replies(desk->store, desk->last_ms, SLICE_KEYS, error);
    if (!status) status = pct_store_drop_documents(desk->store, desk->last_ms, error);
    if (!status) status = pct_store_put_document(desk->store, &ran, error);
    if (!status) return pct_store_commit(desk->store, error);
    pct_store_rollback(desk->store);
    return status;
}

static void plan_next(pct_desk *desk, int64_t at_ms) {
    pthread_mutex_lock(&desk->board_lock);
    desk->retaining.next_ms = at_ms;
    pthread_mutex_unlock(&desk->board_lock);
}

/* A step of the run: a slice, or the emptying of the logs, which waits for no reader. */
static pct_status run_step(pct_desk *desk, pct_error *error) {
    pct_retaining *run = &desk->retaining;
    bool end = false;
    if (!run->emptying) {
        pct_status status = run->running ? PCT_OK : begin_run(desk, run, false, error);
        if (!status) status = slice(desk, run, &end, error);
        if (!status && end) status = end_run(desk, error);
        run->emptying = !status && end;
        if (status || !end || run->report.keys > 0) return status;
    }
    pct_status status = run->report.keys > 0 ? pct_store_try_truncate_logs(desk->store, error) : PCT_OK;
    if (!status) *run = (pct_retaining){.report = run->report, .next_ms = run->next_ms};
    return status;
}

void pct_desk_retain_when_due(pct_desk *desk, int64_t now_ms) {
    pct_retaining *run = &desk->retaining;
    pct_error ignored;
    if (now_ms < run->next_ms || desk->stopped || desk->disk_full) return;
    pct_status status = run_step(desk, &ignored);
    bool over = !status && !run->running;
    if (pct_store_is_broken(desk->store)) return; /* the next group meets it */
    plan_next(desk, over     ? next_quiet_ms(desk->options.retention, now_ms)
                    : status ? now_ms + LOGS_AGAIN_MS
                             : now_ms + SLICE_PAUSE_MS);
}

/* --- setting -------------------------------------------------------------------------------------------------------- */

typedef struct setting {
    const pct_retention_change *change;
    int64_t *seq;
} setting;

static pct_status check_change(const pct_retention_change *c, int64_t before, pct_error *error) {
    const pct_text name = class_text(c->class);
    if (c->class == PCT_ERASED_CLASS_NONE || c->days < 1 || c->days > PCT_RETENTION_DAYS_MAX)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_DESK_RETENTION_DAYS, pct_int(PCT_RETENTION_DAYS_MAX),
                        pct_int(c->days));
    if (c->ground.length > PCT_RETENTION_GROUND_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_GROUND_BYTES),
                        pct_int(PCT_RETENTION_GROUND_MAX));
    if (c->days <= before) return PCT_OK;
    if (pct_text_trim(c->ground).length < PCT_RETENTION_GROUND_MIN)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_DESK_RETENTION_GROUND, pct_view(name), pct_int(before),
                        pct_int(c->days), pct_int(PCT_RETENTION_GROUND_MIN));
    bool two = c->approved_by.length > 0 && !pct_text_same(c->approved_by, c->account);
    return two ? PCT_OK
               : PCT_FAIL(error, PCT_REFUSED, PCT_MSG_DESK_RETENTION_SECOND, pct_view(name), pct_int(before),
                          pct_int(c->days));
}

static pct_status set(pct_desk *desk, void *context, pct_error *error) {
    const setting *s = context;
    const pct_retention_change *c = s->change;
    int64_t before = 0;
    pct_status status = days_allowed(desk, c->class, &before, error);
    if (!status) status = check_change(c, before, error);
    if (status) return status;
    pct_event event = pct_desk_own_event(desk, PCT_EVENT_RETENTION_SET, "retention");
    event.actor = c->account;
    event.role = c->role;
    event.data.retention_set = (pct_event_retention_set){.class = c->class,
                                                         .days = c->days,
                                                         .days_before = before,
                                                         .ground = pct_text_trim(c->ground),
                                                         .approved_by = c->approved_by};
    status = pct_desk_record_alone(desk, &event, error);
    if (!status) *s->seq = event.seq;
    return status;
}

pct_status pct_desk_set_retention(pct_desk *desk, const pct_retention_change *change, int64_t *seq,
                                  pct_error *error) {
    setting s = {change, seq};
    *seq = 0;
    return pct_desk_between_groups(desk, set, &s, error);
}

/* --- following -------------------------------------------------------------------------------------------------------- */

static pct_status follow_object(pct_desk *desk, const pct_event *e, pct_id object, pct_error *error) {
    pct_status status = pct_store_put_involved(desk->store, object, e->seq, error);
    return status ? status
                  : pct_store_purge(desk->store, object, class_text(e->data.retention_applied.class), error);
}

pct_status pct_desk_follow_retention(pct_desk *desk, const pct_event *e, pct_error *error) {
    pct_status status = PCT_OK;
    if (e->type == PCT_EVENT_RETENTION_SET)
        return pct_store_put_period(desk->store, class_text(e->data.retention_set.class),
                                    e->data.retention_set.days, e->seq, error);
    if (e->type != PCT_EVENT_RETENTION_APPLIED) return PCT_OK;
    const pct_event_retention_applied *data = &e->data.retention_applied;
    for (uint32_t i = 0; i < data->calls_count && !status; i++)
        status = follow_object(desk, e, (pct_id){data->calls[i].seq, 'C'}, error);
    for (uint32_t i = 0; i < data->incidents_count && !status; i++)
        status = follow_object(desk, e, (pct_id){data->incidents[i].seq, 'I'}, error);
    for (uint32_t i = 0; i < data->orders_count && !status; i++)
        status = follow_object(desk, e, (pct_id){data->orders[i].seq, 'O'}, error);
    for (uint32_t i = 0; i < data->rounds_count && !status; i++)
        status = follow_object(desk, e, (pct_id){data->rounds[i].seq, 'R'}, error);
    return status;
}
