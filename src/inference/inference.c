/* The generator's weights stay in the mapped checkpoint, or in the run; each way has a session for the size that came
 * last. */
#include "inference/inference.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "weights/weights.h"

struct px_inference {
    px_generator_file from;
    const px_session *run; /* of px_inference_of_run(), else NULL */
    px_test_mode mode;
    uint64_t seed, runs;
    px_cl_device *device, *own; /* what is in use; NULL, or the same when it was opened here */
    struct {
        px_session session;
        int height, width;        /* of the session, 0 before the first */
        px_weight_values weights; /* no program before a program asked for them */
    } ways[2];                    /* by px_way */
};

static pixcl_status choose_mode(px_inference *inference, const px_inference_options *options, pixcl_error *err)
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

px_inference_options px_inference_options_of(const pixcl_options *options)
{
    return (px_inference_options){.device = options->device,
                                  .eval = options->eval,
                                  .test_dropout = options->test_dropout,
                                  .direction = options->direction,
                                  .network = options->network,
                                  .seed = (uint64_t)options->seed,
                                  .no_tuning = strcmp(options->tune, "off") == 0};
}

static px_inference *create(const px_inference_options *options, pixcl_error *err)
{
    px_inference *inference = px_calloc(1, sizeof *inference, err);
    if (inference)
        inference->seed = options->seed;
    return inference;
}

px_inference *px_inference_open(const char *path, const px_inference_options *options, pixcl_error *err)
{
    px_inference *inference = create(options, err);
    if (!inference)
        return NULL;
    if (px_generator_file_open(&inference->from, path, options->direction, options->network, err) == PIXCL_OK &&
        choose_mode(inference, options, err) == PIXCL_OK)
        inference->device = inference->own = px_session_device(options->device, options->no_tuning, false, err);
    if (!inference->device)
        px_inference_close(&inference);
    else
        px_log(PIXCL_LOG_DEBUG, "translating on %s", inference->device->name);
    return inference;
}

px_inference *px_inference_of_run(const px_trained *trained, const px_inference_options *options, pixcl_error *err)
{
    px_inference *inference = create(options, err);
    if (!inference)
        return NULL;
    inference->from.trained = *trained->options;
    inference->from.state = *trained->state;
    inference->run = trained->session;
    inference->device = trained->device;
    if (choose_mode(inference, options, err) != PIXCL_OK)
        px_inference_close(&inference);
    return inference;
}

void px_inference_close(px_inference **inference)
{
    if (!inference || !*inference)
        return;
    for (int way = PX_FORTH; way <= PX_BACK; way++) {
        px_session_close(&(*inference)->ways[way].session);
        px_weight_values_free(&(*inference)->ways[way].weights);
    }
    px_cl_device_close(&(*inference)->own);
    px_generator_file_close(&(*inference)->from);
    px_free(*inference);
    *inference = NULL;
}

const pixcl_options *px_inference_trained(const px_inference *inference)
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

/* Where the weights of a session come from. */
typedef struct loading {
    const px_inference *inference;
    px_way way;
} loading;

static pixcl_status load_weights(const px_session *session, void *context, pixcl_error *err)
{
    const loading *l = context;
    const px_inference *inference = l->inference;
    const px_generator_file *from = &inference->from;
    const px_weight_values *weights = &inference->ways[l->way].weights;
    if (inference->run)
        return px_weights_copy(session, inference->run, err);
    if (weights->values)
        return px_weight_values_to_session(weights, session, err);
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
    loading l = {inference, way};
    pixcl_status status = px_session_open(session, program, inference->device, load_weights, &l, err);
    if (status != PIXCL_OK)
        return status;
    inference->ways[way].height = height;
    inference->ways[way].width = width;
    return PIXCL_OK;
}

/* Index of a padded row or column in the picture itself, mirrored at its edges as often as it takes. */
static int reflect(int i, int size)
{
    if (size == 1)
        return 0;
    i %= 2 * (size - 1);
    return i < size ? i : 2 * (size - 1) - i;
}

/* A picture continued to the right and downwards by reflection. */
typedef struct padded {
    const px_picture *picture;
    int width;
} padded;

static void padded_row(void *context, int n, int c, int y, float *to, size_t step)
{
    const padded *p = context;
    const px_picture *picture = p->picture;
    picture->rows(picture->context, n, c, reflect(y, picture->height), to, step);
    for (int x = picture->width; x < p->width; x++)
        to[(size_t)x * step] = to[(size_t)reflect(x, picture->width) * step];
}

static void row_of_planes(void *context, int n, int c, int y, float *to, size_t step)
{
    const px_planes *p = context;
    const float *from = p->planes + ((size_t)c * (size_t)p->height + (size_t)y) * (size_t)p->width;
    (void)n;
    for (int x = 0; x < p->width; x++, to += step)
        *to = from[x];
}

px_picture px_picture_of_planes(px_planes *planes)
{
    return (px_picture){planes->height, planes->width, row_of_planes, planes};
}

/* to[channels][height][width]: the top left part of larger planes. */
static void cut(const float *planes, int planes_height, int planes_width, int channels, float *to, int height,
                int width)
{
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < height; y++, to += width)
            memcpy(to, planes + ((size_t)c * (size_t)planes_height + (size_t)y) * (size_t)planes_width,
                   (size_t)width * sizeof *to);
}

pixcl_status px_inference_prepare(px_inference *inference, px_way way, int height, int width, pixcl_error *err)
{
    return prepare(inference, way, side_for(inference, height), side_for(inference, width), err);
}

pixcl_status px_inference_run(px_inference *inference, px_way way, const px_picture *in, float *out, pixcl_error *err)
{
    const int height = side_for(inference, in->height), width = side_for(inference, in->width);
    const bool fits = height == in->height && width == in->width;
    const int channels = px_generator_output_nc(&inference->from, way);
    const size_t pixels = (size_t)height * (size_t)width;
    pixcl_status status = prepare(inference, way, height, width, err);
    if (status != PIXCL_OK)
        return status;
    float *made = fits ? out : px_calloc(pixels * (size_t)channels, sizeof *made, err);
    if (!made)
        return PIXCL_ERROR_MEMORY;
    padded p = {in, width};
    const px_step step = {.seed = inference->seed, .step = ++inference->runs};
    const px_session *session = &inference->ways[way].session;
    status = px_exec_write_rows(session->exec, session->training->real_A, padded_row, &p, err);
    if (status == PIXCL_OK)
        status = px_exec_run(session->exec, &step, err);
    if (status == PIXCL_OK)
        status = px_exec_read(session->exec, session->training->fake_B, made, err);
    if (fits)
        return status;
    if (status == PIXCL_OK)
        cut(made, height, width, channels, out, in->height, in->width);
    px_free(made);
    return status;
}

px_weight_values *px_inference_weights(px_inference *inference, px_way way, bool values, pixcl_error *err)
{
    px_weight_values *weights = &inference->ways[way].weights;
    if (!weights->program && px_weight_values_open(weights, &inference->from, way, err) != PIXCL_OK)
        return NULL;
    if (values && px_weight_values_load(weights, &inference->from, err) != PIXCL_OK)
        return NULL;
    return weights;
}

void px_inference_reload(px_inference *inference, px_way way)
{
    px_session_close(&inference->ways[way].session);
    inference->ways[way].height = inference->ways[way].width = 0;
}
