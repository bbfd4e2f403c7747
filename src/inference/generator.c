/* pixcl_generator: whole pictures and batches of any size, in and out. */
#include "pixcl/generator.h"

#include <string.h>

#include "base/context.h"
#include "base/memory.h"
#include "image/lab.h"
#include "image/planes.h"
#include "image/tensor.h"
#include "inference/inference.h"
#include "options/fields.h"
#include "weights/state_dict.h"

struct pixcl_generator {
    pixcl_context *context;
    px_inference *inference;
    px_way way;
    bool colorizes; /* lightness in, colours of L*a*b* out */
    bool truncate;
};

static pixcl_generator *open_generator(const char *path, const pixcl_options *o, pixcl_error *err)
{
    px_inference_options options = px_inference_options_of(o);
    if (!o->given[PX_OPTION_direction]) /* as trained */
        options.direction = NULL;
    path = path ? path : o->checkpoint;
    if (!*path) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "--checkpoint is missing: a checkpoint, or a file of weights");
        return NULL;
    }
    pixcl_generator *generator = px_calloc(1, sizeof *generator, err);
    if (!generator)
        return NULL;
    generator->context = px_context();
    generator->truncate = o->reference_output;
    generator->inference = px_inference_open(path, &options, err);
    if (!generator->inference ||
        px_inference_way(generator->inference, options.direction, &generator->way, err) != PIXCL_OK)
        pixcl_generator_close(&generator);
    if (generator)
        generator->colorizes = strcmp(px_inference_trained(generator->inference)->model, "colorization") == 0;
    return generator;
}

pixcl_generator *pixcl_generator_open(pixcl_context *context, const char *path, const pixcl_options *options,
                                      pixcl_error *err)
{
    PX_ENTER(context);
    pixcl_error local = {0};
    pixcl_options *defaults = options ? NULL : pixcl_options_create(PIXCL_FOR_TRANSLATE, err);
    pixcl_generator *generator = NULL;
    if (options || defaults)
        generator = open_generator(path, options ? options : defaults, err ? err : &local);
    pixcl_options_destroy(&defaults);
    return generator;
}

void pixcl_generator_close(pixcl_generator **generator)
{
    if (!generator || !*generator)
        return;
    PX_ENTER((*generator)->context);
    px_inference_close(&(*generator)->inference);
    px_free(*generator);
    *generator = NULL;
}

int pixcl_generator_input_nc(const pixcl_generator *generator)
{
    return px_inference_input_nc(generator->inference, generator->way);
}

int pixcl_generator_output_nc(const pixcl_generator *generator)
{
    return px_inference_output_nc(generator->inference, generator->way);
}

/* Which picture of a tensor is meant. */
typedef struct picture_of {
    const pixcl_tensor *tensor;
    int index;
} picture_of;

static void tensor_row(void *context, int n, int c, int y, float *to, size_t step)
{
    const picture_of *p = context;
    (void)n;
    px_tensor_row(p->tensor, p->index, c, y, to, step);
}

static pixcl_status run(pixcl_generator *generator, const pixcl_tensor *input, const pixcl_tensor *output,
                        pixcl_error *err)
{
    const int height = input->height, width = input->width;
    /* A picture that does not fit the device is refused before the host's memory is taken for it. */
    pixcl_status status = px_inference_prepare(generator->inference, generator->way, height, width, err);
    if (status != PIXCL_OK)
        return status;
    float *out = px_calloc((size_t)height * (size_t)width * (size_t)output->channels, sizeof *out, err);
    status = out ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    for (int i = 0; status == PIXCL_OK && i < input->n; i++) {
        picture_of it = {input, i};
        const px_picture picture = {height, width, tensor_row, &it};
        status = px_stopped("between pictures", err)
                     ? PIXCL_ERROR_INTERRUPTED
                     : px_inference_run(generator->inference, generator->way, &picture, out, err);
        if (status == PIXCL_OK)
            px_tensor_put(output, i, out, height, width, generator->truncate);
    }
    px_free(out);
    return status;
}

pixcl_status pixcl_generator_run(pixcl_generator *generator, const pixcl_tensor *input, const pixcl_tensor *output,
                                 pixcl_error *err)
{
    PX_ENTER(generator->context);
    pixcl_error local = {0};
    err = err ? err : &local;
    pixcl_status status = px_tensor_check(input, "input", pixcl_generator_input_nc(generator), err);
    if (status == PIXCL_OK)
        status = px_tensor_check(output, "output", pixcl_generator_output_nc(generator), err);
    if (status != PIXCL_OK)
        return status;
    if (output->n != input->n || output->height != input->height || output->width != input->width)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "output has %d pictures of %d x %d pixels and input %d of %d x %d: they must be the same",
                       output->n, output->width, output->height, input->n, input->width, input->height);
    return run(generator, input, output, err);
}

static pixcl_status check_channels(int input_nc, int output_nc, pixcl_error *err)
{
    if ((input_nc == 1 || input_nc == 3) && (output_nc == 1 || output_nc == 3))
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_ARGUMENT,
                   "this network takes %d and makes %d channels; pictures have 1 (grey) or 3 (colour)", input_nc,
                   output_nc);
}

/* The colours that `input` has, if any, are not looked at. */
static pixcl_image *colorize(pixcl_generator *generator, const pixcl_image *input, pixcl_error *err)
{
    const int height = input->height, width = input->width;
    const size_t pixels = (size_t)height * (size_t)width;
    if (px_inference_prepare(generator->inference, generator->way, height, width, err) != PIXCL_OK)
        return NULL;
    pixcl_image *converted = pixcl_image_convert(input, 3, err), *output = NULL;
    float *in = converted ? px_calloc(pixels * 3, sizeof *in, err) : NULL;
    float *out = in ? px_calloc(pixels * 2, sizeof *out, err) : NULL;
    if (out) {
        px_planes lightness = {in, height, width};
        const px_picture picture = px_picture_of_planes(&lightness);
        px_image_to_lab(converted, in, in + pixels);
        if (px_inference_run(generator->inference, generator->way, &picture, out, err) == PIXCL_OK)
            output = px_image_from_lab(in, out, height, width, generator->truncate, err);
    }
    pixcl_image_destroy(&converted);
    px_free(in);
    px_free(out);
    return output;
}

static pixcl_image *translate(pixcl_generator *generator, const pixcl_image *input, pixcl_error *err)
{
    const int input_nc = pixcl_generator_input_nc(generator), output_nc = pixcl_generator_output_nc(generator);
    if (check_channels(input_nc, output_nc, err) != PIXCL_OK ||
        px_inference_prepare(generator->inference, generator->way, input->height, input->width, err) != PIXCL_OK)
        return NULL;
    pixcl_image *converted = input->channels == input_nc ? NULL : pixcl_image_convert(input, input_nc, err);
    if (input->channels != input_nc && !converted)
        return NULL;
    pixcl_image *output = pixcl_image_create(input->width, input->height, output_nc, err);
    if (output) {
        const pixcl_tensor in = px_tensor_of_image(converted ? converted : input), out = px_tensor_of_image(output);
        if (run(generator, &in, &out, err) != PIXCL_OK)
            pixcl_image_destroy(&output);
    }
    pixcl_image_destroy(&converted);
    return output;
}

pixcl_status pixcl_generator_translate(pixcl_generator *generator, const pixcl_image *input, pixcl_image **output,
                                       pixcl_error *err)
{
    pixcl_error local = {0};
    err = err ? err : &local;
    if (!generator || !input || !output)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "pixcl_generator_translate needs a generator, a picture, and room for the result");
    PX_ENTER(generator->context);
    *output = NULL;
    if (px_image_check(input, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    *output = generator->colorizes ? colorize(generator, input, err) : translate(generator, input, err);
    return *output ? PIXCL_OK : err->status;
}

size_t pixcl_generator_weight_count(const pixcl_generator *generator)
{
    PX_ENTER(generator->context);
    const px_weight_values *weights = px_inference_weights(generator->inference, generator->way, false, NULL);
    return weights ? px_state_dict_count(weights->program->graph, weights->net) : 0;
}

pixcl_status pixcl_generator_weight_at(const pixcl_generator *generator, size_t index, pixcl_weight *weight,
                                       pixcl_error *err)
{
    PX_ENTER(generator->context);
    px_node node;
    const px_weight_values *weights = px_inference_weights(generator->inference, generator->way, false, err);
    return weights ? px_state_dict_at(weights->program->graph, weights->net, index, &node, weight, err)
                   : PIXCL_ERROR_MEMORY;
}

/* Where the weight of that name is. NULL when there is none, or it has another number of elements. */
static float *find_values(pixcl_generator *generator, const char *name, size_t count, pixcl_error *err)
{
    px_node node;
    px_weight_values *weights = px_inference_weights(generator->inference, generator->way, true, err);
    if (!weights || px_state_dict_find(weights->program->graph, weights->net, name, count, &node, err) != PIXCL_OK)
        return NULL;
    return weights->values[node];
}

pixcl_status pixcl_generator_weight_get(pixcl_generator *generator, const char *name, float *values, size_t count,
                                        pixcl_error *err)
{
    PX_ENTER(generator->context);
    pixcl_error local = {0};
    err = err ? err : &local;
    const float *kept = find_values(generator, name, count, err);
    if (!kept)
        return err->status;
    memcpy(values, kept, count * sizeof *values);
    return PIXCL_OK;
}

pixcl_status pixcl_generator_weight_set(pixcl_generator *generator, const char *name, const float *values, size_t count,
                                        pixcl_error *err)
{
    PX_ENTER(generator->context);
    pixcl_error local = {0};
    err = err ? err : &local;
    float *kept = find_values(generator, name, count, err);
    if (!kept)
        return err->status;
    memcpy(kept, values, count * sizeof *values);
    px_inference_reload(generator->inference, generator->way);
    return PIXCL_OK;
}
