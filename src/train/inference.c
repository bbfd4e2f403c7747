/* The generator's weights stay in the mapped checkpoint; a session is made for each size that comes. */
#include "train/inference.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "train/weights.h"

struct px_inference {
    px_tensor_file *file;
    pixcl_options trained;
    bool eval;
    uint64_t seed, runs;
    px_cl_device *device;
    px_session session;
    int height, width; /* of the session, 0 before the first */
};

px_inference *px_inference_open(const char *path, const pixcl_generator_options *options, pixcl_options *trained,
                                pixcl_error *err)
{
    px_inference *inference = px_calloc(1, sizeof *inference, err);
    if (!inference)
        return NULL;
    inference->eval = options->eval;
    inference->seed = (uint64_t)options->seed;
    inference->file = px_checkpoint_open(path, &inference->trained, NULL, err);
    if (inference->file)
        inference->device = px_session_device(options->device, options->no_tuning, false, err);
    if (!inference->device) {
        px_inference_close(&inference);
        return NULL;
    }
    px_log(PIXCL_LOG_DEBUG, "translating on %s", inference->device->name);
    if (trained)
        *trained = inference->trained;
    return inference;
}

void px_inference_close(px_inference **inference)
{
    if (!inference || !*inference)
        return;
    px_session_close(&(*inference)->session);
    px_cl_device_close(&(*inference)->device);
    px_tensor_file_close(&(*inference)->file);
    px_free(*inference);
    *inference = NULL;
}

const pixcl_options *px_inference_options(const px_inference *inference)
{
    return &inference->trained;
}

int px_inference_side(const px_inference *inference, int side)
{
    const int multiple = px_model_multiple(inference->trained.netG);
    const int smallest = px_model_smallest(inference->trained.netG);
    side = (side + multiple - 1) / multiple * multiple;
    return side < smallest ? smallest : side;
}

static pixcl_status prepare(px_inference *inference, int height, int width, pixcl_error *err)
{
    if (inference->height == height && inference->width == width)
        return PIXCL_OK;
    px_session_close(&inference->session);
    inference->height = inference->width = 0;
    px_model_options model = px_model_options_of(&inference->trained, 1, height, width);
    pixcl_status status = px_session_open(&inference->session, px_training_generator(&model, inference->eval, err),
                                          inference->device, err);
    if (status == PIXCL_OK)
        status = px_weights_load(&inference->session, inference->file, err);
    if (status != PIXCL_OK) {
        px_session_close(&inference->session);
        return status;
    }
    inference->height = height;
    inference->width = width;
    return PIXCL_OK;
}

pixcl_status px_inference_run(px_inference *inference, const float *in, int height, int width, float *out,
                              pixcl_error *err)
{
    pixcl_status status = prepare(inference, height, width, err);
    if (status != PIXCL_OK)
        return status;
    const px_step step = {.seed = inference->seed, .step = ++inference->runs};
    px_exec *exec = inference->session.exec;
    status = px_exec_write(exec, inference->session.training->real_A, in, err);
    if (status == PIXCL_OK)
        status = px_exec_run(exec, &step, err);
    if (status == PIXCL_OK)
        status = px_exec_read(exec, inference->session.training->fake_B, out, err);
    return status;
}
