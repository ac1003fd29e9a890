#include "cli/http_post.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/load_wire.h"

enum { HOST_MAX = 256, LIMIT_S = 30, REPLY_MAX = 256 << 10 };

typedef struct address {
    char host[HOST_MAX], port[8], path[HOST_MAX];
} address;

static pct_status failed(const char *url, const char *reason, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_POST_FAILED, pct_str(url), pct_str(reason));
}

static pct_status read_url(const char *url, const char *path, address *out, pct_error *error) {
    static const char scheme[] = "http://";
    char rest[HOST_MAX];
    size_t length = strlen(url);
    *out = (address){.port = "80"};
    if (strncmp(url, scheme, sizeof scheme - 1) != 0 || length >= HOST_MAX || strpbrk(url, " \r\n@?#"))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_POST_URL, pct_str(url));
    memcpy(rest, url + sizeof scheme - 1, length - sizeof scheme + 2);
    char *slash = strchr(rest, '/');
    (void)snprintf(out->path, sizeof out->path, "%s", slash ? slash : "");
    if (slash) *slash = '\0';
    length = strlen(out->path);
    while (length > 0 && out->path[length - 1] == '/') out->path[--length] = '\0';
    (void)snprintf(out->path + length, sizeof out->path - length, "%s", path);
    char *colon = strrchr(rest, ':');
    if (colon) {
        (void)snprintf(out->port, sizeof out->port, "%s", colon + 1);
        *colon = '\0';
    }
    (void)snprintf(out->host, sizeof out->host, "%s", rest);
    return PCT_OK;
}

static int connect_to(const address *to) {
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    struct timeval limit = {.tv_sec = LIMIT_S};
    int fd = -1;
    if (getaddrinfo(to->host, to->port, &wanted, &found) != 0) return -1;
    for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
                        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
                        connect(fd, at->ai_addr, at->ai_addrlen) != 0)) {
            (void)close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static bool send_all(int fd, const pct_buffer *request) {
    for (size_t done = 0; done < request->length;) {
        ssize_t n = send(fd, request->bytes + done, request->length - done, MSG_NOSIGNAL);
        if (n <= 0) return false;
        done += (size_t)n;
    }
    return true;
}

/* The whole reply: a head that says how long its body is, then that many bytes. */
static bool receive(int fd, pct_buffer *reply, pct_wire_reply *head) {
    unsigned char part[4096];
    for (;;) {
        pct_text bytes = {reply->bytes ? (const char *)reply->bytes : "", reply->length};
        pct_status status = pct_wire_read_head(bytes, head);
        if (status == PCT_OK && !head->chunked && reply->length >= head->head_bytes + head->body_bytes)
            return true;
        if (status == PCT_INPUT || (status == PCT_OK && head->chunked)) return false;
        ssize_t n = recv(fd, part, sizeof part, 0);
        if (n <= 0 || pct_buffer_append(reply, part, (size_t)n) != PCT_OK) return false;
    }
}

pct_status pct_http_post(const char *url, const char *path, pct_text body, int *code, pct_buffer *out,
                         pct_error *error) {
    address to;
    pct_wire_reply head = {.status = 0};
    pct_status status = read_url(url, path, &to, error);
    if (status) return status;
    pct_buffer request = pct_buffer_init(REPLY_MAX), reply = pct_buffer_init(REPLY_MAX);
    (void)pct_buffer_append_format(&request,
                                   "POST %s HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: text/plain\r\n"
                                   "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                                   to.path, to.host, to.port, body.length);
    (void)pct_buffer_append(&request, body.chars, body.length);
    status = pct_buffer_status(&request, error);
    errno = 0;
    int fd = status ? -1 : connect_to(&to);
    if (!status && (fd < 0 || !send_all(fd, &request) || !receive(fd, &reply, &head)))
        status = failed(url, errno ? strerror(errno) : "?", error);
    if (fd >= 0) (void)close(fd);
    if (!status) (void)pct_buffer_append(out, reply.bytes + head.head_bytes, head.body_bytes);
    *code = head.status;
    pct_buffer_dispose(&request);
    pct_buffer_dispose(&reply);
    return status ? status : pct_buffer_status(out, error);
}
