/* Feeding, running and judging check cases. */
#include "measure/check_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/memory.h"
#include "base/rng.h"
#include "plan/conv_method.h"

enum { STEPS = 3, SEED = 20 };

/* F(4x4,3x3) multiplies by up to 8 and takes differences of the products, which makes about ten times the rounding
 * error of a plain sum; its factors of 1/6 and 1/24 are not exact, so that whole numbers do not stay whole. */

/* The worst of a case so far. */
typedef struct outcome {
    double error, allowed;
    bool unequal; /* whole numbers came out different */
    double noise; /* how many times more than direct sums its convolutions may round */
} outcome;

static float draw(px_rng *rng, px_check_fill fill, px_check_numbers numbers)
{
    bool whole = numbers == PX_CHECK_WHOLE;
    switch (fill) {
    case PX_CHECK_SIGNED:
        return whole ? (float)px_rng_below(rng, 7) - 3 : 2 * px_rng_float(rng) - 1;
    case PX_CHECK_POSITIVE:
        return whole ? (float)px_rng_below(rng, 4) + 1 : px_rng_float(rng) + 0.5f;
    case PX_CHECK_DISTANT:
        return whole ? (float)px_rng_below(rng, 2) + 63 : 2 * px_rng_float(rng) + 63;
    case PX_CHECK_ZERO:
        break;
    }
    return 0;
}

static pixcl_status feed(const px_check_graph *cases, const px_check_source *source, px_exec *exec,
                         px_check_numbers numbers, int step, pixcl_error *err)
{
    const px_node_info *node = px_graph_node(cases->graph, source->node);
    size_t count = px_shape_count(node->shape);
    float *values = px_calloc(count, sizeof *values, err);
    if (!values)
        return PIXCL_ERROR_MEMORY;
    /* Weights keep a convolution's result near the size of its input. */
    bool scaled = node->kind == PX_WEIGHT && numbers == PX_CHECK_REAL && source->fill == PX_CHECK_SIGNED;
    float scale = scaled ? 1 / sqrtf((float)node->shape.c * (float)(node->shape.h * node->shape.w)) : 1;
    px_rng rng = {.seed = SEED + (uint64_t)numbers, .stream = source->stream << 8 | (uint64_t)step};
    for (size_t i = 0; i < count; i++)
        values[i] = scale * draw(&rng, source->fill, numbers);
    pixcl_status status = px_exec_write(exec, source->node, values, err);
    px_free(values);
    return status;
}

pixcl_status px_check_step(const px_check_graph *cases, px_exec *exec, px_check_numbers numbers, int step,
                           pixcl_error *err)
{
    const px_step what = {
        .seed = SEED, .step = (uint64_t)step, .pictures = 3 * (uint64_t)(step - 1), .lr = {0.01f, 0.1f, 0.01f}};
    for (size_t i = 0; i < cases->source_count; i++) {
        const px_node_info *node = px_graph_node(cases->graph, cases->sources[i].node);
        if (step > 1 && node->op == PX_OP_VARIABLE)
            continue;
        pixcl_status status = feed(cases, &cases->sources[i], exec, numbers, step, err);
        if (status != PIXCL_OK)
            return status;
    }
    pixcl_status status = px_exec_run(exec, &what, err);
    return status == PIXCL_OK ? px_exec_finish(exec, err) : status;
}

static size_t result_size(const px_check_graph *cases, size_t index)
{
    return px_shape_count(px_graph_node(cases->graph, cases->results[index].node)->shape);
}

size_t px_check_value_count(const px_check_graph *cases)
{
    size_t count = 0;
    for (size_t i = 0; i < cases->result_count; i++)
        count += result_size(cases, i);
    return count;
}

pixcl_status px_check_read(const px_check_graph *cases, px_exec *exec, float *values, pixcl_error *err)
{
    for (size_t i = 0; i < cases->result_count; i++) {
        pixcl_status status = px_exec_read(exec, cases->results[i].node, values, err);
        if (status != PIXCL_OK)
            return status;
        values += result_size(cases, i);
    }
    return PIXCL_OK;
}

/* How much worse than allowed; comparable between results. */
static double badness(double error, double allowed)
{
    return error == 0 ? 0 : allowed > 0 ? error / allowed : INFINITY;
}

static void judge(const px_check_graph *cases, const float *device, const float *reference, px_check_numbers numbers,
                  int step, outcome *outcomes)
{
    for (size_t i = 0; i < cases->result_count; i++) {
        const px_check_result *result = &cases->results[i];
        outcome *of = &outcomes[result->part];
        size_t count = result_size(cases, i);
        double largest = 0, difference = 0;
        for (size_t e = 0; e < count; e++) {
            double off = fabs((double)device[e] - reference[e]);
            largest = fmax(largest, fabs((double)reference[e]));
            difference = isnan(off) ? INFINITY : fmax(difference, off);
        }
        device += count;
        reference += count;
        if (numbers == PX_CHECK_WHOLE) {
            bool exact = cases->parts[result->part].exact && of->noise == 1;
            of->unequal = of->unequal || (exact && difference > 0);
            continue;
        }
        double error = largest > 0 ? difference / largest : difference > 0 ? INFINITY : 0;
        double allowed = result->allowed * step * of->noise;
        if (badness(error, allowed) > badness(of->error, of->allowed) || of->allowed == 0) {
            of->error = error;
            of->allowed = allowed;
        }
    }
}

static pixcl_status run_both(const px_check_graph *cases, px_exec *device, px_exec *reference, outcome *outcomes,
                             pixcl_error *err)
{
    size_t count = px_check_value_count(cases);
    float *got = px_calloc(count, sizeof *got, err), *expected = px_calloc(count, sizeof *expected, err);
    pixcl_status status = got && expected ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    for (int numbers = PX_CHECK_REAL; numbers <= PX_CHECK_WHOLE; numbers++)
        for (int step = 1; status == PIXCL_OK && step <= STEPS; step++) {
            status = px_check_step(cases, device, (px_check_numbers)numbers, step, err);
            if (status == PIXCL_OK)
                status = px_check_read(cases, device, got, err);
            if (status == PIXCL_OK)
                status = px_check_step(cases, reference, (px_check_numbers)numbers, step, err);
            if (status == PIXCL_OK)
                status = px_check_read(cases, reference, expected, err);
            if (status == PIXCL_OK)
                judge(cases, got, expected, (px_check_numbers)numbers, step, outcomes);
        }
    px_free(got);
    px_free(expected);
    return status;
}

/* How much more than direct sums the algorithms of a case may round: that of the noisiest. */
static void find_noise(const px_check_graph *cases, const px_plan *plan, outcome *outcomes)
{
    for (size_t i = 0; i < cases->part_count; i++) {
        outcomes[i].noise = 1;
        for (px_node node = cases->parts[i].first; node < cases->parts[i].end; node++)
            if (plan->algorithms[node] != PX_ALGORITHM_NONE)
                outcomes[i].noise = fmax(outcomes[i].noise, px_conv_method_of(plan->algorithms[node])->noise);
    }
}

static pixcl_status run_cases(px_cl_device *device, const px_target *target, const px_check_graph *cases,
                              outcome *outcomes, pixcl_error *err)
{
    px_exec *on_device = NULL, *reference = NULL;
    pixcl_status status = PIXCL_OK;
    px_plan *plan = px_plan_create(cases->graph, target, err);
    if (plan) {
        find_noise(cases, plan, outcomes);
        on_device = px_exec_create_opencl(device, plan, NULL, NULL, err);
    }
    if (on_device)
        reference = px_exec_create_reference(cases->graph, err);
    if (reference)
        status = run_both(cases, on_device, reference, outcomes, err);
    else
        status = err->status;
    px_exec_destroy(&reference);
    px_exec_destroy(&on_device);
    px_plan_destroy(&plan);
    return status;
}

static void tell(const px_check_graph *cases, size_t part, px_check_group group, const px_target *target,
                 const outcome *worst, const pixcl_error *failure, const px_check_listener *listener)
{
    char lowering[48], message[200] = "";
    const char *conv = px_conv_algorithm_name(target->conv);
    snprintf(lowering, sizeof lowering, "%s%sblock %d", conv, *conv ? ", " : "", target->block);
    bool within = worst->error <= worst->allowed;
    if (!within)
        px_snprintf(message, sizeof message, "the result is off by %.1e of its largest value; %.1e is allowed",
                    worst->error, worst->allowed);
    else if (worst->unequal)
        snprintf(message, sizeof message, "whole numbers, which float holds exactly, come out different");
    const pixcl_check_row row = {.group = px_check_group_name(group),
                                 .name = cases->parts[part].name,
                                 .lowering = lowering,
                                 .error = failure ? INFINITY : worst->error,
                                 .allowed = worst->allowed,
                                 .passed = !failure && within && !worst->unequal,
                                 .message = failure ? failure->message : message};
    listener->row(listener->user, &row);
}

/* Runs cases and tells about each. With `alone`, a failure to run is a row too; else it is returned and nothing is
 * told. */
static pixcl_status run_and_tell(px_cl_device *device, const px_target *target, px_check_group group,
                                 const px_check_graph *cases, bool alone, const px_check_listener *listener,
                                 pixcl_error *err)
{
    outcome *outcomes = px_calloc(cases->part_count, sizeof *outcomes, err);
    if (!outcomes)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = run_cases(device, target, cases, outcomes, err);
    for (size_t i = 0; (status == PIXCL_OK || alone) && i < cases->part_count; i++)
        tell(cases, i, group, target, &outcomes[i], status == PIXCL_OK ? NULL : err, listener);
    px_free(outcomes);
    return alone ? PIXCL_OK : status;
}

pixcl_status px_check_group_run(px_cl_device *device, const px_target *target, px_check_group group, const char *only,
                                const px_check_listener *listener, pixcl_error *err)
{
    pixcl_error failure = {0};
    px_check_graph *cases = px_check_graph_create(group, only, 0, SIZE_MAX, err);
    if (!cases)
        return err ? err->status : PIXCL_ERROR_MEMORY;
    size_t count = cases->part_count;
    pixcl_status status =
        count == 0 ? PIXCL_OK : run_and_tell(device, target, group, cases, count == 1, listener, &failure);
    px_check_graph_destroy(&cases);
    if (status == PIXCL_OK)
        return PIXCL_OK;
    if (status == PIXCL_ERROR_INTERRUPTED)
        return px_fail(err, status, "%s", failure.message);
    for (size_t i = 0; i < count; i++) {
        cases = px_check_graph_create(group, only, i, 1, err);
        if (!cases)
            return err ? err->status : PIXCL_ERROR_MEMORY;
        status = run_and_tell(device, target, group, cases, true, listener, &failure);
        px_check_graph_destroy(&cases);
        if (status != PIXCL_OK)
            return px_fail(err, status, "%s", failure.message);
    }
    return PIXCL_OK;
}
