/* Any bytes as options: as the JSON object in a checkpoint's metadata, and as lines NAME=TEXT, set one by one. */
#include "fuzz.h"

#include <string.h>

#include "base/memory.h"
#include "options/fields.h"

static const pixcl_option_command COMMANDS[] = {PIXCL_FOR_TRAIN, PIXCL_FOR_TEST,  PIXCL_FOR_TRANSLATE, PIXCL_FOR_PLAN,
                                                PIXCL_FOR_BENCH, PIXCL_FOR_CHECK, PIXCL_FOR_TUNE};
enum { COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS };

static void must_fail_well(pixcl_status status, const pixcl_error *err)
{
    MUST_HOLD(status != PIXCL_OK && status == err->status && err->message[0]);
}

static bool same_value(const pixcl_option_info *info, const void *a, const void *b)
{
    switch (info->kind) {
    case PIXCL_KIND_INT:
        return *(const int *)a == *(const int *)b;
    case PIXCL_KIND_FLOAT:
        return *(const double *)a == *(const double *)b;
    case PIXCL_KIND_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case PIXCL_KIND_TEXT:
    case PIXCL_KIND_CHOICE:
        break;
    }
    return strcmp(a, b) == 0;
}

/* Those of a command, or all of them. */
static void must_be_same(const pixcl_options *a, const pixcl_options *b, unsigned commands)
{
    for (int i = 0; i < PX_OPTION_COUNT; i++) {
        const pixcl_option_info *info = pixcl_option_at(i);
        if (info->commands & commands)
            MUST_HOLD(
                same_value(info, px_options_value(a, (px_option_index)i), px_options_value(b, (px_option_index)i)));
    }
}

/* Each value is in its range and is what its text says. */
static void check_values(const pixcl_options *o)
{
    for (int i = 0; i < PX_OPTION_COUNT; i++) {
        const pixcl_option_info *info = pixcl_option_at(i);
        const void *value = px_options_value(o, (px_option_index)i);
        char text[PIXCL_OPTION_TEXT_SIZE], again[PIXCL_OPTION_TEXT_SIZE];
        MUST_HOLD(pixcl_option_print(info, value, text, sizeof text) < sizeof text);
        MUST_HOLD(pixcl_option_parse(info, text, again, NULL) == PIXCL_OK && same_value(info, value, again));
        if (info->kind == PIXCL_KIND_INT)
            MUST_HOLD(*(const int *)value >= info->lowest && *(const int *)value <= info->highest);
        if (info->kind == PIXCL_KIND_FLOAT)
            MUST_HOLD(*(const double *)value >= info->lowest && *(const double *)value <= info->highest);
    }
}

static void check_json(const pixcl_options *o)
{
    pixcl_options again;
    char *json = pixcl_options_to_json(o, NULL);
    MUST_HOLD(json && px_options_from_json(&again, json, strlen(json), NULL) == PIXCL_OK);
    must_be_same(o, &again, PIXCL_FOR_EVERY);
    pixcl_free(json);
}

/* Takes the next word of a shell's command line off *line, which it writes over; NULL at the end. */
static char *next_word(char **line)
{
    char *from = *line + strspn(*line, " "), *to = from, *word = from;
    bool quoted = false;
    if (!*from)
        return NULL;
    for (; *from && (quoted || *from != ' '); from++) {
        if (*from == '\'')
            quoted = !quoted;
        else if (*from == '\\' && !quoted)
            *to++ = *++from;
        else
            *to++ = *from;
    }
    MUST_HOLD(!quoted);
    *line = *from ? from + 1 : from;
    *to = '\0';
    return word;
}

/* Typed again, the command line gives the same options. */
static void check_command_line(const pixcl_options *o, pixcl_option_command command)
{
    pixcl_options again;
    px_options_default(&again, command);
    char *line = pixcl_options_command_line(o, command, NULL), *rest = line, *word;
    MUST_HOLD(line && strcmp(next_word(&rest), "pixcl") == 0 && next_word(&rest));
    while ((word = next_word(&rest))) {
        MUST_HOLD(strncmp(word, "--", 2) == 0);
        char *value = strchr(word, '=');
        if (value)
            *value++ = '\0';
        const pixcl_option_info *info = pixcl_option_find(word + 2);
        MUST_HOLD(info);
        if (!value && info->kind != PIXCL_KIND_FLAG) {
            value = next_word(&rest);
            MUST_HOLD(value && strncmp(value, "--", 2) != 0); /* which the command takes for an option */
        }
        MUST_HOLD(pixcl_options_set(&again, word + 2, value, NULL) == PIXCL_OK);
    }
    must_be_same(o, &again, command);
    pixcl_free(line);
}

static void check_paths(const pixcl_options *o)
{
    char path[600];
    pixcl_error err = {.message = ""};
    pixcl_status status = pixcl_options_run_folder(o, path, sizeof path, &err);
    if (status == PIXCL_OK)
        status = pixcl_options_checkpoint(o, path, sizeof path, &err);
    if (status == PIXCL_OK)
        MUST_HOLD(strstr(path, ".safetensors"));
    else
        must_fail_well(status, &err);
}

/* A checkpoint's options under a command of its own: taken once or twice is the same. */
static void check_inherited(const pixcl_options *checkpoint, pixcl_option_command command)
{
    pixcl_options options;
    px_options_default(&options, command);
    MUST_HOLD(px_options_inherit(&options, checkpoint, command, NULL) == PIXCL_OK);
    check_values(&options);
    const pixcl_options once = options;
    MUST_HOLD(px_options_inherit(&options, checkpoint, command, NULL) == PIXCL_OK);
    must_be_same(&once, &options, PIXCL_FOR_EVERY);
}

/* For one command, since that is slow: which one, the input decides. */
static void check_options(const pixcl_options *o, size_t size)
{
    const pixcl_option_command command = COMMANDS[size % COMMAND_COUNT];
    pixcl_error err = {.message = ""};
    check_values(o);
    check_json(o);
    check_paths(o);
    pixcl_status status = pixcl_options_check(o, command, &err);
    if (status != PIXCL_OK)
        must_fail_well(status, &err);
    check_command_line(o, command);
    if (command & PIXCL_FOR_RUNS)
        check_inherited(o, command);
}

static void try_json(const uint8_t *data, size_t size)
{
    pixcl_options options;
    pixcl_error err = {.message = ""};
    pixcl_status status = px_options_from_json(&options, (const char *)data, size, &err);
    if (status == PIXCL_OK)
        check_options(&options, size);
    else
        must_fail_well(status, &err);
}

/* Few of them may be wrong, since looking for the nearest name takes long. */
static void try_lines(const uint8_t *data, size_t size)
{
    enum { MOST_WRONG = 4 };
    pixcl_options options;
    char *text = px_format(NULL, "%.*s", (int)size, (const char *)data), *line = text;
    px_options_default(&options, PIXCL_FOR_TRAIN);
    int right = 0, wrong = 0;
    while (line && wrong < MOST_WRONG) {
        char *end = strchr(line, '\n'), *value = strchr(line, '=');
        if (end)
            *end = '\0';
        if (value && (!end || value < end))
            *value++ = '\0';
        else
            value = NULL;
        const pixcl_options before = options;
        pixcl_error err = {.message = ""};
        pixcl_status status = pixcl_options_set(&options, line, value, &err);
        if (status != PIXCL_OK) {
            must_fail_well(status, &err);
            MUST_HOLD(memcmp(&before, &options, sizeof before) == 0); /* nothing is half set */
        }
        right += status == PIXCL_OK;
        wrong += status != PIXCL_OK;
        line = end ? end + 1 : NULL;
    }
    if (right > 0)
        check_options(&options, size);
    px_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_json(data, size);
    try_lines(data, size);
    return 0;
}
