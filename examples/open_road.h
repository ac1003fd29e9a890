/* What the examples share: a site's road index and speeds, read from their files, and what went wrong, told. */
#ifndef EXAMPLES_OPEN_ROAD_H
#define EXAMPLES_OPEN_ROAD_H

#include <stdio.h>
#include <stdlib.h>

#include "base/message.h"
#include "road/index.h"

static int fail(const pct_error *error) {
    pct_buffer sentence = pct_buffer_init(4096);
    (void)pct_error_render(error, PCT_EN, &sentence);
    fprintf(stderr, "%s\n", pct_buffer_chars(&sentence));
    pct_buffer_dispose(&sentence);
    return pct_status_exit_code(error->status);
}

/* The whole file, at an address that an index can be used at; length 0 when it cannot be read. */
static pct_text read_file(const char *path) {
    pct_text bytes = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (!file) return bytes;
    (void)fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *room = size > 0 ? aligned_alloc(64, ((size_t)size + 63) / 64 * 64) : NULL;
    if (room && fread(room, 1, (size_t)size, file) == (size_t)size) bytes = (pct_text){room, (size_t)size};
    if (!bytes.chars) free(room);
    (void)fclose(file);
    return bytes;
}

/* `index` and *bytes stay until the road is freed. */
static pct_status open_road(const char *index, const char *speeds_file, pct_text *bytes, pct_road **road,
                            pct_error *error) {
    pct_speeds speeds;
    pct_text table = read_file(speeds_file);
    *bytes = read_file(index);
    pct_status status = pct_speeds_read(speeds_file, table, &speeds, error);
    if (!status) status = pct_road_index_open(index, *bytes, &speeds, road, error);
    free((void *)table.chars);
    return status;
}

/* A position in degrees, on the nearest road within 300 m. */
static pct_status snap(const pct_road *road, const char *text, pct_road_point *point, pct_error *error) {
    pct_position position;
    double distance_m;
    if (!pct_position_from_text(pct_text_of(text), &position)) {
        fprintf(stderr, "%s: a position is lon,lat in degrees\n", text);
        exit(2);
    }
    return pct_road_snap(road, position, 300.0, point, &distance_m, error);
}

#endif
