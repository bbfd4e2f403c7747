/* pixcl convert: weights as PyTorch's .pth or as .safetensors. */
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/checkpoint.h"

/* The command's own options. */
static struct {
    char to[PIXCL_OPTION_TEXT_SIZE], format[PIXCL_OPTION_CHOICE_SIZE];
    char direction[PIXCL_OPTION_CHOICE_SIZE], network[PIXCL_OPTION_TEXT_SIZE];
    bool eval, half;
} own;

static void show_file(void *user, const char *path, size_t tensors)
{
    (void)user;
    printf("%s: %zu tensors\n", path, tensors);
}

static int run(cli_args *args)
{
    if (!*own.to)
        return cli_misuse(args, "--to is missing.");
    const pixcl_convert_params params = {.format = own.format,
                                         .direction = *own.direction ? own.direction : NULL,
                                         .network = *own.network ? own.network : NULL,
                                         .eval = own.eval,
                                         .half = own.half,
                                         .written = show_file};
    const pixcl_status status = pixcl_convert(args->context, args->words[0], own.to, &params, &args->err);
    return status == PIXCL_OK ? CLI_DONE : cli_fail(args);
}

static const cli_extra extras[] = {
    {.info = {.name = "to",
              .kind = PIXCL_KIND_TEXT,
              .help = "folder for what comes out, or a file: .onnx, or .pth or .safetensors for one network"},
     .letter = 'o',
     .value = own.to},
    {.info = {.name = "format",
              .kind = PIXCL_KIND_CHOICE,
              .choices = "pth,safetensors,onnx",
              .help = "what to write; without it, what --to ends with, else pth (safetensors when a .pth goes in)"},
     .value = own.format},
    {.info = {.name = "direction",
              .kind = PIXCL_KIND_CHOICE,
              .choices = "AtoB,BtoA",
              .help = "ONNX: which generator of a CycleGAN; without it, the way it was trained"},
     .value = own.direction},
    {.info = {.name = "network",
              .kind = PIXCL_KIND_TEXT,
              .help = "ONNX: which of several generators in PyTorch's file, as netG_A2B"},
     .value = own.network},
    {.info = {.name = "eval",
              .kind = PIXCL_KIND_FLAG,
              .help = "ONNX: batch norm by its running statistics, not by those of each picture"},
     .value = &own.eval},
    {.info = {.name = "half", .kind = PIXCL_KIND_FLAG, .help = "ONNX: store the weights as float16"},
     .value = &own.half},
};

const cli_command cmd_convert = {
    .name = "convert",
    .summary = "make PyTorch's .pth or .safetensors files of a checkpoint",
    .arguments = "FILE",
    .about = "Takes the networks out of a checkpoint: latest_net_G.pth and latest_net_D.pth with the keys of the "
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
    .run = run,
};
