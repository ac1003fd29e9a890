#include "town/town.h"

#include <math.h>
#include <string.h>

#include "town/output.h"
#include "town/plan.h"

enum { FILE_BYTES_MAX = INT32_MAX, NAMES_MAX = 4 << 20, NAME_BYTES_MAX = 1 << 30, ATTEMPTS = 40 };

static const pct_position desert = {1024000000, 401000000};

uint32_t pct_town_people(uint32_t nodes) {
    return nodes * PCT_TOWN_PEOPLE_PER_NODE;
}

uint32_t pct_town_nodes(uint32_t people) {
    return people / PCT_TOWN_PEOPLE_PER_NODE;
}

void pct_town_dispose(pct_town *town) {
    pct_free(town->u);
    pct_free(town->v);
    pct_free(town->row_lines);
    pct_free(town->col_lines);
    pct_free(town->row_block);
    pct_free(town->col_block);
    pct_free(town->blocks);
    pct_free(town->right);
    pct_free(town->up);
    pct_free(town->way_of_road);
    pct_free(town->cut);
    pct_free(town->used);
    pct_vector *vectors[] = {&town->points, &town->roads,  &town->ways,   &town->way_refs,
                             &town->turns,  &town->houses, &town->places, &town->names};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) pct_vector_dispose(vectors[i]);
    pct_arena_dispose(&town->text);
    *town = (pct_town){0};
}

/* The roads of a town on a lattice of about `cells` × `cells`. */
static pct_status build_on(pct_town *town, uint64_t seed, double cells, uint32_t variant, pct_error *error) {
    uint32_t opened;
    pct_town_name *empty;
    *town = (pct_town){.seed = seed,
                       .anchor = town->anchor,
                       .variant = variant,
                       .text = pct_arena_init(NAME_BYTES_MAX),
                       .names = pct_vector_init(sizeof(pct_town_name), NAMES_MAX)};
    empty = pct_vector_push(&town->names);
    if (!empty) return pct_vector_failed(&town->names, PCT_MSG_WHAT_NAMES, error);
    *empty = (pct_town_name){"", ""};
    pct_status status = pct_town_plan(town, cells, error);
    if (status) return status;
    pct_town_shape_init(town);
    pct_status (*const steps[])(pct_town *, pct_error *) = {pct_town_streets,        pct_town_fill,
                                                            pct_town_roads,          pct_town_motorway,
                                                            pct_town_keep_main_part, pct_town_roundabouts};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if ((status = steps[i](town, error))) return status;
    status = pct_town_connect_strongly(town, &opened, error);
    if (status) return status;
    status = pct_town_turns(town, error);
    return status ? status : pct_town_ways(town, error);
}

pct_status pct_town_build_once(uint64_t seed, uint32_t nodes, pct_position anchor, pct_town *town,
                               pct_error *error) {
    *town = (pct_town){.anchor = anchor};
    pct_status status = build_on(town, seed, fmax(12.0, sqrt(3.05 * nodes)), 0, error);
    if (status) pct_town_dispose(town);
    return status;
}

/* The number of junctions grows about with the square of the lattice's width, so the first attempts correct the
 * width. It grows in steps, where a block is added; so later attempts draw other lines too (a variant of the plan)
 * and are content with less. The nearest attempt is built again when none is near enough. */
pct_status pct_town_build(const pct_town_request *request, pct_town *town, pct_error *error) {
    double cells = sqrt(3.05 * request->nodes), best_cells = cells, best_off = INFINITY;
    uint32_t best_variant = 0;
    *town = (pct_town){0};
    for (uint32_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        uint32_t variant = attempt < 4 ? 0 : attempt;
        pct_town_dispose(town);
        town->anchor = desert;
        pct_status status = build_on(town, request->seed, cells, variant, error);
        if (status) {
            pct_town_dispose(town);
            return status;
        }
        double ratio = (double)town->node_count / request->nodes, off = fabs(ratio - 1.0);
        if (off <= (attempt < 4 ? 0.03 : 0.06)) return PCT_OK;
        if (off < best_off) {
            best_off = off;
            best_cells = cells;
            best_variant = variant;
        }
        cells = fmax(12.0, cells * sqrt(fmin(2.0, fmax(0.5, 1.0 / ratio))));
    }
    pct_town_dispose(town);
    town->anchor = desert;
    pct_status status = build_on(town, request->seed, best_cells, best_variant, error);
    if (status) pct_town_dispose(town);
    return status;
}

void pct_town_files_init(pct_town_files *files) {
    const pct_buffer empty = pct_buffer_init(FILE_BYTES_MAX);
    *files = (pct_town_files){empty, empty, empty, empty, empty, empty, empty, {empty}};
    for (int i = 0; i < PCT_TOWN_DUTY_PARTS; i++) files->duty_parts[i] = empty;
}

void pct_town_files_dispose(pct_town_files *files) {
    pct_buffer *buffers[] = {&files->map,   &files->areas, &files->places, &files->stations,
                             &files->units, &files->calls, &files->duty};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) pct_buffer_dispose(buffers[i]);
    for (int i = 0; i < PCT_TOWN_DUTY_PARTS; i++) pct_buffer_dispose(&files->duty_parts[i]);
}

pct_status pct_town_write_lists(pct_town *town, const pct_demand_table *demand, pct_town_files *out,
                                pct_town_summary *summary, pct_error *error) {
    pct_vector areas = {0};
    pct_status status = pct_town_houses(town, error);
    if (status) goto done;
    status = pct_town_divide(town, &areas, error);
    if (status) goto done;
    status = pct_town_write_areas(town, &areas, &out->areas, error);
    if (status) goto done;
    status = pct_town_settle(town, &areas, &summary->stations, error);
    if (status) goto done;
    summary->areas = (uint32_t)areas.length;
    summary->places = (uint32_t)town->places.length - summary->stations;
    status = pct_town_write_places(town, 0, summary->stations, "S", &out->stations, error);
    if (status) goto done;
    status = pct_town_write_places(town, summary->stations, (uint32_t)town->places.length, "P", &out->places,
                                   error);
    if (status) goto done;
    status = pct_town_write_units(town, summary->stations, &summary->units, &out->units, error);
    if (status) goto done;
    status = pct_town_write_duty(town, summary->stations, summary->units, out->duty_parts, error);
    if (status) goto done;
    status = pct_town_write_calls(town, demand, &summary->calls, &out->calls, error);
done:
    pct_vector_dispose(&areas);
    return status;
}

pct_status pct_town_generate(const pct_town_request *request, const pct_demand_table *demand,
                             pct_town_files *out, pct_town_summary *summary, pct_error *error) {
    pct_town town = {0};
    pct_town_files_init(out);
    *summary = (pct_town_summary){0};
    if (request->nodes < PCT_TOWN_NODES_MIN || request->nodes > PCT_TOWN_NODES_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_TOWN_NODES, pct_int(request->nodes),
                        pct_int(PCT_TOWN_NODES_MIN), pct_int(PCT_TOWN_NODES_MAX));
    if (request->nodes > PCT_TOWN_ALONE_MAX) {
        pct_status status =
            pct_region_generate(request, PCT_REGION_VILLAGE_NODES, demand, out, summary, error);
        if (!status) status = pct_town_join_duty(out->duty_parts, &out->duty, error);
        if (status) pct_town_files_dispose(out);
        return status;
    }
    pct_status status = pct_town_build(request, &town, error);
    if (status) return status;
    town.people = request->people ? request->people : pct_town_people(request->nodes);
    town.days = request->days ? request->days : PCT_TOWN_DAYS;
    status = pct_town_write_lists(&town, demand, out, summary, error);
    if (!status) status = pct_town_join_duty(out->duty_parts, &out->duty, error);
    if (!status) status = pct_town_write_map(&town, &out->map, error);
    summary->nodes = town.node_count;
    summary->segments = town.segment_count;
    summary->people = town.people;
    summary->restrictions = (uint32_t)town.turns.length;
    summary->houses = (uint32_t)town.houses.length;
    pct_town_dispose(&town);
    if (status) pct_town_files_dispose(out);
    return status;
}
