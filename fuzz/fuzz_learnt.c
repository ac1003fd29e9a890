/* Any bytes as learnt_speeds.csv: refused, or figures that may be published, that are written as they were read, and times that every arc can be
 * driven in. The roads are a small block, every segment known by its nodes, 65 to 70. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "road/learnt.h"

enum { SIDE = 3, NODES = 2 * SIDE, FILE_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static const char bands_table[] =
    "band,days,from_hour,to_hour,name_zh,name_en\n"
    "day,every,6,22,日,day\nnight,every,22,24,夜,night\nnight,every,0,6,夜,night\n";

static pct_road *block;
static pct_bands bands;

static void must(pct_status status) {
    if (status) abort();
}

static void add_road(pct_network_builder *builder, uint32_t tail, uint32_t head) {
    uint32_t number;
    const pct_segment segment = {.way = 7 + tail,
                                 .tail = tail,
                                 .head = head,
                                 .length_mm = 100000 + 1000 * tail,
                                 .road_class = PCT_ROAD_RESIDENTIAL,
                                 .flags = tail == 1 ? 5 : 15};
    must(pct_network_add_segment(builder, &segment, NULL, 0, &number, NULL));
}

static void make_block(const pct_speeds *speeds) {
    pct_network_builder *builder;
    pct_network network;
    uint32_t node, order[NODES];
    must(pct_bands_read("bands.csv", pct_text_of(bands_table), &bands, NULL));
    must(pct_network_builder_new(&builder, NULL));
    for (uint32_t i = 0; i < NODES; i++) {
        const pct_position at = {(int32_t)(i % SIDE) * 10000, (int32_t)(i / SIDE) * 10000};
        must(pct_network_add_node(builder, 'A' + i, at, &node, NULL));
        order[i] = i;
    }
    for (uint32_t i = 0; i < NODES; i++) {
        if (i % SIDE + 1 < SIDE) add_road(builder, i, i + 1);
        if (i + SIDE < NODES) add_road(builder, i, i + SIDE);
    }
    must(pct_network_finish(builder, false, &network, NULL));
    pct_network_builder_free(builder);
    must(pct_road_build(&network, order, speeds, &block, NULL));
}

static void check_figure(pct_learnt_figure figure) {
    if (!(figure.kmh >= 1.0 && figure.kmh <= 300.0)) abort();
    if (figure.basis.n > 0 && !pct_learnt_suffices(figure.basis)) abort();
}

/* By profile, band and arc, each once. */
static uint64_t place_of(const pct_learnt_segment *s) {
    return ((uint64_t)s->profile << 8 | s->band) << 32 | s->arc_segment;
}

static void check_segments(const pct_learnt *learnt) {
    for (size_t i = 0; i < learnt->segment_count; i++) {
        check_figure(learnt->segments[i].figure);
        if (learnt->segments[i].arc_segment >= 2 * block->network.segment_count) abort();
        if (i > 0 && place_of(&learnt->segments[i]) <= place_of(&learnt->segments[i - 1])) abort();
    }
}

static void check_band(const pct_learnt *learnt, int band, const pct_speeds *base) {
    pct_road *road;
    for (int p = 0; p < PCT_LEARNT_PROFILE_COUNT; p++)
        for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
            if (learnt->classes[p][band][c].kmh != 0.0) check_figure(learnt->classes[p][band][c]);
    must(pct_road_of_band(block, learnt, band, base, &road, NULL));
    for (uint32_t a = 0; a < block->network.arc_count; a++) {
        uint32_t ms = pct_road_drive_ms(road, a), open_ms = pct_road_drive_ms(block, a);
        if (ms == 0 || (ms >= PCT_NO_WAY_MS) != (open_ms >= PCT_NO_WAY_MS)) abort();
    }
    pct_road_free(road);
}

/* Written and read again it is written alike. */
static void write_again(const pct_learnt *learnt) {
    pct_buffer first = pct_buffer_init(FILE_MAX), second = pct_buffer_init(FILE_MAX);
    pct_learnt again = {.segments = NULL};
    must(pct_learnt_write(learnt, &bands, &block->network, &first, NULL));
    const pct_text text = {(const char *)first.bytes, first.length};
    must(pct_learnt_read("learnt_speeds.csv", text, &bands, block, &again, NULL));
    must(pct_learnt_write(&again, &bands, &block->network, &second, NULL));
    if (first.length != second.length || memcmp(first.bytes, second.bytes, first.length) != 0) abort();
    pct_learnt_dispose(&again);
    pct_buffer_dispose(&first);
    pct_buffer_dispose(&second);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    const pct_speeds base = pct_speeds_uniform(36.0);
    pct_learnt learnt = {.segments = NULL};
    if (!block) make_block(&base);
    const pct_text text = {(const char *)bytes, length};
    if (pct_learnt_read("learnt_speeds.csv", text, &bands, block, &learnt, NULL)) return 0;
    check_segments(&learnt);
    for (int b = 0; b < bands.count; b++) check_band(&learnt, b, &base);
    write_again(&learnt);
    pct_learnt_dispose(&learnt);
    return 0;
}
