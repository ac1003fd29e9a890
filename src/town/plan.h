/* Inside the town: what its parts share. Only src/town includes this.
 *
 * The lattice has `rows` × `cols` vertices; vertex (r, c) is number r × cols + c. Some rows and cols are *lines*
 * (main roads); neighbouring lines bound a *block*. Blocks are numbered row by row from the south-west.
 *
 *      line row 2  ├────────┼───┼─────────┤
 *                  │block 3 │ 4 │ block 5 │      a strip (river, motorway) is a row of blocks one cell high
 *      line row 1  ├────────┼───┼─────────┤
 *                  │block 0 │ 1 │ block 2 │
 *      line row 0  └────────┴───┴─────────┘
 */
#ifndef PCT_TOWN_PLAN_H
#define PCT_TOWN_PLAN_H

#include <stdbool.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/vector.h"
#include "demand/demand.h"
#include "geo/position.h"
#include "road/network.h"
#include "town/town.h"

typedef enum pct_town_setting { PCT_TOWN_URBAN, PCT_TOWN_SUBURBAN, PCT_TOWN_RURAL } pct_town_setting;

typedef enum pct_town_style {
    PCT_TOWN_FIELD,
    PCT_TOWN_VILLAGE,
    PCT_TOWN_PARK,
    PCT_TOWN_GRID,
    PCT_TOWN_MIXED,
    PCT_TOWN_ESTATE,
    PCT_TOWN_INDUSTRY,
    PCT_TOWN_CAMPUS,
    PCT_TOWN_RIVER,
    PCT_TOWN_MOTORWAY
} pct_town_style;

/* Streams of random numbers: one for each part, so that changing one part leaves the others. */
enum {
    PCT_TOWN_STREAM_SHAPE = 1,
    PCT_TOWN_STREAM_STREET,
    PCT_TOWN_STREAM_MOTORWAY,
    PCT_TOWN_STREAM_TURN,
    PCT_TOWN_STREAM_HOUSE,
    PCT_TOWN_STREAM_AREA,
    PCT_TOWN_STREAM_PLACE,
    PCT_TOWN_STREAM_UNIT,
    PCT_TOWN_STREAM_CALL,
    PCT_TOWN_STREAM_NOISE,
    PCT_TOWN_STREAM_DUTY,
    PCT_TOWN_STREAM_VARIANTS = 100, /* + variant of the plan */
    PCT_TOWN_STREAM_BLOCKS = 1000   /* + block number */
};

enum { PCT_TOWN_RINGS_MAX = 3, PCT_TOWN_WAVES_MAX = 12, PCT_TOWN_CENTRES_MAX = 7, PCT_TOWN_NONE = -1 };
#define PCT_TOWN_PI 3.14159265358979323846

typedef struct pct_town_block {
    uint32_t r0, r1, c0, c1; /* its bounding lattice rows and cols */
    uint8_t style, setting;
    uint8_t use;   /* pct_land_use of its homes and houses */
    uint32_t name; /* estate, village, park …; 0: none */
    double people; /* share of the town's, not normed */
} pct_town_block;

/* Flags of a road. A one-way road leads from a to b. */
enum {
    PCT_TOWN_ONEWAY = 1 << 0,
    PCT_TOWN_BRIDGE = 1 << 1,
    PCT_TOWN_ROUNDABOUT = 1 << 2,
    PCT_TOWN_BANK = 1 << 3, /* runs along the river: no houses */
    PCT_TOWN_MAIN = 1 << 4  /* on a line */
};

/* One edge of the lattice; road_class PCT_ROAD_CLASS_COUNT: none. */
typedef struct pct_town_edge {
    uint8_t road_class, flags;
    uint32_t name;
} pct_town_edge;

typedef struct pct_town_road {
    uint32_t a, b; /* vertices */
    uint32_t name, block;
    uint8_t road_class, flags;
} pct_town_road;

typedef struct pct_town_way {
    uint32_t ref_at, ref_count; /* into way_refs: vertices */
    uint32_t name, block;
    uint8_t road_class, flags;
} pct_town_way;

typedef struct pct_town_turn {
    uint32_t from_road, via_road, to_road; /* via_road PCT_NO_INDEX: via is the vertex */
    uint32_t via_vertex;
    uint8_t kind; /* index in the table of turn.c */
} pct_town_turn;

typedef struct pct_town_house {
    pct_position position;
    uint32_t name, number, block;
} pct_town_house;

typedef struct pct_town_place {
    pct_position position;
    uint32_t block, name;
    uint8_t kind; /* pct_town_place_kind of place.h */
} pct_town_place;

typedef struct pct_town_name {
    const char *zh, *en;
} pct_town_name;

/* A town of a region has a name, which goes before the names of its areas. */
typedef struct pct_town_title {
    char zh[32], en[48];
} pct_town_title;

/* How many of each there are; the next one's number is one more. */
typedef struct pct_town_numbers {
    uint32_t stations, places, units, calls;
} pct_town_numbers;

typedef struct pct_town_wave {
    double along_x, along_y, phase, amplitude_x, amplitude_y;
} pct_town_wave;

typedef struct pct_town_ring {
    uint32_t row0, row1, col0, col1; /* line numbers */
} pct_town_ring;

typedef struct pct_town {
    uint64_t seed;
    uint32_t variant; /* of the plan's lines */
    uint32_t people, days;
    pct_position anchor;       /* its middle */
    pct_town_title title;      /* "" for a town by itself */
    pct_town_numbers numbered; /* what towns of the same region have before this one */

    uint32_t rows, cols, row_line_count, col_line_count;
    double *u, *v;                   /* [cols], [rows] lattice lines in cells from the centre */
    uint32_t *row_lines, *col_lines; /* lattice rows and cols that are lines */
    uint32_t *row_block, *col_block; /* [rows], [cols] the block row or col that begins there or holds it */
    double half;                     /* cells from the centre to the farthest line */
    uint32_t centre_row, centre_col; /* line numbers */
    int32_t river_block, motorway_block; /* block rows, or PCT_TOWN_NONE */
    pct_town_ring rings[PCT_TOWN_RINGS_MAX];
    uint32_t ring_count;
    struct {
        double x, y, radius;
    } centres[PCT_TOWN_CENTRES_MAX];
    uint32_t centre_count;
    pct_town_block *blocks;
    uint32_t block_count;

    pct_plane plane;
    pct_town_wave waves[PCT_TOWN_WAVES_MAX];
    uint32_t wave_count;

    pct_town_edge *right, *up; /* [rows × cols] from the vertex to its eastern and northern neighbour */
    bool *bridged;             /* [col_line_count] the line crosses the river */

    pct_vector points; /* pct_position; the lattice first, then extra vertices */
    pct_vector roads, ways, way_refs, turns, houses, places;
    uint32_t *way_of_road; /* [roads.length] */
    uint8_t *cut;          /* [points.length] ways end at this vertex */
    uint8_t *used;         /* [points.length] 0 unused, 1 inner point of a way, >= 2 node */
    uint32_t node_count, segment_count;

    pct_arena text;
    pct_vector names; /* pct_town_name; number 0 is empty */
    uint32_t name_counts[3];
} pct_town;

/* A fixed random number in [0, 1) for (kind, a, b): no stream, no order. */
double pct_town_noise(const pct_town *town, uint32_t kind, uint32_t a, uint32_t b);

/* plan.c */
pct_status pct_town_plan(pct_town *town, double cells, pct_error *error) PCT_MUST_USE;
const pct_town_block *pct_town_block_at(const pct_town *town, int64_t block_row, int64_t block_col);
/* 0 at a centre, about 0.13 where the old town ends, 0.6 where the town does. */
double pct_town_remoteness(const pct_town *town, double u, double v);

/* shape.c */
void pct_town_shape_init(pct_town *town);
void pct_town_vertex_uv(const pct_town *town, uint32_t r, uint32_t c, double *u, double *v);
pct_position pct_town_position(const pct_town *town, double u, double v);

/* name.c: grades 0 avenues, 1 roads and streets, 2 lanes */
pct_status pct_town_name_add(pct_town *town, const char *zh, const char *en, uint32_t *out,
                             pct_error *error) PCT_MUST_USE;
pct_status pct_town_name_street(pct_town *town, int grade, uint32_t *out, pct_error *error) PCT_MUST_USE;
/* A stem such as 安民/Anmin with what follows it, e.g. 小区/ Estate. */
pct_status pct_town_name_stem(pct_town *town, const char *zh_tail, const char *en_tail, uint32_t *out,
                              pct_error *error) PCT_MUST_USE;
pct_town_name pct_town_name_of(const pct_town *town, uint32_t name);
/* The count-th town's own name; they do not repeat before a few thousand. `zh_tail`, `en_tail`: what kind of town. */
pct_town_title pct_town_title_of(uint64_t seed, uint32_t count, const char *zh_tail, const char *en_tail);

/* street.c, fill.c, motorway.c, network.c, turn.c, house.c: in this order */
pct_status pct_town_streets(pct_town *town, pct_error *error) PCT_MUST_USE;
pct_status pct_town_fill(pct_town *town, pct_error *error) PCT_MUST_USE;
void pct_town_row_street(pct_town *town, uint32_t r, uint32_t c0, uint32_t c1, pct_town_edge edge);
void pct_town_col_street(pct_town *town, uint32_t c, uint32_t r0, uint32_t r1, pct_town_edge edge);
pct_status pct_town_roads(pct_town *town, pct_error *error) PCT_MUST_USE;
pct_status pct_town_motorway(pct_town *town, pct_error *error) PCT_MUST_USE;
pct_status pct_town_roundabouts(pct_town *town, pct_error *error) PCT_MUST_USE;
pct_status pct_town_road_add(pct_town *town, pct_town_road road, pct_error *error) PCT_MUST_USE;
pct_status pct_town_point_add(pct_town *town, pct_position position, uint32_t *vertex,
                              pct_error *error) PCT_MUST_USE;
pct_status pct_town_keep_main_part(pct_town *town, pct_error *error) PCT_MUST_USE;
pct_status pct_town_connect_strongly(pct_town *town, uint32_t *opened, pct_error *error) PCT_MUST_USE;
pct_status pct_town_turns(pct_town *town, pct_error *error) PCT_MUST_USE;
pct_status pct_town_ways(pct_town *town, pct_error *error) PCT_MUST_USE;
pct_status pct_town_houses(pct_town *town, pct_error *error) PCT_MUST_USE;

/* Roads at each vertex, in CSR form: roads[first[v] … first[v + 1]). */
typedef struct pct_town_adjacency {
    uint32_t *first, *roads;
} pct_town_adjacency;
pct_status pct_town_adjacency_init(const pct_town *town, pct_town_adjacency *out,
                                   pct_error *error) PCT_MUST_USE;
void pct_town_adjacency_dispose(pct_town_adjacency *adjacency);

static inline const pct_position *pct_town_points(const pct_town *town) {
    return town->points.items;
}
static inline pct_town_road *pct_town_road_at(const pct_town *town, uint32_t road) {
    return (pct_town_road *)town->roads.items + road;
}
static inline uint32_t pct_town_other_end(const pct_town_road *road, uint32_t vertex) {
    return road->a == vertex ? road->b : road->a;
}

/* town.c: everything up to the ways, without what lies on them; disposing accepts a zeroed town. */
pct_status pct_town_build(const pct_town_request *request, pct_town *town, pct_error *error) PCT_MUST_USE;
/* The same in one attempt: about `nodes` of them, round `anchor`. */
pct_status pct_town_build_once(uint64_t seed, uint32_t nodes, pct_position anchor, pct_town *town,
                               pct_error *error) PCT_MUST_USE;
void pct_town_dispose(pct_town *town);

#endif
