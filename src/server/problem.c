/* Refusals as problem documents (RFC 9457): what is wrong, where, and what to do, in the reader's language. */
#include <inttypes.h>
#include <string.h>

#include "server/internal.h"

static int http_status(pct_status status) {
    switch (status) {
    case PCT_NOT_FOUND: return 404;
    case PCT_UNREACHABLE:
    case PCT_REFUSED: return 409;
    case PCT_CHECK_FAILED: return 412;
    case PCT_INPUT: return 400;
    case PCT_BUSY:
    case PCT_LIMIT:
    case PCT_MEMORY:
    case PCT_IO: return 503;
    default: return 500;
    }
}

static pct_message title_of(int status) {
    static const struct {
        int status;
        pct_message title;
    } titles[] = {{400, PCT_MSG_HTTP_400}, {401, PCT_MSG_HTTP_401}, {403, PCT_MSG_HTTP_403},
                  {404, PCT_MSG_HTTP_404}, {405, PCT_MSG_HTTP_405}, {409, PCT_MSG_HTTP_409},
                  {412, PCT_MSG_HTTP_412}, {413, PCT_MSG_HTTP_413}, {415, PCT_MSG_HTTP_415},
                  {422, PCT_MSG_HTTP_422}, {428, PCT_MSG_HTTP_428}, {429, PCT_MSG_HTTP_429},
                  {503, PCT_MSG_HTTP_503}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].status == status) return titles[i].title;
    return PCT_MSG_HTTP_500;
}

static void text_member(pct_json_writer *json, const char *key, pct_buffer *text) {
    pct_json_key(json, key);
    pct_json_text(json, (pct_text){(const char *)text->bytes, text->length});
    pct_buffer_clear(text);
}

void pct_web_problem(pct_web_request *r, pct_status status, const pct_error *error) {
    pct_exchange *x = &r->x;
    pct_buffer text = pct_buffer_init(1 << 14);
    if (x->status_code == 0) x->status_code = http_status(status);
    if (x->status_code == 503 && x->retry_after_s == 0) x->retry_after_s = 1;
    r->what = pct_message_entry_of(error->message)->key;
    x->content_type = "application/problem+json";
    x->etag[0] = '\0';
    x->cache = NULL;
    pct_buffer_clear(&x->reply);
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    (void)pct_buffer_append_format(&text, "urn:precinct:%s", pct_message_entry_of(error->message)->key);
    text_member(&json, "type", &text);
    (void)pct_message_render(title_of(x->status_code), NULL, 0, x->language, &text);
    text_member(&json, "title", &text);
    pct_json_key(&json, "status");
    pct_json_integer(&json, x->status_code);
    (void)pct_error_render(error, x->language, &text);
    text_member(&json, "detail", &text);
    if (x->field[0]) {
        pct_json_key(&json, "field");
        pct_json_string(&json, x->field);
    }
    pct_json_end_object(&json);
    pct_buffer_dispose(&text);
}
