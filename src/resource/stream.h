/* What a stream of server-sent events says, as text; who carries it is the server's business.
 *
 *     id: 1042
 *     event: change
 *     data: {"seq":1042,"type":"order_sent","at":"…","objects":[{…},…]}      objects as the lists show them, as they are now
 *
 *     event: positions                                                        no id: a lost one is not asked for again
 *     data: {"at":"…","positions":[{"unit":"U3","position":[…],…}]}
 *
 *     id: 1100
 *     event: reset                                                            too old: load the lists again
 *     data: {"seq":1100}
 *
 * A frame is everything that is new behind a cursor. O(what is new). Nothing sealed is in it. */
#ifndef PCT_RESOURCE_STREAM_H
#define PCT_RESOURCE_STREAM_H

#include "resource/service.h"

typedef struct pct_stream_cursor {
    int64_t seq;   /* of the last event that the reader has */
    int64_t fixes; /* version of the last positions that it has */
} pct_stream_cursor;

enum { PCT_FRAME_MAX = 8 << 20, PCT_FRAME_NOTICES_MAX = 1000, PCT_FRAME_FIXES_MAX = 20000 };

/* Appends the frame behind *cursor and moves it. Positions only when asked: they go out once a second. */
pct_status pct_stream_frame(const pct_service *service, pct_stream_cursor *cursor, bool positions,
                            pct_buffer *out, pct_error *error) PCT_MUST_USE;

#endif
