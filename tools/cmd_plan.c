/* pixcl plan: the graph, the launches, the bytes and the estimated time of a training step. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/plan.h"

/* The help of --on, with the names that there are. */
static void list_known_devices(char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "plan for a device that need not be here, by its data sheet:");
    const char *name;
    for (int i = 0; (name = pixcl_plan_known_device(i)) && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s %s", i ? "," : "", name);
}

static int fail_usage(const char *message)
{
    fprintf(stderr, "pixcl plan: %s.\nTry: pixcl plan --help\n", message);
    return CLI_USAGE;
}

static int write_programs(const pixcl_options *options, const pixcl_plan_options *plan, const char *folder)
{
    pixcl_error err = {0};
    size_t count;
    if (pixcl_plan_write_programs(options, plan, folder, &count, &err) != PIXCL_OK)
        return cli_fail("plan", &err);
    printf("%zu programs and the list of them, programs.json, are in %s\n", count, folder);
    return CLI_DONE;
}

int cmd_plan(int argc, char **argv)
{
    char dump[PIXCL_OPTION_CHOICE_SIZE] = "text", output[PIXCL_OPTION_TEXT_SIZE] = "";
    char part[PIXCL_OPTION_CHOICE_SIZE] = "step", on[PIXCL_OPTION_TEXT_SIZE] = "", on_help[1024];
    bool json = false;
    list_known_devices(on_help, sizeof on_help);
    const cli_extra extras[] = {
        {{.name = "dump",
          .kind = PIXCL_KIND_CHOICE,
          .choices = "text,dot,json,programs",
          .help = "text: tables; dot: the graph for Graphviz; json: nodes, launches and bytes; programs: the OpenCL "
                  "programs, as files in the folder --output"},
         0,
         dump},
        {{.name = "output",
          .kind = PIXCL_KIND_TEXT,
          .help =
              "the folder for --dump programs: new, empty, or with programs of an earlier time, which are replaced"},
         'o',
         output},
        {{.name = "part",
          .kind = PIXCL_KIND_CHOICE,
          .choices = CLI_BENCH_PARTS,
          .help = "what to plan: a training step; the generator forward and backward, without Adam; or forward alone"},
         0,
         part},
        {{.name = "on", .kind = PIXCL_KIND_TEXT, .help = on_help}, 0, on},
        {{.name = "json", .kind = PIXCL_KIND_FLAG, .help = "the same as --dump json"}, 0, &json},
    };
    const cli_command command = {
        .name = "plan",
        .arguments = "",
        .about =
            "Shows what a training step will be on a device, without running it: the graph, the kernel launches it is "
            "lowered to, the device memory it takes, and an estimate of its time with what binds it: arithmetic, "
            "memory or launches.\n\n"
            "  pixcl plan --netG unet_128 --crop_size 128\n"
            "  pixcl plan --model cycle_gan --on iris-xe\n"
            "  pixcl plan --dump dot | dot -Tsvg > plan.svg\n"
            "  pixcl plan --on vega-8 --dump programs --output programs",
        .options = PIXCL_FOR_PLAN,
        .extras = extras,
        .extra_count = sizeof extras / sizeof *extras,
    };
    cli_args args;
    int code = cli_parse(&command, argc, argv, &args);
    if (code >= 0)
        return code;
    const bool programs = strcmp(dump, "programs") == 0;
    if (programs && json)
        return fail_usage("--json and --dump programs exclude each other");
    if (programs && !*output)
        return fail_usage("--output is missing: the folder for the programs");
    if (!programs && *output)
        return fail_usage("--output goes with --dump programs; the other dumps are printed");
    pixcl_error err = {0};
    pixcl_plan_format format = json || strcmp(dump, "json") == 0 ? PIXCL_PLAN_JSON
                               : strcmp(dump, "dot") == 0        ? PIXCL_PLAN_DOT
                                                                 : PIXCL_PLAN_TEXT;
    const pixcl_plan_options plan = {.format = format, .part = cli_bench_part(part), .on = on};
    if (programs)
        return write_programs(&args.options, &plan, output);
    char *text = pixcl_plan_describe(&args.options, &plan, &err);
    if (!text)
        return cli_fail("plan", &err);
    puts(text);
    pixcl_free(text);
    return CLI_DONE;
}
