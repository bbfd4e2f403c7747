/* pixcl_generator: whole pictures of any size, in and out. */
#include "pixcl/generator.h"

#include <string.h>

#include "base/memory.h"
#include "image/lab.h"
#include "image/planes.h"
#include "train/inference.h"

struct pixcl_generator {
    px_inference *inference;
    px_way way;
    bool colorizes; /* lightness in, colours of L*a*b* out */
    bool truncate;
};

pixcl_generator *pixcl_generator_open(const char *path, const pixcl_generator_options *options, pixcl_error *err)
{
    const pixcl_generator_options defaults = {0};
    options = options ? options : &defaults;
    pixcl_generator *generator = px_calloc(1, sizeof *generator, err);
    if (!generator)
        return NULL;
    generator->truncate = options->reference_output;
    generator->inference = px_inference_open(path, options, NULL, NULL, err);
    if (!generator->inference ||
        px_inference_way(generator->inference, options->direction, &generator->way, err) != PIXCL_OK)
        pixcl_generator_close(&generator);
    if (generator)
        generator->colorizes = strcmp(px_inference_options(generator->inference)->model, "colorization") == 0;
    return generator;
}

void pixcl_generator_close(pixcl_generator **generator)
{
    if (!generator || !*generator)
        return;
    px_inference_close(&(*generator)->inference);
    px_free(*generator);
    *generator = NULL;
}

/* Index of a row or column of the padded picture in the picture itself, mirrored at its edges as often as it takes. */
static int reflect(int i, int size)
{
    if (size == 1)
        return 0;
    i %= 2 * (size - 1);
    return i < size ? i : 2 * (size - 1) - i;
}

static pixcl_image *pad(const pixcl_image *image, int width, int height, pixcl_error *err)
{
    pixcl_image *padded = pixcl_image_create(width, height, image->channels, err);
    for (int y = 0; padded && y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < image->channels; c++)
                padded->pixels[((size_t)y * (size_t)width + (size_t)x) * (size_t)image->channels + (size_t)c] =
                    image->pixels[((size_t)reflect(y, image->height) * (size_t)image->width +
                                   (size_t)reflect(x, image->width)) *
                                      (size_t)image->channels +
                                  (size_t)c];
    return padded;
}

/* The top left part of planes[channels][from_height][from_width], in place: the target never runs ahead of the source.
 */
static void cut(float *planes, int channels, int from_height, int from_width, int height, int width)
{
    float *to = planes;
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                *to++ = planes[((size_t)c * (size_t)from_height + (size_t)y) * (size_t)from_width + (size_t)x];
}

/* A padded picture through the network: out[output_nc], and the lightness to it, if it colorizes, in in[]. */
static pixcl_status run(pixcl_generator *generator, const pixcl_image *padded, float *in, float *out, pixcl_error *err)
{
    if (generator->colorizes) /* the colours it has, if any, are not looked at */
        px_image_to_lab(padded, in, in + (size_t)padded->height * (size_t)padded->width);
    else
        px_image_to_planes(padded, in);
    return px_inference_run(generator->inference, generator->way, in, padded->height, padded->width, out, err);
}

static pixcl_status check_channels(int input_nc, int output_nc, pixcl_error *err)
{
    if ((input_nc == 1 || input_nc == 3) && (output_nc == 1 || output_nc == 3))
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_ARGUMENT,
                   "this network takes %d and makes %d channels; pictures have 1 (grey) or 3 (colour)", input_nc,
                   output_nc);
}

pixcl_status pixcl_generator_translate(pixcl_generator *generator, const pixcl_image *input, pixcl_image **output,
                                       pixcl_error *err)
{
    const bool lab = generator->colorizes;
    const int output_nc = px_inference_output_nc(generator->inference, generator->way);
    const int seen_nc = lab ? 3 : px_inference_input_nc(generator->inference, generator->way);
    const int height = px_inference_side(generator->inference, input->height);
    const int width = px_inference_side(generator->inference, input->width);
    const size_t pixels = (size_t)height * (size_t)width;
    *output = NULL;
    if (!lab && check_channels(seen_nc, output_nc, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    pixcl_error local;
    err = err ? err : &local;
    pixcl_image *converted = pixcl_image_convert(input, seen_nc, err);
    pixcl_image *padded = converted ? pad(converted, width, height, err) : NULL;
    float *in = px_calloc(pixels * (size_t)seen_nc, sizeof *in, err);
    float *out = px_calloc(pixels * (size_t)output_nc, sizeof *out, err);
    pixcl_status status = padded && in && out ? run(generator, padded, in, out, err) : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK) {
        cut(out, output_nc, height, width, input->height, input->width);
        if (lab)
            cut(in, 1, height, width, input->height, input->width);
        *output = lab ? px_image_from_lab(in, out, input->height, input->width, generator->truncate, err)
                      : px_image_from_planes(out, output_nc, input->height, input->width, generator->truncate, err);
        status = *output ? PIXCL_OK : err->status;
    }
    pixcl_image_destroy(&converted);
    pixcl_image_destroy(&padded);
    px_free(in);
    px_free(out);
    return status;
}
