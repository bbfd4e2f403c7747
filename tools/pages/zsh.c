/* The completion of zsh, for both programs. */
#include <string.h>

#include "pages.h"

/* Part of a specification of _arguments, within '...'. */
static void put_quoted(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("'\\''", out);
            continue;
        }
        if (strchr("[]:\\", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* The specification: '--name=[what it does]:VALUE:(words)'. */
static void write_form(FILE *out, const page_option *option, const char *name, const char *behind)
{
    char words[PAGE_WORDS_SIZE], brief[PAGE_BRIEF_SIZE];
    const page_value value = page_value_of(option, words);
    const char *value_name = cli_value_name(option->info->kind);
    fprintf(out, " \\\n        '%s%s[", name, value == PAGE_NOTHING ? "" : behind);
    page_brief(option, brief);
    put_quoted(out, brief);
    fputc(']', out);
    if (value == PAGE_PATH)
        fputs(":path:_files", out);
    else if (value == PAGE_WORDS && *words)
        fprintf(out, ":%s:(%s)", value_name + 1, words);
    else if (value == PAGE_WORDS)
        fprintf(out, ":%s: ", value_name + 1);
    fputc('\'', out);
}

static void write_option(FILE *out, const page_option *option)
{
    char name[64];
    snprintf(name, sizeof name, "--%s", option->info->name);
    write_form(out, option, name, "=");
    if (option->extra && option->extra->letter) {
        snprintf(name, sizeof name, "-%c", option->extra->letter);
        write_form(out, option, name, "+");
    }
}

static void write_function(FILE *out, const cli_command *command)
{
    page_option option;
    fprintf(out, "\n_%s%s() {\n    _arguments", command->alone ? "" : "pixcl-", command->name);
    for (int i = 0; page_option_at(command, i, &option); i++)
        write_option(out, &option);
    fputs(" \\\n        '(-h --help)'{-h,--help}'[print the help]'", out);
    if (command->most > 0)
        fprintf(out, " \\\n        '*:%s:_files'", command->arguments);
    fputs("\n}\n", out);
}

void zsh_write(FILE *out)
{
    fputs("#compdef pixcl clinfo-check\n# Made from the tables of the commands' options.\n", out);
    for (int i = 0; cli_commands[i]; i++)
        write_function(out, cli_commands[i]);
    write_function(out, &cmd_clinfo_check);
    fputs("\n_pixcl() {\n    local -a commands=(", out);
    for (int i = 0; cli_commands[i]; i++) {
        fprintf(out, "\n        '%s:", cli_commands[i]->name);
        put_quoted(out, cli_commands[i]->summary);
        fputc('\'', out);
    }
    fputs("\n    )\n"
          "    if [[ $service == clinfo-check ]]; then\n"
          "        _clinfo-check\n"
          "    elif (( CURRENT == 2 )); then\n"
          "        _describe -t commands command commands\n"
          "        _arguments '(-)--help[list the commands]' '(-)--version[print the version]'\n"
          "    else\n"
          "        local name=_pixcl-$words[2]\n"
          "        (( $+functions[$name] )) || return 1\n"
          "        shift words\n"
          "        (( CURRENT-- ))\n"
          "        $name\n"
          "    fi\n"
          "}\n"
          "\n"
          "_pixcl \"$@\"\n",
          out);
}
