/* Failures of GAN training that leave every loss a number: looked for in what each logged step shows, one generator and
 * the discriminator that judges it at a time. No device; plain series in, sentences out.
 *
 * Collapse: the same picture whatever the input. Over the last PX_WATCH_WINDOW logged steps the outputs differ among
 * each other (deviation of a thumbnail's values, root of the mean square) by less than PX_WATCH_SAME of what the real
 * pictures do. Seen at 64 pixels, in windows of 16: pix2pix and CycleGAN as they should be 0.12 to 1.1, also from the
 * first step on and without skips; colorization 0.34 to 0.8, without skips 0.09, with a twentieth of the learning rate
 * 0.05; without norm and with a tenth of the learning rate 0.014 in the first 80 steps, hence PX_WATCH_FIRST_STEP;
 * CycleGAN with --lr 0.03 and 0.05, saturated, 0.000. A generator that always makes one picture, but another one every
 * time, is not seen.
 *
 * The discriminator has won: its losses, in the mean over the window, are below a limit, and the generator's GAN loss
 * is not falling. The limit is 0.02 with vanilla and 0.01 with lsgan; a critic (wgangp) has no scale. Seen: U-Nets as
 * they should be 0.28 to 0.54 with vanilla, 0.087 to 0.19 with lsgan; generators of 1 to 4 channels against 32 0.003 to
 * 0.005 and 0.007; an encoder-decoder of 16 against 16, where L1 alone still trains, 0.013. */
#ifndef PX_RUN_WATCH_H
#define PX_RUN_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
    PX_WATCH_WINDOW = 20, /* logged steps */
    PX_WATCH_FIRST_STEP = 200,
    PX_WATCH_SIDE = 16,
    PX_WATCH_MOST_CHANNELS = 3,
    PX_WATCH_VALUES = PX_WATCH_MOST_CHANNELS * PX_WATCH_SIDE * PX_WATCH_SIDE
};
#define PX_WATCH_SAME 0.02

/* Means of the areas of a 16 x 16 grid over each of the first three channels of planes[channels][height][width], -1 to
 * 1; values of channels that are not there are 0. Sides below 16 repeat pixels. */
void px_watch_thumbnail(const float *planes, int channels, int height, int width, float thumbnail[PX_WATCH_VALUES]);

/* What there is to see at one logged step. */
typedef struct px_watch_step {
    long long step;
    double lr;
    const float *output, *real; /* thumbnails of what the generator made and of a picture as it should look like */
    bool judged;                /* there is a GAN loss */
    double loss_D, loss_G;      /* the discriminator's, mean of real and fake, and the generator's GAN loss */
} px_watch_step;

typedef struct px_watch px_watch;

/* `output` and `real` are what the pictures are called in warnings ("fake_B", "real_B"), `gan_mode` is the option's
 * value. All are copied. NULL on failure. */
px_watch *px_watch_create(const char *output, const char *real, const char *gan_mode, pixcl_error *err);
void px_watch_destroy(px_watch **watch);

/* Takes a step in, and writes what is wrong to `warning`, with figures, steps and cures; "" when nothing is. One
 * failure at a time; one that stays is said once, and again when it comes back. */
void px_watch_add(px_watch *watch, const px_watch_step *step, char *warning, size_t size);

#endif
