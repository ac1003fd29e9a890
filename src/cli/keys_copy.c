#include "cli/keys_copy.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock/time.h"
#include "site/agency.h"
#include "site/file.h"

static pct_status write_file(const char *path, const pct_buffer *bytes, pct_error *error) {
    struct stat info;
    if (stat(path, &info) == 0) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_KEYS_FILE_THERE, pct_str(path));
    const mode_t mask = umask(077);
    pct_status status = pct_file_replace(path, (pct_text){(const char *)bytes->bytes, bytes->length}, error);
    (void)umask(mask);
    return status;
}

pct_status pct_keys_copy_key(const pct_site *site, const pct_keys_order *order, pct_key *out,
                             pct_error *error) {
    pct_agency agency;
    pct_status status = pct_agency_init(site, order->recovery ? order->recovery : order->key, &agency, error);
    if (!status) status = pct_agency_load(&agency, order->recovery != NULL, error);
    if (!status) *out = agency.key;
    pct_agency_dispose(&agency);
    return status;
}

void pct_keys_copy_path(const pct_site *site, int64_t number, char out[PCT_PATH_MAX]) {
    (void)snprintf(out, PCT_PATH_MAX, "%.*s/keys.copy.%lld", PCT_PATH_MAX - 40, site->folder,
                   (long long)number);
}

pct_status pct_keys_copy_fetch(const char *from, const char *to, pct_error *error) {
    pct_mapped_file file = {{"", 0}, NULL};
    pct_status status = pct_file_map(from, &file, error);
    pct_buffer bytes = pct_buffer_init(file.bytes.length + 1);
    if (!status) status = pct_buffer_append(&bytes, file.bytes.chars, file.bytes.length);
    if (!status) status = write_file(to, &bytes, error);
    pct_file_unmap(&file);
    pct_buffer_dispose(&bytes);
    (void)unlink(from);
    return status;
}

pct_status pct_keys_copy_write(pct_desk *desk, const pct_site *site, const pct_keys_order *order,
                               pct_key_copy_head *head, pct_error *error) {
    const size_t most = (size_t)PCT_KEY_COPY_MAX * PCT_KEY_COPY_ENTRY;
    pct_buffer entries = pct_buffer_init(most),
               out = pct_buffer_init(most + PCT_KEY_COPY_LINE + PCT_TAG_BYTES);
    const pct_random random = pct_random_system();
    const pct_crypto *crypto = NULL;
    pct_key key = {{0}};
    pct_status status = pct_crypto_sodium(&crypto, error);
    if (!status && order->with) key = *order->with;
    if (!status && !order->with) status = pct_keys_copy_key(site, order, &key, error);
    if (!status) status = pct_desk_copy_keys(desk, &entries, head, error);
    if (!status) {
        head->until_ms = head->made_at_ms + order->days * PCT_DAY_MS;
        status = pct_key_copy_write(crypto, &key, random, head, &entries, &out, error);
    }
    if (!status) status = write_file(order->file, &out, error);
    if (crypto) crypto->wipe(&key, sizeof key);
    pct_buffer_dispose(&entries);
    pct_buffer_dispose(&out);
    return status;
}
