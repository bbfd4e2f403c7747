/* Opening and closing, and the translation of options. */
#include "weights/session.h"

#include <string.h>

px_cl_device *px_session_device(const char *device, bool no_tuning, bool profiling, pixcl_error *err)
{
    px_cl_device *opened = px_cl_device_open(device && device[0] ? device : NULL, profiling, err);
    if (opened)
        opened->tuning_off = no_tuning;
    return opened;
}

px_cl_device *px_session_device_of(const pixcl_options *options, bool profiling, pixcl_error *err)
{
    return px_session_device(options->device, strcmp(options->tune, "off") == 0, profiling, err);
}

typedef struct filling {
    const px_session *session; /* without its exec, which is being made */
    px_session_fill fill;
    void *context;
} filling;

static pixcl_status fill_exec(void *context, px_exec *exec, pixcl_error *err)
{
    const filling *f = context;
    px_session session = *f->session;
    session.exec = exec;
    return f->fill(&session, f->context, err);
}

pixcl_status px_session_open(px_session *session, px_training *training, px_cl_device *device, px_session_fill fill,
                             void *context, pixcl_error *err)
{
    *session = (px_session){.training = training};
    if (!training)
        return err ? err->status : PIXCL_ERROR_ARGUMENT;
    px_target target = px_cl_target(device);
    session->plan = px_plan_create(training->graph, &target, err);
    filling f = {session, fill, context};
    session->exec = session->plan ? px_exec_create_opencl(device, session->plan, fill_exec, &f, err) : NULL;
    if (session->exec)
        return PIXCL_OK;
    if (err && err->status == PIXCL_ERROR_MEMORY)
        px_cl_explain_memory(device, err);
    px_session_close(session);
    return err ? err->status : PIXCL_ERROR_DEVICE;
}

void px_session_close(px_session *session)
{
    px_exec_destroy(&session->exec);
    px_plan_destroy(&session->plan);
    px_training_destroy(&session->training);
}

/* The index of `word` in a list that NULL ends. That it is there is the option table's care. */
static int choice(const char *word, const char *const *words)
{
    int i = 0;
    while (words[i + 1] && strcmp(word, words[i]) != 0)
        i++;
    return i;
}

px_model_options px_model_options_of(const pixcl_options *options, int batch, int height, int width)
{
    /* In the order of their enums. */
    static const char *const models[] = {"pix2pix", "cycle_gan", "colorization", NULL},
                             *const norms[] = {"batch", "instance", "instance_affine", "none", NULL},
                             *const gan_modes[] = {"vanilla", "lsgan", "wgangp", "none", NULL},
                             *const reconstructions[] = {"L1", "L2", "smooth_L1", "none", NULL},
                             *const upsamples[] = {"conv_t", "resize", NULL};
    return (px_model_options){.model = (px_model_type)choice(options->model, models),
                              .netG = options->netG,
                              .netD = options->netD,
                              .n_layers_D = options->n_layers_D,
                              .input_nc = options->input_nc,
                              .output_nc = options->output_nc,
                              .ngf = options->ngf,
                              .ndf = options->ndf,
                              .norm = (px_norm_type)choice(options->norm, norms),
                              .dropout = !options->no_dropout,
                              .upsample = (px_upsample_type)choice(options->upsample, upsamples),
                              .gan_mode = (px_gan_mode)choice(options->gan_mode, gan_modes),
                              .lambda_gp = (float)options->lambda_gp,
                              .reconstruction = (px_reconstruction)choice(options->reconstruction, reconstructions),
                              .unconditional_D = options->unconditional_D,
                              .lambda_L1 = (float)options->lambda_L1,
                              .lambda_A = (float)options->lambda_A,
                              .lambda_B = (float)options->lambda_B,
                              .lambda_identity = (float)options->lambda_identity,
                              .pool_size = options->pool_size,
                              .beta1 = (float)options->beta1,
                              .batch = batch,
                              .height = height,
                              .width = width};
}

pixcl_status px_data_options_of(const pixcl_options *options, px_data_options *data, pixcl_error *err)
{
    *data = (px_data_options){.dataroot = options->dataroot,
                              .phase = options->phase,
                              .load_size = options->load_size,
                              .crop_size = options->crop_size,
                              .no_flip = options->no_flip,
                              .serial_batches = options->serial_batches,
                              .max_dataset_size = options->max_dataset_size,
                              .input_nc = options->input_nc,
                              .output_nc = options->output_nc,
                              .batch_size = options->batch_size,
                              .num_threads = options->num_threads,
                              .seed = (uint64_t)options->seed};
    pixcl_status status = px_dataset_mode_parse(options->dataset_mode, &data->dataset_mode, err);
    if (status == PIXCL_OK)
        status = px_direction_parse(options->direction, &data->direction, err);
    if (status == PIXCL_OK)
        status = px_preprocess_parse(options->preprocess, &data->preprocess, err);
    return status;
}
