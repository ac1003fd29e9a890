/* precinct doctor: what of the machine and of the site would make a promise untrue. Each check is a function that looks at one
 * thing and adds what it finds; what a finding means, what was expected and what to do are messages of the catalogue
 * (doctor_NAME, doctor_NAME_wanted, doctor_NAME_deed). */
#ifndef PCT_CLI_DOCTOR_H
#define PCT_CLI_DOCTOR_H

#include "base/vector.h"
#include "cli/command.h"
#include "site/site.h"

typedef enum pct_severity { PCT_SEVERITY_NOTE, PCT_SEVERITY_WARNING, PCT_SEVERITY_GRAVE } pct_severity;

#define PCT_DOCTOR_FINDINGS(X)                                                                               \
    X(DISK_MEMORY)                                                                                           \
    X(DISK_NETWORK)                                                                                          \
    X(DISK_OVERLAY)                                                                                          \
    X(DISK_BARRIERS)                                                                                         \
    X(SYNC_TOO_FAST)                                                                                         \
    X(SYNC_SLOW)                                                                                             \
    X(SYNC_FAILED)                                                                                           \
    X(SPACE_LOW)                                                                                             \
    X(SPACE_DAYS)                                                                                            \
    X(INODES_LOW)                                                                                            \
    X(CLOCK_NOT_KEPT)                                                                                        \
    X(CLOCK_BEHIND)                                                                                          \
    X(ZONE_OTHER)                                                                                            \
    X(CONFINED_PARTLY)                                                                                       \
    X(TLS_BAD)                                                                                               \
    X(TLS_EXPIRES)                                                                                           \
    X(TLS_EXPIRED)                                                                                           \
    X(FILE_OPEN)                                                                                             \
    X(FILE_OWNER)                                                                                            \
    X(SETTING_UNKNOWN)                                                                                       \
    X(KEY_BESIDE)                                                                                            \
    X(KEY_ABSENT)                                                                                            \
    X(SPOOL_ABSENT)                                                                                          \
    X(SPOOL_BESIDE)                                                                                          \
    X(PAGES_BAD)                                                                                             \
    X(LOG_BAD)                                                                                               \
    X(MAP_OLD)                                                                                               \
    X(DEFINITION_OTHER)                                                                                      \
    X(BACKUP_NONE)                                                                                           \
    X(BACKUP_OLD)                                                                                            \
    X(DRILL_FAILED)

typedef enum pct_finding_kind {
#define X(NAME) PCT_FINDING_##NAME,
    PCT_DOCTOR_FINDINGS(X)
#undef X
        PCT_FINDING_COUNT
} pct_finding_kind;

enum { PCT_FINDING_TEXT = 600, PCT_DOCTOR_MAX = 1000 };

typedef struct pct_finding {
    pct_finding_kind kind;
    char found[PCT_LANGUAGE_COUNT][PCT_FINDING_TEXT];
} pct_finding;

typedef struct pct_doctor {
    const pct_site *site;
    const char *key; /* --key; NULL: as the site says */
    pct_vector findings;
    /* what was measured */
    int64_t sync_median_us, free_bytes, days_left, clock_offset_us, log_events;
    bool clock_kept;
} pct_doctor;

void pct_doctor_find(pct_doctor *doctor, pct_finding_kind kind, const pct_param *params, size_t count);
#define PCT_FOUND(doctor, kind, ...)                                                                         \
    pct_doctor_find(doctor, PCT_FINDING_##kind, (const pct_param[]){__VA_ARGS__},                            \
                    sizeof((const pct_param[]){__VA_ARGS__}) / sizeof(pct_param))

/* doctor_machine.c */
void pct_doctor_check_disk(pct_doctor *doctor);
void pct_doctor_check_clock(pct_doctor *doctor);
void pct_doctor_check_kernel(pct_doctor *doctor);
void pct_doctor_check_tls(pct_doctor *doctor, const char *certificate, const char *key); /* NULL: none */
/* doctor_site.c */
void pct_doctor_check_files(pct_doctor *doctor);
void pct_doctor_check_settings(pct_doctor *doctor);
void pct_doctor_check_keys_and_spool(pct_doctor *doctor);
void pct_doctor_check_pages(pct_doctor *doctor);
void pct_doctor_check_record(pct_doctor *doctor);
void pct_doctor_check_definitions(pct_doctor *doctor);
void pct_doctor_check_backups(pct_doctor *doctor);

#endif
