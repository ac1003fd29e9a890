/* Private to place/: what the makers of entries share. Entries, lines, houses and ranges are collected in any order
 * and numbered anew when the gazetteer is built. */
#ifndef PCT_PLACE_BUILDER_H
#define PCT_PLACE_BUILDER_H

#include "base/map.h"
#include "base/vector.h"
#include "osm/pbf.h"
#include "place/build.h"
#include "place/data.h"

/* A house number as the map gives it: the street's name is looked for when all streets are known. */
typedef struct pct_found_house {
    uint32_t street, label; /* numbers of texts */
    uint32_t number;
    uint8_t dwelling;
    bool of_a_place; /* addr:place: no street, but a place or quarter */
    pct_position position;
} pct_found_house;

struct pct_gazetteer_builder {
    pct_names texts;
    pct_vector entries, lines, points; /* pct_place_entry, pct_place_line, pct_position */
    pct_vector found_houses, ranges;   /* pct_found_house, pct_house_range */
    uint32_t *segment_line;            /* [segment_count] the line of a segment, PCT_NO_INDEX */
    uint32_t segment_count;
    pct_datum datum; /* of the map's file */
};

enum { PCT_GAZETTEER_ITEMS_MAX = 1 << 26 };

pct_status pct_builder_text(pct_gazetteer_builder *builder, pct_text text, uint32_t *number,
                            pct_error *error) PCT_MUST_USE;
/* A new entry with its texts; position, extent and what else it has are the caller's to set. */
pct_status pct_builder_entry(pct_gazetteer_builder *builder, pct_place_kind kind, pct_text name,
                             pct_text name_en, uint32_t *number, pct_error *error) PCT_MUST_USE;
pct_place_entry *pct_builder_entry_at(const pct_gazetteer_builder *builder, uint32_t number);
pct_status pct_builder_line(pct_gazetteer_builder *builder, uint32_t entry, const pct_position *points,
                            size_t count, pct_error *error) PCT_MUST_USE;
pct_status pct_builder_house(pct_gazetteer_builder *builder, const pct_found_house *house,
                             pct_error *error) PCT_MUST_USE;

/* Disjoint sets over 0 … n-1 (union by lowest number, halving paths): O(log n) amortised. */
uint32_t pct_set_of(uint32_t *parent, uint32_t item);
void pct_set_unite(uint32_t *parent, uint32_t a, uint32_t b);
pct_status pct_sets_new(uint32_t count, uint32_t **parent, pct_error *error) PCT_MUST_USE;

/* A box grown by so many metres on each side. */
pct_box pct_box_grown(pct_box box, double by_m);

/* What OpenStreetMap tags say of an object. */
typedef struct pct_osm_place {
    bool named, addressed; /* becomes an entry; becomes a house number */
    pct_place_kind kind;
    pct_dwelling dwelling;
    pct_text name, name_en;
    pct_text key, value; /* its category */
    pct_text house_number, street;
    bool of_a_place;
} pct_osm_place;
pct_osm_place pct_osm_place_of(pct_osm_tags tags, bool is_way);

/* --- steps of pct_gazetteer_build ------------------------------------------------------------------------ */

/* Entries of one name that lie near each other become one: `alias` [entries] gives the one that stays. */
pct_status pct_builder_merge(pct_gazetteer_builder *builder, uint32_t *alias, pct_error *error) PCT_MUST_USE;
/* Gives each found house its entry, making one where the map has none of that name nearby. */
pct_status pct_builder_settle_houses(pct_gazetteer_builder *builder, pct_vector *houses /* pct_house */,
                                     pct_error *error) PCT_MUST_USE;
/* Orders `starts` by the text from there on. O(n log n) expected. */
void pct_starts_sort(pct_place_start *starts, size_t count, const char *folded);

#endif
