/* pixcl check: every operation on a device against plain C. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/check.h"

/* The command's own options. */
static struct {
    bool json, all;
    char only[PIXCL_OPTION_TEXT_SIZE];
} own;

typedef struct listing {
    char group[32], lowering[64]; /* of the rows being counted */
    int rows, failed;
    double worst; /* the largest part of what is allowed */
    bool any;     /* JSON: a row was printed */
} listing;

static void print_json_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 32)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

/* JSON has no infinity, which stands for NaN in the result and for what did not run. */
static void print_json_number(const char *name, double value)
{
    if (isfinite(value))
        printf(", \"%s\": %.3g", name, value);
    else
        printf(", \"%s\": null", name);
}

static void print_json_row(listing *l, const pixcl_check_row *row)
{
    printf(l->any ? ",\n  {\"group\": " : "{\"cases\": [\n  {\"group\": ");
    print_json_text(row->group);
    printf(", \"name\": ");
    print_json_text(row->name);
    printf(", \"lowering\": ");
    print_json_text(row->lowering);
    print_json_number("error", row->error);
    print_json_number("allowed", row->allowed);
    printf(", \"passed\": %s, \"message\": ", row->passed ? "true" : "false");
    print_json_text(row->message);
    putchar('}');
    l->any = true;
}

static void print_group(listing *l)
{
    if (l->rows == 0)
        return;
    printf("%-12s %-17s %4d cases", l->group, l->lowering, l->rows);
    if (l->failed)
        printf(", %d WRONG\n", l->failed);
    else
        printf(", all right; at worst %.0f%% of the rounding error that is allowed\n", 100 * l->worst);
    fflush(stdout);
    l->rows = l->failed = 0;
    l->worst = 0;
}

static void print_row(listing *l, const pixcl_check_row *row)
{
    if (strcmp(l->group, row->group) != 0 || strcmp(l->lowering, row->lowering) != 0)
        print_group(l);
    snprintf(l->group, sizeof l->group, "%s", row->group);
    snprintf(l->lowering, sizeof l->lowering, "%s", row->lowering);
    l->rows++;
    l->failed += !row->passed;
    if (row->allowed > 0 && row->error / row->allowed > l->worst)
        l->worst = row->error / row->allowed;
    if (own.all && row->passed)
        printf("  ok     %-62s %-17s error %.1e of %.1e\n", row->name, row->lowering, row->error, row->allowed);
    if (!row->passed)
        printf("  WRONG  %-62s %-17s %s\n", row->name, row->lowering, row->message);
    fflush(stdout); /* when the next case hangs, this is known */
}

static void take_row(void *user, const pixcl_check_row *row)
{
    listing *l = user;
    if (own.json)
        print_json_row(l, row);
    else
        print_row(l, row);
}

static void print_end(listing *l, const pixcl_check_result *result)
{
    if (own.json) {
        printf("%s],\n \"device\": ", l->any ? "\n" : "{\"cases\": [");
        print_json_text(result->device);
        printf(", \"driver\": ");
        print_json_text(result->driver);
        printf(", \"rows\": %d, \"failed\": %d}\n", result->rows, result->failed);
        return;
    }
    print_group(l);
    if (result->failed == 0)
        printf("%s (driver %s) computes right: %d cases agree with plain C in double precision.\n", result->device,
               result->driver, result->rows);
}

static int run(cli_args *args)
{
    listing l = {.any = false};
    const char *device = pixcl_options_text(args->options, "device");
    const pixcl_check_options options = {
        .device = *device ? device : NULL, .only = *own.only ? own.only : NULL, .user = &l, .row = take_row};
    pixcl_check_result result;
    pixcl_status status = pixcl_check(args->context, &options, &result, &args->err);
    if (result.rows > 0)
        print_end(&l, &result);
    return status == PIXCL_OK ? CLI_DONE : cli_fail(args);
}

static const cli_extra extras[] = {
    {.info = {.name = "json", .kind = PIXCL_KIND_FLAG, .help = "print one JSON object instead of text"},
     .value = &own.json},
    {.info = {.name = "all", .kind = PIXCL_KIND_FLAG, .help = "print every case, not only what is wrong"},
     .value = &own.all},
    {.info = {.name = "only",
              .kind = PIXCL_KIND_TEXT,
              .help = "only cases whose name contains this, as conv_t or norm"},
     .value = own.only},
};

const cli_command cmd_check = {
    .name = "check",
    .summary = "run every operation on a device and compare with plain C",
    .arguments = "",
    .about = "Runs every operation of pixcl on the device, in awkward shapes and in the combinations that training "
             "makes, and compares with plain C loops in double precision. Tells whether this driver computes "
             "right. Takes seconds; up to a minute when all kernels have to be compiled for the first time. Ends "
             "with 1 when anything came out wrong.",
    .options = PIXCL_FOR_CHECK,
    .extras = extras,
    .extra_count = sizeof extras / sizeof *extras,
    .run = run,
};
