/* The base map's style for clients of others: MapLibre, QGIS. Themes and layers are the console's. */
#include "tiles/style.h"

#include "resource/board_json.h"

enum { CREDIT_MAX = 4096, URL_MAX = 1024 };
static const char template_name[] = "style/map.json";

static pct_status write_style(pct_exchange *x, pct_text bytes, pct_error *error) {
    pct_text theme = pct_exchange_query(x, "theme"), language = pct_exchange_query(x, "language");
    pct_buffer credit = pct_buffer_init(CREDIT_MAX), url = pct_buffer_init(URL_MAX);
    pct_site_write_credit_html(x->service->site, x->language, &credit);
    /* Others resolve no relative addresses. Without a Host they get ours as the console does. */
    if (x->host.length > 0)
        (void)pct_buffer_append_format(&url, "%s://%.*s", x->tls ? "https" : "http", (int)x->host.length,
                                       x->host.chars);
    (void)pct_buffer_append_text(&url, "/tiles/base/{z}/{x}/{y}.pbf");
    const pct_tiles_style style = {
        .file = template_name,
        .template_bytes = bytes,
        .theme = theme.chars ? theme : pct_text_of("day"),
        .tiles_url = pct_buffer_chars(&url),
        .attribution = pct_buffer_chars(&credit),
        .language = language.chars ? language : pct_text_of(x->language == PCT_ZH ? "zh" : "en")};
    pct_status status = pct_tiles_style_write(&style, x->service->tiles, &x->reply, error);
    pct_buffer_dispose(&credit);
    pct_buffer_dispose(&url);
    return status;
}

pct_status pct_resource_style_view(pct_exchange *x, pct_error *error) {
    pct_mapped_file file;
    if (!x->service->tiles) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_TILES_ABSENT, pct_int(0));
    pct_status status = pct_site_map_definition(x->service->site, template_name, &file, error);
    if (status) return status;
    status = write_style(x, file.bytes, error);
    pct_file_unmap(&file);
    if (!status) pct_exchange_tag(x);
    return status;
}
