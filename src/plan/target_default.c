/* From the facts of a device to the shape of the work that suits it. The only place that asks for the class. */
#include "plan/target.h"

#include "base/env.h"
#include "plan/conv_method.h"

/* What drivers leave out. */
enum { UNKNOWN_WORK_GROUP = 256, UNKNOWN_LOCAL_MEMORY = 16384, UNKNOWN_COMPUTE_UNITS = 16 };
/* Places of buffers are multiples of the alignment: larger ones waste more memory than copies take time. */
enum { LARGEST_ALIGNMENT = 65536 };

const int px_tile_sums[PX_TILE_KINDS] = {24, 6, 2};

int px_tile_vectors(int sums)
{
    return sums >= 16 ? 2 : 1;
}

/* The largest power of two that is at most `most`. */
static int power_of_two(size_t most)
{
    int n = 1;
    while ((size_t)n * 2 <= most)
        n *= 2;
    return n;
}

static void cpu_traits(px_target *target)
{
    target->single_groups = true;
    target->uploads_ahead = false;
    target->lanes = target->group = 1;
    target->vector_width = 16;
    target->run_length = 4096;
    target->waves = 16;
    target->weight_cache = 65536;
}

/* Intel's compilers make waves of 16 of such kernels, NVIDIA has 32, AMD's older chips 64. A driver that does not tell
 * is taken for Intel's where memory is shared, and for NVIDIA's elsewhere. A compute unit is an EU with room for 7
 * waves, or a multiprocessor that wants some 16 to hide the latency of its memory. */
static void gpu_traits(px_target *target)
{
    const int usual = target->device_class == PX_DEVICE_GPU_DISCRETE ? 32 : 16;
    const int wanted = target->sub_group > 0 ? target->sub_group : usual, most = power_of_two(target->max_work_group);
    target->single_groups = false;
    target->uploads_ahead = true;
    target->lanes = wanted <= 16 ? 16 : wanted >= 64 ? 64 : 32;
    target->lanes = target->lanes < most ? target->lanes : most;
    target->group = most < 64 ? most : 64;
    target->vector_width = 4;
    target->run_length = 1;
    target->waves = target->compute_units * (target->lanes == 16 ? 7 : 16);
    target->weight_cache = 65536;
}

void px_target_traits(px_target *target)
{
    if (target->max_work_group == 0)
        target->max_work_group = UNKNOWN_WORK_GROUP;
    if (target->local_memory == 0)
        target->local_memory = UNKNOWN_LOCAL_MEMORY;
    if (target->compute_units <= 0)
        target->compute_units = UNKNOWN_COMPUTE_UNITS;
    if (target->tile_sums <= 0)
        target->tile_sums = px_tile_sums[0];
    if (target->alignment < sizeof(float) || target->alignment > LARGEST_ALIGNMENT ||
        (target->alignment & (target->alignment - 1)) != 0)
        target->alignment = 0;
    switch (target->device_class) {
    case PX_DEVICE_CPU:
        cpu_traits(target);
        break;
    case PX_DEVICE_GPU_INTEGRATED:
    case PX_DEVICE_GPU_DISCRETE:
    case PX_DEVICE_ACCELERATOR:
        gpu_traits(target);
        break;
    }
}

/* On a GPU that draws the desktop as well one launch should stay near 100 ms, at half the speed that was measured. Slow
 * integrated ones reach some 50 GFLOP/s and 10 GB/s: what is taken for one that was not measured. */
static void limit_launches(px_target *target)
{
    const double seconds = 0.1, share = 0.5;
    const double flops = target->gflops > 0 ? seconds * share * 1e9 * target->gflops : 5e9;
    const double bytes = target->gbps > 0 ? seconds * share * 1e9 * target->gbps : 1e9;
    const int64_t forced = px_env_number("PIXCL_MAX_LAUNCH", -1); /* MFLOP */
    target->max_launch_flops = forced >= 0 ? 1e6 * (double)forced : target->single_groups ? 0 : flops;
    target->max_launch_bytes = forced >= 0 ? 2e5 * (double)forced : target->single_groups ? 0 : bytes;
    /* How a product is cut decides how its sums round, so it must not depend on what was measured. */
    target->max_gemm_flops = forced >= 0 ? 1e6 * (double)forced : target->single_groups ? 0 : 5e9;
}

void px_target_default(px_target *target)
{
    px_target_traits(target);
    const char *conv = px_env_text("PIXCL_CONV");
    target->conv = conv ? px_conv_algorithm_named(conv) : PX_ALGORITHM_NONE;
    int64_t block = px_env_number("PIXCL_BLOCK", 0);
    bool valid = block == 1 || block == 2 || block == 4 || block == 8 || block == 16;
    target->block = valid ? (int)block : target->conv == PX_ALGORITHM_GEMM ? 1 : 16;
    limit_launches(target);
    /* 8 MB stay in a CPU's last cache from one launch to the next; on a GPU fewer launches are worth more. */
    target->weight_slice = target->single_groups ? 1 << 20 : 0;
    target->column_slice = 1 << 24; /* 64 MB: half of what the smallest device of OpenCL 1.2 allocates at once */
    target->map_slice = 1 << 22;    /* 16 MB: more takes memory, and no less time */
    target->no_fuse = px_env_lists("PIXCL_PLAN_OFF", "fuse");
    target->no_alias = px_env_lists("PIXCL_PLAN_OFF", "alias");
    target->no_reuse = px_env_lists("PIXCL_PLAN_OFF", "reuse");
    int64_t limit = px_env_number("PIXCL_MEMORY_LIMIT", 0);
    if (limit > 0 && (size_t)limit < target->memory)
        target->memory = (size_t)limit;
}
