#include "cli/command.h"

/* One line per command: its declaration and its row. */
#define PCT_CLI_COMMANDS(X)                                                                                  \
    X(town)                                                                                                  \
    X(init)                                                                                                  \
    X(map_info)                                                                                              \
    X(map_check)                                                                                             \
    X(map_update)                                                                                            \
    X(route)                                                                                                 \
    X(matrix)                                                                                                \
    X(isochrone)                                                                                             \
    X(nearest)                                                                                               \
    X(match)                                                                                                 \
    X(speeds_learn)                                                                                          \
    X(speeds_show)                                                                                           \
    X(simulate)                                                                                              \
    X(patrol_check)                                                                                          \
    X(patrol_helped)                                                                                         \
    X(patrol_plan)                                                                                           \
    X(patrol_time)                                                                                           \
    X(patrol_where)                                                                                          \
    X(patrol_solve)                                                                                          \
    X(serve)                                                                                                 \
    X(user_add)                                                                                              \
    X(user_list)                                                                                             \
    X(user_grant)                                                                                            \
    X(user_disable)                                                                                          \
    X(user_assign)                                                                                           \
    X(user_release)                                                                                          \
    X(user_totp)                                                                                             \
    X(device_add)                                                                                            \
    X(device_list)                                                                                           \
    X(device_remove)                                                                                         \
    X(token_add)                                                                                             \
    X(token_list)                                                                                            \
    X(token_revoke)                                                                                          \
    X(place_search)                                                                                          \
    X(log_verify)                                                                                            \
    X(log_rebuild)                                                                                           \
    X(log_export)                                                                                            \
    X(log_prove)                                                                                             \
    X(log_key)                                                                                               \
    X(log_heads)                                                                                             \
    X(log_cosign)                                                                                            \
    X(log_witness_init)                                                                                      \
    X(log_witness_add)                                                                                       \
    X(log_witness_follow)                                                                                    \
    X(log_witness_cosign)                                                                                    \
    X(log_witness_serve)                                                                                     \
    X(log_witness_show)                                                                                      \
    X(paper)                                                                                                 \
    X(erase)                                                                                                 \
    X(retention_run)                                                                                         \
    X(keys_backup)                                                                                           \
    X(keys_restore)                                                                                          \
    X(keys_change)                                                                                           \
    X(retention_set)                                                                                         \
    X(audit_list)                                                                                            \
    X(audit_show)                                                                                            \
    X(audit_review)                                                                                          \
    X(doctor)                                                                                                \
    X(backup_key)                                                                                            \
    X(backup_drill)                                                                                          \
    X(backup)                                                                                                \
    X(restore)                                                                                               \
    X(bench)

#define X(name) extern const pct_cli_command pct_cmd_##name;
PCT_CLI_COMMANDS(X)
#undef X

const pct_cli_command *const pct_cli_commands[] = {
#define X(name) &pct_cmd_##name,
    PCT_CLI_COMMANDS(X)
#undef X
        NULL};
