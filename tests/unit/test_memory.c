#include "base/memory.h"

#include "base/buffer.h"

#include <stdalign.h>
#include <stdbool.h>
#include <string.h>

#include "support/test.h"

TEST(alloc_refuses_products_that_overflow) {
    ck_assert_ptr_null(pct_alloc(SIZE_MAX / 2, 3));
    ck_assert_ptr_null(pct_realloc(NULL, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(pct_alloc_zeroed(SIZE_MAX / 2, 3));
    pct_arena arena = pct_arena_init(SIZE_MAX);
    ck_assert_ptr_null(pct_arena_alloc(&arena, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(pct_arena_alloc(&arena, SIZE_MAX, 1));
    pct_arena_dispose(&arena);
}

TEST(alloc_of_nothing_is_still_something) {
    void *a = pct_alloc(0, 8), *b = pct_alloc_zeroed(0, 0), *c = pct_realloc(NULL, 0, 1);
    ck_assert(a && b && c);
    pct_free(a);
    pct_free(b);
    pct_free(c);
    pct_free(NULL);
}

TEST(arena_blocks_are_aligned_and_apart) {
    pct_arena arena = pct_arena_init(1 << 20);
    unsigned char *blocks[200];
    for (size_t i = 0; i < 200; i++) {
        blocks[i] = pct_arena_alloc(&arena, i * 7 + 1, 1);
        ck_assert_ptr_nonnull(blocks[i]);
        ck_assert_uint_eq((uintptr_t)blocks[i] % alignof(max_align_t), 0);
        memset(blocks[i], (int)i, i * 7 + 1);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t k = 0; k < i * 7 + 1; k++)
            if (blocks[i][k] != (unsigned char)i) ck_abort_msg("block %zu was written over", i);
    pct_arena_dispose(&arena);
}

TEST(arena_never_holds_more_than_its_maximum) {
    for (size_t max_bytes = 0; max_bytes < 100000; max_bytes += 1009) {
        pct_arena arena = pct_arena_init(max_bytes);
        size_t given = 0;
        while (pct_arena_alloc(&arena, 160, 1)) given += 160;
        ck_assert_uint_le(given, max_bytes);
        ck_assert_uint_le(arena.held, max_bytes);
        ck_assert_ptr_null(pct_arena_alloc(&arena, max_bytes + 1, 1));
        pct_arena_dispose(&arena);
    }
    pct_arena arena = pct_arena_init(32);
    ck_assert_ptr_nonnull(pct_arena_alloc(&arena, 32, 1));
    ck_assert_ptr_null(pct_arena_alloc(&arena, 1, 1));
    pct_arena_dispose(&arena);
}

TEST(arena_that_is_warm_allocates_nothing) {
    pct_arena arena = pct_arena_init(16 << 20);
    size_t warm = 0;
    bool all = true;
    for (int round = 0; round < 5; round++) {
        pct_arena_reset(&arena);
        if (round == 2) warm = test_allocation_count();
        for (int i = 0; i < 1000; i++) all &= pct_arena_alloc(&arena, 100, 8) != NULL;
    }
    size_t after = test_allocation_count();
    ck_assert(all);
    ck_assert_uint_eq(after, warm);
    pct_arena_dispose(&arena);
}

TEST(arena_reset_gives_its_maximum_back) {
    pct_arena arena = pct_arena_init(1 << 20);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 5; i++) ck_assert_ptr_nonnull(pct_arena_alloc(&arena, 20000, 10));
        pct_arena_reset(&arena);
        ck_assert_uint_le(arena.held, 1 << 20);
    }
    pct_arena_dispose(&arena);
    pct_arena_reset(&arena);
}

TEST(arena_text_is_copied_and_terminated) {
    pct_arena arena = pct_arena_init(1 << 20);
    ck_assert_str_eq(pct_arena_text(&arena, "abcdef", 3), "abc");
    ck_assert_str_eq(pct_arena_text(&arena, NULL, 0), "");
    pct_arena_dispose(&arena);
    pct_arena none = pct_arena_init(0);
    ck_assert_ptr_null(pct_arena_text(&none, "a", 1));
}

static pct_status attempt(void *context) {
    (void)context;
    pct_arena arena = pct_arena_init(1 << 20);
    pct_status status = PCT_OK;
    for (int i = 0; i < 20 && !status; i++)
        if (!pct_arena_alloc(&arena, 5000, 1)) status = PCT_MEMORY;
    pct_arena_dispose(&arena);
    return status;
}

TEST(arena_survives_every_failing_allocation) {
    ck_assert_uint_gt(test_torture(attempt, NULL), 2);
}

TEST(memory_that_is_given_up_is_overwritten_once_that_was_asked_for) {
    for (int wanted = 0; wanted < 2; wanted++) {
        pct_arena arena = pct_arena_init(1 << 20);
        pct_buffer buffer = pct_buffer_init(1 << 10);
        if (wanted) pct_memory_wipe_freed();
        const char *text = pct_arena_text(&arena, "a caller's name", 15);
        ck_assert_ptr_nonnull(text);
        ck_assert_int_eq(pct_buffer_append_text(&buffer, "a caller's name"), PCT_OK);
        pct_arena_reset(&arena);
        pct_buffer_clear(&buffer);
        ck_assert_int_eq(text[0], wanted ? '\0' : 'a');
        ck_assert_int_eq(buffer.bytes[0], wanted ? '\0' : 'a');
        pct_arena_dispose(&arena);
        pct_buffer_dispose(&buffer);
    }
}

TEST_MAIN("memory", TEST_CASE(memory_that_is_given_up_is_overwritten_once_that_was_asked_for),
          TEST_CASE(alloc_refuses_products_that_overflow), TEST_CASE(alloc_of_nothing_is_still_something),
          TEST_CASE(arena_blocks_are_aligned_and_apart), TEST_CASE(arena_never_holds_more_than_its_maximum),
          TEST_CASE(arena_that_is_warm_allocates_nothing), TEST_CASE(arena_reset_gives_its_maximum_back),
          TEST_CASE(arena_text_is_copied_and_terminated), TEST_CASE(arena_survives_every_failing_allocation))
