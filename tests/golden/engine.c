#include "golden/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "exec/opencl/exec.h"
#include "plan/plan.h"

static const char *chosen;
static px_cl_device *device;
static px_plan *plan;

bool engine_choose(int argc, char **argv)
{
    if (argc == 2 && (strcmp(argv[1], "reference") == 0 || strcmp(argv[1], "opencl") == 0)) {
        chosen = argv[1];
        return true;
    }
    fprintf(stderr, "usage: %s reference|opencl\n", argv[0]);
    return false;
}

bool engine_is_reference(void)
{
    return strcmp(chosen, "reference") == 0;
}

static px_exec *open_opencl(const px_graph *graph, pixcl_error *err)
{
    if (!device)
        device = px_cl_device_open(NULL, false, err);
    if (!device)
        return NULL;
    const px_target target = px_cl_target(device);
    plan = px_plan_create(graph, &target, err);
    return plan ? px_exec_create_opencl(device, plan, NULL, NULL, err) : NULL;
}

px_exec *engine_open(const px_graph *graph)
{
    pixcl_error err = {0};
    if (px_graph_verify(graph, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    px_exec *exec = engine_is_reference() ? px_exec_create_reference(graph, &err) : open_opencl(graph, &err);
    if (!exec)
        fail_msg("%s", err.message);
    return exec;
}

void engine_close(px_exec **exec)
{
    px_exec_destroy(exec);
    px_plan_destroy(&plan);
}

void engine_end(void)
{
    px_cl_device_close(&device);
}
