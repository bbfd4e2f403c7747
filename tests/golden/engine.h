/* The engines that golden tests hold against PyTorch, by the name that meson passes on the command line. */
#ifndef GOLDEN_ENGINE_H
#define GOLDEN_ENGINE_H

#include <stdbool.h>

#include "exec/exec.h"

/* Takes the engine's name from the command line: "reference" or "opencl". False, with a message, for anything else. */
bool engine_choose(int argc, char **argv);
bool engine_is_reference(void);
/* The chosen engine for one graph, which must outlive it; fails the test when that does not work. */
px_exec *engine_open(const px_graph *graph);
/* Closes what engine_open() gave. */
void engine_close(px_exec **exec);
/* Gives the device back, after the last test. */
void engine_end(void);

#endif
