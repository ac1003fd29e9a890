#include "base/section_file.h"

#include <string.h>

#include "base/digest.h"
#include "base/memory.h"

enum { ALIGNMENT = 64 };

/* As they lie in the file: start, counts, one entry for each section, digest of all before it. */
typedef struct start {
    char magic[8];
    uint32_t version, section_count;
    uint64_t file_bytes;
} start;

typedef struct entry {
    char name[24];
    uint64_t at, bytes, digest;
} entry;

static uint64_t aligned(uint64_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t entries_at(const pct_section_format *format) {
    return sizeof(start) + format->count_kinds * sizeof(uint64_t);
}

static size_t digest_at(const pct_section_format *format) {
    return entries_at(format) + format->section_count * sizeof(entry);
}

static size_t header_bytes(const pct_section_format *format) {
    return digest_at(format) + sizeof(uint64_t);
}

static pct_status write_padded(pct_sink sink, const void *bytes, uint64_t length, pct_error *error) {
    static const char zeros[ALIGNMENT];
    pct_status status = length ? sink.write(sink.context, bytes, length, error) : PCT_OK;
    uint64_t padding = aligned(length) - length;
    return status || !padding ? status : sink.write(sink.context, zeros, padding, error);
}

static const void *array_of(const pct_section *section, const void *parts) {
    return *(const void *const *)(const void *)((const char *)parts + section->pointer_at);
}

pct_status pct_section_file_write(const pct_section_format *format, const void *parts, const uint64_t *counts,
                                  pct_sink sink, uint64_t *bytes_written, pct_error *error) {
    size_t length = header_bytes(format);
    char *header = pct_alloc_zeroed(length, 1);
    if (!header) return pct_error_memory(error, length);
    start s = {
        .version = format->version, .section_count = format->section_count, .file_bytes = aligned(length)};
    memcpy(s.magic, format->magic, sizeof s.magic);
    for (uint32_t i = 0; i < format->section_count; i++) {
        const pct_section *section = &format->sections[i];
        entry e = {.at = s.file_bytes, .bytes = counts[section->count_kind] * section->item_size};
        memcpy(e.name, section->name, sizeof e.name);
        e.digest = pct_digest(e.bytes ? array_of(section, parts) : "", e.bytes);
        memcpy(header + entries_at(format) + i * sizeof e, &e, sizeof e);
        s.file_bytes += aligned(e.bytes);
    }
    memcpy(header, &s, sizeof s);
    memcpy(header + sizeof s, counts, format->count_kinds * sizeof *counts);
    uint64_t digest = pct_digest(header, digest_at(format));
    memcpy(header + digest_at(format), &digest, sizeof digest);
    pct_status status = write_padded(sink, header, length, error);
    for (uint32_t i = 0; i < format->section_count && !status; i++) {
        const pct_section *section = &format->sections[i];
        status = write_padded(sink, array_of(section, parts),
                              counts[section->count_kind] * section->item_size, error);
    }
    *bytes_written = s.file_bytes;
    pct_free(header);
    return status;
}

pct_status pct_section_file_damaged(const char *file, pct_param what, pct_error *error) {
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_INDEX_DAMAGED, pct_str(file), what);
}

pct_status pct_section_file_counts(const pct_section_format *format, const char *file, pct_text bytes,
                                   uint64_t *counts, pct_error *error) {
    start s;
    uint64_t digest;
    if (bytes.length < header_bytes(format) || memcmp(bytes.chars, format->magic, sizeof s.magic) != 0)
        return PCT_FAIL(error, PCT_DAMAGED, format->foreign, pct_str(file));
    memcpy(&s, bytes.chars, sizeof s);
    memcpy(&digest, bytes.chars + digest_at(format), sizeof digest);
    if (s.version != format->version)
        return PCT_FAIL(error, PCT_DAMAGED, format->other_version, pct_str(file), pct_int(s.version),
                        pct_int(format->version));
    if (digest != pct_digest(bytes.chars, digest_at(format)))
        return pct_section_file_damaged(file, pct_phrase(PCT_MSG_INDEX_PART_HEADER), error);
    if (s.file_bytes != bytes.length)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_INDEX_SIZE, pct_str(file), pct_int((int64_t)s.file_bytes),
                        pct_int((int64_t)bytes.length));
    if (s.section_count != format->section_count)
        return pct_section_file_damaged(file, pct_phrase(PCT_MSG_INDEX_PART_SECTIONS), error);
    memcpy(counts, bytes.chars + sizeof s, format->count_kinds * sizeof *counts);
    return PCT_OK;
}

pct_status pct_section_file_sections(const pct_section_format *format, const char *file, pct_text bytes,
                                     const uint64_t *counts, void *parts, pct_error *error) {
    uint64_t at = aligned(header_bytes(format));
    if (at > bytes.length)
        return pct_section_file_damaged(file, pct_phrase(PCT_MSG_INDEX_PART_HEADER), error);
    for (uint64_t i = header_bytes(format); i < at; i++)
        if (bytes.chars[i] != 0)
            return pct_section_file_damaged(file, pct_phrase(PCT_MSG_INDEX_PART_HEADER), error);
    for (uint32_t i = 0; i < format->section_count; i++) {
        const pct_section *section = &format->sections[i];
        uint64_t count = counts[section->count_kind], length = count * section->item_size;
        const char *array = bytes.chars + at;
        entry e;
        memcpy(&e, bytes.chars + entries_at(format) + i * sizeof e, sizeof e);
        bool fits =
            count <= UINT32_MAX && e.at == at && e.bytes == length && aligned(length) <= bytes.length - at;
        if (!fits || memcmp(e.name, section->name, sizeof e.name) != 0)
            return pct_section_file_damaged(file, pct_phrase(PCT_MSG_INDEX_PART_SECTIONS), error);
        if (pct_digest(array, length) != e.digest)
            return pct_section_file_damaged(file, pct_str(section->name), error);
        for (uint64_t b = length; b < aligned(length); b++)
            if (array[b] != 0) return pct_section_file_damaged(file, pct_str(section->name), error);
        *(const void **)(void *)((char *)parts + section->pointer_at) = array;
        at += aligned(length);
    }
    if (at == bytes.length) return PCT_OK;
    return pct_section_file_damaged(file, pct_phrase(PCT_MSG_INDEX_PART_SECTIONS), error);
}
