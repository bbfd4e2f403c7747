/* pixcl_check(): every group of cases on one device. */
#include "pixcl/check.h"

#include <stdio.h>

#include "base/context.h"
#include "measure/check_run.h"

typedef struct counter {
    const pixcl_check_options *options;
    pixcl_check_result *result;
} counter;

static void count_row(void *user, const pixcl_check_row *row)
{
    counter *c = user;
    c->result->rows++;
    c->result->failed += !row->passed;
    if (c->options->row)
        c->options->row(c->options->user, row);
}

static pixcl_status run_group(px_cl_device *device, const px_target *target, px_check_group group, counter *c,
                              pixcl_error *err)
{
    const px_check_listener listener = {c, count_row};
    if (px_stopped("before all cases were run", err))
        return PIXCL_ERROR_INTERRUPTED;
    return px_check_group_run(device, target, group, c->options->only, &listener, err);
}

/* Convolutions by every algorithm, all else as the device gets it: a training step differs from its parts in how they
 * are put together, and compiling its kernels thrice would take most of the time. */
static pixcl_status check_device(px_cl_device *device, counter *c, pixcl_error *err)
{
    const px_check_listener listener = {c, count_row};
    const px_target target = px_cl_target(device);
    px_target other = target;
    pixcl_status status = PIXCL_OK;
    for (px_conv_algorithm conv = PX_ALGORITHM_NONE + 1; status == PIXCL_OK && conv < PX_ALGORITHM_COUNT; conv++) {
        other.conv = conv;
        status = run_group(device, &other, PX_CHECK_CONV, c, err);
    }
    if (status == PIXCL_OK)
        px_check_gemm_run(device, c->options->only, &listener);
    for (int group = PX_CHECK_CONV + 1; status == PIXCL_OK && group < PX_CHECK_GROUP_COUNT; group++)
        status = run_group(device, &target, (px_check_group)group, c, err);
    return status;
}

pixcl_status pixcl_check(pixcl_context *context, const pixcl_check_options *options, pixcl_check_result *result,
                         pixcl_error *err)
{
    PX_ENTER(context);
    pixcl_check_result own, *filled = result ? result : &own;
    static const pixcl_check_options defaults = {0};
    options = options ? options : &defaults;
    counter c = {options, filled};
    *filled = (pixcl_check_result){0};
    px_cl_device *device = px_cl_device_open(options->device, false, err);
    if (!device)
        return err ? err->status : PIXCL_ERROR_NO_DEVICE;
    snprintf(filled->device, sizeof filled->device, "%s", device->name);
    snprintf(filled->driver, sizeof filled->driver, "%s", device->driver);
    pixcl_status status = check_device(device, &c, err);
    if (status == PIXCL_OK && filled->rows == 0)
        status = px_fail(err, PIXCL_ERROR_ARGUMENT,
                         "there is no case whose name contains \"%s\"; names begin with an operation, as "
                         "conv, leaky or norm_stats",
                         options->only);
    else if (status == PIXCL_OK && filled->failed > 0)
        status = px_fail(
            err, PIXCL_ERROR_NUMERIC,
            "%d of %d cases came out wrong on %s (driver %s): do not trust what it trains. Update the driver or "
            "choose another --device, and report the cases that failed",
            filled->failed, filled->rows, filled->device, filled->driver);
    px_cl_device_close(&device);
    return status;
}
