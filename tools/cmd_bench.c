/* pixcl bench: seconds, operations and bytes of a training step or of a part of it. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/bench.h"

/* The command's own options. */
static struct {
    int steps;
    bool profile, json;
    char part[PIXCL_OPTION_CHOICE_SIZE], trace[PIXCL_OPTION_TEXT_SIZE];
} own = {.steps = 10, .part = "step"};

static void print_text(const pixcl_bench_result *r, const pixcl_options *options)
{
    const int size = (int)pixcl_options_number(options, "crop_size");
    const int batch = (int)pixcl_options_number(options, "batch_size");
    printf("%s, %s of %s at %dx%d, batch %d, on %s\n", pixcl_options_text(options, "model"), own.part,
           pixcl_options_text(options, "netG"), size, size, batch, r->device);
    printf("  %.4f s a step (median of %d; %.4f to %.4f), %.2f images/s\n", r->seconds_per_step, own.steps,
           r->seconds_lowest, r->seconds_highest, batch / r->seconds_per_step);
    printf("  %.1f GFLOP a step, %.1f GFLOP/s\n  %.1f MB of device memory\n  ready after %.1f s\n", r->gflop_per_step,
           r->gflops, (double)r->peak_bytes / 1e6, r->prepare_seconds);
    if (r->kernel_count == 0)
        return;
    double whole = r->conv_seconds + r->other_seconds;
    printf(
        "  convolutions: %.1f%% of the step, at %.1f GFLOP/s, which is %.1f%% of the %.1f that the device was measured "
        "at\n  everything else: %.1f%% of the step; the device copies %.1f GB/s\n",
        100 * r->conv_seconds / whole, r->conv_gflops, 100 * r->conv_gflops / r->peak_gflops, r->peak_gflops,
        100 * r->other_seconds / whole, r->peak_gbps);
    printf("\n%10s %6s %6s %8s %8s %9s  kernel\n", "ms a step", "share", "calls", "GFLOP/s", "GB/s", "roofline");
    for (size_t i = 0; i < r->kernel_count; i++) {
        const pixcl_bench_kernel *k = &r->kernels[i];
        printf("%10.3f %5.1f%% %6d %8.1f %8.2f %8.1f%%  %s\n", k->milliseconds, 0.1 * k->milliseconds / whole, k->calls,
               k->gflops, k->gbps, 100 * k->roofline, k->label);
    }
}

/* Labels and device names are printed by pixcl and drivers; quotes and backslashes are escaped all the same. */
static void print_json_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar((unsigned char)*text < 0x20 ? ' ' : *text);
    }
    putchar('"');
}

static void print_json(const pixcl_bench_result *r, const pixcl_options *options)
{
    printf("{\"model\":\"%s\",\"part\":\"%s\",\"netG\":\"%s\",\"crop_size\":%d,\"batch_size\":%d,\"device\":",
           pixcl_options_text(options, "model"), own.part, pixcl_options_text(options, "netG"),
           (int)pixcl_options_number(options, "crop_size"), (int)pixcl_options_number(options, "batch_size"));
    print_json_text(r->device);
    printf(",\"steps\":%d,\"seconds_per_step\":%.6f,\"seconds_lowest\":%.6f,\"seconds_highest\":%.6f,", own.steps,
           r->seconds_per_step, r->seconds_lowest, r->seconds_highest);
    printf("\"gflop_per_step\":%.3f,\"gflops\":%.2f,\"peak_bytes\":%zu,\"prepare_seconds\":%.3f", r->gflop_per_step,
           r->gflops, r->peak_bytes, r->prepare_seconds);
    if (r->kernel_count > 0)
        printf(",\"peak_gflops\":%.2f,\"peak_gbps\":%.3f,\"conv_seconds\":%.6f,\"conv_gflops\":%.2f,"
               "\"other_seconds\":%.6f",
               r->peak_gflops, r->peak_gbps, r->conv_seconds, r->conv_gflops, r->other_seconds);
    for (size_t i = 0; i < r->kernel_count; i++) {
        printf("%s{\"label\":", i == 0 ? ",\"kernels\":[" : ",");
        print_json_text(r->kernels[i].label);
        printf(",\"calls\":%d,\"milliseconds\":%.4f,\"gflops\":%.2f,\"gbps\":%.3f,\"roofline\":%.4f}",
               r->kernels[i].calls, r->kernels[i].milliseconds, r->kernels[i].gflops, r->kernels[i].gbps,
               r->kernels[i].roofline);
    }
    printf("%s}\n", r->kernel_count > 0 ? "]" : "");
}

static int run(cli_args *args)
{
    pixcl_bench_result result;
    const pixcl_bench_options bench = {.steps = own.steps,
                                       .profile = own.profile,
                                       .trace = *own.trace ? own.trace : NULL,
                                       .part = cli_bench_part(own.part)};
    if (pixcl_bench(args->context, args->options, &bench, &result, &args->err) != PIXCL_OK)
        return cli_fail(args);
    if (own.json)
        print_json(&result, args->options);
    else
        print_text(&result, args->options);
    pixcl_bench_result_free(&result);
    return CLI_DONE;
}

static const cli_extra extras[] = {
    {.info = {.name = "steps",
              .kind = PIXCL_KIND_INT,
              .lowest = 1,
              .highest = 100000,
              .help = "steps to time, after two to warm up"},
     .value = &own.steps},
    {.info = {.name = "part",
              .kind = PIXCL_KIND_CHOICE,
              .choices = CLI_BENCH_PARTS,
              .help =
                  "what to time: a training step; the generator forward and backward, without Adam; or forward alone"},
     .value = own.part},
    {.info = {.name = "profile",
              .kind = PIXCL_KIND_FLAG,
              .help = "time every kernel, slowest first, and compare with the measured peaks of the device"},
     .value = &own.profile},
    {.info = {.name = "trace",
              .kind = PIXCL_KIND_TEXT,
              .help =
                  "write the last step to this file as Chrome trace events, for chrome://tracing or ui.perfetto.dev"},
     .value = own.trace},
    {.info = {.name = "json", .kind = PIXCL_KIND_FLAG, .help = "print one JSON object instead of text"},
     .value = &own.json},
};

const cli_command cmd_bench = {
    .name = "bench",
    .summary = "time training steps, as a whole and kernel by kernel",
    .arguments = "",
    .about = "Times training steps, or parts of them, on made-up pictures: seconds a step, GFLOP/s, device memory, "
             "and with --profile every kernel. Nothing is read, and only --trace writes.\n\n"
             "  pixcl bench --model pix2pix --crop_size 256 --steps 10 --json\n"
             "  pixcl bench --netG resnet_9blocks --norm instance --no_dropout --part generator --profile",
    .options = PIXCL_FOR_BENCH,
    .extras = extras,
    .extra_count = sizeof extras / sizeof *extras,
    .run = run,
};
