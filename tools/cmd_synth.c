/* pixcl synth: a small set of pictures, drawn by the program. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/synth.h"

/* The command's own options. */
static struct {
    char kind[PIXCL_OPTION_CHOICE_SIZE];
    int size, train, val, test, seed, quality;
} own = {.kind = "facades", .size = 256, .train = 100, .val = 10, .test = 10, .quality = 95};

/* The library takes 0 as "the default"; a person who asks for 0 pictures means none. */
static int count_or_none(int count)
{
    return count > 0 ? count : -1;
}

static int run(cli_args *args)
{
    const pixcl_synth_options options = {.folder = args->words[0],
                                         .kind = own.kind,
                                         .size = own.size,
                                         .train = count_or_none(own.train),
                                         .val = count_or_none(own.val),
                                         .test = count_or_none(own.test),
                                         .seed = (uint64_t)own.seed,
                                         .quality = own.quality};
    if (pixcl_synth(args->context, &options, &args->err) != PIXCL_OK)
        return cli_fail(args);
    printf("%s: %d pictures for training, %d for validation, %d for the test\n", options.folder, own.train, own.val,
           own.test);
    if (strcmp(own.kind, "facades") == 0)
        printf("Next: pixcl train --dataroot %s --name facades --direction AtoB\n", options.folder);
    return CLI_DONE;
}

static const cli_extra extras[] = {
    {.info = {.name = "kind",
              .kind = PIXCL_KIND_CHOICE,
              .choices = "facades,unpaired",
              .help = "facades: pairs of a label map and a facade, for pix2pix; unpaired: two folders, for CycleGAN"},
     .value = own.kind},
    {.info = {.name = "size", .kind = PIXCL_KIND_INT, .lowest = 16, .highest = 4096, .help = "pixels of a side"},
     .value = &own.size},
    {.info = {.name = "train", .kind = PIXCL_KIND_INT, .highest = 100000, .help = "pictures for training"},
     .value = &own.train},
    {.info = {.name = "val", .kind = PIXCL_KIND_INT, .highest = 100000, .help = "pictures for validation"},
     .value = &own.val},
    {.info = {.name = "test", .kind = PIXCL_KIND_INT, .highest = 100000, .help = "pictures for the test"},
     .value = &own.test},
    {.info = {.name = "seed",
              .kind = PIXCL_KIND_INT,
              .highest = 2147483647,
              .help = "where the random numbers start: same seed, same pictures"},
     .value = &own.seed},
    {.info = {.name = "quality", .kind = PIXCL_KIND_INT, .lowest = 1, .highest = 100, .help = "of the JPEG files"},
     .value = &own.quality},
};

const cli_command cmd_synth = {
    .name = "synth",
    .summary = "draw a small set of pictures to try all this with",
    .arguments = "FOLDER",
    .about = "Draws a set of pictures with a known truth into FOLDER, to try pixcl without data: label maps and the "
             "facades that belong to them, side by side in one file, in FOLDER/train, FOLDER/val and FOLDER/test.",
    .extras = extras,
    .extra_count = sizeof extras / sizeof *extras,
    .fewest = 1,
    .most = 1,
    .run = run,
};
