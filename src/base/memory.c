#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { LARGE = 1 << 20, KEPT = 16 << 20 };

void *pct_alloc(size_t count, size_t item_size) {
    if (item_size != 0 && count > SIZE_MAX / item_size) return NULL;
    size_t bytes = count * item_size;
    return malloc(bytes ? bytes : 1);
}

void *pct_alloc_zeroed(size_t count, size_t item_size) {
    if (item_size != 0 && count > SIZE_MAX / item_size) return NULL;
    return calloc(count ? count : 1, item_size ? item_size : 1);
}

void *pct_realloc(void *items, size_t count, size_t item_size) {
    if (item_size != 0 && count > SIZE_MAX / item_size) return NULL;
    size_t bytes = count * item_size;
    return realloc(items, bytes ? bytes : 1);
}

void pct_free(void *items) {
    free(items);
}

/* By itself glibc raises its threshold with every large block that is freed, up to 32 MiB: metrics and their scratch memory would
 * then stay in the arena of each thread that once made one. */
void pct_memory_give_back(void) {
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT);
#endif
}

/* Of the process, as the allocator is. */
static atomic_bool wiping;

void pct_memory_wipe_freed(void) {
    atomic_store(&wiping, true);
}

bool pct_memory_wipes(void) {
    return atomic_load_explicit(&wiping, memory_order_relaxed);
}

void pct_memory_forget(void *bytes, size_t length) {
    if (length > 0 && pct_memory_wipes()) explicit_bzero(bytes, length);
}

typedef struct pct_arena_chunk {
    struct pct_arena_chunk *older;
    size_t used, size;
    _Alignas(max_align_t) unsigned char bytes[];
} pct_arena_chunk;

enum { FIRST_CHUNK = 16 << 10 };

pct_arena pct_arena_init(size_t max_bytes) {
    return (pct_arena){.max_bytes = max_bytes};
}

static pct_arena_chunk *arena_grow(pct_arena *arena, size_t bytes) {
    size_t size = arena->chunk ? arena->chunk->size * 2 : FIRST_CHUNK;
    if (size < bytes) size = bytes;
    size_t room = arena->max_bytes - arena->held;
    if (size > room) size = room;
    if (size < bytes) return NULL;
    pct_arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk) return NULL;
    *chunk = (pct_arena_chunk){.older = arena->chunk, .size = size};
    arena->chunk = chunk;
    arena->held += size;
    return chunk;
}

void *pct_arena_alloc(pct_arena *arena, size_t count, size_t item_size) {
    const size_t align = _Alignof(max_align_t);
    if (item_size != 0 && count > (SIZE_MAX - align) / item_size) return NULL;
    size_t bytes = (count * item_size + align - 1) / align * align;
    pct_arena_chunk *chunk = arena->chunk;
    if (!chunk || chunk->size - chunk->used < bytes) chunk = arena_grow(arena, bytes);
    if (!chunk) return NULL;
    void *block = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return block;
}

char *pct_arena_text(pct_arena *arena, const char *chars, size_t length) {
    char *copy = pct_arena_alloc(arena, length + 1, 1);
    if (!copy) return NULL;
    if (length > 0) memcpy(copy, chars, length);
    copy[length] = '\0';
    return copy;
}

void pct_arena_reset(pct_arena *arena) {
    if (!arena->chunk) return;
    pct_arena_chunk *older = arena->chunk->older;
    while (older) {
        pct_arena_chunk *next = older->older;
        arena->held -= older->size;
        free(older);
        older = next;
    }
    pct_memory_forget(arena->chunk->bytes, arena->chunk->used);
    arena->chunk->older = NULL;
    arena->chunk->used = 0;
}

void pct_arena_dispose(pct_arena *arena) {
    pct_arena_reset(arena);
    free(arena->chunk);
    *arena = pct_arena_init(arena->max_bytes);
}
