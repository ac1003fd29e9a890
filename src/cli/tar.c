#include "cli/tar.h"

#include <errno.h>
#include <string.h>

enum {
    BLOCK = 512,
    NAME = 100,
    MODE_AT = 100,
    SIZE_AT = 124,
    TIME_AT = 136,
    SUM_AT = 148,
    KIND_AT = 156,
    MAGIC_AT = 257
};
static const char zeros[2 * BLOCK];

bool pct_tar_add(FILE *archive, const char *name, pct_text bytes) {
    char head[BLOCK] = {0};
    unsigned sum = 0;
    size_t length = strlen(name), over = bytes.length % BLOCK;
    if (length > NAME) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(head, name, length);
    (void)snprintf(head + MODE_AT, 8, "%07o", 0644);
    (void)snprintf(head + MODE_AT + 8, 8, "%07o", 0);
    (void)snprintf(head + MODE_AT + 16, 8, "%07o", 0);
    (void)snprintf(head + SIZE_AT, 12, "%011llo", (unsigned long long)bytes.length);
    (void)snprintf(head + TIME_AT, 12, "%011o", 0);
    head[KIND_AT] = '0';
    memcpy(head + MAGIC_AT, "ustar\00000", 8);
    memset(head + SUM_AT, ' ', 8);
    for (int i = 0; i < BLOCK; i++) sum += (unsigned char)head[i];
    (void)snprintf(head + SUM_AT, 8, "%06o", sum);
    return fwrite(head, 1, BLOCK, archive) == BLOCK &&
           fwrite(bytes.chars, 1, bytes.length, archive) == bytes.length &&
           (over == 0 || fwrite(zeros, 1, BLOCK - over, archive) == BLOCK - over);
}

bool pct_tar_end(FILE *archive) {
    return fwrite(zeros, 1, sizeof zeros, archive) == sizeof zeros;
}
