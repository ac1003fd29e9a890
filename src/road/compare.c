#include "road/compare.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/memory.h"

typedef struct entry { /* a segment; then a way */
    int64_t way;
    uint64_t digest;
} entry;

static uint64_t fold_name(const pct_network *net, uint32_t number, uint64_t running) {
    pct_text name = pct_network_name(net, number);
    running = pct_digest_fold(running, &name.length, sizeof name.length);
    return pct_digest_fold(running, name.chars, name.length);
}

static uint64_t fold_node(const pct_network *net, uint32_t node, uint64_t running) {
    int64_t source = net->node_source[node];
    return net->has_text_ids ? fold_name(net, (uint32_t)source, running)
                             : pct_digest_fold(running, &source, sizeof source);
}

static uint64_t digest_of(const pct_network *net, const pct_segment *s) {
    const uint32_t numbers[] = {s->length_mm, s->crossing_ms,  s->road_class,
                                s->flags,     s->limit_kmh[0], s->limit_kmh[1]};
    uint64_t digest = pct_digest(numbers, sizeof numbers);
    digest = fold_node(net, s->tail, digest);
    digest = fold_node(net, s->head, digest);
    digest = fold_name(net, s->name, digest);
    return fold_name(net, s->name_en, digest);
}

static int by_way(const void *a, const void *b) {
    const entry *p = a, *q = b;
    if (p->way != q->way) return p->way < q->way ? -1 : 1;
    return p->digest < q->digest ? -1 : p->digest > q->digest;
}

/* One entry a way, by ascending id; *count of them. */
static entry *list_ways(const pct_network *net, size_t *count) {
    entry *list = pct_alloc(net->segment_count, sizeof *list);
    *count = 0;
    if (!list) return NULL;
    for (uint32_t i = 0; i < net->segment_count; i++)
        list[i] = (entry){net->segments[i].way, digest_of(net, &net->segments[i])};
    qsort(list, net->segment_count, sizeof *list, by_way);
    for (uint32_t i = 0; i < net->segment_count; i++) {
        entry *last = *count > 0 ? &list[*count - 1] : NULL;
        if (last && last->way == list[i].way)
            last->digest = pct_digest_fold(last->digest, &list[i].digest, sizeof list[i].digest);
        else
            list[(*count)++] = list[i];
    }
    return list;
}

static void count_way(pct_network_difference *out, int kind, int64_t way) {
    out->ways[kind]++;
    if (kind != PCT_WAYS_SAME && out->examples[kind].count < PCT_IMPORT_EXAMPLES)
        out->examples[kind].ids[out->examples[kind].count++] = way;
}

/* --- segments ------------------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;
    return (p > q) - (p < q);
}

/* What names a segment, whichever way round it was drawn; ascending. */
static uint64_t *list_names(const pct_network *net) {
    uint64_t *list = pct_alloc(net->segment_count, sizeof *list);
    if (!list) return NULL;
    for (uint32_t i = 0; i < net->segment_count; i++) {
        const pct_segment *s = &net->segments[i];
        uint64_t ends[2] = {fold_node(net, s->tail, 0), fold_node(net, s->head, 0)};
        qsort(ends, 2, sizeof *ends, by_value);
        list[i] = pct_digest_fold(pct_digest(ends, sizeof ends), &s->way, sizeof s->way);
    }
    qsort(list, net->segment_count, sizeof *list, by_value);
    return list;
}

static pct_status compare_segments(const pct_network *before, const pct_network *after,
                                   pct_network_difference *out, pct_error *error) {
    uint64_t *old = list_names(before), *new = list_names(after);
    uint32_t i = 0, k = 0;
    while (old && new &&i < before->segment_count && k < after->segment_count) {
        out->kept += old[i] == new[k];
        bool older = old[i] <= new[k], newer = new[k] <= old[i];
        i += older;
        k += newer;
    }
    out->gone = before->segment_count - out->kept;
    out->new = after->segment_count - out->kept;
    pct_status status = old && new ? PCT_OK : pct_error_memory(error, after->segment_count * sizeof *new);
    pct_free(old);
    pct_free(new);
    return status;
}

pct_status pct_network_compare(const pct_network *before, const pct_network *after,
                               pct_network_difference *out, pct_error *error) {
    size_t olds, news, i = 0, k = 0;
    entry *old = list_ways(before, &olds), *new = list_ways(after, &news);
    *out = (pct_network_difference){.ways = {0}};
    while (old && new && (i < olds || k < news)) {
        if (k == news || (i < olds && old[i].way < new[k].way)) {
            count_way(out, PCT_WAYS_REMOVED, old[i++].way);
        } else if (i == olds || new[k].way < old[i].way) {
            count_way(out, PCT_WAYS_ADDED, new[k++].way);
        } else {
            count_way(out, old[i].digest == new[k].digest ? PCT_WAYS_SAME : PCT_WAYS_CHANGED, new[k].way);
            i++, k++;
        }
    }
    pct_status status = old && new ? PCT_OK : pct_error_memory(error, after->segment_count * sizeof *new);
    pct_free(old);
    pct_free(new);
    return status ? status : compare_segments(before, after, out, error);
}
