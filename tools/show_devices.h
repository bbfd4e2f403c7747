/* `pixcl devices` and `clinfo-check` are the same: this. */
#ifndef TOOLS_SHOW_DEVICES_H
#define TOOLS_SHOW_DEVICES_H

#include <stdbool.h>

#include "pixcl/context.h"

/* Prints the devices to standard output, and what is wrong, if anything, to standard error. `spec` is --device (NULL:
 * the default), `measure` also measures and tests each. Returns the exit code: 0; 1 when listing fails or the chosen
 * device fails its self-test; 2 when `spec` names none; 3 when there is no usable device. */
int show_devices(pixcl_context *context, const char *program, const char *spec, bool json, bool measure);

#endif
