/* A site: the folder that holds everything of one service.
 *
 *     site.json          format, time zone, drill or not, where the agency's key is when not here, whose the map is, shorter
 *                        periods of retention, idle time and second factor
 *     map/road.index     the road network (road/index.h)
 *     map/patrol.index   its turns, for profile patrol
 *     map/tiles.index    the base map (tiles/tiles.h)
 *     map/places.index   the gazetteer (place/index.h)
 *     map/map.json       the map's version, source and report (site/map_facts.h)
 *     map/areas.geojson  areas, stations, places as they were given, where they were
 *     units.csv
 *     learnt_speeds.csv  speeds by band, where they have been learnt (site/bands.h)
 *     spool/             calls that the record could not take (desk/intake.h), unless site.json names another folder
 *     zone.tzif          the rules of its time zone, so that it keeps its time on any machine
 *     definitions/       speeds, codes, rates, times: tables its people edit
 *
 * Opening reads site.json and the zone alone; the road index is opened on demand, for it is the large part.
 * Close accepts a zeroed site. */
#ifndef PCT_SITE_SITE_H
#define PCT_SITE_SITE_H

#include <stdbool.h>

#include "clock/zone.h"
#include "dispatch/codes.h"
#include "place/index.h"
#include "road/index.h"
#include "site/credit.h"
#include "site/file.h"
#include "site/keeping.h"
#include "site/log_shown.h"
#include "site/map_facts.h"
#include "site/openid.h"
#include "site/sign_in.h"

enum { PCT_SITE_FORMAT = 1, PCT_ZONE_NAME_MAX = 64, PCT_PARTITION_MAX = 65 };

typedef struct pct_site {
    char folder[PCT_PATH_MAX];
    char zone_name[PCT_ZONE_NAME_MAX];
    bool drill;
    char agency_key[PCT_PATH_MAX]; /* where the agency's key lies; empty: in the folder (site/agency.h) */
    pct_site_keeping keeping;      /* how long sealed data are kept here (site/keeping.h) */
    pct_site_sign_in sign_in;      /* idle time, second factor (site/sign_in.h) */
    pct_site_openid openid;        /* a provider to sign in with (site/openid.h) */
    bool log_public;               /* tree heads and hash tiles are for everybody (site/log_shown.h) */
    char spool[PCT_PATH_MAX];      /* folder of the spool, another disk best; empty: spool/ in the folder */
    char partition
        [PCT_PARTITION_MAX]; /* by whose areas rights go (site/beats.h); empty: the first of areas.geojson */
    pct_map_source map_source;
    char map_credit[PCT_MAP_CREDIT_MAX]; /* of an own map; may be empty */
    int64_t map_version;
    pct_zone zone;
    pct_road *road;      /* NULL until pct_site_open_road */
    pct_road *open_road; /* what road was made from; NULL: it is the site's own (site/bands.h) */
    pct_mapped_file road_file;
    pct_road *patrol;      /* NULL until pct_site_open_patrol */
    pct_road *open_patrol; /* as open_road */
    pct_mapped_file patrol_file;
    pct_gazetteer *gazetteer; /* NULL until pct_site_open_gazetteer */
    pct_mapped_file gazetteer_file;
} pct_site;

pct_status pct_site_open(const char *folder, pct_site *out, pct_error *error) PCT_MUST_USE;
/* With the speeds of the site's table, or with one speed for all roads when speed_kmh is not 0. */
pct_status pct_site_open_road(pct_site *site, double speed_kmh, pct_error *error) PCT_MUST_USE;
/* Beside the road, which must be open, with the same speed_kmh. PCT_INPUT when the site's map has no patrol.index yet. */
pct_status pct_site_open_patrol(pct_site *site, double speed_kmh, pct_error *error) PCT_MUST_USE;
/* Whether there is such a file. */
bool pct_site_has_patrol(const pct_site *site);
pct_status pct_site_open_gazetteer(pct_site *site, pct_error *error) PCT_MUST_USE;
void pct_site_close(pct_site *site);

/* A file of the site by its name in the folder. */
pct_status pct_site_map_file(const pct_site *site, const char *name, pct_mapped_file *out,
                             pct_error *error) PCT_MUST_USE;
/* A definition: the site's own file or, where it has none, the shipped one. `out->memory` is NULL then. */
pct_status pct_site_map_definition(const pct_site *site, const char *name, pct_mapped_file *out,
                                   pct_error *error) PCT_MUST_USE;

/* What a new site is made of; texts may be empty (length 0) except the road. */
typedef struct pct_site_parts {
    const char *zone_name;
    bool drill;
    pct_map_facts map;
    const pct_road *road, *patrol;
    const pct_gazetteer *gazetteer; /* NULL: none */
    const pct_speeds *speeds;       /* NULL: the shipped ones */
    pct_text areas, stations, places, units;
    pct_text base_map; /* map/tiles.index */
} pct_site_parts;

/* Makes the folder whole or not at all. PCT_BUSY when it is in use. */
pct_status pct_site_create(const char *folder, const pct_site_parts *parts, uint64_t *index_bytes,
                           pct_error *error) PCT_MUST_USE;
/* Puts a new map in the place of the old one: all of parts that lies in map/, the facts among it. The new map is written
 * and synced beside the old one; then the two folders change places in one step, so that a power cut leaves the one or the
 * other. Whoever has the old files open keeps them. */
pct_status pct_site_replace_map(const pct_site *site, const pct_site_parts *parts, uint64_t *index_bytes,
                                pct_error *error) PCT_MUST_USE;
/* Of a site that was made before maps had facts: no report, version 1. */
pct_status pct_site_map_facts(const pct_site *site, pct_map_facts *out, pct_error *error) PCT_MUST_USE;
/* The rules of a zone as this machine has them. */
pct_status pct_zone_map_system(const char *name, pct_mapped_file *out, pct_error *error) PCT_MUST_USE;
/* The speeds and the code tables that come with the program. */
pct_status pct_site_shipped_speeds(pct_speeds *out, pct_error *error) PCT_MUST_USE;
pct_status pct_site_shipped_codes(pct_codes **out, pct_error *error) PCT_MUST_USE;

#endif
