/* A road index whose words were changed and whose digests were set right again, since no mutation gets past a digest: refused,
 * or a road that every question can be asked of.
 *
 * The input is a list of changes, six bytes each: where (four bytes, of the whole file) and what to (two bytes). They are made
 * on the index of a small lattice, so that most of them hit something that matters. */
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

static _Alignas(64) char sound[IMAGE_BYTES], changed[IMAGE_BYTES];
static size_t image_length, entries_at, header_digest_at;

static pct_status append(void *context, const void *bytes, size_t length, pct_error *error) {
    (void)context, (void)error;
    if (length > IMAGE_BYTES - image_length) abort();
    memcpy(sound + image_length, bytes, length);
    image_length += length;
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

static uint64_t word_at(const char *image, size_t at) {
    uint64_t word;
    memcpy(&word, image + at, sizeof word);
    return word;
}

/* How many counts the header has is found by its digest. */
static void make_image(void) {
    uint64_t written;
    uint32_t sections;
    pct_road *road = make_lattice();
    must(pct_road_index_write(road, (pct_sink){NULL, append}, &written, NULL));
    pct_road_free(road);
    memcpy(&sections, sound + SECTION_COUNT_AT, sizeof sections);
    for (entries_at = START_BYTES; entries_at < image_length; entries_at += sizeof(uint64_t)) {
        header_digest_at = entries_at + sections * ENTRY_BYTES;
        if (header_digest_at + 8 <= image_length &&
            pct_digest(sound, header_digest_at) == word_at(sound, header_digest_at))
            return;
    }
    abort();
}

static void sign(char *image) {
    for (size_t entry = entries_at; entry < header_digest_at; entry += ENTRY_BYTES) {
        uint64_t at = word_at(image, entry + ENTRY_AT), bytes = word_at(image, entry + ENTRY_LENGTH);
        if (at > image_length || bytes > image_length - at) continue;
        uint64_t digest = pct_digest(image + at, bytes);
        memcpy(image + entry + ENTRY_DIGEST, &digest, sizeof digest);
    }
    uint64_t digest = pct_digest(image, header_digest_at);
    memcpy(image + header_digest_at, &digest, sizeof digest);
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
    if (image_length == 0) make_image();
    memcpy(changed, sound, image_length);
    for (; length >= CHANGE_BYTES; bytes += CHANGE_BYTES, length -= CHANGE_BYTES) {
        uint32_t at;
        memcpy(&at, bytes, sizeof at);
        memcpy(changed + at % (image_length - 1), bytes + sizeof at, 2);
    }
    sign(changed);
    if (pct_road_index_open("road.index", (pct_text){changed, image_length}, &speeds, &road, NULL)) return 0;
    ask(road);
    pct_road_free(road);
    return 0;
}
