/* And `precinct backup key`, which makes a pair of recovery keys. */
#include "cli/backup_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/text.h"
#include "cli/log_text.h"
#include "site/file.h"

enum { FILE_MAX = 4096, PHRASE_MIN = 12, OTHERS = 077 };
static const char secret_head[] = "precinct-recovery-secret-1 ", public_head[] = "precinct-recovery-1:";

static bool parse(pct_text text, const char *head, unsigned char out[PCT_KEY_BYTES]) {
    size_t skip = strlen(head), length;
    text = pct_text_trim(text);
    if (text.length <= skip || memcmp(text.chars, head, skip) != 0) return false;
    const pct_text key = {text.chars + skip, text.length - skip};
    if (!pct_base64_check(PCT_BASE64_URL, key, &length) || length != PCT_KEY_BYTES) return false;
    pct_base64_read(key, out);
    return true;
}

static pct_status read_phrase(const char *path, pct_backup_lock *out, pct_error *error) {
    pct_status status = pct_log_file_read(path, FILE_MAX, &out->phrase, error);
    const pct_text text = pct_text_trim(pct_log_view(&out->phrase));
    if (!status && text.length < PHRASE_MIN)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_BACKUP_PHRASE_SHORT, pct_str(path), pct_int(PHRASE_MIN));
    out->lock.pass_phrase = text;
    return status;
}

static pct_status check_private(const char *path, pct_error *error) {
    struct stat info;
    if (stat(path, &info) != 0 || !(info.st_mode & OTHERS)) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_AGENCY_OPEN, pct_str(path));
}

static void begin(pct_backup_lock *out) {
    *out = (pct_backup_lock){.phrase = pct_buffer_init(FILE_MAX)};
    out->lock.key = &out->key;
    out->lock.pass_phrase = (pct_text){"", 0};
}

pct_status pct_backup_lock_for_writing(const pct_cli *cli, pct_backup_lock *out, pct_error *error) {
    const char *to = pct_cli_option(cli, "--to"), *phrase = pct_cli_option(cli, "--pass-phrase");
    begin(out);
    if ((to != NULL) == (phrase != NULL))
        return pct_error_set(error, PCT_MISUSE, PCT_MSG_BACKUP_WHICH_LOCK, NULL, 0);
    if (phrase) return read_phrase(phrase, out, error);
    if (parse(pct_text_of(to), public_head, out->key.public_half)) return PCT_OK;
    pct_buffer text = pct_buffer_init(FILE_MAX);
    pct_status status = pct_log_file_read(to, FILE_MAX, &text, error);
    if (!status && !parse(pct_log_view(&text), public_head, out->key.public_half))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_BACKUP_NO_KEY, pct_str(to), pct_str(public_head));
    pct_buffer_dispose(&text);
    return status;
}

pct_status pct_backup_lock_for_reading(const pct_cli *cli, pct_backup_lock *out, pct_error *error) {
    const char *secret = pct_cli_option(cli, "--secret"), *phrase = pct_cli_option(cli, "--pass-phrase");
    begin(out);
    if ((secret != NULL) == (phrase != NULL))
        return pct_error_set(error, PCT_MISUSE, PCT_MSG_RESTORE_WHICH_LOCK, NULL, 0);
    if (phrase) return read_phrase(phrase, out, error);
    pct_buffer text = pct_buffer_init(FILE_MAX);
    pct_status status = check_private(secret, error);
    if (!status) status = pct_log_file_read(secret, FILE_MAX, &text, error);
    if (!status && !parse(pct_log_view(&text), secret_head, out->key.secret_half))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_BACKUP_NO_KEY, pct_str(secret), pct_str(secret_head));
    if (!status) pct_recovery_key_complete(&out->key);
    if (text.length) sodium_memzero(text.bytes, text.length);
    pct_buffer_dispose(&text);
    return status;
}

void pct_backup_lock_dispose(pct_backup_lock *lock) {
    if (lock->phrase.length) sodium_memzero(lock->phrase.bytes, lock->phrase.length);
    pct_buffer_dispose(&lock->phrase);
    sodium_memzero(&lock->key, sizeof lock->key);
}

/* --- backup key ------------------------------------------------------------------------------------------------------ */

static void write_key(pct_buffer *out, const char *head, const unsigned char key[PCT_KEY_BYTES]) {
    (void)pct_buffer_append_text(out, head);
    (void)pct_base64_append(out, PCT_BASE64_URL, key, PCT_KEY_BYTES);
}

static pct_status write_secret(const char *path, const pct_buffer *text, pct_error *error) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good =
        file >= 0 && write(file, text->bytes, text->length) == (ssize_t)text->length && fsync(file) == 0;
    const int why = errno;
    if (file >= 0) (void)close(file);
    if (good) return PCT_OK;
    if (file >= 0) (void)unlink(path);
    if (file < 0 && why == EEXIST) return PCT_FAIL(error, PCT_BUSY, PCT_MSG_BACKUP_THERE, pct_str(path));
    return PCT_FAIL(error, PCT_IO, PCT_MSG_FILE_NOT_WRITTEN, pct_str(path), pct_str(strerror(why)));
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_recovery_key key;
    pct_buffer secret = pct_buffer_init(FILE_MAX), text = pct_buffer_init(FILE_MAX);
    pct_status status = pct_recovery_key_new(&key, error);
    if (status) return status;
    write_key(&secret, secret_head, key.secret_half);
    (void)pct_buffer_append_byte(&secret, '\n');
    write_key(&text, public_head, key.public_half);
    status = pct_buffer_status(&secret, error);
    if (!status) status = write_secret(cli->arguments[0], &secret, error);
    if (!status && cli->json) {
        pct_json_writer json = pct_json_writer_init(&cli->out);
        pct_json_begin_object(&json);
        pct_log_word(&json, "key", pct_log_view(&text));
        pct_json_end_object(&json);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    } else if (!status) {
        PCT_SAY(cli, PCT_MSG_BACKUP_KEY_MADE, pct_str(cli->arguments[0]));
        (void)pct_buffer_append_text(&cli->out, pct_buffer_chars(&text));
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    sodium_memzero(&key, sizeof key);
    sodium_memzero(secret.bytes, secret.length);
    pct_buffer_dispose(&secret);
    pct_buffer_dispose(&text);
    return status;
}

const pct_cli_command pct_cmd_backup_key = {"backup key", "FILE", PCT_MSG_BACKUP_KEY_HELP, {{0}}, run};
