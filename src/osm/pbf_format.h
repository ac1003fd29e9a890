/* Private to osm/: sizes and field tags of the PBF format, from its fileformat.proto and osmformat.proto.
 *
 *     file      = { length of BlobHeader: 4 bytes, big end first │ BlobHeader │ Blob }
 *     Blob      = raw or compressed bytes of a HeaderBlock (first) or a PrimitiveBlock
 *     PrimitiveBlock = string table, groups of one kind of object each, scale of the coordinates
 *
 * Objects refer to texts by their place in the block's string table; place 0 is the empty text. */
#ifndef PCT_OSM_PBF_FORMAT_H
#define PCT_OSM_PBF_FORMAT_H

#include "osm/wire.h"

enum { PBF_HEADER_BYTES_MAX = 64 << 10, PBF_BLOCK_BYTES_MAX = 32 << 20, PBF_LENGTH_BYTES = 4 };

#define PBF_TYPE_HEADER "OSMHeader"
#define PBF_TYPE_DATA   "OSMData"

#define PBF_FEATURE_SCHEMA  "OsmSchema-V0.6"
#define PBF_FEATURE_DENSE   "DenseNodes"
#define PBF_FEATURE_HISTORY "HistoricalInformation"
#define PBF_FEATURE_SORTED  "Sort.Type_then_ID"

enum {
    PBF_BLOB_HEADER_TYPE = PCT_WIRE_BYTES(1),
    PBF_BLOB_HEADER_SIZE = PCT_WIRE_NUMBER(3),

    PBF_BLOB_RAW = PCT_WIRE_BYTES(1),
    PBF_BLOB_RAW_SIZE = PCT_WIRE_NUMBER(2),
    PBF_BLOB_ZLIB = PCT_WIRE_BYTES(3),
    PBF_BLOB_LZMA = PCT_WIRE_BYTES(4),
    PBF_BLOB_BZIP2 = PCT_WIRE_BYTES(5),
    PBF_BLOB_LZ4 = PCT_WIRE_BYTES(6),
    PBF_BLOB_ZSTD = PCT_WIRE_BYTES(7),

    PBF_HEADER_BOX = PCT_WIRE_BYTES(1),
    PBF_HEADER_REQUIRED = PCT_WIRE_BYTES(4),
    PBF_HEADER_OPTIONAL = PCT_WIRE_BYTES(5),
    PBF_HEADER_PROGRAM = PCT_WIRE_BYTES(16),

    PBF_BOX_LEFT = PCT_WIRE_NUMBER(1),
    PBF_BOX_RIGHT = PCT_WIRE_NUMBER(2),
    PBF_BOX_TOP = PCT_WIRE_NUMBER(3),
    PBF_BOX_BOTTOM = PCT_WIRE_NUMBER(4),

    PBF_BLOCK_STRINGS = PCT_WIRE_BYTES(1),
    PBF_BLOCK_GROUP = PCT_WIRE_BYTES(2),
    PBF_BLOCK_GRANULARITY = PCT_WIRE_NUMBER(17),
    PBF_BLOCK_LAT_OFFSET = PCT_WIRE_NUMBER(19),
    PBF_BLOCK_LON_OFFSET = PCT_WIRE_NUMBER(20),

    PBF_STRINGS_TEXT = PCT_WIRE_BYTES(1),

    PBF_GROUP_NODE = PCT_WIRE_BYTES(1),
    PBF_GROUP_DENSE = PCT_WIRE_BYTES(2),
    PBF_GROUP_WAY = PCT_WIRE_BYTES(3),
    PBF_GROUP_RELATION = PCT_WIRE_BYTES(4),

    PBF_ID = PCT_WIRE_NUMBER(1), /* node (zigzag), way, relation */
    PBF_KEYS = PCT_WIRE_BYTES(2),
    PBF_VALUES = PCT_WIRE_BYTES(3),
    PBF_NODE_LAT = PCT_WIRE_NUMBER(8),
    PBF_NODE_LON = PCT_WIRE_NUMBER(9),
    PBF_WAY_REFS = PCT_WIRE_BYTES(8),
    PBF_RELATION_ROLES = PCT_WIRE_BYTES(8),
    PBF_RELATION_REFS = PCT_WIRE_BYTES(9),
    PBF_RELATION_KINDS = PCT_WIRE_BYTES(10),

    PBF_DENSE_IDS = PCT_WIRE_BYTES(1),
    PBF_DENSE_LATS = PCT_WIRE_BYTES(8),
    PBF_DENSE_LONS = PCT_WIRE_BYTES(9),
    PBF_DENSE_TAGS = PCT_WIRE_BYTES(10),
};

#endif
