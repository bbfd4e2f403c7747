/* pixcl show: what is inside a file of weights. */
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/checkpoint.h"

int cmd_show(int argc, char **argv)
{
    pixcl_show_params params = {0};
    const cli_extra extras[] = {
        {{.name = "tensors",
          .kind = PIXCL_KIND_FLAG,
          .help = "list every tensor with dtype, shape, mean, standard deviation, lowest and highest value"},
         0,
         &params.tensors},
        {{.name = "verify",
          .kind = PIXCL_KIND_FLAG,
          .help = "compare every tensor with the hash that was written with it; ends with 1 when one is damaged"},
         0,
         &params.verify},
        {{.name = "json", .kind = PIXCL_KIND_FLAG, .help = "print one JSON object instead of text"}, 0, &params.json},
    };
    const cli_command command = {
        .name = "show",
        .arguments = "FILE",
        .about = "Shows what is inside a checkpoint of pixcl: networks, where the run stands, options. Of any other "
                 ".safetensors or .pth file it shows which network it seems to hold. FILE may be a run's folder, which "
                 "stands for its latest checkpoint.\n\n"
                 "  pixcl show checkpoints/facades\n"
                 "  pixcl show latest_net_G.pth --tensors\n"
                 "  pixcl show checkpoints/facades --verify",
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
    char *text = pixcl_show(args.words[0], &params, &err);
    if (!text)
        return cli_fail("show", &err);
    fputs(text, stdout);
    pixcl_free(text);
    return CLI_DONE;
}
