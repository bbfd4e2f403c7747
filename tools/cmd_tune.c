/* pixcl tune: finds the fastest way of doing each convolution of a model on a device, and keeps it. */
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/tune.h"

/* The command's own option. */
static int seconds = 100;

static void show_row(void *user, const pixcl_tune_row *row)
{
    char line[400];
    (void)user;
    if (row->index == 0)
        printf("        by default       fastest\n");
    snprintf(line, sizeof line, "%3d/%d %9.3f ms %9.3f ms  %-52s %s", row->index + 1, row->count,
             1e3 * row->usual_seconds, 1e3 * row->tuned_seconds, row->problem, row->cut);
    puts(line);
    fflush(stdout);
}

static void show_result(const pixcl_tune_result *r)
{
    printf("%s: the convolutions of a step took %.1f ms, and take %.1f ms (%d of %d are faster)\n", r->device,
           1e3 * r->usual_seconds, 1e3 * r->tuned_seconds, r->improved, r->problems);
    if (r->untried > 0)
        printf("time was up before %d more were tried, which stay as they were; --seconds gives more\n", r->untried);
    if (r->rejected > 0)
        printf("%d ways of doing them were wrong or did not run, and are not used\n", r->rejected);
    printf("%s, after %.0f s\n", r->path, r->seconds);
}

static int run(cli_args *args)
{
    pixcl_tune_result result;
    const pixcl_tune_options tune = {.seconds = seconds, .row = show_row};
    if (pixcl_tune(args->context, args->options, &tune, &result, &args->err) != PIXCL_OK)
        return cli_fail(args);
    show_result(&result);
    return cli_interrupted(NULL) ? CLI_FAILED : CLI_DONE;
}

static const cli_extra extras[] = {
    {.info = {.name = "seconds",
              .kind = PIXCL_KIND_INT,
              .lowest = 1,
              .highest = 86400,
              .help = "start nothing new after this many; the longest convolutions go first"},
     .value = &seconds},
};

const cli_command cmd_tune = {
    .name = "tune",
    .summary = "find the fastest way of doing a model's convolutions on a device",
    .arguments = "",
    .about = "Tries several ways of doing each convolution of a training step on the device and keeps the fastest "
             "that computes right, in a file of the device's own in pixcl's cache folder. train, test and "
             "translate then use it, for the same shapes; --tune off makes them not. Leave the machine alone "
             "meanwhile.\n\n"
             "  pixcl tune --netG unet_256 --crop_size 256 --batch_size 1",
    .options = PIXCL_FOR_TUNE,
    .extras = extras,
    .extra_count = sizeof extras / sizeof *extras,
    .stoppable = true,
    .run = run,
};
