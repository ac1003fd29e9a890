/* Sabotage: a thread that serves waits a little for the rest of a body that comes in pieces. */
#include <poll.h>

#include "server/internal.h"

enum { PATIENCE_MS = 10, PIECE_BYTES = 64 };

enum MHD_Result __real_pct_web_handle(void *server, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *upload,
                                      size_t *upload_size, void **request);
enum MHD_Result __wrap_pct_web_handle(void *server, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *upload,
                                      size_t *upload_size, void **request);

enum MHD_Result __wrap_pct_web_handle(void *server, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *upload,
                                      size_t *upload_size, void **request) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info && *upload_size > 0 && *upload_size < PIECE_BYTES) {
        struct pollfd more = {.fd = info->connect_fd, .events = POLLIN};
        (void)poll(&more, 1, PATIENCE_MS);
    }
    return __real_pct_web_handle(server, connection, url, method, version, upload, upload_size, request);
}
