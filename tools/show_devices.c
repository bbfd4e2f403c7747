/* Printing the list of devices. */
#include "show_devices.h"

#include <stdio.h>

#include "pixcl/device.h"

static int exit_code(pixcl_status status)
{
    return status == PIXCL_ERROR_NO_DEVICE ? 3 : status == PIXCL_ERROR_ARGUMENT ? 2 : 1;
}

int show_devices(pixcl_context *context, const char *program, const char *spec, bool json, bool measure)
{
    const pixcl_device_list_params params = {.device = spec, .measure = measure};
    const pixcl_device_info *chosen;
    pixcl_device_list *list;
    pixcl_error err = {0};
    int code = 0;

    list = pixcl_device_list_create(context, &params, &err);
    if (!list) {
        fprintf(stderr, "%s: %s\n", program, err.message);
        return exit_code(err.status);
    }
    fputs(json ? pixcl_device_list_json(list) : pixcl_device_list_text(list), stdout);
    fflush(stdout);
    chosen = pixcl_device_list_chosen(list, &err);
    if (!chosen) {
        fprintf(stderr, "%s: %s\n", program, err.message);
        code = exit_code(err.status);
    } else if (chosen->selftest == PIXCL_SELFTEST_FAILED) {
        fprintf(stderr, "%s: device %d, %s, failed its self-test: %s\n", program, chosen->index, chosen->name,
                chosen->selftest_message);
        code = 1;
    }
    if (ferror(stdout)) {
        fprintf(stderr, "%s: cannot write to standard output\n", program);
        code = 1;
    }
    pixcl_device_list_destroy(&list);
    return code;
}
