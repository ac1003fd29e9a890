/* Files of flat arrays that are used from memory as they lie (the road index, the gazetteer).
 *
 *     ┌ header: magic, version, counts, section table, digest of all that ┐ ┌ section ┐ ┌ section ┐ …
 *
 * Sections lie one behind the other in table order, each at a multiple of 64 bytes and with a digest of its own, so that
 * every byte of the file has its one place. Numbers are little-endian. Files are not trusted: magic, version, sizes and
 * every digest are checked before a section is handed out; what the arrays say is the caller's to check. */
#ifndef PCT_BASE_SECTION_FILE_H
#define PCT_BASE_SECTION_FILE_H

#include <stdbool.h>

#include "base/status.h"

/* Takes bytes in order; what it returns ends the writing. */
typedef struct pct_sink {
    void *context;
    pct_status (*write)(void *context, const void *bytes, size_t length, pct_error *error);
} pct_sink;

/* An array of the caller's parts: where its pointer lies in them, which count it has, how large an item is. */
typedef struct pct_section {
    char name[24];
    size_t pointer_at;
    int count_kind;
    size_t item_size;
} pct_section;

#define PCT_SECTION(parts, name, field, kind)                                                                \
    { name, offsetof(parts, field), kind, sizeof *((parts *)0)->field }

typedef struct pct_section_format {
    char magic[8];
    uint32_t version;
    uint32_t section_count, count_kinds;
    const pct_section *sections;
    pct_message foreign, other_version; /* parameters: file; file, found, expected */
} pct_section_format;

pct_status pct_section_file_write(const pct_section_format *format, const void *parts, const uint64_t *counts,
                                  pct_sink sink, uint64_t *bytes_written, pct_error *error) PCT_MUST_USE;
/* First the counts [count_kinds], from which the caller judges whether they belong together … */
pct_status pct_section_file_counts(const pct_section_format *format, const char *file, pct_text bytes,
                                   uint64_t *counts, pct_error *error) PCT_MUST_USE;
/* … then the pointers in `parts` are set to the sections; `bytes` must be aligned to 64. */
pct_status pct_section_file_sections(const pct_section_format *format, const char *file, pct_text bytes,
                                     const uint64_t *counts, void *parts, pct_error *error) PCT_MUST_USE;
/* PCT_DAMAGED: the file's `what` is not as it should be. */
pct_status pct_section_file_damaged(const char *file, pct_param what, pct_error *error);

#endif
