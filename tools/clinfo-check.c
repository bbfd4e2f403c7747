/* clinfo-check: which OpenCL devices are here, which pixcl can use and why not, and what to do when there is none. */
#include <stdio.h>
#include <string.h>

#include "pixcl/device.h"
#include "show_devices.h"

static const char help[] =
    "usage: clinfo-check [--json] [--quick] [--device SPEC] [--verbose]\n"
    "\n"
    "Lists every OpenCL platform and device: whether pixcl can use it and why not, the limits that matter, measured\n"
    "speed, a self-test (a kernel of pixcl and CLBlast), which one is the default and what to pass to --device.\n"
    "The same as `pixcl devices`.\n"
    "\n"
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

static int wrong_usage(const char *what, const char *value)
{
    fprintf(stderr, "clinfo-check: %s%s; try clinfo-check --help\n", what, value);
    return 2;
}

int main(int argc, char **argv)
{
    pixcl_log_level least = PIXCL_LOG_WARNING;
    const char *spec = NULL;
    bool json = false, quick = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(help, stdout) == EOF;
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (strcmp(argv[i], "--quick") == 0)
            quick = true;
        else if (strcmp(argv[i], "--verbose") == 0)
            least = PIXCL_LOG_DEBUG;
        else if (strncmp(argv[i], "--device=", 9) == 0)
            spec = argv[i] + 9;
        else if (strcmp(argv[i], "--device") == 0 && i + 1 < argc)
            spec = argv[++i];
        else if (strcmp(argv[i], "--device") == 0)
            return wrong_usage("--device needs a value: an index, gpu, cpu, accelerator, or a part of a name", "");
        else
            return wrong_usage("unknown argument ", argv[i]);
    }
    pixcl_log_set(print_log, NULL, least);
    return show_devices("clinfo-check", spec, json, !quick);
}
