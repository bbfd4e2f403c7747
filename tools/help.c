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

static const char *value_name(pixcl_option_kind kind)
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

/* Help, choices and default in one text. */
static void describe(const pixcl_option_info *info, const void *value, char *text, size_t size)
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
    char usual[PIXCL_OPTION_TEXT_SIZE];
    pixcl_option_print(info, value, usual, sizeof usual);
    if (info->kind != PIXCL_KIND_FLAG && *usual && length < size)
        snprintf(text + length, size - length, " [%s]", usual);
}

static void print_option(const pixcl_option_info *info, char letter, const void *value)
{
    char text[1024];
    int at = printf("%*s", NAME_COLUMN, "");
    if (letter)
        at += printf("-%c, ", letter);
    at += printf("--%s%s", info->name, value_name(info->kind));
    if (at + 2 > TEXT_COLUMN) {
        putchar('\n');
        at = 0;
    }
    describe(info, value, text, sizeof text);
    cli_print_wrapped(text, at, TEXT_COLUMN);
}

void cli_print_help(const cli_command *command)
{
    printf("Usage: pixcl %s %s%s[--option value]...\n\n", command->name, command->arguments,
           *command->arguments ? " " : "");
    cli_print_wrapped(command->about, 0, 0);
    if (command->extra_count > 0)
        printf("\nOptions of this command\n");
    for (size_t i = 0; i < command->extra_count; i++)
        print_option(&command->extras[i].info, command->extras[i].letter, command->extras[i].value);
    pixcl_options defaults;
    pixcl_options_default(&defaults, command->options);
    for (int group = 0; group < PIXCL_GROUP_COUNT; group++) {
        bool headed = false;
        const pixcl_option_info *info;
        for (int i = 0; (info = pixcl_option_at(i)); i++) {
            if ((int)info->group != group || !(info->commands & (unsigned)command->options))
                continue;
            if (!headed)
                printf("\n%s\n", pixcl_option_group_name((pixcl_option_group)group));
            headed = true;
            print_option(info, 0, (const char *)&defaults + info->offset);
        }
    }
    printf("\nIn a name - and _ are the same; --name value and --name=value too. Defaults stand in [ ].\n");
}
