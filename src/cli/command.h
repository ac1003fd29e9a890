/* The command line: one file cmd_*.c per command, one row in commands.c. What the table says of a command is what
 * its help prints and what its options are checked against.
 *
 * A command runs with its arguments parsed and returns a status: main prints the error's sentence to stderr and
 * ends with the status's exit code. What a command writes (pct_cli_say, or JSON into cli->out) reaches stdout
 * only when it is done: a command that fails prints nothing there, unless its status means "done, and the answer is
 * no". Every command takes --json, --lang en|zh and --help; the first two may stand before its name as well. */
#ifndef PCT_CLI_COMMAND_H
#define PCT_CLI_COMMAND_H

#include <stdbool.h>

#include "base/json.h"
#include "base/message.h"

enum { PCT_CLI_OPTIONS_MAX = 16, PCT_CLI_ARGUMENTS_MAX = 8, PCT_CLI_MORE_MAX = 24 };

typedef struct pct_option {
    const char *name;        /* "--map" */
    const char *placeholder; /* "FILE"; NULL for a flag */
    pct_message help;
    uint8_t required; /* true, false, or: it may be left out or given several times (pct_cli_option_at) */
} pct_option;
enum { PCT_OPTION_REPEATED = 2 };

typedef struct pct_cli pct_cli;

typedef struct pct_cli_command {
    const char *name;      /* "map check" */
    const char *arguments; /* "SITE"; words in order, all required but those in brackets at the end */
    pct_message summary;
    pct_option options[PCT_CLI_OPTIONS_MAX]; /* ends with a zeroed one */
    pct_status (*run)(pct_cli *cli, pct_error *error);
} pct_cli_command;

/* The table of commands, in the order of the help; ends with NULL. */
extern const pct_cli_command *const pct_cli_commands[];

struct pct_cli {
    const pct_cli_command *command;
    const char *arguments[PCT_CLI_ARGUMENTS_MAX];
    const char *values[PCT_CLI_OPTIONS_MAX]; /* [option] as given, NULL when it was not; "" for a flag */
    struct {
        int option;
        const char *value;
    } more[PCT_CLI_MORE_MAX]; /* the second and further values of repeated options, as they came */
    int more_count;
    bool json;
    pct_language language;
    pct_buffer out;
};

/* The value of an option of this command; NULL when it was not given. */
const char *pct_cli_option(const pct_cli *cli, const char *name);
/* The value of a repeated option that was given as number `at`, from 0 on; NULL behind the last. */
const char *pct_cli_option_at(const pct_cli *cli, const char *name, int at);
bool pct_cli_flag(const pct_cli *cli, const char *name);
/* *out keeps its value when the option was not given. */
pct_status pct_cli_integer(const pct_cli *cli, const char *name, int64_t min, int64_t max, int64_t *out,
                           pct_error *error) PCT_MUST_USE;
pct_status pct_cli_real(const pct_cli *cli, const char *name, double min, double max, double *out,
                        pct_error *error) PCT_MUST_USE;

/* A sentence and a newline into cli->out. */
#define PCT_SAY(cli, message, ...)                                                                           \
    pct_cli_say(cli, message, (const pct_param[]){__VA_ARGS__},                                              \
                sizeof((const pct_param[]){__VA_ARGS__}) / sizeof(pct_param))
void pct_cli_say(pct_cli *cli, pct_message message, const pct_param *params, size_t count);
/* A sentence to stderr at once, when that is a terminal and the answer is not JSON: long work shows where it is. */
void pct_cli_progress(const pct_cli *cli, pct_message message, const pct_param *params, size_t count);
/* A sentence to stderr at once: what the user should know although the work goes on. */
void pct_cli_warn(const pct_cli *cli, pct_message message, const pct_param *params, size_t count);

/* UTC; seconds of a monotonic clock; and the process's largest memory so far. */
double pct_cli_seconds(void);
int64_t pct_cli_peak_bytes(void);

#endif
