/* What the tests of the public interface share: a set of pictures and a run, made once in a folder of their own. */
#ifndef API_FIXTURE_H
#define API_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "pixcl/context.h"
#include "pixcl/generator.h"
#include "pixcl/synth.h"
#include "pixcl/trainer.h"

enum { SIDE = 64, PICTURES = 4 };

/* Fails the test with the library's message unless the call succeeded. */
#define OK(call)                                                                                                       \
    do {                                                                                                               \
        if ((call) != PIXCL_OK)                                                                                        \
            fail_msg("%s: %s", #call, err.message);                                                                    \
    } while (0)
#define MADE(pointer)                                                                                                  \
    do {                                                                                                               \
        if (!(pointer))                                                                                                \
            fail_msg("%s: %s", #pointer, err.message);                                                                 \
    } while (0)

/* Options of a small run, whose kernels are those of most tests here; the list of names and texts ends with NULL. */
static inline pixcl_options *small_options(pixcl_option_command command, ...)
{
    static const char *const small[] = {"netG", "unet_64", "ngf",        "4", "ndf",  "4",
                                        "name", "run",     "n_layers_D", "1", "netD", "n_layers"};
    static const char *const training[] = {"dataroot", "set",     "crop_size",      "64",         "load_size",
                                           "64",       "no_flip", "true",           "print_freq", "1",
                                           "n_epochs", "1",       "n_epochs_decay", "0"};
    pixcl_error err = {0};
    pixcl_options *options = pixcl_options_create(command, &err);
    MADE(options);
    for (size_t i = 0; command == PIXCL_FOR_TRAIN && i < sizeof small / sizeof *small; i += 2)
        OK(pixcl_options_set(options, small[i], small[i + 1], &err));
    for (size_t i = 0; command == PIXCL_FOR_TRAIN && i < sizeof training / sizeof *training; i += 2)
        OK(pixcl_options_set(options, training[i], training[i + 1], &err));
    va_list more;
    va_start(more, command);
    for (const char *name; (name = va_arg(more, const char *));)
        OK(pixcl_options_set(options, name, va_arg(more, const char *), &err));
    va_end(more);
    return options;
}

/* Trains the run "run" for an epoch, in a new folder that becomes the current one. */
static inline int make_run(void **state)
{
    char folder[] = "api_XXXXXX";
    pixcl_error err = {0};
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    const pixcl_synth_options synth = {
        .folder = "set", .size = SIDE, .train = PICTURES, .val = -1, .test = PICTURES, .seed = 3};
    pixcl_options *options = small_options(PIXCL_FOR_TRAIN, NULL);
    pixcl_trainer *trainer = NULL;
    const bool made = pixcl_synth(NULL, &synth, &err) == PIXCL_OK &&
                      (trainer = pixcl_trainer_create(NULL, options, NULL, NULL, &err)) &&
                      pixcl_trainer_run(trainer, &err) == PIXCL_OK;
    if (!made)
        fprintf(stderr, "%s\n", err.message);
    pixcl_trainer_destroy(&trainer);
    pixcl_options_destroy(&options);
    return made ? 0 : -1;
}

/* A generator of that run, without dropout. */
static inline pixcl_generator *open_run(pixcl_context *context)
{
    pixcl_error err = {0};
    pixcl_options *options = small_options(PIXCL_FOR_TRANSLATE, "test_dropout", "off", NULL);
    pixcl_generator *generator = pixcl_generator_open(context, "checkpoints/run", options, &err);
    MADE(generator);
    pixcl_options_destroy(&options);
    return generator;
}

/* The left half of picture `number` of the set, as its A. */
static inline pixcl_image *load_half(const char *phase, int number, int half)
{
    char path[64];
    pixcl_error err = {0};
    snprintf(path, sizeof path, "set/%s/%03d.jpg", phase, number);
    pixcl_image *pair = pixcl_image_load(path, &err);
    MADE(pair);
    pixcl_image *image = pixcl_image_create(SIDE, SIDE, 3, &err);
    MADE(image);
    for (int y = 0; y < SIDE; y++)
        memcpy(image->pixels + (size_t)y * SIDE * 3, pair->pixels + ((size_t)y * 2 * SIDE + (size_t)half * SIDE) * 3,
               SIDE * 3);
    pixcl_image_destroy(&pair);
    return image;
}

#endif
