/* The device of a test program: opened before its first test and closed after the last. */
#ifndef DEVICE_FIXTURE_H
#define DEVICE_FIXTURE_H

#include "exec/opencl/device.h"

static px_cl_device *device;

static int open_device(void **state)
{
    (void)state;
    device = px_cl_device_open(NULL, false, NULL);
    return device ? 0 : -1;
}

static int close_device(void **state)
{
    (void)state;
    px_cl_device_close(&device);
    return 0;
}

#endif
