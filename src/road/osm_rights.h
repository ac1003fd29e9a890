/* Private to road/: what the tags of an OpenStreetMap way say about driving on it.
 *
 * Two kinds of drivers are kept apart. General traffic follows the most specific of motorcar, motor_vehicle,
 * vehicle and access (each also with :forward or :backward); destination counts as open, since anybody may have
 * business there, while private, customers, delivery, permit and the like do not. Response units may also use
 * what is private, pedestrian zones, bus ways and emergency ways, but nothing that is access=no (unless
 * emergency=yes, or buses may), and nothing that is emergency=no. One-ways hold for both.
 *
 * Conditional tags are judged once for all hours (osm_condition.h). What holds at certain times is read with caution: for
 * general traffic a ban holds always and a permission never; a road that is one-way at times is one-way; a limit counts
 * when it holds for most of the week. Bans at certain times do not stop response units: a pass closed by snow is a closure,
 * which the desk sets and lifts. Each such reading is a note for the report.
 *
 *   highway                                   general        response units
 *   motorway … service, road, *_link          yes            yes
 *   track                                     if tagged so   yes
 *   pedestrian, busway, emergency_access,
 *   service=emergency_access                  if vehicles are  yes
 *   footway, path, cycleway, bridleway        if motor       if motor vehicles or emergency=yes
 *                                             vehicles are
 *   route=ferry                               unless motor_vehicle=no (both) */
#ifndef PCT_ROAD_OSM_RIGHTS_H
#define PCT_ROAD_OSM_RIGHTS_H

#include "osm/pbf.h"
#include "road/network.h"

enum { PCT_OSM_NOTES_MAX = 6 };

typedef struct pct_osm_road {
    bool kept;
    pct_message dropped; /* why not; PCT_MSG_NONE when it is no road at all */
    pct_road_class road_class;
    uint8_t flags;                        /* PCT_SEGMENT_… */
    uint8_t limit_kmh[2];                 /* as a segment's */
    uint32_t crossing_ms;                 /* of the whole way; 0: not stated */
    pct_message notes[PCT_OSM_NOTES_MAX]; /* what was read otherwise than it stands there, for the report */
    size_t note_count;
    pct_text name, name_en; /* borrowed from the tags; the reference number where there is no name */
} pct_osm_road;

/* What the access tags of a node say of driving through it. */
typedef struct pct_osm_passage {
    bool said;              /* they say something of vehicles */
    bool general, response; /* who may, where they do */
    bool emergency;         /* emergency=yes */
} pct_osm_passage;

pct_osm_passage pct_osm_passage_of(pct_osm_tags tags);

/* O(tags). */
pct_osm_road pct_osm_road_of(pct_osm_tags tags);

#endif
