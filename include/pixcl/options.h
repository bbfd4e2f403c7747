/* Options: everything that a run can be told, by name, filled from defaults, from text ("lr", "0.0001") or from a
 * checkpoint. The library's table tells which there are, so that new ones change no program; the command's flags and
 * their help are that table.
 *
 * All functions are thread-safe on different options. */
#ifndef PIXCL_OPTIONS_H
#define PIXCL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "pixcl/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Space for a text option, and so for any as text, and for a choice; the terminating NUL included. */
#define PIXCL_OPTION_TEXT_SIZE   512
#define PIXCL_OPTION_CHOICE_SIZE 32

/* Which commands an option is for: bits, summed. */
typedef enum pixcl_option_command {
    PIXCL_FOR_TRAIN = 1,
    PIXCL_FOR_TEST = 2,
    PIXCL_FOR_TRANSLATE = 4,
    PIXCL_FOR_PLAN = 8,
    PIXCL_FOR_BENCH = 16,
    PIXCL_FOR_CHECK = 32,
    PIXCL_FOR_TUNE = 64,
    PIXCL_FOR_RUNS = PIXCL_FOR_TRAIN | PIXCL_FOR_TEST,                   /* what works on a set of pictures */
    PIXCL_FOR_PLANS = PIXCL_FOR_PLAN | PIXCL_FOR_BENCH | PIXCL_FOR_TUNE, /* what needs networks and no pictures */
    PIXCL_FOR_NETWORKS = PIXCL_FOR_RUNS | PIXCL_FOR_PLANS,               /* what can be told which networks to build */
    PIXCL_FOR_EVERY = PIXCL_FOR_NETWORKS | PIXCL_FOR_TRANSLATE | PIXCL_FOR_CHECK
} pixcl_option_command;

typedef enum pixcl_option_group {
    PIXCL_GROUP_FILES,
    PIXCL_GROUP_PICTURES,
    PIXCL_GROUP_NETWORKS,
    PIXCL_GROUP_TRAINING,
    PIXCL_GROUP_REPORTS,
    PIXCL_GROUP_MACHINE,
    PIXCL_GROUP_COUNT
} pixcl_option_group;

typedef enum pixcl_option_kind {
    PIXCL_KIND_TEXT,   /* char[PIXCL_OPTION_TEXT_SIZE] */
    PIXCL_KIND_CHOICE, /* char[PIXCL_OPTION_CHOICE_SIZE], one of `choices` */
    PIXCL_KIND_INT,    /* int in [lowest, highest] */
    PIXCL_KIND_FLOAT,  /* double in [lowest, highest] */
    PIXCL_KIND_FLAG    /* bool */
} pixcl_option_kind;

/* One line of the table. */
typedef struct pixcl_option_info {
    const char *name; /* with '_', as in the reference */
    pixcl_option_kind kind;
    pixcl_option_group group;
    unsigned commands;      /* sum of pixcl_option_command */
    double lowest, highest; /* numbers only */
    const char *choices;    /* "a,b,c" for PIXCL_KIND_CHOICE, else NULL; <n> in one stands for a number, 1 to 999999 */
    const char *help;       /* one sentence, no full stop */
} pixcl_option_info;

typedef struct pixcl_options pixcl_options;

/* The defaults for a command, none given. They are those of the table, but for PIXCL_FOR_TEST: phase is "test" and
 * load_size 0 (= crop_size). NULL without memory. */
PIXCL_API pixcl_options *pixcl_options_create(pixcl_option_command command, pixcl_error *err);
PIXCL_API pixcl_options *pixcl_options_copy(const pixcl_options *options, pixcl_error *err);
/* Frees everything and clears the pointer. *options may be NULL. */
PIXCL_API void pixcl_options_destroy(pixcl_options **options);

/* The table's entry, NULL past the end: `for (int i = 0; (info = pixcl_option_at(i)); i++)`. */
PIXCL_API const pixcl_option_info *pixcl_option_at(int index);
/* The entry of a name, '-' and '_' the same, or NULL. */
PIXCL_API const pixcl_option_info *pixcl_option_find(const char *name);
/* The name of a group for a heading, "Pictures". */
PIXCL_API const char *pixcl_option_group_name(pixcl_option_group group);

/* Reads `text` as a value of this kind into *value (its type: see pixcl_option_kind). A flag takes NULL or "" as true,
 * and true, false, yes, no, on, off, 1, 0. PIXCL_ERROR_ARGUMENT leaves *value alone and says what was expected. For
 * tables of one's own. */
PIXCL_API pixcl_status pixcl_option_parse(const pixcl_option_info *info, const char *text, void *value,
                                          pixcl_error *err);
/* The reverse: fewest digits that read back to the same number. Returns the length as snprintf does. */
PIXCL_API size_t pixcl_option_print(const pixcl_option_info *info, const void *value, char *text, size_t size);

/* Sets one option from text and marks it as given: it then goes before what a checkpoint says. PIXCL_ERROR_ARGUMENT,
 * naming the nearest option, for an unknown name. */
PIXCL_API pixcl_status pixcl_options_set(pixcl_options *options, const char *name, const char *text, pixcl_error *err);
/* One option as text, as pixcl_options_set() takes it. PIXCL_ERROR_ARGUMENT for an unknown name or when `size` is too
 * small. */
PIXCL_API pixcl_status pixcl_options_get(const pixcl_options *options, const char *name, char *text, size_t size,
                                         pixcl_error *err);
/* The value of a text or a choice, until it is set anew; NULL for other names. */
PIXCL_API const char *pixcl_options_text(const pixcl_options *options, const char *name);
/* The value of a number, or 0 or 1 of a flag; NaN for other names. */
PIXCL_API double pixcl_options_number(const pixcl_options *options, const char *name);
/* Whether it was set. */
PIXCL_API bool pixcl_options_given(const pixcl_options *options, const char *name);

/* What to tell of an option of the reference that names a device or a logger ("gpu_ids", "use_wandb"): scripts for the
 * reference may have it, and it changes nothing. NULL for any other. *has_value: whether a value follows it. */
PIXCL_API const char *pixcl_option_passed_over(const char *name, bool *has_value);

/* Fills *err for an option nobody knows, with the nearest of `names` or, for an option of the reference that pixcl
 * replaces, what to use instead. Returns PIXCL_ERROR_ARGUMENT. */
PIXCL_API pixcl_status pixcl_option_unknown(const char *name, const char *const *names, size_t count, pixcl_error *err);
/* The nearest of `names` by edit distance, '-' and '_' the same, or NULL when none is near. */
PIXCL_API const char *pixcl_nearest_name(const char *name, const char *const *names, size_t count);

/* Whether the options make sense together for a command. Looks at no file. */
PIXCL_API pixcl_status pixcl_options_check(const pixcl_options *options, pixcl_option_command command,
                                           pixcl_error *err);

/* All options as one flat JSON object of strings, {"lr":"0.0002",...}; pixcl_free() it. NULL on failure. */
PIXCL_API char *pixcl_options_to_json(const pixcl_options *options, pixcl_error *err);
/* Defaults for training, then the values of the object. Names this version does not know are passed over, so that newer
 * checkpoints open; a value that is none is PIXCL_ERROR_FORMAT. None is marked as given. NULL on failure. */
PIXCL_API pixcl_options *pixcl_options_from_json(const char *json, size_t length, pixcl_error *err);

/* The command line that says what differs from the defaults: "pixcl train --dataroot 'my pictures' ...";
 * pixcl_free() it. */
PIXCL_API char *pixcl_options_command_line(const pixcl_options *options, pixcl_option_command command,
                                           pixcl_error *err);

/* The folder of the run, "<checkpoints_dir>/<name>[_<suffix>]", and its checkpoint file,
 * "<folder>/<epoch>.safetensors". PIXCL_ERROR_ARGUMENT for a suffix with an unknown {option}, or when `size` is too
 * small. */
PIXCL_API pixcl_status pixcl_options_run_folder(const pixcl_options *options, char *path, size_t size,
                                                pixcl_error *err);
PIXCL_API pixcl_status pixcl_options_checkpoint(const pixcl_options *options, char *path, size_t size,
                                                pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
