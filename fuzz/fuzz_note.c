/* Any bytes as a signed note, a key, a path of a tile and a saved tree: refused, or what writing gives back. Signatures are
 * taken for true here, so that what lies behind them is reached. */
#include <stdlib.h>
#include <string.h>

#include "ledger/note.h"
#include "ledger/tile.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static bool believe(const unsigned char key[PCT_PUBLIC_BYTES], pct_text message,
                    const unsigned char signature[PCT_SIGNATURE_BYTES]) {
    return message.length > 0 && key && signature;
}

static void same(const void *again, size_t again_length, pct_text text) {
    if (again_length != text.length || memcmp(again, text.chars, text.length) != 0) abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    const pct_crypto *sodium;
    pct_text text = {(const char *)bytes, length};
    pct_note_key key = {.name = pct_text_of("a"), .kind = PCT_NOTE_ED25519};
    pct_checkpoint checkpoint;
    pct_merkle tree;
    pct_tile tile;
    bool entries;
    char path[PCT_TILE_PATH];
    pct_buffer again = pct_buffer_init(1 << 16);
    if (pct_crypto_sodium(&sodium, NULL)) abort();
    pct_crypto trusting = *sodium;
    trusting.verify = believe;
    if (pct_checkpoint_read(&trusting, text, &key, &checkpoint, NULL) == PCT_OK &&
        (checkpoint.origin.length != 1 || checkpoint.head.size > INT64_MAX))
        abort();
    if (pct_note_key_read(sodium, text, &key, NULL) == PCT_OK) {
        if (pct_note_key_write(sodium, &key, &again, NULL)) abort();
        same(again.bytes, again.length, text);
    }
    if (pct_tile_from_path(text, &tile, &entries)) same(path, pct_tile_path(tile, entries, path), text);
    pct_buffer_clear(&again);
    if (pct_merkle_load(sodium, text, &tree, NULL) == PCT_OK) {
        (void)pct_merkle_root(&tree);
        if (pct_merkle_save(&tree, &again)) abort();
        same(again.bytes, again.length, text);
    }
    pct_buffer_dispose(&again);
    return 0;
}
