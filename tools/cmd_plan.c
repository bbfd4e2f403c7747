/* pixcl plan: the graph, the launches and the bytes of a training step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/plan.h"

int cmd_plan(int argc, char **argv)
{
    char dump[PIXCL_OPTION_CHOICE_SIZE] = "text";
    bool json = false;
    const cli_extra extras[] = {
        {{.name = "dump",
          .kind = PIXCL_KIND_CHOICE,
          .choices = "text,dot,json",
          .help = "text: tables; dot: the graph for Graphviz; json: nodes, launches and bytes"},
         0,
         dump},
        {{.name = "json", .kind = PIXCL_KIND_FLAG, .help = "the same as --dump json"}, 0, &json},
    };
    const cli_command command = {
        .name = "plan",
        .arguments = "",
        .about =
            "Shows what a training step will be on a device, without running it: the graph, the kernel launches it is "
            "lowered to, and the device memory it takes.\n\n"
            "  pixcl plan --netG unet_128 --crop_size 128\n"
            "  pixcl plan --dump dot | dot -Tsvg > plan.svg",
        .options = PIXCL_FOR_PLAN,
        .extras = extras,
        .extra_count = sizeof extras / sizeof *extras,
    };
    cli_args args;
    int code = cli_parse(&command, argc, argv, &args);
    if (code >= 0)
        return code;
    pixcl_error err = {0};
    pixcl_plan_format format = json || strcmp(dump, "json") == 0 ? PIXCL_PLAN_JSON
                               : strcmp(dump, "dot") == 0        ? PIXCL_PLAN_DOT
                                                                 : PIXCL_PLAN_TEXT;
    char *text = pixcl_plan_describe(&args.options, format, &err);
    if (!text)
        return cli_fail("plan", &err);
    puts(text);
    free(text);
    return CLI_DONE;
}
