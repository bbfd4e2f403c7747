/* The model behind estimates; DECISIONS.md has what it was compared with, and what it cannot know. */
#include "plan/estimate.h"

#include "plan/conv_method.h"

/* Which share of the device's speed kernels reach. Above 1 for streams on a CPU: Adam and its like write where they
 * have read, while a copy, by which the bandwidth is measured, has each line of its target read before it is written,
 * and that does not count as copied. */
typedef struct shares {
    double convolutions; /* of the multiply-adds that a convolution's density allows */
    double pointwise;    /* of all multiply-adds: kernels that are no convolution */
    double movers;       /* of copying: kernels of a convolution that only move: repacking, transforms, columns */
    double streams;      /* of copying: kernels that are no convolution */
} shares;

static shares shares_of(const px_target *target)
{
    /* On a GPU latencies, and launches whose last work-groups run alone, leave some three quarters. */
    return target->single_groups ? (shares){1, 0.3, 0.5, 1.3} : (shares){0.75, 0.3, 1, 1};
}

/* The share of the device that a launch keeps busy: small ones have too few work-items for all of it. */
static double busy_share(const px_target *target, const px_launch *launch)
{
    enum { PER_ITEM = 64 /* results of a work-item of CLBlast */, WAVES_TO_HIDE = 4 };
    const double wanted =
        target->single_groups ? target->compute_units : (double)target->lanes * target->waves / WAVES_TO_HIDE;
    const double items = launch->type == PX_LAUNCH_GEMM
                             ? (double)launch->gemm.m * (double)launch->gemm.n / PER_ITEM
                             : (double)launch->global[0] * (double)launch->global[1] * (double)launch->global[2];
    return items < wanted ? items / wanted : 1;
}

/* What a launch can do in a second: multiply-adds and bytes. */
typedef struct rates {
    double flops, bytes;
} rates;

static rates rates_of(const px_plan *plan, const px_launch *launch, const px_speed *speed)
{
    const shares s = shares_of(&plan->target);
    const px_node_info *info = &plan->nodes[launch->node];
    rates r = {1e9 * speed->gflops, 1e9 * speed->gbps};
    if (px_op_describe(info->op)->op_class == PX_CONV) {
        const px_conv_problem problem = px_conv_problem_of(plan, launch->node);
        const px_conv_method *method = px_conv_method_of(plan->algorithms[launch->node]);
        r.flops *= s.convolutions * method->density(&plan->target, &problem) * busy_share(&plan->target, launch);
        r.bytes *= launch->flops > 0 ? 1 : s.movers;
    } else {
        r.flops *= s.pointwise;
        r.bytes *= s.streams;
    }
    return r;
}

static void add_launch(const px_plan *plan, const px_launch *launch, px_estimate *e)
{
    const rates r = rates_of(plan, launch, &e->speed);
    /* CLBlast's copies around a product are kernels of their own. */
    const bool gemm = launch->type == PX_LAUNCH_GEMM;
    const double copied = gemm ? 2.0 * (double)launch->gemm.scratch : 0;
    const size_t launches = gemm ? 1 + (size_t)launch->gemm.copies : 1;
    const double computing = launch->flops / r.flops, moving = (launch->bytes - copied) / r.bytes;
    if (computing > moving)
        e->arithmetic += computing;
    else
        e->memory += moving;
    e->memory += copied / r.bytes;
    e->launching += (double)launches * e->speed.launch_seconds;
    e->flops += launch->flops;
    e->bytes += launch->bytes;
    e->launches += launches;
}

bool px_estimate_step(const px_plan *plan, const px_speed *speed, px_estimate *estimate)
{
    *estimate = (px_estimate){.speed = *speed};
    if (speed->gflops <= 0 || speed->gbps <= 0)
        return false;
    for (size_t l = 0; l < plan->launch_count; l++)
        add_launch(plan, &plan->launches[l], estimate);
    estimate->seconds = estimate->arithmetic + estimate->memory + estimate->launching;
    return true;
}

const char *px_estimate_bound(const px_estimate *e)
{
    if (e->launching > e->arithmetic && e->launching > e->memory)
        return "launches";
    return e->memory > e->arithmetic ? "memory" : "arithmetic";
}
