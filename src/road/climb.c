#include "road/climb.h"

#include "base/memory.h"

/* The words of one rank, written to `words` unless that is NULL; how many there are. */
static uint32_t write_blocks(const pct_hierarchy *h, uint32_t rank, uint32_t *words) {
    uint32_t count = 0, last = PCT_NO_INDEX;
    for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++) {
        uint32_t block = h->up_head[a] >> PCT_BLOCK_SHIFT;
        if (block != last) {
            last = block;
            if (words) words[count] = block * (PCT_BLOCK_HEADS + 1);
            count++;
        }
        if (words) words[count - 1] |= 1U << (h->up_head[a] % PCT_BLOCK);
    }
    return count;
}

/* A subtree lies in one piece when the ranks from its lowest to its root are as many as it has. */
static void find_subtrees(const pct_hierarchy *h, pct_climb *climb, uint32_t *size) {
    for (uint32_t x = 0; x < h->node_count; x++) {
        climb->lowest[x] = x;
        size[x] = 1;
    }
    for (uint32_t x = 0; x < h->node_count; x++) {
        uint32_t parent = climb->parent[x];
        if (parent == PCT_NO_INDEX) continue;
        size[parent] += size[x];
        if (climb->lowest[x] < climb->lowest[parent]) climb->lowest[parent] = climb->lowest[x];
    }
    for (uint32_t x = 0; x < h->node_count; x++)
        if (x - climb->lowest[x] + 1 != size[x]) climb->lowest[x] = x;
}

pct_status pct_climb_new(const pct_hierarchy *h, pct_climb *out, pct_error *error) {
    size_t n = h->node_count, count = 0;
    for (uint32_t x = 0; x < n; x++) count += write_blocks(h, x, NULL);
    size_t words = 3 * n + 1 + count;
    uint32_t *block = pct_alloc(words, sizeof *block), *size = pct_alloc(n, sizeof *size);
    if (!block || !size) {
        pct_free(block);
        pct_free(size);
        return pct_error_memory(error, words * sizeof *block);
    }
    *out = (pct_climb){block, block + n, block + 2 * n, block + 3 * n + 1, block};
    uint32_t at = 0;
    for (uint32_t x = 0; x < n; x++) {
        out->parent[x] = pct_hierarchy_parent(h, x);
        out->first_block[x] = at;
        at += write_blocks(h, x, out->blocks + at);
    }
    out->first_block[n] = at;
    find_subtrees(h, out, size);
    pct_free(size);
    return PCT_OK;
}

void pct_climb_dispose(pct_climb *climb) {
    pct_free(climb->owned);
    *climb = (pct_climb){0};
}
