/* Events of every type, drawn from a random stream with every kind of value that its table allows; and their equality. */
#ifndef PCT_TESTS_SUPPORT_EVENTS_H
#define PCT_TESTS_SUPPORT_EVENTS_H

#include "base/rng.h"
#include "event/codec.h"

typedef struct test_byte_source {
    pct_rng rng;
    char pool[4096]; /* the texts of the event drawn last */
    size_t used;
    _Alignas(8) char places[4][512 * 24]; /* its lists of roads and positions */
    unsigned places_used;
} test_byte_source;

pct_event test_draw_event(test_byte_source *from, pct_event_type type);
void test_same_text(pct_text a, pct_text b);
/* Fails unless both are the same, texts compared by content. */
void test_same_event(const pct_event *a, const pct_event *b);

#endif
