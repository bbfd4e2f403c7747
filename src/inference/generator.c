/* pixcl_generator: whole pictures of any size, in and out. */
#include "pixcl/generator.h"

#include <string.h>

#include "base/memory.h"
#include "image/lab.h"
#include "image/planes.h"
#include "inference/inference.h"

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
    pixcl_error local = {0};
    err = err ? err : &local;
    if (!generator || !input || !output)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "pixcl_generator_translate needs a generator, a picture, and room for the result");
    const bool lab = generator->colorizes;
    const int output_nc = px_inference_output_nc(generator->inference, generator->way);
    const int seen_nc = lab ? 3 : px_inference_input_nc(generator->inference, generator->way);
    const int height = input->height, width = input->width;
    const size_t pixels = (size_t)height * (size_t)width;
    *output = NULL;
    if (!lab && check_channels(seen_nc, output_nc, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    if (px_inference_prepare(generator->inference, generator->way, height, width, err) != PIXCL_OK)
        return err->status;
    pixcl_image *converted = pixcl_image_convert(input, seen_nc, err);
    float *in = converted ? px_calloc(pixels * (size_t)seen_nc, sizeof *in, err) : NULL;
    float *out = in ? px_calloc(pixels * (size_t)output_nc, sizeof *out, err) : NULL;
    pixcl_status status = out ? PIXCL_OK : err->status; /* the picture may be of no kind that is known */
    if (out && lab)                                     /* the colours it has, if any, are not looked at */
        px_image_to_lab(converted, in, in + pixels);
    else if (out)
        px_image_to_planes(converted, in);
    if (status == PIXCL_OK)
        status = px_inference_run(generator->inference, generator->way, in, height, width, out, err);
    if (status == PIXCL_OK) {
        *output = lab ? px_image_from_lab(in, out, height, width, generator->truncate, err)
                      : px_image_from_planes(out, output_nc, height, width, generator->truncate, err);
        status = *output ? PIXCL_OK : err->status;
    }
    pixcl_image_destroy(&converted);
    px_free(in);
    px_free(out);
    return status;
}
