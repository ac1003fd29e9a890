#include "site/restore_parts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static pct_status failed(const char *path, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_BACKUP_UNREADABLE, pct_str(path), pct_str(strerror(errno)));
}

pct_status pct_backup_part_read(void *context, void *bytes, size_t length, size_t *got, pct_error *error) {
    *got = fread(bytes, 1, length, context);
    return *got < length && ferror((FILE *)context) ? failed("fread", error) : PCT_OK;
}

static pct_status add_part(const char *path, pct_vector *out, pct_error *error) {
    unsigned char label[PCT_VAULT_LABEL_MAX];
    size_t length;
    FILE *file = fopen(path, "rb");
    if (!file) return failed(path, error);
    const pct_vault_file vault = {.context = file, .name = path, .read = pct_backup_part_read};
    pct_status status = pct_vault_label(&vault, label, &length, error);
    (void)fclose(file);
    if (status) return status;
    pct_backup_part *part = pct_vector_push(out);
    if (!part) return pct_vector_failed(out, PCT_MSG_WHAT_PATH, error);
    (void)snprintf(part->path, sizeof part->path, "%s", path);
    if (!pct_backup_label_read((pct_text){(const char *)label, length}, &part->label))
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_VAULT_DAMAGED, pct_str(path));
    return PCT_OK;
}

static pct_status add_folder(const char *from, pct_vector *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    static const char ending[] = ".backup";
    DIR *folder = opendir(from);
    pct_status status = folder ? PCT_OK : failed(from, error);
    for (struct dirent *entry; !status && (entry = readdir(folder));) {
        size_t length = strlen(entry->d_name);
        if (length < sizeof ending || strcmp(entry->d_name + length - sizeof ending + 1, ending) != 0)
            continue;
        status = pct_path_join(path, from, entry->d_name, error);
        if (!status) status = add_part(path, out, error);
    }
    if (folder) (void)closedir(folder);
    return status;
}

static int by_part(const void *a, const void *b) {
    const pct_backup_label *x = &((const pct_backup_part *)a)->label,
                           *y = &((const pct_backup_part *)b)->label;
    int order = strcmp(x->chain, y->chain);
    return order ? order : (x->part > y->part) - (x->part < y->part);
}

/* Of the chain whose last part is the newest, the parts alone. */
static void keep_newest(pct_vector *parts) {
    pct_backup_part *all = parts->items;
    size_t newest = 0, kept = 0;
    for (size_t i = 1; i < parts->length; i++)
        if (all[i].label.at_ms > all[newest].label.at_ms) newest = i;
    char chain[PCT_BACKUP_CHAIN];
    memcpy(chain, all[newest].label.chain, sizeof chain);
    for (size_t i = 0; i < parts->length; i++)
        if (strcmp(all[i].label.chain, chain) == 0) {
            if (kept != i) all[kept] = all[i];
            kept++;
        }
    parts->length = kept;
}

pct_status pct_backup_parts_find(const char *from, pct_vector *out, pct_error *error) {
    struct stat info;
    if (stat(from, &info) != 0) return failed(from, error);
    pct_status status = S_ISDIR(info.st_mode) ? add_folder(from, out, error) : add_part(from, out, error);
    if (!status && out->length == 0) status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_RESTORE_NONE, pct_str(from));
    if (status) return status;
    qsort(out->items, out->length, sizeof(pct_backup_part), by_part);
    keep_newest(out);
    const pct_backup_part *parts = out->items;
    for (size_t i = 0; i < out->length; i++) {
        const int64_t from_seq = i ? parts[i - 1].label.until + 1 : 1;
        if (parts[i].label.part != (int64_t)i + 1 || parts[i].label.from != from_seq)
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_RESTORE_GAP, pct_str(parts[i].path),
                            pct_int((int64_t)i + 1), pct_int(from_seq));
    }
    return PCT_OK;
}
