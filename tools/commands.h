/* The subcommands. Each takes what follows its name and returns the exit code. */
#ifndef PIXCL_TOOLS_COMMANDS_H
#define PIXCL_TOOLS_COMMANDS_H

int cmd_bench(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_convert(int argc, char **argv);
int cmd_devices(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_synth(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_train(int argc, char **argv);
int cmd_translate(int argc, char **argv);
int cmd_tune(int argc, char **argv);

#endif
