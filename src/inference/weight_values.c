#include "inference/weight_values.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "weights/weights.h"

/* Running statistics belong to a state_dict, but not every file of another program has them. */
static bool has_statistics(const px_generator_file *from)
{
    for (int i = 0; from->other && i < from->other->count; i++)
        if (from->other->layers[i].gamma && !from->other->layers[i].mean)
            return false;
    return true;
}

pixcl_status px_weight_values_open(px_weight_values *weights, const px_generator_file *from, px_way way,
                                   pixcl_error *err)
{
    const int side = px_model_smallest(from->trained.netG);
    const px_test_mode mode = {.running = has_statistics(from), .no_dropout = true};
    *weights = (px_weight_values){.program = px_generator_program(from, way, mode, side, side, err)};
    snprintf(weights->net, sizeof weights->net, "%s", px_generator_net(from, way));
    return weights->program ? PIXCL_OK : err ? err->status : PIXCL_ERROR_MEMORY;
}

static pixcl_status keep(void *context, const px_graph *graph, px_node node, const float *values, pixcl_error *err)
{
    px_weight_values *weights = context;
    const size_t count = px_shape_count(px_graph_node(graph, node)->shape);
    weights->values[node] = px_calloc(count, sizeof **weights->values, err);
    if (!weights->values[node])
        return PIXCL_ERROR_MEMORY;
    memcpy(weights->values[node], values, count * sizeof *values);
    return PIXCL_OK;
}

static void free_values(px_weight_values *weights)
{
    for (size_t i = 0; weights->values && i < weights->program->graph->count; i++)
        px_free(weights->values[i]);
    px_free(weights->values);
    weights->values = NULL;
}

pixcl_status px_weight_values_load(px_weight_values *weights, const px_generator_file *from, pixcl_error *err)
{
    const px_graph *graph = weights->program->graph;
    if (weights->values)
        return PIXCL_OK;
    weights->values = px_calloc(graph->count, sizeof *weights->values, err);
    if (!weights->values)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = px_tensor_file_check(from->file, err);
    if (status == PIXCL_OK)
        status = px_weights_of_generator(graph, from->file, from->other, true, keep, weights, err);
    if (status != PIXCL_OK)
        free_values(weights);
    return status;
}

void px_weight_values_free(px_weight_values *weights)
{
    if (weights->program)
        free_values(weights);
    px_training_destroy(&weights->program);
}

pixcl_status px_weight_values_to_session(const px_weight_values *weights, const px_session *session, pixcl_error *err)
{
    const px_graph *graph = session->training->graph;
    pixcl_status status = PIXCL_OK;
    for (px_node i = 0; status == PIXCL_OK && (size_t)i < graph->count; i++) {
        if (px_graph_node(graph, i)->op != PX_OP_VARIABLE)
            continue;
        const px_node kept = px_graph_find(weights->program->graph, px_graph_node(graph, i)->name);
        status = kept == PX_NONE ? px_fail(err, PIXCL_ERROR_FORMAT, "the file has no %s; leave --eval out",
                                           px_graph_node(graph, i)->name)
                                 : px_exec_write(session->exec, i, weights->values[kept], err);
    }
    return status;
}
