/* Files and folders: mapped for reading, and written so that they are there whole or not at all.
 *
 * Staging: a folder is filled under a temporary name beside its place and renamed when it is complete.
 *
 *     status = pct_staging_begin(&staging, "town", error);       // makes town.new; refuses what is in use
 *     status = pct_staging_write(&staging, "calls.csv", bytes, error);
 *     status = pct_staging_commit(&staging, error);              // synced, then renamed to "town"
 *     pct_staging_end(&staging);                                 // removes what was not committed
 *
 * An end by signal leaves the temporary folder behind, never half a result; the next run removes it. */
#ifndef PCT_SITE_FILE_H
#define PCT_SITE_FILE_H

#include "base/buffer.h"

enum { PCT_PATH_MAX = 4096 };

/* Joins two parts of a path with '/'; PCT_LIMIT when it would be longer than PCT_PATH_MAX. */
pct_status pct_path_join(char out[PCT_PATH_MAX], const char *folder, const char *name,
                         pct_error *error) PCT_MUST_USE;

/* A whole file, read-only; it must not change while it is mapped. */
typedef struct pct_mapped_file {
    pct_text bytes;
    void *memory;
} pct_mapped_file;

pct_status pct_file_map(const char *path, pct_mapped_file *out, pct_error *error) PCT_MUST_USE;
void pct_file_unmap(pct_mapped_file *file);

/* A whole file in the place of the one that may be there, synced. */
pct_status pct_file_replace(const char *path, pct_text bytes, pct_error *error) PCT_MUST_USE;

typedef struct pct_staging {
    char target[PCT_PATH_MAX], folder[PCT_PATH_MAX];
    int file; /* being written, -1 when none is */
    uint64_t written;
} pct_staging;

/* PCT_BUSY when `target` exists and is anything but an empty folder. */
pct_status pct_staging_begin(pct_staging *staging, const char *target, pct_error *error) PCT_MUST_USE;
pct_status pct_staging_folder(pct_staging *staging, const char *name, pct_error *error) PCT_MUST_USE;
pct_status pct_staging_write(pct_staging *staging, const char *name, pct_text bytes,
                             pct_error *error) PCT_MUST_USE;
/* A file in pieces: open, append as often as needed (a pct_sink's function, with the staging as context), close. */
pct_status pct_staging_open(pct_staging *staging, const char *name, pct_error *error) PCT_MUST_USE;
pct_status pct_staging_append(void *staging, const void *bytes, size_t length, pct_error *error) PCT_MUST_USE;
pct_status pct_staging_close(pct_staging *staging, pct_error *error) PCT_MUST_USE;
/* Instead of a commit: the staged folder `name` and the folder `target` change places in one step, both synced; what
 * `target` was goes with the staging's end. */
pct_status pct_staging_exchange(pct_staging *staging, const char *name, const char *target,
                                pct_error *error) PCT_MUST_USE;
pct_status pct_staging_commit(pct_staging *staging, pct_error *error) PCT_MUST_USE;
void pct_staging_end(pct_staging *staging);

#endif
