#include "server/witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

enum { CONNECTIONS_MAX = 64, PER_ADDRESS_MAX = 32, IDLE_S = 10, MEMORY = 16 << 10, BACKLOG = 64 };

struct pct_witness_server {
    struct MHD_Daemon *daemon;
    pct_witness *witness;
    pct_language language;
};

typedef struct request {
    pct_buffer body;
} request;

static enum MHD_Result send_reply(struct MHD_Connection *connection, int code, const char *type,
                                  const pct_buffer *body) {
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body->length, body->bytes ? (void *)body->bytes : "", MHD_RESPMEM_MUST_COPY);
    if (!response) return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "POST");
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned)code, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer(pct_witness_server *server, struct MHD_Connection *connection,
                              const request *r) {
    pct_witness_reply reply;
    pct_error why = {.message = PCT_MSG_NONE};
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    pct_text body = {r->body.bytes ? (const char *)r->body.bytes : "", r->body.length};
    pct_status status = pct_witness_reply_to(server->witness, body, (int64_t)now.tv_sec, &reply, &why);
    const char *type = reply.code == 409 ? "text/x.tlog.size" : "text/plain; charset=utf-8";
    if (status && reply.code != 409) {
        pct_buffer_clear(&reply.body);
        (void)pct_error_render(&why, server->language, &reply.body);
        (void)pct_buffer_append_byte(&reply.body, '\n');
    }
    enum MHD_Result sent = send_reply(connection, reply.code, type, &reply.body);
    pct_buffer_dispose(&reply.body);
    return sent;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state) {
    pct_witness_server *server = context;
    request *r = *state;
    (void)version;
    if (!r) {
        *state = r = pct_alloc_zeroed(1, sizeof *r);
        if (!r) return MHD_NO;
        r->body = pct_buffer_init(PCT_PROOF_TEXT_MAX);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        (void)pct_buffer_append(&r->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    pct_buffer none = pct_buffer_init(1);
    static const char text[] = "text/plain; charset=utf-8";
    if (strcmp(url, "/add-checkpoint") != 0) return send_reply(connection, MHD_HTTP_NOT_FOUND, text, &none);
    if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
        return send_reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, text, &none);
    if (r->body.failed) return send_reply(connection, MHD_HTTP_CONTENT_TOO_LARGE, text, &none);
    return answer(server, connection, r);
}

static void complete(void *context, struct MHD_Connection *connection, void **state,
                     enum MHD_RequestTerminationCode why) {
    request *r = *state;
    (void)context, (void)connection, (void)why;
    if (r) pct_buffer_dispose(&r->body);
    pct_free(r);
    *state = NULL;
}

static int listen_on(const char *address, uint16_t *port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t length = sizeof at;
    int yes = 1;
    if (inet_pton(AF_INET, address, &at.sin_addr) != 1) return -1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, BACKLOG) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &length) == 0) {
        *port = ntohs(at.sin_port);
        return fd;
    }
    if (fd >= 0) (void)close(fd);
    return -1;
}

pct_status pct_witness_server_start(pct_witness *witness, const char *address, uint16_t *port,
                                    pct_language language, pct_witness_server **out, pct_error *error) {
    if (strncmp(address, "127.", 4) != 0)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_WITNESS_LOOPBACK, pct_str(address));
    int fd = listen_on(address, port);
    if (fd < 0)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_LISTEN_FAILED, pct_str(address), pct_int(*port),
                        pct_str(strerror(errno)));
    pct_witness_server *server = pct_alloc_zeroed(1, sizeof *server);
    if (server) {
        *server = (pct_witness_server){.witness = witness, .language = language};
        server->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, handle,
                                          server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
                                          (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                                          (unsigned)PER_ADDRESS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                          (size_t)MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
                                          MHD_OPTION_NOTIFY_COMPLETED, complete, server, MHD_OPTION_END);
    }
    *out = server;
    if (server && server->daemon) return PCT_OK;
    (void)close(fd);
    pct_free(server);
    *out = NULL;
    return PCT_FAIL(error, PCT_IO, PCT_MSG_SERVER_NOT_STARTED, pct_str("libmicrohttpd"));
}

void pct_witness_server_stop(pct_witness_server *server) {
    if (!server) return;
    MHD_stop_daemon(server->daemon);
    pct_free(server);
}
