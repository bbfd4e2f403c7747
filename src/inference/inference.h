/* A trained generator on a device: planes in, planes out. What `pixcl test`, `pixcl translate` and the library's
 * pixcl_generator share. */
#ifndef PX_INFERENCE_INFERENCE_H
#define PX_INFERENCE_INFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "exec/exec.h"
#include "inference/weight_values.h"
#include "weights/generator_file.h"

/* Zero-initialise for the defaults. Texts may be NULL and are not kept. */
typedef struct px_inference_options {
    const char *device;       /* as --device */
    bool eval;                /* running statistics and no dropout; false: as in training */
    const char *test_dropout; /* "on": dropout also with eval; "off": none, whatever the statistics; "auto": by eval */
    const char *direction;    /* "AtoB" or "BtoA"; NULL: as trained */
    const char *network;      /* which of several generators in a file of another program */
    uint64_t seed;            /* where dropout's random numbers start */
    bool no_tuning;
} px_inference_options;
/* As the options of a run or a command say; the texts are lent. */
px_inference_options px_inference_options_of(const pixcl_options *options);

typedef struct px_inference px_inference;

/* Opens a file with a generator, on the device that the options name. */
px_inference *px_inference_open(const char *path, const px_inference_options *options, pixcl_error *err);
/* The generators of a run that is being trained, on its device. Each first picture of a size has the weights as they
 * are then. All is lent, and outlives the inference. */
typedef struct px_trained {
    const pixcl_options *options;
    const px_run_state *state;
    const px_session *session;
    px_cl_device *device;
} px_trained;
px_inference *px_inference_of_run(const px_trained *trained, const px_inference_options *options, pixcl_error *err);
void px_inference_close(px_inference **inference);

const pixcl_options *px_inference_trained(const px_inference *inference);
/* Where the run stood. */
const px_run_state *px_inference_state(const px_inference *inference);
/* The way from A to B or from B to A ("AtoB", "BtoA"; NULL or "": as trained). PIXCL_ERROR_ARGUMENT when the networks
 * do not go it. */
pixcl_status px_inference_way(const px_inference *inference, const char *direction, px_way *way, pixcl_error *err);
/* Channels in and out. */
int px_inference_input_nc(const px_inference *inference, px_way way);
int px_inference_output_nc(const px_inference *inference, px_way way);

/* Plans for this size and takes the device's memory, so that a picture that does not fit is refused before the host's
 * memory is taken for it. */
pixcl_status px_inference_prepare(px_inference *inference, px_way way, int height, int width, pixcl_error *err);

/* A picture of any size: `rows` gives its rows, as px_exec_write_rows() asks for them, with n 0. */
typedef struct px_picture {
    int height, width;
    px_exec_rows rows;
    void *context;
} px_picture;

/* planes[channels][height][width] as a picture; both are lent. */
typedef struct px_planes {
    const float *planes;
    int height, width;
} px_planes;
px_picture px_picture_of_planes(px_planes *planes);

/* out[output_nc][height][width] = G(in): sides that the network does not take are padded by reflection, and what it
 * makes is cut off again. A size not seen last costs a plan and loading the weights. */
pixcl_status px_inference_run(px_inference *inference, px_way way, const px_picture *in, float *out, pixcl_error *err);

/* The weights of the generator that goes this way, for programs that read and set them: see weight_values.h.
 * Setting one ends with px_inference_reload(). */
px_weight_values *px_inference_weights(px_inference *inference, px_way way, bool values, pixcl_error *err);
void px_inference_reload(px_inference *inference, px_way way);

#endif
