/* What the program frees is overwritten, by whomever it was allocated: SQLite's pages, a parser's words, the server's buffers.
 *
 * The C library's free and realloc are taken over (its manual, "Replacing malloc"; the originals stay as __libc_free and
 * __libc_realloc) and wipe first, once pct_memory_wipe_freed() was called. Wiping costs what writing the block costs. A block that
 * grows moves by a copy, so that the old place is wiped too; from a MiB on it is the kernel that moves or takes its pages. Not in the
 * library nor in test builds, whose sanitizers take the same two functions. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#if defined __GLIBC__ && !defined PCT_TEST_BUILD

enum { LARGE = 1 << 20 };

void __libc_free(void *block);
void *__libc_realloc(void *block, size_t bytes);

void free(void *block) {
    if (block) pct_memory_forget(block, malloc_usable_size(block));
    __libc_free(block);
}

void *realloc(void *block, size_t bytes) {
    if (!block || bytes == 0 || !pct_memory_wipes()) return __libc_realloc(block, bytes);
    size_t usable = malloc_usable_size(block);
    if (usable >= LARGE) return __libc_realloc(block, bytes);
    if (bytes <= usable) {
        pct_memory_forget((unsigned char *)block + bytes, usable - bytes);
        return block;
    }
    void *moved = malloc(bytes);
    if (!moved) return NULL;
    memcpy(moved, block, usable);
    free(block);
    return moved;
}

#endif
