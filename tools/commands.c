/* The table of the subcommands. */
#include "commands.h"

#include <stddef.h>

const cli_command *const cli_commands[] = {
    &cmd_train, &cmd_test, &cmd_translate, &cmd_show,    &cmd_convert, &cmd_plan,
    &cmd_bench, &cmd_tune, &cmd_check,     &cmd_devices, &cmd_synth,   NULL,
};
