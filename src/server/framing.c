/* Where a request ends must be clear to everybody on its way: a proxy that counts otherwise than we do could be made to slip a request
 * of somebody else's past it (request smuggling, RFC 9112 §6.3 and §11.2). The library takes the first of two lengths and prefers chunks
 * to a length; here both are refused, with Connection: close, so that nothing after it is taken for a request. O(headers). */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "server/internal.h"

typedef struct framing {
    int hosts, lengths, codings;
    bool is_odd;
} framing;

static bool is_digits(const char *value, size_t length) {
    enum { DIGITS_MAX = 18 };
    for (size_t i = 0; i < length; i++)
        if (value[i] < '0' || value[i] > '9') return false;
    return length > 0 && length <= DIGITS_MAX;
}

/* Token characters alone (RFC 9110 §5.6.2): a name with a space before its colon is another header to somebody else. */
static bool is_token(const char *name, size_t length) {
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool usual = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!usual && (c == '\0' || !strchr(others, c))) return false;
    }
    return length > 0;
}

static bool has_control(const char *value, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)value[i] < ' ' && value[i] != '\t') return true;
    return false;
}

static bool is_called(const char *key, size_t length, const char *name) {
    return length == strlen(name) && strncasecmp(key, name, length) == 0;
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *key, size_t key_length,
                                   const char *value, size_t length) {
    framing *f = context;
    (void)kind;
    f->is_odd |= !is_token(key, key_length) || has_control(value ? value : "", value ? length : 0);
    if (is_called(key, key_length, "Host")) f->hosts++;
    if (is_called(key, key_length, "Content-Length")) {
        f->lengths++;
        f->is_odd |= !value || !is_digits(value, length);
    }
    if (is_called(key, key_length, "Transfer-Encoding")) {
        f->codings++;
        f->is_odd |= !value || !is_called(value, length, "chunked");
    }
    return MHD_YES;
}

pct_status pct_web_framing(pct_web_request *r, const char *version, pct_error *error) {
    framing f = {0};
    (void)MHD_get_connection_values_n(r->connection, MHD_HEADER_KIND, take_header, &f);
    bool is_1_1 = strcmp(version, MHD_HTTP_VERSION_1_1) == 0,
         is_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    bool good = !f.is_odd && f.hosts <= 1 && f.lengths <= 1 && f.codings <= 1 && f.lengths + f.codings <= 1 &&
                (is_1_1 || (is_1_0 && f.codings == 0)) && r->path.length > 0 && r->path.chars[0] == '/';
    if (good) return PCT_OK;
    r->x.status_code = 400;
    return pct_error_set(error, PCT_INPUT, PCT_MSG_WEB_FRAMING, NULL, 0);
}
