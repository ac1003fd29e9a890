/* House numbers of a CSV network: each edge says the first and last number on its left and on its right, seen from its
 * begin. Row i of the edges is segment i of the network. "0" and nothing mean that a side has none. O(edges). */
#include "base/csv.h"
#include "base/json.h"
#include "base/text.h"
#include "place/builder.h"

enum { LEFT, RIGHT, SIDES, NUMBER_MAX = 999999 };
static const char *const keys[SIDES] = {"address_left", "address_right"};

/* The columns of one side, {-1, -1} when the mapping does not name them. */
static pct_status find_columns(const pct_csv_network *source, const json_t *edges, const pct_csv *csv,
                               int side, int columns[2], pct_error *error) {
    const json_t *pair = json_object_get(edges, keys[side]);
    columns[0] = columns[1] = -1;
    if (!pair) return PCT_OK;
    bool good = json_array_size(pair) == 2 && json_is_string(json_array_get(pair, 0)) &&
                json_is_string(json_array_get(pair, 1));
    if (!good)
        return pct_json_unexpected(source->mapping_file, keys[side], PCT_MSG_PLACE_EXPECTED_COLUMNS, pair,
                                   error);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < 2 && !status; i++)
        status = pct_csv_column(csv, json_string_value(json_array_get(pair, i)), &columns[i], error);
    return status;
}

/* 0 for none. */
static pct_status read_number(const pct_csv *csv, int column, uint32_t *out, pct_error *error) {
    int64_t value = 0;
    pct_text text = pct_text_trim(pct_csv_text(csv, column));
    if (text.length > 0) {
        pct_status status = pct_csv_integer(csv, column, 0, NUMBER_MAX, &value, error);
        if (status) return status;
    }
    *out = (uint32_t)value;
    return PCT_OK;
}

static pct_status add_range(pct_gazetteer_builder *b, const pct_csv *csv, const int columns[2], int side,
                            uint32_t line, pct_error *error) {
    uint32_t from, to;
    if (columns[0] < 0) return PCT_OK;
    pct_status status = read_number(csv, columns[0], &from, error);
    if (!status) status = read_number(csv, columns[1], &to, error);
    if (status || from == 0 || to == 0 || line == PCT_NO_INDEX) return status;
    pct_house_range *range = pct_vector_push(&b->ranges);
    if (!range) return pct_vector_failed(&b->ranges, PCT_MSG_PLACE_WHAT_HOUSES, error);
    *range = (pct_house_range){.entry = ((const pct_place_line *)b->lines.items)[line].entry,
                               .line = line,
                               .low = from < to ? from : to,
                               .high = from < to ? to : from,
                               .step = (from ^ to) & 1 ? 1 : 2,
                               .descending = from > to,
                               .on_the_left = side == LEFT};
    return PCT_OK;
}

static pct_status read_ranges(pct_gazetteer_builder *b, const pct_csv_network *source, const json_t *edges,
                              pct_error *error) {
    pct_csv csv;
    int columns[SIDES][2];
    uint32_t row = 0;
    pct_status status = pct_csv_open(&csv, source->edges_file, source->edges, error);
    if (status) return status;
    for (int side = LEFT; side < SIDES && !status; side++)
        status = find_columns(source, edges, &csv, side, columns[side], error);
    for (bool more = true; !status; row++) {
        status = pct_csv_next(&csv, &more, error);
        if (status || !more) break;
        if (row >= b->segment_count)
            status = PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PLACE_EDGES_FOREIGN, pct_int(b->segment_count));
        for (int side = LEFT; side < SIDES && !status; side++)
            status = add_range(b, &csv, columns[side], side, b->segment_line[row], error);
    }
    pct_csv_close(&csv);
    return status;
}

pct_status pct_gazetteer_add_ranges(pct_gazetteer_builder *b, const pct_network *network,
                                    const pct_csv_network *source, pct_error *error) {
    json_t *mapping = NULL;
    if (source->mapping.length == 0) return PCT_OK;
    if (network->segment_count != b->segment_count)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PLACE_EDGES_FOREIGN, pct_int(b->segment_count));
    pct_status status = pct_json_parse(source->mapping_file, source->mapping, &mapping, error);
    if (status) return status;
    const json_t *edges = json_object_get(mapping, "edges");
    if (json_object_get(edges, keys[LEFT]) || json_object_get(edges, keys[RIGHT]))
        status = read_ranges(b, source, edges, error);
    json_decref(mapping);
    return status;
}
