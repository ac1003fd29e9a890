#include "cli/simulate_answer.h"

#include <math.h>
#include <stdio.h>

#include "base/digest.h"
#include "cli/simulate_rounds.h"

enum { REJECTED_SHOWN_MAX = 10, LABEL_COLUMNS = 14, CELL_COLUMNS = 16, CELL_BYTES = 48 };
static const double confidence = 0.95;

/* --- figures ----------------------------------------------------------------------------------------------- */

typedef enum figure {
    SERVED,
    WAITING,
    REFERRED,
    DIVERTED,
    REMINDERS,
    RESPONSE_COUNT,
    RESPONSE_MEAN_S,
    RESPONSE_P50_S,
    RESPONSE_P90_S,
    QUEUED_MEAN_S,
    QUEUED_MAX_S,
    UTILISATION
} figure;

static double figure_of(const pct_report *report, figure which, int priority) {
    const pct_summary *response =
        priority == 0 ? &report->response : &report->response_by_priority[priority - 1];
    switch (which) {
    case SERVED: return (double)report->served;
    case WAITING: return (double)report->waiting;
    case REFERRED: return (double)report->referred;
    case DIVERTED: return (double)report->diverted;
    case REMINDERS: return (double)report->reminders;
    case RESPONSE_COUNT: return (double)response->count;
    case RESPONSE_MEAN_S: return response->mean / 1000.0;
    case RESPONSE_P50_S: return (double)response->p50 / 1000.0;
    case RESPONSE_P90_S: return (double)response->p90 / 1000.0;
    case QUEUED_MEAN_S: return report->queued.mean / 1000.0;
    case QUEUED_MAX_S: return (double)report->queued.max / 1000.0;
    case UTILISATION: return report->utilisation;
    }
    return 0.0;
}

/* Over the runs that have the figure: a run without calls of a priority says nothing of their response. */
static pct_interval over_runs(const pct_simulate_answer *j, figure which, int priority) {
    bool response = which == RESPONSE_MEAN_S || which == RESPONSE_P50_S || which == RESPONSE_P90_S;
    size_t count = 0;
    for (size_t r = 0; r < j->simulation->report_count; r++) {
        const pct_report *report = &j->reports[r];
        if (response && figure_of(report, RESPONSE_COUNT, priority) == 0.0) continue;
        j->values[count++] = figure_of(report, which, priority);
    }
    pct_interval interval = pct_interval_of(j->values, count, confidence);
    if (count == 0) interval.mean = NAN;
    return interval;
}

/* Policy minus the one compared with, seed by seed: both met the same calls with the same durations. */
static pct_interval paired_difference(const pct_simulate_answer *j, figure which) {
    const pct_simulation *simulation = j->simulation;
    size_t count = 0;
    for (size_t r = 0; r < simulation->report_count; r++) {
        const pct_report *ours = &simulation->reports[r], *theirs = &simulation->compared[r];
        if (ours->response.count == 0 || theirs->response.count == 0) continue;
        j->values[count++] = figure_of(ours, which, 0) - figure_of(theirs, which, 0);
    }
    pct_interval interval = pct_interval_of(j->values, count, confidence);
    if (count == 0) interval.mean = NAN;
    return interval;
}

static uint64_t digest_of(const pct_simulate_answer *j) {
    if (j->simulation->report_count == 1) return j->reports[0].digest;
    uint64_t digest = 0;
    for (size_t r = 0; r < j->simulation->report_count; r++)
        digest = pct_digest_fold(digest, &j->reports[r].digest, sizeof digest);
    return digest;
}

static uint64_t events_of(const pct_simulation *simulation) {
    uint64_t events = 0;
    for (size_t r = 0; r < simulation->report_count; r++) events += simulation->reports[r].events;
    return events;
}

/* --- JSON -------------------------------------------------------------------------------------------------- */

static void write_figure(const pct_simulate_answer *j, pct_json_writer *json, const char *key, figure which,
                         int priority) {
    pct_json_key(json, key);
    pct_json_real(json, over_runs(j, which, priority).mean, 4);
}

static void write_interval(const pct_simulate_answer *j, pct_json_writer *json, const char *key,
                           figure which) {
    pct_interval interval = over_runs(j, which, 0);
    pct_json_key(json, key);
    pct_json_begin_array(json);
    pct_json_real(json, interval.mean - interval.half_width, 4);
    pct_json_real(json, interval.mean + interval.half_width, 4);
    pct_json_end_array(json);
}

static void write_response(const pct_simulate_answer *j, pct_json_writer *json) {
    static const char *const names[] = {"1", "2", "3", "4"};
    pct_json_key(json, "response_s");
    pct_json_begin_object(json);
    write_figure(j, json, "mean", RESPONSE_MEAN_S, 0);
    write_figure(j, json, "p50", RESPONSE_P50_S, 0);
    write_figure(j, json, "p90", RESPONSE_P90_S, 0);
    pct_json_key(json, "by_priority");
    pct_json_begin_object(json);
    for (int p = 1; p <= PCT_PRIORITY_COUNT; p++) {
        pct_json_key(json, names[p - 1]);
        pct_json_begin_object(json);
        write_figure(j, json, "count", RESPONSE_COUNT, p);
        write_figure(j, json, "mean", RESPONSE_MEAN_S, p);
        write_figure(j, json, "p50", RESPONSE_P50_S, p);
        write_figure(j, json, "p90", RESPONSE_P90_S, p);
        pct_json_end_object(json);
    }
    pct_json_end_object(json);
    pct_json_end_object(json);
}

static void write_rejected(const pct_simulate_answer *j, pct_json_writer *json) {
    pct_json_key(json, "rejected_calls");
    pct_json_begin_array(json);
    for (size_t i = 0; i < j->simulation->rejected_count; i++) {
        const pct_rejected_call *call = &j->simulation->rejected[i];
        pct_json_begin_object(json);
        pct_json_key(json, "call_id");
        pct_json_text(json, call->id);
        pct_json_key(json, "line");
        pct_json_integer(json, call->line);
        pct_json_key(json, "reason");
        pct_json_string(json, "off_map");
        pct_json_key(json, "distance_m");
        pct_json_real(json, call->distance_m < 0.0 ? NAN : call->distance_m, 1);
        pct_json_end_object(json);
    }
    pct_json_end_array(json);
}

static void write_units(const pct_simulate_answer *j, pct_json_writer *json) {
    pct_json_key(json, "units");
    pct_json_begin_array(json);
    for (size_t u = 0; u < j->simulation->unit_count; u++) {
        pct_json_begin_object(json);
        pct_json_key(json, "unit");
        pct_json_text(json, j->simulation->units[u].name);
        pct_json_key(json, "utilisation");
        pct_json_real(json, j->simulation->units[u].utilisation, 4);
        pct_json_end_object(json);
    }
    pct_json_end_array(json);
}

static void write_intervals(const pct_simulate_answer *j, pct_json_writer *json) {
    pct_json_key(json, "interval_95");
    pct_json_begin_object(json);
    write_interval(j, json, "response_mean_s", RESPONSE_MEAN_S);
    write_interval(j, json, "response_p50_s", RESPONSE_P50_S);
    write_interval(j, json, "response_p90_s", RESPONSE_P90_S);
    write_interval(j, json, "utilisation", UTILISATION);
    write_interval(j, json, "waiting_mean", QUEUED_MEAN_S);
    write_interval(j, json, "waiting_max", QUEUED_MAX_S);
    pct_json_end_object(json);
}

static void write_digest(const pct_simulate_answer *j, pct_json_writer *json) {
    char digest[17];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)digest_of(j));
    pct_json_key(json, "digest");
    pct_json_string(json, digest);
}

static void write_difference(const pct_simulate_answer *j, pct_json_writer *json, const char *key,
                             figure which) {
    pct_interval interval = paired_difference(j, which);
    pct_json_key(json, key);
    pct_json_begin_object(json);
    pct_json_key(json, "mean");
    pct_json_real(json, interval.mean, 4);
    pct_json_key(json, "low");
    pct_json_real(json, interval.mean - interval.half_width, 4);
    pct_json_key(json, "high");
    pct_json_real(json, interval.mean + interval.half_width, 4);
    pct_json_end_object(json);
}

static void write_comparison(const pct_simulate_answer *j, pct_json_writer *json) {
    pct_simulate_answer other = *j;
    other.reports = j->simulation->compared;
    pct_json_key(json, "compared");
    pct_json_begin_object(json);
    pct_json_key(json, "policy");
    pct_json_string(json, j->simulation->compared_policy);
    write_figure(&other, json, "served", SERVED, 0);
    write_response(&other, json);
    write_digest(&other, json);
    pct_json_end_object(json);
    pct_json_key(json, "paired_difference_s");
    pct_json_begin_object(json);
    write_difference(j, json, "p90", RESPONSE_P90_S);
    write_difference(j, json, "mean", RESPONSE_MEAN_S);
    pct_json_end_object(json);
}

void pct_simulate_answer_write_json(const pct_simulate_answer *j) {
    const pct_simulation *simulation = j->simulation;
    pct_json_writer json = pct_json_writer_init(&j->cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "calls");
    pct_json_integer(&json, (int64_t)simulation->reports[0].calls);
    pct_json_key(&json, "policy");
    pct_json_string(&json, simulation->policy);
    write_figure(j, &json, "served", SERVED, 0);
    pct_json_key(&json, "rejected");
    pct_json_integer(&json, (int64_t)simulation->rejected_count);
    write_figure(j, &json, "referred", REFERRED, 0);
    write_figure(j, &json, "waiting", WAITING, 0);
    write_figure(j, &json, "diverted", DIVERTED, 0);
    write_figure(j, &json, "reminders", REMINDERS, 0);
    write_response(j, &json);
    write_figure(j, &json, "utilisation", UTILISATION, 0);
    write_figure(j, &json, "waiting_mean", QUEUED_MEAN_S, 0);
    write_figure(j, &json, "waiting_max", QUEUED_MAX_S, 0);
    pct_json_key(&json, "replications");
    pct_json_integer(&json, (int64_t)simulation->report_count);
    if (simulation->report_count > 1) write_intervals(j, &json);
    pct_json_key(&json, "events");
    pct_json_integer(&json, (int64_t)events_of(simulation));
    pct_json_key(&json, "wall_s");
    pct_json_real(&json, j->wall_s, 4);
    write_digest(j, &json);
    if (simulation->compared) write_comparison(j, &json);
    if (simulation->plan_count > 0) pct_simulate_rounds_write_json(simulation, &json);
    write_units(j, &json);
    write_rejected(j, &json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&j->cli->out, '\n');
}

/* --- table ------------------------------------------------------------------------------------------------- */

/* Columns that a text takes on a terminal: Chinese characters take two. */
static int columns_of(const char *chars) {
    int columns = 0;
    for (const unsigned char *c = (const unsigned char *)chars; *c; c++)
        if ((*c & 0xC0) != 0x80) columns += *c >= 0xE3 ? 2 : 1;
    return columns;
}

static void pad(pct_buffer *out, int columns) {
    while (columns-- > 0) (void)pct_buffer_append_byte(out, ' ');
}

static void add_right(pct_buffer *out, const char *chars, int columns) {
    pad(out, columns - columns_of(chars));
    (void)pct_buffer_append_text(out, chars);
}

static void add_message(const pct_simulate_answer *j, pct_message message, const pct_param *params,
                        size_t count, int columns) {
    pct_buffer text = pct_buffer_init(1 << 12);
    (void)pct_message_render(message, params, count, j->cli->language, &text);
    if (columns > 0) add_right(&j->cli->out, pct_buffer_chars(&text), columns);
    if (columns <= 0) (void)pct_buffer_append_text(&j->cli->out, pct_buffer_chars(&text));
    if (columns < 0) pad(&j->cli->out, -columns - columns_of(pct_buffer_chars(&text)));
    pct_buffer_dispose(&text);
}

/* 4:05, or 1:02:03 from an hour on; "–" for what is not known. */
static void clock_text(double seconds, char out[CELL_BYTES]) {
    if (isnan(seconds)) {
        (void)snprintf(out, CELL_BYTES, "–");
        return;
    }
    long long s = llround(seconds);
    if (s >= 3600)
        (void)snprintf(out, CELL_BYTES, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    else
        (void)snprintf(out, CELL_BYTES, "%lld:%02lld", s / 60, s % 60);
}

static void interval_text(pct_interval interval, char out[2 * CELL_BYTES]) {
    char mean[CELL_BYTES], half[CELL_BYTES];
    clock_text(interval.mean, mean);
    clock_text(interval.half_width, half);
    (void)snprintf(out, 2 * CELL_BYTES, isnan(interval.half_width) ? "%s" : "%s ± %s", mean, half);
}

static void say_row(const pct_simulate_answer *j, int priority) {
    static const figure figures[] = {RESPONSE_MEAN_S, RESPONSE_P50_S, RESPONSE_P90_S};
    char cell[2 * CELL_BYTES];
    const pct_param number = pct_int(priority);
    add_message(j, priority ? PCT_MSG_SIMULATE_PRIORITY : PCT_MSG_SIMULATE_ALL, &number, priority ? 1 : 0,
                -LABEL_COLUMNS);
    (void)snprintf(cell, sizeof cell, "%.0f", over_runs(j, RESPONSE_COUNT, priority).mean);
    add_right(&j->cli->out, cell, LABEL_COLUMNS);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        interval_text(over_runs(j, figures[i], priority), cell);
        add_right(&j->cli->out, cell, CELL_COLUMNS);
    }
    (void)pct_buffer_append_byte(&j->cli->out, '\n');
}

static void say_table(const pct_simulate_answer *j) {
    static const pct_message heads[] = {PCT_MSG_SIMULATE_MEAN, PCT_MSG_SIMULATE_MEDIAN, PCT_MSG_SIMULATE_P90};
    add_message(j, PCT_MSG_SIMULATE_RESPONSE, NULL, 0, -LABEL_COLUMNS);
    add_message(j, PCT_MSG_SIMULATE_COUNT, NULL, 0, LABEL_COLUMNS);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) add_message(j, heads[i], NULL, 0, CELL_COLUMNS);
    (void)pct_buffer_append_byte(&j->cli->out, '\n');
    for (int p = 1; p <= PCT_PRIORITY_COUNT; p++) say_row(j, p);
    say_row(j, 0);
}

static void say_utilisation(const pct_simulate_answer *j) {
    const pct_simulation *simulation = j->simulation;
    const pct_simulated_unit *least = simulation->units, *most = simulation->units;
    for (size_t u = 1; u < simulation->unit_count; u++) {
        const pct_simulated_unit *unit = &simulation->units[u];
        if (unit->utilisation < least->utilisation) least = unit;
        if (unit->utilisation > most->utilisation) most = unit;
    }
    if (simulation->unit_count == 0) return;
    PCT_SAY(j->cli, PCT_MSG_SIMULATE_UTILISATION,
            pct_real(round(over_runs(j, UTILISATION, 0).mean * 1000) / 10), pct_view(least->name),
            pct_real(round(least->utilisation * 100)), pct_view(most->name),
            pct_real(round(most->utilisation * 100)));
}

static void say_rejected(const pct_simulate_answer *j) {
    size_t count = j->simulation->rejected_count;
    for (size_t i = 0; i < count && i < REJECTED_SHOWN_MAX; i++) {
        const pct_rejected_call *call = &j->simulation->rejected[i];
        PCT_SAY(j->cli, PCT_MSG_SIMULATE_REJECTED, pct_view(call->id), pct_int(call->line),
                pct_int(llround(call->distance_m)));
    }
    if (count > REJECTED_SHOWN_MAX)
        PCT_SAY(j->cli, PCT_MSG_SIMULATE_REJECTED_MORE, pct_int((int64_t)count - REJECTED_SHOWN_MAX));
}

/* Counts of one run are whole, means of several need not be. */
static pct_param count_param(const pct_simulate_answer *j, figure which) {
    double mean = over_runs(j, which, 0).mean;
    return mean == round(mean) ? pct_int(llround(mean)) : pct_real(mean);
}

/* −12.3: how much shorter with the policy than with the one compared with. */
static void difference_text(double seconds, char out[CELL_BYTES]) {
    if (isnan(seconds))
        (void)snprintf(out, CELL_BYTES, "–");
    else
        (void)snprintf(out, CELL_BYTES, "%s%.1f", seconds < 0.0 ? "−" : "+", fabs(seconds));
}

static void say_difference(const pct_simulate_answer *j, pct_message message, figure which) {
    pct_interval interval = paired_difference(j, which);
    char mean[CELL_BYTES], low[CELL_BYTES], high[CELL_BYTES];
    difference_text(interval.mean, mean);
    difference_text(interval.mean - interval.half_width, low);
    difference_text(interval.mean + interval.half_width, high);
    PCT_SAY(j->cli, message, pct_str(j->simulation->policy), pct_str(j->simulation->compared_policy),
            pct_str(mean), pct_str(low), pct_str(high));
}

static void say_comparison(const pct_simulate_answer *j) {
    pct_simulate_answer other = *j;
    other.reports = j->simulation->compared;
    (void)pct_buffer_append_byte(&j->cli->out, '\n');
    PCT_SAY(j->cli, PCT_MSG_SIMULATE_COMPARED, pct_str(j->simulation->compared_policy),
            count_param(&other, SERVED));
    say_table(&other);
    (void)pct_buffer_append_byte(&j->cli->out, '\n');
    say_difference(j, PCT_MSG_SIMULATE_DIFFERENCE_P90, RESPONSE_P90_S);
    say_difference(j, PCT_MSG_SIMULATE_DIFFERENCE_MEAN, RESPONSE_MEAN_S);
    (void)pct_buffer_append_byte(&j->cli->out, '\n');
}

void pct_simulate_answer_print(const pct_simulate_answer *j) {
    const pct_simulation *simulation = j->simulation;
    char mean[2 * CELL_BYTES], longest[2 * CELL_BYTES], digest[17];
    interval_text(over_runs(j, QUEUED_MEAN_S, 0), mean);
    interval_text(over_runs(j, QUEUED_MAX_S, 0), longest);
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)digest_of(j));
    if (simulation->report_count > 1)
        PCT_SAY(j->cli, PCT_MSG_SIMULATE_RUNS, pct_int((int64_t)simulation->report_count));
    PCT_SAY(j->cli, PCT_MSG_SIMULATE_CALLS, pct_int((int64_t)simulation->reports[0].calls),
            count_param(j, SERVED), count_param(j, WAITING), count_param(j, REFERRED),
            pct_int((int64_t)simulation->rejected_count));
    PCT_SAY(j->cli, PCT_MSG_SIMULATE_ORDERS, count_param(j, DIVERTED), count_param(j, REMINDERS));
    (void)pct_buffer_append_byte(&j->cli->out, '\n');
    say_table(j);
    (void)pct_buffer_append_byte(&j->cli->out, '\n');
    PCT_SAY(j->cli, PCT_MSG_SIMULATE_QUEUE, pct_str(mean), pct_str(longest));
    say_utilisation(j);
    say_rejected(j);
    if (simulation->compared && simulation->plan_count == 0) say_comparison(j);
    if (simulation->plan_count > 0) pct_simulate_rounds_print(j->cli, simulation);
    PCT_SAY(j->cli, PCT_MSG_SIMULATE_FOOT, pct_int((int64_t)events_of(simulation)),
            pct_real(round(j->wall_s * 1000) / 1000), pct_str(digest));
}
