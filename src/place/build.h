/* Making a gazetteer from a map and what a site is given.
 *
 *     status = pct_gazetteer_builder_new(&builder, error);
 *     status = pct_gazetteer_add_network(builder, network, error);         // streets and crossings
 *     status = pct_gazetteer_add_osm(builder, file, bytes, error);         // named objects and addresses
 *     status = pct_gazetteer_add_ranges(builder, network, &csv, error);    // house numbers of a CSV network
 *     status = pct_gazetteer_add_points(builder, &points, category, error);
 *     status = pct_gazetteer_add_areas(builder, &areas, error);
 *     status = pct_gazetteer_build(builder, &gazetteer, error);
 *     pct_gazetteer_builder_free(builder);
 *
 * The network comes first; each of the others may be left out. Two entries of one name within 60 m are one, and the
 * more private of the two. Memory goes with what is kept, not with the map. O(n log n). */
#ifndef PCT_PLACE_BUILD_H
#define PCT_PLACE_BUILD_H

#include "geo/geojson.h"
#include "place/gazetteer.h"
#include "road/import.h"

typedef struct pct_gazetteer_builder pct_gazetteer_builder;

pct_status pct_gazetteer_builder_new(pct_gazetteer_builder **out, pct_error *error) PCT_MUST_USE;
void pct_gazetteer_builder_free(pct_gazetteer_builder *builder);

pct_status pct_gazetteer_add_network(pct_gazetteer_builder *builder, const pct_network *network,
                                     pct_error *error) PCT_MUST_USE;
/* The datum of the map's file, before it is added; WGS-84 otherwise. All else that is added is WGS-84. */
void pct_gazetteer_set_datum(pct_gazetteer_builder *builder, pct_datum datum);
pct_status pct_gazetteer_add_osm(pct_gazetteer_builder *builder, const char *file, pct_text bytes,
                                 pct_error *error) PCT_MUST_USE;
/* The edges must be those that the network was imported from. Nothing happens without a mapping that names
 * address_left and address_right, each [column of the number at the begin, column of that at the end]. */
pct_status pct_gazetteer_add_ranges(pct_gazetteer_builder *builder, const pct_network *network,
                                    const pct_csv_network *source, pct_error *error) PCT_MUST_USE;
/* Premises of a site; `category` is for points that do not say theirs, NULL: such points are not known to be public. */
pct_status pct_gazetteer_add_points(pct_gazetteer_builder *builder, const pct_named_points *points,
                                    const char *category, pct_error *error) PCT_MUST_USE;
pct_status pct_gazetteer_add_areas(pct_gazetteer_builder *builder, const pct_areas *areas,
                                   pct_error *error) PCT_MUST_USE;
/* The builder is spent afterwards. */
pct_status pct_gazetteer_build(pct_gazetteer_builder *builder, pct_gazetteer **out,
                               pct_error *error) PCT_MUST_USE;

#endif
