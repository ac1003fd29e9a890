#include "cli/json_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in_json(const char *name) {
    size_t length = strlen(name), tail = strlen(".json");
    return name[0] != '.' && length > tail && strcmp(name + length - tail, ".json") == 0;
}

bool pct_cli_is_folder(const char *path) {
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

pct_status pct_cli_json_files(const char *path, pct_arena *arena, pct_vector *names, pct_error *error) {
    DIR *folder = opendir(path);
    if (!folder)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_FILE_UNREADABLE, pct_str(path), pct_str(strerror(errno)));
    pct_status status = PCT_OK;
    for (const struct dirent *entry; !status && (entry = readdir(folder)) != NULL;) {
        if (!ends_in_json(entry->d_name)) continue;
        char **name = pct_vector_push(names);
        if (!name)
            status = pct_vector_failed(names, PCT_MSG_WHAT_NAMES, error);
        else if (!(*name = pct_arena_text(arena, entry->d_name, strlen(entry->d_name))))
            status = pct_error_memory(error, sizeof entry->d_name);
    }
    (void)closedir(folder);
    if (!status && names->length == 0)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_SIMULATE_PLAN_NONE, pct_str(path));
    if (!status) qsort(names->items, names->length, sizeof(char *), by_name);
    return status;
}
