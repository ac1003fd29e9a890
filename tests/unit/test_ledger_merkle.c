/* The tree against RFC 6962's eight leaves, its saved form, and tiles. */
#include <string.h>

#include "ledger/tile.h"
#include "support/test.h"

static const pct_crypto *sodium(void) {
    const pct_crypto *crypto = NULL;
    if (pct_crypto_sodium(&crypto, NULL)) abort();
    return crypto;
}

static pct_hash from_hex(const char *hex) {
    pct_hash out;
    for (size_t i = 0; i < sizeof out.bytes; i++) {
        unsigned byte;
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out.bytes[i] = (unsigned char)byte;
    }
    return out;
}

static const char leaf_bytes[] = "\x00\x10\x20\x21\x30\x31@ABCPQRSTUVW`abcdefghijklmno";
static const size_t leaf_lengths[] = {0, 1, 1, 2, 2, 4, 8, 16};
static const char *const roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

TEST(merkle_gives_the_roots_of_rfc_6962) {
    pct_merkle tree = pct_merkle_init(sodium());
    const char *at = leaf_bytes;
    ck_assert(pct_hash_equal(pct_merkle_root(&tree),
                             from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
    for (size_t i = 0; i < 8; at += leaf_lengths[i++]) {
        pct_merkle_append(&tree, pct_merkle_leaf(tree.crypto, (pct_text){at, leaf_lengths[i]}));
        ck_assert_uint_eq(tree.size, i + 1);
        ck_assert_msg(pct_hash_equal(pct_merkle_root(&tree), from_hex(roots[i])), "root of %zu", i + 1);
    }
}

TEST(merkle_saved_and_loaded_goes_on_as_before) {
    pct_merkle tree = pct_merkle_init(sodium()), loaded;
    pct_buffer saved = pct_buffer_init(PCT_MERKLE_SAVED_MAX);
    pct_error error;
    for (uint64_t n = 0; n < 70; n++) {
        pct_buffer_clear(&saved);
        ck_assert_int_eq(pct_merkle_save(&tree, &saved), PCT_OK);
        pct_text bytes = {(char *)saved.bytes, saved.length};
        test_ok(pct_merkle_load(tree.crypto, bytes, &loaded, &error), &error);
        for (int more = 0; more < 5; more++) {
            pct_hash leaf = pct_merkle_leaf(tree.crypto, (pct_text){(char *)&n, 1 + (size_t)more});
            if (more == 0) pct_merkle_append(&tree, leaf);
            pct_merkle_append(&loaded, leaf);
            if (more == 0) ck_assert(pct_hash_equal(pct_merkle_root(&tree), pct_merkle_root(&loaded)));
        }
        bytes.length--;
        ck_assert_int_eq(pct_merkle_load(tree.crypto, bytes, &loaded, &error), PCT_DAMAGED);
        bytes.length = 7;
        ck_assert_int_eq(pct_merkle_load(tree.crypto, bytes, &loaded, &error), PCT_DAMAGED);
    }
    char big[8 + 32] = {(char)0x80};
    ck_assert_int_eq(pct_merkle_load(tree.crypto, (pct_text){big, sizeof big}, &loaded, &error), PCT_DAMAGED);
    test_error_says(&error, "40 bytes");
    pct_buffer_dispose(&saved);
}

TEST(merkle_appends_without_allocating) {
    pct_merkle tree = pct_merkle_init(sodium());
    size_t before = test_allocation_count();
    for (int i = 0; i < 1000; i++) pct_merkle_append(&tree, pct_merkle_leaf(tree.crypto, pct_text_of("x")));
    pct_hash root = pct_merkle_root(&tree);
    size_t after = test_allocation_count();
    ck_assert_uint_eq(after, before);
    ck_assert_uint_ne(root.bytes[0] | root.bytes[1], 0);
}

/* --- tiles ------------------------------------------------------------------------------------------------------ */

static void path_is(pct_tile tile, bool entries, const char *expected) {
    char path[PCT_TILE_PATH];
    pct_tile read;
    bool is_bundle;
    ck_assert_uint_eq(pct_tile_path(tile, entries, path), strlen(expected));
    ck_assert_str_eq(path, expected);
    ck_assert(pct_tile_from_path(pct_text_of(path), &read, &is_bundle));
    ck_assert(read.level == tile.level && read.index == tile.index && read.width == tile.width);
    ck_assert_int_eq(is_bundle, entries);
}

TEST(tile_paths_are_those_of_c2sp) {
    path_is((pct_tile){0, 0, 256}, false, "tile/0/000");
    path_is((pct_tile){0, 1234067, 256}, false, "tile/0/x001/x234/067");
    path_is((pct_tile){1, 273, 17}, false, "tile/1/273.p/17");
    path_is((pct_tile){0, 1000, 1}, true, "tile/entries/x001/000.p/1");
    path_is((pct_tile){7, (UINT64_C(1) << 55) - 1, 256}, false, "tile/7/x036/x028/x797/x018/x963/967");
}

TEST(tile_paths_have_one_spelling) {
    static const char *const wrong[] = {"",
                                        "tile",
                                        "tile/0",
                                        "tile/0/",
                                        "tile/0/0",
                                        "tile/0/00",
                                        "tile/00/000",
                                        "tile/8/000",
                                        "tile/-1/000",
                                        "tile/0/x000/001",
                                        "tile/0/001/002",
                                        "tile/0/000.p/0",
                                        "tile/0/000.p/256",
                                        "tile/0/000.p/01",
                                        "tile/0/000.p/1.p/1",
                                        "tile/0/000.p/",
                                        "tile/0/00a",
                                        "tile/entry/000",
                                        "file/0/000",
                                        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999"};
    pct_tile tile;
    bool entries;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!pct_tile_from_path(pct_text_of(wrong[i]), &tile, &entries), "%s", wrong[i]);
}

TEST(tile_width_grows_with_the_log) {
    ck_assert_uint_eq(pct_tile_width(0, 0, 0), 0);
    ck_assert_uint_eq(pct_tile_width(0, 0, 1), 1);
    ck_assert_uint_eq(pct_tile_width(0, 0, 300), 256);
    ck_assert_uint_eq(pct_tile_width(0, 1, 300), 44);
    ck_assert_uint_eq(pct_tile_width(0, 2, 300), 0);
    ck_assert_uint_eq(pct_tile_width(1, 0, 300), 1);
    ck_assert_uint_eq(pct_tile_width(2, 0, 300), 0);
    ck_assert_uint_eq(pct_tile_width(8, 0, UINT64_MAX), 0);
    ck_assert_uint_eq(pct_tile_width(0, UINT64_MAX, 300), 0);
}

enum { LEAVES = 70000 };

static pct_status read_leaves(void *context, unsigned level, uint64_t index, size_t count, pct_hash *out,
                              pct_error *error) {
    (void)error;
    if (level) return PCT_NOT_FOUND;
    memcpy(out, (const pct_hash *)context + index, count * sizeof *out);
    return PCT_OK;
}

TEST(tile_holds_the_hashes_of_perfect_trees) {
    const pct_crypto *crypto = sodium();
    pct_hash *leaves = calloc(LEAVES, sizeof *leaves);
    pct_buffer out = pct_buffer_init(1 << 16);
    pct_error error;
    for (uint32_t i = 0; i < LEAVES; i++)
        leaves[i] = pct_merkle_leaf(crypto, (pct_text){(char *)&i, sizeof i});
    pct_merkle_reader reader = {crypto, leaves, read_leaves};
    test_ok(pct_tile_write(&reader, LEAVES, (pct_tile){0, 273, 112}, &out, &error), &error);
    ck_assert_uint_eq(out.length, 112 * 32);
    ck_assert_int_eq(memcmp(out.bytes, leaves + 273 * 256, out.length), 0);
    pct_buffer_clear(&out);
    test_ok(pct_tile_write(&reader, LEAVES, (pct_tile){1, 1, 17}, &out, &error), &error);
    pct_merkle perfect = pct_merkle_init(crypto);
    for (size_t i = 0; i < 256; i++) pct_merkle_append(&perfect, leaves[(256 + 3) * 256 + i]);
    pct_hash root = pct_merkle_root(&perfect);
    ck_assert_int_eq(memcmp(out.bytes + 3 * 32, root.bytes, 32), 0);
    pct_buffer_clear(&out);
    test_ok(pct_tile_write(&reader, LEAVES, (pct_tile){2, 0, 1}, &out, &error), &error);
    ck_assert_int_eq(pct_merkle_root_at(&reader, 65536, &root, &error), PCT_OK);
    ck_assert_int_eq(memcmp(out.bytes, root.bytes, 32), 0);
    ck_assert_int_eq(pct_tile_write(&reader, LEAVES, (pct_tile){0, 273, 113}, &out, &error), PCT_NOT_FOUND);
    test_error_says(&error, "a log of 70000 events has no tile/0/273.p/113");
    ck_assert_int_eq(pct_tile_write(&reader, LEAVES, (pct_tile){0, 0, 0}, &out, &error), PCT_NOT_FOUND);
    free(leaves);
    pct_buffer_dispose(&out);
}

TEST(tile_bundle_gives_each_entry_behind_its_length) {
    pct_buffer out = pct_buffer_init(100);
    ck_assert_int_eq(pct_tile_append_entry(&out, pct_text_of("abc")), PCT_OK);
    ck_assert_int_eq(memcmp(out.bytes, "\0\3abc", 5), 0);
    ck_assert_int_eq(pct_tile_append_entry(&out, (pct_text){"", 65536}), PCT_LIMIT);
    pct_buffer_dispose(&out);
}

TEST_MAIN("ledger_merkle", TEST_CASE(merkle_gives_the_roots_of_rfc_6962),
          TEST_CASE(merkle_saved_and_loaded_goes_on_as_before), TEST_CASE(merkle_appends_without_allocating),
          TEST_CASE(tile_paths_are_those_of_c2sp), TEST_CASE(tile_paths_have_one_spelling),
          TEST_CASE(tile_width_grows_with_the_log), TEST_CASE(tile_holds_the_hashes_of_perfect_trees),
          TEST_CASE(tile_bundle_gives_each_entry_behind_its_length))
