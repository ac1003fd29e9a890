#include "cli/log_site.h"

pct_status pct_log_site_open(const char *folder, pct_log_site *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_record_open(folder, false, NULL, &out->record, error);
    if (!status) status = pct_path_join(path, folder, PCT_LOG_KEY_FILE, error);
    if (!status) status = pct_signer_read(path, PCT_NOTE_ED25519, &out->signer, error);
    if (!status) status = pct_log_tree_open(out->record.store, out->signer.crypto, &out->tree, error);
    if (status) return status;
    pct_merkle_reader reader = pct_log_tree_reader(&out->tree);
    pct_tree_head head = pct_log_tree_head(&out->tree);
    return pct_heads_publish(folder, &out->signer, &reader, &head, &out->head, error);
}

void pct_log_site_close(pct_log_site *site) {
    pct_buffer_dispose(&site->head.note);
    pct_log_tree_close(&site->tree);
    pct_signer_dispose(&site->signer);
    pct_record_close(&site->record);
}
