#include "support/mvt.h"

#include <stdio.h>
#include <string.h>

#include "support/test.h"

typedef struct span {
    const unsigned char *at, *end;
} span;

static uint64_t varint(span *s) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        ck_assert_msg(s->at < s->end, "a number is cut");
        unsigned char byte = *s->at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return value;
    }
    ck_abort_msg("a number of more than 64 bits");
    return 0;
}

static span part(span *s) {
    uint64_t length = varint(s);
    ck_assert_msg(length <= (uint64_t)(s->end - s->at), "a part is cut");
    span inner = {s->at, s->at + length};
    s->at += length;
    return inner;
}

static int32_t delta(span *s) {
    uint64_t v = varint(s);
    return (int32_t)((int64_t)(v >> 1) ^ -(int64_t)(v & 1));
}

static void *grown(void *items, size_t count, size_t size) {
    if (count & (count - 1)) return items;
    void *more = realloc(items, (count ? 2 * count : 1) * size);
    ck_assert_ptr_nonnull(more);
    return more;
}

static void read_geometry(span s, mvt_feature *f) {
    int32_t x = 0, y = 0;
    while (s.at < s.end) {
        uint64_t command = varint(&s), count = command >> 3;
        mvt_path *path = f->path_count ? &f->paths[f->path_count - 1] : NULL;
        switch (command & 7) {
        case 1:
            ck_assert_uint_ge(count, 1);
            ck_assert_msg(count == 1 || f->type == 1, "a line that begins more than once");
            break;
        case 2: ck_assert_msg(path && f->type != 1 && count > 0, "a line that begins nowhere"); break;
        case 7:
            ck_assert_msg(path && f->type == 3 && count == 1 && path->count >= 3, "closes no ring");
            continue;
        default: ck_abort_msg("unknown command");
        }
        for (uint64_t i = 0; i < count; i++) {
            if ((command & 7) == 1) {
                f->paths = grown(f->paths, f->path_count, sizeof *f->paths);
                path = &f->paths[f->path_count++];
                *path = (mvt_path){NULL, 0};
            }
            x += delta(&s);
            y += delta(&s);
            path->points = grown(path->points, path->count, sizeof *path->points);
            path->points[path->count][0] = x;
            path->points[path->count++][1] = y;
        }
    }
}

typedef struct tables {
    mvt_text keys[64];
    mvt_value *values;
    size_t key_count, value_count;
} tables;

static void read_feature(span s, const tables *t, mvt_feature *f) {
    span tags = {0}, geometry = {0};
    while (s.at < s.end) {
        uint64_t tag = varint(&s);
        if (tag == (2 << 3 | 2))
            tags = part(&s);
        else if (tag == 3 << 3)
            f->type = (int)varint(&s);
        else if (tag == (4 << 3 | 2))
            geometry = part(&s);
        else
            ck_abort_msg("unknown field of a feature");
    }
    ck_assert(f->type >= 1 && f->type <= 3);
    while (tags.at < tags.end) {
        uint64_t key = varint(&tags), value = varint(&tags);
        ck_assert(key < t->key_count && value < t->value_count && f->tag_count < MVT_TAGS_MAX);
        f->tags[f->tag_count].key = t->keys[key];
        f->tags[f->tag_count++].value = t->values[value];
    }
    read_geometry(geometry, f);
}

static mvt_value read_value(span s) {
    mvt_value value = {{NULL, 0}, false};
    uint64_t tag = varint(&s);
    if (tag == (1 << 3 | 2)) {
        span text = part(&s);
        value.text = (mvt_text){(const char *)text.at, (size_t)(text.end - text.at)};
    } else {
        ck_assert_uint_eq(tag, 7 << 3);
        value.flag = varint(&s) != 0;
    }
    ck_assert_ptr_eq(s.at, s.end);
    return value;
}

static void read_layer(span s, mvt_layer *layer) {
    tables t = {.values = NULL};
    span features[1 << 16];
    size_t count = 0;
    while (s.at < s.end) {
        uint64_t tag = varint(&s);
        if (tag == 15 << 3) {
            layer->version = varint(&s);
        } else if (tag == 5 << 3) {
            layer->extent = varint(&s);
        } else {
            span inner = part(&s);
            mvt_text text = {(const char *)inner.at, (size_t)(inner.end - inner.at)};
            switch (tag) {
            case 1 << 3 | 2: layer->name = text; break;
            case 2 << 3 | 2:
                ck_assert_uint_lt(count, sizeof features / sizeof *features);
                features[count++] = inner;
                break;
            case 3 << 3 | 2: t.keys[t.key_count++] = text; break;
            case 4 << 3 | 2:
                t.values = grown(t.values, t.value_count, sizeof *t.values);
                t.values[t.value_count++] = read_value(inner);
                break;
            default: ck_abort_msg("unknown field of a layer");
            }
        }
    }
    ck_assert_uint_gt(count, 0);
    layer->features = calloc(count, sizeof *layer->features);
    ck_assert_ptr_nonnull(layer->features);
    for (size_t i = 0; i < count; i++) read_feature(features[i], &t, &layer->features[i]);
    layer->feature_count = count;
    free(t.values);
}

mvt_tile mvt_read(const void *bytes, size_t length) {
    mvt_tile tile = {.layer_count = 0};
    span s = {bytes, (const unsigned char *)bytes + length};
    while (s.at < s.end) {
        ck_assert_uint_eq(varint(&s), 3 << 3 | 2);
        ck_assert_uint_lt(tile.layer_count, MVT_LAYERS_MAX);
        read_layer(part(&s), &tile.layers[tile.layer_count++]);
    }
    return tile;
}

void mvt_free(mvt_tile *tile) {
    for (size_t l = 0; l < tile->layer_count; l++) {
        for (size_t f = 0; f < tile->layers[l].feature_count; f++) {
            mvt_feature *feature = &tile->layers[l].features[f];
            for (size_t p = 0; p < feature->path_count; p++) free(feature->paths[p].points);
            free(feature->paths);
        }
        free(tile->layers[l].features);
    }
}

const mvt_layer *mvt_layer_named(const mvt_tile *tile, const char *name) {
    for (size_t l = 0; l < tile->layer_count; l++)
        if (tile->layers[l].name.length == strlen(name) &&
            memcmp(tile->layers[l].name.chars, name, strlen(name)) == 0)
            return &tile->layers[l];
    return NULL;
}

static const mvt_value *value_of(const mvt_feature *feature, const char *key) {
    for (size_t i = 0; i < feature->tag_count; i++)
        if (feature->tags[i].key.length == strlen(key) &&
            memcmp(feature->tags[i].key.chars, key, strlen(key)) == 0)
            return &feature->tags[i].value;
    return NULL;
}

const char *mvt_text_of(const mvt_feature *feature, const char *key) {
    static char texts[4][256];
    static int next;
    char *out = texts[next++ % 4];
    const mvt_value *value = value_of(feature, key);
    snprintf(out, sizeof texts[0], "%.*s", value ? (int)value->text.length : 0,
             value ? value->text.chars : "");
    return out;
}

bool mvt_flag_of(const mvt_feature *feature, const char *key) {
    const mvt_value *value = value_of(feature, key);
    return value && value->flag;
}

int64_t mvt_area(const mvt_path *ring) {
    int64_t area = 0;
    for (size_t i = 0; i < ring->count; i++) {
        const int32_t *a = ring->points[i], *b = ring->points[(i + 1) % ring->count];
        area += (int64_t)a[0] * b[1] - (int64_t)b[0] * a[1];
    }
    return area;
}
