/* clinfo-check: which OpenCL devices are here, as a program of its own. */
#include "cli.h"
#include "commands.h"
#include "pixcl/device.h"
#include "terminal.h"

int main(int argc, char **argv)
{
    int code;
    if (pixcl_helper_main(argc, argv, &code))
        return code;
    terminal_begin();
    return terminal_end("clinfo-check", cli_run(&cmd_clinfo_check, argc > 0 ? argc - 1 : 0, argv + 1));
}
