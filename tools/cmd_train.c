/* pixcl train: from a folder of pictures to a checkpoint. */
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/trainer.h"
#include "progress.h"
#include "terminal.h"

static bool can_be_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

/* What to type next. */
static void print_next(const pixcl_options *options)
{
    char folder[4 * PIXCL_OPTION_TEXT_SIZE], best[sizeof folder + 32];
    if (pixcl_options_run_folder(options, folder, sizeof folder, NULL) != PIXCL_OK)
        return;
    snprintf(best, sizeof best, "%s/best.safetensors", folder);
    const bool validated = pixcl_options_number(options, "val_freq") > 0 && can_be_read(best);
    printf("Saved %s/latest.safetensors%s\nNext: pixcl translate PICTURE -o OUTPUT --checkpoint %s/%s.safetensors\n",
           folder, validated ? " and best.safetensors" : "", folder, validated ? "best" : "latest");
}

static int run(cli_args *args)
{
    progress_state state = {0};
    pixcl_trainer *trainer = pixcl_trainer_create(args->context, args->options, progress_show, &state, &args->err);
    if (!trainer)
        return cli_fail(args);
    pixcl_status status = pixcl_trainer_run(trainer, &args->err);
    terminal_keep();
    if (status == PIXCL_OK)
        print_next(pixcl_trainer_options(trainer));
    const int code = status == PIXCL_OK ? CLI_DONE : cli_fail(args);
    pixcl_trainer_destroy(&trainer);
    return code;
}

const cli_command cmd_train = {
    .name = "train",
    .summary = "train pix2pix, CycleGAN or colorization on a folder of pictures",
    .arguments = "",
    .about = "Trains pix2pix on the pairs in DATAROOT/PHASE, CycleGAN on the pictures in DATAROOT/PHASEA and PHASEB, "
             "or colorization on any pictures in DATAROOT/PHASE. Keeps latest.safetensors, history.jsonl, "
             "loss_log.txt and a training page in CHECKPOINTS_DIR/NAME. Ctrl-C saves and ends; --continue_train "
             "goes on from there.\n\n"
             "  pixcl train --dataroot ./datasets/facades --name facades --direction BtoA\n"
             "  pixcl train --model cycle_gan --dataroot ./datasets/horse2zebra --name zebras",
    .options = PIXCL_FOR_TRAIN,
    .stoppable = true,
    .run = run,
};
