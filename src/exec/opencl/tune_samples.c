/* What a convolution is by definition, at some places of its result. */
#include <math.h>

#include "base/rng.h"
#include "exec/opencl/tune_trial.h"
#include "plan/conv_method.h"

/* The two operands of a trial. */
typedef struct operands {
    const px_trial *trial;
    const float *a, *b;
} operands;

static double map_at(const operands *o, bool first, int n, int c, int h, int w)
{
    const px_shape shape = first ? o->trial->problem.x : o->trial->problem.y;
    if (h < 0 || w < 0 || h >= shape.h || w >= shape.w)
        return 0;
    const px_value *value = &o->trial->plan->values[first ? o->trial->a : o->trial->b];
    return (first ? o->a : o->b)[px_activation_index(shape, value, n, c, h, w)];
}

static size_t weight_index(const px_trial *t, px_node node, int d0, int d1, int kh, int kw)
{
    return px_weight_index(px_graph_node(t->graph, node)->shape, t->plan->values[node].layout, t->problem.block, d0, d1,
                           kh, kw);
}

static double conv_at(const operands *o, int n, int c, int h, int w)
{
    const px_conv_problem *p = &o->trial->problem;
    double sum = 0;
    for (int i = 0; i < p->x.c; i++)
        for (int kh = 0; kh < p->kernel; kh++)
            for (int kw = 0; kw < p->kernel; kw++)
                sum += map_at(o, true, n, i, h * p->stride - p->pad + kh, w * p->stride - p->pad + kw) *
                       o->b[weight_index(o->trial, o->trial->b, c, i, kh, kw)];
    return sum;
}

static double conv_t_at(const operands *o, int n, int c, int h, int w)
{
    const px_conv_problem *p = &o->trial->problem;
    double sum = 0;
    for (int i = 0; i < p->x.c; i++)
        for (int kh = 0; kh < p->kernel; kh++)
            for (int kw = 0; kw < p->kernel; kw++) {
                int ih = h + p->pad - kh, iw = w + p->pad - kw;
                if (ih >= 0 && iw >= 0 && ih % p->stride == 0 && iw % p->stride == 0)
                    sum += map_at(o, true, n, i, ih / p->stride, iw / p->stride) *
                           o->b[weight_index(o->trial, o->trial->b, i, c, kh, kw)];
            }
    return sum;
}

static double gradient_at(const operands *o, int out, int in, int kh, int kw)
{
    const px_conv_problem *p = &o->trial->problem;
    double sum = 0;
    for (int n = 0; n < p->y.n; n++)
        for (int h = 0; h < p->y.h; h++)
            for (int w = 0; w < p->y.w; w++)
                sum += map_at(o, true, n, in, h * p->stride - p->pad + kh, w * p->stride - p->pad + kw) *
                       map_at(o, false, n, out, h, w);
    return sum;
}

/* The largest number of products in a sum. */
static int count_terms(const px_conv_problem *p)
{
    int taps = (p->kernel + p->stride - 1) / p->stride;
    if (p->op == PX_OP_CONV_WGRAD)
        return p->y.n * p->y.h * p->y.w;
    return p->op == PX_OP_CONV ? p->x.c * p->kernel * p->kernel : p->x.c * taps * taps;
}

/* The first places are the corners of the result, where tiles end; the others anywhere. */
static int place(px_rng *rng, int sample, int bit, int size)
{
    if (sample < 16)
        return sample >> bit & 1 ? size - 1 : 0;
    return (int)px_rng_below(rng, (uint32_t)size);
}

pixcl_status px_trial_expect(const px_trial *t, px_samples *s, pixcl_error *err)
{
    const px_shape shape = px_graph_node(t->graph, t->result)->shape;
    const size_t of_a = px_shape_count(px_graph_node(t->graph, t->a)->shape);
    const operands o = {t, t->stand->numbers, t->stand->numbers + of_a};
    const px_value *value = &t->plan->values[t->result];
    px_rng rng = {.seed = 2};
    if (value->buffer < 0)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "the result of a convolution on trial is not in memory");
    *s = (px_samples){.count = PX_SAMPLES, .terms = count_terms(&t->problem)};
    for (int i = 0; i < s->count; i++) {
        int d0 = place(&rng, i, 0, shape.n), d1 = place(&rng, i, 1, shape.c);
        int d2 = place(&rng, i, 2, shape.h), d3 = place(&rng, i, 3, shape.w);
        if (t->problem.op == PX_OP_CONV_WGRAD) {
            s->at[i] = weight_index(t, t->result, d0, d1, d2, d3);
            s->expected[i] = gradient_at(&o, d0, d1, d2, d3);
        } else {
            s->at[i] = px_activation_index(shape, value, d0, d1, d2, d3);
            s->expected[i] = t->problem.op == PX_OP_CONV ? conv_at(&o, d0, d1, d2, d3) : conv_t_at(&o, d0, d1, d2, d3);
        }
        s->largest = fmax(s->largest, fabs(s->expected[i]));
    }
    return PIXCL_OK;
}

pixcl_status px_trial_read(const px_trial *t, const px_samples *s, float *found, pixcl_error *err)
{
    size_t offset;
    cl_mem memory = px_exec_opencl_memory(t->exec, t->result, &offset);
    cl_int code = CL_SUCCESS;
    for (int i = 0; code == CL_SUCCESS && i < s->count; i++)
        code = clEnqueueReadBuffer(t->stand->device->queue, memory, CL_TRUE, offset + s->at[i] * sizeof *found,
                                   sizeof *found, &found[i], 0, NULL, NULL);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueReadBuffer", "%d samples", s->count);
}

bool px_samples_agree(const px_samples *s, const float *found, px_op op, px_conv_algorithm algorithm)
{
    const double noise = px_conv_method_of(algorithm)->noise;
    const double allowed = px_op_describe(op)->tolerance * sqrt(s->terms) * noise * s->largest;
    for (int i = 0; i < s->count; i++)
        if (!(fabs(found[i] - s->expected[i]) <= allowed)) /* NaN is wrong too */
            return false;
    return true;
}
