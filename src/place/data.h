/* Inside the gazetteer: the flat arrays that search reads and the index file holds. Only src/place includes this, and
 * its tests.
 *
 *   entries   ordered by kind, name, position: their numbers are the order of equals
 *   folded    for each entry in turn: folded name NUL folded English name NUL
 *   starts    where in `folded` a match may begin, ordered by the text from there on: a sparse suffix array, so that
 *             the names that contain a word are one range of it, found by halving
 *   lines     the stretches of streets and the outlines of places; points lie line by line
 *   houses    by (entry, number, label); ranges by (entry, low)
 *   spots     a tree over what is not a street: items below entry_count are entries, the others houses
 */
#ifndef PCT_PLACE_DATA_H
#define PCT_PLACE_DATA_H

#include "geo/tree.h"
#include "place/gazetteer.h"
#include "road/network.h"

typedef struct pct_place_entry {
    uint32_t name, name_en, category; /* numbers of texts */
    uint32_t folded_at;
    pct_position position;
    pct_box extent;
    uint32_t street_a, street_b; /* entries that cross; else PCT_NO_INDEX */
    uint8_t kind, dwelling;
    uint16_t reserved;
} pct_place_entry;

typedef struct pct_place_start {
    uint32_t at, entry;
} pct_place_start;

typedef struct pct_place_line {
    uint32_t entry;
    uint32_t point_at; /* its points end where the next line's begin */
} pct_place_line;

typedef struct pct_house {
    uint32_t entry, number, label; /* label: the text as written, "12A" */
    uint32_t dwelling;
    pct_position position;
} pct_house;

/* House numbers along one side of a line. */
typedef struct pct_house_range {
    uint32_t entry, line;
    uint32_t low, high;  /* low <= high */
    uint8_t step;        /* 2: only numbers of low's parity; 1: all */
    uint8_t descending;  /* high at the line's begin */
    uint8_t on_the_left; /* seen along the line */
    uint8_t reserved;
} pct_house_range;

struct pct_gazetteer {
    uint32_t entry_count, text_count, text_bytes, folded_bytes, start_count, line_count, point_count;
    uint32_t house_count, range_count;
    const pct_place_entry *entries;
    const uint32_t *text_at; /* [text_count + 1] */
    const char *text_chars;
    const char *folded;
    const pct_place_start *starts;
    const pct_place_line *lines;
    const pct_position *points;
    const pct_house *houses;
    const pct_house_range *ranges;
    pct_tree line_tree, spot_tree;
    bool owns; /* the arrays, one by one; else they lie in somebody's file */
};

pct_text pct_gazetteer_text(const pct_gazetteer *gazetteer, uint32_t number);
/* The points of a line. */
const pct_position *pct_gazetteer_line(const pct_gazetteer *gazetteer, uint32_t line, size_t *count);
uint32_t pct_spot_count(const pct_gazetteer *gazetteer);
pct_box pct_spot_box(const pct_gazetteer *gazetteer, uint32_t spot); /* empty for streets */

/* The first of the texts in order that begins with `text`, and the first behind those. O(log n). */
typedef struct pct_start_span {
    uint32_t first, end;
} pct_start_span;
pct_start_span pct_gazetteer_starts(const pct_gazetteer *gazetteer, const char *text, size_t length);

/* A house number of an entry, as far as the map tells. */
typedef struct pct_house_found {
    pct_position position;
    pct_dwelling dwelling;
    pct_text label; /* as on the map; length 0 when the position is interpolated */
} pct_house_found;
/* `suffix` is what follows the number, folded ("a"). O(log n). */
bool pct_gazetteer_find_house(const pct_gazetteer *gazetteer, uint32_t entry, uint32_t number,
                              const char *suffix, pct_house_found *out);
/* A house number at the begin of a text, and where it ends; false when there is none of at most 6 digits. */
bool pct_house_number_of(pct_text text, uint32_t *number, size_t *length);

#endif
