/* What --model changes about the other options: defaults, and which have a meaning. */
#ifndef PX_OPTIONS_OPTIONS_MODEL_H
#define PX_OPTIONS_OPTIONS_MODEL_H

#include "options/fields.h"

/* Puts the defaults of options->model in place of whatever was not given. */
void px_options_of_model(pixcl_options *options);

/* PIXCL_ERROR_ARGUMENT for options that the model has no use for, or that it cannot take together. */
pixcl_status px_options_check_model(const pixcl_options *options, pixcl_option_command command, pixcl_error *err);

#endif
