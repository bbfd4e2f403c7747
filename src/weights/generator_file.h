/* A file with a trained generator: a checkpoint of pixcl, or a network of another program; no device is needed. */
#ifndef PX_WEIGHTS_GENERATOR_FILE_H
#define PX_WEIGHTS_GENERATOR_FILE_H

#include "weights/checkpoint.h"
#include "weights/recognise.h"

/* Which way through the networks. Only a CycleGAN goes back: with G_B, where G_A (pix2pix: G) goes forth. */
typedef enum px_way { PX_FORTH, PX_BACK } px_way;

typedef struct px_generator_file {
    px_tensor_file *file;  /* NULL for the networks of a run that is being trained */
    px_recognised *other;  /* NULL for a checkpoint */
    pixcl_options trained; /* of another program's network: those that would have made it */
    px_run_state state;    /* where the run stood; zeros for another program's */
} px_generator_file;

/* Opens `path`, as pixcl_generator_open() takes it; `direction` and `network` as --direction and --network, or
 * NULL. */
pixcl_status px_generator_file_open(px_generator_file *generator, const char *path, const char *direction,
                                    const char *network, pixcl_error *err);
void px_generator_file_close(px_generator_file *generator);

/* The way from A to B or from B to A ("AtoB", "BtoA"; NULL or "": as trained). PIXCL_ERROR_ARGUMENT when the networks
 * do not go it. */
pixcl_status px_generator_file_way(const px_generator_file *generator, const char *direction, px_way *way,
                                   pixcl_error *err);
/* Channels in and out. */
int px_generator_input_nc(const px_generator_file *generator, px_way way);
int px_generator_output_nc(const px_generator_file *generator, px_way way);
/* What that generator is called: "G", "G_A" or "G_B". */
const char *px_generator_net(const px_generator_file *generator, px_way way);
/* The generator for one picture of that size as a program. NULL on failure. */
px_training *px_generator_program(const px_generator_file *generator, px_way way, px_test_mode mode, int height,
                                  int width, pixcl_error *err);

#endif
