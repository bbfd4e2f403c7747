/* Values on their way to a device and back: mapped where its memory is the host's, copied where it is not, with the
 * same bits. A device plays both parts; which calls were made is counted.
 *
 * This program's own versions of the calls stand before the ICD loader's. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "device_fixture.h"

#include "base/memory.h"
#include "base/rng.h"
#include "exec/opencl/exec.h"
#include "graph/build.h"
#include "plan/plan.h"

enum { CHANNELS = 32, H = 9, W = 7, X = CHANNELS * H * W, WEIGHTS = CHANNELS * CHANNELS * 9 };

/* Since they were set to 0. */
static int maps, blocking_writes, reads, writes_ahead;

CL_API_ENTRY void *CL_API_CALL clEnqueueMapBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                                  cl_map_flags flags, size_t offset, size_t size, cl_uint waits,
                                                  const cl_event *wait, cl_event *event, cl_int *code)
{
    void *(*next)(cl_command_queue, cl_mem, cl_bool, cl_map_flags, size_t, size_t, cl_uint, const cl_event *,
                  cl_event *, cl_int *);
    *(void **)&next = dlsym(RTLD_NEXT, "clEnqueueMapBuffer");
    maps++;
    return next(queue, buffer, blocking, flags, offset, size, waits, wait, event, code);
}

CL_API_ENTRY cl_int CL_API_CALL clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                                     size_t offset, size_t size, const void *from, cl_uint waits,
                                                     const cl_event *wait, cl_event *event)
{
    cl_int (*next)(cl_command_queue, cl_mem, cl_bool, size_t, size_t, const void *, cl_uint, const cl_event *,
                   cl_event *);
    *(void **)&next = dlsym(RTLD_NEXT, "clEnqueueWriteBuffer");
    blocking_writes += blocking == CL_TRUE;
    writes_ahead += device && queue == device->uploads;
    return next(queue, buffer, blocking, offset, size, from, waits, wait, event);
}

CL_API_ENTRY cl_int CL_API_CALL clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                                    size_t offset, size_t size, void *to, cl_uint waits,
                                                    const cl_event *wait, cl_event *event)
{
    cl_int (*next)(cl_command_queue, cl_mem, cl_bool, size_t, size_t, void *, cl_uint, const cl_event *, cl_event *);
    *(void **)&next = dlsym(RTLD_NEXT, "clEnqueueReadBuffer");
    reads++;
    return next(queue, buffer, blocking, offset, size, to, waits, wait, event);
}

/* A variable that lies with a vector along an axis, one that lies plain, and an activation in blocks. */
typedef struct convolution {
    px_graph *graph;
    px_plan *plan;
    px_node x, w, bias, y;
} convolution;

static void make_for(convolution *c, bool uploads_ahead)
{
    pixcl_error err = {0};
    c->graph = px_graph_create(NULL);
    c->x = px_input(c->graph, (px_shape){1, CHANNELS, H, W}, "x");
    c->w = px_variable(c->graph, PX_WEIGHT, (px_shape){CHANNELS, CHANNELS, 3, 3}, "w", false);
    c->bias = px_variable(c->graph, PX_PLAIN, (px_shape){1, CHANNELS, 1, 1}, "bias", false);
    c->y = px_graph_output(c->graph, px_bias(c->graph, px_conv(c->graph, c->x, c->w, 1, 1), c->bias), "y");
    px_target target = px_cl_target(device);
    target.conv = PX_ALGORITHM_DIRECT;
    target.block = 16;
    target.uploads_ahead = uploads_ahead;
    c->plan = px_plan_create(c->graph, &target, &err);
    if (!c->plan)
        fail_msg("%s", err.message);
    assert_int_not_equal(c->plan->values[c->w].layout, PX_WEIGHT_PLAIN);
    assert_int_equal(c->plan->values[c->y].block, 16);
}

static void make(convolution *c)
{
    make_for(c, false);
}

static void destroy(convolution *c)
{
    px_plan_destroy(&c->plan);
    px_graph_destroy(&c->graph);
}

static px_exec *create_engine(const convolution *c)
{
    pixcl_error err = {0};
    px_exec *exec = px_exec_create_opencl(device, c->plan, NULL, NULL, &err);
    if (!exec)
        fail_msg("%s", err.message);
    return exec;
}

static void fill(float *values, size_t count, uint64_t stream)
{
    px_rng rng = {.seed = 1, .stream = stream};
    for (size_t i = 0; i < count; i++)
        values[i] = 2 * px_rng_float(&rng) - 1;
}

/* What is written is read back, and a result is waited for. */
static void there_and_back(const convolution *c, float *y)
{
    static float x[X], w[WEIGHTS], w_back[WEIGHTS];
    float bias[CHANNELS], bias_back[CHANNELS];
    fill(x, X, 1);
    fill(w, WEIGHTS, 2);
    fill(bias, CHANNELS, 3);
    px_exec *exec = create_engine(c);
    maps = blocking_writes = reads = 0;
    assert_int_equal(px_exec_write(exec, c->x, x, NULL), PIXCL_OK);
    assert_int_equal(px_exec_write(exec, c->w, w, NULL), PIXCL_OK);
    assert_int_equal(px_exec_write(exec, c->bias, bias, NULL), PIXCL_OK);
    assert_int_equal(px_exec_run(exec, &(px_step){.step = 1}, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(exec, c->y, y, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(exec, c->w, w_back, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(exec, c->bias, bias_back, NULL), PIXCL_OK);
    assert_memory_equal(w, w_back, sizeof w);
    assert_memory_equal(bias, bias_back, sizeof bias);
    px_exec_destroy(&exec);
}

static void mapped_and_copied_are_the_same(void **state)
{
    (void)state;
    static float mapped[X], copied[X];
    convolution c;
    make(&c);
    device->maps_memory = true;
    there_and_back(&c, mapped);
    assert_int_equal(maps, 5);
    assert_int_equal(blocking_writes + reads, 0);
    device->maps_memory = false;
    there_and_back(&c, copied);
    assert_int_equal(maps, 0);
    assert_int_equal(blocking_writes, 2);
    assert_int_equal(reads, 3);
    assert_memory_equal(mapped, copied, sizeof mapped);
    destroy(&c);
}

/* The last output after each of some steps with inputs of their own, which nobody waits for in between but where
 * `waiting` says so. */
static void run_steps(const convolution *c, bool waiting, float *y)
{
    enum { STEPS = 7 };
    static float x[X], w[WEIGHTS];
    const float bias[CHANNELS] = {0};
    fill(w, WEIGHTS, 2);
    px_exec *exec = create_engine(c);
    assert_int_equal(px_exec_opencl_bytes(exec), c->plan->bytes);
    assert_int_equal(px_exec_write(exec, c->w, w, NULL), PIXCL_OK);
    assert_int_equal(px_exec_write(exec, c->bias, bias, NULL), PIXCL_OK);
    for (int step = 1; step <= STEPS; step++) {
        fill(x, X, 10 + (uint64_t)step);
        assert_int_equal(px_exec_write(exec, c->x, x, NULL), PIXCL_OK);
        memset(x, 0, sizeof x); /* the caller's again */
        assert_int_equal(px_exec_run(exec, &(px_step){.step = (uint64_t)step}, NULL), PIXCL_OK);
        if (waiting)
            assert_int_equal(px_exec_read(exec, c->y, y, NULL), PIXCL_OK);
    }
    assert_int_equal(px_exec_read(exec, c->y, y, NULL), PIXCL_OK);
    px_exec_destroy(&exec);
}

/* Inputs that go ahead by a queue of their own reach the step that they are for. */
static void inputs_go_ahead_of_their_step(void **state)
{
    (void)state;
    static float at_once[X], ahead[X], ahead_waiting[X];
    convolution c;
    make(&c);
    writes_ahead = 0;
    run_steps(&c, true, at_once);
    assert_int_equal(writes_ahead, 0);
    const size_t bytes = c.plan->bytes;
    destroy(&c);
    make_for(&c, true);
    assert_int_equal(c.plan->bytes, bytes + PX_UPLOADS_AHEAD * sizeof ahead);
    run_steps(&c, false, ahead);
    assert_int_equal(writes_ahead, 7);
    run_steps(&c, true, ahead_waiting);
    assert_memory_equal(at_once, ahead, sizeof ahead);
    assert_memory_equal(at_once, ahead_waiting, sizeof ahead);
    destroy(&c);
}

/* Copies need memory for what lies otherwise on the device, and for nothing else. */
static void no_memory_for_a_copy(void **state)
{
    (void)state;
    static float w[WEIGHTS], y[X];
    float bias[CHANNELS] = {0};
    pixcl_error err = {0};
    convolution c;
    make(&c);
    device->maps_memory = false;
    px_exec *exec = create_engine(&c);
    px_fail_allocation(1);
    assert_int_equal(px_exec_write(exec, c.bias, bias, &err), PIXCL_OK);
    assert_int_equal(px_exec_write(exec, c.w, w, &err), PIXCL_ERROR_MEMORY);
    px_fail_allocation(1);
    assert_int_equal(px_exec_read(exec, c.y, y, &err), PIXCL_ERROR_MEMORY);
    px_fail_allocation(0);
    assert_int_equal(px_exec_write(exec, c.w, w, &err), PIXCL_OK);
    px_exec_destroy(&exec);
    destroy(&c);
}

/* A processor's memory is the host's, whatever its driver says of it; a card's own is not. */
static void which_devices_map(void **state)
{
    (void)state;
    static const struct {
        px_device_class device_class;
        bool unified, maps;
    } cases[] = {{PX_DEVICE_CPU, true, true},
                 {PX_DEVICE_CPU, false, true},
                 {PX_DEVICE_GPU_INTEGRATED, true, true},
                 {PX_DEVICE_GPU_DISCRETE, false, false},
                 {PX_DEVICE_ACCELERATOR, false, false},
                 {PX_DEVICE_ACCELERATOR, true, true}};
    static px_cl_inventory inventory;
    unsetenv("PIXCL_DEVICE_CLASS"); /* the last test: every device plays its own part */
    assert_int_equal(px_cl_inventory_take(&inventory, NULL), PIXCL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        px_cl_description played = inventory.devices[device->index];
        played.device_class = cases[i].device_class;
        played.limits.host_unified_memory = cases[i].unified;
        px_cl_device *opened = px_cl_device_open_description(&played, false, NULL);
        assert_non_null(opened);
        assert_int_equal(opened->maps_memory, cases[i].maps);
        px_cl_device_close(&opened);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mapped_and_copied_are_the_same),
                                       cmocka_unit_test(inputs_go_ahead_of_their_step),
                                       cmocka_unit_test(no_memory_for_a_copy), cmocka_unit_test(which_devices_map)};
    return cmocka_run_group_tests(tests, open_device, close_device);
}
