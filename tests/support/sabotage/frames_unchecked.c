/* Sabotage: frames of write-ahead logs are read as they lie there. */
#include "store/frame_check.h"

int __wrap_pct_frames_verify(pct_frames *frames, sqlite3_file *file, const unsigned char *bytes, int length,
                             int64_t at);

int __wrap_pct_frames_verify(pct_frames *frames, sqlite3_file *file, const unsigned char *bytes, int length,
                             int64_t at) {
    (void)frames, (void)file, (void)bytes, (void)length, (void)at;
    return SQLITE_OK;
}
