/* The generator's weights stay in the mapped checkpoint; each way has a session for the size that came last. */
#include "inference/inference.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "weights/weights.h"

struct px_inference {
    px_generator_file from;
    px_test_mode mode;
    uint64_t seed, runs;
    px_cl_device *device, *own; /* what is in use; NULL, or the same when it was opened here */
    struct {
        px_session session;
        int height, width; /* of the session, 0 before the first */
    } ways[2];             /* by px_way */
};

static pixcl_status choose_mode(px_inference *inference, const pixcl_generator_options *options, pixcl_error *err)
{
    const char *dropout = options->test_dropout ? options->test_dropout : "auto";
    const bool on = strcmp(dropout, "on") == 0, off = strcmp(dropout, "off") == 0;
    if (!on && !off && strcmp(dropout, "auto") != 0)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--test_dropout %.80s: expected auto, on or off", dropout);
    if (on && inference->from.trained.no_dropout)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--test_dropout on: the network was trained with --no_dropout and has none to switch on; leave "
                       "the option out");
    /* Whether another program's network was trained with dropout its file does not tell: without is the same picture
     * each time. */
    const bool passes = options->eval || inference->from.other;
    inference->mode = (px_test_mode){.running = options->eval, .no_dropout = off || (passes && !on)};
    return PIXCL_OK;
}

px_inference *px_inference_open(const char *path, const pixcl_generator_options *options, px_cl_device *device,
                                pixcl_options *trained, pixcl_error *err)
{
    px_inference *inference = px_calloc(1, sizeof *inference, err);
    if (!inference)
        return NULL;
    inference->seed = (uint64_t)options->seed;
    if (px_generator_file_open(&inference->from, path, options->direction, options->network, err) == PIXCL_OK &&
        choose_mode(inference, options, err) == PIXCL_OK) {
        if (!device)
            inference->own = px_session_device(options->device, options->no_tuning, false, err);
        inference->device = device ? device : inference->own;
    }
    if (!inference->device) {
        px_inference_close(&inference);
        return NULL;
    }
    px_log(PIXCL_LOG_DEBUG, "translating on %s", inference->device->name);
    if (trained)
        *trained = inference->from.trained;
    return inference;
}

void px_inference_close(px_inference **inference)
{
    if (!inference || !*inference)
        return;
    for (int way = PX_FORTH; way <= PX_BACK; way++)
        px_session_close(&(*inference)->ways[way].session);
    px_cl_device_close(&(*inference)->own);
    px_generator_file_close(&(*inference)->from);
    px_free(*inference);
    *inference = NULL;
}

const pixcl_options *px_inference_options(const px_inference *inference)
{
    return &inference->from.trained;
}

const px_run_state *px_inference_state(const px_inference *inference)
{
    return &inference->from.state;
}

/* The smallest side not below `side` that the network takes. */
static int side_for(const px_inference *inference, int side)
{
    const int multiple = px_model_multiple(inference->from.trained.netG);
    const int smallest = px_model_smallest(inference->from.trained.netG);
    side = (side + multiple - 1) / multiple * multiple;
    return side < smallest ? smallest : side;
}

pixcl_status px_inference_way(const px_inference *inference, const char *direction, px_way *way, pixcl_error *err)
{
    return px_generator_file_way(&inference->from, direction, way, err);
}

int px_inference_input_nc(const px_inference *inference, px_way way)
{
    return px_generator_input_nc(&inference->from, way);
}

int px_inference_output_nc(const px_inference *inference, px_way way)
{
    return px_generator_output_nc(&inference->from, way);
}

static pixcl_status load_weights(const px_session *session, void *context, pixcl_error *err)
{
    const px_inference *inference = context;
    const px_generator_file *from = &inference->from;
    pixcl_status status = px_tensor_file_check(from->file, err);
    if (status == PIXCL_OK)
        status = px_weights_load_generator(session, from->file, from->other, inference->mode.running, err);
    return status;
}

static pixcl_status prepare(px_inference *inference, px_way way, int height, int width, pixcl_error *err)
{
    px_session *session = &inference->ways[way].session;
    if (inference->ways[way].height == height && inference->ways[way].width == width)
        return PIXCL_OK;
    px_session_close(session);
    inference->ways[way].height = inference->ways[way].width = 0;
    px_training *program = px_generator_program(&inference->from, way, inference->mode, height, width, err);
    pixcl_status status = px_session_open(session, program, inference->device, load_weights, inference, err);
    if (status != PIXCL_OK)
        return status;
    inference->ways[way].height = height;
    inference->ways[way].width = width;
    return PIXCL_OK;
}

/* G on planes of sides that it takes. */
static pixcl_status run_fitting(px_inference *inference, px_way way, const float *in, int height, int width, float *out,
                                pixcl_error *err)
{
    pixcl_status status = prepare(inference, way, height, width, err);
    if (status != PIXCL_OK)
        return status;
    const px_step step = {.seed = inference->seed, .step = ++inference->runs};
    const px_session *session = &inference->ways[way].session;
    status = px_exec_write(session->exec, session->training->real_A, in, err);
    if (status == PIXCL_OK)
        status = px_exec_run(session->exec, &step, err);
    if (status == PIXCL_OK)
        status = px_exec_read(session->exec, session->training->fake_B, out, err);
    return status;
}

/* Index of a padded row or column in the picture itself, mirrored at its edges as often as it takes. */
static int reflect(int i, int size)
{
    if (size == 1)
        return 0;
    i %= 2 * (size - 1);
    return i < size ? i : 2 * (size - 1) - i;
}

/* to[channels][to_height][to_width]: `from` continued to the right and downwards by reflection where it is smaller, its
 * top left part where it is larger. */
static void pad_or_cut(const float *from, int height, int width, int channels, float *to, int to_height, int to_width)
{
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < to_height; y++) {
            const float *row = from + ((size_t)c * (size_t)height + (size_t)reflect(y, height)) * (size_t)width;
            for (int x = 0; x < to_width; x++)
                *to++ = row[reflect(x, width)];
        }
}

pixcl_status px_inference_prepare(px_inference *inference, px_way way, int height, int width, pixcl_error *err)
{
    return prepare(inference, way, side_for(inference, height), side_for(inference, width), err);
}

pixcl_status px_inference_run(px_inference *inference, px_way way, const float *in, int height, int width, float *out,
                              pixcl_error *err)
{
    const int full_height = side_for(inference, height), full_width = side_for(inference, width);
    if (full_height == height && full_width == width)
        return run_fitting(inference, way, in, height, width, out, err);
    const int input_nc = px_generator_input_nc(&inference->from, way),
              output_nc = px_generator_output_nc(&inference->from, way);
    const size_t pixels = (size_t)full_height * (size_t)full_width;
    float *padded = px_calloc(pixels * (size_t)input_nc, sizeof *padded, err);
    float *made = padded ? px_calloc(pixels * (size_t)output_nc, sizeof *made, err) : NULL;
    pixcl_status status = made ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    if (made) {
        pad_or_cut(in, height, width, input_nc, padded, full_height, full_width);
        status = run_fitting(inference, way, padded, full_height, full_width, made, err);
    }
    if (status == PIXCL_OK)
        pad_or_cut(made, full_height, full_width, output_nc, out, height, width);
    px_free(padded);
    px_free(made);
    return status;
}
