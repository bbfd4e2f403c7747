/* Synthetic sets: which picture goes into which file. */
#include "pixcl/synth.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/synth_facade.h"
#include "data/synth_shapes.h"

enum { TRAIN, VAL, TEST, PHASES };
static const char *const phase_names[PHASES] = {"train", "val", "test"};

/* Upper byte of the random streams (loader.c has others); then kind, phase and side, and the picture's number. A
 * picture depends on these and the seed alone: a larger set begins with the pictures of the smaller. */
#define STREAM_SYNTH 0xDCull

static px_rng stream(const pixcl_synth_options *options, int kind, int phase, int side, int number)
{
    return (px_rng){.seed = options->seed,
                    .stream = STREAM_SYNTH << 56 | (uint64_t)kind << 48 | (uint64_t)phase << 40 | (uint64_t)side << 32 |
                              (uint64_t)number};
}

/* Saves as folder/<phase><suffix>/NNN.jpg, numbers beginning at 1. */
static pixcl_status save(const pixcl_synth_options *options, const pixcl_image *image, int phase, const char *suffix,
                         int number, pixcl_error *err)
{
    char *path = px_format(err, "%s/%s%s/%03d.jpg", options->folder, phase_names[phase], suffix, number + 1);
    if (!path)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = pixcl_image_save(image, path, options->quality, err);
    px_free(path);
    return status;
}

static pixcl_status make_folder(const pixcl_synth_options *options, int phase, const char *suffix, pixcl_error *err)
{
    char *path = px_format(err, "%s/%s%s", options->folder, phase_names[phase], suffix);
    if (!path)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = px_make_folders(path, err);
    px_free(path);
    return status;
}

static pixcl_status make_pair(const pixcl_synth_options *options, int phase, int number, pixcl_error *err)
{
    pixcl_status status = PIXCL_ERROR_MEMORY;
    pixcl_image *labels = NULL, *photo = NULL, *pair = NULL;
    px_rng rng = stream(options, 0, phase, 0, number);
    px_facade *facade = px_calloc(1, sizeof(*facade), err);
    if (!facade)
        goto cleanup;
    px_facade_design(facade, options->size, &rng);
    labels = px_facade_labels(facade, err);
    photo = labels ? px_facade_photo(facade, &rng, err) : NULL;
    pair = photo ? pixcl_image_create(2 * options->size, options->size, 3, err) : NULL;
    if (!pair)
        goto cleanup;
    size_t row = (size_t)options->size * 3;
    for (int y = 0; y < options->size; y++) {
        memcpy(pair->pixels + 2 * row * y, labels->pixels + row * y, row);
        memcpy(pair->pixels + 2 * row * y + row, photo->pixels + row * y, row);
    }
    status = save(options, pair, phase, "", number, err);

cleanup:
    pixcl_image_destroy(&labels);
    pixcl_image_destroy(&photo);
    pixcl_image_destroy(&pair);
    px_free(facade);
    return status;
}

static pixcl_status make_facades(const pixcl_synth_options *options, int phase, int count, pixcl_error *err)
{
    pixcl_status status = count > 0 ? make_folder(options, phase, "", err) : PIXCL_OK;
    for (int i = 0; i < count && status == PIXCL_OK; i++)
        status = make_pair(options, phase, i, err);
    return status;
}

/* One scene in one look. */
static pixcl_status make_look(const pixcl_synth_options *options, const px_scene *scene, bool night, px_rng *rng,
                              int phase, const char *suffix, int number, pixcl_error *err)
{
    pixcl_image *image = px_scene_draw(scene, night, options->size, rng, err);
    if (!image)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = save(options, image, phase, suffix, number, err);
    pixcl_image_destroy(&image);
    return status;
}

static pixcl_status make_unpaired(const pixcl_synth_options *options, int phase, int count, pixcl_error *err)
{
    static const char *const suffixes[2] = {"A", "B"}, *const truths[2] = {"A_truth", "B_truth"};
    bool truth = phase != TRAIN;
    pixcl_status status = PIXCL_OK;
    for (int side = 0; side < 2 && count > 0 && status == PIXCL_OK; side++) {
        status = make_folder(options, phase, suffixes[side], err);
        if (status == PIXCL_OK && truth)
            status = make_folder(options, phase, truths[side], err);
        for (int i = 0; i < count && status == PIXCL_OK; i++) {
            px_scene scene;
            px_rng rng = stream(options, 1, phase, side, i);
            px_scene_design(&scene, &rng);
            status = make_look(options, &scene, side == 1, &rng, phase, suffixes[side], i, err);
            if (status == PIXCL_OK && truth)
                status = make_look(options, &scene, side == 0, &rng, phase, truths[side], i, err);
        }
    }
    return status;
}

static pixcl_status check_range(const char *what, int value, int least, int most, pixcl_error *err)
{
    if (value >= least && value <= most)
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_ARGUMENT, "--%s %d is out of range: it must be %d to %d", what, value, least, most);
}

pixcl_status pixcl_synth(pixcl_context *context, const pixcl_synth_options *given, pixcl_error *err)
{
    PX_ENTER(context);
    static const int default_counts[PHASES] = {100, 10, 10};
    pixcl_synth_options options = *given;
    int counts[PHASES] = {given->train, given->val, given->test};
    if (!options.folder || !options.folder[0])
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "no folder for the synthetic set: say where it shall be made");
    if (!options.kind)
        options.kind = "facades";
    bool facades = strcmp(options.kind, "facades") == 0;
    if (!facades && strcmp(options.kind, "unpaired") != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--kind '%s' is not known: it must be one of facades, unpaired",
                       options.kind);
    options.size = options.size ? options.size : 256;
    if (check_range("size", options.size, 16, 4096, err) != PIXCL_OK ||
        check_range("quality", options.quality, 0, 100, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    for (int phase = 0; phase < PHASES; phase++) {
        counts[phase] = counts[phase] ? counts[phase] : default_counts[phase];
        if (counts[phase] > 0 && check_range(phase_names[phase], counts[phase], 1, 100000, err) != PIXCL_OK)
            return PIXCL_ERROR_ARGUMENT;
    }
    pixcl_status status = px_make_folders(options.folder, err);
    for (int phase = 0; phase < PHASES && status == PIXCL_OK; phase++)
        status = facades ? make_facades(&options, phase, counts[phase], err)
                         : make_unpaired(&options, phase, counts[phase], err);
    return status;
}
