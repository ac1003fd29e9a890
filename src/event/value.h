/* Values that events are made of. Ids are kind letter + sequence number of the creating event ("C17"); each kind
 * is a type of its own, so that they cannot be swapped; seq 0 means "none". */
#ifndef PCT_EVENT_VALUE_H
#define PCT_EVENT_VALUE_H

#include "geo/position.h"

/* An id of any kind: what events carry as their object. Kinds: C call, I incident, O dispatch order, U unit, A area, K case, R round, Z cordon,
 * L closure, P place, S account of staff, Q request for an act of two persons, B broken glass, T term of retention, M map, D duty problem,
 * G duty plan, X directed order, V duty level. */
typedef struct pct_id {
    int64_t seq;
    char kind;
} pct_id;

#define PCT_ID_KINDS(X)                                                                                      \
    X(call, 'C')                                                                                             \
    X(incident, 'I')                                                                                         \
    X(order, 'O')                                                                                            \
    X(unit, 'U')                                                                                             \
    X(area, 'A')                                                                                             \
    X(case, 'K')                                                                                             \
    X(round, 'R')                                                                                            \
    X(cordon, 'Z')                                                                                           \
    X(closure, 'L')                                                                                          \
    X(place, 'P')                                                                                            \
    X(account, 'S')                                                                                          \
    X(request, 'Q')                                                                                          \
    X(break_glass, 'B')                                                                                      \
    X(term, 'T')                                                                                             \
    X(map, 'M')                                                                                              \
    X(series, 'N')                                                                                           \
    X(watch, 'W')                                                                                            \
    X(duty, 'D')                                                                                             \
    X(plan, 'G')                                                                                             \
    X(directed, 'X')                                                                                         \
    X(level, 'V')

#define X(name, letter)                                                                                      \
    typedef struct pct_##name##_id {                                                                         \
        int64_t seq;                                                                                         \
    } pct_##name##_id;
PCT_ID_KINDS(X)
#undef X

enum { PCT_ID_TEXT = 24 }; /* room for any id as text, with its NUL */

/* Writes "C17" and returns its length. */
size_t pct_id_write(pct_id id, char out[PCT_ID_TEXT]);
/* false unless the whole text is a kind letter and a number from 1 on without leading zeros. */
bool pct_id_read(pct_text text, pct_id *out);

/* A stretch of road as events name it: never node or edge numbers of an index, which change with the map. */
typedef struct pct_road_ref {
    int64_t way, from,
        to; /* ids in the source of the map: the way, the node where the stretch begins and ends */
} pct_road_ref;

#endif
