/* Any nodes, edges and mapping of a CSV network: refused, or a network from which both roads can be made, whose index is accepted again, and that
 * every question can be asked of.
 *
 * The input is a byte that chooses the datum, then the three files with form feeds between them; without the second one there is no
 * mapping. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "road/import.h"
#include "road/index.h"

enum { NODES_MOST = 400, IMAGE_MAX = 1 << 24, QUESTIONS = 8 };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static void must(pct_status status) {
    if (status) abort();
}

/* Takes what comes before the next form feed. */
static pct_text take_file(pct_text *rest) {
    const char *end = memchr(rest->chars, '\f', rest->length);
    size_t length = end ? (size_t)(end - rest->chars) : rest->length, step = end ? length + 1 : length;
    const pct_text file = {rest->chars, length};
    *rest = (pct_text){rest->chars + step, rest->length - step};
    return file;
}

static pct_status append(void *context, const void *bytes, size_t length, pct_error *error) {
    (void)error;
    return pct_buffer_append(context, bytes, length);
}

/* Whoever reads the index again finds nothing to object to. */
static void reopen(const pct_road *road, const pct_speeds *speeds) {
    pct_buffer image = pct_buffer_init(IMAGE_MAX);
    pct_road *again;
    uint64_t written;
    must(pct_road_index_write(road, (pct_sink){&image, append}, &written, NULL));
    char *aligned = pct_alloc_zeroed(image.length / 64 + 1, 64); /* as a mapped file lies */
    if (!aligned) abort();
    memcpy(aligned, image.bytes, image.length);
    must(pct_road_index_open("road.index", (pct_text){aligned, image.length}, speeds, &again, NULL));
    pct_road_free(again);
    pct_free(aligned);
    pct_buffer_dispose(&image);
}

static void ask(const pct_road *road) {
    const pct_network *net = pct_road_network(road);
    pct_router *router;
    pct_route route;
    must(pct_router_new(road, &router, NULL));
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        uint32_t a = i * 7 % net->segment_count, b = (i * 5 + 1) % net->segment_count;
        const pct_road_point from = {a, net->segments[a].length_mm / 2}, to = {b, 0};
        uint32_t ms = pct_router_time_ms(router, from, to);
        pct_status status = pct_router_route(router, from, to, &route, NULL);
        if (status ? ms != PCT_UNREACHABLE_MS : route.time_ms != ms) abort();
        (void)pct_road_point_position(road, from);
    }
    pct_router_free(router);
}

static void make_patrol(const pct_road *response, const pct_speeds *speeds) {
    pct_turns turns;
    pct_road *road;
    if (pct_turns_build(&response->network, &turns, NULL)) return; /* too many roads at a junction */
    uint32_t *order = pct_alloc(turns.vertex_count, sizeof *order);
    if (!order) abort();
    for (uint32_t v = 0; v < turns.vertex_count; v++) order[v] = v;
    must(pct_road_build_patrol(response, &turns, order, speeds, &road, NULL));
    ask(road);
    pct_road_free(road);
    pct_free(order);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    if (length == 0) return 0;
    pct_text rest = {(const char *)bytes + 1, length - 1};
    const pct_text nodes = take_file(&rest), edges = take_file(&rest), mapping = rest;
    const pct_csv_network source = {"nodes.csv", "edges.csv", "mapping.json",           nodes,
                                    edges,       mapping,     (pct_datum)(bytes[0] % 4)};
    const pct_speeds speeds = pct_speeds_uniform(36.0);
    pct_network network;
    pct_import_report report;
    pct_road *road;
    uint32_t order[NODES_MOST];
    if (pct_import_csv(&source, &network, &report, NULL)) return 0;
    if (network.node_count > NODES_MOST) {
        pct_network_dispose(&network);
        return 0;
    }
    for (uint32_t v = 0; v < network.node_count; v++) order[v] = v;
    must(pct_road_build(&network, order, &speeds, &road, NULL));
    reopen(road, &speeds);
    ask(road);
    make_patrol(road, &speeds);
    pct_road_free(road);
    return 0;
}
