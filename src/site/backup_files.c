#include "site/backup_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup.h"

static const char *const files[] = {"site.json", "zone.tzif", "units.csv",        "learnt_speeds.csv",
                                    "witnesses", "log.key",   PCT_BACKUP_ACCOUNTS};
static const char *const folders[] = {"map", "definitions", "heads"};

static pct_status failed(const char *path, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_BACKUP_UNREADABLE, pct_str(path), pct_str(strerror(errno)));
}

static int64_t changed_ns(const struct stat *info) {
    return (int64_t)info->st_mtim.tv_sec * 1000000000 + info->st_mtim.tv_nsec;
}

static pct_status add_file(const char *site, const char *name, pct_vector *out, pct_error *error) {
    char path[PCT_PATH_MAX], log[PCT_PATH_MAX + 8];
    struct stat info, of_log;
    if (strlen(name) >= PCT_BACKUP_PATH_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                        pct_int(PCT_BACKUP_PATH_MAX));
    pct_status status = pct_path_join(path, site, name, error);
    if (status) return status;
    if (stat(path, &info) != 0) return errno == ENOENT ? PCT_OK : failed(path, error);
    if (!S_ISREG(info.st_mode)) return PCT_OK;
    pct_backup_file *file = pct_vector_push(out);
    if (!file) return pct_vector_failed(out, PCT_MSG_WHAT_PATH, error);
    memcpy(file->path, name, strlen(name) + 1);
    file->size = info.st_size;
    file->changed_ns = changed_ns(&info);
    file->mode = info.st_mode & 0777;
    (void)snprintf(log, sizeof log, "%s-wal", path);
    if (strcmp(name, PCT_BACKUP_ACCOUNTS) == 0 && stat(log, &of_log) == 0) {
        file->size += of_log.st_size;
        if (changed_ns(&of_log) > file->changed_ns) file->changed_ns = changed_ns(&of_log);
    }
    return PCT_OK;
}

static pct_status add_folder(const char *site, const char *name, int depth, pct_vector *out,
                             pct_error *error) {
    char path[PCT_PATH_MAX], inner[PCT_PATH_MAX];
    struct stat info;
    pct_status status = pct_path_join(path, site, name, error);
    DIR *folder = status ? NULL : opendir(path);
    if (status || !folder) return status || errno == ENOENT ? status : failed(path, error);
    for (struct dirent *entry; !status && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        status = pct_path_join(inner, name, entry->d_name, error);
        if (!status) status = pct_path_join(path, site, inner, error);
        if (status || lstat(path, &info) != 0) continue;
        if (S_ISDIR(info.st_mode) && depth > 0) status = add_folder(site, inner, depth - 1, out, error);
        if (S_ISREG(info.st_mode)) status = add_file(site, inner, out, error);
    }
    (void)closedir(folder);
    return status;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const pct_backup_file *)a)->path, ((const pct_backup_file *)b)->path);
}

pct_status pct_backup_files_list(const char *site, pct_vector *out, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < sizeof files / sizeof *files && !status; i++)
        status = add_file(site, files[i], out, error);
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !status; i++)
        status = add_folder(site, folders[i], 8, out, error);
    if (!status && out->length > 1) qsort(out->items, out->length, sizeof(pct_backup_file), by_path);
    return status;
}

/* No part of it is empty or begins with a dot, and it lies where such files lie. */
bool pct_backup_file_allowed(const char *path) {
    if (strlen(path) >= PCT_BACKUP_PATH_MAX) return false;
    for (const char *p = path; p; p = strchr(p, '/')) {
        if (p != path) p++;
        if (*p == '\0' || *p == '.' || *p == '/') return false;
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strcmp(path, files[i]) == 0) return true;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t length = strlen(folders[i]);
        if (strncmp(path, folders[i], length) == 0 && path[length] == '/') return true;
    }
    return false;
}

pct_status pct_backup_copy_accounts(const char *site, char out[PCT_PATH_MAX], pct_error *error) {
    char from[PCT_PATH_MAX];
    pct_status status = pct_path_join(from, site, PCT_BACKUP_ACCOUNTS, error);
    if (!status) status = pct_path_join(out, site, PCT_BACKUP_FOLDER "/accounts.tmp", error);
    if (status) return status;
    (void)unlink(out);
    status = pct_store_copy_database(from, out, "PRAGMA secure_delete=ON; DELETE FROM session", error);
    if (status) (void)unlink(out);
    return status;
}
