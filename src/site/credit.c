#include "site/credit.h"

#include <string.h>

#include "base/text.h"
#include "site/site.h"

static const char osm_credit[] = "© OpenStreetMap contributors";

static const char *const names[PCT_MAP_SOURCE_COUNT] = {"own", "openstreetmap", "town"};

const char *pct_map_source_name(pct_map_source source) {
    return names[source];
}

bool pct_map_source_named(pct_text name, pct_map_source *out) {
    for (int i = 0; i < PCT_MAP_SOURCE_COUNT; i++) {
        if (!pct_text_equal(name, names[i])) continue;
        *out = (pct_map_source)i;
        return true;
    }
    return false;
}

void pct_site_write_credit(const pct_site *site, pct_language language, pct_buffer *out) {
    switch (site->map_source) {
    case PCT_MAP_OPENSTREETMAP: (void)pct_buffer_append_text(out, osm_credit); break;
    case PCT_MAP_TOWN: (void)pct_message_render(PCT_MSG_MAP_CREDIT_TOWN, NULL, 0, language, out); break;
    default: (void)pct_buffer_append_text(out, site->map_credit);
    }
}

static void append_escaped(pct_buffer *out, const char *text) {
    for (const char *c = text; *c; c++) {
        const char *name = *c == '&'   ? "&amp;"
                           : *c == '<' ? "&lt;"
                           : *c == '>' ? "&gt;"
                           : *c == '"' ? "&quot;"
                                       : NULL;
        (void)(name ? pct_buffer_append_text(out, name) : pct_buffer_append(out, c, 1));
    }
}

void pct_site_write_credit_html(const pct_site *site, pct_language language, pct_buffer *out) {
    if (site->map_source == PCT_MAP_OPENSTREETMAP)
        (void)pct_buffer_append_format(
            out,
            "<a href=\"https://www.openstreetmap.org/copyright\" target=\"_blank\" rel=\"noopener\">%s</a>",
            osm_credit);
    else if (site->map_source == PCT_MAP_OWN)
        append_escaped(out, site->map_credit);
    else
        pct_site_write_credit(site, language, out);
}
