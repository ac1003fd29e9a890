/* The machine under a site: does its disk keep what it is told to keep, is there room, does its clock tell the time. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "clock/time.h"
#include "server/confine.h"
#include "server/tls.h"
#include "site/now.h"

enum {
    SYNCS = 21,
    BLOCK = 4096,
    /* No device that keeps what it is told answers faster: a turning disk needs part of a turn, a solid one a command and a
     * write to its cells or its protected cache. */
    TURNING_LEAST_US = 1000,
    SOLID_LEAST_US = 8,
    SLOW_US = 50000,
    LEAST_PERCENT = 5,
    LEAST_DAYS = 30
};
static const int64_t least_bytes = INT64_C(1) << 30;

/* --- what kind of file system ------------------------------------------------------------------------------------- */

static void check_file_system(pct_doctor *d) {
    static const uint32_t tmpfs = 0x01021994, ramfs = 0x858458f6, overlay = 0x794c7630, nfs = 0x6969,
                          smb = 0xfe534d42, cifs = 0xff534d42, fuse = 0x65735546;
    struct statfs fs;
    if (statfs(d->site->folder, &fs) != 0) return;
    uint32_t type = (uint32_t)fs.f_type;
    if (type == tmpfs || type == ramfs) PCT_FOUND(d, DISK_MEMORY, pct_str(d->site->folder));
    if (type == nfs || type == smb || type == cifs || type == fuse)
        PCT_FOUND(d, DISK_NETWORK, pct_str(d->site->folder));
    if (type == overlay) PCT_FOUND(d, DISK_OVERLAY, pct_str(d->site->folder));
}

/* The line of the mount that holds the device: "36 35 8:1 / / rw,nobarrier - ext4 /dev/sda1 rw". */
static void check_barriers(pct_doctor *d) {
    char line[4096], device[32];
    struct stat info;
    FILE *mounts = stat(d->site->folder, &info) == 0 ? fopen("/proc/self/mountinfo", "re") : NULL;
    if (!mounts) return;
    (void)snprintf(device, sizeof device, " %u:%u ", major(info.st_dev), minor(info.st_dev));
    while (fgets(line, sizeof line, mounts))
        if (strstr(line, device) && (strstr(line, "nobarrier") || strstr(line, "barrier=0"))) {
            PCT_FOUND(d, DISK_BARRIERS, pct_str(d->site->folder));
            break;
        }
    (void)fclose(mounts);
}

/* --- how long a sync takes ------------------------------------------------------------------------------------------ */

static int smaller_first(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The first line of a file under the device's own folder in /sys, or its disk's when it is a partition. */
static bool device_says(const char *folder, const char *name, char *out, int size) {
    char path[160];
    struct stat info;
    if (stat(folder, &info) != 0) return false;
    for (int up = 0; up < 2; up++) {
        (void)snprintf(path, sizeof path, "/sys/dev/block/%u:%u/%s%s", major(info.st_dev), minor(info.st_dev),
                       up ? "../" : "", name);
        FILE *file = fopen(path, "re");
        bool read = file && fgets(out, size, file);
        if (file) (void)fclose(file);
        if (read) return true;
    }
    return false;
}

/* Virtual disks call themselves turning whatever is under them. */
static bool is_turning(const char *folder) {
    char turns[8] = {0}, model[64] = {0};
    return device_says(folder, "queue/rotational", turns, sizeof turns) && turns[0] == '1' &&
           device_says(folder, "device/model", model, sizeof model) && !strcasestr(model, "virtual") &&
           !strcasestr(model, "qemu") && !strcasestr(model, "vbox");
}

/* The median of a few syncs of a block that is written anew each time. False: the disk failed. */
static bool measure_syncs(const char *path, int64_t *median_us) {
    static const char block[BLOCK] = "precinct doctor";
    int64_t took_us[SYNCS];
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = file >= 0;
    for (int i = 0; i < SYNCS && good; i++) {
        good = pwrite(file, block, BLOCK, (off_t)i * BLOCK) == BLOCK;
        int64_t began_us = pct_tick_us();
        good = good && fdatasync(file) == 0;
        took_us[i] = pct_tick_us() - began_us;
    }
    if (file >= 0) (void)close(file);
    (void)unlink(path);
    if (!good) return false;
    qsort(took_us, SYNCS, sizeof *took_us, smaller_first);
    *median_us = took_us[SYNCS / 2];
    return true;
}

static void check_syncs(pct_doctor *d) {
    char path[PCT_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/.doctor", d->site->folder);
    if (!measure_syncs(path, &d->sync_median_us)) {
        PCT_FOUND(d, SYNC_FAILED, pct_str(d->site->folder));
        return;
    }
    int64_t least_us = is_turning(d->site->folder) ? TURNING_LEAST_US : SOLID_LEAST_US;
    if (d->sync_median_us < least_us)
        PCT_FOUND(d, SYNC_TOO_FAST, pct_int(d->sync_median_us), pct_int(least_us));
    if (d->sync_median_us > SLOW_US) PCT_FOUND(d, SYNC_SLOW, pct_int(d->sync_median_us / 1000));
}

/* --- room ------------------------------------------------------------------------------------------------------------ */

/* By how much the record has grown each day since the site was made. */
static void check_forecast(pct_doctor *d) {
    char path[PCT_PATH_MAX + 16];
    struct stat made, record;
    (void)snprintf(path, sizeof path, "%s/site.json", d->site->folder);
    if (stat(path, &made) != 0) return;
    (void)snprintf(path, sizeof path, "%s/record.db", d->site->folder);
    if (stat(path, &record) != 0) return;
    int64_t lived_ms = ((int64_t)time(NULL) - made.st_mtime) * 1000;
    d->days_left = -1;
    if (lived_ms < PCT_DAY_MS || record.st_size < least_bytes / 1024) return;
    int64_t a_day = (int64_t)((double)record.st_size / ((double)lived_ms / (double)PCT_DAY_MS));
    if (a_day <= 0) return;
    d->days_left = d->free_bytes / a_day;
    if (d->days_left < LEAST_DAYS) PCT_FOUND(d, SPACE_DAYS, pct_int(d->days_left), pct_int(a_day >> 20));
}

static void check_room(pct_doctor *d) {
    struct statvfs fs;
    if (statvfs(d->site->folder, &fs) != 0) return;
    d->free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    int64_t all = (int64_t)fs.f_blocks * (int64_t)fs.f_frsize;
    if (d->free_bytes < least_bytes || d->free_bytes < all / 100 * LEAST_PERCENT)
        PCT_FOUND(d, SPACE_LOW, pct_int(d->free_bytes >> 20));
    if (fs.f_files > 0 && fs.f_favail < fs.f_files / 100 * LEAST_PERCENT)
        PCT_FOUND(d, INODES_LOW, pct_int((int64_t)fs.f_favail));
    check_forecast(d);
}

void pct_doctor_check_disk(pct_doctor *d) {
    check_file_system(d);
    check_barriers(d);
    check_syncs(d);
    check_room(d);
}

/* --- time ------------------------------------------------------------------------------------------------------------ */

static void check_zone(pct_doctor *d) {
    pct_mapped_file here = {{"", 0}, NULL}, machine = {{"", 0}, NULL};
    pct_error error;
    pct_status status = pct_site_map_file(d->site, "zone.tzif", &here, &error);
    if (!status) status = pct_zone_map_system(d->site->zone_name, &machine, &error);
    bool same = status || (here.bytes.length == machine.bytes.length &&
                           memcmp(here.bytes.chars, machine.bytes.chars, here.bytes.length) == 0);
    if (!same) PCT_FOUND(d, ZONE_OTHER, pct_str(d->site->zone_name));
    pct_file_unmap(&here);
    pct_file_unmap(&machine);
}

void pct_doctor_check_clock(pct_doctor *d) {
    struct timex t = {0};
    int state = adjtimex(&t);
    d->clock_kept = state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
    d->clock_offset_us = t.status & STA_NANO ? t.offset / 1000 : t.offset;
    if (!d->clock_kept) PCT_FOUND(d, CLOCK_NOT_KEPT, pct_int(t.esterror / 1000));
    check_zone(d);
}

/* --- what serve keeps itself to --------------------------------------------------------------------------------------- */

void pct_doctor_check_kernel(pct_doctor *d) {
    static const char *const yes_no[] = {"-", "+"};
    const pct_confined could = pct_confine_probe();
    if (could.why)
        PCT_FOUND(d, CONFINED_PARTLY, pct_str(yes_no[could.files]), pct_str(yes_no[could.ports]),
                  pct_str(yes_no[could.calls]));
}

/* --- the certificate ------------------------------------------------------------------------------------------------- */

void pct_doctor_check_tls(pct_doctor *d, const char *certificate, const char *key) {
    pct_tls *tls = NULL;
    pct_error error;
    if (!certificate && !key) return;
    if (pct_tls_new(certificate ? certificate : "", key ? key : "", &tls, &error) != PCT_OK) {
        PCT_FOUND(d, TLS_BAD, pct_str(certificate ? certificate : "-"), pct_str(key ? key : "-"));
        return;
    }
    int64_t left_s = pct_tls_look(tls).expires_s - (int64_t)time(NULL);
    if (left_s <= 0)
        PCT_FOUND(d, TLS_EXPIRED, pct_str(certificate));
    else if (left_s < (int64_t)PCT_TLS_SOON_DAYS * PCT_DAY_MS / 1000)
        PCT_FOUND(d, TLS_EXPIRES, pct_str(certificate), pct_int(left_s * 1000 / PCT_DAY_MS));
    pct_tls_free(tls);
}
