#include "cli/load_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/load_wire.h"

enum { READY_MAX = 4096, REPLY_MAX = 64 << 20, PORT_MAX = 65535 };

static pct_status fail(const char *what, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LOAD_BROKEN, pct_str(what), pct_str(strerror(errno)));
}

/* --- the process --------------------------------------------------------------------------------------------------- */

static void become_server(const char *folder, int out) {
    static const char self[] = "/proc/self/exe";
    (void)dup2(out, STDOUT_FILENO);
    (void)execl(self, "precinct", "serve", folder, "--listen", "127.0.0.1:0", "--positions", "0", "--json",
                (char *)NULL);
    _exit(127);
}

/* {"ready":"http://127.0.0.1:41234","positions_port":41235} */
static pct_status read_ready(pct_text line, pct_load_server *server, pct_error *error) {
    json_t *ready = NULL;
    pct_text url;
    int64_t port = 0, positions = 0;
    pct_status status = pct_json_parse("serve", line, &ready, error);
    if (!status) status = pct_json_get_text("serve", ready, "ready", &url, error);
    if (!status) status = pct_json_get_integer("serve", ready, "positions_port", &positions, error);
    const char *colon = status ? NULL : memrchr(url.chars, ':', url.length);
    if (!status &&
        (!colon ||
         !pct_text_to_integer((pct_text){colon + 1, (size_t)(url.chars + url.length - colon - 1)}, &port)))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_LOAD_NO_SERVER, pct_view(line));
    server->port = (uint16_t)port;
    server->positions_port = (uint16_t)positions;
    json_decref(ready);
    return status;
}

pct_status pct_load_server_start(const char *folder, pct_load_server *out, pct_error *error) {
    int pipe_of[2];
    char line[READY_MAX];
    size_t length = 0;
    *out = (pct_load_server){0};
    if (pipe2(pipe_of, O_CLOEXEC) != 0) return fail("pipe", error);
    out->pid = fork();
    if (out->pid == 0) become_server(folder, pipe_of[1]);
    (void)close(pipe_of[1]);
    while (out->pid > 0 && length < sizeof line && !(length > 0 && line[length - 1] == '\n')) {
        ssize_t n = read(pipe_of[0], line + length, sizeof line - length);
        if (n == 0 || (n < 0 && errno != EINTR)) break;
        if (n > 0) length += (size_t)n;
    }
    (void)close(pipe_of[0]);
    if (out->pid < 0) return fail("fork", error);
    if (length == 0) return PCT_FAIL(error, PCT_IO, PCT_MSG_LOAD_NO_SERVER, pct_str(folder));
    return read_ready((pct_text){line, length}, out, error);
}

pct_status pct_load_server_stop(pct_load_server *server, pct_error *error) {
    int how = 0;
    if (server->pid <= 0) return PCT_OK;
    (void)kill(server->pid, SIGTERM);
    while (waitpid(server->pid, &how, 0) < 0 && errno == EINTR) continue;
    server->pid = 0;
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0) return PCT_OK;
    return PCT_FAIL(error, PCT_IO, PCT_MSG_LOAD_SERVER_ENDED, pct_int(how));
}

/* A file of /proc about the server, as text; empty when there is none. */
static void read_about(const pct_load_server *server, const char *name, char *out, size_t max) {
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)server->pid, name);
    FILE *file = server->pid > 0 ? fopen(path, "re") : NULL;
    size_t length = file ? fread(out, 1, max - 1, file) : 0;
    out[length] = '\0';
    if (file) (void)fclose(file);
}

int64_t pct_load_server_memory_bytes(const pct_load_server *server) {
    char text[256];
    long pages = 0;
    read_about(server, "statm", text, sizeof text);
    return sscanf(text, "%*d %ld", &pages) == 1 ? (int64_t)pages * sysconf(_SC_PAGESIZE) : 0;
}

double pct_load_server_processor_s(const pct_load_server *server) {
    char text[1024];
    unsigned long user = 0, system = 0;
    read_about(server, "stat", text, sizeof text);
    const char *behind_name = strrchr(text, ')');
    if (!behind_name ||
        sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* --- single requests ----------------------------------------------------------------------------------------------- */

void pct_load_write_head(pct_buffer *out, const char *method, const char *path, const char *cookie,
                         const char *more, int body_bytes) {
    (void)pct_buffer_append_format(out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s", method, path, more);
    if (cookie[0]) (void)pct_buffer_append_format(out, "Cookie: %s\r\n", cookie);
    if (body_bytes >= 0)
        (void)pct_buffer_append_format(out, "Content-Type: application/json\r\nContent-Length: %d\r\n",
                                       body_bytes);
    (void)pct_buffer_append_text(out, "\r\n");
}

static pct_status exchange(int fd, pct_text request, pct_buffer *reply, pct_wire_reply *head,
                           pct_error *error) {
    char bytes[4096];
    pct_status status = PCT_NOT_FOUND;
    for (size_t sent = 0; sent < request.length;) {
        ssize_t n = send(fd, request.chars + sent, request.length - sent, MSG_NOSIGNAL);
        if (n < 0) return fail("send", error);
        sent += (size_t)n;
    }
    for (;;) {
        if (status == PCT_NOT_FOUND)
            status = pct_wire_read_head((pct_text){(const char *)reply->bytes, reply->length}, head);
        if (status == PCT_INPUT) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LOAD_REPLY, pct_int(0));
        if (!status && reply->length >= head->head_bytes + head->body_bytes) return PCT_OK;
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n == 0) errno = ECONNRESET;
        if (n <= 0) return fail("recv", error);
        if (pct_buffer_append(reply, bytes, (size_t)n) != PCT_OK) return pct_buffer_status(reply, error);
    }
}

pct_status pct_load_ask(uint16_t port, pct_text request, int *status_code, pct_buffer *reply,
                        pct_error *error) {
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    pct_wire_reply head = {0};
    pct_buffer_clear(reply);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pct_status status = PCT_OK;
    if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at) != 0) status = fail("connect", error);
    if (!status) status = exchange(fd, request, reply, &head, error);
    *status_code = head.status;
    if (fd >= 0) (void)close(fd);
    return status;
}

pct_status pct_load_sign_in(const pct_load_server *server, const char *account, const char *password,
                            pct_buffer *cookie, pct_error *error) {
    static const char sets[] = "\r\nSet-Cookie: ";
    pct_buffer body = pct_buffer_init(1024), request = pct_buffer_init(4096),
               reply = pct_buffer_init(REPLY_MAX);
    int code = 0;
    pct_json_writer json = pct_json_writer_init(&body);
    pct_json_begin_object(&json);
    pct_json_key(&json, "account");
    pct_json_string(&json, account);
    pct_json_key(&json, "password");
    pct_json_string(&json, password);
    pct_json_end_object(&json);
    pct_load_write_head(&request, "POST", "/api/v1/session", "", "", (int)body.length);
    (void)pct_buffer_append(&request, body.bytes, body.length);
    pct_status status = pct_buffer_status(&request, error);
    if (!status)
        status = pct_load_ask(server->port, (pct_text){(const char *)request.bytes, request.length}, &code,
                              &reply, error);
    const char *begin = status ? NULL : strstr(pct_buffer_chars(&reply), sets);
    if (!status && (code != 201 || !begin))
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LOAD_REFUSED, pct_str("sign-in"), pct_int(code));
    if (!status) {
        begin += sizeof sets - 1;
        pct_buffer_clear(cookie);
        status = pct_buffer_append(cookie, begin, strcspn(begin, ";\r"));
    }
    pct_buffer_dispose(&body);
    pct_buffer_dispose(&request);
    pct_buffer_dispose(&reply);
    return status;
}
