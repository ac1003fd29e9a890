/* Positions at rate, through HTTP, to a server that is a process of its own, on a site of its own with 1,000 units; calls meanwhile
 * by a client that is a process of its own too, so that neither waits for the other's work:
 *
 *     positions_rate      30,000 reports a second, open loop
 *     positions_closed    as many as are answered by 64 connections, none asked before the last is answered
 *     positions_memory    resident bytes of the server after its start and after each load
 *
 * Each report is one request with one position. What counts are rows in tracks.db: the time of a round ends when none waits any
 * more, and the last line holds the counter against the rows that really stand in the file after the server has gone.
 * `calls_p99_quiet` is of the same calls in the same run without positions. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/bench.h"
#include "cli/load_client.h"
#include "cli/load_server.h"
#include "cli/load_site.h"
#include "track/track.h"

enum {
    UNITS = 1000,
    RATE_PER_S = 30000,
    CLIENTS = 64,
    CALLS_PER_S = 100,
    CALL_CLIENTS = 16,
    SECONDS_BY_DEFAULT = 20,
    SECONDS_MAX = 600,
    PLACES = 4096,
    REPLY_MAX = 1 << 20,
    WAIT_MS = 20000
};

typedef struct positions_bench {
    pct_bench *b;
    int64_t seconds;
    pct_load_site site;
    pct_load_server server;
    pct_buffer cookie, body;
    char (*places)[48]; /* "lat=…&lon=…": printing numbers would cost more than sending them */
    int64_t first_ms;   /* time of the first report; each report of a unit is a millisecond later */
    uint64_t reports, calls;
    int64_t memory_start, memory_rate, memory_closed, stored;
    double quiet_p99_ms;
} positions_bench;

/* --- requests ------------------------------------------------------------------------------------------------------ */

static void write_report(void *context, uint64_t number, pct_buffer *out) {
    positions_bench *p = context;
    (void)number;
    uint64_t n = p->reports++;
    (void)pct_buffer_append_format(
        out,
        "POST /?id=" PCT_LOAD_DEVICE "&%s&timestamp=%" PRId64
        "&speed=12.50&bearing=90.0&altitude=20.0&accuracy=5.0&batt=88.0 HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\nUser-Agent: bench\r\nContent-Length: 0\r\n\r\n",
        (unsigned)(n % UNITS), p->places[n % PLACES], p->first_ms + (int64_t)(n / UNITS));
}

static void write_call(void *context, uint64_t number, pct_buffer *out) {
    positions_bench *p = context;
    const pct_position at = pct_load_place(&p->b->site, &p->b->rng);
    char more[96];
    (void)number;
    pct_buffer_clear(&p->body);
    (void)pct_buffer_append_format(
        &p->body,
        "{\"channel\":\"phone\",\"type\":\"theft\",\"priority\":2,"
        "\"position\":[%.7f,%.7f],\"caller_name\":\"Caller\",\"words\":\"a bicycle\"}",
        pct_position_lon_deg(at), pct_position_lat_deg(at));
    (void)snprintf(more, sizeof more, "Idempotency-Key: 10ad0000-0000-4000-9000-%012" PRIx64 "\r\n",
                   p->calls++);
    pct_load_write_head(out, "POST", "/api/v1/calls", pct_buffer_chars(&p->cookie), more,
                        (int)p->body.length);
    (void)pct_buffer_append(out, p->body.bytes, p->body.length);
}

/* --- calls, in a process of their own ------------------------------------------------------------------------------ */

typedef struct caller {
    pid_t pid;
    int out; /* its figures come here */
} caller;

static pct_status load_calls(positions_bench *p, double seconds, pct_load_figures *out, pct_error *error) {
    const pct_load_traffic calls = {.port = p->server.port,
                                    .clients = CALL_CLIENTS,
                                    .rate_per_s = CALLS_PER_S,
                                    .write = write_call,
                                    .context = p};
    pct_load *load = NULL;
    pct_status status = pct_load_new(&load, error);
    if (!status) status = pct_load_add_traffic(load, &calls, error);
    if (!status) status = pct_load_run(load, seconds, error);
    if (!status) *out = pct_load_figures_view(load, 0);
    pct_load_free(load);
    return status;
}

static pct_status begin_calls(positions_bench *p, double seconds, caller *out, pct_error *error) {
    int ends[2];
    if (pipe(ends) != 0)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_LOAD_BROKEN, pct_str("pipe"), pct_str("pipe"));
    out->pid = fork();
    if (out->pid == 0) {
        pct_load_figures f = {0};
        pct_error ignored;
        bool good =
            load_calls(p, seconds, &f, &ignored) == PCT_OK && write(ends[1], &f, sizeof f) == sizeof f;
        _exit(good ? 0 : 1);
    }
    (void)close(ends[1]);
    out->out = ends[0];
    p->calls += (uint64_t)(CALLS_PER_S * (seconds + 10.0)); /* its keys: no later process uses them */
    return out->pid > 0 ? PCT_OK
                        : PCT_FAIL(error, PCT_IO, PCT_MSG_LOAD_BROKEN, pct_str("fork"), pct_str("fork"));
}

static pct_status end_calls(caller *c, pct_load_figures *out, pct_error *error) {
    int how = 0;
    bool good = read(c->out, out, sizeof *out) == sizeof *out;
    (void)close(c->out);
    (void)waitpid(c->pid, &how, 0);
    if (good && how == 0 && out->answered > 0 && out->good == out->answered && out->lost == 0) return PCT_OK;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LOAD_NOT_ALL, pct_str("calls"),
                    pct_int(good ? (int64_t)out->sent : 0), pct_int(good ? (int64_t)out->good : 0),
                    pct_int(good ? (int64_t)out->lost : 0));
}

/* --- one round of positions ---------------------------------------------------------------------------------------- */

static pct_status counter(positions_bench *p, const char *name, int64_t *out, pct_error *error) {
    pct_buffer request = pct_buffer_init(4096), reply = pct_buffer_init(REPLY_MAX);
    int code = 0;
    pct_load_write_head(&request, "GET", "/metrics", pct_buffer_chars(&p->cookie), "", -1);
    pct_status status = pct_load_ask(p->server.port, (pct_text){(const char *)request.bytes, request.length},
                                     &code, &reply, error);
    const char *at = status ? NULL : strstr(pct_buffer_chars(&reply), name);
    *out = at ? strtoll(at + strlen(name), NULL, 10) : 0;
    pct_buffer_dispose(&request);
    pct_buffer_dispose(&reply);
    return status;
}

/* Until nothing waits to be written. */
static pct_status wait_until_stored(positions_bench *p, int64_t *stored, pct_error *error) {
    int64_t queued = 1;
    pct_status status = PCT_OK;
    for (int waited_ms = 0; waited_ms < WAIT_MS && !status; waited_ms += 10) {
        status = counter(p, "\nprecinct_track_queued ", &queued, error);
        if (!status) status = counter(p, "\nprecinct_track_points_total ", stored, error);
        if (queued == 0) break;
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return status;
}

typedef struct result {
    pct_load_figures reports, calls;
    int64_t stored;
    double seconds, share;
} result;

static void write_result(positions_bench *p, const char *name, const result *r) {
    const pct_bench_number numbers[] = {{"stored_per_s", (double)r->stored / r->seconds, 0},
                                        {"target", 25000, 0},
                                        {"stored", (double)r->stored, 0},
                                        {"answered", (double)r->reports.good, 0},
                                        {"lost", (double)r->reports.lost, 0},
                                        {"seconds", r->seconds, 2},
                                        {"median_ms", r->reports.median_ms, 3},
                                        {"p99_ms", r->reports.p99_ms, 3},
                                        {"calls_median_ms", r->calls.median_ms, 3},
                                        {"calls_p99_ms", r->calls.p99_ms, 3},
                                        {"calls_max_ms", r->calls.max_ms, 3},
                                        {"calls", (double)r->calls.good, 0},
                                        {"calls_p99_quiet_ms", p->quiet_p99_ms, 3},
                                        {"target_calls_p99_ms", 25, 0},
                                        {"processor_share", r->share, 3}};
    pct_bench_line(p->b, name, "per_s", numbers, sizeof numbers / sizeof *numbers);
}

static pct_status run_round(positions_bench *p, const char *name, double rate_per_s, pct_error *error) {
    const pct_load_traffic reports = {.port = p->server.positions_port,
                                      .clients = CLIENTS,
                                      .rate_per_s = rate_per_s,
                                      .write = write_report,
                                      .context = p};
    result r = {0};
    pct_load *load = NULL;
    caller calls = {0};
    int64_t before = p->stored;
    pct_status status = pct_load_new(&load, error);
    if (!status) status = pct_load_add_traffic(load, &reports, error);
    if (!status) status = begin_calls(p, (double)p->seconds, &calls, error);
    double began_s = pct_cli_seconds(), processor_s = pct_load_server_processor_s(&p->server);
    if (!status) status = pct_load_run(load, (double)p->seconds, error);
    if (!status) status = wait_until_stored(p, &p->stored, error);
    r.seconds = pct_cli_seconds() - began_s;
    r.share = (pct_load_server_processor_s(&p->server) - processor_s) / r.seconds;
    if (calls.pid > 0) {
        pct_status ended = end_calls(&calls, &r.calls, status ? NULL : error);
        if (!status) status = ended;
    }
    if (!status) {
        r.reports = pct_load_figures_view(load, 0);
        r.stored = p->stored - before;
        write_result(p, name, &r);
    }
    pct_load_free(load);
    return status;
}

/* --- all of it ------------------------------------------------------------------------------------------------------ */

static pct_status run_quiet(positions_bench *p, pct_error *error) {
    caller calls = {0};
    pct_load_figures f;
    pct_status status = begin_calls(p, (double)p->seconds / 2.0, &calls, error);
    if (!status) status = end_calls(&calls, &f, error);
    if (!status) p->quiet_p99_ms = f.p99_ms;
    return status;
}

static pct_status start(positions_bench *p, pct_error *error) {
    p->places = pct_alloc(PLACES, sizeof *p->places);
    if (!p->places) return pct_error_memory(error, PLACES * sizeof *p->places);
    for (int i = 0; i < PLACES; i++) {
        const pct_position at = pct_load_place(&p->b->site, &p->b->rng);
        (void)snprintf(p->places[i], sizeof p->places[i], "lat=%.6f&lon=%.6f", pct_position_lat_deg(at),
                       pct_position_lon_deg(at));
    }
    pct_status status = pct_load_site_make(&p->b->site, &p->b->rng, UNITS, &p->site, error);
    if (!status) status = pct_load_server_start(p->site.folder, &p->server, error);
    p->first_ms = ((int64_t)time(NULL) + 1) * 1000;
    p->memory_start = pct_load_server_memory_bytes(&p->server);
    if (!status) status = pct_load_sign_in(&p->server, PCT_LOAD_ACCOUNT, p->site.password, &p->cookie, error);
    return status;
}

/* After the server has gone: what it counted must be what is there. */
static pct_status count_rows(positions_bench *p, pct_error *error) {
    const pct_tracks_options options = {.folder = p->site.folder};
    pct_tracks *tracks = NULL;
    int64_t rows = 0;
    pct_status status = pct_tracks_open(&options, &tracks, error);
    if (!status) status = pct_tracks_count(tracks, &rows, error);
    pct_tracks_close(tracks);
    if (status) return status;
    const pct_bench_number numbers[] = {
        {"after_start", (double)p->memory_start, 0},   {"after_rate", (double)p->memory_rate, 0},
        {"after_closed", (double)p->memory_closed, 0}, {"target", 200e6, 0},
        {"rows_counted", (double)p->stored, 0},        {"rows_in_file", (double)rows, 0}};
    pct_bench_line(p->b, "positions_memory", "bytes", numbers, sizeof numbers / sizeof *numbers);
    if (rows == p->stored) return PCT_OK;
    return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LOAD_NOT_ALL, pct_str("tracks.db"), pct_int(p->stored),
                    pct_int(rows), pct_int(p->stored - rows));
}

static pct_status run(pct_bench *b, pct_error *error) {
    positions_bench *p = pct_alloc_zeroed(1, sizeof *p);
    if (!p) return pct_error_memory(error, sizeof *p);
    p->b = b;
    p->seconds = SECONDS_BY_DEFAULT;
    p->cookie = pct_buffer_init(1024), p->body = pct_buffer_init(4096);
    pct_status status = pct_cli_integer(b->cli, "--seconds", 1, SECONDS_MAX, &p->seconds, error);
    if (!status) status = start(p, error);
    if (!status) status = run_quiet(p, error);
    if (!status) status = run_round(p, "positions_rate", RATE_PER_S, error);
    p->memory_rate = pct_load_server_memory_bytes(&p->server);
    if (!status) status = run_round(p, "positions_closed", 0.0, error);
    p->memory_closed = pct_load_server_memory_bytes(&p->server);
    pct_status stopped = pct_load_server_stop(&p->server, status ? NULL : error);
    if (!status) status = stopped;
    if (!status) status = count_rows(p, error);
    pct_load_site_remove(&p->site);
    pct_buffer_dispose(&p->cookie);
    pct_buffer_dispose(&p->body);
    pct_free(p->places);
    pct_free(p);
    return status;
}

const pct_bench_group pct_bench_positions = {.name = "positions", .run = run};
