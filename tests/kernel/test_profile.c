/* Timed launches: the time of a GEMM covers every kernel that CLBlast makes of it, and a step that fails half-way
 * leaves no event behind.
 *
 * This program's own versions of the calls stand before the ICD loader's: the engine and CLBlast both call them. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "exec/opencl/exec.h"
#include "graph/build.h"
#include "plan/plan.h"

enum { CHANNELS = 250, MOST_KERNELS = 64, NONE = -1 };

static px_cl_device *device;

/* The kernels queued since `kernels` was set to 0; each with its event, which `kept` holds on to. */
static int kernels, failing_kernel = NONE;
static cl_event events[MOST_KERNELS];
static bool kept, given[MOST_KERNELS]; /* given: to the caller, who has not released it yet */

CL_API_ENTRY cl_int CL_API_CALL clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                                       const size_t *first, const size_t *global, const size_t *local,
                                                       cl_uint waits, const cl_event *wait, cl_event *event)
{
    cl_int (*next)(cl_command_queue, cl_kernel, cl_uint, const size_t *, const size_t *, const size_t *, cl_uint,
                   const cl_event *, cl_event *);
    *(void **)&next = dlsym(RTLD_NEXT, "clEnqueueNDRangeKernel");
    if (kernels == failing_kernel)
        return CL_OUT_OF_RESOURCES;
    assert_true(kernels < MOST_KERNELS);
    cl_event ours = NULL, *to = event ? event : &ours;
    cl_int code = next(queue, kernel, dimensions, first, global, local, waits, wait, to);
    events[kernels] = *to;
    given[kernels] = event != NULL;
    if (event && kept)
        clRetainEvent(*event);
    kernels++;
    return code;
}

CL_API_ENTRY cl_int CL_API_CALL clReleaseEvent(cl_event event)
{
    cl_int (*next)(cl_event);
    *(void **)&next = dlsym(RTLD_NEXT, "clReleaseEvent");
    for (int k = 0; k < kernels; k++)
        if (events[k] == event)
            given[k] = false;
    return next(event);
}

/* A convolution by GEMM, large enough for CLBlast to pad its matrices. */
typedef struct convolution {
    px_graph *graph;
    px_plan *plan;
    px_exec *exec;
    size_t gemm; /* which launch */
} convolution;

static void make(convolution *c, bool transposed)
{
    pixcl_error err = {0};
    c->graph = px_graph_create(NULL);
    px_node x = px_input(c->graph, (px_shape){1, CHANNELS, 48, 47}, "x");
    px_node w = px_variable(c->graph, PX_WEIGHT, (px_shape){CHANNELS, CHANNELS, 3, 3}, "w", false);
    px_node y = transposed ? px_conv_t(c->graph, x, w, 1, 1, 0) : px_conv(c->graph, x, w, 1, 1);
    px_graph_output(c->graph, px_tanh(c->graph, y), "y");
    px_target target = px_cl_target(device);
    target.conv = PX_ALGORITHM_GEMM;
    target.block = 1;
    c->plan = px_plan_create(c->graph, &target, &err);
    c->exec = c->plan ? px_exec_create_opencl(device, c->plan, NULL, NULL, &err) : NULL;
    if (!c->exec)
        fail_msg("%s", err.message);
    c->gemm = 0;
    while (c->gemm < c->plan->launch_count && c->plan->launches[c->gemm].type != PX_LAUNCH_GEMM)
        c->gemm++;
    assert_true(c->gemm < c->plan->launch_count);
    kernels = 0;
}

static void destroy(convolution *c)
{
    px_exec_destroy(&c->exec);
    px_plan_destroy(&c->plan);
    px_graph_destroy(&c->graph);
}

static pixcl_status run(const convolution *c)
{
    kernels = 0;
    pixcl_status status = px_exec_run(c->exec, &(px_step){.step = 1}, NULL);
    assert_int_equal(px_exec_finish(c->exec, NULL), PIXCL_OK);
    return status;
}

static double time_of(cl_event event, cl_profiling_info what)
{
    cl_ulong nanoseconds = 0;
    assert_int_equal(clGetEventProfilingInfo(event, what, sizeof nanoseconds, &nanoseconds, NULL), CL_SUCCESS);
    return 1e-9 * (double)nanoseconds;
}

static void expect_covered(bool transposed)
{
    convolution c;
    make(&c, transposed);
    assert_int_equal(c.gemm == 0, transposed); /* the other begins with gathering its input */
    kept = true;
    const double start = px_now();
    assert_int_equal(run(&c), PIXCL_OK);
    const double seconds = px_now() - start;
    kept = false;
    const px_launch_time *times = px_exec_opencl_times(c.exec);
    const int after = (int)(c.plan->launch_count - c.gemm) - 1, last = kernels - after - 1, begin = (int)c.gemm;
    assert_true(last > begin); /* several kernels, else this shows nothing */
    assert_true(times[c.gemm].begin <= time_of(events[begin], CL_PROFILING_COMMAND_START));
    assert_true(times[c.gemm].end >= time_of(events[last], CL_PROFILING_COMMAND_END));
    assert_true(times[c.plan->launch_count - 1].end - times[0].begin < seconds);
    for (size_t l = 0; l < c.plan->launch_count; l++) {
        assert_true(times[l].begin < times[l].end);
        assert_true(l == 0 || times[l].begin >= times[l - 1].end); /* no time is counted twice */
    }
    for (int k = 0; k < kernels; k++)
        clReleaseEvent(events[k]);
    destroy(&c);
}

static void a_gemm_is_timed_whole(void **state)
{
    (void)state;
    expect_covered(false);
    expect_covered(true);
}

static void expect_no_event_left(void)
{
    for (int k = 0; k < kernels; k++)
        assert_false(given[k]);
}

static void a_failed_step_leaves_no_event(void **state)
{
    (void)state;
    convolution c;
    make(&c, false);
    assert_int_equal(run(&c), PIXCL_OK);
    expect_no_event_left();
    const int all = kernels;
    for (failing_kernel = 0; failing_kernel < all; failing_kernel++) {
        assert_int_not_equal(run(&c), PIXCL_OK);
        expect_no_event_left();
    }
    failing_kernel = NONE;
    assert_int_equal(run(&c), PIXCL_OK);
    assert_int_equal(kernels, all);
    expect_no_event_left();
    destroy(&c);
}

static int open_device(void **state)
{
    (void)state;
    device = px_cl_device_open(NULL, true, NULL);
    return device ? 0 : -1;
}

static int close_device(void **state)
{
    (void)state;
    px_cl_device_close(&device);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_gemm_is_timed_whole),
                                       cmocka_unit_test(a_failed_step_leaves_no_event)};
    return cmocka_run_group_tests(tests, open_device, close_device);
}
