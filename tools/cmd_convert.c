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
    char direction[PIXCL_OPTION_CHOICE_SIZE] = "", network[PIXCL_OPTION_TEXT_SIZE] = "";
    bool eval = false, half = false;
    const cli_extra extras[] = {
        {{.name = "to",
          .kind = PIXCL_KIND_TEXT,
          .help = "folder for what comes out, or a file: .onnx, or .pth or .safetensors for one network"},
         'o',
         to},
        {{.name = "format",
          .kind = PIXCL_KIND_CHOICE,
          .choices = "pth,safetensors,onnx",
          .help = "what to write; without it, what --to ends with, else pth (safetensors when a .pth goes in)"},
         0,
         format},
        {{.name = "direction",
          .kind = PIXCL_KIND_CHOICE,
          .choices = "AtoB,BtoA",
          .help = "ONNX: which generator of a CycleGAN; without it, the way it was trained"},
         0,
         direction},
        {{.name = "network",
          .kind = PIXCL_KIND_TEXT,
          .help = "ONNX: which of several generators in PyTorch's file, as netG_A2B"},
         0,
         network},
        {{.name = "eval",
          .kind = PIXCL_KIND_FLAG,
          .help = "ONNX: batch norm by its running statistics, not by those of each picture"},
         0,
         &eval},
        {{.name = "half", .kind = PIXCL_KIND_FLAG, .help = "ONNX: store the weights as float16"}, 0, &half},
    };
    const cli_command command = {
        .name = "convert",
        .arguments = "FILE",
        .about =
            "Takes the networks out of a checkpoint: latest_net_G.pth and latest_net_D.pth with the keys of the "
            "PyTorch reference, as its own code and pixcl train --init_from read them. Any other file of weights is "
            "turned from .pth into .safetensors or back. FILE may be a run's folder, which stands for its latest "
            "checkpoint. A name that ends with .onnx gets the generator as a model of ONNX (opset 13), without "
            "dropout.\n\n"
            "  pixcl convert checkpoints/facades --to weights\n"
            "  pixcl convert checkpoints/facades -o facades.onnx\n"
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
    const pixcl_convert_params params = {.format = format,
                                         .direction = *direction ? direction : NULL,
                                         .network = *network ? network : NULL,
                                         .eval = eval,
                                         .half = half,
                                         .written = show_file};
    return pixcl_convert(args.words[0], to, &params, &err) == PIXCL_OK ? CLI_DONE : cli_fail("convert", &err);
}
