/* clinfo-check: as pixcl devices, which OpenCL devices are here, which pixcl can use and why not, and what to do when
 * there is none; with --step also how long a training step takes on each. */
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/bench.h"
#include "show_devices.h"

/* The program's own options. */
static struct {
    char step[PIXCL_OPTION_CHOICE_SIZE];
    int crop_size;
    bool json, quick;
} own;

static void print_steps(FILE *out, const pixcl_options *options, const pixcl_bench_device *devices, size_t count)
{
    const int size = (int)pixcl_options_number(options, "crop_size");
    fprintf(out, "A training step of %s at %dx%d:\n", own.step, size, size);
    for (size_t i = 0; i < count; i++) {
        if (devices[i].seconds > 0)
            fprintf(out, "  [%d] %.3g s   %s\n", devices[i].index, devices[i].seconds, devices[i].name);
        else
            fprintf(out, "  [%d] not timed   %s: %s\n", devices[i].index, devices[i].name, devices[i].failure);
    }
    fprintf(out, count ? "\n" : "  there is no device\n\n");
    fflush(out);
}

/* Times the steps and says what came of them, on standard error where standard output is JSON. */
static pixcl_status time_steps(pixcl_context *context, pixcl_error *err)
{
    enum { MOST = 64 };
    static pixcl_bench_device devices[MOST];
    size_t count = 0;
    char size[16];
    pixcl_options *options = pixcl_options_create(PIXCL_FOR_BENCH, err);

    snprintf(size, sizeof size, "%d", own.crop_size);
    pixcl_status status = options ? pixcl_options_set(options, "model", own.step, err) : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK && own.crop_size)
        status = pixcl_options_set(options, "crop_size", size, err);
    if (status == PIXCL_OK)
        status = pixcl_bench_devices(context, options, 0, devices, MOST, &count, err);
    if (status == PIXCL_OK)
        print_steps(own.json ? stderr : stdout, options, devices, count);
    pixcl_options_destroy(&options);
    return status;
}

static int run(cli_args *args)
{
    const char *device = pixcl_options_text(args->options, "device");
    if (!*own.step && own.crop_size)
        return cli_misuse(args, "--crop_size is for --step.");
    if (*own.step && time_steps(args->context, &args->err) != PIXCL_OK)
        return cli_fail(args);
    return show_devices(args->context, "clinfo-check", *device ? device : NULL, own.json, !own.quick);
}

static const cli_extra extras[] = {
    {.info = {.name = "step",
              .kind = PIXCL_KIND_CHOICE,
              .choices = "pix2pix,cycle_gan,colorization",
              .help = "first time a training step of this model, with its default options, on every usable device; a "
                      "minute or more a device where kernels have to be compiled. The times are kept, and where two "
                      "devices have one the fastest is the default from then on"},
     .value = own.step},
    {.info = {.name = "crop_size",
              .kind = PIXCL_KIND_INT,
              .highest = 1 << 16,
              .help = "pixels of a side of the pictures of --step; 0: 256"},
     .value = &own.crop_size},
    {.info = {.name = "json", .kind = PIXCL_KIND_FLAG, .help = "print one JSON object instead of text"},
     .value = &own.json},
    {.info = {.name = "quick", .kind = PIXCL_KIND_FLAG, .help = "only list: measure no speed, run no self-test"},
     .value = &own.quick},
};

const cli_command cmd_clinfo_check = {
    .name = "clinfo-check",
    .alone = true,
    .summary = "list the OpenCL devices, and which of them pixcl can use",
    .arguments = "",
    .about = "Lists every OpenCL platform and device: whether pixcl can use it and why not, the limits that matter, "
             "measured speed, a self-test (a kernel of pixcl and CLBlast), which one is the default and what to pass "
             "to --device. The same as pixcl devices, but for --step.\n\n"
             "Exit code: 0 there is a usable device; 1 the chosen device fails its self-test, or the drivers cannot "
             "be listed; 2 wrong usage, or no device is called so; 3 no usable device.",
    .options = PIXCL_FOR_CHECK,
    .extras = extras,
    .extra_count = sizeof extras / sizeof *extras,
    .run = run,
};
