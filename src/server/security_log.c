/* One write for a line, appended; a token bucket keeps a flood of refusals from filling the disk or the file. */
#include "server/security_log.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "clock/time.h"

enum { LINE_MAX_BYTES = 1 << 10, OWNER_ONLY = 0600, MILLI = 1000 };

struct pct_security_log {
    char path[PATH_MAX], before[PATH_MAX];
    pthread_mutex_t lock;
    int fd;
    int64_t bytes, left_out;
    int64_t tokens_milli, filled_at_ms;
};

static int open_file(pct_security_log *log) {
    struct stat found;
    log->fd =
        open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, OWNER_ONLY);
    log->bytes = log->fd >= 0 && fstat(log->fd, &found) == 0 ? (int64_t)found.st_size : 0;
    return log->fd;
}

pct_status pct_security_log_open(const char *folder, pct_security_log **out, pct_error *error) {
    pct_security_log *log = pct_alloc_zeroed(1, sizeof *log);
    if (!log) return pct_error_memory(error, sizeof *log);
    (void)snprintf(log->path, sizeof log->path, "%s/security.log", folder);
    (void)snprintf(log->before, sizeof log->before, "%.*s.1", (int)sizeof log->before - 3, log->path);
    log->tokens_milli = (int64_t)PCT_SECURITY_BURST * MILLI;
    (void)pthread_mutex_init(&log->lock, NULL);
    (void)open_file(log); /* tried again with each line */
    *out = log;
    return PCT_OK;
}

void pct_security_log_close(pct_security_log *log) {
    if (!log) return;
    if (log->fd >= 0) (void)close(log->fd);
    (void)pthread_mutex_destroy(&log->lock);
    pct_free(log);
}

/* A millisecond brings PCT_SECURITY_LINES_S thousandths of a line. */
static bool take_token(pct_security_log *log, int64_t now_ms) {
    const int64_t most = (int64_t)PCT_SECURITY_BURST * MILLI;
    int64_t passed_ms = now_ms - log->filled_at_ms;
    if (passed_ms > most) passed_ms = most;
    if (passed_ms > 0) log->tokens_milli += passed_ms * PCT_SECURITY_LINES_S;
    if (log->tokens_milli > most) log->tokens_milli = most;
    log->filled_at_ms = now_ms;
    if (log->tokens_milli < MILLI) return false;
    log->tokens_milli -= MILLI;
    return true;
}

static void render(const pct_security_log *log, const pct_security_line *line, pct_buffer *out) {
    char address[INET_ADDRSTRLEN] = "";
    pct_buffer text = pct_buffer_init(LINE_MAX_BYTES);
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    (void)pct_time_format(line->wall_ms, 0, &text);
    pct_json_key(&json, "at");
    pct_json_string(&json, pct_buffer_chars(&text));
    pct_json_key(&json, "address");
    if (line->address && inet_ntop(AF_INET, &line->address, address, sizeof address))
        pct_json_string(&json, address);
    else
        pct_json_null(&json);
    pct_json_key(&json, "what");
    pct_json_string(&json, line->what);
    pct_json_key(&json, "status");
    pct_json_integer(&json, line->status);
    if (line->endpoint) {
        pct_buffer_clear(&text);
        (void)pct_buffer_append_format(&text, "%s %s", line->method, line->endpoint);
        pct_json_key(&json, "endpoint");
        pct_json_string(&json, pct_buffer_chars(&text));
    }
    if (log->left_out > 0) {
        pct_json_key(&json, "left_out");
        pct_json_integer(&json, log->left_out);
    }
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(out, '\n');
    pct_buffer_dispose(&text);
}

static bool append(pct_security_log *log, const pct_buffer *line) {
    if (log->fd >= 0 && log->bytes + (int64_t)line->length > PCT_SECURITY_BYTES) {
        (void)close(log->fd);
        log->fd = -1;
        (void)rename(log->path, log->before);
    }
    if (log->fd < 0 && open_file(log) < 0) return false;
    ssize_t written = write(log->fd, line->bytes, line->length);
    if (written > 0) log->bytes += written;
    return written == (ssize_t)line->length;
}

void pct_security_log_write(pct_security_log *log, const pct_security_line *line) {
    if (!log) return;
    pct_buffer text = pct_buffer_init(LINE_MAX_BYTES);
    (void)pthread_mutex_lock(&log->lock);
    bool wanted = take_token(log, line->wall_ms);
    if (wanted) render(log, line, &text);
    if (wanted && pct_buffer_status(&text, NULL) == PCT_OK && append(log, &text))
        log->left_out = 0;
    else
        log->left_out++;
    (void)pthread_mutex_unlock(&log->lock);
    pct_buffer_dispose(&text);
}
