/* Backups. Any bytes behind four of a place and one of a change:
 *
 *   - as a vault, changed or not, they are refused or read to their end;
 *   - as the content of a vault they come back as they were, and with one byte of the vault changed they do not;
 *   - as the records of a part that is authentic (whoever has the public key can make one) they are refused, or make a site
 *     in the staged folder and nowhere else. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "site/file.h"
#include "site/restore.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

enum { HEAD = 5, CONTENT_MAX = 1 << 16, VAULT_MAX = 1 << 18 };
static const char label[] = "precinct-backup-1 00112233445566778899aabbccddeeff 1 1700000000000 1 0";

typedef struct memory {
    unsigned char bytes[VAULT_MAX];
    size_t length, at;
} memory;

static pct_status put(void *context, const void *bytes, size_t length, pct_error *error) {
    memory *m = context;
    (void)error;
    if (length > sizeof m->bytes - m->length) return PCT_LIMIT;
    memcpy(m->bytes + m->length, bytes, length);
    m->length += length;
    return PCT_OK;
}

static pct_status get(void *context, void *bytes, size_t length, size_t *got, pct_error *error) {
    memory *m = context;
    (void)error;
    *got = length < m->length - m->at ? length : m->length - m->at;
    memcpy(bytes, m->bytes + m->at, *got);
    m->at += *got;
    return PCT_OK;
}

/* PCT_OK: it was read to its end; what it held is in `out`. */
static pct_status open_vault(memory *m, const pct_vault_lock *lock, unsigned char *out, size_t length) {
    const pct_vault_file file = {.context = m, .name = "fuzz", .read = get};
    pct_vault_reader *reader;
    m->at = 0;
    pct_status status = pct_vault_reader_open(&file, lock, &reader, NULL);
    if (!status) status = pct_vault_read(reader, out, length, NULL);
    if (!status) status = pct_vault_read_end(reader, NULL);
    pct_vault_reader_close(reader);
    return status;
}

static void make_vault(memory *m, const pct_vault_lock *lock, const unsigned char *content, size_t length) {
    const pct_vault_file file = {.context = m, .name = "fuzz", .write = put};
    pct_vault_writer *writer;
    m->length = 0;
    if (pct_vault_writer_open(&file, lock, pct_text_of(label), &writer, NULL) != PCT_OK ||
        pct_vault_write(writer, content, length, NULL) != PCT_OK || pct_vault_end(writer, NULL) != PCT_OK)
        abort();
    pct_vault_writer_close(writer);
}

static void restore(const memory *m, const pct_vault_lock *lock) {
    char folder[] = "/dev/shm/precinct-fuzz-XXXXXX", part[PCT_PATH_MAX], target[PCT_PATH_MAX];
    static pct_restore_report report;
    pct_staging staging = {.file = -1};
    if (!mkdtemp(folder) || pct_path_join(part, folder, "a.backup", NULL) != PCT_OK ||
        pct_path_join(target, folder, "site", NULL) != PCT_OK)
        abort();
    const int file = open(part, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0 || write(file, m->bytes, m->length) != (ssize_t)m->length || close(file) != 0) abort();
    const pct_restore_order order = {.from = part, .lock = lock, .at_ms = INT64_MAX};
    if (pct_staging_begin(&staging, target, NULL) == PCT_OK) {
        (void)!pct_restore_make(&order, &staging, &report, NULL);
        pct_staging_end(&staging);
    }
    if (unlink(part) != 0 || rmdir(folder) != 0) abort(); /* nothing else is there */
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    static memory vault;
    static unsigned char out[CONTENT_MAX];
    static pct_recovery_key key;
    static bool ready;
    const pct_vault_lock lock = {.key = &key, .pass_phrase = {"", 0}};
    if (!ready && pct_recovery_key_new(&key, NULL) != PCT_OK) abort();
    ready = true;
    if (length < HEAD || length - HEAD > CONTENT_MAX) return 0;
    const unsigned char *content = bytes + HEAD, change = bytes[4];
    const size_t size = length - HEAD,
                 place = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
    vault.length = 0;
    if (put(&vault, content, size, NULL) == PCT_OK && open_vault(&vault, &lock, out, 0) == PCT_OK)
        abort(); /* nobody has made it */
    make_vault(&vault, &lock, content, size);
    if (open_vault(&vault, &lock, out, size) != PCT_OK || memcmp(out, content, size) != 0) abort();
    if (change) {
        vault.bytes[place % vault.length] ^= change;
        if (open_vault(&vault, &lock, out, size) == PCT_OK) abort();
    } else {
        restore(&vault, &lock);
    }
    return 0;
}
