/* The option table and one value at a time: defaults, parsing, printing, names. What concerns all options together is
 * in options_set.c. */
#include "options/fields.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/format.h"

#define ENTRY(group, name, kind, commands, recall, lowest, highest, choices, help)                                     \
    {{#name, kind, group, commands, lowest, highest, choices, help}, recall, offsetof(pixcl_options, name)},

/* An option, what a checkpoint does to it, and where its field is. */
static const struct {
    pixcl_option_info info;
    px_option_recall recall;
    size_t offset;
} TABLE[] = {
#define PX_TEXT(group, name, value, commands, recall, help)                                                            \
    ENTRY(group, name, PIXCL_KIND_TEXT, commands, recall, 0, 0, NULL, help)
#define PX_CHOICE(group, name, value, choices, commands, recall, help)                                                 \
    ENTRY(group, name, PIXCL_KIND_CHOICE, commands, recall, 0, 0, choices, help)
#define PX_INT(group, name, value, lowest, highest, commands, recall, help)                                            \
    ENTRY(group, name, PIXCL_KIND_INT, commands, recall, lowest, highest, NULL, help)
#define PX_FLOAT(group, name, value, lowest, highest, commands, recall, help)                                          \
    ENTRY(group, name, PIXCL_KIND_FLOAT, commands, recall, lowest, highest, NULL, help)
#define PX_FLAG(group, name, commands, recall, help)                                                                   \
    ENTRY(group, name, PIXCL_KIND_FLAG, commands, recall, 0, 1, NULL, help)
#include "options/options.def"
};

static const pixcl_options DEFAULTS = {
#define PX_TEXT(group, name, value, commands, recall, help)                   .name = value,
#define PX_CHOICE(group, name, value, choices, commands, recall, help)        .name = value,
#define PX_INT(group, name, value, lowest, highest, commands, recall, help)   .name = value,
#define PX_FLOAT(group, name, value, lowest, highest, commands, recall, help) .name = value,
#include "options/options.def"
};

void px_options_default(pixcl_options *options, pixcl_option_command command)
{
    *options = DEFAULTS;
    if (command == PIXCL_FOR_TEST) {
        snprintf(options->phase, sizeof options->phase, "test");
        options->load_size = 0;
    }
}

const pixcl_option_info *pixcl_option_at(int index)
{
    return index >= 0 && index < PX_OPTION_COUNT ? &TABLE[index].info : NULL;
}

void *px_options_field(pixcl_options *options, px_option_index index)
{
    return (char *)options + TABLE[index].offset;
}

const void *px_options_value(const pixcl_options *options, px_option_index index)
{
    return (const char *)options + TABLE[index].offset;
}

px_option_recall px_option_recall_of(px_option_index index)
{
    return TABLE[index].recall;
}

const char *pixcl_option_group_name(pixcl_option_group group)
{
    static const char *const NAMES[PIXCL_GROUP_COUNT] = {"Files",    "Pictures", "Networks",
                                                         "Training", "Reports",  "Machine"};
    return (unsigned)group < PIXCL_GROUP_COUNT ? NAMES[group] : "";
}

/* '-' and '_' are the same in a name. Case counts: the reference has both lambda_L1 and n_layers_D. */
static char fold(char c)
{
    return c == '-' ? '_' : c;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        if (fold(*a) != fold(*b))
            return false;
    }
    return *a == *b;
}

px_option_index px_option_index_of(const char *name)
{
    int index = 0;
    while (index < PX_OPTION_COUNT && !same_name(TABLE[index].info.name, name))
        index++;
    return (px_option_index)index;
}

const pixcl_option_info *pixcl_option_find(const char *name)
{
    return pixcl_option_at(px_option_index_of(name));
}

/* Levenshtein distance; the case of letters does not count. */
static int distance(const char *a, const char *b)
{
    enum { LONGEST = 40 };
    int row[LONGEST + 1];
    size_t length_a = strlen(a), length_b = strlen(b);
    if (length_a > LONGEST || length_b > LONGEST)
        return INT_MAX;
    for (size_t j = 0; j <= length_b; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= length_a; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= length_b; j++) {
            bool same = tolower((unsigned char)fold(a[i - 1])) == tolower((unsigned char)fold(b[j - 1]));
            int best = diagonal + !same;
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[length_b];
}

const char *pixcl_nearest_name(const char *name, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    int least = 1 + (int)strlen(name) / 3; /* a third of the letters may be wrong, and one in a short name */
    for (size_t i = 0; i < count; i++) {
        int d = distance(name, names[i]);
        if (d <= least && (!nearest || d < least)) {
            least = d;
            nearest = names[i];
        }
    }
    return nearest;
}

/* Options of the reference that name a device or a logger: old scripts have them, and nothing is lost without. */
static const char NO_SERVER[] = "the training page of the run needs no display server",
                  NOTHING_SENT[] = "the losses are in history.jsonl and on the training page; nothing is sent anywhere";
static const struct {
    const char *name;
    bool has_value;
    const char *note;
} PASSED_OVER[] = {
    {"gpu_ids", true, "pixcl takes the best device, or what --device names (pixcl devices lists them)"},
    {"display_freq", true, "the training page is refreshed every --update_html_freq pictures"},
    {"display_id", true, NO_SERVER},
    {"display_port", true, NO_SERVER},
    {"display_server", true, NO_SERVER},
    {"display_env", true, NO_SERVER},
    {"display_ncols", true, NO_SERVER},
    {"display_winsize", true, NO_SERVER},
    {"use_wandb", false, NOTHING_SENT},
    {"wandb_project_name", true, NOTHING_SENT},
};

const char *pixcl_option_passed_over(const char *name, bool *has_value)
{
    for (size_t i = 0; i < sizeof PASSED_OVER / sizeof *PASSED_OVER; i++) {
        if (same_name(PASSED_OVER[i].name, name)) {
            *has_value = PASSED_OVER[i].has_value;
            return PASSED_OVER[i].note;
        }
    }
    return NULL;
}

/* Options of the reference that pixcl does not have, and what serves instead. */
static const struct {
    const char *name, *instead;
} REPLACED[] = {
    {"isTrain", "the command says it: pixcl train or pixcl test"},
    {"model_suffix",
     "a checkpoint holds both generators of a cycle_gan: pixcl test --dataset_mode single takes G_A, and "
     "with --direction BtoA G_B"},
};

/* Values likewise. */
static const struct {
    const char *name, *value, *instead;
} REPLACED_VALUES[] = {
    {"norm", "syncbatch", "a run is on one device, where it is the same as --norm batch"},
    {"model", "test",
     "leave it out, the checkpoint knows its model; pixcl test --dataset_mode single takes a folder of inputs, and "
     "with --direction BtoA a cycle_gan's way back"},
};

pixcl_status pixcl_option_unknown(const char *name, const char *const *names, size_t count, pixcl_error *err)
{
    for (size_t i = 0; i < sizeof REPLACED / sizeof *REPLACED; i++) {
        if (same_name(REPLACED[i].name, name))
            return px_fail(err, PIXCL_ERROR_ARGUMENT, "pixcl has no --%s: %s.", REPLACED[i].name, REPLACED[i].instead);
    }
    const char *nearest = pixcl_nearest_name(name, names, count);
    if (nearest)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "Unknown option --%s; did you mean --%s?", name, nearest);
    return px_fail(err, PIXCL_ERROR_ARGUMENT, "Unknown option --%s; --help lists what there is.", name);
}

/* True when `text` is the choice of `size` bytes, in which <n> stands for a number without leading zeros. */
static bool is_choice(const char *choice, size_t size, const char *text)
{
    const char *end = choice + size;
    while (choice < end && *text) {
        if (end - choice >= 3 && memcmp(choice, "<n>", 3) == 0) {
            size_t digits = strspn(text, "0123456789");
            if (digits < 1 || digits > 6 || *text == '0')
                return false;
            choice += 3;
            text += digits;
        } else if (*choice++ != *text++) {
            return false;
        }
    }
    return choice == end && !*text;
}

/* True when `text` is one of the comma-separated `choices`. */
static bool among(const char *choices, const char *text)
{
    for (const char *at = choices; *text && *at;) {
        size_t size = strcspn(at, ",");
        if (is_choice(at, size, text))
            return true;
        at += size + (at[size] == ',');
    }
    return false;
}

static pixcl_status fail_value(const pixcl_option_info *info, const char *text, pixcl_error *err)
{
    switch (info->kind) {
    case PIXCL_KIND_TEXT:
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "The value of --%s is too long: %zu bytes, expected at most %d. It begins with \"%.40s\".",
                       info->name, strlen(text), PIXCL_OPTION_TEXT_SIZE - 1, text);
    case PIXCL_KIND_CHOICE: {
        for (size_t i = 0; i < sizeof REPLACED_VALUES / sizeof *REPLACED_VALUES; i++)
            if (strcmp(info->name, REPLACED_VALUES[i].name) == 0 && strcmp(text, REPLACED_VALUES[i].value) == 0)
                return px_fail(err, PIXCL_ERROR_ARGUMENT, "pixcl has no --%s %s: %s.", info->name, text,
                               REPLACED_VALUES[i].instead);
        char spaced[256];
        size_t length = 0;
        for (const char *c = info->choices; *c && length + 3 < sizeof spaced; c++) {
            spaced[length++] = *c;
            if (*c == ',')
                spaced[length++] = ' ';
        }
        spaced[length] = '\0';
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "Invalid value \"%.80s\" for --%s: expected %s%s.", text, info->name,
                       strchr(spaced, ',') ? "one of " : "", spaced);
    }
    case PIXCL_KIND_INT:
    case PIXCL_KIND_FLOAT: {
        /* For an example, the default, or the lowest value for options that are not of the library's table. */
        char example[64], highest[64] = "";
        const px_option_index index = px_option_index_of(info->name);
        if (pixcl_option_at(index) == info)
            pixcl_option_print(info, (const char *)&DEFAULTS + TABLE[index].offset, example, sizeof example);
        else
            px_snprintf(example, sizeof example, "%.17g", info->lowest);
        bool whole = info->kind == PIXCL_KIND_INT;
        if (info->highest >= INT_MAX)
            px_snprintf(highest, sizeof highest, "of at least %.15g", info->lowest);
        else
            px_snprintf(highest, sizeof highest, "in [%.15g, %.15g]", info->lowest, info->highest);
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "Invalid value \"%.80s\" for --%s: expected a %s %s, e.g. %s.", text,
                       info->name, whole ? "whole number" : "number", highest, example);
    }
    case PIXCL_KIND_FLAG:
        break;
    }
    return px_fail(err, PIXCL_ERROR_ARGUMENT,
                   "Invalid value \"%.80s\" for --%s: a flag takes true or false, or nothing.", text, info->name);
}

static bool parse_flag(const char *text, bool *value)
{
    static const char *const WORDS[2][4] = {{"false", "no", "off", "0"}, {"true", "yes", "on", "1"}};
    if (!text || !*text) {
        *value = true;
        return true;
    }
    for (int i = 0; i < 8; i++) {
        if (strcasecmp(text, WORDS[i / 4][i % 4]) == 0) {
            *value = i / 4;
            return true;
        }
    }
    return false;
}

/* Digits only: strtol and strtod would also take spaces, hexadecimal, "inf" and "nan". */
static bool parse_number(const pixcl_option_info *info, const char *text, double *value)
{
    size_t length = strlen(text);
    const char *allowed = info->kind == PIXCL_KIND_INT ? "+-0123456789" : "+-0123456789.eE";
    if (length == 0 || length > 60 || strspn(text, allowed) != length)
        return false;
    char *end = NULL;
    errno = 0;
    *value = info->kind == PIXCL_KIND_INT ? (double)strtol(text, &end, 10) : px_strtod(text, &end);
    bool overflow = errno == ERANGE && (*value > 1 || *value < -1); /* tiny values underflow to 0 and are fine */
    return *end == '\0' && !overflow && *value >= info->lowest && *value <= info->highest;
}

pixcl_status pixcl_option_parse(const pixcl_option_info *info, const char *text, void *value, pixcl_error *err)
{
    double number = 0;
    bool flag = false;
    if (!text && info->kind != PIXCL_KIND_FLAG)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--%s needs a value.", info->name);
    switch (info->kind) {
    case PIXCL_KIND_TEXT:
        if (strlen(text) >= PIXCL_OPTION_TEXT_SIZE)
            return fail_value(info, text, err);
        strcpy(value, text);
        return PIXCL_OK;
    case PIXCL_KIND_CHOICE:
        if (strlen(text) >= PIXCL_OPTION_CHOICE_SIZE || !among(info->choices, text))
            return fail_value(info, text, err);
        strcpy(value, text);
        return PIXCL_OK;
    case PIXCL_KIND_INT:
        if (!parse_number(info, text, &number))
            return fail_value(info, text, err);
        *(int *)value = (int)number;
        return PIXCL_OK;
    case PIXCL_KIND_FLOAT:
        if (!parse_number(info, text, &number))
            return fail_value(info, text, err);
        *(double *)value = number;
        return PIXCL_OK;
    case PIXCL_KIND_FLAG:
        if (!parse_flag(text, &flag))
            return fail_value(info, text, err);
        *(bool *)value = flag;
        return PIXCL_OK;
    }
    return px_fail(err, PIXCL_ERROR_INTERNAL, "Option --%s has no kind.", info->name);
}

size_t pixcl_option_print(const pixcl_option_info *info, const void *value, char *text, size_t size)
{
    int length = 0;
    switch (info->kind) {
    case PIXCL_KIND_TEXT:
    case PIXCL_KIND_CHOICE:
        length = snprintf(text, size, "%s", (const char *)value);
        break;
    case PIXCL_KIND_INT:
        length = snprintf(text, size, "%d", *(const int *)value);
        break;
    case PIXCL_KIND_FLAG:
        length = snprintf(text, size, "%s", *(const bool *)value ? "true" : "false");
        break;
    case PIXCL_KIND_FLOAT: {
        char digits[40];
        for (int precision = 15; precision <= 17; precision++) { /* %g drops trailing zeros */
            px_snprintf(digits, sizeof digits, "%.*g", precision, *(const double *)value);
            if (px_strtod(digits, NULL) == *(const double *)value)
                break;
        }
        length = snprintf(text, size, "%s", digits);
        break;
    }
    }
    return length < 0 ? 0 : (size_t)length;
}
