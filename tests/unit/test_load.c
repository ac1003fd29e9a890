/* The load client: what it reads from a connection, cut at any byte; and that a server which stalls cannot hide what it
 * made others wait for. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/load_client.h"
#include "cli/load_wire.h"
#include "support/test.h"

TEST(load_wire_reads_a_head_only_when_it_is_whole) {
    static const char head[] = "HTTP/1.1 201 Created\r\ncontent-length: 17\r\nX: y\r\n\r\n{\"id\"";
    pct_wire_reply reply;
    for (size_t n = 0; n < sizeof head - 1 - 5; n++)
        ck_assert_int_eq(pct_wire_read_head((pct_text){head, n}, &reply), PCT_NOT_FOUND);
    ck_assert_int_eq(pct_wire_read_head(pct_text_of(head), &reply), PCT_OK);
    ck_assert_int_eq(reply.status, 201);
    ck_assert_uint_eq(reply.body_bytes, 17);
    ck_assert_uint_eq(reply.head_bytes, sizeof head - 1 - 5);
    ck_assert(!reply.chunked);
}

TEST(load_wire_refuses_what_is_no_reply) {
    static const char *const wrong[] = {"SSH-2.0\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"};
    pct_wire_reply reply;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(pct_wire_read_head(pct_text_of(wrong[i]), &reply), PCT_INPUT);
}

static const char chunks_of_a_stream[] = "c\r\nretry: 3000\n\r\n1\r\n\n\r\n"
                                         "1B\r\nid: 12\nevent: change\ndata: \r\n"
                                         "8\r\n{\"a\":1}\n\r\n1\r\n\n\r\n4\r\n: \n\n\r\n"
                                         "15\r\nevent: positions\ndata\r\n6\r\n: []\n\n\r\n";

static void check_events(pct_text body) {
    size_t from = 0;
    pct_wire_event event;
    ck_assert(pct_wire_next_event(body, &from, &event));
    ck_assert(pct_text_equal(event.name, "change") && pct_text_equal(event.data, "{\"a\":1}"));
    ck_assert_int_eq(event.id, 12);
    ck_assert(pct_wire_next_event(body, &from, &event));
    ck_assert(pct_text_equal(event.name, "positions") && pct_text_equal(event.data, "[]"));
    ck_assert_int_eq(event.id, -1);
    ck_assert(!pct_wire_next_event(body, &from, &event));
    ck_assert_uint_eq(from, body.length);
}

TEST(load_wire_unpacks_chunks_cut_at_any_byte) {
    const size_t all = sizeof chunks_of_a_stream - 1;
    for (size_t cut = 0; cut <= all; cut++) {
        pct_wire_chunks chunks = {0};
        pct_buffer body = pct_buffer_init(1 << 10);
        ck_assert_int_eq(pct_wire_unpack(&chunks, (pct_text){chunks_of_a_stream, cut}, &body), PCT_OK);
        ck_assert_int_eq(pct_wire_unpack(&chunks, (pct_text){chunks_of_a_stream + cut, all - cut}, &body),
                         PCT_OK);
        check_events((pct_text){(const char *)body.bytes, body.length});
        pct_buffer_dispose(&body);
    }
}

TEST(load_wire_refuses_what_is_no_chunk) {
    pct_buffer body = pct_buffer_init(1 << 10);
    pct_wire_chunks chunks = {0};
    ck_assert_int_eq(pct_wire_unpack(&chunks, pct_text_of("zz\r\n"), &body), PCT_INPUT);
    chunks = (pct_wire_chunks){0};
    ck_assert_int_eq(pct_wire_unpack(&chunks, pct_text_of("fffffffffffff\r\n"), &body), PCT_INPUT);
    chunks = (pct_wire_chunks){0};
    ck_assert_int_eq(pct_wire_unpack(&chunks, pct_text_of("1\r\naa\r\n"), &body), PCT_INPUT);
    chunks = (pct_wire_chunks){0};
    ck_assert_int_eq(pct_wire_unpack(&chunks, pct_text_of("0\r\n\r\n"), &body), PCT_OK);
    ck_assert_int_eq(chunks.at, PCT_WIRE_END);
    pct_buffer_dispose(&body);
}

/* --- a server that answers one connection, and stalls once ------------------------------------------------------------ */

enum { STALL_MS = 200, RATE_PER_S = 200 };

typedef struct stalling {
    int fd;
    uint16_t port;
    pthread_t thread;
    int answered;
} stalling;

static void *answer_all(void *context) {
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    stalling *s = context;
    char bytes[4096];
    int fd = accept(s->fd, NULL, NULL);
    while (recv(fd, bytes, sizeof bytes, 0) > 0) {
        if (s->answered++ == 5) (void)nanosleep(&(struct timespec){.tv_nsec = STALL_MS * 1000000L}, NULL);
        if (send(fd, reply, sizeof reply - 1, MSG_NOSIGNAL) < 0) break;
    }
    (void)close(fd);
    return NULL;
}

static void start_stalling(stalling *s) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(s->fd, 1), 0);
    ck_assert_int_eq(getsockname(s->fd, (struct sockaddr *)&at, &length), 0);
    s->port = ntohs(at.sin_port);
    ck_assert_int_eq(pthread_create(&s->thread, NULL, answer_all, s), 0);
}

static void write_get(void *context, uint64_t number, pct_buffer *out) {
    (void)context;
    (void)pct_buffer_append_format(out, "GET /%d HTTP/1.1\r\n\r\n", (int)number);
}

static void count_good(void *context, uint64_t number, int status, pct_text body) {
    (void)number;
    *(int *)context += status == 200 && pct_text_equal(body, "ok");
}

static pct_load_figures load_on_stalling(double rate_per_s, int *good) {
    stalling s = {0};
    pct_error error;
    pct_load *load;
    start_stalling(&s);
    const pct_load_traffic traffic = {s.port, 1, rate_per_s, 100, write_get, count_good, good};
    test_ok(pct_load_new(&load, &error), &error);
    test_ok(pct_load_add_traffic(load, &traffic, &error), &error);
    test_ok(pct_load_run(load, 30.0, &error), &error);
    pct_load_figures figures = pct_load_figures_view(load, 0);
    pct_load_free(load);
    (void)pthread_join(s.thread, NULL);
    (void)close(s.fd);
    return figures;
}

TEST(load_open_loop_counts_what_waited_behind_a_stall) {
    int good = 0;
    pct_load_figures f = load_on_stalling(RATE_PER_S, &good);
    ck_assert_int_eq(good, 100);
    ck_assert_uint_eq(f.good, 100);
    ck_assert_uint_eq(f.lost, 0);
    ck_assert_double_ge(f.max_ms, STALL_MS);
    /* 40 requests fell due during the stall; those behind it waited for what was left of it. */
    ck_assert_double_ge(f.p99_ms, STALL_MS / 2);
}

TEST(load_closed_loop_asks_again_when_it_is_answered) {
    int good = 0;
    pct_load_figures f = load_on_stalling(0.0, &good);
    ck_assert_int_eq(good, 100);
    ck_assert_uint_eq(f.sent, 100);
    ck_assert_double_ge(f.max_ms, STALL_MS);
}

TEST(load_without_a_server_is_refused) {
    int good = 0;
    pct_error error;
    pct_load *load;
    const pct_load_traffic traffic = {1, 1, 0, 1, write_get, count_good, &good};
    test_ok(pct_load_new(&load, &error), &error);
    ck_assert_int_eq(pct_load_add_traffic(load, &traffic, &error), PCT_IO);
    test_error_says(&error, "connect");
    pct_load_free(load);
}

TEST_MAIN("load", TEST_CASE(load_wire_reads_a_head_only_when_it_is_whole),
          TEST_CASE(load_wire_refuses_what_is_no_reply), TEST_CASE(load_wire_unpacks_chunks_cut_at_any_byte),
          TEST_CASE(load_wire_refuses_what_is_no_chunk),
          TEST_CASE(load_open_loop_counts_what_waited_behind_a_stall),
          TEST_CASE(load_closed_loop_asks_again_when_it_is_answered),
          TEST_CASE(load_without_a_server_is_refused))
