/* Any bytes: refused, or an event whose encoding, when it is of the present version, is these bytes. */
#include <stdlib.h>
#include <string.h>

#include "event/codec.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    pct_arena arena = pct_arena_init(1 << 20);
    pct_buffer again = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    pct_event event;
    if (pct_event_decode((pct_text){(const char *)bytes, length}, &arena, &event, NULL) == PCT_OK) {
        if (pct_event_encode(&event, &again, NULL) != PCT_OK) abort();
        bool present = event.version == pct_event_type_version(event.type);
        if (present && (again.length != length || memcmp(again.bytes, bytes, length) != 0)) abort();
    }
    pct_buffer_dispose(&again);
    pct_arena_dispose(&arena);
    return 0;
}
