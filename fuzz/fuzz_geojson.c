/* Any bytes: refused, or areas and points that can be asked. */
#include <stdlib.h>

#include "geo/geojson.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    pct_text text = {(const char *)bytes, length};
    pct_arena arena = pct_arena_init(1 << 20);
    pct_error error;
    pct_areas areas;
    pct_named_points points;
    if (pct_geojson_read_areas("f", text, NULL, &arena, &areas, &error) == PCT_OK)
        for (size_t i = 0; i < areas.count; i++) {
            const pct_area *area = &areas.items[i];
            if (area->name.length == 0 || (area->parent != PCT_NO_AREA && area->parent >= areas.count))
                abort();
            if (!(pct_shape_area_m2(&area->shape) >= 0.0)) abort();
            if (pct_shape_contains(&area->shape, (pct_position){area->shape.box.max.lon_e7, 0})) abort();
        }
    if (pct_geojson_read_points("f", text, &arena, &points, &error) == PCT_OK)
        for (size_t i = 0; i < points.count; i++)
            if (points.items[i].name.length == 0) abort();
    pct_arena_dispose(&arena);
    return 0;
}
