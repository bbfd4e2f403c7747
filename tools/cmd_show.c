/* pixcl show: what is inside a file of weights. */
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/checkpoint.h"

/* The command's own options. */
static pixcl_show_params own;

static int run(cli_args *args)
{
    char *text = pixcl_show(args->context, args->words[0], &own, &args->err);
    if (!text)
        return cli_fail(args);
    fputs(text, stdout);
    pixcl_free(text);
    return CLI_DONE;
}

static const cli_extra extras[] = {
    {.info = {.name = "tensors",
              .kind = PIXCL_KIND_FLAG,
              .help = "list every tensor with dtype, shape, mean, standard deviation, lowest and highest value"},
     .value = &own.tensors},
    {.info = {.name = "verify",
              .kind = PIXCL_KIND_FLAG,
              .help = "compare every tensor with the hash that was written with it; ends with 1 when one is damaged"},
     .value = &own.verify},
    {.info = {.name = "json", .kind = PIXCL_KIND_FLAG, .help = "print one JSON object instead of text"},
     .value = &own.json},
};

const cli_command cmd_show = {
    .name = "show",
    .summary = "show what a checkpoint or another file of weights holds",
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
    .run = run,
};
