/* The server under load, through HTTP, as a process of its own on a site of its own:
 *
 *     serve_calls_rate     1,000 calls a second, open loop: latencies from when each was meant to be sent
 *     serve_consoles       200 streams, 1,000 units at 1 Hz: gaps between frames of positions at each console
 *     serve_change         … meanwhile: from sending a change of an incident to its event at each console
 *     serve_calls_closed   16 clients as fast as they are answered, beside the same rows in groups of the same size by the
 *                          store alone; rounds of the two take turns, for machines drift
 *     serve_memory         resident bytes of the server after its start and after each load */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/vector.h"
#include "cli/bench.h"
#include "cli/bench_store.h"
#include "cli/load_client.h"
#include "cli/load_server.h"
#include "cli/load_site.h"

enum {
    UNITS = 1000,
    CONSOLES = 200,
    CALLS_PER_S = 1000,
    CALL_CLIENTS = 64,   /* of the open loop */
    CLOSED_CLIENTS = 16, /* of the closed one */
    DEVICE_CLIENTS = 50,
    CHANGES_PER_S = 5,
    ROUNDS = 3,
    SECONDS_BY_DEFAULT = 60,
    SECONDS_MAX = 3600,
    ARRIVALS_MAX = 1 << 22,
    CHANGES_MAX = SECONDS_MAX * CHANGES_PER_S,
    REPLY_MAX = 1 << 20
};
#define BARE_S 1.5

typedef struct arrival {
    int64_t seq;
    double at_s;
} arrival;

typedef struct change {
    double sent_s;
    int64_t seq; /* of its event; 0 until it is answered */
} change;

typedef struct serve_bench {
    pct_bench *b;
    int64_t seconds;
    pct_load_site site;
    pct_load_server server;
    pct_buffer cookie, body;
    uint64_t calls; /* of all traffics: no key is used twice */
    double report_s;
    char incident[32];
    change *changes;
    uint64_t change_count;
    pct_vector arrivals, gaps_ms; /* of arrival; of double */
    double last_frame_s[CONSOLES];
    uint64_t frames, frame_bytes;
    int64_t memory_start, memory_rate, memory_consoles, memory_closed;
} serve_bench;

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

static double quantile(const double *sorted, size_t n, double q) {
    return n ? sorted[(size_t)((double)(n - 1) * q + 0.5)] : 0.0;
}

/* --- requests ------------------------------------------------------------------------------------------------------ */

static void write_post(serve_bench *s, const char *path, uint64_t key, pct_buffer *out) {
    char more[96];
    (void)snprintf(more, sizeof more, "Idempotency-Key: 10ad0000-0000-4000-8000-%012" PRIx64 "\r\n", key);
    pct_load_write_head(out, "POST", path, pct_buffer_chars(&s->cookie), more, (int)s->body.length);
    (void)pct_buffer_append(out, s->body.bytes, s->body.length);
}

static void write_call(void *context, uint64_t number, pct_buffer *out) {
    serve_bench *s = context;
    const pct_position at = pct_load_place(&s->b->site, &s->b->rng);
    (void)number;
    pct_buffer_clear(&s->body);
    (void)pct_buffer_append_format(
        &s->body,
        "{\"channel\":\"phone\",\"type\":\"theft\",\"priority\":%d,\"position\":[%.7f,%.7f],"
        "\"caller_name\":\"Caller %" PRIu64 "\",\"caller_phone\":\"138%08" PRIu64 "\","
        "\"words\":\"somebody took my bicycle at the east gate, ten minutes ago\"}",
        (int)pct_rng_below(&s->b->rng, 4) + 1, pct_position_lon_deg(at), pct_position_lat_deg(at), s->calls,
        s->calls);
    write_post(s, "/api/v1/calls", s->calls++, out);
}

static void write_change(void *context, uint64_t number, pct_buffer *out) {
    serve_bench *s = context;
    char path[96];
    if (number < CHANGES_MAX) s->changes[number].sent_s = pct_cli_seconds();
    s->change_count = number + 1;
    (void)snprintf(path, sizeof path, "/api/v1/incidents/%s/classify", s->incident);
    pct_buffer_clear(&s->body);
    (void)pct_buffer_append_format(&s->body, "{\"priority\":%d,\"reason\":\"review\"}",
                                   (int)(number % 2) + 2);
    write_post(s, path, s->calls++, out);
}

static void write_report(void *context, uint64_t number, pct_buffer *out) {
    serve_bench *s = context;
    const pct_position at = pct_load_place(&s->b->site, &s->b->rng);
    char path[256];
    (void)snprintf(path, sizeof path,
                   "/?id=" PCT_LOAD_DEVICE "&lat=%.6f&lon=%.6f&timestamp=%.0f&speed=30&bearing=90",
                   (unsigned)(number % UNITS), pct_position_lat_deg(at), pct_position_lon_deg(at),
                   s->report_s + (double)(number / UNITS));
    pct_load_write_head(out, "GET", path, "", "", -1);
}

/* {"id":"C12","seq":34}: without a parser, for it stands in the way of what is measured. */
static int64_t seq_of(pct_text body) {
    static const char key[] = "\"seq\":";
    const char *at = body.length ? memmem(body.chars, body.length, key, sizeof key - 1) : NULL;
    return at ? strtoll(at + sizeof key - 1, NULL, 10) : 0;
}

static void changed(void *context, uint64_t number, int status, pct_text body) {
    serve_bench *s = context;
    if (status == 201 && number < CHANGES_MAX) s->changes[number].seq = seq_of(body);
}

/* --- the server ---------------------------------------------------------------------------------------------------- */

static pct_status get(serve_bench *s, const char *path, pct_buffer *reply, pct_error *error) {
    pct_buffer request = pct_buffer_init(4096);
    int code = 0;
    pct_load_write_head(&request, "GET", path, pct_buffer_chars(&s->cookie), "", -1);
    pct_status status = pct_load_ask(s->server.port, (pct_text){(const char *)request.bytes, request.length},
                                     &code, reply, error);
    pct_buffer_dispose(&request);
    if (!status && code != 200)
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LOAD_REFUSED, pct_str(path), pct_int(code));
    return status;
}

/* One of the server's counters. */
static pct_status counter(serve_bench *s, const char *name, int64_t *out, pct_error *error) {
    pct_buffer reply = pct_buffer_init(REPLY_MAX);
    pct_status status = get(s, "/metrics", &reply, error);
    const char *at = status ? NULL : strstr(pct_buffer_chars(&reply), name);
    *out = at ? strtoll(at + strlen(name), NULL, 10) : 0;
    if (!status && !at)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_LOAD_REFUSED, pct_str(name), pct_int(404));
    pct_buffer_dispose(&reply);
    return status;
}

static pct_status open_incident(serve_bench *s, pct_error *error) {
    static const char key[] = "{\"id\":\"";
    pct_buffer request = pct_buffer_init(4096), reply = pct_buffer_init(REPLY_MAX);
    const pct_position at = pct_load_place(&s->b->site, &s->b->rng);
    int code = 0;
    pct_buffer_clear(&s->body);
    (void)pct_buffer_append_format(
        &s->body, "{\"type\":\"theft\",\"priority\":3,\"gravity\":\"ordinary\",\"position\":[%.7f,%.7f]}",
        pct_position_lon_deg(at), pct_position_lat_deg(at));
    write_post(s, "/api/v1/incidents", s->calls++, &request);
    pct_status status = pct_load_ask(s->server.port, (pct_text){(const char *)request.bytes, request.length},
                                     &code, &reply, error);
    const char *id = status ? NULL : strstr(pct_buffer_chars(&reply), key);
    if (!status && (code != 201 || !id))
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LOAD_REFUSED, pct_str("incident"), pct_int(code));
    if (!status) (void)sscanf(id + sizeof key - 1, "%31[^\"]", s->incident);
    pct_buffer_dispose(&request);
    pct_buffer_dispose(&reply);
    return status;
}

static pct_status start(serve_bench *s, pct_error *error) {
    pct_status status = pct_load_site_make(&s->b->site, &s->b->rng, UNITS, &s->site, error);
    if (!status) status = pct_load_server_start(s->site.folder, &s->server, error);
    s->report_s =
        (double)time(NULL) + 1.0; /* units are on duty since the start: what is older is not theirs */
    s->memory_start = pct_load_server_memory_bytes(&s->server);
    if (!status) status = pct_load_sign_in(&s->server, PCT_LOAD_ACCOUNT, s->site.password, &s->cookie, error);
    return status;
}

static pct_status check_figures(const pct_load_figures *f, const char *what, pct_error *error) {
    if (f->answered > 0 && f->good == f->answered && f->lost == 0) return PCT_OK;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LOAD_NOT_ALL, pct_str(what), pct_int((int64_t)f->sent),
                    pct_int((int64_t)f->good), pct_int((int64_t)f->lost));
}

/* --- 1,000 calls a second ------------------------------------------------------------------------------------------ */

static pct_status run_rate(serve_bench *s, pct_error *error) {
    const pct_load_traffic calls = {.port = s->server.port,
                                    .clients = CALL_CLIENTS,
                                    .rate_per_s = CALLS_PER_S,
                                    .write = write_call,
                                    .context = s};
    pct_load *load = NULL;
    pct_status status = pct_load_new(&load, error);
    double processor_s = pct_load_server_processor_s(&s->server);
    if (!status) status = pct_load_add_traffic(load, &calls, error);
    if (!status) status = pct_load_run(load, (double)s->seconds, error);
    if (!status) {
        const pct_load_figures f = pct_load_figures_view(load, 0);
        const pct_bench_number numbers[] = {
            {"median", f.median_ms, 3},
            {"p99", f.p99_ms, 3},
            {"max", f.max_ms, 3},
            {"n", (double)f.answered, 0},
            {"rate_per_s", (double)f.good / f.seconds, 1},
            {"seconds", f.seconds, 1},
            {"target_p99", 20, 0},
            {"processor_share", (pct_load_server_processor_s(&s->server) - processor_s) / f.seconds, 3}};
        pct_bench_line(s->b, "serve_calls_rate", "ms", numbers, sizeof numbers / sizeof *numbers);
        status = check_figures(&f, "serve_calls_rate", error);
    }
    pct_load_free(load);
    s->memory_rate = pct_load_server_memory_bytes(&s->server);
    return status;
}

/* --- consoles ------------------------------------------------------------------------------------------------------ */

static void take_event(void *context, uint32_t reader, const pct_load_event *event) {
    serve_bench *s = context;
    if (pct_text_equal(event->name, "change")) {
        arrival *a = pct_vector_push(&s->arrivals);
        if (a) *a = (arrival){event->id, event->at_s};
    } else if (pct_text_equal(event->name, "positions")) {
        double *gap_ms = s->last_frame_s[reader] > 0 ? pct_vector_push(&s->gaps_ms) : NULL;
        if (gap_ms) *gap_ms = (event->at_s - s->last_frame_s[reader]) * 1e3;
        s->last_frame_s[reader] = event->at_s;
        s->frames++;
        s->frame_bytes += event->data.length;
    }
}

/* Pairs what arrived with what was sent; *expected: arrivals that there should be. */
static size_t change_delays(serve_bench *s, double *delays_ms, uint64_t *expected) {
    size_t n = 0;
    const arrival *arrivals = s->arrivals.items;
    for (size_t i = 0; i < s->arrivals.length; i++)
        for (uint64_t c = 0; c < s->change_count; c++)
            if (s->changes[c].seq == arrivals[i].seq)
                delays_ms[n++] = (arrivals[i].at_s - s->changes[c].sent_s) * 1e3;
    *expected = 0;
    for (uint64_t c = 0; c < s->change_count; c++)
        if (s->changes[c].seq) *expected += CONSOLES;
    return n;
}

static void write_consoles(serve_bench *s, double share, double seconds) {
    double *gaps_ms = s->gaps_ms.items;
    size_t n = s->gaps_ms.length;
    qsort(gaps_ms, n, sizeof *gaps_ms, by_value);
    const pct_bench_number numbers[] = {
        {"median", quantile(gaps_ms, n, 0.5), 3},
        {"p99", quantile(gaps_ms, n, 0.99), 3},
        {"max", quantile(gaps_ms, n, 1.0), 3},
        {"n", (double)n, 0},
        {"consoles", CONSOLES, 0},
        {"frames_per_console", (double)s->frames / CONSOLES, 2},
        {"bytes_per_frame", s->frames ? (double)s->frame_bytes / (double)s->frames : 0, 0},
        {"seconds", seconds, 1},
        {"target", 1000, 0},
        {"processor_share", share, 3}};
    pct_bench_line(s->b, "serve_consoles", "ms", numbers, sizeof numbers / sizeof *numbers);
}

static pct_status write_changes(serve_bench *s, double post_p99_ms, pct_error *error) {
    uint64_t expected;
    double *delays_ms = pct_alloc(s->arrivals.length + 1, sizeof *delays_ms);
    if (!delays_ms) return pct_error_memory(error, s->arrivals.length * sizeof *delays_ms);
    size_t n = change_delays(s, delays_ms, &expected);
    qsort(delays_ms, n, sizeof *delays_ms, by_value);
    const pct_bench_number numbers[] = {{"median", quantile(delays_ms, n, 0.5), 3},
                                        {"p99", quantile(delays_ms, n, 0.99), 3},
                                        {"max", quantile(delays_ms, n, 1.0), 3},
                                        {"n", (double)n, 0},
                                        {"missed", (double)expected - (double)n, 0},
                                        {"post_p99", post_p99_ms, 3},
                                        {"target_p99", 250, 0}};
    pct_bench_line(s->b, "serve_change", "ms", numbers, sizeof numbers / sizeof *numbers);
    pct_free(delays_ms);
    if (n > 0 && n == expected) return PCT_OK;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LOAD_NOT_ALL, pct_str("serve_change"),
                    pct_int((int64_t)expected), pct_int((int64_t)n), pct_int((int64_t)(expected - n)));
}

static pct_status load_consoles(serve_bench *s, pct_load *load, pct_error *error) {
    pct_buffer request = pct_buffer_init(4096);
    pct_load_write_head(&request, "GET", "/api/v1/stream", pct_buffer_chars(&s->cookie), "", -1);
    const pct_load_readers consoles = {
        s->server.port, CONSOLES, {(const char *)request.bytes, request.length}, take_event, s};
    const pct_load_traffic reports =
                               {s->server.positions_port, DEVICE_CLIENTS, UNITS, 0, write_report, NULL, s},
                           changes = {s->server.port, 4, CHANGES_PER_S, 0, write_change, changed, s};
    pct_status status = pct_load_add_readers(load, &consoles, error);
    pct_buffer_dispose(&request);
    if (!status) status = pct_load_add_traffic(load, &reports, error);
    if (!status) status = pct_load_add_traffic(load, &changes, error);
    return status;
}

/* The first seconds are not counted: streams open, every unit is reported once. */
static pct_status run_consoles(serve_bench *s, pct_error *error) {
    enum { WARM_S = 3 };
    pct_load *load = NULL;
    pct_status status = open_incident(s, error);
    if (!status) status = pct_load_new(&load, error);
    if (!status) status = load_consoles(s, load, error);
    if (!status) status = pct_load_run(load, WARM_S, error);
    s->arrivals.length = s->gaps_ms.length = 0;
    s->frames = s->frame_bytes = 0;
    for (uint64_t c = 0; c < s->change_count; c++) s->changes[c].seq = 0;
    double processor_s = pct_load_server_processor_s(&s->server);
    if (!status) status = pct_load_run(load, (double)s->seconds, error);
    if (!status) {
        const pct_load_figures reports = pct_load_figures_view(load, 0),
                               changes = pct_load_figures_view(load, 1);
        double share = (pct_load_server_processor_s(&s->server) - processor_s) / reports.seconds;
        write_consoles(s, share, reports.seconds);
        status = write_changes(s, changes.p99_ms, error);
        if (!status) status = check_figures(&reports, "serve_consoles", error);
        if (!status) status = check_figures(&changes, "serve_change", error);
    }
    s->memory_consoles = pct_load_server_memory_bytes(&s->server);
    pct_load_free(load);
    return status;
}

/* --- as fast as they are answered ---------------------------------------------------------------------------------- */

typedef struct round_figures {
    pct_load_figures f;
    double group, bare_per_s, ratio, share;
    int64_t commits, bare_commits;
} round_figures;

/* The same number of calls in a group as the server had, for a while. */
static pct_status run_bare(serve_bench *s, round_figures *r, pct_error *error) {
    pct_bench_store bare;
    pct_status status = pct_bench_store_open(&bare, s->b->site.folder, "bench-bare", error);
    double begin_s = pct_cli_seconds(), now_s = begin_s, calls = 0, groups = 0;
    while (!status && now_s - begin_s < BARE_S) {
        int size = (int)(r->group * (groups + 1) - calls); /* whole calls that keep the mean */
        if (size < 1) size = 1;
        status = pct_bench_store_group(&bare, size, error);
        calls += size, groups += 1;
        now_s = pct_cli_seconds();
    }
    r->bare_per_s = calls / (now_s - begin_s);
    if (!status) {
        const pct_store_counters c = pct_store_counters_view(bare.store);
        r->bare_commits = c.groups + c.key_groups;
    }
    pct_bench_store_close(&bare);
    return status;
}

static pct_status run_round(serve_bench *s, double seconds, round_figures *r, pct_error *error) {
    const pct_load_traffic calls = {
        .port = s->server.port, .clients = CLOSED_CLIENTS, .write = write_call, .context = s};
    pct_load *load = NULL;
    int64_t groups = 0, groups_before = 0, keys = 0, keys_before = 0;
    pct_status status = pct_load_new(&load, error);
    if (!status) status = pct_load_add_traffic(load, &calls, error);
    if (!status) status = counter(s, "\nprecinct_groups_total ", &groups_before, error);
    if (!status) status = counter(s, "\nprecinct_key_groups_total ", &keys_before, error);
    double processor_s = pct_load_server_processor_s(&s->server);
    if (!status) status = pct_load_run(load, seconds, error);
    if (!status) r->f = pct_load_figures_view(load, 0);
    r->share = (pct_load_server_processor_s(&s->server) - processor_s) / seconds;
    if (!status) status = counter(s, "\nprecinct_groups_total ", &groups, error);
    if (!status) status = counter(s, "\nprecinct_key_groups_total ", &keys, error);
    if (!status) status = check_figures(&r->f, "serve_calls_closed", error);
    pct_load_free(load);
    if (status) return status;
    r->commits = groups - groups_before + keys - keys_before;
    r->group = (double)r->f.good / (double)(groups - groups_before);
    status = run_bare(s, r, error);
    r->ratio = (double)r->f.good / r->f.seconds / r->bare_per_s;
    return status;
}

static int by_ratio(const void *a, const void *b) {
    double p = ((const round_figures *)a)->ratio, q = ((const round_figures *)b)->ratio;
    return p < q ? -1 : p > q;
}

/* The round with the median ratio is shown. */
static pct_status run_closed(serve_bench *s, pct_error *error) {
    round_figures rounds[ROUNDS];
    double seconds = (double)s->seconds / ROUNDS;
    pct_status status = PCT_OK;
    for (int i = 0; i < ROUNDS && !status; i++) status = run_round(s, seconds, &rounds[i], error);
    s->memory_closed = pct_load_server_memory_bytes(&s->server);
    if (status) return status;
    qsort(rounds, ROUNDS, sizeof *rounds, by_ratio);
    const round_figures *r = &rounds[ROUNDS / 2];
    const pct_bench_number numbers[] = {{"median", r->f.median_ms, 3},
                                        {"p99", r->f.p99_ms, 3},
                                        {"max", r->f.max_ms, 3},
                                        {"n", (double)r->f.good, 0},
                                        {"rate_per_s", (double)r->f.good / r->f.seconds, 0},
                                        {"baseline", r->bare_per_s, 0},
                                        {"ratio", r->ratio, 3},
                                        {"group", r->group, 2},
                                        {"syncs", (double)r->commits, 0},
                                        {"syncs_baseline", (double)r->bare_commits, 0},
                                        {"target_ratio", 0.3, 1},
                                        {"target_p99", 25, 0},
                                        {"processor_share", r->share, 3}};
    pct_bench_line(s->b, "serve_calls_closed", "ms", numbers, sizeof numbers / sizeof *numbers);
    return PCT_OK;
}

static void write_memory(serve_bench *s) {
    const pct_bench_number numbers[] = {{"after_start", (double)s->memory_start, 0},
                                        {"after_rate", (double)s->memory_rate, 0},
                                        {"after_consoles", (double)s->memory_consoles, 0},
                                        {"after_closed", (double)s->memory_closed, 0},
                                        {"calls_taken", (double)s->calls, 0},
                                        {"target", 200e6, 0}};
    pct_bench_line(s->b, "serve_memory", "bytes", numbers, sizeof numbers / sizeof *numbers);
}

typedef pct_status load_run(serve_bench *bench, pct_error *error);

/* A load that the server did not carry is told at the end; the others are measured all the same. */
static pct_status run_loads(serve_bench *s, load_run *const *loads, size_t count, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count; i++) {
        pct_error why = {0};
        pct_status one = loads[i](s, &why);
        if (one && (!status || one != PCT_REFUSED)) {
            status = one;
            if (error) *error = why;
        }
        if (one && one != PCT_REFUSED) break;
    }
    return status;
}

static pct_status run(pct_bench *b, load_run *const *loads, size_t count, pct_error *error) {
    serve_bench *s = pct_alloc_zeroed(1, sizeof *s);
    if (!s) return pct_error_memory(error, sizeof *s);
    s->b = b;
    s->seconds = SECONDS_BY_DEFAULT;
    s->cookie = pct_buffer_init(1024), s->body = pct_buffer_init(4096);
    s->arrivals = pct_vector_init(sizeof(arrival), ARRIVALS_MAX);
    s->gaps_ms = pct_vector_init(sizeof(double), ARRIVALS_MAX);
    s->changes = pct_alloc_zeroed(CHANGES_MAX, sizeof *s->changes);
    pct_status status = s->changes ? PCT_OK : pct_error_memory(error, CHANGES_MAX * sizeof *s->changes);
    if (!status) status = pct_cli_integer(b->cli, "--seconds", 1, SECONDS_MAX, &s->seconds, error);
    if (!status) status = start(s, error);
    if (!status) {
        status = run_loads(s, loads, count, error);
        if (count > 1) write_memory(s);
    }
    pct_status stopped = pct_load_server_stop(&s->server, status ? NULL : error);
    pct_load_site_remove(&s->site);
    pct_vector_dispose(&s->arrivals);
    pct_vector_dispose(&s->gaps_ms);
    pct_buffer_dispose(&s->cookie);
    pct_buffer_dispose(&s->body);
    pct_free(s->changes);
    pct_free(s);
    return status ? status : stopped;
}

static pct_status run_all(pct_bench *b, pct_error *error) {
    static load_run *const loads[] = {run_rate, run_consoles, run_closed};
    return run(b, loads, sizeof loads / sizeof *loads, error);
}

static pct_status run_calls(pct_bench *b, pct_error *error) {
    static load_run *const loads[] = {run_rate};
    return run(b, loads, 1, error);
}

const pct_bench_group pct_bench_serve = {.name = "serve", .run = run_all};
const pct_bench_group pct_bench_calls = {.name = "calls", .run = run_calls};
