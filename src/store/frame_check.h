/* Frames of SQLite's write-ahead log (https://sqlite.org/fileformat2.html#walformat): is what is read what was written?
 *
 *     header 32 bytes │ frame 24 + page │ frame 24 + page │ …        each frame's checksum goes on from that of the one before
 *
 * SQLite verifies them once, when it finds a log at opening; then it reads pages straight out of the file, for whoever asks and for the
 * database. Here each page is verified against its own frame and the one before when it is read. At opening a frame that does not
 * fit ends the log as a torn write would; when acknowledged groups stand behind it, it was no torn write. */
#ifndef PCT_STORE_FRAME_CHECK_H
#define PCT_STORE_FRAME_CHECK_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum { PCT_FRAME_HEADER = 24, PCT_FRAME_PAGE = 4096, PCT_LOG_HEADER = 32 };

/* One connection's view of a log. */
typedef struct pct_frames {
    int64_t loose;  /* frames from here on have no checksum until their transaction is committed; -1: none */
    int64_t headed; /* the frame whose header was written last; -1: none */
    bool opening;   /* the log is being read from its beginning */
    unsigned char salts[8];
    int64_t page; /* of the frame that did not fit; 0: the header */
    uint64_t expected, found;
} pct_frames;

pct_frames pct_frames_init(void);
/* `bytes` were read there from `file`: SQLITE_OK, or SQLITE_IOERR_DATA when they are not what was written. */
int pct_frames_verify(pct_frames *frames, sqlite3_file *file, const unsigned char *bytes, int length,
                      int64_t at);
/* `bytes` are written there. */
void pct_frames_note(pct_frames *frames, const unsigned char *bytes, int length, int64_t at);

#endif
