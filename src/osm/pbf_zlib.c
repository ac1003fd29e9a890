#include "osm/pbf_zlib.h"

#include "base/memory.h"

voidpf pct_pbf_zlib_alloc(voidpf opaque, uInt items, uInt size) {
    (void)opaque;
    return pct_alloc(items, size);
}

void pct_pbf_zlib_free(voidpf opaque, voidpf address) {
    (void)opaque;
    pct_free(address);
}
