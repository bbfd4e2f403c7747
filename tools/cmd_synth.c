/* pixcl synth: a small set of pictures, drawn by the program. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/synth.h"

/* The library takes 0 as "the default"; a person who asks for 0 pictures means none. */
static int count_or_none(int count)
{
    return count > 0 ? count : -1;
}

int cmd_synth(int argc, char **argv)
{
    char kind[PIXCL_OPTION_CHOICE_SIZE] = "facades";
    int size = 256, train = 100, val = 10, test = 10, seed = 0, quality = 95;
    const cli_extra extras[] = {
        {{.name = "kind",
          .kind = PIXCL_KIND_CHOICE,
          .choices = "facades,unpaired",
          .help = "facades: pairs of a label map and a facade, for pix2pix; unpaired: two folders, for CycleGAN"},
         0,
         kind},
        {{.name = "size", .kind = PIXCL_KIND_INT, .lowest = 16, .highest = 4096, .help = "pixels of a side"}, 0, &size},
        {{.name = "train", .kind = PIXCL_KIND_INT, .highest = 100000, .help = "pictures for training"}, 0, &train},
        {{.name = "val", .kind = PIXCL_KIND_INT, .highest = 100000, .help = "pictures for validation"}, 0, &val},
        {{.name = "test", .kind = PIXCL_KIND_INT, .highest = 100000, .help = "pictures for the test"}, 0, &test},
        {{.name = "seed",
          .kind = PIXCL_KIND_INT,
          .highest = 2147483647,
          .help = "where the random numbers start: same seed, same pictures"},
         0,
         &seed},
        {{.name = "quality", .kind = PIXCL_KIND_INT, .lowest = 1, .highest = 100, .help = "of the JPEG files"},
         0,
         &quality},
    };
    const cli_command command = {
        .name = "synth",
        .arguments = "FOLDER",
        .about =
            "Draws a set of pictures with a known truth into FOLDER, to try pixcl without data: label maps and the "
            "facades that belong to them, side by side in one file, in FOLDER/train, FOLDER/val and FOLDER/test.",
        .extras = extras,
        .extra_count = sizeof extras / sizeof *extras,
        .fewest = 1,
        .most = 1,
    };
    cli_args args;
    int code = cli_parse(&command, argc, argv, &args);
    if (code >= 0)
        return code;
    pixcl_error err = {0};
    const pixcl_synth_options options = {.folder = args.words[0],
                                         .kind = kind,
                                         .size = size,
                                         .train = count_or_none(train),
                                         .val = count_or_none(val),
                                         .test = count_or_none(test),
                                         .seed = (uint64_t)seed,
                                         .quality = quality};
    if (pixcl_synth(&options, &err) != PIXCL_OK)
        return cli_fail("synth", &err);
    printf("%s: %d pictures for training, %d for validation, %d for the test\n", args.words[0], train, val, test);
    if (strcmp(kind, "facades") == 0)
        printf("Next: pixcl train --dataroot %s --name facades --direction AtoB\n", args.words[0]);
    return CLI_DONE;
}
