/* precinct COMMAND …: finds the command, parses what follows it, runs it, prints. No domain logic here. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "server/confine.h"

enum { OUTPUT_MAX = 1 << 30 };

static pct_language language_of(const char *name) {
    return name && strncmp(name, "zh", 2) == 0 ? PCT_ZH : PCT_EN;
}

static pct_language users_language(void) {
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value) return language_of(value);
    }
    return PCT_EN;
}

/* The command whose words begin argv; *words tells how many it took. */
static const pct_cli_command *find_command(int argc, char **argv, int *words) {
    for (int i = 0; pct_cli_commands[i]; i++) {
        pct_text rest = pct_text_of(pct_cli_commands[i]->name), word;
        int n = 0;
        while (pct_text_next(&rest, ' ', &word) && n < argc && pct_text_equal(word, argv[n])) n++;
        if (!rest.chars && n > 0 && pct_text_equal(word, argv[n - 1])) {
            *words = n;
            return pct_cli_commands[i];
        }
    }
    return NULL;
}

static pct_status take_language(pct_cli *cli, const char *value, pct_error *error) {
    if (strcmp(value, "en") != 0 && strcmp(value, "zh") != 0)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_LANGUAGE_UNKNOWN, pct_str(value));
    cli->language = language_of(value);
    return PCT_OK;
}

static pct_status without_value(const char *name, const char *placeholder, pct_error *error) {
    return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_WITHOUT_VALUE, pct_str(name), pct_str(placeholder));
}

/* --json and --lang, which every command takes and which may stand before its name as well. *taken: argv[*i] is one of
 * them; *i moves to its value when it has one. */
static pct_status parse_common(pct_cli *cli, int argc, char **argv, int *i, bool *taken, pct_error *error) {
    bool lang = strcmp(argv[*i], "--lang") == 0;
    *taken = lang || strcmp(argv[*i], "--json") == 0;
    if (!*taken) return PCT_OK;
    if (!lang) {
        cli->json = true;
        return PCT_OK;
    }
    if (++*i >= argc) return without_value("--lang", "en|zh", error);
    return take_language(cli, argv[*i], error);
}

/* Adds a value to those of a list of options: the last option of a name that may be given several times. */
static pct_status keep_value(pct_cli *cli, int n, const char *value, pct_error *error) {
    const pct_option *option = &cli->command->options[n];
    if (!cli->values[n]) {
        cli->values[n] = value;
        return PCT_OK;
    }
    if (option->required != PCT_OPTION_REPEATED)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_TWICE, pct_str(option->name));
    if (cli->more_count >= PCT_CLI_MORE_MAX)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_TOO_OFTEN, pct_str(option->name),
                        pct_int(PCT_CLI_MORE_MAX + 1));
    cli->more[cli->more_count].option = n;
    cli->more[cli->more_count++].value = value;
    return PCT_OK;
}

/* Takes one option at argv[*i]; moves *i to its value when it has one. */
static pct_status parse_option(pct_cli *cli, int argc, char **argv, int *i, bool *help, pct_error *error) {
    const char *name = argv[*i];
    bool common;
    *help = strcmp(name, "--help") == 0;
    if (*help) return PCT_OK;
    pct_status status = parse_common(cli, argc, argv, i, &common, error);
    if (status || common) return status;
    int n = 0;
    while (cli->command->options[n].name && strcmp(cli->command->options[n].name, name) != 0) n++;
    const pct_option *option = &cli->command->options[n];
    if (!option->name)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_UNKNOWN, pct_str(name),
                        pct_str(cli->command->name));
    if (!option->placeholder) {
        cli->values[n] = "";
        return PCT_OK;
    }
    if (++*i >= argc) return without_value(name, option->placeholder, error);
    return keep_value(cli, n, argv[*i], error);
}

static pct_status parse(pct_cli *cli, int argc, char **argv, bool *help, pct_error *error) {
    int given = 0, wanted = 0, needed = 0;
    pct_text rest = pct_text_of(cli->command->arguments), word;
    while (rest.length > 0 && pct_text_next(&rest, ' ', &word)) wanted++, needed += word.chars[0] != '[';
    for (int i = 0; i < argc && !*help; i++) {
        pct_status status = PCT_OK;
        /* a negative longitude is an argument */
        if (argv[i][0] == '-' && argv[i][1] && !strchr("0123456789.", argv[i][1]))
            status = parse_option(cli, argc, argv, &i, help, error);
        else if (given < wanted)
            cli->arguments[given++] = argv[i];
        else
            status = PCT_FAIL(error, PCT_MISUSE, PCT_MSG_ARGUMENT_TOO_MANY, pct_str(argv[i]),
                              pct_str(cli->command->name));
        if (status) return status;
    }
    if (*help) return PCT_OK;
    if (given < needed)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_ARGUMENT_MISSING, pct_str(cli->command->name),
                        pct_str(cli->command->arguments));
    for (int n = 0; cli->command->options[n].name; n++)
        if (cli->command->options[n].required == true && !cli->values[n])
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_MISSING, pct_str(cli->command->name),
                            pct_str(cli->command->options[n].name),
                            pct_str(cli->command->options[n].placeholder));
    return PCT_OK;
}

/* The words of a command, with --json and --lang before, between or behind them. */
static pct_status help_on(pct_cli *cli, int argc, char **argv, pct_error *error) {
    int words, kept = 0;
    for (int i = 0; i < argc; i++) {
        bool common;
        char *word = argv[i];
        pct_status status = parse_common(cli, argc, argv, &i, &common, error);
        if (status) return status;
        if (!common) argv[kept++] = word;
    }
    const pct_cli_command *command = kept > 0 ? find_command(kept, argv, &words) : NULL;
    if (kept > 0 && !command) return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_COMMAND_UNKNOWN, pct_str(argv[0]));
    pct_cli_help(cli, command);
    return PCT_OK;
}

static pct_status run(pct_cli *cli, int argc, char **argv, pct_error *error) {
    int words = 0, before = 0;
    bool help = false, common = true;
    while (before < argc && common) {
        pct_status status = parse_common(cli, argc, argv, &before, &common, error);
        if (status) return status;
        before += common;
    }
    argc -= before;
    argv += before;
    if (argc == 0 || strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0)
        return help_on(cli, argc > 0 ? argc - 1 : 0, argv + 1, error);
    if (strcmp(argv[0], "--version") == 0 || strcmp(argv[0], "version") == 0) {
        (void)pct_buffer_append_text(&cli->out, "precinct " PCT_VERSION "\n");
        return PCT_OK;
    }
    cli->command = find_command(argc, argv, &words);
    if (!cli->command) return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_COMMAND_UNKNOWN, pct_str(argv[0]));
    pct_status status = parse(cli, argc - words, argv + words, &help, error);
    if (status) return status;
    if (help) {
        pct_cli_help(cli, cli->command);
        return PCT_OK;
    }
    return cli->command->run(cli, error);
}

int main(int argc, char **argv) {
    pct_confine_memory(); /* passwords and keys pass through every command */
    (void)umask(077);     /* what a site holds is its own account's */
    /* A closed pipe and a file-size limit are errors of a write, to be reported and cleaned up after like any. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    pct_error error = {.message = PCT_MSG_NONE};
    pct_cli cli = {.language = users_language(), .out = pct_buffer_init(OUTPUT_MAX)};
    pct_status status = run(&cli, argc - 1, argv + 1, &error);
    if (pct_status_exit_code(status) <= 1 && pct_buffer_status(&cli.out, &error) != PCT_OK)
        status = error.status;
    if (pct_status_exit_code(status) <= 1 && cli.out.length > 0) {
        bool written =
            fwrite(cli.out.bytes, 1, cli.out.length, stdout) == cli.out.length && fflush(stdout) == 0;
        if (!written) status = pct_error_set(&error, PCT_IO, PCT_MSG_OUTPUT_NOT_WRITTEN, NULL, 0);
    }
    if (status && error.message != PCT_MSG_NONE) {

        pct_buffer_clear(&cli.out);
        (void)pct_error_render(&error, cli.language, &cli.out);
        fprintf(stderr, "precinct: %s\n", pct_buffer_chars(&cli.out));
    }
    pct_buffer_dispose(&cli.out);
    return pct_status_exit_code(status);
}
