/* The gate between a real listener of libmicrohttpd and a client that hardly reads. */
#include "server/gate.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"

/* More than the buffers of both ends hold, however large the kernel makes them. */
enum { BODY_BYTES = 64 << 20, SMALL_BUFFER = 4096, LIMIT_MS = 300, PATIENCE_MS = 120000 };

typedef struct told {
    pthread_mutex_t lock;
    pthread_cond_t came;
    int count, status;
    char what[32];
} told;

typedef struct world {
    pct_gate *gate;
    struct MHD_Daemon *daemon;
    char *body;
    size_t length;
    told told;
} world;

static void tell(void *context, uint32_t address, const char *what, int status) {
    told *t = context;
    (void)address;
    (void)pthread_mutex_lock(&t->lock);
    t->count++;
    t->status = status;
    (void)strncpy(t->what, what, sizeof t->what - 1);
    (void)pthread_cond_broadcast(&t->came);
    (void)pthread_mutex_unlock(&t->lock);
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request) {
    world *w = context;
    (void)url, (void)method, (void)version, (void)upload, (void)upload_size;
    pct_gate_connection *c = pct_gate_of(connection);
    if (!*request) {
        *request = w;
        return pct_gate_enter(c, PCT_GATE_BODY) ? MHD_YES : MHD_NO;
    }
    struct MHD_Response *reply = MHD_create_response_from_buffer(w->length, w->body, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued =
        pct_gate_enter(c, PCT_GATE_REPLY) ? MHD_queue_response(connection, 200, reply) : MHD_NO;
    MHD_destroy_response(reply);
    return queued;
}

static void complete(void *context, struct MHD_Connection *connection, void **request,
                     enum MHD_RequestTerminationCode why) {
    (void)context, (void)request, (void)why;
    (void)!pct_gate_enter(pct_gate_of(connection), PCT_GATE_BETWEEN);
}

static void open_world(world *w, size_t length, int32_t reply_ms) {
    pct_error error;
    *w = (world){.length = length, .body = calloc(1, length)};
    ck_assert_ptr_nonnull(w->body);
    (void)pthread_mutex_init(&w->told.lock, NULL);
    (void)pthread_cond_init(&w->told.came, NULL);
    const pct_gate_options options = {.tell = tell, .context = &w->told, .reply_ms = reply_ms};
    ck_assert_int_eq(pct_gate_new(&options, &w->gate, &error), PCT_OK);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    w->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, w,
                                 MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_NOTIFY_CONNECTION, pct_gate_notify,
                                 w->gate, MHD_OPTION_NOTIFY_COMPLETED, complete, w, MHD_OPTION_END);
    ck_assert_ptr_nonnull(w->daemon);
}

static void close_world(world *w) {
    MHD_stop_daemon(w->daemon);
    pct_gate_free(w->gate);
    (void)pthread_cond_destroy(&w->told.came);
    (void)pthread_mutex_destroy(&w->told.lock);
    free(w->body);
}

/* A client that has asked, with hardly any room for what comes. */
static int ask(const world *w) {
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const int room = SMALL_BUFFER;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port =
                                 htons(MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_BIND_PORT)->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    return fd;
}

/* Until so much has come, or the end. */
static size_t read_on(int fd, size_t most) {
    char part[65536];
    size_t got = 0;
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    while (got < most && poll(&readable, 1, PATIENCE_MS) == 1) {
        ssize_t n = recv(fd, part, sizeof part, 0);
        if (n <= 0) break;
        got += (size_t)n;
    }
    return got;
}

static void wait_until_told(told *t) {
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    (void)pthread_mutex_lock(&t->lock);
    while (t->count == 0 && pthread_cond_timedwait(&t->came, &t->lock, &until) == 0) {
    }
    (void)pthread_mutex_unlock(&t->lock);
}

TEST(gate_ends_who_takes_too_long_to_read_a_reply) {
    world w;
    char first[100];
    open_world(&w, BODY_BYTES, LIMIT_MS);
    int fd = ask(&w);
    ck_assert_int_gt(recv(fd, first, sizeof first, 0), 0); /* it has begun, and goes no further */
    wait_until_told(&w.told);
    ck_assert_int_eq(w.told.count, 1);
    ck_assert_str_eq(w.told.what, "slow_reader");
    ck_assert_int_eq(w.told.status, 0); /* no words in the middle of a reply */
    ck_assert_uint_lt(read_on(fd, BODY_BYTES), (size_t)BODY_BYTES);
    (void)close(fd);
    close_world(&w);
}
END_TEST

TEST(gate_lets_who_reads_in_time_have_the_whole_reply) {
    world w;
    open_world(&w, BODY_BYTES / 8, 0);
    int fd = ask(&w);
    ck_assert_uint_ge(read_on(fd, BODY_BYTES / 8), (size_t)BODY_BYTES / 8);
    ck_assert_int_eq(w.told.count, 0);
    (void)close(fd);
    close_world(&w);
}
END_TEST

TEST_MAIN("gate", TEST_CASE(gate_ends_who_takes_too_long_to_read_a_reply),
          TEST_CASE(gate_lets_who_reads_in_time_have_the_whole_reply))
