/* A road index whose words were changed and whose digests were set right again, since no mutation gets past a digest: refused,
 * or a road that every question can be asked of.
 *
 * The input is a byte that chooses the index (of the roads, or of their turns for profile patrol) and a list of changes, six bytes
 * each: where (four bytes, of the whole file) and what to (two bytes). They are made on the index of a small lattice, so that most
 * of them hit something that matters. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "road/index.h"

enum {
    SIDE = 5,
    NODES = SIDE * SIDE,
    CHANGE_BYTES = 6,
    IMAGE_BYTES = 1 << 18,
    START_BYTES = 24,
    ENTRY_BYTES = 48
};
enum { ENTRY_AT = 24, ENTRY_LENGTH = 32, ENTRY_DIGEST = 40, SECTION_COUNT_AT = 12 };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

/* A sound index, and where its digests lie. */
typedef struct image {
    _Alignas(64) char sound[IMAGE_BYTES];
    size_t length, entries_at, header_digest_at;
} image;

static image images[PCT_PROFILE_COUNT];
static _Alignas(64) char changed[IMAGE_BYTES];
static pct_road *lattice; /* the roads that a patrol.index is about */

static pct_status append(void *context, const void *bytes, size_t length, pct_error *error) {
    image *to = context;
    (void)error;
    if (length > IMAGE_BYTES - to->length) abort();
    memcpy(to->sound + to->length, bytes, length);
    to->length += length;
    return PCT_OK;
}

static void must(pct_status status) {
    if (status) abort();
}

static uint32_t add_road(pct_network_builder *builder, uint32_t tail, uint32_t head, uint32_t name) {
    const uint8_t both = PCT_SEGMENT_FORWARD | PCT_SEGMENT_BACKWARD | PCT_SEGMENT_EMERGENCY_FORWARD |
                         PCT_SEGMENT_EMERGENCY_BACKWARD;
    const pct_segment segment = {.way = 100 + tail,
                                 .tail = tail,
                                 .head = head,
                                 .length_mm = 100000 + 1000 * tail,
                                 .name = name,
                                 .road_class = PCT_ROAD_RESIDENTIAL,
                                 .flags = tail % 7 == 3 ? both & 5 : both};
    const pct_position bend = {(int32_t)tail * 100, (int32_t)head * 100};
    uint32_t number;
    must(pct_network_add_segment(builder, &segment, &bend, tail % 2, &number, NULL));
    return number;
}

static pct_road *make_lattice(void) {
    pct_network_builder *builder;
    pct_network network;
    pct_road *road;
    uint32_t node, name, first = 0, last = 0, order[NODES];
    const pct_speeds speeds = pct_speeds_uniform(36.0);
    must(pct_network_builder_new(&builder, NULL));
    must(pct_network_add_name(builder, pct_text_of("Lattice Street"), &name, NULL));
    for (uint32_t i = 0; i < NODES; i++) {
        const pct_position at = {(int32_t)(i % SIDE) * 10000, (int32_t)(i / SIDE) * 10000};
        must(pct_network_add_node(builder, 1000 - i, at, &node, NULL));
        order[i] = i * 7 % NODES;
    }
    for (uint32_t i = 0; i < NODES; i++) {
        if (i % SIDE + 1 < SIDE) first = add_road(builder, i, i + 1, name);
        if (i + SIDE < NODES) last = add_road(builder, i, i + SIDE, 0);
    }
    const pct_restriction ban = {
        .from_segment = first, .to_segment = last, .via_node = NODES - 1, .kind = PCT_TURN_FORBIDDEN};
    must(pct_network_add_restriction(builder, &ban, NULL, NULL));
    must(pct_network_finish(builder, false, &network, NULL));
    pct_network_builder_free(builder);
    must(pct_road_build(&network, order, &speeds, &road, NULL));
    return road;
}

static pct_road *make_patrol(const pct_road *response, const pct_speeds *speeds) {
    pct_turns turns;
    pct_road *road;
    must(pct_turns_build(&response->network, &turns, NULL));
    uint32_t *order = pct_alloc(turns.vertex_count, sizeof *order);
    if (!order) abort();
    for (uint32_t v = 0; v < turns.vertex_count; v++) order[v] = v;
    must(pct_road_build_patrol(response, &turns, order, speeds, &road, NULL));
    pct_free(order);
    return road;
}

static uint64_t word_at(const char *bytes, size_t at) {
    uint64_t word;
    memcpy(&word, bytes + at, sizeof word);
    return word;
}

/* How many counts the header has is found by its digest. */
static void find_digests(image *of) {
    uint32_t sections;
    memcpy(&sections, of->sound + SECTION_COUNT_AT, sizeof sections);
    for (of->entries_at = START_BYTES; of->entries_at < of->length; of->entries_at += sizeof(uint64_t)) {
        of->header_digest_at = of->entries_at + sections * ENTRY_BYTES;
        if (of->header_digest_at + 8 <= of->length &&
            pct_digest(of->sound, of->header_digest_at) == word_at(of->sound, of->header_digest_at))
            return;
    }
    abort();
}

static void make_images(const pct_speeds *speeds) {
    uint64_t written;
    lattice = make_lattice();
    pct_road *patrol = make_patrol(lattice, speeds);
    image *roads = &images[PCT_PROFILE_RESPONSE], *turns = &images[PCT_PROFILE_PATROL];
    must(pct_road_index_write(lattice, (pct_sink){roads, append}, &written, NULL));
    must(pct_road_index_write_patrol(patrol, (pct_sink){turns, append}, &written, NULL));
    pct_road_free(patrol);
    find_digests(roads);
    find_digests(turns);
}

static void sign(const image *of, char *bytes) {
    for (size_t entry = of->entries_at; entry < of->header_digest_at; entry += ENTRY_BYTES) {
        uint64_t at = word_at(bytes, entry + ENTRY_AT), length = word_at(bytes, entry + ENTRY_LENGTH);
        if (at > of->length || length > of->length - at) continue;
        uint64_t digest = pct_digest(bytes + at, length);
        memcpy(bytes + entry + ENTRY_DIGEST, &digest, sizeof digest);
    }
    uint64_t digest = pct_digest(bytes, of->header_digest_at);
    memcpy(bytes + of->header_digest_at, &digest, sizeof digest);
}

static void ask(const pct_road *road) {
    const pct_network *network = pct_road_network(road);
    pct_router *router;
    pct_route route;
    uint32_t *all_ms = pct_alloc(network->node_count, sizeof *all_ms);
    if (!all_ms || pct_router_new(road, &router, NULL)) abort();
    for (uint32_t s = 0; s < network->segment_count; s += 3) {
        const pct_road_point from = {s, 0}, to = {network->segment_count - 1 - s, 1};
        uint32_t ms = pct_router_time_ms(router, from, to);
        if (pct_router_route(router, from, to, &route, NULL) == PCT_OK && route.time_ms != ms) abort();
        (void)pct_network_name(network, network->segments[s].name);
        (void)pct_road_point_position(road, to);
    }
    pct_router_all_times_from(router, (pct_road_point){0, 0}, all_ms);
    pct_router_free(router);
    pct_free(all_ms);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    const pct_speeds speeds = pct_speeds_uniform(36.0);
    pct_road *road = NULL;
    if (!lattice) make_images(&speeds);
    if (length == 0) return 0;
    bool patrol = *bytes++ & 1;
    const image *of = &images[patrol];
    memcpy(changed, of->sound, of->length);
    for (length--; length >= CHANGE_BYTES; bytes += CHANGE_BYTES, length -= CHANGE_BYTES) {
        uint32_t at;
        memcpy(&at, bytes, sizeof at);
        memcpy(changed + at % (of->length - 1), bytes + sizeof at, 2);
    }
    sign(of, changed);
    const pct_text text = {changed, of->length};
    pct_status status = patrol
                            ? pct_road_index_open_patrol("patrol.index", text, lattice, &speeds, &road, NULL)
                            : pct_road_index_open("road.index", text, &speeds, &road, NULL);
    if (status) return 0;
    ask(road);
    pct_road_free(road);
    return 0;
}
