/* pixcl plan: the graph, the launches, the bytes and the estimated time of a training step. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/plan.h"

/* The command's own options. */
static struct {
    char dump[PIXCL_OPTION_CHOICE_SIZE], output[PIXCL_OPTION_TEXT_SIZE];
    char part[PIXCL_OPTION_CHOICE_SIZE], on[PIXCL_OPTION_TEXT_SIZE];
    bool json;
} own = {.dump = "text", .part = "step"};

static int write_programs(cli_args *args, const pixcl_plan_options *plan)
{
    size_t count;
    if (pixcl_plan_write_programs(args->context, args->options, plan, own.output, &count, &args->err) != PIXCL_OK)
        return cli_fail(args);
    printf("%zu programs and the list of them, programs.json, are in %s\n", count, own.output);
    return CLI_DONE;
}

static int describe(cli_args *args, const pixcl_plan_options *plan)
{
    char *text = pixcl_plan_describe(args->context, args->options, plan, &args->err);
    if (!text)
        return cli_fail(args);
    puts(text);
    pixcl_free(text);
    return CLI_DONE;
}

static int run(cli_args *args)
{
    const bool programs = strcmp(own.dump, "programs") == 0;
    if (programs && own.json)
        return cli_misuse(args, "--json and --dump programs exclude each other.");
    if (programs && !*own.output)
        return cli_misuse(args, "--output is missing: the folder for the programs.");
    if (!programs && *own.output)
        return cli_misuse(args, "--output goes with --dump programs; the other dumps are printed.");
    pixcl_plan_format format = own.json || strcmp(own.dump, "json") == 0 ? PIXCL_PLAN_JSON
                               : strcmp(own.dump, "dot") == 0            ? PIXCL_PLAN_DOT
                                                                         : PIXCL_PLAN_TEXT;
    const pixcl_plan_options plan = {.format = format, .part = cli_bench_part(own.part), .on = own.on};
    return programs ? write_programs(args, &plan) : describe(args, &plan);
}

static const cli_extra extras[] = {
    {.info = {.name = "dump",
              .kind = PIXCL_KIND_CHOICE,
              .choices = "text,dot,json,programs",
              .help =
                  "text: tables; dot: the graph for Graphviz; json: nodes, launches and bytes; programs: the OpenCL "
                  "programs, as files in the folder --output"},
     .value = own.dump},
    {.info =
         {.name = "output",
          .kind = PIXCL_KIND_TEXT,
          .help =
              "the folder for --dump programs: new, empty, or with programs of an earlier time, which are replaced"},
     .letter = 'o',
     .value = own.output},
    {.info = {.name = "part",
              .kind = PIXCL_KIND_CHOICE,
              .choices = CLI_BENCH_PARTS,
              .help =
                  "what to plan: a training step; the generator forward and backward, without Adam; or forward alone"},
     .value = own.part},
    {.info = {.name = "on",
              .kind = PIXCL_KIND_TEXT,
              .help = "plan for a device that need not be here, by its data sheet:"},
     .value = own.on,
     .names = pixcl_plan_known_device},
    {.info = {.name = "json", .kind = PIXCL_KIND_FLAG, .help = "the same as --dump json"}, .value = &own.json},
};

const cli_command cmd_plan = {
    .name = "plan",
    .summary = "show the graph, the kernel launches and the memory of a training step",
    .arguments = "",
    .about = "Shows what a training step will be on a device, without running it: the graph, the kernel launches it is "
             "lowered to, the device memory it takes, and an estimate of its time with what binds it: arithmetic, "
             "memory or launches.\n\n"
             "  pixcl plan --netG unet_128 --crop_size 128\n"
             "  pixcl plan --model cycle_gan --on iris-xe\n"
             "  pixcl plan --dump dot | dot -Tsvg > plan.svg\n"
             "  pixcl plan --on vega-8 --dump programs --output programs",
    .options = PIXCL_FOR_PLAN,
    .extras = extras,
    .extra_count = sizeof extras / sizeof *extras,
    .run = run,
};
