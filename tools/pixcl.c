/* The command: picks the subcommand. */
#include <stdio.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "cli.h"
#include "commands.h"
#include "pixcl/device.h"
#include "terminal.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} COMMANDS[] = {
    {"train", cmd_train, "train pix2pix, CycleGAN or colorization on a folder of pictures"},
    {"test", cmd_test, "translate and measure the held-out pictures of a run"},
    {"translate", cmd_translate, "translate a picture or a folder with a checkpoint"},
    {"show", cmd_show, "show what a checkpoint or another file of weights holds"},
    {"convert", cmd_convert, "make PyTorch's .pth or .safetensors files of a checkpoint"},
    {"plan", cmd_plan, "show the graph, the kernel launches and the memory of a training step"},
    {"bench", cmd_bench, "time training steps, as a whole and kernel by kernel"},
    {"tune", cmd_tune, "find the fastest way of doing a model's convolutions on a device"},
    {"check", cmd_check, "run every operation on a device and compare with plain C"},
    {"devices", cmd_devices, "list the OpenCL devices, their speed, and what to pass to --device"},
    {"synth", cmd_synth, "draw a small set of pictures to try all this with"},
};
enum { COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS };

static void print_help(void)
{
    printf("pixcl " PIXCL_VERSION " - pix2pix and CycleGAN on any OpenCL device\n\n"
           "Usage: pixcl COMMAND [--option value]...\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    printf("\npixcl COMMAND --help lists a command's options. Options keep the names of the PyTorch reference\n"
           "(pytorch-CycleGAN-and-pix2pix). Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no usable device.\n");
}

static int unknown_command(const char *name)
{
    const char *names[COMMAND_COUNT];
    for (int i = 0; i < COMMAND_COUNT; i++)
        names[i] = COMMANDS[i].name;
    const char *nearest = pixcl_nearest_name(name, names, COMMAND_COUNT);
    fprintf(stderr, "pixcl: Unknown command \"%.80s\"%s%s%s\nTry: pixcl --help\n", name,
            nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : ".");
    return CLI_USAGE;
}

/* PoCL keeps a block of 2 MB for every program and fills a fiftieth of it. The C library would place such blocks on
 * what the compiler has just left behind, and so keep those pages in use for good. As a mapping of its own, a block
 * takes what is filled. */
static void map_large_blocks(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
#endif
}

static int run(int argc, char **argv)
{
    pixcl_log_set(terminal_log, NULL, PIXCL_LOG_INFO);
    if (argc < 2) {
        print_help();
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help();
        return CLI_DONE;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        printf("pixcl " PIXCL_VERSION "\n");
        return CLI_DONE;
    }
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, COMMANDS[i].name) == 0)
            return COMMANDS[i].run(argc - 2, argv + 2);
    }
    return unknown_command(name);
}

int main(int argc, char **argv)
{
    int code;
    if (pixcl_helper_main(argc, argv, &code))
        return code;
    map_large_blocks();
    terminal_begin();
    return terminal_end("pixcl", run(argc, argv));
}
