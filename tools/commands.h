/* The subcommands, and clinfo-check: each a file, cmd_NAME.c, with its description and what it does. */
#ifndef PIXCL_TOOLS_COMMANDS_H
#define PIXCL_TOOLS_COMMANDS_H

#include "cli.h"

/* The subcommands in the order of the help, up to NULL. */
extern const cli_command *const cli_commands[];

extern const cli_command cmd_bench;
extern const cli_command cmd_check;
extern const cli_command cmd_convert;
extern const cli_command cmd_devices;
extern const cli_command cmd_plan;
extern const cli_command cmd_show;
extern const cli_command cmd_synth;
extern const cli_command cmd_test;
extern const cli_command cmd_train;
extern const cli_command cmd_translate;
extern const cli_command cmd_tune;
/* Not among these. */
extern const cli_command cmd_clinfo_check;

#endif
