/* What every subcommand shares: the parser of its arguments, its help, its errors and exit codes, Ctrl-C. */
#ifndef PIXCL_TOOLS_CLI_H
#define PIXCL_TOOLS_CLI_H

#include "pixcl/bench.h"
#include "pixcl/options.h"

/* Exit codes, the same for every command. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_NO_DEVICE = 3 };

/* An option that only this command has. */
typedef struct cli_extra {
    pixcl_option_info info; /* name, kind, range, choices, help */
    char letter;            /* 'o' lets -o stand for it; 0: none */
    void *value;            /* where it goes, of the type of info.kind; what is there before parsing is the default */
} cli_extra;

typedef struct cli_command {
    const char *name;             /* "train" */
    const char *arguments;        /* what stands beside the options in the usage line, "IN..." or "" */
    const char *about;            /* a paragraph; blank lines and lines that begin with a space are kept as they are */
    pixcl_option_command options; /* which options of the library it takes; 0: none */
    const cli_extra *extras;
    size_t extra_count;
    int fewest, most; /* how many arguments beside the options */
} cli_command;

typedef struct cli_args {
    pixcl_options options; /* the command's defaults and what was given */
    char **words;          /* the arguments beside the options; points into argv */
    int word_count;
} cli_args;

/* Parses what follows the command's name; argv is reordered. Returns -1 to go on, or the exit code with which to end:
 * after --help (printed) or after wrong usage (explained on stderr). */
int cli_parse(const cli_command *command, int argc, char **argv, cli_args *args);

/* The words of --part, in the order of pixcl_bench_part, and which one a word is that the parser has let through. */
#define CLI_BENCH_PARTS "step,generator,forward"
pixcl_bench_part cli_bench_part(const char *word);

/* Prints "pixcl NAME: message" to stderr and returns the exit code of the error's status. */
int cli_fail(const char *name, const pixcl_error *err);

/* Prints the help that --help gives. */
void cli_print_help(const cli_command *command);
/* Prints `text` in lines of at most 90 columns, the first beginning at column `at`, the others indented by `indent`. */
void cli_print_wrapped(const char *text, int at, int indent);

/* From now on the first Ctrl-C (or SIGTERM, or SIGHUP) only makes cli_interrupted() true, as a stdout whose reader went
 * away does; the second one kills. One that was ignored before stays so. Before any thread begins, and so before an
 * OpenCL driver is loaded. */
void cli_catch_interrupts(void);
/* Fits the library's should_stop callbacks; `user` is not used. */
bool cli_interrupted(void *user);

#endif
