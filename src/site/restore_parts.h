/* The parts of a chain, in order, as the files lie there. */
#ifndef PCT_SITE_RESTORE_PARTS_H
#define PCT_SITE_RESTORE_PARTS_H

#include "site/backup.h"

typedef struct pct_backup_part {
    char path[PCT_PATH_MAX];
    pct_backup_label label;
} pct_backup_part;

/* `from`: a part, or a folder with the parts of one or several chains, of which the newest counts. PCT_INPUT: one is missing, or
 * there are two. `out`: of pct_backup_part, from part 1 on without gaps. */
pct_status pct_backup_parts_find(const char *from, pct_vector *out, pct_error *error) PCT_MUST_USE;
/* A function of pct_vault_file; context: a FILE. */
pct_status pct_backup_part_read(void *context, void *bytes, size_t length, size_t *got, pct_error *error);

#endif
