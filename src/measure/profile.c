/* Sums over launches, and how near they come to what the device can do. */
#include "measure/profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

pixcl_status px_profile_start(px_profile *profile, const px_plan *plan, pixcl_error *err)
{
    *profile = (px_profile){.plan = plan};
    profile->seconds = px_calloc(plan->launch_count, sizeof *profile->seconds, err);
    return profile->seconds ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

void px_profile_free(px_profile *profile)
{
    px_free(profile->seconds);
    *profile = (px_profile){0};
}

void px_profile_add(px_profile *profile, const px_exec *exec)
{
    const px_launch_time *times = px_exec_opencl_times(exec);
    size_t count = profile->plan->launch_count;
    for (size_t l = 0; l < count; l++)
        profile->seconds[l] += times[l].end - times[l].begin;
    if (count > 0)
        profile->span += times[count - 1].end - times[0].begin;
    profile->steps++;
}

static int slowest_first(const void *a, const void *b)
{
    double x = ((const pixcl_bench_kernel *)a)->milliseconds, y = ((const pixcl_bench_kernel *)b)->milliseconds;
    return (x < y) - (x > y);
}

/* The least time in which the device could do a launch: its operations at the peak, or its bytes. */
static double least_seconds(const px_launch *launch, const pixcl_bench_result *result)
{
    double computing = result->peak_gflops > 0 ? 1e-9 * launch->flops / result->peak_gflops : 0;
    double moving = result->peak_gbps > 0 ? 1e-9 * launch->bytes / result->peak_gbps : 0;
    return computing > moving ? computing : moving;
}

static pixcl_bench_kernel *kernel_of(pixcl_bench_result *result, const char *label)
{
    size_t k = 0;
    while (k < result->kernel_count && strcmp(result->kernels[k].label, label) != 0)
        k++;
    if (k == result->kernel_count) {
        memcpy(result->kernels[k].label, label, strlen(label) + 1);
        result->kernel_count++;
    }
    return &result->kernels[k];
}

pixcl_status px_profile_sum(const px_profile *profile, pixcl_bench_result *result, pixcl_error *err)
{
    const px_plan *plan = profile->plan;
    double conv_flops = 0;
    result->kernels = px_calloc(plan->launch_count + 1, sizeof *result->kernels, err);
    if (!result->kernels)
        return PIXCL_ERROR_MEMORY;
    for (size_t l = 0; l < plan->launch_count; l++) {
        const px_launch *launch = &plan->launches[l];
        pixcl_bench_kernel *kernel = kernel_of(result, launch->label);
        double seconds = profile->seconds[l] / profile->steps;
        kernel->calls++;
        kernel->milliseconds += 1e3 * seconds;
        kernel->gflops += launch->flops; /* summed first, divided by the time below */
        kernel->gbps += launch->bytes;
        kernel->roofline += least_seconds(launch, result);
        if (px_op_describe(plan->nodes[launch->node].op)->op_class == PX_CONV) {
            result->conv_seconds += seconds;
            conv_flops += launch->flops;
        }
    }
    for (size_t k = 0; k < result->kernel_count; k++) {
        pixcl_bench_kernel *kernel = &result->kernels[k];
        double seconds = 1e-3 * kernel->milliseconds, per_second = seconds > 0 ? 1 / seconds : 0;
        kernel->gflops *= 1e-9 * per_second;
        kernel->gbps *= 1e-9 * per_second;
        kernel->roofline *= per_second;
    }
    qsort(result->kernels, result->kernel_count, sizeof *result->kernels, slowest_first);
    result->conv_gflops = result->conv_seconds > 0 ? 1e-9 * conv_flops / result->conv_seconds : 0;
    result->other_seconds = profile->span / profile->steps - result->conv_seconds;
    return PIXCL_OK;
}
