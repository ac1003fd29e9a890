#include "site/watch_key.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 32, HASH_BYTES = 16 };

static pct_status failed(const pct_watch_keys *keys, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_MISUSE_KEYS, pct_str(keys->folder), pct_str(strerror(errno)));
}

pct_status pct_watch_keys_init(const char *site_folder, pct_random random, pct_watch_keys *out,
                               pct_error *error) {
    *out = (pct_watch_keys){.random = random};
    return pct_path_join(out->folder, site_folder, PCT_WATCH_KEYS, error);
}

void pct_watch_keys_dispose(pct_watch_keys *keys) {
    sodium_memzero(keys->known, sizeof keys->known);
}

/* Counted from 1: 0 is no week. */
static int64_t week_of(int64_t at_ms) {
    return at_ms / PCT_WATCH_WEEK_MS + 1;
}

static int64_t week_until_ms(int64_t week) {
    return (week - 1) * PCT_WATCH_WEEK_MS + PCT_WATCH_KEY_MS;
}

int64_t pct_watch_key_until_ms(int64_t raised_ms) {
    return week_until_ms(week_of(raised_ms));
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static int open_folder(const pct_watch_keys *keys) {
    if (mkdir(keys->folder, 0700) != 0 && errno != EEXIST) return -1;
    return open(keys->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool read_key(int folder, const char *name, pct_key *out) {
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    bool whole = file >= 0 && read(file, out->bytes, sizeof out->bytes) == (ssize_t)sizeof out->bytes;
    if (file >= 0) (void)close(file);
    return whole;
}

/* Under a name of its own first: nobody ever reads half a key. */
static bool make_key(int folder, const char *name, pct_random random, pct_key *out) {
    char fresh[NAME_MAX_BYTES];
    pct_key key;
    (void)snprintf(fresh, sizeof fresh, "new.%ld", (long)getpid());
    (void)unlinkat(folder, fresh, 0);
    int file = openat(folder, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return false;
    random.fill(random.context, key.bytes, sizeof key.bytes);
    bool good = write(file, key.bytes, sizeof key.bytes) == (ssize_t)sizeof key.bytes && fsync(file) == 0;
    good = close(file) == 0 && good;
    sodium_memzero(&key, sizeof key);
    if (good && linkat(folder, fresh, folder, name, 0) != 0) good = errno == EEXIST;
    (void)unlinkat(folder, fresh, 0);
    return good && fsync(folder) == 0 && read_key(folder, name, out);
}

static bool destroy_file(int folder, const char *name) {
    static const unsigned char zeros[PCT_KEY_BYTES];
    int file = openat(folder, name, O_WRONLY | O_CLOEXEC);
    if (file < 0) return errno == ENOENT;
    bool good = write(file, zeros, sizeof zeros) == (ssize_t)sizeof zeros && fsync(file) == 0;
    good = close(file) == 0 && good;
    return unlinkat(folder, name, 0) == 0 && good;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static bool is_over(int64_t week, int64_t now_ms) {
    return now_ms >= week_until_ms(week);
}

pct_status pct_watch_keys_destroy_old(pct_watch_keys *keys, int64_t now_ms, pct_error *error) {
    bool good = true, changed = false;
    for (int i = 0; i < PCT_WATCH_WEEKS; i++)
        if (is_over(keys->known[i].week, now_ms)) sodium_memzero(&keys->known[i], sizeof keys->known[i]);
    int fd = open(keys->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? PCT_OK : failed(keys, error);
    DIR *folder = fdopendir(fd);
    if (!folder) {
        (void)close(fd);
        return failed(keys, error);
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        char *end;
        long long week = strtoll(entry->d_name, &end, 10);
        if (end == entry->d_name || *end || !is_over(week, now_ms)) continue;
        good = destroy_file(fd, entry->d_name) && good;
        changed = true;
    }
    if (changed) good = fsync(fd) == 0 && good;
    pct_status status = good ? PCT_OK : failed(keys, error);
    (void)closedir(folder);
    return status;
}

static pct_status load(pct_watch_keys *keys, int64_t week, const pct_key **out, pct_error *error) {
    char name[NAME_MAX_BYTES];
    int oldest = 0;
    for (int i = 0; i < PCT_WATCH_WEEKS; i++) {
        if (keys->known[i].week == week) {
            *out = &keys->known[i].key;
            return PCT_OK;
        }
        if (keys->known[i].week < keys->known[oldest].week) oldest = i;
    }
    int folder = open_folder(keys);
    if (folder < 0) return failed(keys, error);
    (void)snprintf(name, sizeof name, "%lld", (long long)week);
    pct_key *key = &keys->known[oldest].key;
    bool good = read_key(folder, name, key) || make_key(folder, name, keys->random, key);
    keys->known[oldest].week = good ? week : 0;
    pct_status status = good ? PCT_OK : failed(keys, error);
    (void)close(folder);
    *out = key;
    return status;
}

pct_status pct_watch_hash(pct_watch_keys *keys, int64_t raised_ms, int64_t now_ms, const char *kind,
                          pct_text text, char out[PCT_WATCH_HASH_TEXT], pct_error *error) {
    const pct_key *key = NULL;
    unsigned char hash[HASH_BYTES];
    crypto_generichash_state state;
    if (is_over(week_of(raised_ms), now_ms))
        return pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_MISUSE_KEY_GONE, NULL, 0);
    pct_status status = load(keys, week_of(raised_ms), &key, error);
    if (status) return status;
    (void)crypto_generichash_init(&state, key->bytes, sizeof key->bytes, sizeof hash);
    (void)crypto_generichash_update(&state, (const unsigned char *)kind, strlen(kind) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)text.chars, text.length);
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    (void)sodium_bin2hex(out, PCT_WATCH_HASH_TEXT, hash, sizeof hash);
    sodium_memzero(&state, sizeof state);
    return PCT_OK;
}
