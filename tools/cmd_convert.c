/* pixcl convert: weights as PyTorch's .pth or as .safetensors. */
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/checkpoint.h"

static void show_file(void *user, const char *path, size_t tensors)
{
    (void)user;
    printf("%s: %zu tensors\n", path, tensors);
}

int cmd_convert(int argc, char **argv)
{
    char to[PIXCL_OPTION_TEXT_SIZE] = "", format[PIXCL_OPTION_CHOICE_SIZE] = "";
    const cli_extra extras[] = {
        {{.name = "to",
          .kind = PIXCL_KIND_TEXT,
          .help = "folder for what comes out; for a file of one network also a file, .pth or .safetensors"},
         0,
         to},
        {{.name = "format",
          .kind = PIXCL_KIND_CHOICE,
          .choices = "pth,safetensors",
          .help = "what to write; without it, what --to ends with, else pth (safetensors when a .pth goes in)"},
         0,
         format},
    };
    const cli_command command = {
        .name = "convert",
        .arguments = "FILE",
        .about =
            "Takes the networks out of a checkpoint: latest_net_G.pth and latest_net_D.pth with the keys of the "
            "PyTorch reference, as its own code and pixcl train --init_from read them. Any other file of weights is "
            "turned from .pth into .safetensors or back. FILE may be a run's folder, which stands for its latest "
            "checkpoint.\n\n"
            "  pixcl convert checkpoints/facades --to weights\n"
            "  pixcl convert latest_net_G.pth --to latest_net_G.safetensors",
        .extras = extras,
        .extra_count = sizeof extras / sizeof *extras,
        .fewest = 1,
        .most = 1,
    };
    cli_args args;
    int code = cli_parse(&command, argc, argv, &args);
    if (code >= 0)
        return code;
    if (!*to) {
        fprintf(stderr, "pixcl convert: --to is missing.\nTry: pixcl convert --help\n");
        return CLI_USAGE;
    }
    pixcl_error err = {0};
    const pixcl_convert_params params = {.format = format, .written = show_file};
    return pixcl_convert(args.words[0], to, &params, &err) == PIXCL_OK ? CLI_DONE : cli_fail("convert", &err);
}
