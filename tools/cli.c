/* The parser of a command's arguments, on the library's option table and the command's own. */
#include "cli.h"

#include <stdio.h>
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

static int usage_error(const cli_command *command, const pixcl_error *err)
{
    fprintf(stderr, "pixcl %s: %s\nTry: pixcl %s --help\n", command->name, err->message, command->name);
    return CLI_USAGE;
}

static int unknown_option(const cli_command *command, const char *name, size_t length)
{
    char text[80];
    pixcl_error err;
    snprintf(text, sizeof text, "%.*s", (int)(length < 70 ? length : 70), name);
    const pixcl_option_info *elsewhere = pixcl_option_find(text);
    if (elsewhere) {
        snprintf(err.message, sizeof err.message, "--%s is an option of other commands, not of this one.",
                 elsewhere->name);
        return usage_error(command, &err);
    }
    const char *names[PIXCL_OPTION_COUNT + 32];
    size_t count = 0;
    for (size_t i = 0; i < command->extra_count && count < 31; i++)
        names[count++] = command->extras[i].info.name;
    const pixcl_option_info *info;
    for (int i = 0; (info = pixcl_option_at(i)); i++) {
        if (info->commands & (unsigned)command->options)
            names[count++] = info->name;
    }
    names[count++] = "help";
    pixcl_option_unknown(text, names, count, &err);
    return usage_error(command, &err);
}

/* Sets one option; `value` is what followed '=', or NULL. Takes the next argument when the option needs one. */
static int set_option(const cli_command *command, const match *found, const char *value, int *at, int argc, char **argv,
                      cli_args *args)
{
    pixcl_error err = {0};
    if (!value && found->info->kind != PIXCL_KIND_FLAG) {
        if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0) {
            snprintf(err.message, sizeof err.message,
                     "--%s needs a value (one that begins with -- is written --%s=VALUE).", found->info->name,
                     found->info->name);
            return usage_error(command, &err);
        }
        value = argv[++*at];
    }
    pixcl_status status = found->extra ? pixcl_option_parse(found->info, value, found->extra->value, &err)
                                       : pixcl_options_set(&args->options, found->info->name, value, &err);
    return status == PIXCL_OK ? -1 : usage_error(command, &err);
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

static int parse_long(const cli_command *command, int *at, int argc, char **argv, cli_args *args)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    match found;
    if (same_name(name, length, "help")) {
        cli_print_help(command);
        return CLI_DONE;
    }
    if (!find(command, name, length, &found))
        return pass_over(name, length, equals != NULL, at, argc, argv) ? -1 : unknown_option(command, name, length);
    return set_option(command, &found, equals ? equals + 1 : NULL, at, argc, argv, args);
}

/* -o OUT or -oOUT. */
static int parse_short(const cli_command *command, int *at, int argc, char **argv, cli_args *args)
{
    const char *text = argv[*at];
    if (strcmp(text, "-h") == 0) {
        cli_print_help(command);
        return CLI_DONE;
    }
    for (size_t i = 0; i < command->extra_count; i++) {
        if (text[1] != command->extras[i].letter)
            continue;
        match found = {&command->extras[i].info, &command->extras[i]};
        return set_option(command, &found, text[2] ? text + 2 : NULL, at, argc, argv, args);
    }
    pixcl_error err;
    snprintf(err.message, sizeof err.message, "Unknown option %.80s; options begin with two dashes, as --name.", text);
    return usage_error(command, &err);
}

static int check_words(const cli_command *command, const cli_args *args)
{
    pixcl_error err;
    if (args->word_count < command->fewest) {
        snprintf(err.message, sizeof err.message, "%s is missing: %d given, at least %d expected.", command->arguments,
                 args->word_count, command->fewest);
        return usage_error(command, &err);
    }
    if (args->word_count > command->most) {
        snprintf(err.message, sizeof err.message, "\"%.200s\" is too much: %s.", args->words[command->most],
                 command->most ? "there are more arguments than the command takes"
                               : "this command takes options only, and options begin with --");
        return usage_error(command, &err);
    }
    return -1;
}

int cli_parse(const cli_command *command, int argc, char **argv, cli_args *args)
{
    pixcl_options_default(&args->options, command->options);
    args->words = argv;
    args->word_count = 0;
    bool only_words = false;
    for (int at = 0; at < argc; at++) {
        int code = -1;
        if (only_words || argv[at][0] != '-' || argv[at][1] == '\0')
            args->words[args->word_count++] = argv[at];
        else if (strcmp(argv[at], "--") == 0)
            only_words = true;
        else if (argv[at][1] == '-')
            code = parse_long(command, &at, argc, argv, args);
        else
            code = parse_short(command, &at, argc, argv, args);
        if (code >= 0)
            return code;
    }
    if (args->options.verbose)
        pixcl_log_set(terminal_log, NULL, PIXCL_LOG_DEBUG);
    return check_words(command, args);
}

int cli_fail(const char *name, const pixcl_error *err)
{
    fprintf(stderr, "pixcl %s: %s\n", name, err->message);
    if (err->status == PIXCL_ERROR_ARGUMENT)
        return CLI_USAGE;
    return err->status == PIXCL_ERROR_NO_DEVICE ? CLI_NO_DEVICE : CLI_FAILED;
}

pixcl_bench_part cli_bench_part(const char *word)
{
    return strcmp(word, "forward") == 0     ? PIXCL_BENCH_FORWARD
           : strcmp(word, "generator") == 0 ? PIXCL_BENCH_GENERATOR
                                            : PIXCL_BENCH_STEP;
}
