/* A trained generator: opened once, then any number of pictures translated.
 *
 * A generator is used by one thread at a time; two generators may work side by side. It owns the weights and the
 * device's memory. */
#ifndef PIXCL_GENERATOR_H
#define PIXCL_GENERATOR_H

#include <stdbool.h>

#include "pixcl/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Zero-initialise for the defaults. */
typedef struct pixcl_generator_options {
    const char *device; /* as --device; NULL: the best usable device */
    bool eval; /* false: the networks stay in training mode (statistics of the picture, dropout), as in the paper;
                            * true: running statistics, no dropout */
    const char *test_dropout; /* "on": dropout also with eval; "off": none, whatever the statistics; NULL or "auto": by
                               * eval */
    const char *direction;    /* "AtoB" or "BtoA"; NULL: as trained. Only a CycleGAN goes both ways */
    const char *network;      /* which of several generators in a file of another program, by its dictionary there
                               * ("netG_A2B"); NULL: the only one */
    int seed;                 /* 0: where dropout's random numbers start */
    bool reference_output;    /* false: colours are rounded; true: cut off, as the reference does */
    bool no_tuning;           /* false: what pixcl tune measured on the device is used; true: it is not */
} pixcl_generator_options;

typedef struct pixcl_generator pixcl_generator;

/* Opens a checkpoint of pixcl, or a generator in a .pth or .safetensors file of PyTorch: one of the reference or a fork
 * of it, which is recognised by its weights. A folder stands for its latest.safetensors, or for the reference's
 * latest_net_G.pth (latest_net_G_A.pth, and latest_net_G_B.pth with direction "BtoA"). Generators of other programs go
 * without dropout unless test_dropout is "on". `options` may be NULL. NULL on failure:
 * PIXCL_ERROR_IO, PIXCL_ERROR_FORMAT (no such network, or damaged), PIXCL_ERROR_ARGUMENT (options that the networks
 * cannot do), PIXCL_ERROR_NO_DEVICE, PIXCL_ERROR_MEMORY, PIXCL_ERROR_DEVICE. */
PIXCL_API pixcl_generator *pixcl_generator_open(const char *path, const pixcl_generator_options *options,
                                                pixcl_error *err);

/* Translates one picture of any size and hands the result, of the same size, to the caller (pixcl_image_destroy). The
 * input is turned to the channels the network takes; sides that do not fit it are padded by reflection and cut off
 * again. A colorization network gives the input's own lightness colours. A size not seen before costs a plan and reads
 * the checkpoint once more; the next pictures of that size do not. PIXCL_ERROR_IO when the checkpoint was written to in
 * place meanwhile, PIXCL_ERROR_ARGUMENT, PIXCL_ERROR_MEMORY, PIXCL_ERROR_DEVICE. On failure *output is NULL. */
PIXCL_API pixcl_status pixcl_generator_translate(pixcl_generator *generator, const pixcl_image *input,
                                                 pixcl_image **output, pixcl_error *err);

/* Frees everything and clears the pointer. *generator may be NULL. */
PIXCL_API void pixcl_generator_close(pixcl_generator **generator);

#ifdef __cplusplus
}
#endif
#endif
