/* The inside of pixcl_options: a field for each line of options.def. options->lr is a double, options->netG a char[32],
 * options->no_flip a bool. Plain data: copied, compared, kept on the stack. */
#ifndef PX_OPTIONS_FIELDS_H
#define PX_OPTIONS_FIELDS_H

#include "pixcl/options.h"

/* What happens to an option when a checkpoint is opened; a value given by the user always goes first. */
typedef enum px_option_recall {
    PX_RECALL_NEVER,  /* belongs to this run alone */
    PX_RECALL_TRAIN,  /* --continue_train takes it from the checkpoint */
    PX_RECALL_ALWAYS, /* test takes it too */
    PX_RECALL_FIXED   /* the same, and giving another value is an error: it is what the networks are */
} px_option_recall;

/* PX_OPTION_lr and so on: indices into the table. */
typedef enum px_option_index {
#define PX_TEXT(group, name, value, commands, recall, help)                   PX_OPTION_##name,
#define PX_CHOICE(group, name, value, choices, commands, recall, help)        PX_OPTION_##name,
#define PX_INT(group, name, value, lowest, highest, commands, recall, help)   PX_OPTION_##name,
#define PX_FLOAT(group, name, value, lowest, highest, commands, recall, help) PX_OPTION_##name,
#define PX_FLAG(group, name, commands, recall, help)                          PX_OPTION_##name,
#include "options/options.def"
    PX_OPTION_COUNT
} px_option_index;

struct pixcl_options {
#define PX_TEXT(group, name, value, commands, recall, help)                   char name[PIXCL_OPTION_TEXT_SIZE];
#define PX_CHOICE(group, name, value, choices, commands, recall, help)        char name[PIXCL_OPTION_CHOICE_SIZE];
#define PX_INT(group, name, value, lowest, highest, commands, recall, help)   int name;
#define PX_FLOAT(group, name, value, lowest, highest, commands, recall, help) double name;
#define PX_FLAG(group, name, commands, recall, help)                          bool name;
#include "options/options.def"
    bool given[PX_OPTION_COUNT]; /* set by pixcl_options_set(): goes before what a checkpoint says */
};

/* As pixcl_options_create(), in place. */
void px_options_default(pixcl_options *options, pixcl_option_command command);
/* The index of a name, '-' and '_' the same; PX_OPTION_COUNT for none. */
px_option_index px_option_index_of(const char *name);
/* A field by its index, and what a checkpoint does to it. */
void *px_options_field(pixcl_options *options, px_option_index index);
const void *px_options_value(const pixcl_options *options, px_option_index index);
px_option_recall px_option_recall_of(px_option_index index);

/* Takes over from a checkpoint's options what was not given here: for PIXCL_FOR_TRAIN everything but what belongs to
 * one run, else what test needs. PIXCL_ERROR_ARGUMENT when a given value contradicts the networks of the checkpoint. */
pixcl_status px_options_inherit(pixcl_options *options, const pixcl_options *checkpoint, pixcl_option_command command,
                                pixcl_error *err);

/* As pixcl_options_check() for training, where the caller gives the pictures. */
pixcl_status px_options_check_fed(const pixcl_options *options, pixcl_error *err);

/* As pixcl_options_from_json(), in place. */
pixcl_status px_options_from_json(pixcl_options *options, const char *json, size_t length, pixcl_error *err);

#endif
