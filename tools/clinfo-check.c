/* clinfo-check: which OpenCL devices are here, which pixcl can use and why not, and what to do when there is none. */
#include <stdio.h>
#include <string.h>

#include "pixcl/bench.h"
#include "pixcl/device.h"
#include "show_devices.h"
#include "terminal.h"

static const char help[] =
    "usage: clinfo-check [--step MODEL [--crop_size N]] [--json] [--quick] [--device SPEC] [--verbose]\n"
    "\n"
    "Lists every OpenCL platform and device: whether pixcl can use it and why not, the limits that matter, measured\n"
    "speed, a self-test (a kernel of pixcl and CLBlast), which one is the default and what to pass to --device.\n"
    "The same as `pixcl devices`, but for --step.\n"
    "\n"
    "  --step MODEL   pix2pix, cycle_gan or colorization: first time a training step of it on every usable device, "
    "with\n"
    "                 the model's default options; a minute or more a device where kernels have to be compiled. The "
    "times\n"
    "                 are kept, and where two devices have one the fastest is the default from then on\n"
    "  --crop_size N  pictures of NxN for --step (default: 256)\n"
    "  --device SPEC  an index, gpu, cpu, accelerator, or a part of a name: show what it would choose\n"
    "                 (default: $PIXCL_DEVICE, else the best usable device)\n"
    "  --json         print one JSON object\n"
    "  --quick        only list: no measurement, no self-test\n"
    "  --verbose      print what drivers and kernel builds have to say\n"
    "  --help         print this\n"
    "\n"
    "Exit code: 0 there is a usable device; 1 the chosen device fails its self-test, or the drivers cannot be listed;\n"
    "2 wrong usage, or no device is called SPEC; 3 no usable device.\n";

static void print_log(void *user, pixcl_log_level level, const char *message)
{
    (void)user;
    fprintf(stderr, "clinfo-check: %s%s\n", level == PIXCL_LOG_WARNING ? "warning: " : "", message);
}

/* The value of `--name value` or `--name=value` at argv[*i], NULL when it is something else or has no value. */
static const char *value_of(const char *name, int argc, char **argv, int *i)
{
    size_t length = strlen(name);

    if (strncmp(argv[*i], name, length) != 0)
        return NULL;
    if (argv[*i][length] == '=')
        return argv[*i] + length + 1;
    return argv[*i][length] == '\0' && *i + 1 < argc ? argv[++*i] : NULL;
}

static int wrong_usage(const char *what, const char *value)
{
    fprintf(stderr, "clinfo-check: %s%s; try clinfo-check --help\n", what, value);
    return 2;
}

/* What the arguments ask for. */
typedef struct request {
    const char *spec;
    bool json, quick, step;
    pixcl_log_level least;  /* message that is printed */
    pixcl_options *options; /* of the step */
} request;

/* Times the steps and says what came of them, on standard error where standard output is JSON. An exit code, or -1 to
 * go on. */
static int time_steps(pixcl_context *context, const request *asked)
{
    enum { MOST = 64 };
    static pixcl_bench_device devices[MOST];
    const int size = (int)pixcl_options_number(asked->options, "crop_size");
    FILE *out = asked->json ? stderr : stdout;
    pixcl_error err = {0};
    size_t count = 0;

    if (pixcl_bench_devices(context, asked->options, 0, devices, MOST, &count, &err) != PIXCL_OK) {
        fprintf(stderr, "clinfo-check: %s\n", err.message);
        return err.status == PIXCL_ERROR_ARGUMENT ? 2 : 1;
    }
    fprintf(out, "A training step of %s at %dx%d:\n", pixcl_options_text(asked->options, "model"), size, size);
    for (size_t i = 0; i < count; i++) {
        if (devices[i].seconds > 0)
            fprintf(out, "  [%d] %.3g s   %s\n", devices[i].index, devices[i].seconds, devices[i].name);
        else
            fprintf(out, "  [%d] not timed   %s: %s\n", devices[i].index, devices[i].name, devices[i].failure);
    }
    fprintf(out, count ? "\n" : "  there is no device\n\n");
    fflush(out);
    return -1;
}

/* An exit code, or -1 to go on. */
static int parse(int argc, char **argv, request *asked)
{
    const char *value;
    pixcl_error err = {0};

    for (int i = 1; i < argc; i++) {
        const char *argument = argv[i];

        if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)
            return fputs(help, stdout) == EOF;
        if (strcmp(argument, "--json") == 0) {
            asked->json = true;
        } else if (strcmp(argument, "--quick") == 0) {
            asked->quick = true;
        } else if (strcmp(argument, "--verbose") == 0) {
            asked->least = PIXCL_LOG_DEBUG;
        } else if ((value = value_of("--device", argc, argv, &i))) {
            asked->spec = value;
        } else if ((value = value_of("--step", argc, argv, &i))) {
            asked->step = true;
            if (pixcl_options_set(asked->options, "model", value, &err) != PIXCL_OK)
                return wrong_usage("--step: ", err.message);
        } else if ((value = value_of("--crop_size", argc, argv, &i))) {
            if (pixcl_options_set(asked->options, "crop_size", value, &err) != PIXCL_OK)
                return wrong_usage(err.message, "");
        } else if (strcmp(argument, "--device") == 0) {
            return wrong_usage("--device needs a value: an index, gpu, cpu, accelerator, or a part of a name", "");
        } else if (strcmp(argument, "--step") == 0) {
            return wrong_usage("--step needs a value: pix2pix, cycle_gan or colorization", "");
        } else {
            return wrong_usage("unknown argument ", argument);
        }
    }
    if (!asked->step && pixcl_options_given(asked->options, "crop_size"))
        return wrong_usage("--crop_size is for --step", "");
    return -1;
}

static int check(pixcl_context *context, const request *asked)
{
    int code = -1;

    pixcl_context_set_log(context, print_log, NULL, asked->least);
    if (asked->step)
        code = time_steps(context, asked);
    return code >= 0 ? code : show_devices(context, "clinfo-check", asked->spec, asked->json, !asked->quick);
}

static int run(int argc, char **argv)
{
    request asked = {.least = PIXCL_LOG_WARNING};
    pixcl_error err = {0};
    pixcl_context *context = pixcl_context_create(NULL, &err);
    int code = 1;

    asked.options = context ? pixcl_options_create(PIXCL_FOR_BENCH, &err) : NULL;
    if (asked.options)
        code = parse(argc, argv, &asked);
    else
        fprintf(stderr, "clinfo-check: %s\n", err.message);
    if (code < 0)
        code = check(context, &asked);
    pixcl_options_destroy(&asked.options);
    pixcl_context_destroy(&context);
    return code;
}

int main(int argc, char **argv)
{
    int code;
    if (pixcl_helper_main(argc, argv, &code))
        return code;
    terminal_begin();
    return terminal_end("clinfo-check", run(argc, argv));
}
