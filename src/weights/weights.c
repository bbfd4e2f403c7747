/* Initial weights, weights of the reference, weights of a checkpoint. */
#include "weights/weights.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "weights/names.h"

int px_variable_shape(const px_node_info *variable, int64_t shape[4])
{
    px_shape s = variable->shape;
    if (variable->kind != PX_PLAIN) {
        const int64_t sides[4] = {s.n, s.c, s.h, s.w};
        memcpy(shape, sides, sizeof sides);
        return 4;
    }
    shape[0] = s.c;
    return 1;
}

/* Each variable that `wanted` accepts: `get` gives all its values, `take` does something with them. */
typedef bool (*wants)(void *context, const px_graph *graph, px_node node);
typedef pixcl_status (*get_values)(void *context, const px_graph *graph, px_node node, float *values, pixcl_error *err);

static pixcl_status to_session(void *context, const px_graph *graph, px_node node, const float *values,
                               pixcl_error *err)
{
    (void)graph;
    return px_exec_write(context, node, values, err);
}

static size_t largest(const px_graph *graph, wants wanted, void *context)
{
    size_t most = 0;
    for (px_node i = 0; (size_t)i < graph->count; i++) {
        const px_node_info *node = px_graph_node(graph, i);
        const size_t count = px_shape_count(node->shape);
        if (node->op == PX_OP_VARIABLE && count > most && wanted(context, graph, i))
            most = count;
    }
    return most;
}

static pixcl_status each_variable(const px_graph *graph, wants wanted, get_values get, void *context,
                                  px_take_values take, void *taker, pixcl_error *err)
{
    /* One for all: memory that is new costs as much to touch as to fill with random numbers. */
    float *values = px_calloc(largest(graph, wanted, context), sizeof *values, err);
    pixcl_status status = values ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    for (px_node i = 0; status == PIXCL_OK && (size_t)i < graph->count; i++) {
        if (px_graph_node(graph, i)->op != PX_OP_VARIABLE || !wanted(context, graph, i))
            continue;
        status = get(context, graph, i, values, err);
        if (status == PIXCL_OK)
            status = take(taker, graph, i, values, err);
    }
    px_free(values);
    px_memory_trim(); /* of the largest weights, twice */
    return status;
}

static pixcl_status fill_variables(const px_session *session, wants wanted, get_values get, void *context,
                                   pixcl_error *err)
{
    return each_variable(session->training->graph, wanted, get, context, to_session, session->exec, err);
}

static pixcl_status initial(void *context, const px_graph *graph, px_node node, float *values, pixcl_error *err)
{
    static const char *const names[] = {"normal", "xavier", "kaiming", "orthogonal"};
    const pixcl_options *options = context;
    px_init_type type = PX_INIT_NORMAL;
    for (int i = 0; i < 4; i++)
        if (strcmp(options->init_type, names[i]) == 0)
            type = (px_init_type)i;
    return px_model_initial(graph, node, type, (float)options->init_gain, (uint64_t)options->seed, values, err);
}

/* Of a U-Net's 160 million values 106 million are moments, which start as zeros. */
static bool is_not_zeros(void *context, const px_graph *graph, px_node node)
{
    (void)context;
    return !px_model_starts_as_zeros(graph, node);
}

pixcl_status px_weights_initialise(const px_session *session, const pixcl_options *options, pixcl_error *err)
{
    pixcl_options copy = *options;
    return fill_variables(session, is_not_zeros, initial, &copy, err);
}

/* A network's file of weights. */
typedef struct net_file {
    const char *net; /* "G" */
    const px_tensor_file *file;
} net_file;

static bool belongs_to_net(void *context, const px_graph *graph, px_node node)
{
    char net[PX_NET_NAME_SIZE];
    const char *key = px_name_split(px_graph_node(graph, node)->name, net);
    return key && strcmp(net, ((const net_file *)context)->net) == 0 && px_key_part_of(key) != PX_KEY_MOMENT;
}

static pixcl_status from_net_file(void *context, const px_graph *graph, px_node node, float *values, pixcl_error *err)
{
    const net_file *source = context;
    const px_node_info *info = px_graph_node(graph, node);
    int64_t shape[4];
    char net[PX_NET_NAME_SIZE];
    int rank = px_variable_shape(info, shape);
    return px_tensor_file_get_f32(source->file, px_name_split(info->name, net), rank, shape, values, err);
}

/* The weights file of one network: safetensors, or else .pth. */
static px_tensor_file *open_net_file(const char *folder, const char *net, pixcl_error *err)
{
    char *safetensors = px_net_path(folder, net, "safetensors", err), *pth = px_net_path(folder, net, "pth", err);
    px_tensor_file *file = NULL;
    if (safetensors && pth && !px_path_is_file(safetensors) && !px_path_is_file(pth))
        px_fail(err, PIXCL_ERROR_IO,
                "--init_from %s: there is neither %s nor %s in this folder; pixcl convert makes them from a checkpoint",
                folder, px_path_name(safetensors), px_path_name(pth));
    else if (safetensors && pth)
        file = px_tensor_file_open(px_path_is_file(safetensors) ? safetensors : pth, err);
    px_free(safetensors);
    px_free(pth);
    return file;
}

pixcl_status px_weights_init_from(const px_session *session, const char *folder, pixcl_error *err)
{
    const px_graph *graph = session->training->graph;
    px_net_names nets = {.count = 0};
    for (px_node i = 0; (size_t)i < graph->count; i++)
        if (px_graph_node(graph, i)->op == PX_OP_VARIABLE)
            px_net_names_add(&nets, px_graph_node(graph, i)->name);
    pixcl_status status = PIXCL_OK;
    for (int i = 0; status == PIXCL_OK && i < nets.count; i++) {
        px_tensor_file *file = open_net_file(folder, nets.names[i], err);
        if (!file)
            return err ? err->status : PIXCL_ERROR_IO;
        net_file source = {nets.names[i], file};
        status = fill_variables(session, belongs_to_net, from_net_file, &source, err);
        px_tensor_file_close(&file);
    }
    return status;
}

static pixcl_status from_checkpoint(void *context, const px_graph *graph, px_node node, float *values, pixcl_error *err)
{
    const px_node_info *info = px_graph_node(graph, node);
    int64_t shape[4];
    int rank = px_variable_shape(info, shape);
    return px_tensor_file_get_f32(context, info->name, rank, shape, values, err);
}

static bool is_pool(void *context, const px_graph *graph, px_node node)
{
    (void)context;
    return px_key_part_of(px_graph_node(graph, node)->name) == PX_KEY_POOL;
}

static bool is_no_pool(void *context, const px_graph *graph, px_node node)
{
    return !is_pool(context, graph, node);
}

static pixcl_status empty(void *context, const px_graph *graph, px_node node, float *values, pixcl_error *err)
{
    (void)context, (void)err;
    memset(values, 0, px_shape_count(px_graph_node(graph, node)->shape) * sizeof *values);
    return PIXCL_OK;
}

/* Whether the file has every pool of the session, in its shape. */
static bool pools_fit(const px_graph *graph, const px_tensor_file *file)
{
    for (px_node i = 0; (size_t)i < graph->count; i++) {
        const px_node_info *node = px_graph_node(graph, i);
        int64_t shape[4];
        if (node->op != PX_OP_VARIABLE || !is_pool(NULL, graph, i))
            continue;
        const px_tensor *tensor = px_tensor_file_find(file, node->name);
        const int rank = px_variable_shape(node, shape);
        if (!tensor || tensor->rank != rank || memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) != 0)
            return false;
    }
    return true;
}

pixcl_status px_weights_load(const px_session *session, const px_tensor_file *file, bool *emptied, pixcl_error *err)
{
    void *source = (void *)(uintptr_t)file; /* get_f32 does not change it */
    *emptied = !pools_fit(session->training->graph, file);
    pixcl_status status = fill_variables(session, is_no_pool, from_checkpoint, source, err);
    if (status == PIXCL_OK)
        status = fill_variables(session, is_pool, *emptied ? empty : from_checkpoint, source, err);
    return status;
}

/* A network of another program, gone through as the graph makes its variables: layer by layer, in both. */
typedef struct other_network {
    const px_tensor_file *file;
    const px_recognised *network;
    bool eval;
    int layer;           /* of the last convolution, -1 before the first */
    const char *weights; /* its name in the graph */
} other_network;

/* The tensor of a variable behind that convolution; NULL when the network has none. */
static const px_tensor *tensor_of(const other_network *o, const char *name)
{
    const px_layer *layer = &o->network->layers[o->layer];
    const char *leaf = strrchr(name, '.');
    const size_t path = (size_t)(leaf - name);
    const bool of_convolution =
        strncmp(o->weights, name, path) == 0 && o->weights[path] == '.' && !strchr(o->weights + path + 1, '.');
    if (strcmp(leaf, ".weight") == 0)
        return of_convolution ? layer->weight : layer->gamma;
    if (strcmp(leaf, ".bias") == 0)
        return of_convolution ? layer->bias : layer->beta;
    return strcmp(leaf, ".running_mean") == 0 ? layer->mean : layer->variance;
}

static pixcl_status no_statistics(const other_network *o, const px_node_info *info, float *values, pixcl_error *err)
{
    const float start = strcmp(strrchr(info->name, '.'), ".running_var") == 0 ? 1 : 0;
    if (o->eval)
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s has no running statistics (there is no running_mean behind %s): leave --eval out",
                       px_tensor_file_source(o->file), o->network->layers[o->layer].weight->name);
    for (size_t i = 0; i < px_shape_count(info->shape); i++)
        values[i] = start;
    return PIXCL_OK;
}

static pixcl_status from_network(void *context, const px_graph *graph, px_node node, float *values, pixcl_error *err)
{
    other_network *o = context;
    const px_node_info *info = px_graph_node(graph, node);
    if (info->kind != PX_PLAIN) {
        o->weights = info->name;
        if (++o->layer == o->network->count)
            return px_fail(err, PIXCL_ERROR_INTERNAL, "%s is no variable of the network that was recognised",
                           info->name);
    }
    const px_layer *layer = &o->network->layers[o->layer];
    const px_tensor *tensor = tensor_of(o, info->name);
    int64_t shape[4];
    const int rank = px_variable_shape(info, shape);
    if (!tensor && px_key_part_of(info->name) == PX_KEY_STATISTIC)
        return no_statistics(o, info, values, err);
    if (!tensor)
        return px_fail(err, PIXCL_ERROR_INTERNAL, "%s was recognised without %s", px_tensor_file_source(o->file),
                       info->name);
    pixcl_status status = px_tensor_file_get_f32(o->file, tensor->name, rank, shape, values, err);
    if (status != PIXCL_OK || tensor != layer->mean || !layer->bias)
        return status;
    /* The reference has no bias in front of a batch norm. It shifts the mean, and nothing else. */
    float *bias = px_calloc((size_t)shape[0], sizeof *bias, err);
    status = bias ? px_tensor_file_get_f32(o->file, layer->bias->name, rank, shape, bias, err) : PIXCL_ERROR_MEMORY;
    for (int64_t i = 0; status == PIXCL_OK && i < shape[0]; i++)
        values[i] -= bias[i];
    px_free(bias);
    return status;
}

pixcl_status px_weights_of_generator(const px_graph *graph, const px_tensor_file *file, const px_recognised *other,
                                     bool eval, px_take_values take, void *context, pixcl_error *err)
{
    other_network source = {file, other, eval, -1, NULL};
    if (other)
        return each_variable(graph, is_no_pool, from_network, &source, take, context, err);
    return each_variable(graph, is_no_pool, from_checkpoint, (void *)(uintptr_t)file, take, context, err);
}

pixcl_status px_weights_load_generator(const px_session *session, const px_tensor_file *file,
                                       const px_recognised *other, bool eval, pixcl_error *err)
{
    return px_weights_of_generator(session->training->graph, file, other, eval, to_session, session->exec, err);
}

pixcl_status px_weights_copy(const px_session *to, const px_session *from, pixcl_error *err)
{
    const px_graph *graph = to->training->graph;
    pixcl_status status = PIXCL_OK;
    for (px_node i = 0; status == PIXCL_OK && (size_t)i < graph->count; i++) {
        const px_node_info *info = px_graph_node(graph, i);
        if (info->op != PX_OP_VARIABLE)
            continue;
        const px_node source = px_graph_find(from->training->graph, info->name);
        status = source == PX_NONE ? px_fail(err, PIXCL_ERROR_INTERNAL, "the run has no variable %s", info->name)
                                   : px_exec_opencl_copy(from->exec, source, to->exec, i, err);
    }
    return status;
}
