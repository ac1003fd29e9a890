/* The motorway: two carriageways in a strip of the lattice that nothing else enters; roads cross it on bridges.
 *
 *      ──────●───────────●──────   northern road (lattice row k + 1)
 *      ◄──o──╲───────────╱──o───   westbound         o  links leave and join two cols from the crossing
 *      ───o──╱───────────╲──o──►   eastbound
 *      ──────●───────────●──────   southern road (lattice row k)
 *
 * Both carriageways meet at either end in one vertex, from which an ordinary road leads into the lattice, so that
 * the motorway is strongly connected whatever happens to the roads around. */
#include "town/plan.h"

typedef struct motorway {
    uint32_t south, north;           /* lattice rows */
    uint32_t *eastbound, *westbound; /* [cols] vertices */
    uint32_t name, block;
} motorway;

static pct_status join(pct_town *town, const motorway *m, uint32_t a, uint32_t b, pct_road_class road_class,
                       uint8_t flags, pct_error *error) {
    bool named = road_class != PCT_ROAD_MOTORWAY_LINK;
    return pct_town_road_add(town,
                             (pct_town_road){.a = a,
                                             .b = b,
                                             .name = named ? m->name : 0,
                                             .block = m->block,
                                             .road_class = (uint8_t)road_class,
                                             .flags = flags},
                             error);
}

static pct_status place_carriageways(pct_town *town, motorway *m, pct_error *error) {
    double v0 = town->v[m->south], v1 = town->v[m->north];
    for (uint32_t c = 1; c + 1 < town->cols; c++) {
        pct_position south = pct_town_position(town, town->u[c], v0 + 0.42 * (v1 - v0));
        pct_position north = pct_town_position(town, town->u[c], v0 + 0.58 * (v1 - v0));
        pct_status status = pct_town_point_add(town, south, &m->eastbound[c], error);
        if (status) return status;
        status = pct_town_point_add(town, north, &m->westbound[c], error);
        if (status) return status;
    }
    for (uint32_t c = 1; c + 2 < town->cols; c++) {
        pct_status status =
            join(town, m, m->eastbound[c], m->eastbound[c + 1], PCT_ROAD_MOTORWAY, PCT_TOWN_ONEWAY, error);
        if (status) return status;
        status =
            join(town, m, m->westbound[c + 1], m->westbound[c], PCT_ROAD_MOTORWAY, PCT_TOWN_ONEWAY, error);
        if (status) return status;
    }
    return PCT_OK;
}

/* Where the motorway begins or ends: both carriageways into one vertex, and a road on to the lattice's edge. */
static pct_status place_end(pct_town *town, const motorway *m, bool east, pct_error *error) {
    uint32_t col = east ? town->cols - 1 : 0, near = east ? town->cols - 2 : 1, meet;
    double v = (town->v[m->south] + town->v[m->north]) / 2.0;
    pct_status status = pct_town_point_add(town, pct_town_position(town, town->u[col], v), &meet, error);
    if (status) return status;
    status = east ? join(town, m, m->eastbound[near], meet, PCT_ROAD_MOTORWAY, PCT_TOWN_ONEWAY, error)
                  : join(town, m, meet, m->eastbound[near], PCT_ROAD_MOTORWAY, PCT_TOWN_ONEWAY, error);
    if (status) return status;
    status = east ? join(town, m, meet, m->westbound[near], PCT_ROAD_MOTORWAY, PCT_TOWN_ONEWAY, error)
                  : join(town, m, m->westbound[near], meet, PCT_ROAD_MOTORWAY, PCT_TOWN_ONEWAY, error);
    if (status) return status;
    return join(town, m, meet, m->south * town->cols + col, PCT_ROAD_TRUNK, 0, error);
}

/* Four links between a crossing road and the carriageways. */
static pct_status place_links(pct_town *town, const motorway *m, uint32_t c, pct_error *error) {
    uint32_t south = m->south * town->cols + c, north = m->north * town->cols + c;
    const struct {
        uint32_t from, to;
    } links[] = {{m->eastbound[c - 2], south},
                 {south, m->eastbound[c + 2]},
                 {m->westbound[c + 2], north},
                 {north, m->westbound[c - 2]}};
    for (int i = 0; i < 4; i++) {
        pct_status status =
            join(town, m, links[i].from, links[i].to, PCT_ROAD_MOTORWAY_LINK, PCT_TOWN_ONEWAY, error);
        if (status) return status;
    }
    return PCT_OK;
}

/* An interchange stands where a bridge crosses, the crossing roads exist, and the last one is far enough. */
static pct_status place_interchanges(pct_town *town, const motorway *m, pct_error *error) {
    uint32_t last = 0;
    for (uint32_t line = 1; line + 1 < town->col_line_count; line++) {
        uint32_t c = town->col_lines[line];
        bool bridge = town->up[(size_t)m->south * town->cols + c].road_class != PCT_ROAD_CLASS_COUNT;
        bool below = m->south > 0 &&
                     town->up[(size_t)(m->south - 1) * town->cols + c].road_class != PCT_ROAD_CLASS_COUNT;
        if (!bridge || !below || c < last + 12 || c < 4 || c + 4 >= town->cols) continue;
        pct_status status = place_links(town, m, c, error);
        if (status) return status;
        last = c;
    }
    return PCT_OK;
}

pct_status pct_town_motorway(pct_town *town, pct_error *error) {
    if (town->motorway_block == PCT_TOWN_NONE) return PCT_OK;
    motorway m = {.south = town->row_lines[town->motorway_block],
                  .north = town->row_lines[town->motorway_block + 1],
                  .block = (uint32_t)town->motorway_block * (town->col_line_count - 1)};
    m.eastbound = pct_alloc(town->cols, sizeof *m.eastbound);
    m.westbound = pct_alloc(town->cols, sizeof *m.westbound);
    pct_status status = PCT_OK;
    if (!m.eastbound || !m.westbound) {
        status = pct_error_memory(error, town->cols * sizeof *m.eastbound);
        goto done;
    }
    status = pct_town_name_stem(town, "高速公路", " Expressway", &m.name, error);
    if (status) goto done;
    status = place_carriageways(town, &m, error);
    if (status) goto done;
    status = place_end(town, &m, false, error);
    if (status) goto done;
    status = place_end(town, &m, true, error);
    if (status) goto done;
    status = place_interchanges(town, &m, error);
done:
    pct_free(m.eastbound);
    pct_free(m.westbound);
    return status;
}
