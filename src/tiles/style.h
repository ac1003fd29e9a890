/* The map's style for MapLibre GL (https://maplibre.org/maplibre-style-spec), written out of one template with themes.
 *
 * The template (definitions/style/map.json) has three members:
 *
 *     themes   "day", "night": names → colours; each theme has the same names
 *     shared   names → anything that several layers use
 *     style    a style without sources, where a text "@name" stands for what the theme, or else shared, has under it
 *
 * The one source of the style written is "map", at `tiles_url`. A client chooses language ("zh", "en") and which areas
 * show ("partition", "level"; "" is all) by setting the style's global state. The style names no glyphs: MapLibre then
 * draws all text with the fonts of the machine, and nothing is fetched. */
#ifndef PCT_TILES_STYLE_H
#define PCT_TILES_STYLE_H

#include "base/buffer.h"
#include "tiles/tiles.h"

typedef struct pct_tiles_style {
    const char *file; /* names the template in errors */
    pct_text template_bytes;
    pct_text theme; /* PCT_NOT_FOUND when the template has no such one */
    const char *
        tiles_url; /* "/tiles/{z}/{x}/{y}.pbf", with the server's origin before it where a client needs one */
    const char *attribution; /* whose map it is, as HTML (site/credit.h); NULL: nobody is named */
    pct_text
        language; /* "zh", "en": written into the style for clients without global state; empty: chosen by it */
} pct_tiles_style;

/* Appends the style as JSON. O(template). */
pct_status pct_tiles_style_write(const pct_tiles_style *style, const pct_tiles *tiles, pct_buffer *out,
                                 pct_error *error) PCT_MUST_USE;

#endif
