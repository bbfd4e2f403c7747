/* pixcl_generator: whole pictures of any size, in and out. */
#include "pixcl/generator.h"

#include "base/memory.h"
#include "image/planes.h"
#include "train/inference.h"

struct pixcl_generator {
    px_inference *inference;
    px_way way;
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
    generator->inference = px_inference_open(path, options, NULL, err);
    if (!generator->inference ||
        px_inference_way(generator->inference, options->direction, &generator->way, err) != PIXCL_OK)
        pixcl_generator_close(&generator);
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

/* The top left part of planes[channels][from_height][from_width], as a picture. */
static pixcl_image *cut(float *planes, int channels, int from_height, int from_width, int height, int width,
                        bool truncate, pixcl_error *err)
{
    float *to = planes; /* in place: the target never runs ahead of the source */
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                *to++ = planes[((size_t)c * (size_t)from_height + (size_t)y) * (size_t)from_width + (size_t)x];
    return px_image_from_planes(planes, channels, height, width, truncate, err);
}

pixcl_status pixcl_generator_translate(pixcl_generator *generator, const pixcl_image *input, pixcl_image **output,
                                       pixcl_error *err)
{
    int input_nc = px_inference_input_nc(generator->inference, generator->way);
    int output_nc = px_inference_output_nc(generator->inference, generator->way);
    int height = px_inference_side(generator->inference, input->height);
    int width = px_inference_side(generator->inference, input->width);
    size_t pixels = (size_t)height * (size_t)width;
    *output = NULL;
    if ((input_nc != 1 && input_nc != 3) || (output_nc != 1 && output_nc != 3))
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "this network takes %d and makes %d channels; pictures have 1 (grey) or 3 (colour)", input_nc,
                       output_nc);
    pixcl_error local;
    err = err ? err : &local;
    pixcl_image *converted = pixcl_image_convert(input, input_nc, err);
    pixcl_image *padded = converted ? pad(converted, width, height, err) : NULL;
    float *in = px_calloc(pixels * (size_t)input_nc, sizeof *in, err);
    float *out = px_calloc(pixels * (size_t)output_nc, sizeof *out, err);
    pixcl_status status = padded && in && out ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK) {
        px_image_to_planes(padded, in);
        status = px_inference_run(generator->inference, generator->way, in, height, width, out, err);
    }
    if (status == PIXCL_OK) {
        *output = cut(out, output_nc, height, width, input->height, input->width, generator->truncate, err);
        status = *output ? PIXCL_OK : err->status;
    }
    pixcl_image_destroy(&converted);
    pixcl_image_destroy(&padded);
    px_free(in);
    px_free(out);
    return status;
}
