#include "cli/serve_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/text.h"
#include "cli/keys_copy.h"
#include "cli/user_change.h"
#include "cli/watch_act.h"
#include "desk/cards.h"
#include "desk/retention.h"
#include "resource/acts.h"

enum { LINE_MAX_BYTES = 2048, REPLY_MAX = 4096, WORDS = 8, AT_ONCE = 8 };

/* By way of the folder's descriptor, for a socket's path may have some hundred bytes only. */
static struct sockaddr_un address_of(int folder) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder,
                   PCT_SERVE_SOCKET);
    return address;
}

static pct_status failed(const char *folder, pct_error *error) {
    char path[512];
    (void)snprintf(path, sizeof path, "%.480s/%s", folder, PCT_SERVE_SOCKET);
    return PCT_FAIL(error, PCT_IO, PCT_MSG_SOCKET_FAILED, pct_str(path), pct_str(strerror(errno)));
}

pct_status pct_serve_socket_open(const char *folder, pct_serve_socket *out, pct_error *error) {
    *out = (pct_serve_socket){0};
    out->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    out->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (out->folder < 0 || out->listener < 0) return failed(folder, error);
    const struct sockaddr_un address = address_of(out->folder);
    (void)unlinkat(out->folder, PCT_SERVE_SOCKET, 0);
    mode_t mask = umask(0177);
    int code = bind(out->listener, (const struct sockaddr *)&address, sizeof address);
    (void)umask(mask);
    if (code == 0) code = listen(out->listener, 4);
    return code == 0 ? PCT_OK : failed(folder, error);
}

void pct_serve_socket_close(pct_serve_socket *s) {
    if (s->listener > 0) {
        (void)close(s->listener);
        (void)unlinkat(s->folder, PCT_SERVE_SOCKET, 0);
    }
    if (s->folder > 0) (void)close(s->folder);
    *s = (pct_serve_socket){0};
}

/* --- answering ----------------------------------------------------------------------------------------------------- */

static bool is_owner(int peer) {
    struct ucred who;
    socklen_t length = sizeof who;
    return getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &length) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}

static size_t read_line(int peer, char line[LINE_MAX_BYTES]) {
    size_t length = 0;
    while (length < LINE_MAX_BYTES) {
        ssize_t got = read(peer, line + length, LINE_MAX_BYTES - length);
        if (got <= 0) return 0;
        for (ssize_t i = 0; i < got; i++)
            if (line[length + (size_t)i] == '\n') return length + (size_t)i;
        length += (size_t)got;
    }
    return 0;
}

static bool is(pct_text text, const char *word) {
    return text.length == strlen(word) && memcmp(text.chars, word, text.length) == 0;
}

static bool read_class(pct_text word, pct_erased_class *out) {
    *out = PCT_ERASED_CLASS_NONE;
    for (int i = 1; i < PCT_ERASED_CLASS_COUNT; i++)
        if (is(word, pct_erased_class_names[i])) *out = (pct_erased_class)i;
    return *out != PCT_ERASED_CLASS_NONE || is(word, "-");
}

/* Days and objects of each class, then what was looked at and what was done. */
static pct_status retain(pct_desk *desk, bool dry, int64_t *number, pct_buffer *told, pct_error *error) {
    pct_retention_report r;
    pct_status status = pct_desk_retain(desk, dry, &r, error);
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT; c++)
        (void)pct_buffer_append_format(told, "%lld %lld ", (long long)r.days[c], (long long)r.objects[c]);
    (void)pct_buffer_append_format(told, "%lld %lld %lld", (long long)r.looked, (long long)r.keys,
                                   (long long)r.events);
    *number = r.keys;
    return status;
}

static pct_status set_period(pct_desk *desk, const pct_text words[WORDS], int64_t *number, pct_error *error) {
    unsigned char ground[PCT_RETENTION_GROUND_MAX];
    size_t length = 0;
    int64_t days;
    pct_retention_change change = {.account = words[3], .role = PCT_ROLE_SYSTEM};
    if (!is(words[4], "-")) change.approved_by = words[4];
    if (!is(words[5], "-") &&
        (!pct_base64_check(PCT_BASE64_URL, words[5], &length) || length > sizeof ground))
        return pct_error_set(error, PCT_INPUT, PCT_MSG_SOCKET_REQUEST, NULL, 0);
    if (length) pct_base64_read(words[5], ground);
    change.ground = (pct_text){(const char *)ground, length};
    if (!pct_text_is_utf8(change.ground) || !read_class(words[1], &change.class) ||
        !pct_text_to_integer(words[2], &days) || days < 1 || days > PCT_RETENTION_DAYS_MAX)
        return pct_error_set(error, PCT_INPUT, PCT_MSG_SOCKET_REQUEST, NULL, 0);
    change.days = (int32_t)days;
    return pct_desk_set_retention(desk, &change, number, error);
}

/* The key's bytes come with the request: the server reads no file of others. */
static pct_status copy_keys(pct_service *service, const pct_text words[WORDS], int64_t *number,
                            pct_buffer *told, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_key key = {{0}};
    pct_key_copy_head head = {0};
    pct_keys_order order = {.file = path, .with = is(words[2], "-") ? NULL : &key};
    size_t length = 0;
    int64_t of;
    bool good = pct_text_to_integer(words[1], &of) && of > 0 && pct_text_to_integer(words[3], &order.days) &&
                order.days >= 1 && order.days <= PCT_KEYS_DAYS_MAX;
    if (good && order.with)
        good = pct_base64_check(PCT_BASE64_URL, words[2], &length) && length == sizeof key.bytes;
    if (!good) return pct_error_set(error, PCT_INPUT, PCT_MSG_SOCKET_REQUEST, NULL, 0);
    if (order.with) pct_base64_read(words[2], key.bytes);
    pct_keys_copy_path(service->site, of, path);
    (void)unlink(path);
    pct_status status = pct_keys_copy_write(service->desk, service->site, &order, &head, error);
    explicit_bzero(&key, sizeof key);
    (void)pct_buffer_append_format(told, "%lld", (long long)head.until_ms);
    *number = head.count;
    return status;
}

/* Alone where nobody could approve it, or in an emergency; otherwise it is asked for. */
static pct_status erase(pct_service *service, const pct_text words[WORDS], int64_t *number, pct_buffer *told,
                        pct_error *error) {
    unsigned char reason[PCT_ERASE_REASON_MAX];
    char id[PCT_ID_TEXT];
    size_t length = 0;
    pct_id made;
    pct_erasure erasure = {.account = pct_text_of("console"), .role = PCT_ROLE_SYSTEM};
    const bool alone = is(words[3], "alone");
    bool good = pct_id_read(words[1], &erasure.object) && read_class(words[2], &erasure.class) &&
                (is(words[4], "-") ||
                 (pct_base64_check(PCT_BASE64_URL, words[4], &length) && length <= sizeof reason));
    if (good && length) pct_base64_read(words[4], reason);
    erasure.purpose = (pct_text){(const char *)reason, length};
    if (!good || !pct_text_is_utf8(erasure.purpose))
        return pct_error_set(error, PCT_INPUT, PCT_MSG_SOCKET_REQUEST, NULL, 0);
    if (alone || !pct_rights_somebody_else(service->rights, PCT_ROLES_APPROVE_ERASING, "", "console"))
        return pct_desk_erase(service->desk, &erasure, number, error);
    const pct_act_asking asking = {.act = PCT_ACT_DESTROY_KEY,
                                   .class = erasure.class,
                                   .subject = words[1],
                                   .actor = erasure.account,
                                   .purpose = erasure.purpose,
                                   .role = PCT_ROLE_SYSTEM};
    pct_status status = pct_act_ask(service, &asking, &made, error);
    if (!status) (void)pct_buffer_append(told, id, pct_id_write(made, id));
    return status;
}

static pct_status print_cards(pct_desk *desk, pct_text count, int64_t *first, pct_error *error) {
    int64_t cards;
    if (!pct_text_to_integer(count, &cards))
        return pct_error_set(error, PCT_INPUT, PCT_MSG_SOCKET_REQUEST, NULL, 0);
    return pct_desk_print_cards(desk, pct_text_of("console"), cards, first, error);
}

static pct_status handle(pct_service *service, const pct_text words[WORDS], size_t count, int64_t *number,
                         pct_buffer *told, pct_error *error) {
    pct_desk *desk = service->desk;
    if (count > 1 && is(words[0], "flags")) return pct_watch_act_take(service, words, count, error);
    if (count > 1 && is(words[0], "user")) return pct_user_change_take(service, words, count, error);
    if (count == 5 && is(words[0], "keys")) return copy_keys(service, words, number, told, error);
    if (count == 3 && is(words[0], "retain")) return retain(desk, is(words[1], "dry"), number, told, error);
    if (count == 7 && is(words[0], "period")) return set_period(desk, words, number, error);
    if (count == 3 && is(words[0], "cards")) return print_cards(desk, words[1], number, error);
    if (count == 2 && is(words[0], "rebuild")) return pct_desk_rebuild(desk, error);
    if (count == 6 && is(words[0], "erase")) return erase(service, words, number, told, error);
    return pct_error_set(error, PCT_INPUT, PCT_MSG_SOCKET_REQUEST, NULL, 0);
}

static void answer(int peer, pct_service *service) {
    char line[LINE_MAX_BYTES];
    pct_text rest = {line, read_line(peer, line)}, words[WORDS];
    size_t count = 0;
    int64_t number = 0;
    pct_error error;
    if (rest.length == 0 || !pct_text_is_utf8(rest)) return;
    while (count < WORDS && pct_text_next(&rest, ' ', &words[count])) count++;
    pct_buffer reply = pct_buffer_init(REPLY_MAX), told = pct_buffer_init(REPLY_MAX);
    pct_status status = handle(service, words, count, &number, &told, &error);
    (void)pct_buffer_append_format(&reply, "%d %lld\n", (int)status, (long long)number);
    if (status) (void)pct_error_render(&error, count && is(words[count - 1], "zh") ? PCT_ZH : PCT_EN, &reply);
    if (!status) (void)pct_buffer_append(&reply, told.bytes, told.length);
    explicit_bzero(line, sizeof line);
    pct_buffer_dispose(&told);
    (void)!write(peer, pct_buffer_chars(&reply), reply.length);
    pct_buffer_dispose(&reply);
}

static bool answer_one(const pct_serve_socket *s, pct_service *service) {
    const struct timeval second = {.tv_sec = 1};
    int peer = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    if (peer < 0) return false;
    (void)setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    (void)setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    if (is_owner(peer)) answer(peer, service);
    (void)close(peer);
    return true;
}

void pct_serve_socket_answer(const pct_serve_socket *s, pct_service *service) {
    for (int i = 0; i < AT_ONCE && answer_one(s, service); i++) continue;
}

/* --- asking -------------------------------------------------------------------------------------------------------- */

static pct_status read_reply(int peer, int64_t *number, pct_buffer *out, pct_error *error) {
    char text[REPLY_MAX];
    size_t length = 0;
    for (ssize_t got; length < sizeof text && (got = read(peer, text + length, sizeof text - length)) > 0;)
        length += (size_t)got;
    pct_text rest = {text, length}, head = {"", 0}, word;
    int64_t status = PCT_INTERNAL;
    bool good = pct_text_next(&rest, '\n', &head) && pct_text_next(&head, ' ', &word) &&
                pct_text_to_integer(word, &status) && head.chars && pct_text_to_integer(head, number) &&
                status >= 0 && status <= PCT_INTERNAL;
    if (!good) return pct_error_set(error, PCT_IO, PCT_MSG_SOCKET_REPLY, NULL, 0);
    if (status == PCT_OK) {
        if (out && rest.chars) (void)pct_buffer_append(out, rest.chars, rest.length);
        return PCT_OK;
    }
    return PCT_FAIL(error, (pct_status)status, PCT_MSG_SOCKET_SAYS, pct_view(rest));
}

pct_status pct_serve_socket_ask_for(const char *folder, const char *request, int64_t *number, pct_buffer *out,
                                    pct_error *error) {
    int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_un address = address_of(at);
    pct_status status = PCT_OK;
    *number = 0;
    if (at < 0 || peer < 0 || connect(peer, (const struct sockaddr *)&address, sizeof address) != 0)
        status = PCT_UNREACHABLE;
    if (!status && write(peer, request, strlen(request)) != (ssize_t)strlen(request))
        status = failed(folder, error);
    if (!status) status = read_reply(peer, number, out, error);
    if (peer >= 0) (void)close(peer);
    if (at >= 0) (void)close(at);
    return status;
}

pct_status pct_serve_socket_ask(const char *folder, const char *request, int64_t *number, pct_error *error) {
    return pct_serve_socket_ask_for(folder, request, number, NULL, error);
}
