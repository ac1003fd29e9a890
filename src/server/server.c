#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "server/internal.h"
#include "server/probe.h"

enum { THREADS_MIN = 2, THREADS_MAX = 8, BACKLOG = 512, DRAIN_MS = 5000 };

static pct_status port_failed(const char *address, uint16_t port, int why, pct_error *error) {
    if (why == EADDRINUSE)
        return PCT_FAIL(error, PCT_BUSY, PCT_MSG_PORT_TAKEN, pct_str(address), pct_int(port));
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LISTEN_FAILED, pct_str(address), pct_int(port),
                    pct_str(strerror(why)));
}

/* A socket of our own, so that a taken port is told from other failures. */
static pct_status bind_to(const char *address, uint16_t *port, int *out, pct_error *error) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t length = sizeof at;
    int yes = 1, fd;
    if (inet_pton(AF_INET, address, &at.sin_addr) != 1)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LISTEN_ADDRESS, pct_str(address));
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &length) == 0) {
        *port = ntohs(at.sin_port);
        *out = fd;
        return PCT_OK;
    }
    int why = errno;
    if (fd >= 0) (void)close(fd);
    return port_failed(address, *port, why, error);
}

/* One for each core: they wait for nobody. */
static unsigned thread_count(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < THREADS_MIN ? THREADS_MIN : cores > THREADS_MAX ? THREADS_MAX : (unsigned)cores;
}

/* The limit of connections is the gate's; the library divides its own evenly among threads that are not evenly asked. */
static struct MHD_Daemon *start_daemon(pct_server *server, int fd, MHD_AccessHandlerCallback handle,
                                       MHD_RequestCompletedCallback complete, pct_gate *gate,
                                       const pct_tls_texts *texts) {
    unsigned connections = (PCT_CONNECTIONS_MAX + PCT_CONNECTIONS_RESERVE) * thread_count();
    const unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | (texts ? MHD_USE_TLS : 0);
    const struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, texts ? texts->certificate : NULL},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, texts ? texts->key : NULL},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)PCT_TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(flags, 0, NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET, fd,
                            MHD_OPTION_THREAD_POOL_SIZE, thread_count(), MHD_OPTION_CONNECTION_LIMIT,
                            connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)PCT_CONNECTION_MEMORY,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)PCT_IDLE_S, MHD_OPTION_NOTIFY_CONNECTION,
                            pct_gate_notify, gate, MHD_OPTION_NOTIFY_COMPLETED, complete, server,
                            MHD_OPTION_ARRAY, texts ? secure : &secure[3], MHD_OPTION_END);
}

static bool is_loopback(const char *address) {
    return strncmp(address, "127.", 4) == 0;
}

static pct_status check_options(const pct_server_options *o, pct_error *error) {
    static const char tls[] = "https://";
    if (o->origin && (strncmp(o->origin, tls, sizeof tls - 1) != 0 ||
                      strchr(o->origin + sizeof tls - 1, '/') || o->origin[sizeof tls - 1] == '\0'))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ORIGIN_EXPECTED, pct_str(o->origin));
    if (o->tls && !o->origin && !is_loopback(o->address))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_TLS_ORIGIN, pct_str(o->address));
    if (!o->origin && !is_loopback(o->address))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LISTEN_LOOPBACK, pct_str(o->address));
    return PCT_OK;
}

pct_status pct_server_bind(const pct_server_options *options, pct_server_sockets *out, pct_error *error) {
    *out = PCT_SERVER_SOCKETS_NONE;
    out->port = options->port, out->positions_port = options->positions_port;
    pct_status status = check_options(options, error);
    if (!status) status = bind_to(options->address, &out->positions_port, &out->positions_fd, error);
    if (!status) status = bind_to(options->address, &out->port, &out->fd, error);
    if (status) pct_server_unbind(out);
    return status;
}

void pct_server_unbind(pct_server_sockets *sockets) {
    if (sockets->fd >= 0) (void)close(sockets->fd);
    if (sockets->positions_fd >= 0) (void)close(sockets->positions_fd);
    sockets->fd = sockets->positions_fd = -1;
}

typedef struct listener {
    int *fd; /* -1 as soon as the daemon has it */
    uint16_t port;
    MHD_AccessHandlerCallback handle;
    MHD_RequestCompletedCallback complete;
    struct MHD_Daemon **daemon;
    pct_gate **gate;
} listener;

static pct_status start_listener(pct_server *server, const char *address, const listener *l,
                                 pct_error *error) {
    const pct_gate_options gate = {
        .tell = pct_web_note_gate,
        .context = server,
        .tls = server->tls,
        /* Many devices have one address: what is no device's is answered at once there. */
        .quota = l->gate == &server->gate ? server->quota : NULL};
    pct_status status = pct_gate_new(&gate, l->gate, error);
    if (status) return status;
    /* Two programs may bind a port when neither listens. */
    if (listen(*l->fd, BACKLOG) != 0) return port_failed(address, l->port, errno, error);
    pct_tls_texts texts = {0};
    if (server->tls) status = pct_tls_read(server->tls, &texts, error);
    if (status) return status;
    *l->daemon = start_daemon(server, *l->fd, l->handle, l->complete, *l->gate, server->tls ? &texts : NULL);
    pct_tls_wipe(&texts);
    if (!*l->daemon) return PCT_FAIL(error, PCT_IO, PCT_MSG_SERVER_NOT_STARTED, pct_str("libmicrohttpd"));
    *l->fd = -1;
    return PCT_OK;
}

static pct_status start_listeners(pct_server *server, const char *address, pct_server_sockets *sockets,
                                  pct_error *error) {
    const listener positions = {&sockets->positions_fd, sockets->positions_port, pct_positions_handle,
                                pct_positions_complete, &server->positions,      &server->positions_gate};
    const listener web = {&sockets->fd,     sockets->port,   pct_web_handle,
                          pct_web_complete, &server->daemon, &server->gate};
    pct_status status = start_listener(server, address, &positions, error);
    return status ? status : start_listener(server, address, &web, error);
}

static pct_status start(const pct_server_options *options, pct_server_sockets *sockets, pct_server *server,
                        pct_error *error) {
    *server = (pct_server){.service = options->service,
                           .origin = options->origin,
                           .tls = options->tls,
                           .assets = options->assets,
                           .port = sockets->port,
                           .positions_port = sockets->positions_port};
    server->positions_reply = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    pct_status status = server->positions_reply ? pct_hub_start(options->service, &server->hub, error)
                                                : pct_error_memory(error, 0);
    if (!status) status = pct_signing_start(&server->signing, error);
    if (!status) status = pct_quota_new(&server->quota, error);
    if (!status) status = pct_security_log_open(options->service->site->folder, &server->security, error);
    if (!status) status = start_listeners(server, options->address, sockets, error);
    const pct_prober_options prober = {.service = options->service,
                                       .address = options->address,
                                       .port = server->port,
                                       .positions_port = server->positions_port,
                                       .tls = options->tls != NULL,
                                       .type = options->synthetic_type};
    if (!status && options->service->probe) status = pct_prober_start(&prober, &server->prober, error);
    return status;
}

pct_status pct_server_start(const pct_server_options *options, pct_server_sockets *sockets, pct_server **out,
                            pct_error *error) {
    pct_server *server = pct_alloc_zeroed(1, sizeof *server);
    const pct_service *service = options->service;
    pct_accounts_set_idle(service->accounts, (int64_t)service->site->sign_in.idle_minutes * 60000, NULL);
    pct_status status =
        server ? start(options, sockets, server, error) : pct_error_memory(error, sizeof *server);
    pct_server_unbind(sockets);
    if (status)
        pct_server_stop(server);
    else
        *out = server;
    return status;
}

uint16_t pct_server_port(const pct_server *server) {
    return server->port;
}

uint16_t pct_server_positions_port(const pct_server *server) {
    return server->positions_port;
}

/* New connections are refused first; then what waits for the desk is answered; then streams end. */
void pct_server_stop(pct_server *server) {
    if (!server) return;
    pct_prober_stop(server->prober);
    int fd = server->daemon ? MHD_quiesce_daemon(server->daemon) : -1;
    int positions_fd = server->positions ? MHD_quiesce_daemon(server->positions) : -1;
    pct_signing_end(server->signing);
    for (int waited = 0; atomic_load(&server->suspended) > 0 && waited < DRAIN_MS; waited++)
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    if (server->hub) pct_hub_end_streams(server->hub);
    if (server->daemon) MHD_stop_daemon(server->daemon);
    if (server->positions) MHD_stop_daemon(server->positions);
    if (server->positions_reply) MHD_destroy_response(server->positions_reply);
    if (fd >= 0) (void)close(fd);
    if (positions_fd >= 0) (void)close(positions_fd);
    pct_gate_free(server->gate);
    pct_gate_free(server->positions_gate);
    pct_security_log_close(server->security);
    pct_quota_free(server->quota);
    pct_signing_free(server->signing);
    pct_hub_stop(server->hub);
    pct_free(server);
}
