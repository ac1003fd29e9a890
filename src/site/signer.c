#include "site/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OTHERS = 077 };

static pct_status failed(const char *path, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_SIGNER_FAILED, pct_str(path), pct_str(strerror(errno)));
}

static pct_status parse(pct_signer *signer, size_t length, const char *path, pct_note_kind kind,
                        pct_error *error) {
    pct_status status =
        pct_note_signer_read(signer->crypto, (pct_text){signer->text, length}, path, &signer->secret, error);
    if (status || signer->secret.key.kind == kind) return status;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_SIGNER_KIND, pct_str(path), pct_int(signer->secret.key.kind),
                    pct_int(kind));
}

pct_status pct_signer_read(const char *path, pct_note_kind kind, pct_signer *out, pct_error *error) {
    struct stat info;
    memset(out, 0, sizeof *out);
    pct_status status = pct_crypto_sodium(&out->crypto, error);
    if (status) return status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
        return PCT_FAIL(error, PCT_NOT_FOUND,
                        kind == PCT_NOTE_ED25519 ? PCT_MSG_SIGNER_NO_LOG : PCT_MSG_SIGNER_NO_WITNESS,
                        pct_str(path));
    if (file < 0) return failed(path, error);
    ssize_t length = fstat(file, &info) == 0 ? read(file, out->text, sizeof out->text) : -1;
    if (length < 0) status = failed(path, error);
    (void)close(file);
    if (!status && (info.st_mode & OTHERS))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_AGENCY_OPEN, pct_str(path));
    return status ? status : parse(out, (size_t)length, path, kind, error);
}

/* Whole or not at all: a key that another process makes meanwhile is not overwritten. */
static pct_status write_new(const char *path, pct_text text, pct_error *error) {
    char made[PCT_PATH_MAX + 8], folder[PCT_PATH_MAX];
    int length = snprintf(made, sizeof made, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof made)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                        pct_int(PCT_PATH_MAX));
    (void)unlink(made);
    int file = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return failed(path, error);
    bool written = write(file, text.chars, text.length) == (ssize_t)text.length && fsync(file) == 0;
    pct_status status = written ? PCT_OK : failed(path, error);
    (void)close(file);
    if (!status && renameat2(AT_FDCWD, made, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
        status = errno == EEXIST ? PCT_FAIL(error, PCT_BUSY, PCT_MSG_SIGNER_THERE, pct_str(path))
                                 : failed(path, error);
    if (status) (void)unlink(made);
    if (status) return status;
    (void)snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = '\0';
    file = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0 || fsync(file) != 0) status = failed(path, error);
    if (file >= 0) (void)close(file);
    return status;
}

pct_status pct_signer_make(const char *path, pct_note_kind kind, pct_text name, pct_random random,
                           pct_signer *out, pct_error *error) {
    memset(out, 0, sizeof *out);
    pct_note_signer fresh = {.key = {.name = name, .kind = kind}};
    pct_buffer text = pct_buffer_init(sizeof out->text);
    pct_status status = pct_crypto_sodium(&out->crypto, error);
    if (!status) {
        random.fill(random.context, fresh.seed, sizeof fresh.seed);
        out->crypto->public_of(fresh.seed, fresh.key.bytes);
        status = pct_note_signer_write(out->crypto, &fresh, &text, error);
        out->crypto->wipe(fresh.seed, sizeof fresh.seed);
    }
    if (!status) status = write_new(path, (pct_text){(const char *)text.bytes, text.length}, error);
    if (!status) {
        memcpy(out->text, text.bytes, text.length);
        status = parse(out, text.length, path, kind, error);
    }
    if (text.length) out->crypto->wipe(text.bytes, text.length);
    pct_buffer_dispose(&text);
    return status;
}

void pct_signer_dispose(pct_signer *signer) {
    if (signer->crypto) signer->crypto->wipe(signer, sizeof *signer);
}
