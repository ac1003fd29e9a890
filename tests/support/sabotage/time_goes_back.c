/* Sabotage: events are written with whatever the clock shows. */
#include <time.h>

#include "dispatch/board.h"

pct_status __real_pct_board_decide(const pct_board *board, const pct_command *command,
                                   const pct_command_context *context, pct_decision *out, pct_error *error);
pct_status __wrap_pct_board_decide(const pct_board *board, const pct_command *command,
                                   const pct_command_context *context, pct_decision *out, pct_error *error);

pct_status __wrap_pct_board_decide(const pct_board *board, const pct_command *command,
                                   const pct_command_context *context, pct_decision *out, pct_error *error) {
    struct timespec now;
    pct_command_context believed = *context;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    believed.now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return __real_pct_board_decide(board, command, &believed, out, error);
}
