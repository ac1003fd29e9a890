#include "cli/load_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/vector.h"
#include "cli/command.h"
#include "cli/load_wire.h"

enum { EVENTS = 64, READ_BYTES = 64 << 10, KEPT_BYTES = 1 << 20, TRAFFICS_MAX = 8, READERS_MAX = 8 };

typedef struct traffic traffic;

typedef struct connection {
    struct connection *next; /* among those that wait for something to do */
    int fd;
    traffic *of; /* NULL: a reader of a stream */
    const pct_load_readers *readers;
    uint32_t number; /* among the readers */
    bool writing;    /* waits until it can send the rest */
    size_t sent;
    pct_buffer out, in, body; /* body: a stream's, without its chunks */
    uint64_t request;
    double meant_s; /* when the request should have gone out */
    bool begun;     /* a stream's head has come */
    pct_wire_chunks chunks;
} connection;

struct traffic {
    pct_load_traffic is;
    connection *connections, *idle, **idle_end; /* the longest idle first: none is idle for long */
    uint64_t number, in_flight;                 /* number: of the next request */
    uint64_t first;                             /* of this run */
    pct_load_figures figures;
    pct_vector latencies_us; /* of uint32_t */
};

typedef struct readers {
    pct_load_readers is;
    connection *connections;
} readers;

struct pct_load {
    int epoll;
    double start_s, end_s;
    traffic traffics[TRAFFICS_MAX];
    readers readers[READERS_MAX];
    size_t traffic_count, reader_count;
    char *read; /* READ_BYTES */
};

/* --- connections --------------------------------------------------------------------------------------------------- */

static pct_status fail(const char *what, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LOAD_BROKEN, pct_str(what), pct_str(strerror(errno)));
}

static pct_status watch(const pct_load *load, connection *c, int how, bool writing, pct_error *error) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = c};
    c->writing = writing;
    return epoll_ctl(load->epoll, how, c->fd, &event) == 0 ? PCT_OK : fail("epoll_ctl", error);
}

static pct_status connect_to(const pct_load *load, uint16_t port, connection *c, pct_error *error) {
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&at, sizeof at) != 0)
        return fail("connect", error);
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    c->out = pct_buffer_init(KEPT_BYTES);
    c->in = pct_buffer_init(PCT_LOAD_REPLY_MAX);
    c->body = pct_buffer_init(PCT_LOAD_REPLY_MAX);
    return watch(load, c, EPOLL_CTL_ADD, false, error);
}

static void close_connections(connection *connections, uint32_t count) {
    for (uint32_t i = 0; connections && i < count; i++) {
        if (connections[i].fd >= 0) (void)close(connections[i].fd);
        pct_buffer_dispose(&connections[i].out);
        pct_buffer_dispose(&connections[i].in);
        pct_buffer_dispose(&connections[i].body);
    }
    pct_free(connections);
}

/* Unconnected ones. */
static pct_status make_connections(uint32_t count, connection **out, pct_error *error) {
    *out = pct_alloc_zeroed(count, sizeof **out);
    for (uint32_t i = 0; *out && i < count; i++) (*out)[i].fd = -1;
    return *out ? PCT_OK : pct_error_memory(error, count * sizeof **out);
}

static pct_status send_rest(const pct_load *load, connection *c, pct_error *error) {
    pct_status status = pct_buffer_status(&c->out, error);
    while (!status && c->sent < c->out.length) {
        ssize_t n = send(c->fd, c->out.bytes + c->sent, c->out.length - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) return c->writing ? PCT_OK : watch(load, c, EPOLL_CTL_MOD, true, error);
        if (n < 0 && errno != EINTR) status = fail("send", error);
        if (n > 0) c->sent += (size_t)n;
    }
    return status || !c->writing ? status : watch(load, c, EPOLL_CTL_MOD, false, error);
}

/* --- requests ------------------------------------------------------------------------------------------------------ */

static pct_status ask(const pct_load *load, traffic *t, connection *c, double meant_s, pct_error *error) {
    c->request = t->number++;
    c->meant_s = meant_s;
    c->sent = 0;
    pct_buffer_clear(&c->out);
    pct_buffer_clear(&c->in);
    t->is.write(t->is.context, c->request, &c->out);
    t->figures.sent++;
    t->in_flight++;
    return send_rest(load, c, error);
}

static void put_idle(traffic *t, connection *c) {
    c->next = NULL;
    *t->idle_end = c;
    t->idle_end = &c->next;
}

static connection *take_idle(traffic *t) {
    connection *c = t->idle;
    if (c) t->idle = c->next;
    if (c && !t->idle) t->idle_end = &t->idle;
    return c;
}

static bool used_up(const traffic *t) {
    return t->is.number_max && t->number >= t->is.number_max;
}

/* When the next request of an open loop is meant to go out. */
static double next_due_s(const pct_load *load, const traffic *t) {
    return load->start_s + (double)(t->number - t->first) / t->is.rate_per_s;
}

/* What is due, as far as there are clients. */
static pct_status ask_what_is_due(const pct_load *load, traffic *t, double now_s, pct_error *error) {
    pct_status status = PCT_OK;
    bool open = t->is.rate_per_s > 0;
    while (!status && t->idle && !used_up(t)) {
        double due_s = open ? next_due_s(load, t) : now_s;
        if (due_s > now_s || due_s >= load->end_s) break;
        status = ask(load, t, take_idle(t), due_s, error);
    }
    return status;
}

static pct_status note_answer(traffic *t, const connection *c, const pct_wire_reply *reply,
                              pct_error *error) {
    pct_load_figures *f = &t->figures;
    uint32_t *latency_us = pct_vector_push(&t->latencies_us);
    if (!latency_us) return pct_vector_failed(&t->latencies_us, PCT_MSG_WHAT_REQUESTS, error);
    *latency_us = (uint32_t)((pct_cli_seconds() - c->meant_s) * 1e6);
    f->answered++;
    *(reply->status / 100 == 2 ? &f->good : reply->status < 500 ? &f->refused : &f->failed) += 1;
    t->in_flight--;
    if (t->is.answered)
        t->is.answered(t->is.context, c->request, reply->status,
                       (pct_text){(const char *)c->in.bytes + reply->head_bytes, reply->body_bytes});
    return PCT_OK;
}

static pct_status take_reply(pct_load *load, connection *c, pct_error *error) {
    pct_wire_reply reply;
    pct_status status = pct_wire_read_head((pct_text){(const char *)c->in.bytes, c->in.length}, &reply);
    if (status == PCT_NOT_FOUND) return PCT_OK;
    if (status || reply.chunked)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LOAD_REPLY, pct_int((int64_t)c->request));
    if (c->in.length < reply.head_bytes + reply.body_bytes) return PCT_OK;
    status = note_answer(c->of, c, &reply, error);
    if (!status) put_idle(c->of, c);
    return status ? status : ask_what_is_due(load, c->of, pct_cli_seconds(), error);
}

/* --- streams ------------------------------------------------------------------------------------------------------- */

static pct_status begin_stream(connection *c, pct_error *error) {
    pct_wire_reply reply;
    pct_status status = pct_wire_read_head((pct_text){(const char *)c->in.bytes, c->in.length}, &reply);
    if (status == PCT_NOT_FOUND) return PCT_OK;
    if (status || reply.status != 200 || !reply.chunked)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LOAD_REPLY, pct_int(c->number));
    const pct_text behind = {(const char *)c->in.bytes + reply.head_bytes, c->in.length - reply.head_bytes};
    c->begun = true;
    return pct_wire_unpack(&c->chunks, behind, &c->body);
}

static pct_status take_events(connection *c, pct_text bytes, pct_error *error) {
    pct_status status;
    if (c->begun) {
        status = pct_wire_unpack(&c->chunks, bytes, &c->body);
    } else {
        status = pct_buffer_append(&c->in, bytes.chars, bytes.length);
        if (!status) status = begin_stream(c, error);
    }
    if (!status && c->chunks.at == PCT_WIRE_END) status = PCT_INPUT; /* a stream never ends by itself */
    if (status) return PCT_FAIL(error, status, PCT_MSG_LOAD_REPLY, pct_int(c->number));
    size_t from = 0;
    pct_wire_event event;
    double now_s = pct_cli_seconds();
    while (pct_wire_next_event((pct_text){(const char *)c->body.bytes, c->body.length}, &from, &event)) {
        const pct_load_event taken = {event.name, event.data, event.id, now_s};
        c->readers->take(c->readers->context, c->number, &taken);
    }
    size_t left = c->body.length - from;
    if (from > 0 && left > 0) memmove(c->body.bytes, c->body.bytes + from, left);
    c->body.length = left;
    return PCT_OK;
}

/* --- the loop ------------------------------------------------------------------------------------------------------ */

static pct_status receive(pct_load *load, connection *c, pct_error *error) {
    ssize_t n = recv(c->fd, load->read, READ_BYTES, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return PCT_OK;
    if (n == 0) errno = ECONNRESET;
    if (n <= 0) return fail("recv", error);
    if (!c->of) return take_events(c, (pct_text){load->read, (size_t)n}, error);
    if (pct_buffer_append(&c->in, load->read, (size_t)n) != PCT_OK) return pct_buffer_status(&c->in, error);
    return take_reply(load, c, error);
}

static pct_status serve_event(pct_load *load, const struct epoll_event *event, pct_error *error) {
    connection *c = event->data.ptr;
    pct_status status = event->events & EPOLLOUT ? send_rest(load, c, error) : PCT_OK;
    if (!status && event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) status = receive(load, c, error);
    return status;
}

/* Until something comes, or until the next request is due. */
static pct_status wait(pct_load *load, double until_s, pct_error *error) {
    struct epoll_event events[EVENTS];
    double left_s = until_s - pct_cli_seconds();
    if (left_s < 0) left_s = 0;
    const struct timespec timeout = {(time_t)left_s, (long)((left_s - (double)(time_t)left_s) * 1e9)};
    int n = epoll_pwait2(load->epoll, events, EVENTS, &timeout, NULL);
    if (n < 0 && errno != EINTR) return fail("epoll_wait", error);
    pct_status status = PCT_OK;
    for (int i = 0; i < n && !status; i++) status = serve_event(load, &events[i], error);
    return status;
}

/* Nothing is in flight, and nothing that was due waits for a client. */
static bool is_done(const pct_load *load, double now_s) {
    if (now_s < load->end_s && load->traffic_count == 0) return false;
    for (size_t i = 0; i < load->traffic_count; i++) {
        const traffic *t = &load->traffics[i];
        if (t->in_flight > 0) return false;
        if (used_up(t)) continue;
        if (now_s < load->end_s) return false;
        if (t->is.rate_per_s > 0 && next_due_s(load, t) < load->end_s) return false;
    }
    return true;
}

static void begin_run(pct_load *load, double seconds) {
    load->start_s = pct_cli_seconds();
    load->end_s = load->start_s + seconds;
    for (size_t i = 0; i < load->traffic_count; i++) {
        traffic *t = &load->traffics[i];
        t->first = t->number;
        t->figures = (pct_load_figures){0};
        t->latencies_us.length = 0;
    }
}

pct_status pct_load_run(pct_load *load, double seconds, pct_error *error) {
    pct_status status = PCT_OK;
    begin_run(load, seconds);
    for (;;) {
        double now_s = pct_cli_seconds(), until_s = load->end_s;
        if (now_s >= load->end_s) until_s += PCT_LOAD_DRAIN_S;
        for (size_t i = 0; i < load->traffic_count && !status; i++) {
            traffic *t = &load->traffics[i];
            if (t->is.rate_per_s > 0 || now_s < load->end_s) status = ask_what_is_due(load, t, now_s, error);
            if (t->is.rate_per_s > 0 && t->idle && next_due_s(load, t) < until_s)
                until_s = next_due_s(load, t);
        }
        if (status || is_done(load, now_s) || now_s > load->end_s + PCT_LOAD_DRAIN_S) break;
        status = wait(load, until_s, error);
    }
    for (size_t i = 0; i < load->traffic_count; i++) {
        traffic *t = &load->traffics[i];
        t->figures.seconds = pct_cli_seconds() - load->start_s;
        t->figures.lost = t->in_flight;
        if (t->is.rate_per_s > 0 && !used_up(t) && next_due_s(load, t) < load->end_s)
            t->figures.lost += (uint64_t)((load->end_s - next_due_s(load, t)) * t->is.rate_per_s);
    }
    return status;
}

/* --- making -------------------------------------------------------------------------------------------------------- */

pct_status pct_load_new(pct_load **out, pct_error *error) {
    pct_load *load = pct_alloc_zeroed(1, sizeof *load);
    *out = NULL;
    if (!load) return pct_error_memory(error, sizeof *load);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->read = pct_alloc(READ_BYTES, 1);
    pct_status status = load->epoll < 0 ? fail("epoll_create", error)
                        : load->read    ? PCT_OK
                                        : pct_error_memory(error, READ_BYTES);
    if (status)
        pct_load_free(load);
    else
        *out = load;
    return status;
}

void pct_load_free(pct_load *load) {
    if (!load) return;
    for (size_t i = 0; i < load->traffic_count; i++) {
        close_connections(load->traffics[i].connections, load->traffics[i].is.clients);
        pct_vector_dispose(&load->traffics[i].latencies_us);
    }
    for (size_t i = 0; i < load->reader_count; i++)
        close_connections(load->readers[i].connections, load->readers[i].is.count);
    if (load->epoll >= 0) (void)close(load->epoll);
    pct_free(load->read);
    pct_free(load);
}

pct_status pct_load_add_traffic(pct_load *load, const pct_load_traffic *is, pct_error *error) {
    if (PCT_NEVER(load->traffic_count == TRAFFICS_MAX || is->clients == 0)) return PCT_INTERNAL;
    traffic *t = &load->traffics[load->traffic_count];
    *t = (traffic){.is = *is, .idle_end = &t->idle};
    t->latencies_us = pct_vector_init(sizeof(uint32_t), PCT_LOAD_REQUESTS_MAX);
    pct_status status = make_connections(is->clients, &t->connections, error);
    if (status) return status;
    load->traffic_count++;
    for (uint32_t i = 0; i < is->clients && !status; i++) {
        t->connections[i].of = t;
        status = connect_to(load, is->port, &t->connections[i], error);
        put_idle(t, &t->connections[i]);
    }
    return status;
}

pct_status pct_load_add_readers(pct_load *load, const pct_load_readers *is, pct_error *error) {
    if (PCT_NEVER(load->reader_count == READERS_MAX || is->count == 0)) return PCT_INTERNAL;
    readers *r = &load->readers[load->reader_count];
    *r = (readers){.is = *is};
    pct_status status = make_connections(is->count, &r->connections, error);
    if (status) return status;
    load->reader_count++;
    for (uint32_t i = 0; i < is->count && !status; i++) {
        connection *c = &r->connections[i];
        c->readers = &r->is, c->number = i;
        status = connect_to(load, is->port, c, error);
        if (!status) status = pct_buffer_append(&c->out, is->request.chars, is->request.length);
        if (!status) status = send_rest(load, c, error);
    }
    r->is.request = (pct_text){0};
    return status;
}

/* --- figures ------------------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

pct_load_figures pct_load_figures_view(pct_load *load, size_t at) {
    traffic *t = &load->traffics[at];
    pct_load_figures f = t->figures;
    uint32_t *sorted_us = t->latencies_us.items;
    size_t n = t->latencies_us.length;
    if (n == 0) return f;
    qsort(sorted_us, n, sizeof *sorted_us, by_value);
    f.median_ms = sorted_us[n / 2] / 1e3;
    f.p99_ms = sorted_us[(n * 99 + 99) / 100 - 1] / 1e3;
    f.max_ms = sorted_us[n - 1] / 1e3;
    return f;
}
