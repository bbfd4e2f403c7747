/* Trains pix2pix by step on pictures that this program makes itself: example FOLDER STEPS
 *
 * A is coloured tiles and B is its negative, which a network learns in some hundred steps, without a discriminator. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <pixcl/device.h>
#include <pixcl/trainer.h>

enum { SIDE = 32, CHANNELS = 3, VALUES = SIDE * SIDE * CHANNELS };

static int fail(const pixcl_error *err)
{
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

/* A picture as cameras have it: rows of red, green and blue; tiles of 8 x 8 pixels. */
static void draw(unsigned char *a, unsigned char *b, unsigned *state)
{
    for (int y = 0; y < SIDE; y++)
        for (int i = 0; i < SIDE * CHANNELS; i++) {
            const int at = y * SIDE * CHANNELS + i, above = at - SIDE * CHANNELS, left = at - CHANNELS;
            const bool of_tile_above = y % 8 != 0, of_tile_left = i / CHANNELS % 8 != 0;
            if (!of_tile_above && !of_tile_left)
                *state = *state * 1664525u + 1013904223u;
            a[at] = of_tile_above ? a[above] : of_tile_left ? a[left] : (unsigned char)(*state >> 24);
            b[at] = (unsigned char)(255 - a[at]);
        }
}

int main(int argc, char **argv)
{
    static const char *const settings[][2] = {{"name", "negative"}, {"netG", "unet_32"},   {"ngf", "16"},
                                              {"norm", "instance"}, {"gan_mode", "none"},  {"lr", "0.001"},
                                              {"crop_size", "32"},  {"no_dropout", "true"}};
    int code;
    if (pixcl_helper_main(argc, argv, &code))
        return code;
    if (argc != 3) {
        fprintf(stderr, "usage: %s FOLDER STEPS\n", argv[0]);
        return 2;
    }

    pixcl_error err = {0};
    pixcl_options *options = pixcl_options_create(PIXCL_FOR_TRAIN, &err);
    if (!options || pixcl_options_set(options, "checkpoints_dir", argv[1], &err) != PIXCL_OK)
        return fail(&err);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (pixcl_options_set(options, settings[i][0], settings[i][1], &err) != PIXCL_OK)
            return fail(&err);
    pixcl_trainer *trainer = pixcl_trainer_create(NULL, options, NULL, NULL, &err);
    pixcl_options_destroy(&options);
    if (!trainer)
        return fail(&err);

    unsigned char a[VALUES], b[VALUES];
    const pixcl_tensor input = pixcl_tensor_nhwc(a, PIXCL_UINT8, 1, SIDE, SIDE, CHANNELS);
    const pixcl_tensor target = pixcl_tensor_nhwc(b, PIXCL_UINT8, 1, SIDE, SIDE, CHANNELS);
    const int steps = atoi(argv[2]);
    unsigned state = 1;
    for (int step = 1; step <= steps && err.status == PIXCL_OK; step++) {
        pixcl_progress now;
        draw(a, b, &state);
        if (pixcl_trainer_feed(trainer, &input, &target, &err) != PIXCL_OK || step % 20 != 0)
            continue;
        if (pixcl_trainer_losses(trainer, &now, &err) != PIXCL_OK)
            break;
        printf("step %lld", now.step);
        for (int i = 0; i < now.loss_count; i++)
            printf("  %s %.3f", now.loss_names[i], (double)now.losses[i]);
        printf("\n");
    }
    if (err.status == PIXCL_OK)
        pixcl_trainer_save(trainer, &err); /* FOLDER/negative/latest.safetensors */
    pixcl_trainer_destroy(&trainer);
    return err.status == PIXCL_OK ? 0 : fail(&err);
}
