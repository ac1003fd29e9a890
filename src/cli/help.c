#include "cli/help.h"

#include <stdio.h>
#include <string.h>

static void sentence(pct_cli *cli, pct_message message) {
    (void)pct_message_render(message, NULL, 0, cli->language, &cli->out);
}

static void print_command_help(pct_cli *cli, const pct_cli_command *command) {
    (void)pct_buffer_append_format(&cli->out, "precinct %s %s", command->name, command->arguments);
    for (const pct_option *o = command->options; o->name; o++)
        (void)pct_buffer_append_format(&cli->out, o->required == true ? " %s %s" : " [%s%s%s]", o->name,
                                       o->required == true && o->placeholder ? o->placeholder
                                       : o->placeholder                      ? " "
                                                                             : "",
                                       o->placeholder ? o->placeholder : "");
    (void)pct_buffer_append_text(&cli->out, " [--json] [--lang en|zh]\n\n");
    sentence(cli, command->summary);
    (void)pct_buffer_append_text(&cli->out, "\n\n");
    for (const pct_option *o = command->options; o->name; o++) {
        char label[64];
        (void)snprintf(label, sizeof label, "%s %s", o->name, o->placeholder ? o->placeholder : "");
        (void)pct_buffer_append_format(&cli->out, "  %-24s ", label);
        sentence(cli, o->help);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
}

static void print_overview(pct_cli *cli) {
    sentence(cli, PCT_MSG_HELP_INTRODUCTION);
    (void)pct_buffer_append_text(&cli->out, "\n\n");
    int width = 0;
    for (int i = 0; pct_cli_commands[i]; i++) {
        int length = (int)strlen(pct_cli_commands[i]->name);
        if (length > width) width = length;
    }
    for (int i = 0; pct_cli_commands[i]; i++) {
        (void)pct_buffer_append_format(&cli->out, "  %-*s  ", width, pct_cli_commands[i]->name);
        sentence(cli, pct_cli_commands[i]->summary);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
    (void)pct_buffer_append_byte(&cli->out, '\n');
    sentence(cli, PCT_MSG_HELP_MORE);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static void write_sentence(const pct_cli *cli, pct_json_writer *w, const char *key, pct_message message) {
    pct_buffer text = pct_buffer_init(1 << 16);
    (void)pct_message_render(message, NULL, 0, cli->language, &text);
    pct_json_key(w, key);
    pct_json_string(w, pct_buffer_chars(&text));
    pct_buffer_dispose(&text);
}

static void write_text(pct_json_writer *w, const char *key, const char *text) {
    pct_json_key(w, key);
    pct_json_string(w, text);
}

static void write_option(const pct_cli *cli, pct_json_writer *w, const pct_option *option) {
    pct_json_begin_object(w);
    write_text(w, "name", option->name);
    write_text(w, "placeholder", option->placeholder ? option->placeholder : "");
    pct_json_key(w, "required");
    pct_json_bool(w, option->required == true);
    pct_json_key(w, "repeated");
    pct_json_bool(w, option->required == PCT_OPTION_REPEATED);
    write_sentence(cli, w, "help", option->help);
    pct_json_end_object(w);
}

static void write_command(const pct_cli *cli, pct_json_writer *w, const pct_cli_command *command) {
    pct_json_begin_object(w);
    write_text(w, "name", command->name);
    write_text(w, "arguments", command->arguments);
    write_sentence(cli, w, "summary", command->summary);
    pct_json_key(w, "options");
    pct_json_begin_array(w);
    for (const pct_option *o = command->options; o->name; o++) write_option(cli, w, o);
    pct_json_end_array(w);
    pct_json_end_object(w);
}

static void write_overview(pct_cli *cli, pct_json_writer *w) {
    pct_json_begin_object(w);
    write_text(w, "version", PCT_VERSION);
    write_sentence(cli, w, "introduction", PCT_MSG_HELP_INTRODUCTION);
    pct_json_key(w, "commands");
    pct_json_begin_array(w);
    for (int i = 0; pct_cli_commands[i]; i++) write_command(cli, w, pct_cli_commands[i]);
    pct_json_end_array(w);
    pct_json_end_object(w);
}

void pct_cli_help(pct_cli *cli, const pct_cli_command *command) {
    pct_json_writer w = pct_json_writer_init(&cli->out);
    if (cli->json && command)
        write_command(cli, &w, command);
    else if (cli->json)
        write_overview(cli, &w);
    else if (command)
        print_command_help(cli, command);
    else
        print_overview(cli);
    if (cli->json) (void)pct_buffer_append_byte(&cli->out, '\n');
}
