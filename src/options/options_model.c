/* Tables of what goes with which model. Defaults are the reference's (modify_commandline_options of its models). */
#include "options/options_model.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const struct {
    const char *model, *option, *value;
} DEFAULTS[] = {
    {"cycle_gan", "netG", "resnet_9blocks"}, {"cycle_gan", "norm", "instance"},
    {"cycle_gan", "no_dropout", "true"},     {"cycle_gan", "gan_mode", "lsgan"},
    {"cycle_gan", "pool_size", "50"},        {"cycle_gan", "dataset_mode", "unaligned"},
    {"cycle_gan", "val_metric", "swd"},      {"colorization", "input_nc", "1"},
    {"colorization", "output_nc", "2"},      {"colorization", "dataset_mode", "colorization"},
};

/* Options that do something only with some values of another one. */
static const struct {
    const char *option, *other, *values[4];
} ONLY_WITH[] = {
    {"lambda_L1", "model", {"pix2pix", "colorization"}},
    {"lambda_L1", "reconstruction", {"L1", "L2", "smooth_L1"}},
    {"reconstruction", "model", {"pix2pix", "colorization"}},
    {"unconditional_D", "model", {"pix2pix", "colorization"}},
    {"unconditional_D", "gan_mode", {"vanilla", "lsgan", "wgangp"}},
    {"lambda_gp", "gan_mode", {"wgangp"}},
    {"lambda_A", "model", {"cycle_gan"}},
    {"lambda_B", "model", {"cycle_gan"}},
    {"lambda_identity", "model", {"cycle_gan"}},
    {"pool_size", "model", {"cycle_gan"}},
    {"pool_size", "gan_mode", {"lsgan", "vanilla", "wgangp"}},
    {"lr_decay_iters", "lr_policy", {"step"}},
    {"update_html_freq", "no_html", {"false"}},
};

/* The text comes from the tables or from another struct of options, so it parses. */
static void put(pixcl_options *options, const char *name, const char *text)
{
    const px_option_index index = px_option_index_of(name);
    if (!options->given[index])
        pixcl_option_parse(pixcl_option_at(index), text, px_options_field(options, index), NULL);
}

void px_options_of_model(pixcl_options *options)
{
    pixcl_options plain;
    px_options_default(&plain, PIXCL_FOR_TRAIN);
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++) {
        char text[PIXCL_OPTION_CHOICE_SIZE];
        pixcl_options_get(&plain, DEFAULTS[i].option, text, sizeof text, NULL);
        put(options, DEFAULTS[i].option, text); /* of a model chosen before */
    }
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++)
        if (strcmp(DEFAULTS[i].model, options->model) == 0)
            put(options, DEFAULTS[i].option, DEFAULTS[i].value);
}

static bool is_among(const char *text, const char *const values[4])
{
    for (int i = 0; i < 4 && values[i]; i++)
        if (strcmp(text, values[i]) == 0)
            return true;
    return false;
}

/* "L1 or L2" */
static void list_values(const char *const values[4], char *text, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < 4 && values[i] && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " or " : "", values[i]);
}

/* Only what was given: a checkpoint may hold an option that a new value of another one has made useless. */
static pixcl_status check_useless(const pixcl_options *o, pixcl_error *err)
{
    pixcl_options usual;
    px_options_default(&usual, PIXCL_FOR_TRAIN);
    memcpy(usual.model, o->model, sizeof usual.model);
    px_options_of_model(&usual);
    for (size_t i = 0; i < sizeof ONLY_WITH / sizeof *ONLY_WITH; i++) {
        char text[PIXCL_OPTION_TEXT_SIZE], usual_text[PIXCL_OPTION_TEXT_SIZE], other[PIXCL_OPTION_TEXT_SIZE];
        pixcl_options_get(o, ONLY_WITH[i].option, text, sizeof text, NULL);
        pixcl_options_get(&usual, ONLY_WITH[i].option, usual_text, sizeof usual_text, NULL);
        pixcl_options_get(o, ONLY_WITH[i].other, other, sizeof other, NULL);
        char alternatives[PIXCL_OPTION_TEXT_SIZE];
        list_values(ONLY_WITH[i].values, alternatives, sizeof alternatives);
        if (o->given[px_option_index_of(ONLY_WITH[i].option)] && strcmp(text, usual_text) != 0 &&
            !is_among(other, ONLY_WITH[i].values))
            return px_fail(err, PIXCL_ERROR_ARGUMENT,
                           "--%s %s has no effect with --%s %s: leave it out, or give --%s %s.", ONLY_WITH[i].option,
                           text, ONLY_WITH[i].other, other, ONLY_WITH[i].other, alternatives);
    }
    return PIXCL_OK;
}

/* Without a GAN only the comparison with pictures is left. */
static pixcl_status check_objective(const pixcl_options *o, pixcl_error *err)
{
    const bool cycle = strcmp(o->model, "cycle_gan") == 0;
    if (strcmp(o->gan_mode, "none") != 0)
        return PIXCL_OK;
    if (cycle && o->lambda_A == 0 && o->lambda_B == 0)
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "--gan_mode none with --lambda_A 0 and --lambda_B 0 leaves nothing to learn from: give a cycle a "
            "weight, e.g. --lambda_A 10, or --gan_mode lsgan.");
    if (!cycle && strcmp(o->reconstruction, "none") == 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--gan_mode none with --reconstruction none leaves nothing to learn from: give --reconstruction "
                       "L1, L2 or smooth_L1, or --gan_mode vanilla, lsgan or wgangp.");
    if (!cycle && o->lambda_L1 == 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--gan_mode none with --lambda_L1 0 leaves nothing to learn from: give --lambda_L1 100, or "
                       "--gan_mode vanilla, lsgan or wgangp.");
    return PIXCL_OK;
}

pixcl_status px_options_check_model(const pixcl_options *o, pixcl_option_command command, pixcl_error *err)
{
    const bool cycle = strcmp(o->model, "cycle_gan") == 0, train = command == PIXCL_FOR_TRAIN;
    pixcl_status status = check_useless(o, err);
    if (status == PIXCL_OK && train)
        status = check_objective(o, err);
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
