/* The course of a command, and the parser of its arguments, on the library's option table and the command's own. */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

/* One option of the command, from either table. */
typedef struct match {
    const pixcl_option_info *info;
    const cli_extra *extra; /* NULL for an option of the library */
} match;

static bool same_name(const char *name, size_t length, const char *other)
{
    if (strlen(other) != length)
        return false;
    for (size_t i = 0; i < length; i++) {
        char a = name[i] == '-' ? '_' : name[i], b = other[i] == '-' ? '_' : other[i];
        if (a != b)
            return false;
    }
    return true;
}

static bool find(const cli_command *command, const char *name, size_t length, match *found)
{
    for (size_t i = 0; i < command->extra_count; i++) {
        if (same_name(name, length, command->extras[i].info.name)) {
            *found = (match){&command->extras[i].info, &command->extras[i]};
            return true;
        }
    }
    const pixcl_option_info *info;
    for (int i = 0; (info = pixcl_option_at(i)); i++) {
        if ((info->commands & (unsigned)command->options) && same_name(name, length, info->name)) {
            *found = (match){info, NULL};
            return true;
        }
    }
    return false;
}

static int unknown_option(const cli_args *args, const char *name, size_t length)
{
    const cli_command *command = args->command;
    char text[80];
    snprintf(text, sizeof text, "%.*s", (int)(length < 70 ? length : 70), name);
    const pixcl_option_info *info = pixcl_option_find(text);
    if (info)
        return cli_misuse(args, "--%s is an option of other commands, not of this one.", info->name);
    size_t most = command->extra_count + 1, count = 0;
    for (int i = 0; pixcl_option_at(i); i++)
        most++;
    const char **names = calloc(most, sizeof *names);
    for (size_t i = 0; names && i < command->extra_count; i++)
        names[count++] = command->extras[i].info.name;
    for (int i = 0; names && (info = pixcl_option_at(i)); i++) {
        if (info->commands & (unsigned)command->options)
            names[count++] = info->name;
    }
    if (names)
        names[count++] = "help";
    pixcl_error err;
    pixcl_option_unknown(text, names, count, &err); /* without memory: no name is near */
    free(names);
    return cli_misuse(args, "%s", err.message);
}

/* Sets one option; `value` is what followed '=', or NULL. Takes the next argument when the option needs one. */
static int set_option(cli_args *args, const match *found, const char *value, int *at, int argc, char **argv)
{
    if (!value && found->info->kind != PIXCL_KIND_FLAG) {
        if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0)
            return cli_misuse(args, "--%s needs a value (one that begins with -- is written --%s=VALUE).",
                              found->info->name, found->info->name);
        value = argv[++*at];
    }
    pixcl_status status = found->extra ? pixcl_option_parse(found->info, value, found->extra->value, &args->err)
                                       : pixcl_options_set(args->options, found->info->name, value, &args->err);
    return status == PIXCL_OK ? -1 : cli_misuse(args, "%s", args->err.message);
}

/* An option of the reference's scripts that changes nothing here: says so and goes on behind it. */
static bool pass_over(const char *name, size_t length, bool has_equals, int *at, int argc, char **argv)
{
    char text[80];
    bool has_value;
    if (length >= sizeof text)
        return false;
    memcpy(text, name, length);
    text[length] = '\0';
    const char *note = pixcl_option_passed_over(text, &has_value);
    if (!note)
        return false;
    if (has_value && !has_equals && *at + 1 < argc && strncmp(argv[*at + 1], "--", 2) != 0)
        ++*at;
    fprintf(stderr, "--%s changes nothing: %s\n", text, note);
    return true;
}

static int parse_long(cli_args *args, int *at, int argc, char **argv)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    match found;
    if (same_name(name, length, "help"))
        return cli_help(args);
    if (!find(args->command, name, length, &found))
        return pass_over(name, length, equals != NULL, at, argc, argv) ? -1 : unknown_option(args, name, length);
    return set_option(args, &found, equals ? equals + 1 : NULL, at, argc, argv);
}

/* -o OUT or -oOUT. */
static int parse_short(cli_args *args, int *at, int argc, char **argv)
{
    const cli_command *command = args->command;
    const char *text = argv[*at];
    if (strcmp(text, "-h") == 0)
        return cli_help(args);
    for (size_t i = 0; i < command->extra_count; i++) {
        if (text[1] != command->extras[i].letter)
            continue;
        match found = {&command->extras[i].info, &command->extras[i]};
        return set_option(args, &found, text[2] ? text + 2 : NULL, at, argc, argv);
    }
    return cli_misuse(args, "Unknown option %.80s; options begin with two dashes, as --name.", text);
}

static int check_words(const cli_args *args)
{
    const cli_command *command = args->command;
    if (args->word_count < command->fewest)
        return cli_misuse(args, "%s is missing: %d given, at least %d expected.", command->arguments, args->word_count,
                          command->fewest);
    if (args->word_count > command->most)
        return cli_misuse(args, "\"%.200s\" is too much: %s.", args->words[command->most],
                          command->most ? "there are more arguments than the command takes"
                                        : "this command takes options only, and options begin with --");
    return -1;
}

/* Returns -1 to go on, or the exit code with which to end. */
static int parse(cli_args *args, int argc, char **argv)
{
    bool only_words = false;
    args->words = argv;
    for (int at = 0; at < argc; at++) {
        int code = -1;
        if (only_words || argv[at][0] != '-' || argv[at][1] == '\0')
            args->words[args->word_count++] = argv[at];
        else if (strcmp(argv[at], "--") == 0)
            only_words = true;
        else if (argv[at][1] == '-')
            code = parse_long(args, &at, argc, argv);
        else
            code = parse_short(args, &at, argc, argv);
        if (code >= 0)
            return code;
    }
    return check_words(args);
}

static void prepare_context(const cli_args *args)
{
    const bool verbose = pixcl_options_number(args->options, "verbose") != 0;
    pixcl_context_set_log(args->context, terminal_log, NULL, verbose ? PIXCL_LOG_DEBUG : PIXCL_LOG_INFO);
    if (!args->command->stoppable)
        return;
    cli_catch_interrupts();
    pixcl_context_set_stop(args->context, cli_interrupted, NULL);
}

int cli_run(const cli_command *command, int argc, char **argv)
{
    cli_args args = {.command = command};
    args.context = pixcl_context_create(NULL, &args.err);
    args.options = args.context ? pixcl_options_create(command->options, &args.err) : NULL;
    int code = args.options ? parse(&args, argc, argv) : cli_fail(&args);
    if (code < 0) {
        prepare_context(&args);
        code = command->run(&args);
    }
    pixcl_options_destroy(&args.options);
    pixcl_context_destroy(&args.context);
    return code;
}

const char *cli_before_name(const cli_command *command)
{
    return command->alone ? "" : "pixcl ";
}

int cli_fail(const cli_args *args)
{
    const pixcl_error *err = &args->err;
    fprintf(stderr, "%s%s: %s\n", cli_before_name(args->command), args->command->name, err->message);
    if (err->status == PIXCL_ERROR_ARGUMENT)
        return CLI_USAGE;
    return err->status == PIXCL_ERROR_NO_DEVICE ? CLI_NO_DEVICE : CLI_FAILED;
}

int cli_misuse(const cli_args *args, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s%s: ", cli_before_name(args->command), args->command->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry: %s%s --help\n", cli_before_name(args->command), args->command->name);
    return CLI_USAGE;
}

pixcl_bench_part cli_bench_part(const char *word)
{
    return strcmp(word, "forward") == 0     ? PIXCL_BENCH_FORWARD
           : strcmp(word, "generator") == 0 ? PIXCL_BENCH_GENERATOR
                                            : PIXCL_BENCH_STEP;
}
