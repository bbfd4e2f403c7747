/* What every subcommand shares: its description, and from that the parser of its arguments and its help; what it is
 * handed when it runs; errors and exit codes; Ctrl-C. */
#ifndef PIXCL_TOOLS_CLI_H
#define PIXCL_TOOLS_CLI_H

#include "pixcl/bench.h"
#include "pixcl/context.h"
#include "pixcl/options.h"

/* Exit codes, the same for every command. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_NO_DEVICE = 3 };

/* An option that only this command has. */
typedef struct cli_extra {
    pixcl_option_info info; /* name, kind, range, choices, help */
    char letter;            /* 'o' lets -o stand for it; 0: none */
    void *value;            /* where it goes, of the type of info.kind; what is there before parsing is the default */
    const char *(*names)(int index); /* listed at the end of the help, up to NULL; none: NULL */
} cli_extra;

typedef struct cli_command cli_command;

/* What a command is handed. */
typedef struct cli_args {
    const cli_command *command;
    pixcl_context *context; /* messages go to the terminal; asks for an end when the command is `stoppable` */
    pixcl_options *options; /* the command's defaults and what was given */
    char **words;           /* the arguments beside the options; points into argv */
    int word_count;
    pixcl_error err; /* for the calls of the library, and cli_fail() then */
} cli_args;

struct cli_command {
    const char *name;             /* "train" */
    bool alone;                   /* a program of its own, NAME, and not pixcl NAME */
    const char *summary;          /* a line of the list of commands */
    const char *arguments;        /* what stands beside the options in the usage line, "IN..." or "" */
    const char *about;            /* a paragraph; blank lines and lines that begin with a space are kept as they are */
    pixcl_option_command options; /* which options of the library it takes; 0: none */
    const cli_extra *extras;
    size_t extra_count;
    int fewest, most;           /* how many arguments beside the options */
    bool stoppable;             /* the first Ctrl-C asks for an orderly end */
    int (*run)(cli_args *args); /* does it, and returns the exit code */
};

/* Parses what follows the command's name, runs it and returns the exit code, also that of --help (printed) and of wrong
 * usage (explained on stderr). argv is reordered. */
int cli_run(const cli_command *command, int argc, char **argv);

/* The words of --part, in the order of pixcl_bench_part, and which one a word is that the parser has let through. */
#define CLI_BENCH_PARTS "step,generator,forward"
pixcl_bench_part cli_bench_part(const char *word);

/* "pixcl ", or "" for a program of its own: what stands in front of its name. */
const char *cli_before_name(const cli_command *command);

/* Prints "pixcl NAME: message" of args->err to stderr and returns the exit code of its status. */
int cli_fail(const cli_args *args);
/* Prints "pixcl NAME: message", and where to find help, to stderr and returns CLI_USAGE. */
int cli_misuse(const cli_args *args, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints what --help gives, and returns the exit code. */
int cli_help(cli_args *args);
/* Prints `text` in lines of at most 90 columns, the first beginning at column `at`, the others indented by `indent`. */
void cli_print_wrapped(const char *text, int at, int indent);
/* The parts of an option's help: " N" behind its name, "" for a flag; and what it does, with its choices, `names` (as
 * in cli_extra; NULL: none) and its default `usual`. */
const char *cli_value_name(pixcl_option_kind kind);
void cli_describe(const pixcl_option_info *info, const char *(*names)(int index), const char *usual, char *text,
                  size_t size);

/* From now on the first Ctrl-C (or SIGTERM, or SIGHUP) only makes cli_interrupted() true, as a stdout whose reader went
 * away does; the second one kills. One that was ignored before stays so. Before any thread begins, and so before an
 * OpenCL driver is loaded. */
void cli_catch_interrupts(void);
/* For pixcl_context_set_stop(); `user` is not used. */
bool cli_interrupted(void *user);

#endif
