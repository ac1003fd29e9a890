#include "site/restore_keys.h"

#include <string.h>

#include "site/agency.h"
#include "store/backup.h"

static const char copy_begins[] = "precinct-keys-1 ";

static pct_status read_copy(const pct_site *site, const pct_restore_order *order, pct_text bytes,
                            pct_restore_keys *out, pct_error *error) {
    const char *path = order->recovery ? order->recovery : order->agency;
    pct_agency agency;
    pct_status status = pct_agency_init(site, path, &agency, error);
    if (!status) status = pct_agency_load(&agency, false, error);
    if (!status)
        status = pct_key_copy_read(agency.crypto, &agency.key, order->keys, bytes, &out->head, &out->entries,
                                   error);
    if (!status && order->now_ms >= out->head.until_ms)
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_KEY_COPY_OVER, pct_int(out->head.until_ms));
    pct_agency_dispose(&agency);
    out->sealed = !status;
    return status;
}

pct_status pct_restore_keys_take(const pct_site *site, const pct_restore_order *order, const char *folder,
                                 pct_restore_keys *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_mapped_file file;
    *out = (pct_restore_keys){.entries = pct_buffer_init((size_t)PCT_KEY_COPY_MAX * PCT_KEY_COPY_ENTRY)};
    if (!order->keys) return PCT_OK;
    pct_status status = pct_file_map(order->keys, &file, error);
    if (status) return status;
    const size_t length = sizeof copy_begins - 1;
    if (file.bytes.length >= length && memcmp(file.bytes.chars, copy_begins, length) == 0) {
        status = read_copy(site, order, file.bytes, out, error);
    } else {
        status = pct_path_join(path, folder, PCT_STORE_KEYS, error);
        if (!status) status = pct_store_copy_database(order->keys, path, NULL, error);
    }
    pct_file_unmap(&file);
    return status;
}

static pct_status put_all(const pct_restore_keys *keys, pct_store *store, pct_error *error) {
    pct_status status = PCT_OK;
    for (int64_t i = 0; i < keys->head.count && !status; i++) {
        pct_key_copy_entry entry;
        bool fresh;
        if (!pct_key_copy_get(&keys->entries, (size_t)i, &entry)) continue;
        const pct_stored_key stored = {entry.name.id, entry.name.object,
                                       pct_text_of(pct_retention_names[entry.name.retention])};
        status = pct_store_restore_key(store, &stored, entry.key.bytes, entry.made_at_ms, &fresh, error);
        explicit_bzero(&entry, sizeof entry);
    }
    return status;
}

pct_status pct_restore_keys_put(const pct_restore_keys *keys, pct_store *store, pct_error *error) {
    if (!keys->sealed) return PCT_OK;
    pct_status status = pct_store_begin(store, error);
    if (!status) status = put_all(keys, store, error);
    return status ? status : pct_store_commit(store, error);
}

pct_status pct_restore_keys_check(const pct_restore_keys *keys, int64_t seq, pct_hash leaf,
                                  pct_error *error) {
    if (!keys->sealed || seq != keys->head.seq || pct_hash_equal(leaf, keys->head.leaf)) return PCT_OK;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_KEY_COPY_OTHER, pct_int(seq));
}

void pct_restore_keys_dispose(pct_restore_keys *keys) {
    if (keys->entries.length) explicit_bzero(keys->entries.bytes, keys->entries.length);
    pct_buffer_dispose(&keys->entries);
}
