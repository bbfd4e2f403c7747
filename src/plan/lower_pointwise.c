/* A fusion group becomes one launch of cl/pointwise.cl, and for a reduction one more that finishes it (cl/reduce.cl).
 *
 * Work is cut into parts of one channel block: on a CPU a run of pixels each, on a GPU a pixel each or, with a sum at
 * the end, interleaved pixels of a work-group (cl/pointwise.cl). A reduction writes one partial result a part; they are
 * added in the order of their index. */
#include "plan/pointwise_code.h"

typedef struct geometry {
    int lanes, pixels, channels, blocks, pictures; /* `channels` as the kernel's C */
    int width;                                     /* lanes of a work-item */
    int slots;                                     /* pixels of a work-group; 0 on a CPU */
    int parts, length;                             /* parts of one channel block; pixels of a part (CPU) */
} geometry;

static geometry cut(const px_planner *p, px_shape shape, px_kind kind, bool reduces)
{
    geometry g;
    if (kind == PX_ACTIVATION) {
        g.lanes = px_gcd(shape.c, p->target->block);
        g.pixels = shape.h * shape.w;
        g.channels = shape.c;
        g.blocks = shape.c / g.lanes;
        g.pictures = shape.n;
    } else { /* weights and vectors: one long row */
        int count = (int)px_shape_count(shape);
        g.lanes = px_gcd(count, p->target->block);
        g.pixels = count / g.lanes;
        g.channels = g.lanes;
        g.blocks = g.pictures = 1;
    }
    g.width = px_vector_width(p, g.lanes);
    if (p->target->single_groups) {
        g.slots = 0;
        g.length = 4096 / g.lanes;
        g.parts = (g.pixels + g.length - 1) / g.length;
        return g;
    }
    /* One work-item adds the parts of all pictures (cl/reduce.cl): of many pictures each has fewer. A work-item of a
     * part should have some pixels. */
    enum { PIXELS = 8 };
    const int most = g.pictures < 8 ? 64 / g.pictures : 8;
    g.slots = p->target->group / (g.lanes / g.width);
    const int parts = (g.pixels + PIXELS * g.slots - 1) / (PIXELS * g.slots);
    g.parts = !reduces ? g.pixels : parts < most ? parts : most;
    g.length = 1;
    return g;
}

static px_shape full_shape(const px_planner *p, const px_group *group, px_kind *kind)
{
    const px_node_info *last = px_at(p, group->nodes[group->count - 1]);
    if (px_op_describe(last->op)->op_class == PX_REDUCE)
        last = px_at(p, last->inputs[0]);
    *kind = last->kind;
    return last->shape;
}

static char *write_preamble(const px_planner *p, px_code *code, const geometry *g)
{
    px_text text = {0};
    px_text_add(&text, "#define B %d\n#define VW %d\n#define SLOTS %d\n", g->lanes, g->width, g->slots);
    px_text_add(&text, "#define ROWS %d\n#define MOMENTS %d\n#define RANDOM %d\n", code->rows, code->moments,
                code->uses_step);
    px_text_add(&text, "#define PARAMETERS \\\n");
    for (int i = 0; i < code->input_count; i++)
        px_text_add(&text, "    __global const float *restrict i%d, uint o%d, int s%d, \\\n", i, i, i);
    for (int i = 0; i < code->output_count; i++)
        px_text_add(&text, "    __global float *restrict q%d, uint oq%d, int sq%d, \\\n", i, i, i);
    for (int i = 0; i < code->float_count; i++)
        px_text_add(&text, "    float f%d, \\\n", i);
    px_text_add(&text, "\n#define ADDRESSES \\\n");
    for (int i = 0; i < code->input_count; i++) {
        px_text_add(&text, "    i%d += o%d", i, i);
        if (code->access[i] == PX_ACCESS_ELEMENT)
            px_text_add(&text, " + (size_t)n * s%d + (size_t)b0 * HW", i);
        else if (code->access[i] == PX_ACCESS_SCALAR)
            px_text_add(&text, " + n * s%d", i);
        else
            px_text_add(&text, " + n * s%d + c0", i);
        px_text_add(&text, "; \\\n");
    }
    for (int i = 0; i < code->output_count; i++)
        px_text_add(&text, "    q%d += oq%d + (size_t)n * sq%d + (size_t)b0 * HW; \\\n", i, i, i);
    px_text_add(&text, "\n#define SETUP%s\n#define BODY%s\n", code->setup.data ? code->setup.data : "",
                code->body.data ? code->body.data : "");
    text.failed = text.failed || code->setup.failed || code->body.failed;
    return px_text_take(&text, p->err);
}

static void add_arguments(px_planner *p, const px_code *code, int partial, const geometry *g)
{
    for (int i = 0; i < code->input_count; i++) {
        const px_value *value = px_value_of(p, code->inputs[i]);
        px_shape shape = px_at(p, code->inputs[i])->shape;
        px_arg_buffer(p, PX_ARG_READ, value->buffer, value->offset);
        /* Statistics of one sample, and scalars, serve all pictures. */
        px_arg_int(p, code->access[i] == PX_ACCESS_ELEMENT ? (int64_t)value->stride_n
                      : shape.n > 1                        ? (int64_t)shape.c * shape.w
                                                           : 0);
    }
    for (int i = 0; i < code->output_count; i++) {
        px_arg_value(p, PX_ARG_WRITE, code->outputs[i]);
        px_arg_int(p, (int64_t)px_value_of(p, code->outputs[i])->stride_n);
    }
    for (int i = 0; i < code->float_count; i++)
        px_arg_float(p, code->floats[i]);
    if (code->rows > 0)
        px_arg_buffer(p, PX_ARG_WRITE, partial, 0);
    if (code->uses_step)
        px_arg_step(p);
    if (code->rows > 0 && g->slots > 0)
        px_arg_local(p, (size_t)p->target->group * (size_t)(2 * g->width + 1));
    px_arg_int(p, g->channels);
    px_arg_int(p, g->pixels);
    px_arg_int(p, g->length);
    px_arg_int(p, g->parts);
}

static void label_group(const px_planner *p, px_launch *launch, const px_group *group)
{
    char text[sizeof launch->label];
    size_t used = 0;
    for (int i = 0; i < group->count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? "+" : "",
                                 px_op_describe(px_at(p, group->nodes[i])->op)->name);
    px_label(launch, "%s", text);
}

/* The second half of a reduction: partial results (pictures * parts, rows, C) to the node's value. */
static pixcl_status finish_reduction(px_planner *p, px_node node, const px_code *code, int partial, const geometry *g)
{
    const px_node_info *info = px_at(p, node);
    static const char *const kernels[PX_SUM_COUNT] = {[PX_SUM_ROWS] = "reduce_rows",
                                                      [PX_SUM_MOMENTS] = "reduce_moments",
                                                      [PX_SUM_MEAN] = "reduce_mean",
                                                      [PX_SUM_ROOT] = "reduce_norm"};
    const px_sum sum = px_op_describe(info->op)->sum;
    const char *kernel = kernels[sum];
    bool over_channels = sum == PX_SUM_MEAN || sum == PX_SUM_ROOT;
    int samples = info->shape.n;        /* 1 for sums over all pictures */
    const int items = p->target->group; /* 1 on a CPU */
    char *preamble =
        px_format(p->err, "#define ROWS %d\n#define SLOTS %d\n#define ITEMS %d\n", code->rows, g->slots, items);
    size_t global[3] = {over_channels ? (size_t)items : (size_t)g->channels, (size_t)samples, 1};
    px_launch *launch =
        preamble ? px_emit_kernel(p, node, kernel, (const char *[]){"vector", "reduce", NULL}, preamble, global) : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    if (over_channels)
        px_local_usual(p, launch);
    px_arg_buffer(p, PX_ARG_READ, partial, 0);
    px_arg_value(p, PX_ARG_WRITE, node);
    px_arg_int(p, g->channels);
    px_arg_int(p, g->parts);
    px_arg_int(p, g->pictures / samples);
    px_arg_int(p, g->pixels);
    px_arg_int(p, g->length);
    px_arg_float(p, 1.0f / (float)((double)g->pictures * g->channels * g->pixels)); /* of a mean */
    launch->bytes = 4.0 * g->pictures * g->parts * code->rows * (double)g->channels;
    px_label(launch, "%s %s", kernel, px_op_describe(info->op)->name);
    return PIXCL_OK;
}

/* Weights and vectors are one long row here, without channels or an order of pixels. */
static bool needs_pictures(const px_code *code, px_node last)
{
    for (int i = 0; i < code->input_count; i++)
        if (code->access[i] == PX_ACCESS_VECTOR || code->access[i] == PX_ACCESS_STATISTICS)
            return true;
    const px_sum sum = px_op_describe(px_at(code->planner, last)->op)->sum;
    return code->uses_step || (sum != PX_SUM_NONE && sum != PX_SUM_MEAN);
}

/* Element i of one weight must be element i of all. The layout pass sees to that for what ends in an Adam step. */
static bool layouts_agree(const px_planner *p, const px_code *code)
{
    const px_node *first = code->output_count > 0 ? code->outputs : code->inputs; /* a sum has but elements */
    px_weight_layout layout = px_value_of(p, first[0])->layout;
    for (int i = 0; i < code->input_count; i++)
        if (code->access[i] == PX_ACCESS_ELEMENT &&
            !px_same_weight_layout(p, layout, px_value_of(p, code->inputs[i])->layout))
            return false;
    for (int i = 0; i < code->output_count; i++)
        if (!px_same_weight_layout(p, layout, px_value_of(p, code->outputs[i])->layout))
            return false;
    return true;
}

static pixcl_status lower_code(px_planner *p, px_code *code)
{
    px_kind kind;
    px_shape shape = full_shape(p, code->group, &kind);
    px_node last = code->group->nodes[code->group->count - 1];
    if (kind != PX_ACTIVATION && needs_pictures(code, last))
        return px_fail(p->err, PIXCL_ERROR_INTERNAL,
                       "plan: %s of weights or of a vector; it works channel by channel, as only pictures are stored",
                       px_op_describe(px_at(p, last)->op)->name);
    if (kind == PX_WEIGHT && !layouts_agree(p, code))
        return px_fail(p->err, PIXCL_ERROR_INTERNAL, "plan: %s of weights that lie in different orders",
                       px_op_describe(px_at(p, last)->op)->name);
    geometry g = cut(p, shape, kind, code->rows > 0);
    int partial = -1;
    if (code->rows > 0) {
        partial =
            px_new_buffer(p, (size_t)g.pictures * (size_t)g.parts * (size_t)code->rows * (size_t)g.channels, PX_NONE);
        if (partial < 0)
            return PIXCL_ERROR_MEMORY;
    }
    char *preamble = write_preamble(p, code, &g);
    const bool tree = code->rows > 0 && g.slots > 0; /* a group is a part */
    const size_t items = tree ? (size_t)g.parts * (size_t)p->target->group : px_run_items(p, (size_t)g.parts, g.lanes);
    size_t global[3] = {items, (size_t)g.blocks, (size_t)g.pictures};
    const char *plain[] = {"vector", "pointwise", NULL}, *with_random[] = {"vector", "step", "random", "pointwise"};
    px_launch *launch =
        preamble ? px_emit_kernel(p, last, "pointwise", code->uses_step ? with_random : plain, preamble, global) : NULL;
    px_free(preamble);
    if (!launch)
        return PIXCL_ERROR_MEMORY;
    px_local_usual(p, launch);
    add_arguments(p, code, partial, &g);
    label_group(p, launch, code->group);
    int maps = code->output_count;
    for (int i = 0; i < code->input_count; i++)
        maps += code->access[i] == PX_ACCESS_ELEMENT;
    launch->bytes = 4.0 * maps * (double)px_shape_count(shape);
    launch->flops = 4.0 * code->group->count * (double)px_shape_count(shape);
    return code->rows > 0 ? finish_reduction(p, last, code, partial, &g) : PIXCL_OK;
}

pixcl_status px_lower_group(px_planner *p, const px_group *group)
{
    px_code code;
    px_code_generate(&code, p, group);
    pixcl_status status = lower_code(p, &code);
    px_code_free(&code);
    return status;
}
