#include "site/agency.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"

enum { FILE_MAX = 256, OTHERS = 077 };
static const char head[] = "precinct-agency-key-1 ";

static pct_key_name name_of(const pct_stored_key *stored) {
    pct_key_name name = {.id = stored->id, .object = stored->object};
    for (int i = 0; i < PCT_RETENTION_COUNT; i++)
        if (strlen(pct_retention_names[i]) == stored->class.length &&
            memcmp(pct_retention_names[i], stored->class.chars, stored->class.length) == 0)
            name.retention = (pct_retention)i;
    return name;
}

static void wrap(void *context, const pct_stored_key *stored, const unsigned char key[PCT_STORE_KEY_BYTES],
                 unsigned char out[PCT_STORE_WRAPPED_BYTES]) {
    _Static_assert((int)PCT_STORE_WRAPPED_BYTES == (int)PCT_KEY_WRAPPED_BYTES, "a wrapped key");
    pct_agency *agency = context;
    const pct_key_name name = name_of(stored);
    pct_key copy;
    memcpy(copy.bytes, key, sizeof copy.bytes);
    pct_key_wrap(agency->crypto, &agency->key, &name, agency->random, &copy, out);
    agency->crypto->wipe(&copy, sizeof copy);
}

static pct_status unwrap(void *context, const pct_stored_key *stored,
                         const unsigned char wrapped[PCT_STORE_WRAPPED_BYTES],
                         unsigned char out[PCT_STORE_KEY_BYTES], pct_error *error) {
    pct_agency *agency = context;
    const pct_key_name name = name_of(stored);
    pct_key key;
    pct_status status = pct_key_unwrap(agency->crypto, &agency->key, &name, wrapped, &key, error);
    memcpy(out, key.bytes, sizeof key.bytes);
    agency->crypto->wipe(&key, sizeof key);
    return status;
}

/* --- the file ------------------------------------------------------------------------------------------------------ */

static pct_status failed(const pct_agency *agency, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_AGENCY_FAILED, pct_str(agency->path), pct_str(strerror(errno)));
}

static pct_status parse(pct_agency *agency, pct_text text, pct_error *error) {
    const size_t skip = sizeof head - 1;
    size_t length;
    while (text.length && text.chars[text.length - 1] == '\n') text.length--;
    bool good = text.length > skip && memcmp(text.chars, head, skip) == 0;
    text = (pct_text){text.chars + skip, good ? text.length - skip : 0};
    good = good && pct_base64_check(PCT_BASE64_URL, text, &length) && length == sizeof agency->key.bytes;
    if (!good) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_AGENCY_MALFORMED, pct_str(agency->path));
    pct_base64_read(text, agency->key.bytes);
    return PCT_OK;
}

/* PCT_NOT_FOUND, without a message, when there is no such file. */
static pct_status read_key(pct_agency *agency, pct_error *error) {
    char text[FILE_MAX];
    struct stat info;
    int file = open(agency->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno == ENOENT || errno == ENOTDIR ? PCT_NOT_FOUND : failed(agency, error);
    ssize_t length = fstat(file, &info) == 0 ? read(file, text, sizeof text) : -1;
    pct_status status = length < 0 ? failed(agency, error) : PCT_OK;
    (void)close(file);
    if (!status && agency->own && (info.st_mode & OTHERS))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_AGENCY_OPEN, pct_str(agency->path));
    if (!status) status = parse(agency, (pct_text){text, (size_t)length}, error);
    if (agency->crypto) agency->crypto->wipe(text, sizeof text);
    return status;
}

static bool sync_folder_of(const char *path) {
    char folder[PCT_PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = '\0';
    int file = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = file >= 0 && fsync(file) == 0;
    if (file >= 0) (void)close(file);
    return good;
}

/* Whole or not at all, and on the disk before a single key is wrapped by it. */
static pct_status write_key(pct_agency *agency, pct_error *error) {
    char path[PCT_PATH_MAX + 8];
    pct_buffer text = pct_buffer_init(FILE_MAX);
    pct_key_new(agency->random, &agency->key);
    (void)pct_buffer_append_text(&text, head);
    (void)pct_base64_append(&text, PCT_BASE64_URL, agency->key.bytes, sizeof agency->key.bytes);
    (void)pct_buffer_append_byte(&text, '\n');
    (void)snprintf(path, sizeof path, "%s.new", agency->path);
    int file = -1;
    pct_status status = pct_buffer_status(&text, error);
    if (!status && (file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
        status = failed(agency, error);
    if (!status && (write(file, text.bytes, text.length) != (ssize_t)text.length || fsync(file) != 0))
        status = failed(agency, error);
    if (file >= 0 && close(file) != 0 && !status) status = failed(agency, error);
    if (!status && (rename(path, agency->path) != 0 || !sync_folder_of(agency->path)))
        status = failed(agency, error);
    if (status && file >= 0) (void)unlink(path);
    if (text.length) agency->crypto->wipe(text.bytes, text.length);
    pct_buffer_dispose(&text);
    return status;
}

static pct_status obtain(void *context, bool may_make, pct_error *error) {
    pct_agency *agency = context;
    pct_status status = read_key(agency, error);
    if (status != PCT_NOT_FOUND) return status;
    if (may_make) return write_key(agency, error);
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_AGENCY_ABSENT, pct_str(agency->path));
}

/* --- changing it --------------------------------------------------------------------------------------------------- */

static pct_status next_path(const pct_agency *agency, char out[PCT_PATH_MAX], pct_error *error) {
    int length = snprintf(out, PCT_PATH_MAX, "%s.next", agency->path);
    return length > 0 && length < PCT_PATH_MAX
               ? PCT_OK
               : PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                          pct_int(PCT_PATH_MAX));
}

static pct_status take_step(void *context, pct_keeper_step step, pct_error *error) {
    pct_agency *agency = context, next = *agency;
    pct_status status = next_path(agency, next.path, error);
    if (status) return status;
    if (step == PCT_KEEPER_TRY) {
        status = read_key(&next, error);
        if (!status) agency->key = next.key;
    } else if (step == PCT_KEEPER_TAKE) {
        if (rename(next.path, agency->path) != 0 || !sync_folder_of(agency->path))
            status = failed(agency, error);
    } else if (unlink(next.path) != 0) {
        status = PCT_NOT_FOUND;
    }
    agency->crypto->wipe(&next.key, sizeof next.key);
    return status;
}

pct_status pct_agency_make_next(const pct_agency *agency, pct_agency *out, pct_error *error) {
    *out = *agency;
    out->keeper.context = out;
    pct_status status = next_path(agency, out->path, error);
    return status ? status : write_key(out, error);
}

pct_status pct_agency_load(pct_agency *agency, bool may_make, pct_error *error) {
    return obtain(agency, may_make, error);
}

/* The pages that hold the key go neither to swap nor into a dump, where the system's limit allows it. */
static void lock(const pct_key *key, bool on) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)key & ~(page - 1),
                    to = ((uintptr_t)key + sizeof *key + page - 1) & ~(page - 1);
    (void)madvise((void *)from, to - from, on ? MADV_DONTDUMP : MADV_DODUMP);
    (void)(on ? mlock((void *)from, to - from) : munlock((void *)from, to - from));
}

pct_status pct_agency_init(const pct_site *site, const char *path, pct_agency *out, pct_error *error) {
    memset(out, 0, sizeof *out);
    if (!path && site->agency_key[0]) path = site->agency_key;
    out->own = !path;
    int length = snprintf(out->path, sizeof out->path, "%s%s%s", path ? "" : site->folder, path ? "" : "/",
                          path ? path : PCT_AGENCY_FILE);
    if (length < 0 || length >= PCT_PATH_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                        pct_int(PCT_PATH_MAX));
    out->random = pct_random_system();
    lock(&out->key, true);
    out->keeper = (pct_key_keeper){out, out->path, obtain, wrap, unwrap, take_step};
    return pct_crypto_sodium(&out->crypto, error);
}

void pct_agency_dispose(pct_agency *agency) {
    if (!agency->crypto) return;
    agency->crypto->wipe(&agency->key, sizeof agency->key);
    lock(&agency->key, false);
}
