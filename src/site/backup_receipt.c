#include "site/backup_receipt.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "site/backup_state.h"

enum { FORMAT = 1, RECEIPT_MAX = 1000, HEX = 2 * PCT_HASH_BYTES + 1 };

pct_status pct_backup_receipt_write(const char *path, const pct_backup_report *report, int64_t at_ms,
                                    pct_error *error) {
    pct_buffer text = pct_buffer_init(RECEIPT_MAX);
    char hex[HEX];
    pct_backup_hex(report->root.bytes, sizeof report->root.bytes, hex);
    (void)pct_buffer_append_format(&text,
                                   "{\"format\":%d,\"chain\":\"%s\",\"part\":%lld,\"at_ms\":%lld,"
                                   "\"until\":%lld,\"root\":\"%s\"}\n",
                                   FORMAT, report->chain, (long long)report->part, (long long)at_ms,
                                   (long long)report->until, hex);
    pct_status status = pct_buffer_status(&text, error);
    if (!status) status = pct_file_replace(path, (pct_text){(const char *)text.bytes, text.length}, error);
    pct_buffer_dispose(&text);
    return status;
}

static bool take(const json_t *tree, pct_backup_receipt *out) {
    const char *chain = json_string_value(json_object_get(tree, "chain")),
               *root = json_string_value(json_object_get(tree, "root"));
    if (json_integer_value(json_object_get(tree, "format")) != FORMAT || !chain || !root ||
        strlen(chain) != PCT_BACKUP_CHAIN - 1 ||
        !pct_backup_hex_read(root, out->root.bytes, sizeof out->root.bytes))
        return false;
    memcpy(out->chain, chain, PCT_BACKUP_CHAIN);
    out->part = json_integer_value(json_object_get(tree, "part"));
    out->at_ms = json_integer_value(json_object_get(tree, "at_ms"));
    out->until = json_integer_value(json_object_get(tree, "until"));
    return out->part > 0 && out->part <= PCT_BACKUP_PARTS_MAX && out->at_ms > 0 && out->until >= 0;
}

pct_status pct_backup_receipt_read(const char *path, pct_backup_receipt *out, pct_error *error) {
    pct_mapped_file file;
    json_t *tree = NULL;
    *out = (pct_backup_receipt){.part = 0};
    pct_status status = pct_file_map(path, &file, error);
    if (status) return status;
    if (file.bytes.length > RECEIPT_MAX || pct_json_parse(path, file.bytes, &tree, NULL) != PCT_OK ||
        !take(tree, out))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_RECEIPT_BAD, pct_str(path));
    json_decref(tree);
    pct_file_unmap(&file);
    return status;
}

pct_status pct_backup_receipt_of_site(const char *site, const char *folder, bool *there,
                                      pct_backup_receipt *out, pct_error *error) {
    const pct_crypto *crypto;
    pct_backup_state state;
    pct_status status = pct_crypto_sodium(&crypto, error);
    *there = false;
    if (status) return status;
    status = pct_backup_state_read(site, folder, crypto, &state, error);
    if (!status && state.there) {
        *out = (pct_backup_receipt){.part = state.part,
                                    .at_ms = state.at_ms,
                                    .until = state.until,
                                    .root = pct_merkle_root(&state.tree)};
        memcpy(out->chain, state.chain, sizeof out->chain);
        *there = true;
    }
    pct_backup_state_dispose(&state);
    return status;
}

pct_status pct_backup_receipt_check_part(const pct_backup_receipt *receipt, const pct_backup_label *last,
                                         const char *path, pct_error *error) {
    const bool same = strcmp(receipt->chain, last->chain) == 0;
    if (same && last->part < receipt->part)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_RECEIPT_PART, pct_str(path), pct_int(last->part),
                        pct_int(receipt->part));
    if (!same && last->at_ms <= receipt->at_ms)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_RECEIPT_CHAIN, pct_str(path));
    return last->until >= receipt->until
               ? PCT_OK
               : PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_RECEIPT_EVENTS, pct_str(path),
                          pct_int(last->until), pct_int(receipt->until));
}

pct_status pct_backup_receipt_check_log(const pct_backup_receipt *receipt, const pct_merkle *tree,
                                        pct_error *error) {
    if (pct_hash_equal(pct_merkle_root(tree), receipt->root)) return PCT_OK;
    return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_RECEIPT_ROOT, pct_int(receipt->until));
}
