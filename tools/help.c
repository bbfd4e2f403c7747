/* The help of a command, from the same tables as its parser. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { COLUMNS = 90, NAME_COLUMN = 2, TEXT_COLUMN = 28 };

void cli_print_wrapped(const char *text, int at, int indent)
{
    bool first = true;
    for (const char *word = text; *word;) {
        if (*word == '\n') { /* a line end that is meant: what follows is a new paragraph or a laid-out line */
            putchar('\n');
            word++;
            at = 0;
            first = true;
            continue;
        }
        if (at == 0 && *word == ' ') { /* laid out by hand */
            int length = (int)strcspn(word, "\n");
            printf("%*s%.*s", indent, "", length, word);
            word += length;
            continue;
        }
        int length = (int)strcspn(word, " \n");
        if (!first && at + 1 + length > COLUMNS) {
            putchar('\n');
            at = 0;
            first = true;
        }
        if (at < indent && first)
            at += printf("%*s", indent - at, "");
        at += printf("%s%.*s", first ? "" : " ", length, word);
        first = false;
        word += length;
        word += *word == ' ';
    }
    putchar('\n');
}

const char *cli_value_name(pixcl_option_kind kind)
{
    switch (kind) {
    case PIXCL_KIND_TEXT:
        return " TEXT";
    case PIXCL_KIND_CHOICE:
        return " WORD";
    case PIXCL_KIND_INT:
        return " N";
    case PIXCL_KIND_FLOAT:
        return " X";
    case PIXCL_KIND_FLAG:
        break;
    }
    return "";
}

void cli_describe(const pixcl_option_info *info, const char *(*names)(int index), const char *usual, char *text,
                  size_t size)
{
    size_t length = (size_t)snprintf(text, size, "%s", info->help);
    if (info->kind == PIXCL_KIND_CHOICE && strchr(info->choices, ',')) {
        length += (size_t)snprintf(text + length, size - length, "; one of ");
        for (const char *c = info->choices; *c && length + 3 < size; c++) {
            text[length++] = *c;
            if (*c == ',')
                text[length++] = ' ';
        }
        text[length] = '\0';
    }
    const char *name;
    for (int i = 0; names && (name = names(i)) && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s %s", i ? "," : "", name);
    if (info->kind != PIXCL_KIND_FLAG && *usual && length < size)
        snprintf(text + length, size - length, " [%s]", usual);
}

/* `usual`: the default. */
static void print_option(const pixcl_option_info *info, char letter, const char *(*names)(int index), const char *usual)
{
    char text[1024];
    int at = printf("%*s", NAME_COLUMN, "");
    if (letter)
        at += printf("-%c, ", letter);
    at += printf("--%s%s", info->name, cli_value_name(info->kind));
    if (at + 2 > TEXT_COLUMN) {
        putchar('\n');
        at = 0;
    }
    cli_describe(info, names, usual, text, sizeof text);
    cli_print_wrapped(text, at, TEXT_COLUMN);
}

static void print_extras(const cli_command *command)
{
    if (command->extra_count > 0)
        printf("\nOptions of this command\n");
    for (size_t i = 0; i < command->extra_count; i++) {
        const cli_extra *extra = &command->extras[i];
        char usual[PIXCL_OPTION_TEXT_SIZE];
        pixcl_option_print(&extra->info, extra->value, usual, sizeof usual);
        print_option(&extra->info, extra->letter, extra->names, usual);
    }
}

static void print_group(const cli_command *command, pixcl_option_group group, const pixcl_options *defaults)
{
    bool headed = false;
    const pixcl_option_info *info;
    for (int i = 0; (info = pixcl_option_at(i)); i++) {
        char usual[PIXCL_OPTION_TEXT_SIZE] = "";
        if (info->group != group || !(info->commands & (unsigned)command->options))
            continue;
        if (!headed)
            printf("\n%s\n", pixcl_option_group_name(group));
        headed = true;
        pixcl_options_get(defaults, info->name, usual, sizeof usual, NULL);
        print_option(info, 0, NULL, usual);
    }
}

int cli_help(cli_args *args)
{
    const cli_command *command = args->command;
    pixcl_options *defaults = pixcl_options_create(command->options, &args->err);
    if (!defaults)
        return cli_fail(args);
    printf("Usage: %s%s %s%s[--option value]...\n\n", cli_before_name(command), command->name, command->arguments,
           *command->arguments ? " " : "");
    cli_print_wrapped(command->about, 0, 0);
    print_extras(command);
    for (int group = 0; group < PIXCL_GROUP_COUNT; group++)
        print_group(command, (pixcl_option_group)group, defaults);
    printf("\nIn a name - and _ are the same; --name value and --name=value too. Defaults stand in [ ].\n");
    pixcl_options_destroy(&defaults);
    return CLI_DONE;
}
