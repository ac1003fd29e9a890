#include "cli/keys_copy.h"

#include <sys/stat.h>
#include <unistd.h>

#include "site/agency.h"
#include "site/file.h"

#define MS_PER_DAY INT64_C(86400000)

static pct_status write_file(const char *path, const pct_buffer *bytes, pct_error *error) {
    struct stat info;
    if (stat(path, &info) == 0) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_KEYS_FILE_THERE, pct_str(path));
    const mode_t mask = umask(077);
    pct_status status = pct_file_replace(path, (pct_text){(const char *)bytes->bytes, bytes->length}, error);
    (void)umask(mask);
    return status;
}

pct_status pct_keys_copy_write(pct_desk *desk, const pct_site *site, const pct_keys_order *order,
                               pct_key_copy_head *head, pct_error *error) {
    const size_t most = (size_t)PCT_KEY_COPY_MAX * PCT_KEY_COPY_ENTRY;
    pct_buffer entries = pct_buffer_init(most),
               out = pct_buffer_init(most + PCT_KEY_COPY_LINE + PCT_TAG_BYTES);
    pct_agency agency;
    pct_status status = pct_agency_init(site, order->recovery ? order->recovery : order->key, &agency, error);
    if (!status) status = pct_agency_load(&agency, order->recovery != NULL, error);
    if (!status) status = pct_desk_copy_keys(desk, &entries, head, error);
    if (!status) {
        head->until_ms = head->made_at_ms + order->days * MS_PER_DAY;
        status = pct_key_copy_write(agency.crypto, &agency.key, agency.random, head, &entries, &out, error);
    }
    if (!status) status = write_file(order->file, &out, error);
    pct_agency_dispose(&agency);
    pct_buffer_dispose(&entries);
    pct_buffer_dispose(&out);
    return status;
}
