/* The command: picks the subcommand. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "pixcl/device.h"
#include "system.h"
#include "terminal.h"

static void print_help(void)
{
    printf("pixcl " PIXCL_VERSION " - pix2pix and CycleGAN on any OpenCL device\n\n"
           "Usage: pixcl COMMAND [--option value]...\n\n");
    for (int i = 0; cli_commands[i]; i++)
        printf("  %-10s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
    printf("\npixcl COMMAND --help lists a command's options. Options keep the names of the PyTorch reference\n"
           "(pytorch-CycleGAN-and-pix2pix). Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no usable device.\n");
}

static int unknown_command(const char *name)
{
    enum { MOST = 32 };
    const char *names[MOST];
    size_t count = 0;
    for (; count < MOST && cli_commands[count]; count++)
        names[count] = cli_commands[count]->name;
    const char *nearest = pixcl_nearest_name(name, names, count);
    fprintf(stderr, "pixcl: Unknown command \"%.80s\"%s%s%s\nTry: pixcl --help\n", name,
            nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : ".");
    return CLI_USAGE;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_help();
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help();
        return CLI_DONE;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        printf("pixcl " PIXCL_VERSION "\n");
        return CLI_DONE;
    }
    for (int i = 0; cli_commands[i]; i++) {
        if (strcmp(name, cli_commands[i]->name) == 0)
            return cli_run(cli_commands[i], argc - 2, argv + 2);
    }
    return unknown_command(name);
}

int main(int argc, char **argv)
{
    int code;
    if (pixcl_helper_main(argc, argv, &code))
        return code;
    system_map_large_blocks();
    terminal_begin();
    return terminal_end("pixcl", run(argc, argv));
}
