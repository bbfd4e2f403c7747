/* A trained generator: opened once, then any number of pictures translated.
 *
 * A generator is used by one thread at a time; two generators may work side by side, of one context or of two. It holds
 * the weights and the device's memory. */
#ifndef PIXCL_GENERATOR_H
#define PIXCL_GENERATOR_H

#include "pixcl/context.h"
#include "pixcl/image.h"
#include "pixcl/options.h"
#include "pixcl/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pixcl_generator pixcl_generator;

/* Opens a checkpoint of pixcl, or a generator in a .pth or .safetensors file of PyTorch: one of the reference or a fork
 * of it, which is recognised by its weights. A folder stands for its latest.safetensors, or for the reference's
 * latest_net_G.pth (latest_net_G_A.pth, and latest_net_G_B.pth with direction "BtoA"). Generators of other programs go
 * without dropout unless test_dropout is "on".
 *
 * `options` are those of PIXCL_FOR_TRANSLATE, NULL for the defaults; they are not kept. `path` NULL: that of the option
 * checkpoint. NULL on failure: PIXCL_ERROR_IO, PIXCL_ERROR_FORMAT (no such network, or damaged), PIXCL_ERROR_ARGUMENT
 * (options that the networks cannot do), PIXCL_ERROR_NO_DEVICE, PIXCL_ERROR_MEMORY, PIXCL_ERROR_DEVICE. */
PIXCL_API pixcl_generator *pixcl_generator_open(pixcl_context *context, const char *path, const pixcl_options *options,
                                                pixcl_error *err);

/* Frees everything and clears the pointer. *generator may be NULL. */
PIXCL_API void pixcl_generator_close(pixcl_generator **generator);

/* Channels of what it takes and of what it makes. A colorization network takes the lightness and makes the colours of
 * L*a*b*, 1 and 2 channels, which pixcl_generator_translate() turns from and to pictures. */
PIXCL_API int pixcl_generator_input_nc(const pixcl_generator *generator);
PIXCL_API int pixcl_generator_output_nc(const pixcl_generator *generator);

/* Translates one picture of any size and hands the result, of the same size, to the caller (pixcl_image_destroy). The
 * input is turned to the channels the network takes; sides that do not fit it are padded by reflection and cut off
 * again. A colorization network gives the input's own lightness colours. A size not seen before costs a plan and reads
 * the checkpoint once more; the next pictures of that size do not. PIXCL_ERROR_IO when the checkpoint was written to in
 * place meanwhile, PIXCL_ERROR_ARGUMENT, PIXCL_ERROR_MEMORY, PIXCL_ERROR_DEVICE. On failure *output is NULL. */
PIXCL_API pixcl_status pixcl_generator_translate(pixcl_generator *generator, const pixcl_image *input,
                                                 pixcl_image **output, pixcl_error *err);

/* The same for a batch in the caller's memory: output[i] = G(input[i]), each picture by itself, as the reference tests.
 * `input` has the generator's input_nc channels, `output` its output_nc, and the same number and sides otherwise; their
 * types and strides are independent. Colours of PIXCL_UINT8 are rounded (cut off with the option reference_output). */
PIXCL_API pixcl_status pixcl_generator_run(pixcl_generator *generator, const pixcl_tensor *input,
                                           const pixcl_tensor *output, pixcl_error *err);

/* Its weights and running statistics, in the order of the reference's state_dict; num_batches_tracked, which changes no
 * picture, is not among them. */
PIXCL_API size_t pixcl_generator_weight_count(const pixcl_generator *generator);
/* Weight 0 <= index < count. */
PIXCL_API pixcl_status pixcl_generator_weight_at(const pixcl_generator *generator, size_t index, pixcl_weight *weight,
                                                 pixcl_error *err);
/* Copies `count` floats, which must be all of the weight's, row-major. Setting changes the generator, not the file.
 * PIXCL_ERROR_ARGUMENT when there is no such name or count. */
PIXCL_API pixcl_status pixcl_generator_weight_get(pixcl_generator *generator, const char *name, float *values,
                                                  size_t count, pixcl_error *err);
PIXCL_API pixcl_status pixcl_generator_weight_set(pixcl_generator *generator, const char *name, const float *values,
                                                  size_t count, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
