/* All options together: set and get by name, checks across options, checkpoints' metadata, command lines, folders. */
#include "options/fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/os.h"
#include "model/model.h"
#include "options/options_model.h"

pixcl_options *pixcl_options_create(pixcl_option_command command, pixcl_error *err)
{
    pixcl_options *options = px_calloc(1, sizeof *options, err);
    if (options)
        px_options_default(options, command);
    return options;
}

pixcl_options *pixcl_options_copy(const pixcl_options *options, pixcl_error *err)
{
    pixcl_options *copy = px_calloc(1, sizeof *copy, err);
    if (copy)
        *copy = *options;
    return copy;
}

void pixcl_options_destroy(pixcl_options **options)
{
    if (!options)
        return;
    px_free(*options);
    *options = NULL;
}

static px_option_index find_or_fail(const char *name, pixcl_error *err)
{
    const px_option_index index = px_option_index_of(name);
    if (index == PX_OPTION_COUNT) {
        const char *names[PX_OPTION_COUNT];
        for (int i = 0; i < PX_OPTION_COUNT; i++)
            names[i] = pixcl_option_at(i)->name;
        pixcl_option_unknown(name, names, PX_OPTION_COUNT, err);
    }
    return index;
}

pixcl_status pixcl_options_set(pixcl_options *options, const char *name, const char *text, pixcl_error *err)
{
    const px_option_index index = find_or_fail(name, err);
    if (index == PX_OPTION_COUNT)
        return PIXCL_ERROR_ARGUMENT;
    pixcl_status status = pixcl_option_parse(pixcl_option_at(index), text, px_options_field(options, index), err);
    if (status == PIXCL_OK)
        options->given[index] = true;
    if (status == PIXCL_OK && index == PX_OPTION_model)
        px_options_of_model(options);
    return status;
}

pixcl_status pixcl_options_get(const pixcl_options *options, const char *name, char *text, size_t size,
                               pixcl_error *err)
{
    const px_option_index index = find_or_fail(name, err);
    if (index == PX_OPTION_COUNT)
        return PIXCL_ERROR_ARGUMENT;
    size_t length = pixcl_option_print(pixcl_option_at(index), px_options_value(options, index), text, size);
    if (length >= size)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "The value of --%s needs %zu bytes, there are %zu.",
                       pixcl_option_at(index)->name, length + 1, size);
    return PIXCL_OK;
}

const char *pixcl_options_text(const pixcl_options *options, const char *name)
{
    const px_option_index index = px_option_index_of(name);
    const pixcl_option_info *info = pixcl_option_at(index);
    return info && (info->kind == PIXCL_KIND_TEXT || info->kind == PIXCL_KIND_CHOICE) ? px_options_value(options, index)
                                                                                      : NULL;
}

double pixcl_options_number(const pixcl_options *options, const char *name)
{
    const px_option_index index = px_option_index_of(name);
    const pixcl_option_info *info = pixcl_option_at(index);
    if (info && info->kind == PIXCL_KIND_INT)
        return *(const int *)px_options_value(options, index);
    if (info && info->kind == PIXCL_KIND_FLOAT)
        return *(const double *)px_options_value(options, index);
    return info && info->kind == PIXCL_KIND_FLAG ? *(const bool *)px_options_value(options, index) : (double)NAN;
}

bool pixcl_options_given(const pixcl_options *options, const char *name)
{
    const px_option_index index = px_option_index_of(name);
    return index != PX_OPTION_COUNT && options->given[index];
}

static pixcl_status check_networks(const pixcl_options *o, bool fixed_size, bool discriminator, pixcl_error *err)
{
    int multiple = px_model_multiple(o->netG), smallest = px_model_smallest(o->netG);
    pixcl_status status = px_model_check_name(o->netG, err);
    if (status != PIXCL_OK)
        return status;
    if (fixed_size && (o->crop_size % multiple != 0 || o->crop_size < smallest)) {
        int next = (o->crop_size / multiple + 1) * multiple;
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "--crop_size %d does not fit --netG %s, which halves the picture %s: give a multiple of %d, e.g. "
            "--crop_size %d%s.",
            o->crop_size, o->netG, multiple == smallest ? "until one pixel is left" : "twice", multiple,
            next < smallest ? smallest : next,
            multiple == smallest ? ", or take a smaller U-Net, or --netG resnet_9blocks for multiples of 4" : "");
    }
    if (strcmp(o->netD, "n_layers") != 0 && o->n_layers_D != 3)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--n_layers_D %d has no effect with --netD %s: add --netD n_layers, or leave it out.",
                       o->n_layers_D, o->netD);
    int layers = strcmp(o->netD, "pixel") == 0 ? 0 : o->n_layers_D;
    if (fixed_size && discriminator && layers > 0 && (o->crop_size >> layers) < 3)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--crop_size %d is too small for a discriminator with %d layers: it needs %d, or fewer layers.",
                       o->crop_size, layers, 3 << layers);
    return PIXCL_OK;
}

static pixcl_status check_pictures(const pixcl_options *o, pixcl_option_command command, pixcl_error *err)
{
    if (!*o->dataroot)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--dataroot is missing: the folder with the pictures, which holds the folder \"%s\", e.g. "
                       "--dataroot ./datasets/facades.",
                       o->phase);
    if (!*o->phase)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--phase is empty: give train, val or test.");
    for (int i = 0; i < 2 && strcmp(o->dataset_mode, "colorization") != 0; i++) {
        int channels = i == 0 ? o->input_nc : o->output_nc;
        if (channels != 1 && channels != 3)
            return px_fail(err, PIXCL_ERROR_ARGUMENT,
                           "--%s %d cannot be read from pictures: they have 3 channels (colour) or 1 (grey).",
                           i == 0 ? "input_nc" : "output_nc", channels);
    }
    int load = o->load_size ? o->load_size : o->crop_size;
    bool resized_then_cropped =
        strcmp(o->preprocess, "resize_and_crop") == 0 || strcmp(o->preprocess, "scale_width_and_crop") == 0;
    if (resized_then_cropped && load < o->crop_size)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--load_size %d is smaller than --crop_size %d, which is cut out of it: raise --load_size to at "
                       "least %d (%s), or lower --crop_size.",
                       load, o->crop_size, o->crop_size,
                       command == PIXCL_FOR_TRAIN ? "the usual ratio is 286 to 256" : "0 makes it the same");
    return PIXCL_OK;
}

static pixcl_status check(const pixcl_options *o, pixcl_option_command command, bool fed, pixcl_error *err)
{
    bool runs = (command & PIXCL_FOR_RUNS) != 0;
    bool cropped = strstr(o->preprocess, "crop") != NULL;
    if (command & PIXCL_FOR_NETWORKS) {
        bool discriminator = command != PIXCL_FOR_TEST && strcmp(o->gan_mode, "none") != 0;
        pixcl_status status = check_networks(o, cropped || !runs, discriminator, err);
        if (status == PIXCL_OK)
            status = px_options_check_model(o, command, err);
        if (status != PIXCL_OK)
            return status;
    }
    if (!runs)
        return PIXCL_OK;
    if (!*o->name || !*o->checkpoints_dir || !*o->epoch)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--%s is empty: give a name, or leave the option out.",
                       !*o->name              ? "name"
                       : !*o->checkpoints_dir ? "checkpoints_dir"
                                              : "epoch");
    pixcl_status status = fed ? PIXCL_OK : check_pictures(o, command, err);
    if (status != PIXCL_OK || command != PIXCL_FOR_TRAIN)
        return status;
    if (fed && o->val_freq > 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--val_freq %d needs --dataroot: validations read their pictures from a folder in it.",
                       o->val_freq);
    long long epochs = (long long)o->n_epochs + o->n_epochs_decay;
    if (o->epoch_count > epochs)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "There is nothing to train: --epoch_count %d is past the last epoch, which is --n_epochs %d + "
                       "--n_epochs_decay %d = %lld.",
                       o->epoch_count, o->n_epochs, o->n_epochs_decay, epochs);
    if (strcmp(o->lr_policy, "plateau") == 0 && o->val_freq == 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--lr_policy plateau lowers the learning rate when validations stop improving, and there are "
                       "none: add --val_freq 1, with pictures in the folder \"%s\".",
                       o->val_phase);
    const bool judged = o->given[PX_OPTION_val_metric];
    if (o->val_freq == 0 && (judged || o->given[PX_OPTION_val_phase]))
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--val_%s %s has no effect without validations: add --val_freq 1, or leave it out.",
                       judged ? "metric" : "phase", judged ? o->val_metric : o->val_phase);
    if (o->val_freq > 0 && !*o->val_phase)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--val_phase is empty: give val, or leave the option out.");
    if (o->val_freq > 0 && strcmp(o->dataset_mode, "unaligned") == 0 && strcmp(o->val_metric, "swd") != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--val_metric %s compares outputs with their targets, which --dataset_mode unaligned does not "
                       "have: give swd.",
                       o->val_metric);
    const int side = strcmp(o->val_metric, "swd") == 0 ? 16 : strcmp(o->val_metric, "ssim") == 0 ? 11 : 1;
    if (o->val_freq > 0 && strstr(o->preprocess, "crop") && o->crop_size < side)
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "--val_metric %s needs pictures of %d pixels a side, and --crop_size is %d: give a larger one, or "
            "another --val_metric.",
            o->val_metric, side, o->crop_size);
    if (!o->continue_train && (o->load_iter > 0 || strcmp(o->epoch, "latest") != 0))
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--%s says which checkpoint to go on from, and the run would begin anew: add --continue_train, "
                       "or leave it out.",
                       o->load_iter > 0 ? "load_iter" : "epoch");
    if (o->continue_train && *o->init_from)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--continue_train and --init_from contradict each other: the first goes on with the run's own "
                       "weights, the second starts anew from others. Leave one out.");
    return PIXCL_OK;
}

pixcl_status pixcl_options_check(const pixcl_options *o, pixcl_option_command command, pixcl_error *err)
{
    return check(o, command, false, err);
}

pixcl_status px_options_check_fed(const pixcl_options *o, pixcl_error *err)
{
    return check(o, PIXCL_FOR_TRAIN, true, err);
}

pixcl_status px_options_inherit(pixcl_options *options, const pixcl_options *checkpoint, pixcl_option_command command,
                                pixcl_error *err)
{
    px_option_recall least = command == PIXCL_FOR_TRAIN ? PX_RECALL_TRAIN : PX_RECALL_ALWAYS;
    for (int i = 0; i < PX_OPTION_COUNT; i++) {
        const pixcl_option_info *info = pixcl_option_at(i);
        if (px_option_recall_of((px_option_index)i) < least)
            continue;
        char text[PIXCL_OPTION_TEXT_SIZE], given[PIXCL_OPTION_TEXT_SIZE];
        pixcl_option_print(info, px_options_value(checkpoint, (px_option_index)i), text, sizeof text);
        if (!options->given[i]) {
            pixcl_status status = pixcl_option_parse(info, text, px_options_field(options, (px_option_index)i), err);
            if (status != PIXCL_OK)
                return px_fail_context(err, "The checkpoint's options");
        } else if (px_option_recall_of((px_option_index)i) == PX_RECALL_FIXED) {
            pixcl_option_print(info, px_options_value(options, (px_option_index)i), given, sizeof given);
            if (strcmp(text, given) != 0)
                return px_fail(
                    err, PIXCL_ERROR_ARGUMENT,
                    "--%s %s contradicts the checkpoint, whose networks have --%s %s: leave the option out, the "
                    "checkpoint knows it.",
                    info->name, given, info->name, text);
        }
    }
    if (command == PIXCL_FOR_TRAIN && strcmp(checkpoint->gan_mode, "none") == 0 &&
        strcmp(options->gan_mode, "none") != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--gan_mode %s needs a discriminator, and the checkpoint has none, as it was trained with "
                       "--gan_mode none: leave the option out.",
                       options->gan_mode);
    return PIXCL_OK;
}

char *pixcl_options_to_json(const pixcl_options *options, pixcl_error *err)
{
    cJSON *object = cJSON_CreateObject();
    bool complete = object != NULL;
    for (int i = 0; i < PX_OPTION_COUNT && complete; i++) {
        const pixcl_option_info *info = pixcl_option_at(i);
        char text[PIXCL_OPTION_TEXT_SIZE];
        pixcl_option_print(info, px_options_value(options, (px_option_index)i), text, sizeof text);
        complete = cJSON_AddStringToObject(object, info->name, text) != NULL;
    }
    if (!complete)
        px_fail(err, PIXCL_ERROR_MEMORY, "Not enough memory to write the options down.");
    char *json = complete ? px_json_print(object, 0, err) : NULL;
    cJSON_Delete(object);
    return json;
}

pixcl_status px_options_from_json(pixcl_options *options, const char *json, size_t length, pixcl_error *err)
{
    px_options_default(options, PIXCL_FOR_TRAIN);
    cJSON *object = px_json_parse(json, length, "options", err);
    if (!object)
        return PIXCL_ERROR_FORMAT;
    pixcl_status status = PIXCL_OK;
    if (!cJSON_IsObject(object))
        status = px_fail(err, PIXCL_ERROR_FORMAT, "The options are not a JSON object.");
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, object)
    {
        const px_option_index index = status == PIXCL_OK ? px_option_index_of(item->string) : PX_OPTION_COUNT;
        const pixcl_option_info *info = pixcl_option_at(index);
        if (!info)
            continue;
        pixcl_error reason = {0};
        if (!cJSON_IsString(item))
            status = px_fail(err, PIXCL_ERROR_FORMAT, "The option %s is not a JSON string.", info->name);
        else if (pixcl_option_parse(info, item->valuestring, px_options_field(options, index), &reason) != PIXCL_OK)
            status = px_fail(err, PIXCL_ERROR_FORMAT, "%s", reason.message);
    }
    cJSON_Delete(object);
    return status;
}

pixcl_options *pixcl_options_from_json(const char *json, size_t length, pixcl_error *err)
{
    pixcl_options *options = px_calloc(1, sizeof *options, err);
    if (options && px_options_from_json(options, json, length, err) != PIXCL_OK)
        pixcl_options_destroy(&options);
    return options;
}

/* A word for a shell: as it is when plain, else in single quotes. */
static void add_word(px_text *text, const char *word)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
    if (*word && strspn(word, PLAIN) == strlen(word)) {
        px_text_add(text, "%s", word);
        return;
    }
    px_text_add(text, "'");
    for (const char *c = word; *c; c++)
        px_text_add(text, *c == '\'' ? "'\\''" : "%c", *c);
    px_text_add(text, "'");
}

char *pixcl_options_command_line(const pixcl_options *options, pixcl_option_command command, pixcl_error *err)
{
    static const struct {
        pixcl_option_command command;
        const char *name;
    } COMMANDS[] = {{PIXCL_FOR_TRAIN, "train"}, {PIXCL_FOR_TEST, "test"},   {PIXCL_FOR_TRANSLATE, "translate"},
                    {PIXCL_FOR_PLAN, "plan"},   {PIXCL_FOR_BENCH, "bench"}, {PIXCL_FOR_CHECK, "check"},
                    {PIXCL_FOR_TUNE, "tune"}};
    pixcl_options defaults;
    px_options_default(&defaults, command);
    char usual_model[sizeof defaults.model];
    memcpy(usual_model, defaults.model, sizeof usual_model);
    memcpy(defaults.model, options->model, sizeof defaults.model);
    px_options_of_model(&defaults);
    memcpy(defaults.model, usual_model, sizeof usual_model);
    px_text line = {0};
    px_text_add(&line, "pixcl");
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++) {
        if (COMMANDS[i].command == command)
            px_text_add(&line, " %s", COMMANDS[i].name);
    }
    for (int i = 0; i < PX_OPTION_COUNT; i++) {
        const pixcl_option_info *info = pixcl_option_at(i);
        char text[PIXCL_OPTION_TEXT_SIZE], usual[PIXCL_OPTION_TEXT_SIZE];
        pixcl_option_print(info, px_options_value(options, (px_option_index)i), text, sizeof text);
        pixcl_option_print(info, px_options_value(&defaults, (px_option_index)i), usual, sizeof usual);
        if (!(info->commands & command) || strcmp(text, usual) == 0)
            continue;
        px_text_add(&line, " --%s", info->name);
        if (info->kind != PIXCL_KIND_FLAG) {
            px_text_add(&line, strncmp(text, "--", 2) == 0 ? "=" : " "); /* else it would be taken for an option */
            add_word(&line, text);
        } else if (strcmp(text, "false") == 0) { /* the model's default is true */
            px_text_add(&line, "=false");
        }
    }
    return px_text_take(&line, err);
}

/* "<name>_<suffix>" with every {option} of the suffix replaced. */
static pixcl_status run_name(const pixcl_options *options, px_text *name, pixcl_error *err)
{
    px_text_add(name, "%s%s", options->name, *options->suffix ? "_" : "");
    for (const char *c = options->suffix; *c; c++) {
        const char *close = *c == '{' ? strchr(c, '}') : NULL;
        if (!close) {
            px_text_add(name, "%c", *c);
            continue;
        }
        char option[64], value[PIXCL_OPTION_TEXT_SIZE];
        snprintf(option, sizeof option, "%.*s", (int)(close - c - 1 < 60 ? close - c - 1 : 60), c + 1);
        if (pixcl_options_get(options, option, value, sizeof value, err) != PIXCL_OK)
            return px_fail_context(err, "--suffix %s", options->suffix);
        px_text_add(name, "%s", value);
        c = close;
    }
    return PIXCL_OK;
}

static pixcl_status run_path(const pixcl_options *options, const char *file, char *path, size_t size, pixcl_error *err)
{
    px_text name = {0};
    pixcl_status status = run_name(options, &name, err);
    char *text = status == PIXCL_OK ? px_text_take(&name, err) : NULL;
    if (text) {
        const char *folder = options->checkpoints_dir;
        bool slash = *folder && px_os_separates(folder[strlen(folder) - 1]);
        int length = snprintf(path, size, "%s%s%s%s%s", folder, slash ? "" : "/", text, *file ? "/" : "", file);
        if (length < 0 || (size_t)length >= size)
            status = px_fail(err, PIXCL_ERROR_ARGUMENT, "The path of the run \"%.80s\" is too long: %d bytes.", text,
                             length);
        px_free(text);
    } else if (status == PIXCL_OK) {
        status = PIXCL_ERROR_MEMORY;
    }
    px_text_free(&name);
    return status;
}

pixcl_status pixcl_options_run_folder(const pixcl_options *options, char *path, size_t size, pixcl_error *err)
{
    return run_path(options, "", path, size, err);
}

pixcl_status pixcl_options_checkpoint(const pixcl_options *options, char *path, size_t size, pixcl_error *err)
{
    char file[PIXCL_OPTION_TEXT_SIZE + 16];
    if (options->load_iter > 0)
        snprintf(file, sizeof file, "iter_%d.safetensors", options->load_iter);
    else
        snprintf(file, sizeof file, "%s.safetensors", options->epoch);
    return run_path(options, file, path, size, err);
}
