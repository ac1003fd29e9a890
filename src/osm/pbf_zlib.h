/* Private to osm/: zlib takes its memory where all of us do. */
#ifndef PCT_OSM_PBF_ZLIB_H
#define PCT_OSM_PBF_ZLIB_H

#include <zlib.h>

voidpf pct_pbf_zlib_alloc(voidpf opaque, uInt items, uInt size);
void pct_pbf_zlib_free(voidpf opaque, voidpf address);

#endif
