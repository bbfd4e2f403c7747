/* What a network is, as told by its weights. */
#ifndef PX_WEIGHTS_GUESS_H
#define PX_WEIGHTS_GUESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct px_guess {
    char network[32];            /* as --netG or --netD names it: "unet_256", "resnet_9blocks", "n_layers", "pixel" */
    bool generator;              /* else a discriminator */
    int layers;                  /* n_layers_D, with "n_layers" */
    int64_t input_nc, output_nc; /* channels; output_nc 1 for a discriminator */
    int64_t filters;             /* ngf or ndf */
    const char *norm;            /* as --norm */
    bool dropout;                /* only a ResNet's keys tell */
    bool resize;                 /* of a generator: upsample resize instead of conv_t */
} px_guess;

/* "unet_256, 3 to 3 channels, ngf 64, batch norm" into text; returns it. */
enum { PX_GUESS_TEXT = 160 };
const char *px_guess_text(const px_guess *guess, char text[PX_GUESS_TEXT]);

#endif
