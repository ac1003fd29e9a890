/* The gazetteer: what a call-taker may type to name a spot on the map, and how it is found while it is typed.
 *
 *   street    all stretches of one name that touch or lie near each other
 *   crossing  where two named streets meet; roundabouts count as one spot
 *   place     premises and public places with a name        area   quarters, villages, districts
 *   address   a house number of a street: known, or interpolated between known ones or along a range
 *   position  "lon,lat" typed as such, or "lat,lon" where it can mean nothing else
 *
 * A pct_gazetteer is immutable: share it between threads. It is made at init (place/build.h) or opened from an index
 * file (place/index.h). A pct_gazetteer_scratch belongs to one thread; searching with it allocates nothing.
 *
 *     pct_place_query query = {.text = text, .near = &position, .limit = 10};
 *     status = pct_gazetteer_search(gazetteer, scratch, &query, hits, &count, error);
 *
 * Names are compared without case and accents. Chinese is found by any substring, other scripts by the beginnings of
 * words. Nothing here knows people: entries are places, and names of single dwellings are not kept. */
#ifndef PCT_PLACE_GAZETTEER_H
#define PCT_PLACE_GAZETTEER_H

#include "base/buffer.h"
#include "geo/position.h"

/* In the order in which equally good hits are ranked. */
#define PCT_PLACE_KINDS(X)                                                                                   \
    X(STREET, "street")                                                                                      \
    X(PLACE, "place")                                                                                        \
    X(AREA, "area")                                                                                          \
    X(CROSSING, "crossing")                                                                                  \
    X(ADDRESS, "address")                                                                                    \
    X(POSITION, "position")

typedef enum pct_place_kind {
#define X(name, text) PCT_PLACE_##name,
    PCT_PLACE_KINDS(X)
#undef X
        PCT_PLACE_KIND_COUNT
} pct_place_kind;

/* Whether somebody lives there. What is not known to be a street, a crossing, premises or a public place is
 * unknown, and for every limit unknown counts as yes. */
#define PCT_DWELLINGS(X)                                                                                     \
    X(NO, "no")                                                                                              \
    X(UNKNOWN, "unknown")                                                                                    \
    X(YES, "yes")

typedef enum pct_dwelling {
#define X(name, text) PCT_DWELLING_##name,
    PCT_DWELLINGS(X)
#undef X
        PCT_DWELLING_COUNT
} pct_dwelling;

/* How a hit's name meets the text, best first. */
#define PCT_PLACE_MATCHES(X)                                                                                 \
    X(EXACT, "exact")                                                                                        \
    X(PREFIX, "prefix")                                                                                      \
    X(WORD, "word")           /* the beginning of a word inside */                                           \
    X(SUBSTRING, "substring") /* inside, for scripts without words */                                        \
    X(PARTS, "parts")         /* read as a crossing or as a house number */                                  \
    X(WORDS, "words")         /* each word for itself */

typedef enum pct_place_match {
#define X(name, text) PCT_PLACE_MATCH_##name,
    PCT_PLACE_MATCHES(X)
#undef X
        PCT_PLACE_MATCH_COUNT
} pct_place_match;

const char *pct_place_kind_name(pct_place_kind kind);
const char *pct_dwelling_name(pct_dwelling dwelling);
/* Whether a kind of premises, as files of places name them, is a dwelling. */
pct_dwelling pct_dwelling_of_kind(pct_text kind);
const char *pct_place_match_name(pct_place_match match);

enum { PCT_PLACE_HITS_MAX = 100, PCT_PLACE_QUERY_BYTES_MAX = 512, PCT_HOUSE_LABEL_MAX = 16 };

typedef struct pct_place_query {
    pct_text text;
    const pct_position *near; /* equally good hits come by distance from here; NULL: by name */
    size_t limit;             /* 1 to PCT_PLACE_HITS_MAX */
} pct_place_query;

/* Texts borrow from the gazetteer; "" where the map says nothing. */
typedef struct pct_place_hit {
    pct_place_kind kind;
    pct_place_match match;
    pct_text name, name_en; /* of the street for an address; "" for a position */
    pct_text category;      /* "amenity=school" as the map says, or the kind a file of places gave */
    char house_number[PCT_HOUSE_LABEL_MAX];
    bool interpolated;     /* the house number is not on the map; its position is an estimate */
    pct_position position; /* of a street: on it */
    pct_box extent;
    double distance_m; /* from query.near; NAN without it */
    pct_dwelling dwelling;
} pct_place_hit;

typedef struct pct_gazetteer pct_gazetteer;
typedef struct pct_gazetteer_scratch pct_gazetteer_scratch;

void pct_gazetteer_free(pct_gazetteer *gazetteer); /* accepts NULL */
pct_status pct_gazetteer_scratch_new(const pct_gazetteer *gazetteer, pct_gazetteer_scratch **out,
                                     pct_error *error) PCT_MUST_USE;
void pct_gazetteer_scratch_free(pct_gazetteer_scratch *scratch);

/* The best `limit` hits, best first, the same for the same question; *count of them, 0 when there are none. PCT_INPUT
 * for text that is not UTF-8, PCT_LIMIT for text or limit beyond the maxima. O(log n + names that contain the text's
 * rarest word). `hits` has room for query->limit. */
pct_status pct_gazetteer_search(const pct_gazetteer *gazetteer, pct_gazetteer_scratch *scratch,
                                const pct_place_query *query, pct_place_hit *hits, size_t *count,
                                pct_error *error) PCT_MUST_USE;

/* Whether the position is known to be in public: on a named street, at a crossing, in or at a known public place, and
 * no known address nearer. Everything else counts as a dwelling. O(log n + what lies within 30 m). */
bool pct_gazetteer_is_public_place(const pct_gazetteer *gazetteer, pct_position position);

/* A named place that is no dwelling: premises, a station, a public place. Texts borrow from the gazetteer. */
typedef struct pct_place_spot {
    uint32_t entry; /* its number: in order of names */
    pct_text name, name_en, category;
    pct_position position;
} pct_place_spot;
typedef void pct_gazetteer_see(void *context, const pct_place_spot *spot);
/* Each of them in the box, in no order that means anything. O(log n + found). */
void pct_gazetteer_each_place(const pct_gazetteer *gazetteer, pct_box box, pct_gazetteer_see *see,
                              void *context);

/* How a hit is written in its own script: "人民路12号", "Main Street 12", or the coordinates of a position. */
pct_status pct_place_hit_label(const pct_place_hit *hit, pct_buffer *out);

/* How many entries of a kind there are, and how many house numbers and ranges of them. */
typedef struct pct_gazetteer_size {
    uint32_t kinds[PCT_PLACE_KIND_COUNT];
    uint32_t houses, ranges;
} pct_gazetteer_size;
pct_gazetteer_size pct_gazetteer_size_of(const pct_gazetteer *gazetteer);

/* The name of an entry, whichever number is asked for (modulo their count): what measurements ask with. "" without
 * entries. */
pct_text pct_gazetteer_sample_name(const pct_gazetteer *gazetteer, uint32_t number);

#endif
