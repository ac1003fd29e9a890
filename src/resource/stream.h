/* What a stream of server-sent events says, as text; who carries it is the server's business.
 *
 *     id: 1042
 *     event: change
 *     data: {"seq":1042,"type":"order_sent","at":"…","objects":[{…},…]}      objects as the lists show them, as they are now
 *
 *     event: positions                                                        no id: a lost one is not asked for again
 *     data: {"at":"…","positions":[{"unit":"U3","position":[…],…}]}
 *
 *     event: replay                                                           once a second while the server replays
 *     data: {"at":"…","speed":60.0,…}                                          as GET /api/v1/replay
 *
 *     event: state                                                            once a second, and at once when it changes
 *     data: {"state":"spool","reason":"disk_full",…}                           resource/state.h
 *
 *     id: 1100
 *     event: reset                                                            too old: load the lists again
 *     data: {"seq":1100}
 *
 * Nothing sealed is in it, and nothing that depends on the language: one text serves all readers of the same reach. What a
 * reader does not reach is left out; of changes of rights nothing is told. */
#ifndef PCT_RESOURCE_STREAM_H
#define PCT_RESOURCE_STREAM_H

#include "access/identity.h"
#include "resource/service.h"

/* Where a reader begins. */
typedef struct pct_stream_cursor {
    int64_t seq; /* of the last event that it has */
} pct_stream_cursor;

/* For whom; both are borrowed. */
typedef struct pct_stream_reader {
    const pct_identity *identity;
    const pct_role_set *scopes;
} pct_stream_reader;

enum { PCT_FRAME_MAX = 8 << 20, PCT_FRAME_NOTICES_MAX = 1000, PCT_FRAME_FIXES_MAX = 20000 };

/* Appends the events behind *seq up to `until`, at most PCT_FRAME_NOTICES_MAX, or a reset where *seq is too old or not of
 * this record; moves *seq. O(what is new). */
pct_status pct_stream_changes(const pct_service *service, const pct_stream_reader *reader, int64_t *seq,
                              int64_t until, pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* Appends what goes out once a second: the positions with a version above *fixes (0: of all units on duty); moves it. */
pct_status pct_stream_second(const pct_service *service, const pct_stream_reader *reader, int64_t *fixes,
                             pct_buffer *out, pct_error *error) PCT_MUST_USE;

#endif
