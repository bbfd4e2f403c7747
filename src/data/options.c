#include "data/options.h"

#include <stddef.h>
#include <string.h>

#include "image/codec.h"

static const char *const modes[] = {"aligned", "unaligned", "single", "colorization", NULL};
static const char *const directions[] = {"AtoB", "BtoA", NULL};
static const char *const preprocesses[] = {"resize_and_crop",      "crop", "scale_width",
                                           "scale_width_and_crop", "none", NULL};

/* The index of `text` among `words`, or -1. */
static int find(const char *flag, const char *const *words, const char *text, pixcl_error *err)
{
    char known[128] = "";
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], text) == 0)
            return i;
        strcat(strcat(known, i ? ", " : ""), words[i]);
    }
    px_fail(err, PIXCL_ERROR_ARGUMENT, "--%s '%s' is not known: it must be one of %s", flag, text, known);
    return -1;
}

pixcl_status px_dataset_mode_parse(const char *text, px_dataset_mode *mode, pixcl_error *err)
{
    int found = find("dataset_mode", modes, text, err);
    if (found < 0)
        return PIXCL_ERROR_ARGUMENT;
    *mode = (px_dataset_mode)found;
    return PIXCL_OK;
}

pixcl_status px_direction_parse(const char *text, px_direction *direction, pixcl_error *err)
{
    int found = find("direction", directions, text, err);
    if (found < 0)
        return PIXCL_ERROR_ARGUMENT;
    *direction = (px_direction)found;
    return PIXCL_OK;
}

pixcl_status px_preprocess_parse(const char *text, px_preprocess *preprocess, pixcl_error *err)
{
    int found = find("preprocess", preprocesses, text, err);
    if (found < 0)
        return PIXCL_ERROR_ARGUMENT;
    *preprocess = (px_preprocess)found;
    return PIXCL_OK;
}

const char *px_preprocess_name(px_preprocess preprocess)
{
    return preprocesses[preprocess];
}

static pixcl_status check_range(const char *flag, int value, int least, int most, pixcl_error *err)
{
    if (value >= least && value <= most)
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_ARGUMENT, "--%s %d is out of range: it must be %d to %d", flag, value, least, most);
}

static pixcl_status check_channels(const char *flag, int value, pixcl_error *err)
{
    if (value == 1 || value == 3)
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_ARGUMENT, "--%s %d: pictures have 1 (grey) or 3 (colour) channels", flag, value);
}

static pixcl_status check_colorization(const px_data_options *o, pixcl_error *err)
{
    if (o->input_nc != 1)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--input_nc %d: under --dataset_mode colorization the input is the lightness: leave it at 1",
                       o->input_nc);
    if (o->output_nc != 2)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--output_nc %d: under --dataset_mode colorization the target is the two colour channels of "
                       "L*a*b*: leave it at 2",
                       o->output_nc);
    if (o->direction != PX_A_TO_B)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--direction BtoA: --dataset_mode colorization makes colours from lightness, not the reverse: "
                       "leave it at AtoB");
    return PIXCL_OK;
}

static void set_default(int *value, int otherwise)
{
    if (*value == 0)
        *value = otherwise;
}

pixcl_status px_data_options_complete(px_data_options *o, pixcl_error *err)
{
    if (!o->dataroot || !o->dataroot[0])
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--dataroot is missing: pass the folder of the pictures");
    if (!o->phase || !o->phase[0])
        o->phase = "train";
    set_default(&o->crop_size, 256);
    set_default(&o->load_size, o->crop_size);
    bool colorization = o->dataset_mode == PX_DATASET_COLORIZATION;
    set_default(&o->input_nc, colorization ? 1 : 3);
    set_default(&o->output_nc, colorization ? 2 : 3);
    set_default(&o->batch_size, 1);
    set_default(&o->num_threads, 4);
    const struct {
        const char *flag;
        int value, least, most;
    } ranges[] = {
        {"crop_size", o->crop_size, 1, PIXCL_IMAGE_MAX_SIDE},
        {"load_size", o->load_size, 1, PIXCL_IMAGE_MAX_SIDE},
        {"batch_size", o->batch_size, 1, 4096},
        {"num_threads", o->num_threads, 1, 256},
        {"max_dataset_size", o->max_dataset_size, 0, 2147483647},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (check_range(ranges[i].flag, ranges[i].value, ranges[i].least, ranges[i].most, err) != PIXCL_OK)
            return PIXCL_ERROR_ARGUMENT;
    if (colorization ? check_colorization(o, err) != PIXCL_OK
                     : check_channels("input_nc", o->input_nc, err) != PIXCL_OK ||
                           check_channels("output_nc", o->output_nc, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    bool fits_width = o->preprocess == PX_RESIZE_AND_CROP || o->preprocess == PX_SCALE_WIDTH_AND_CROP;
    if (fits_width && o->load_size < o->crop_size)
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "--load_size %d is smaller than --crop_size %d: pictures are first resized to load_size, then cut",
            o->load_size, o->crop_size);
    return PIXCL_OK;
}
