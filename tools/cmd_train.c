/* pixcl train: from a folder of pictures to a checkpoint. */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/trainer.h"
#include "progress.h"
#include "terminal.h"

/* What to type next. */
static void print_next(const pixcl_options *options)
{
    char folder[4 * PIXCL_OPTION_TEXT_SIZE], best[sizeof folder + 32];
    if (pixcl_options_run_folder(options, folder, sizeof folder, NULL) != PIXCL_OK)
        return;
    snprintf(best, sizeof best, "%s/best.safetensors", folder);
    const bool validated = options->val_freq > 0 && access(best, R_OK) == 0;
    printf("Saved %s/latest.safetensors%s\nNext: pixcl translate PICTURE -o OUTPUT --checkpoint %s/%s.safetensors\n",
           folder, validated ? " and best.safetensors" : "", folder, validated ? "best" : "latest");
}

int cmd_train(int argc, char **argv)
{
    const cli_command command = {
        .name = "train",
        .arguments = "",
        .about =
            "Trains pix2pix on the pairs in DATAROOT/PHASE, CycleGAN on the pictures in DATAROOT/PHASEA and PHASEB, "
            "or colorization on any pictures in DATAROOT/PHASE. Keeps latest.safetensors, history.jsonl, "
            "loss_log.txt and a training page in CHECKPOINTS_DIR/NAME. Ctrl-C saves and ends; --continue_train "
            "goes on from there.\n\n"
            "  pixcl train --dataroot ./datasets/facades --name facades --direction BtoA\n"
            "  pixcl train --model cycle_gan --dataroot ./datasets/horse2zebra --name zebras",
        .options = PIXCL_FOR_TRAIN,
    };
    cli_args args;
    int code = cli_parse(&command, argc, argv, &args);
    if (code >= 0)
        return code;
    pixcl_error err = {0};
    progress_state state = {0};
    const pixcl_trainer_callbacks callbacks = {
        .user = &state, .progress = progress_show, .should_stop = cli_interrupted};
    cli_catch_interrupts();
    pixcl_trainer *trainer = pixcl_trainer_create(&args.options, &callbacks, &err);
    if (!trainer)
        return cli_fail("train", &err);
    pixcl_status status = pixcl_trainer_run(trainer, &err);
    terminal_keep();
    if (status == PIXCL_OK)
        print_next(pixcl_trainer_options(trainer));
    else
        code = cli_fail("train", &err);
    pixcl_trainer_destroy(&trainer);
    return status == PIXCL_OK ? CLI_DONE : code;
}
