/* A trained generator on a device: planes in, planes out. What `pixcl test`, `pixcl translate` and the library's
 * pixcl_generator share. */
#ifndef PX_TRAIN_INFERENCE_H
#define PX_TRAIN_INFERENCE_H

#include "pixcl/generator.h"
#include "train/checkpoint.h"

typedef struct px_inference px_inference;

/* Opens a checkpoint; its options come back in *trained (may be NULL). */
px_inference *px_inference_open(const char *path, const pixcl_generator_options *options, pixcl_options *trained,
                                pixcl_error *err);
void px_inference_close(px_inference **inference);

const pixcl_options *px_inference_options(const px_inference *inference);
/* The smallest side not below `side` that the network takes. */
int px_inference_side(const px_inference *inference, int side);

/* out[output_nc][height][width] = G(in[input_nc][height][width]). A size not seen last costs a plan and loading the
 * weights. */
pixcl_status px_inference_run(px_inference *inference, const float *in, int height, int width, float *out,
                              pixcl_error *err);

#endif
