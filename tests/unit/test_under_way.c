#include "cli/under_way.h"

#include <unistd.h>

#include "base/memory.h"
#include "support/test.h"

static void add(pct_vector *all, int64_t unit, int64_t from_ms, int64_t to_ms) {
    pct_under_way *room = pct_vector_push(all);
    ck_assert_ptr_nonnull(room);
    *room = (pct_under_way){unit, from_ms, to_ms};
}

TEST(a_drive_belongs_to_response_only_when_all_of_it_was_under_way) {
    pct_vector all = pct_vector_init(sizeof(pct_under_way), 100);
    add(&all, 3, 1000, 2000);
    add(&all, 3, 5000, 6000);
    add(&all, 7, 1500, 9000);
    const struct {
        int64_t unit, from_ms, to_ms;
        bool covered;
    } cases[] = {{3, 1000, 2000, true},  {3, 999, 2000, false},  {3, 1000, 2001, false},
                 {3, 5500, 5600, true},  {3, 2500, 2600, false}, {7, 1500, 1600, true},
                 {7, 100, 200, false},   {5, 1500, 1600, false}, {2, 1500, 1600, false},
                 {8, 1500, 1600, false}, {3, 1500, 5500, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(pct_under_way_covers(&all, cases[i].unit, cases[i].from_ms, cases[i].to_ms),
                         cases[i].covered);
    pct_vector_dispose(&all);
    ck_assert(!pct_under_way_covers(&all, 3, 1000, 2000));
}

TEST(the_record_says_who_was_under_way_when) {
    char folder[] = "/tmp/precinct-under-way-XXXXXX", path[64];
    pct_vector all = pct_vector_init(sizeof(pct_under_way), 1000);
    pct_error error;
    pct_store *store;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    test_ok(pct_under_way_read(folder, &all, &error), &error);
    ck_assert_uint_eq(all.length, 0); /* a site that was never served */
    test_ok(pct_store_open(&(pct_store_options){.folder = folder}, &store, &error), &error);
    test_ok(pct_store_begin(store, &error), &error);
    for (int64_t i = 1; i <= 450; i++) { /* three pages */
        const pct_incident_row incident = {.id = {i * 10},
                                           .opened_at_ms = i * 1000,
                                           .type = pct_text_of("fire"),
                                           .status = pct_text_of("open"),
                                           .priority = 1};
        const pct_order_row order = {.id = {i * 10 + 1},
                                     .incident = {i * 10},
                                     .unit = {1 + i % 3},
                                     .status = pct_text_of("arrived"),
                                     .sent_at_ms = i * 1000,
                                     .set_out_at_ms = i % 5 ? i * 1000 + 10 : 0,
                                     .arrived_at_ms = i % 7 ? i * 1000 + 700 : 0};
        test_ok(pct_store_put_incident(store, &incident, &error), &error);
        test_ok(pct_store_put_order(store, &order, &error), &error);
    }
    test_ok(pct_store_commit(store, &error), &error);
    pct_store_close(store);
    test_ok(pct_under_way_read(folder, &all, &error), &error);
    ck_assert_uint_eq(all.length, 450 - 90 - 64 + 12); /* those that set out and arrived */
    const pct_under_way *ways = all.items;
    for (size_t i = 1; i < all.length; i++)
        ck_assert(ways[i - 1].unit < ways[i].unit ||
                  (ways[i - 1].unit == ways[i].unit && ways[i - 1].from_ms < ways[i].from_ms));
    ck_assert(pct_under_way_covers(&all, 1 + 451 % 3, 448000 + 20, 448000 + 30) ==
              (448 % 5 && 448 % 7 && 448 % 3 == 451 % 3));
    pct_vector_dispose(&all);
    const char *const files[] = {"record.db", "record.db-wal", "record.db-shm",
                                 "keys.db",   "keys.db-wal",   "keys.db-shm"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

TEST_MAIN("under way", TEST_CASE(a_drive_belongs_to_response_only_when_all_of_it_was_under_way),
          TEST_CASE(the_record_says_who_was_under_way_when))
