/* The generated town: a believable place for tests, drills and demonstrations, from one number.
 *
 * The same request gives the same bytes. Nothing in it exists: it lies in the empty Badain Jaran desert (anchor
 * 102.4° E, 40.1° N), where no real city's map or people can be mistaken for it.
 *
 * How it is made (one file each):
 *   plan     a lattice of lines; every few of them are main roads and cut the town into blocks; a river and a
 *            motorway each take a strip between two lines; blocks get a setting (urban, suburban, rural) and a style
 *   shape    lattice → metres: rings grow round, the centre is dense, lines bend, the river winds
 *   street   main roads: rings, radials, riverside drives, bridges
 *   fill     the inside of each block by its style: grid, mixed streets, estate, works, campus, village, field
 *   motorway carriageways, links, diagonals, curved main roads, roundabouts
 *   network  main connected part, one-ways that keep it strongly connected, ways, junctions
 *   turn     turn restrictions          house  house numbers
 *   area, place, unit, call             what lies on the roads
 *   duty     what its units are asked to visit between calls
 *   map      all of it as OpenStreetMap PBF
 *   region   above PCT_TOWN_ALONE_MAX nodes: many such towns, from village to city, and the roads between them
 *
 * Time and memory are O(nodes). */
#ifndef PCT_TOWN_TOWN_H
#define PCT_TOWN_TOWN_H

#include "base/buffer.h"
#include "demand/demand.h"

enum {
    PCT_TOWN_NODES_MIN = 200,
    PCT_TOWN_NODES_MAX = 5000000,
    PCT_TOWN_ALONE_MAX = 200000, /* more nodes make a region of many towns */
    PCT_TOWN_PEOPLE_PER_NODE = 12,
    PCT_TOWN_DAYS = 7, /* of calls, unless asked otherwise */
    PCT_TOWN_DAYS_MAX = 366
};

typedef struct pct_town_request {
    uint64_t seed;
    uint32_t nodes;  /* road junctions and dead ends wanted; met within 10 % */
    uint32_t people; /* 0: as many as belong to the nodes */
    uint32_t days;   /* of calls, from Monday 2026-06-01; 0: PCT_TOWN_DAYS */
} pct_town_request;

/* What a town's map says wrote it; from the front of it a reader knows that the map is nobody's survey. */
#define PCT_TOWN_PROGRAM "precinct town"

/* Lists of a duty problem (docs/reference/duty-plan.md), the items of each without its brackets. */
typedef enum pct_town_duty_part {
    PCT_TOWN_DUTY_UNITS,
    PCT_TOWN_DUTY_POINTS,
    PCT_TOWN_DUTY_LINES,
    PCT_TOWN_DUTY_AREAS,
    PCT_TOWN_DUTY_HOLDS,
    PCT_TOWN_DUTY_PREMISES,
    PCT_TOWN_DUTY_PARTS
} pct_town_duty_part;

typedef struct pct_town_files {
    pct_buffer map;                             /* OpenStreetMap PBF */
    pct_buffer areas, places, stations;         /* GeoJSON */
    pct_buffer units, calls;                    /* CSV */
    pct_buffer duty;                            /* JSON: the duty problem of the first day */
    pct_buffer duty_parts[PCT_TOWN_DUTY_PARTS]; /* of which it is made */
} pct_town_files;

typedef struct pct_town_summary {
    uint32_t nodes, segments; /* as an importer that cuts ways where they meet or end finds them */
    uint32_t people, areas, places, stations, units, calls, restrictions, houses;
} pct_town_summary;

/* The number of people that a town of so many nodes has, and back. */
uint32_t pct_town_people(uint32_t nodes);
uint32_t pct_town_nodes(uint32_t people);

pct_status pct_town_generate(const pct_town_request *request, const pct_demand_table *demand,
                             pct_town_files *out, pct_town_summary *summary, pct_error *error) PCT_MUST_USE;
void pct_town_files_init(pct_town_files *files); /* empty */
void pct_town_files_dispose(pct_town_files *files);

#endif
