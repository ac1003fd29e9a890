/* OpenStreetMap PBF, in and out (https://wiki.openstreetmap.org/wiki/PBF_Format).
 *
 * Reading walks a file held in memory and calls the handler for each object, in file order. Handlers that are
 * NULL cost nothing: their groups are skipped undecoded. What a handler is given borrows from the reader until
 * the handler returns. A handler's error ends the reading and is returned. Objects of a damaged or foreign file
 * are never handed out half: the error names the file, the byte offset of its block and what was expected.
 * Memory: one block (≤ 32 MiB, as the format demands) and its string table.
 *
 * Writing appends to a buffer; objects come as nodes, ways, relations, each by ascending id (checked). Nodes are
 * dense, blocks zlib-compressed, the same objects give the same bytes. */
#ifndef PCT_OSM_PBF_H
#define PCT_OSM_PBF_H

#include "base/buffer.h"
#include "geo/datum.h"

typedef struct pct_osm_tag {
    pct_text key, value;
} pct_osm_tag;

typedef struct pct_osm_tags {
    const pct_osm_tag *items;
    size_t count;
} pct_osm_tags;

/* The value of a tag; its chars are NULL when the object does not have it. */
pct_text pct_osm_tag_value(pct_osm_tags tags, const char *key);

typedef struct pct_osm_node {
    int64_t id;
    pct_position position;
    pct_osm_tags tags;
} pct_osm_node;

typedef struct pct_osm_way {
    int64_t id;
    const int64_t *refs; /* node ids */
    size_t ref_count;
    pct_osm_tags tags;
} pct_osm_way;

typedef enum pct_osm_kind { PCT_OSM_NODE, PCT_OSM_WAY, PCT_OSM_RELATION } pct_osm_kind;

typedef struct pct_osm_member {
    pct_osm_kind kind;
    int64_t ref;
    pct_text role;
} pct_osm_member;

typedef struct pct_osm_relation {
    int64_t id;
    const pct_osm_member *members;
    size_t member_count;
    pct_osm_tags tags;
} pct_osm_relation;

typedef struct pct_osm_handler {
    void *context;
    pct_status (*node)(void *context, const pct_osm_node *node, pct_error *error);
    pct_status (*way)(void *context, const pct_osm_way *way, pct_error *error);
    pct_status (*relation)(void *context, const pct_osm_relation *relation, pct_error *error);
    /* Beside `node`: one whose coordinates lie outside longitude ±180, latitude ±90. NULL: passed over. */
    pct_status (*nowhere)(void *context, int64_t id, pct_error *error);
    pct_datum datum; /* of the file; nodes are handed out in WGS-84 */
} pct_osm_handler;

pct_status pct_osm_read(const char *file, pct_text bytes, const pct_osm_handler *handler,
                        pct_error *error) PCT_MUST_USE;

/* The program that wrote the file, as its header says; "" where it does not. Reads the first block alone. */
enum { PCT_OSM_PROGRAM_MAX = 128 }; /* with its zero; a longer name is cut */
pct_status pct_osm_read_program(const char *file, pct_text bytes, char out[PCT_OSM_PROGRAM_MAX],
                                pct_error *error) PCT_MUST_USE;

typedef struct pct_osm_writer pct_osm_writer;

/* `out` is borrowed until the writer is freed; `program` stands in the header. Without a program (NULL) there is no
 * header: what is written continues another writer's file. */
pct_status pct_osm_writer_new(pct_buffer *out, const char *program, pct_box bounds, pct_osm_writer **writer,
                              pct_error *error) PCT_MUST_USE;
void pct_osm_writer_free(pct_osm_writer *writer);
pct_status pct_osm_write_node(pct_osm_writer *writer, const pct_osm_node *node,
                              pct_error *error) PCT_MUST_USE;
pct_status pct_osm_write_way(pct_osm_writer *writer, const pct_osm_way *way, pct_error *error) PCT_MUST_USE;
pct_status pct_osm_write_relation(pct_osm_writer *writer, const pct_osm_relation *relation,
                                  pct_error *error) PCT_MUST_USE;
pct_status pct_osm_writer_finish(pct_osm_writer *writer, pct_error *error) PCT_MUST_USE; /* flushes */

#endif
