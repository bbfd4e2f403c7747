/* A trained generator on a device: planes in, planes out. What `pixcl test`, `pixcl translate` and the library's
 * pixcl_generator share. */
#ifndef PX_INFERENCE_INFERENCE_H
#define PX_INFERENCE_INFERENCE_H

#include "pixcl/generator.h"
#include "weights/generator_file.h"

typedef struct px_inference px_inference;

/* Opens a file with a generator; its options come back in *trained (may be NULL). `device` is lent, or NULL: the one
 * that the options name is opened. */
px_inference *px_inference_open(const char *path, const pixcl_generator_options *options, px_cl_device *device,
                                pixcl_options *trained, pixcl_error *err);
void px_inference_close(px_inference **inference);

const pixcl_options *px_inference_options(const px_inference *inference);
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
/* out[output_nc][height][width] = G(in[input_nc][height][width]), at any size: sides that the network does not take are
 * padded by reflection, and what it makes is cut off again. A size not seen last costs a plan and loading the weights.
 */
pixcl_status px_inference_run(px_inference *inference, px_way way, const float *in, int height, int width, float *out,
                              pixcl_error *err);

#endif
