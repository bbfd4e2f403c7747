/* pixcl devices: what is there, what is usable and why not, and what to pass to --device. */
#include <stddef.h>

#include "cli.h"
#include "commands.h"
#include "show_devices.h"

/* The command's own options. */
static struct {
    bool json, quick;
} own;

static int run(cli_args *args)
{
    const char *device = pixcl_options_text(args->options, "device");
    return show_devices(args->context, "pixcl devices", *device ? device : NULL, own.json, !own.quick);
}

static const cli_extra extras[] = {
    {.info = {.name = "json", .kind = PIXCL_KIND_FLAG, .help = "print one JSON object instead of text"},
     .value = &own.json},
    {.info = {.name = "quick", .kind = PIXCL_KIND_FLAG, .help = "only list: measure no speed, run no self-test"},
     .value = &own.quick},
};

const cli_command cmd_devices = {
    .name = "devices",
    .summary = "list the OpenCL devices, their speed, and what to pass to --device",
    .arguments = "",
    .about = "Lists the OpenCL devices of this machine: which ones pixcl can use and why not, their limits, their "
             "measured speed, whether they compute right, and what to pass to --device. Ends with 3 when there is "
             "no usable device, and says which package brings one. The same as clinfo-check.",
    .options = PIXCL_FOR_CHECK,
    .extras = extras,
    .extra_count = sizeof extras / sizeof *extras,
    .run = run,
};
