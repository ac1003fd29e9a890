/* Whose a site's map is, and how that is said. OpenStreetMap asks for its name, with a link, wherever its data is
 * shown or handed on; a generated town must not borrow that name; an own network says what its mapping says. */
#ifndef PCT_SITE_CREDIT_H
#define PCT_SITE_CREDIT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/message.h"

typedef struct pct_site pct_site;

typedef enum pct_map_source {
    PCT_MAP_OWN,
    PCT_MAP_OPENSTREETMAP,
    PCT_MAP_TOWN,
    PCT_MAP_SOURCE_COUNT
} pct_map_source;

enum { PCT_MAP_CREDIT_MAX = 256 }; /* bytes of an own map's credit, with its zero */

/* "own", "openstreetmap", "town". */
const char *pct_map_source_name(pct_map_source source);
bool pct_map_source_named(pct_text name, pct_map_source *out);

/* Appends the credit as plain text or as HTML; nothing where there is nobody to name. */
void pct_site_write_credit(const pct_site *site, pct_language language, pct_buffer *out);
void pct_site_write_credit_html(const pct_site *site, pct_language language, pct_buffer *out);

#endif
