/* Each connection has a deadline in one atomic word: who serves it moves the deadline on, a thread of the gate's own compares and swaps
 * it for OVER when it has passed, and of the two only one wins. The list's lock is taken when a connection comes or goes and a few times a
 * second by that thread; never by a request. O(connections) for each of these. */
#include "server/gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "site/now.h"

enum {
    ROUND_MS = 250,
    S = 1000,
    NEVER = 0,
    OVER = -1,
    FAREWELL_BYTES = 100,
    FILES_BESIDE = 512,
    FAREWELLS_A_ROUND = PCT_GATE_FAREWELLS * ROUND_MS / S
};

struct pct_gate_connection {
    pct_gate *gate;
    pct_gate_connection *next, *before; /* oldest first */
    int fd;
    uint32_t address;
    int64_t began_ms;
    uint64_t written; /* bytes, when the last request was over, or TLS agreed */
    uint64_t came;    /* when TLS was agreed */
    pct_tls_pair *pair;
    gnutls_session_t session;    /* of the thread that serves it, nobody else's */
    int finished;                /* messages of that name; of the same thread */
    atomic_bool agreed;          /* TLS */
    _Atomic(const char *) words; /* that this thread is to say before the end; NULL: none */
    int64_t leaves_ms;           /* under the lock: when it ends, said or not; 0: nothing is to be said */
    atomic_llong deadline_ms;
    atomic_int phase;
    atomic_bool proven;
};

struct pct_gate {
    pthread_mutex_t lock;
    pthread_cond_t ends;
    pthread_t thread;
    bool running, ending;
    pct_gate_connection *first, *last;
    size_t count;  /* of those that are not over */
    int farewells; /* that may still begin in this round */
    int64_t allowed_ms[PCT_GATE_REPLY + 1];
    pct_tls *tls;
    pct_quota *quota;
    pct_gate_tell *tell;
    void *context;
};

static void set_limits(pct_gate *gate, const pct_gate_options *o) {
    gate->allowed_ms[PCT_GATE_HEADERS] = o->header_ms ? o->header_ms : PCT_HEADER_S * S;
    gate->allowed_ms[PCT_GATE_BETWEEN] = o->idle_ms ? o->idle_ms : PCT_IDLE_S * S;
    gate->allowed_ms[PCT_GATE_BODY] = o->body_ms ? o->body_ms : PCT_BODY_S * S;
    gate->allowed_ms[PCT_GATE_SERVING] = NEVER;
    gate->allowed_ms[PCT_GATE_REPLY] = o->reply_ms ? o->reply_ms : PCT_REPLY_S * S;
}

/* Bytes that came, and bytes that were written, sent or not, by now. */
static void traffic(int fd, uint64_t *came, uint64_t *written) {
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    bool told = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0;
    *came = told && length >= offsetof(struct tcp_info, tcpi_bytes_received) + sizeof(uint64_t)
                ? info.tcpi_bytes_received
                : 0;
    *written = told && length >= offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof(uint64_t)
                   ? info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes
                   : 0;
}

/* A few words before the end, where they are not put into the middle of a reply. Over TLS the thread that serves the connection is woken
 * and says them (pull). */
static void end_with(pct_gate_connection *c, const char *words) {
    if (!words || !c->gate->tls || !atomic_load(&c->agreed)) {
        if (words && !c->gate->tls) (void)send(c->fd, words, strlen(words), MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)shutdown(c->fd, SHUT_RDWR);
        return;
    }
    atomic_store(&c->words, words);
    c->leaves_ms = pct_tick_ms() + PCT_GATE_FAREWELL_S * (int64_t)S;
    (void)shutdown(c->fd, SHUT_RD);
}

/* One that has only just come: over TLS nothing can be said before keys are agreed on, which costs us a signature. */
static void turn_away(pct_gate_connection *c, const char *words) {
    if (!c->gate->tls || c->gate->farewells <= 0) {
        end_with(c, words);
        return;
    }
    c->gate->farewells--;
    atomic_store(&c->words, words);
    c->leaves_ms = pct_tick_ms() + PCT_GATE_FAREWELL_S * (int64_t)S;
}

static const char late[] = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
static const char full[] =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n";
static const char many[] =
    "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n";

/* Under the lock. False: it was answered in the meantime. */
static bool take_over(pct_gate_connection *c, int64_t seen) {
    long long expected = seen;
    if (!atomic_compare_exchange_strong(&c->deadline_ms, &expected, OVER)) return false;
    c->gate->count--;
    return true;
}

/* Of a request: TLS's own records are not counted, nor its farewell. */
static bool has_begun(const pct_gate_connection *c, uint64_t came) {
    return c->gate->tls ? !atomic_load(&c->agreed) || came > c->came + FAREWELL_BYTES : came > 0;
}

static void end_late(pct_gate_connection *c, int64_t deadline_ms) {
    int phase = atomic_load(&c->phase);
    uint64_t came, written;
    traffic(c->fd, &came, &written);
    if (!take_over(c, deadline_ms)) return;
    /* A browser opens connections in store and sends nothing: that is no request that is late. */
    bool silent = phase == PCT_GATE_BETWEEN || (phase == PCT_GATE_HEADERS && !has_begun(c, came));
    bool reads = phase == PCT_GATE_REPLY;
    end_with(c, silent || reads ? NULL : late);
    if (!silent)
        c->gate->tell(c->gate->context, c->address, reads ? "slow_reader" : "slow_request", reads ? 0 : 408);
}

static void *watch(void *context) {
    pct_gate *gate = context;
    (void)pthread_mutex_lock(&gate->lock);
    while (!gate->ending) {
        (void)pct_tick_wait(&gate->ends, &gate->lock, pct_tick_ns() + ROUND_MS * PCT_NS_PER_MS);
        int64_t now = pct_tick_ms();
        gate->farewells = FAREWELLS_A_ROUND;
        for (pct_gate_connection *c = gate->first; c && !gate->ending; c = c->next) {
            int64_t deadline_ms = atomic_load(&c->deadline_ms);
            if (deadline_ms > 0 && deadline_ms <= now) end_late(c, deadline_ms);
            if (c->leaves_ms > 0 && c->leaves_ms <= now) {
                c->leaves_ms = 0;
                (void)shutdown(c->fd, SHUT_RDWR);
            }
        }
    }
    (void)pthread_mutex_unlock(&gate->lock);
    return NULL;
}

/* Connections must not run out of descriptors before they run out of connections: files are opened meanwhile. */
static void raise_descriptors(void) {
    const rlim_t wanted = 2 * (PCT_CONNECTIONS_MAX + FILES_BESIDE);
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

pct_status pct_gate_new(const pct_gate_options *o, pct_gate **out, pct_error *error) {
    pct_gate *gate = pct_alloc_zeroed(1, sizeof *gate);
    if (!gate) return pct_error_memory(error, sizeof *gate);
    raise_descriptors();
    gate->tell = o->tell, gate->context = o->context, gate->tls = o->tls, gate->quota = o->quota;
    gate->farewells = FAREWELLS_A_ROUND;
    set_limits(gate, o);
    (void)pthread_mutex_init(&gate->lock, NULL);
    (void)pthread_cond_init(&gate->ends, NULL);
    gate->running = pthread_create(&gate->thread, NULL, watch, gate) == 0;
    if (!gate->running) {
        pct_gate_free(gate);
        return PCT_FAIL(error, PCT_IO, PCT_MSG_SERVER_NOT_STARTED, pct_str("pthread_create"));
    }
    *out = gate;
    return PCT_OK;
}

void pct_gate_free(pct_gate *gate) {
    if (!gate) return;
    (void)pthread_mutex_lock(&gate->lock);
    gate->ending = true;
    (void)pthread_cond_signal(&gate->ends);
    (void)pthread_mutex_unlock(&gate->lock);
    if (gate->running) (void)pthread_join(gate->thread, NULL);
    (void)pthread_cond_destroy(&gate->ends);
    (void)pthread_mutex_destroy(&gate->lock);
    pct_free(gate);
}

static bool is_stranger(const pct_gate_connection *c) {
    return c->address != htonl(INADDR_LOOPBACK);
}

/* The oldest that still sends its request, has shown no session and is not `but`. */
static bool make_room(pct_gate *gate, const pct_gate_connection *but) {
    for (pct_gate_connection *c = gate->first; c; c = c->next) {
        int64_t deadline_ms = atomic_load(&c->deadline_ms);
        int phase = atomic_load(&c->phase);
        if (c == but || deadline_ms <= 0 || atomic_load(&c->proven) || phase == PCT_GATE_REPLY) continue;
        if (!take_over(c, deadline_ms)) continue;
        end_with(c, phase == PCT_GATE_BETWEEN ? NULL : full);
        gate->tell(gate->context, c->address, "made_room", phase == PCT_GATE_BETWEEN ? 0 : 503);
        return true;
    }
    return false;
}

static bool is_one_too_many(const pct_gate *gate, const pct_gate_connection *of) {
    int count = 0;
    if (!is_stranger(of)) return false;
    for (const pct_gate_connection *c = gate->first; c; c = c->next)
        count +=
            c->address == of->address && atomic_load(&c->deadline_ms) != OVER && !atomic_load(&c->proven);
    return count > PCT_CONNECTIONS_PER_ADDRESS;
}

static void refuse(pct_gate_connection *c, const char *words, const char *what, int status) {
    if (!take_over(c, atomic_load(&c->deadline_ms))) return;
    turn_away(c, words);
    c->gate->tell(c->gate->context, c->address, what, status);
}

static const char *name_of(const pct_gate_connection *c, char out[INET_ADDRSTRLEN]) {
    const struct in_addr address = {c->address};
    return inet_ntop(AF_INET, &address, out, INET_ADDRSTRLEN);
}

static bool is_known(const pct_gate_connection *c) {
    char name[INET_ADDRSTRLEN];
    return !is_stranger(c) ||
           (c->gate->quota && pct_quota_knows(c->gate->quota, name_of(c, name), c->began_ms));
}

static bool is_beyond_quota(const pct_gate_connection *c) {
    char name[INET_ADDRSTRLEN];
    return c->gate->quota && !is_known(c) &&
           pct_quota_take(c->gate->quota, name_of(c, name), PCT_QUOTA_ASK, c->began_ms) != 0;
}

static void admit(pct_gate *gate, pct_gate_connection *c) {
    (void)pthread_mutex_lock(&gate->lock);
    c->before = gate->last;
    *(gate->last ? &gate->last->next : &gate->first) = c;
    gate->last = c;
    gate->count++;
    if (is_one_too_many(gate, c))
        refuse(c, many, "too_many_connections", 429);
    else if (is_beyond_quota(c))
        refuse(c, many, "quota", 429);
    else if (gate->count > PCT_CONNECTIONS_MAX - PCT_CONNECTIONS_RESERVE && !make_room(gate, c) &&
             (!is_known(c) || gate->count > PCT_CONNECTIONS_MAX))
        refuse(c, full, "no_room", 503);
    (void)pthread_mutex_unlock(&gate->lock);
}

/* A request of which no handler heard: refused by the library as no HTTP, or broken off before it was whole. */
static void tell_unheard(pct_gate *gate, const pct_gate_connection *c) {
    int phase = atomic_load(&c->phase);
    uint64_t came, written;
    if (atomic_load(&c->deadline_ms) == OVER || (phase != PCT_GATE_HEADERS && phase != PCT_GATE_BETWEEN))
        return;
    traffic(c->fd, &came, &written);
    if (gate->tls && !atomic_load(&c->agreed)) {
        if (came > 0) gate->tell(gate->context, c->address, "tls_refused", 0);
    } else if (written > c->written + (gate->tls ? FAREWELL_BYTES : 0))
        gate->tell(gate->context, c->address, "malformed", 400);
    else if (phase == PCT_GATE_HEADERS && has_begun(c, came))
        gate->tell(gate->context, c->address, "broken_off", 0);
}

static void forget(pct_gate *gate, pct_gate_connection *c) {
    (void)pthread_mutex_lock(&gate->lock);
    tell_unheard(gate, c);
    if (atomic_load(&c->deadline_ms) != OVER) gate->count--;
    *(c->before ? &c->before->next : &gate->first) = c->next;
    *(c->next ? &c->next->before : &gate->last) = c->before;
    (void)pthread_mutex_unlock(&gate->lock);
    if (gate->tls) pct_tls_give_back(gate->tls, c->pair);
    pct_free(c);
}

static uint32_t address_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = info ? info->client_addr : NULL;
    return at && at->sa_family == AF_INET ? ((const struct sockaddr_in *)(const void *)at)->sin_addr.s_addr
                                          : 0;
}

static int note_agreed(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                       const gnutls_datum_t *message) {
    pct_gate_connection *c = gnutls_session_get_ptr(session);
    (void)type, (void)when, (void)incoming, (void)message;
    traffic(c->fd, &c->came, &c->written);
    if (++c->finished < 2) return 0; /* ours and theirs, in the order of the version */
    atomic_store(&c->agreed, true);
    if (atomic_load(&c->words)) (void)shutdown(c->fd, SHUT_RD); /* to be read from next, whatever comes */
    return 0;
}

/* GnuTLS asks for bytes, in the thread that serves the connection and with nothing of it under way that is sent. Of one that is over it
 * gets no more: the words, a farewell, and the end. */
static ssize_t pull(gnutls_transport_ptr_t context, void *out, size_t length) {
    pct_gate_connection *c = context;
    if (atomic_load(&c->deadline_ms) != OVER || !atomic_load(&c->agreed)) return recv(c->fd, out, length, 0);
    const char *words = atomic_exchange(&c->words, NULL);
    if (words && gnutls_record_send(c->session, words, strlen(words)) > 0)
        (void)gnutls_bye(c->session, GNUTLS_SHUT_WR);
    return 0;
}

static void begin_tls(pct_gate_connection *c, struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    gnutls_session_t session = info ? info->tls_session : NULL;
    if (!session) return;
    c->session = session;
    c->pair = pct_tls_take(c->gate->tls, session);
    gnutls_session_set_ptr(session, c);
    gnutls_transport_set_ptr2(session, c, (gnutls_transport_ptr_t)(intptr_t)c->fd);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, note_agreed);
}

void pct_gate_notify(void *context, struct MHD_Connection *connection, void **state,
                     enum MHD_ConnectionNotificationCode code) {
    pct_gate *gate = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*state) forget(gate, *state);
        *state = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    pct_gate_connection *c = info ? pct_alloc_zeroed(1, sizeof *c) : NULL;
    *state = c;
    if (!c) return;
    c->gate = gate;
    c->fd = info->connect_fd;
    c->address = address_of(connection);
    c->began_ms = pct_tick_ms();
    atomic_init(&c->deadline_ms, c->began_ms + gate->allowed_ms[PCT_GATE_HEADERS]);
    if (gate->tls) begin_tls(c, connection);
    admit(gate, c);
}

pct_gate_connection *pct_gate_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

bool pct_gate_enter(pct_gate_connection *c, pct_gate_phase phase) {
    if (!c) return true;
    int64_t allowed = c->gate->allowed_ms[phase];
    long long next = allowed ? pct_tick_ms() + allowed : NEVER, seen = atomic_load(&c->deadline_ms);
    uint64_t came;
    if (phase == PCT_GATE_BETWEEN) traffic(c->fd, &came, &c->written);
    do {
        if (seen == OVER) return false;
    } while (!atomic_compare_exchange_weak(&c->deadline_ms, &seen, next));
    atomic_store(&c->phase, (int)phase);
    return true;
}

void pct_gate_prove(pct_gate_connection *c) {
    if (c) atomic_store(&c->proven, true);
}

uint32_t pct_gate_address(const pct_gate_connection *c) {
    return c ? c->address : 0;
}
