/* pixcl test: every held-out picture translated, measured and shown. */
#include <math.h>
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/test.h"
#include "terminal.h"

/* The command's own option. */
static bool embed;

static void show_picture(void *user, int index, int count, const char *name, const pixcl_metrics *metrics)
{
    (void)user;
    char line[512];
    int length = snprintf(line, sizeof line, "%d/%d %.300s", index, count, name);
    if (metrics)
        snprintf(line + length, sizeof line - (size_t)length, "  PSNR %.2f dB  SSIM %.4f  L1 %.4f", metrics->psnr,
                 metrics->ssim, metrics->l1);
    if (terminal_is_live())
        terminal_draw(line);
    else
        puts(line);
}

static int run(cli_args *args)
{
    pixcl_test_result result = {0};
    pixcl_status status = pixcl_test(args->context, args->options, embed, show_picture, NULL, &result, &args->err);
    terminal_keep();
    if (status != PIXCL_OK)
        return cli_fail(args);
    printf("%d pictures", result.pictures);
    if (result.measured > 0)
        printf(", mean PSNR %.2f dB, SSIM %.4f, L1 %.4f", result.mean.psnr, result.mean.ssim, result.mean.l1);
    if (!isnan(result.swd[0].mean))
        printf(", SWD %.1f", result.swd[0].mean);
    if (!isnan(result.swd[1].mean))
        printf(" (back: %.1f)", result.swd[1].mean);
    printf("\nResults: %s\n", result.page);
    return CLI_DONE;
}

static const cli_extra extras[] = {
    {.info = {.name = "embed",
              .kind = PIXCL_KIND_FLAG,
              .help = "put the pictures into the results page, so that it is one file that can be sent around"},
     .value = &embed},
};

const cli_command cmd_test = {
    .name = "test",
    .summary = "translate and measure the held-out pictures of a run",
    .arguments = "",
    .about = "Translates the pictures in DATAROOT/PHASE with a trained run, and writes them, their PSNR, SSIM and L1 "
             "and the sliced Wasserstein distance of all to the real ones (metrics.csv), and a results page to "
             "RESULTS_DIR/NAME/PHASE_EPOCH. What the networks are, the checkpoint knows.\n\n"
             "  pixcl test --dataroot ./datasets/facades --name facades",
    .options = PIXCL_FOR_TEST,
    .extras = extras,
    .extra_count = sizeof extras / sizeof *extras,
    .stoppable = true,
    .run = run,
};
