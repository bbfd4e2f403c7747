/* Large launches in pieces, so that none holds a slow integrated GPU, and the desktop drawn by it, for more than about
 * 100 ms. Groups do not depend on one another, so a cut between them along one dimension is right. A GEMM stays whole
 * here, since its sums would round otherwise when cut; it is as long as a slice of columns makes it
 * (lower_conv_gemm.c). */
#include <string.h>

#include "plan/planner.h"

/* Work-items that stay together along a dimension. */
static size_t unit_of(const px_launch *launch, int d)
{
    return launch->local[d] > 0 ? launch->local[d] : 1;
}

/* How many units a dimension can be cut into. */
static size_t length_of(const px_launch *launch, int d)
{
    return launch->global[d] / unit_of(launch, d);
}

static int longest_dimension(const px_launch *launch)
{
    int longest = 0;
    for (int d = 1; d < 3; d++)
        if (length_of(launch, d) > length_of(launch, longest))
            longest = d;
    return longest;
}

static size_t count_pieces(const px_planner *p, const px_launch *launch)
{
    const double flops = p->target->max_launch_flops, bytes = p->target->max_launch_bytes;
    const double by_flops = flops > 0 ? launch->flops / flops : 0, by_bytes = bytes > 0 ? launch->bytes / bytes : 0;
    const double pieces = by_flops > by_bytes ? by_flops : by_bytes;
    if (launch->type != PX_LAUNCH_KERNEL || pieces <= 1)
        return 1;
    size_t length = length_of(launch, longest_dimension(launch));
    return pieces + 1 < (double)length ? (size_t)pieces + 1 : length;
}

static void make_piece(px_launch *piece, const px_launch *whole, size_t index, size_t count)
{
    int d = longest_dimension(whole);
    size_t unit = unit_of(whole, d), length = length_of(whole, d);
    size_t begin = length * index / count * unit, end = length * (index + 1) / count * unit;
    *piece = *whole;
    if (count == 1)
        return;
    piece->first[d] = whole->first[d] + begin;
    piece->global[d] = end - begin;
    piece->flops = whole->flops * (double)(end - begin) / (double)whole->global[d];
    piece->bytes = whole->bytes * (double)(end - begin) / (double)whole->global[d];
}

pixcl_status px_pass_split(px_planner *p)
{
    px_plan *plan = p->plan;
    size_t total = 0;
    if (p->target->max_launch_flops <= 0 && p->target->max_launch_bytes <= 0)
        return PIXCL_OK;
    for (size_t l = 0; l < plan->launch_count; l++)
        total += count_pieces(p, &plan->launches[l]);
    px_launch *launches = px_calloc(total, sizeof *launches, p->err);
    if (!launches)
        return PIXCL_ERROR_MEMORY;
    size_t to = 0;
    for (size_t l = 0; l < plan->launch_count; l++) {
        size_t pieces = count_pieces(p, &plan->launches[l]);
        for (size_t i = 0; i < pieces; i++)
            make_piece(&launches[to++], &plan->launches[l], i, pieces);
    }
    px_free(plan->launches);
    plan->launches = launches;
    plan->launch_count = plan->launch_capacity = total;
    return PIXCL_OK;
}
