/* Tables of what goes with which model. Defaults are the reference's (modify_commandline_options of its models). */
#include "train/options_model.h"

#include <string.h>

#include "base/error.h"

static const struct {
    const char *model, *option, *value;
} DEFAULTS[] = {
    {"cycle_gan", "netG", "resnet_9blocks"},
    {"cycle_gan", "norm", "instance"},
    {"cycle_gan", "no_dropout", "true"},
    {"cycle_gan", "gan_mode", "lsgan"},
    {"cycle_gan", "pool_size", "50"},
    {"cycle_gan", "dataset_mode", "unaligned"},
    {"colorization", "input_nc", "1"},
    {"colorization", "output_nc", "2"},
    {"colorization", "dataset_mode", "colorization"},
};

/* Options that do nothing with the other models. */
static const struct {
    const char *option, *models; /* words between which anything may stand */
} ONLY_FOR[] = {
    {"lambda_L1", "pix2pix or colorization"}, {"lambda_A", "cycle_gan"},  {"lambda_B", "cycle_gan"},
    {"lambda_identity", "cycle_gan"},         {"pool_size", "cycle_gan"},
};

static int index_of(const char *name)
{
    return (int)(pixcl_option_find(name) - pixcl_option_at(0));
}

/* The text comes from the tables or from another struct of options, so it parses. */
static void put(pixcl_options *options, const char *name, const char *text)
{
    const pixcl_option_info *info = pixcl_option_find(name);
    if (!options->given[index_of(name)])
        pixcl_option_parse(info, text, (char *)options + info->offset, NULL);
}

void px_options_of_model(pixcl_options *options)
{
    pixcl_options plain;
    pixcl_options_default(&plain, PIXCL_FOR_TRAIN);
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++) {
        char text[PIXCL_OPTION_CHOICE_SIZE];
        pixcl_options_get(&plain, DEFAULTS[i].option, text, sizeof text, NULL);
        put(options, DEFAULTS[i].option, text); /* of a model chosen before */
    }
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++)
        if (strcmp(DEFAULTS[i].model, options->model) == 0)
            put(options, DEFAULTS[i].option, DEFAULTS[i].value);
}

static pixcl_status check_useless(const pixcl_options *o, pixcl_error *err)
{
    pixcl_options usual;
    pixcl_options_default(&usual, PIXCL_FOR_TRAIN);
    memcpy(usual.model, o->model, sizeof usual.model);
    px_options_of_model(&usual);
    for (size_t i = 0; i < sizeof ONLY_FOR / sizeof *ONLY_FOR; i++) {
        char text[PIXCL_OPTION_TEXT_SIZE], usual_text[PIXCL_OPTION_TEXT_SIZE];
        pixcl_options_get(o, ONLY_FOR[i].option, text, sizeof text, NULL);
        pixcl_options_get(&usual, ONLY_FOR[i].option, usual_text, sizeof usual_text, NULL);
        if (!strstr(ONLY_FOR[i].models, o->model) && strcmp(text, usual_text) != 0)
            return px_fail(err, PIXCL_ERROR_ARGUMENT,
                           "--%s %s has no effect with --model %s: leave it out, or give --model %s.",
                           ONLY_FOR[i].option, text, o->model, ONLY_FOR[i].models);
    }
    return PIXCL_OK;
}

pixcl_status px_options_check_model(const pixcl_options *o, pixcl_option_command command, pixcl_error *err)
{
    const bool cycle = strcmp(o->model, "cycle_gan") == 0, train = command == PIXCL_FOR_TRAIN;
    pixcl_status status = check_useless(o, err);
    if (status != PIXCL_OK)
        return status;
    const bool lab = strcmp(o->dataset_mode, "colorization") == 0;
    if (lab != (strcmp(o->model, "colorization") == 0))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--dataset_mode %s does not go with --model %s: leave it out%s.",
                       o->dataset_mode, o->model, lab ? ", or give --model colorization" : "");
    if (train && strcmp(o->dataset_mode, "single") == 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--dataset_mode single has inputs only, and training needs both sides: give aligned for pairs, "
                       "or unaligned with --model cycle_gan.");
    if (train && !cycle && strcmp(o->dataset_mode, "unaligned") == 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--dataset_mode unaligned: --model %s learns from pairs. Give --model cycle_gan, which does "
                       "not need them, or --dataset_mode aligned.",
                       o->model);
    if (train && cycle && o->lambda_identity > 0 && o->input_nc != o->output_nc)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--lambda_identity %g gives pictures of the output's kind to the generator as inputs, which "
                       "needs --input_nc %d and --output_nc %d to be equal: give --lambda_identity 0.",
                       o->lambda_identity, o->input_nc, o->output_nc);
    return PIXCL_OK;
}
