/* The only door to the C allocator: no other module calls malloc. Failure is returned, never fatal.
 *
 * pct_alloc and pct_alloc_zeroed refuse counts whose product overflows. Free accepts NULL. */
#ifndef PCT_BASE_MEMORY_H
#define PCT_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

void *pct_alloc(size_t count, size_t item_size) PCT_MUST_USE;
void *pct_alloc_zeroed(size_t count, size_t item_size) PCT_MUST_USE;
void *pct_realloc(void *items, size_t count, size_t item_size) PCT_MUST_USE;
void pct_free(void *items);
/* For a process that runs for long, before it allocates: from now on blocks of a MiB and more go back to the system when they are freed,
 * and are not kept for whichever thread freed them. */
void pct_memory_give_back(void);
/* For a process that holds what others may not find in it: from now on what is freed (where cli/freed.c is part of the program), and
 * what an arena or a buffer gives up, is overwritten. For good. */
void pct_memory_wipe_freed(void);
bool pct_memory_wipes(void);
/* Overwrites, when that was said. */
void pct_memory_forget(void *bytes, size_t length);

/* Arena: memory for one request, one solve or one replication, given back at once.
 *
 *     pct_arena arena = pct_arena_init(64 << 20);   // may hold at most 64 MiB
 *     T *t = pct_arena_alloc(&arena, n, sizeof *t); // NULL beyond the maximum or without memory
 *     pct_arena_reset(&arena);                      // keeps the last chunk: a warm arena allocates nothing
 *     pct_arena_dispose(&arena);
 *
 * Allocation is O(1); blocks are aligned for any type. */
typedef struct pct_arena {
    struct pct_arena_chunk *chunk; /* newest first */
    size_t held, max_bytes;
} pct_arena;

pct_arena pct_arena_init(size_t max_bytes);
void *pct_arena_alloc(pct_arena *arena, size_t count, size_t item_size) PCT_MUST_USE;
char *pct_arena_text(pct_arena *arena, const char *chars,
                     size_t length) PCT_MUST_USE; /* NUL-terminated copy */
void pct_arena_reset(pct_arena *arena);
void pct_arena_dispose(pct_arena *arena);

#endif
