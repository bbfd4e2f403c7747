/* From the tables of cases to graphs, and what a case may err.
 *
 * Tolerance. An error is the largest difference of a result from the reference's, relative to the largest value of
 * that result in the reference. An op of ops.def errs by its tolerance; where it sums n terms, by sqrt(n) times
 * that, since the roundings of a sum are as good as random. A result inherits the errors of all nodes it depends on,
 * each once: with values of order one (weights are scaled for that) no op makes them larger, except for the cases
 * whose `conditioning` says how much. Effects carry what a step leaves behind into the next one, so step t may err t
 * times as much. */
#include "measure/check_cases.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "exec/opencl/program_cache.h"
#include "measure/check_build.h"

const char *px_check_group_name(px_check_group group)
{
    static const char *const names[PX_CHECK_GROUP_COUNT] = {"convolution", "training", "pointwise", "norm",
                                                            "loss",        "move",     "effect"};
    return names[group];
}

static void add_source(px_check_builder *b, px_node node, px_check_fill fill)
{
    px_check_graph *to = b->to;
    if (node == PX_NONE || px_grow(&to->sources, &to->source_capacity, to->source_count + 1, sizeof *to->sources,
                                   &b->graph->error) != PIXCL_OK)
        return;
    to->sources[to->source_count++] = (px_check_source){node, fill, b->next_stream++};
}

static void new_name(px_check_builder *b, char name[32])
{
    snprintf(name, 32, "case%zu.%d", b->to->part_count, b->next_name++);
}

px_node px_check_input(px_check_builder *b, px_shape shape)
{
    char name[32];
    new_name(b, name);
    px_node node = px_input(b->graph, shape, name);
    add_source(b, node, PX_CHECK_SIGNED);
    return node;
}

px_node px_check_variable(px_check_builder *b, px_kind kind, px_shape shape, px_check_fill fill)
{
    char name[32];
    new_name(b, name);
    px_node node = px_variable(b->graph, kind, shape, name, false);
    add_source(b, node, fill);
    return node;
}

void px_check_output(px_check_builder *b, px_node node)
{
    px_check_graph *to = b->to;
    if (node == PX_NONE || px_grow(&to->results, &to->result_capacity, to->result_count + 1, sizeof *to->results,
                                   &b->graph->error) != PIXCL_OK)
        return;
    if (b->graph->nodes[node].op != PX_OP_VARIABLE)
        px_graph_output(b->graph, node, NULL);
    to->results[to->result_count++] = (px_check_result){.node = node, .part = (int)to->part_count};
}

static void name_case(const px_check_family *family, const px_check_size *s, char *name, size_t size)
{
    int used = snprintf(name, size, "%s (%d,%d,%d,%d)", family->what, s->n, s->c, s->h, s->w);
    if (s->out)
        used += snprintf(name + used, size - (size_t)used, " %d", s->out);
    if (s->stride)
        used += snprintf(name + used, size - (size_t)used, " k%d s%d p%d", s->kernel, s->stride, s->pad);
    else if (s->pad)
        used += snprintf(name + used, size - (size_t)used, " p%d", s->pad);
    else if (s->out)
        used += snprintf(name + used, size - (size_t)used, " %d", s->kernel);
    if (s->output_pad)
        snprintf(name + used, size - (size_t)used, " o%d", s->output_pad);
}

/* Ops that make, from numbers that float holds exactly with bits to spare, such numbers again. */
typedef enum exactness {
    NEVER,
    WITH_FEW_BITS, /* in attrs.value */
    AS_A_MEAN,     /* and where the number of elements is a power of two */
    ALWAYS
} exactness;

static const exactness exactness_of[PX_OP_COUNT] = {
    [PX_OP_INPUT] = ALWAYS,
    [PX_OP_VARIABLE] = ALWAYS,
    [PX_OP_CONV] = ALWAYS,
    [PX_OP_CONV_T] = ALWAYS,
    [PX_OP_CONV_WGRAD] = ALWAYS,
    [PX_OP_BIAS] = ALWAYS,
    [PX_OP_ADD] = ALWAYS,
    [PX_OP_NORM_RUNNING] = ALWAYS,
    [PX_OP_NORM_ROW] = ALWAYS,
    [PX_OP_CHANNEL_SUM] = ALWAYS,
    [PX_OP_CONCAT] = ALWAYS,
    [PX_OP_SLICE] = ALWAYS,
    [PX_OP_REFLECT_PAD] = ALWAYS,
    [PX_OP_REFLECT_PAD_GRAD] = ALWAYS,
    [PX_OP_UPSAMPLE] = ALWAYS,
    [PX_OP_UPSAMPLE_GRAD] = ALWAYS,
    [PX_OP_POOL_PICK] = ALWAYS,
    [PX_OP_POOL_STORE] = ALWAYS,
    [PX_OP_CONSTANT] = WITH_FEW_BITS,
    [PX_OP_SCALE] = WITH_FEW_BITS,
    [PX_OP_LEAKY] = WITH_FEW_BITS,
    [PX_OP_LEAKY_GRAD] = WITH_FEW_BITS,
    [PX_OP_DROPOUT] = WITH_FEW_BITS,
    [PX_OP_MSE] = AS_A_MEAN,
    [PX_OP_L1] = AS_A_MEAN,
    [PX_OP_L2] = AS_A_MEAN,
    [PX_OP_MEAN] = AS_A_MEAN,
    [PX_OP_MSE_GRAD] = AS_A_MEAN,
    [PX_OP_L1_GRAD] = AS_A_MEAN,
    [PX_OP_L2_GRAD] = AS_A_MEAN,
    [PX_OP_MEAN_GRAD] = AS_A_MEAN,
};

static bool is_exact(const px_graph *graph, const px_node_info *node)
{
    const exactness how = exactness_of[node->op];
    double value = node->attrs.value;
    size_t terms = node->input_count > 0 ? px_shape_count(graph->nodes[node->inputs[0]].shape) : 1;
    if (node->op == PX_OP_DROPOUT)
        value = 1 / (1 - value);
    if (how == NEVER || how == ALWAYS)
        return how == ALWAYS;
    if (how == AS_A_MEAN && (terms & (terms - 1)) != 0)
        return false;
    return ldexp(value, 4) == floor(ldexp(value, 4)) && fabs(value) <= 16;
}

/* Terms of the sum behind one element of a node's value. */
static double reduction_length(const px_graph *graph, const px_node_info *node)
{
    const px_sum sum = px_op_describe(node->op)->sum;
    if (node->input_count == 0)
        return 1;
    px_shape x = graph->nodes[node->inputs[0]].shape;
    double count = (double)px_shape_count(x);
    if (node->op == PX_OP_CONV || node->op == PX_OP_CONV_T)
        return (double)x.c * node->attrs.kernel * node->attrs.kernel;
    if (node->op == PX_OP_CONV_WGRAD) {
        px_shape dy = graph->nodes[node->inputs[1]].shape;
        return (double)dy.n * dy.h * dy.w;
    }
    if (node->op == PX_OP_NORM_ROW || node->op == PX_OP_NORM_GRAD_GAMMA)
        return x.n;
    if (sum == PX_SUM_ROWS || sum == PX_SUM_MOMENTS)
        return count / x.c / node->shape.n;
    return sum == PX_SUM_MEAN ? count : sum == PX_SUM_ROOT ? count / x.n : 1;
}

/* Marks everything that the marked nodes depend on, effects on their variables included. */
static void mark_ancestors(const px_graph *graph, px_node first, px_node end, bool *marked)
{
    for (bool grown = true; grown;) {
        grown = false;
        for (px_node i = end; i-- > first;) {
            const px_node_info *node = &graph->nodes[i];
            for (int k = 0; k < node->input_count; k++) {
                bool *input = &marked[node->inputs[k]];
                if (marked[i] && !*input)
                    *input = grown = true;
                if (*input && px_op_changes(node->op, k) && !marked[i])
                    marked[i] = grown = true;
            }
        }
    }
}

static double allowed_error(const px_graph *graph, const px_check_part *part, px_node node, bool *marked)
{
    double sum = 0;
    memset(marked + part->first, 0, (size_t)(part->end - part->first) * sizeof *marked);
    marked[node] = true;
    mark_ancestors(graph, part->first, part->end, marked);
    for (px_node i = part->first; i < part->end; i++)
        if (marked[i])
            sum += px_op_describe(graph->nodes[i].op)->tolerance * sqrt(reduction_length(graph, &graph->nodes[i]));
    return sum * part->conditioning;
}

static void add_case(px_check_graph *to, const px_check_family *family, const px_check_size *size, const char *name)
{
    px_check_builder b = {
        .to = to, .graph = to->graph, .size = *size, .next_stream = px_hash(PX_HASH_START, name, strlen(name)) << 8};
    px_check_part part = {.first = (px_node)to->graph->count,
                          .conditioning = family->conditioning > 0 ? family->conditioning : 1,
                          .exact = true};
    snprintf(part.name, sizeof part.name, "%s", name);
    to->graph->next_random = 0; /* like the sources, dropout takes the same numbers whatever other cases there are */
    family->build(&b);
    part.end = (px_node)to->graph->count;
    for (px_node i = part.first; i < part.end; i++)
        part.exact = part.exact && is_exact(to->graph, &to->graph->nodes[i]);
    if (px_grow(&to->parts, &to->part_capacity, to->part_count + 1, sizeof *to->parts, &to->graph->error) == PIXCL_OK)
        to->parts[to->part_count++] = part;
}

static void add_families(px_check_graph *to, const px_check_family *families, size_t count, px_check_group group,
                         const char *only, size_t first, size_t most, size_t *seen)
{
    for (size_t f = 0; f < count; f++)
        for (size_t s = 0; families[f].group == group && s < families[f].count; s++) {
            char name[96];
            name_case(&families[f], &families[f].sizes[s], name, sizeof name);
            if (only && !strstr(name, only))
                continue;
            size_t index = (*seen)++;
            if (index >= first && index - first < most)
                add_case(to, &families[f], &families[f].sizes[s], name);
        }
}

px_check_graph *px_check_graph_create(px_check_group group, const char *only, size_t first, size_t most,
                                      pixcl_error *err)
{
    bool *marked = NULL;
    px_check_graph *to = px_calloc(1, sizeof *to, err);
    if (!to)
        return NULL;
    to->graph = px_graph_create(err);
    if (to->graph) {
        size_t seen = 0, count;
        px_adam_optimiser(to->graph, 0.5, 0.999, 1e-8);
        px_adam_optimiser(to->graph, 0.9, 0.99, 1e-3);
        px_adam_optimiser(to->graph, 0.5, 0.999, 1e-2);
        const px_check_family *families = px_check_single_ops(&count);
        add_families(to, families, count, group, only, first, most, &seen);
        families = px_check_chains(&count);
        add_families(to, families, count, group, only, first, most, &seen);
        if (px_graph_check(to->graph, err) == PIXCL_OK)
            marked = px_calloc(to->graph->count, sizeof *marked, err);
    }
    if (!marked) {
        px_check_graph_destroy(&to);
        return NULL;
    }
    for (size_t i = 0; i < to->result_count; i++)
        to->results[i].allowed = allowed_error(to->graph, &to->parts[to->results[i].part], to->results[i].node, marked);
    px_free(marked);
    return to;
}

void px_check_graph_destroy(px_check_graph **graph)
{
    if (!graph || !*graph)
        return;
    px_graph_destroy(&(*graph)->graph);
    px_free((*graph)->sources);
    px_free((*graph)->results);
    px_free((*graph)->parts);
    px_free(*graph);
    *graph = NULL;
}
