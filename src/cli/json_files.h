/* A folder of JSON files, where a command takes one or many. */
#ifndef PCT_CLI_JSON_FILES_H
#define PCT_CLI_JSON_FILES_H

#include "base/memory.h"
#include "base/vector.h"

bool pct_cli_is_folder(const char *path);
/* The names (char *, in the arena) in the order of the alphabet, so that their numbers do not hang on the disk. PCT_INPUT when there is none. */
pct_status pct_cli_json_files(const char *path, pct_arena *arena, pct_vector *names,
                              pct_error *error) PCT_MUST_USE;

#endif
