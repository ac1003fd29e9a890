#include "site/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the system says, where it says it often; the rest is in the system's own words. */
static pct_param reason_of(int code) {
    static const struct {
        int code;
        pct_message phrase;
    } reasons[] = {{ENOSPC, PCT_MSG_REASON_DISK_FULL},      {EDQUOT, PCT_MSG_REASON_QUOTA},
                   {EFBIG, PCT_MSG_REASON_FILE_TOO_LARGE},  {EACCES, PCT_MSG_REASON_NO_PERMISSION},
                   {EPERM, PCT_MSG_REASON_NOT_ALLOWED},     {EROFS, PCT_MSG_REASON_READ_ONLY},
                   {ENOENT, PCT_MSG_REASON_ABSENT},         {ENOTDIR, PCT_MSG_REASON_NOT_A_FOLDER},
                   {EISDIR, PCT_MSG_REASON_A_FOLDER},       {EIO, PCT_MSG_REASON_DEVICE},
                   {ENOMEM, PCT_MSG_REASON_MEMORY},         {EMFILE, PCT_MSG_REASON_OPEN_FILES},
                   {ENAMETOOLONG, PCT_MSG_REASON_LONG_NAME}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].code == code) return pct_phrase(reasons[i].phrase);
    return pct_str(strerror(code));
}

static pct_status io_error(const char *path, pct_message what, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, what, pct_str(path), reason_of(errno));
}

static pct_status path_of(char out[PCT_PATH_MAX], const char *first, const char *between, const char *last,
                          pct_error *error) {
    int length = snprintf(out, PCT_PATH_MAX, "%s%s%s", first, between, last);
    if (length >= 0 && length < PCT_PATH_MAX) return PCT_OK;
    return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                    pct_int(PCT_PATH_MAX));
}

pct_status pct_path_join(char out[PCT_PATH_MAX], const char *folder, const char *name, pct_error *error) {
    return path_of(out, folder, "/", name, error);
}

pct_status pct_file_map(const char *path, pct_mapped_file *out, pct_error *error) {
    struct stat info;
    void *memory = NULL;
    pct_status status = PCT_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_FILE_ABSENT, pct_str(path));
    if (fd < 0 || fstat(fd, &info) != 0) {
        status = io_error(path, PCT_MSG_FILE_UNREADABLE, error);
    } else if (!S_ISREG(info.st_mode)) {
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_FILE_NOT_REGULAR, pct_str(path));
    } else if (info.st_size > 0) {
        memory = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (memory == MAP_FAILED) status = io_error(path, PCT_MSG_FILE_UNREADABLE, error);
    }
    if (!status) *out = (pct_mapped_file){{memory ? memory : "", (size_t)info.st_size}, memory};
    if (fd >= 0) (void)close(fd);
    return status;
}

void pct_file_unmap(pct_mapped_file *file) {
    if (file->memory) (void)munmap(file->memory, file->bytes.length);
    *file = (pct_mapped_file){{"", 0}, NULL};
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info, (void)kind, (void)where;
    return remove(path);
}

static void remove_tree(const char *path) {
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Only an empty folder, or nothing at all, may stand where the new one shall go. */
static pct_status check_free(const char *target, pct_error *error) {
    DIR *folder = opendir(target);
    if (!folder && errno == ENOENT) return PCT_OK;
    bool used = !folder;
    for (struct dirent *entry; folder && !used && (entry = readdir(folder));)
        used = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (folder) (void)closedir(folder);
    return used ? PCT_FAIL(error, PCT_BUSY, PCT_MSG_FOLDER_IN_USE, pct_str(target)) : PCT_OK;
}

pct_status pct_staging_begin(pct_staging *staging, const char *target, pct_error *error) {
    *staging = (pct_staging){.file = -1};
    pct_status status = path_of(staging->target, target, "", "", error);
    for (size_t n = strlen(staging->target); n > 1 && staging->target[n - 1] == '/'; n--)
        staging->target[n - 1] = '\0';
    if (!status) status = check_free(staging->target, error);
    if (!status) status = path_of(staging->folder, staging->target, ".new", "", error);
    if (status) {
        staging->folder[0] = '\0';
        return status;
    }
    remove_tree(staging->folder);
    if (mkdir(staging->folder, 0755) == 0) return PCT_OK;
    status = io_error(staging->folder, PCT_MSG_FOLDER_NOT_MADE, error);
    staging->folder[0] = '\0';
    return status;
}

pct_status pct_staging_folder(pct_staging *staging, const char *name, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, staging->folder, name, error);
    if (!status && mkdir(path, 0755) != 0) status = io_error(path, PCT_MSG_FOLDER_NOT_MADE, error);
    return status;
}

pct_status pct_staging_open(pct_staging *staging, const char *name, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, staging->folder, name, error);
    if (status) return status;
    staging->written = 0;
    staging->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return staging->file < 0 ? io_error(path, PCT_MSG_FILE_NOT_WRITTEN, error) : PCT_OK;
}

pct_status pct_staging_append(void *context, const void *bytes, size_t length, pct_error *error) {
    pct_staging *staging = context;
    const char *rest = bytes;
    while (length > 0) {
        ssize_t n = write(staging->file, rest, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return io_error(staging->folder, PCT_MSG_FILE_NOT_WRITTEN, error);
        rest += n;
        length -= (size_t)n;
        staging->written += (uint64_t)n;
    }
    return PCT_OK;
}

pct_status pct_staging_close(pct_staging *staging, pct_error *error) {
    bool synced = fsync(staging->file) == 0, closed = close(staging->file) == 0;
    staging->file = -1;
    return synced && closed ? PCT_OK : io_error(staging->folder, PCT_MSG_FILE_NOT_WRITTEN, error);
}

pct_status pct_staging_write(pct_staging *staging, const char *name, pct_text bytes, pct_error *error) {
    pct_status status = pct_staging_open(staging, name, error);
    if (!status) status = pct_staging_append(staging, bytes.chars, bytes.length, error);
    return status ? status : pct_staging_close(staging, error);
}

static pct_status sync_folder(const char *path, pct_error *error) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    pct_status status = synced ? PCT_OK : io_error(path, PCT_MSG_FILE_NOT_WRITTEN, error);
    if (fd >= 0) (void)close(fd);
    return status;
}

static pct_status parent_of(const char *path, char parent[PCT_PATH_MAX], pct_error *error) {
    pct_status status = path_of(parent, path, "", "", error);
    char *slash = strrchr(parent, '/');
    if (!slash)
        memcpy(parent, ".", 2);
    else
        slash[slash == parent] = '\0';
    return status;
}

pct_status pct_file_replace(const char *path, pct_text bytes, pct_error *error) {
    char made[PCT_PATH_MAX], parent[PCT_PATH_MAX];
    pct_status status = path_of(made, path, ".new", "", error);
    if (!status) status = parent_of(path, parent, error);
    if (status) return status;
    int file = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    size_t done = 0;
    for (ssize_t n = 1; file >= 0 && done < bytes.length && n > 0; done += n > 0 ? (size_t)n : 0)
        n = write(file, bytes.chars + done, bytes.length - done);
    bool written = file >= 0 && done == bytes.length && fsync(file) == 0;
    if (!written) status = io_error(path, PCT_MSG_FILE_NOT_WRITTEN, error);
    if (file >= 0) (void)close(file);
    if (!status && rename(made, path) != 0) status = io_error(path, PCT_MSG_FILE_NOT_WRITTEN, error);
    if (status) {
        (void)unlink(made);
        return status;
    }
    return sync_folder(parent, error);
}

pct_status pct_staging_commit(pct_staging *staging, pct_error *error) {
    char parent[PCT_PATH_MAX];
    pct_status status = parent_of(staging->target, parent, error);
    if (!status) status = sync_folder(staging->folder, error);
    if (status) return status;
    if (rename(staging->folder, staging->target) != 0) {
        bool used = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR;
        return used ? PCT_FAIL(error, PCT_BUSY, PCT_MSG_FOLDER_IN_USE, pct_str(staging->target))
                    : io_error(staging->target, PCT_MSG_FOLDER_NOT_MADE, error);
    }
    staging->folder[0] = '\0';
    return sync_folder(parent, error);
}

pct_status pct_staging_exchange(pct_staging *staging, const char *name, const char *target,
                                pct_error *error) {
    char made[PCT_PATH_MAX], parent[PCT_PATH_MAX];
    pct_status status = pct_path_join(made, staging->folder, name, error);
    if (!status) status = parent_of(target, parent, error);
    if (!status) status = sync_folder(made, error);
    if (!status) status = sync_folder(staging->folder, error);
    if (!status && renameat2(AT_FDCWD, made, AT_FDCWD, target, RENAME_EXCHANGE) != 0)
        status = io_error(target, PCT_MSG_FOLDER_NOT_EXCHANGED, error);
    if (!status) status = sync_folder(staging->folder, error);
    return status ? status : sync_folder(parent, error);
}

void pct_staging_end(pct_staging *staging) {
    if (staging->file >= 0) (void)close(staging->file);
    staging->file = -1;
    if (staging->folder[0]) remove_tree(staging->folder);
    staging->folder[0] = '\0';
}
