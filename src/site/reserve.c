#include "site/reserve.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "site/file.h"

enum { NEEDED_BYTES = 2 << 20, PLENTY = 4 /* times the reserve */ };

static bool name_file(const char *site_folder, char out[PCT_PATH_MAX]) {
    return pct_path_join(out, site_folder, PCT_RESERVE_FILE, NULL) == PCT_OK;
}

/* What we may still write there; when nobody says, plenty. */
static unsigned long long room_of(const char *site_folder) {
    struct statvfs info;
    if (statvfs(site_folder, &info) != 0) return ~0ULL;
    return (unsigned long long)info.f_bavail * info.f_frsize;
}

bool pct_reserve_is_needed(const char *site_folder) {
    return room_of(site_folder) < NEEDED_BYTES;
}

bool pct_reserve_give_up(const char *site_folder) {
    char path[PCT_PATH_MAX];
    return name_file(site_folder, path) && unlink(path) == 0;
}

/* All of its blocks or none: half of one would be believed. */
bool pct_reserve_keep(const char *site_folder) {
    char path[PCT_PATH_MAX];
    if (!name_file(site_folder, path) || access(path, F_OK) == 0) return false;
    if (room_of(site_folder) < (unsigned long long)PCT_RESERVE_BYTES * PLENTY) return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    bool made = posix_fallocate(fd, 0, PCT_RESERVE_BYTES) == 0;
    (void)close(fd);
    if (!made) (void)unlink(path);
    return made;
}
