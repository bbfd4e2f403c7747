/* What the writers of man pages and of completions share: the options of a command, from both of its tables. */
#ifndef PIXCL_TOOLS_PAGES_H
#define PIXCL_TOOLS_PAGES_H

#include <stdio.h>

#include "cli.h"
#include "commands.h"

/* An option of a command. */
typedef struct page_option {
    const pixcl_option_info *info;
    const cli_extra *extra;             /* NULL for an option of the library */
    const char *heading;                /* the part of the help that it stands in */
    char usual[PIXCL_OPTION_TEXT_SIZE]; /* the default */
} page_option;

/* What may stand behind an option's name. */
typedef enum page_value { PAGE_NOTHING, PAGE_PATH, PAGE_WORDS } page_value;

enum { PAGE_WORDS_SIZE = 1024, PAGE_BRIEF_SIZE = 80 };

/* The option at `index`, in the order of the help; false past the end. */
bool page_option_at(const cli_command *command, int index, page_option *option);
/* What completes its value; for PAGE_WORDS the words, with spaces between, or "" where none are known. Ends the
 * program, saying why, for a text that this does not know: a new option, that may take a path or not. */
page_value page_value_of(const page_option *option, char words[PAGE_WORDS_SIZE]);
/* What an option does, in few words: the beginning of its help. */
void page_brief(const page_option *option, char text[PAGE_BRIEF_SIZE]);

/* Each writes one file. */
void man_write_overview(FILE *out);
void man_write_command(FILE *out, const cli_command *command);
void bash_write(FILE *out, const char *program);
void zsh_write(FILE *out);
void fish_write(FILE *out, const char *program);

/* The commands of a program, up to NULL: the subcommands of "pixcl", or the program itself. */
const cli_command *const *page_commands(const char *program);

#endif
