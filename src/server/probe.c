#include "server/probe.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "desk/rest.h"
#include "resource/probe.h"
#include "server/tls.h"

enum { FIRST_MS = 500, PATIENCE_S = 4, REPLY_MAX = 4096 };

struct pct_prober {
    pct_prober_options options;
    pthread_t thread;
    pct_rest rest;
    int64_t number;
};

static int connect_to(const char *address, uint16_t port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (inet_pton(AF_INET, address, &at.sin_addr) == 1 &&
        connect(fd, (const struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

/* The status of the reply; 0: none came. */
static int ask(const pct_prober_options *o, uint16_t port, pct_buffer *request) {
    char reply[REPLY_MAX + 1] = {0};
    int status = 0, fd = pct_buffer_status(request, NULL) == PCT_OK ? connect_to(o->address, port) : -1;
    if (fd < 0) return 0;
    ssize_t got = 0;
    if (o->tls)
        got = pct_tls_ask(fd, request->bytes, request->length, reply, REPLY_MAX);
    else if (send(fd, request->bytes, request->length, MSG_NOSIGNAL) == (ssize_t)request->length)
        got = recv(fd, reply, REPLY_MAX, 0);
    if (got > 12 && memcmp(reply, "HTTP/1.1 ", 9) == 0)
        status = (reply[9] - '0') * 100 + (reply[10] - '0') * 10 + (reply[11] - '0');
    (void)close(fd);
    return status;
}

static void send_call(pct_prober *p) {
    const pct_prober_options *o = &p->options;
    pct_buffer body = pct_buffer_init(1024), request = pct_buffer_init(4096);
    (void)pct_buffer_append_format(&body,
                                   "{\"channel\":\"phone\",\"type\":\"%s\",\"priority\":4,"
                                   "\"words\":\"synthetic call %" PRId64 "\"}",
                                   o->type, p->number);
    (void)pct_buffer_append_format(&request,
                                   "POST /api/v1/calls HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n" PCT_PROBE_HEADER
                                   ": %s\r\nIdempotency-Key: synthetic-%" PRId64
                                   "\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                                   "Connection: close\r\n\r\n%s",
                                   o->port, pct_probe_token(o->service->probe), p->number, body.length,
                                   pct_buffer_chars(&body));
    /* The handler notes what came through; that nothing did is noted here. */
    if (ask(o, o->port, &request) != 201) pct_probe_end(o->service->probe, PCT_WAY_RECORD, false);
    pct_buffer_dispose(&request);
    pct_buffer_dispose(&body);
}

static void send_position(pct_prober *p) {
    const pct_prober_options *o = &p->options;
    pct_buffer request = pct_buffer_init(1024);
    (void)pct_buffer_append_format(&request,
                                   "GET /?id=%s&lat=1&lon=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                   "Connection: close\r\n\r\n",
                                   pct_probe_token(o->service->probe));
    pct_probe_begin(o->service->probe, PCT_WAY_POSITIONS);
    if (ask(o, o->positions_port, &request) != 200)
        pct_probe_end(o->service->probe, PCT_WAY_POSITIONS, false);
    pct_buffer_dispose(&request);
}

static void *run(void *context) {
    pct_prober *p = context;
    for (int64_t ms = FIRST_MS; pct_rest_for(&p->rest, ms * PCT_NS_PER_MS); ms = PCT_PROBE_EVERY_MS) {
        p->number++;
        send_call(p);
        send_position(p);
    }
    return NULL;
}

pct_status pct_prober_start(const pct_prober_options *options, pct_prober **out, pct_error *error) {
    pct_prober *p = pct_alloc_zeroed(1, sizeof *p);
    if (!p) return pct_error_memory(error, sizeof *p);
    p->options = *options;
    pct_rest_init(&p->rest);
    if (pthread_create(&p->thread, NULL, run, p) == 0) {
        *out = p;
        return PCT_OK;
    }
    pct_rest_dispose(&p->rest);
    pct_free(p);
    return pct_error_memory(error, 0);
}

void pct_prober_stop(pct_prober *p) {
    if (!p) return;
    pct_rest_end(&p->rest);
    (void)pthread_join(p->thread, NULL);
    pct_rest_dispose(&p->rest);
    pct_free(p);
}
