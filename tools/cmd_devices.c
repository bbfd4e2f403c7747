/* pixcl devices: what is there, what is usable and why not, and what to pass to --device. */
#include <stddef.h>

#include "cli.h"
#include "commands.h"
#include "show_devices.h"

int cmd_devices(int argc, char **argv)
{
    bool json = false, quick = false;
    const cli_extra extras[] = {
        {{.name = "json", .kind = PIXCL_KIND_FLAG, .help = "print one JSON object instead of text"}, 0, &json},
        {{.name = "quick", .kind = PIXCL_KIND_FLAG, .help = "only list: measure no speed, run no self-test"},
         0,
         &quick},
    };
    const cli_command command = {
        .name = "devices",
        .arguments = "",
        .about = "Lists the OpenCL devices of this machine: which ones pixcl can use and why not, their limits, their "
                 "measured speed, whether they compute right, and what to pass to --device. Ends with 3 when there is "
                 "no usable device, and says which package brings one. The same as clinfo-check.",
        .options = PIXCL_FOR_CHECK,
        .extras = extras,
        .extra_count = sizeof extras / sizeof *extras,
    };
    cli_args args;
    int code = cli_parse(&command, argc, argv, &args);
    if (code >= 0)
        return code;
    return show_devices("pixcl devices", *args.options.device ? args.options.device : NULL, json, !quick);
}
