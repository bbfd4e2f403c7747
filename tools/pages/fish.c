/* The completion of fish. */
#include <string.h>

#include "pages.h"

/* Within '...'. */
static void put_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

/* "complete -c pixcl -n 'when this command is typed'". */
static void begin(FILE *out, const char *program, const cli_command *command)
{
    fprintf(out, "complete -c %s", program);
    if (!command->alone)
        fprintf(out, " -n '__fish_seen_subcommand_from %s'", command->name);
}

static void write_option(FILE *out, const char *program, const cli_command *command, const page_option *option)
{
    char words[PAGE_WORDS_SIZE], brief[PAGE_BRIEF_SIZE];
    begin(out, program, command);
    fprintf(out, " -l %s", option->info->name);
    if (option->extra && option->extra->letter)
        fprintf(out, " -s %c", option->extra->letter);
    switch (page_value_of(option, words)) {
    case PAGE_NOTHING:
        break;
    case PAGE_PATH:
        fputs(" -r -F", out);
        break;
    case PAGE_WORDS:
        fprintf(out, *words ? " -x -a '%s'" : " -x", words);
        break;
    }
    page_brief(option, brief);
    fputs(" -d ", out);
    put_quoted(out, brief);
    fputc('\n', out);
}

void fish_write(FILE *out, const char *program)
{
    const cli_command *const *commands = page_commands(program);
    page_option option;
    fprintf(out, "# Completion of %s in fish. Made from the tables of its options.\n", program);
    fprintf(out, "complete -c %s -f\n", program);
    if (!commands[0]->alone)
        fprintf(out, "complete -c %s -n __fish_use_subcommand -l version -d 'print the version'\n", program);
    fprintf(out, "complete -c %s -s h -l help -d 'print the help'\n", program);
    for (int i = 0; commands[i]; i++) {
        if (!commands[i]->alone) {
            fprintf(out, "\ncomplete -c %s -n __fish_use_subcommand -a %s -d ", program, commands[i]->name);
            put_quoted(out, commands[i]->summary);
            fputc('\n', out);
        }
        if (commands[i]->most > 0) {
            begin(out, program, commands[i]);
            fputs(" -F\n", out);
        }
        for (int k = 0; page_option_at(commands[i], k, &option); k++)
            write_option(out, program, commands[i], &option);
    }
}
