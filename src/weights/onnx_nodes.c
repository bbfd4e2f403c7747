/* The graph of a generator in ONNX's words (onnx.proto, opset 13). */
#include <stdio.h>
#include <string.h>

#include "store/protobuf.h"
#include "weights/onnx_parts.h"

/* -- names */

void px_onnx_name(const px_onnx *w, px_node node, char name[PX_ONNX_NAME])
{
    const px_node_info *info = px_graph_node(w->graph, node);
    const char *dot = strchr(info->name, '.');
    if (info->op == PX_OP_INPUT)
        snprintf(name, PX_ONNX_NAME, "input");
    else if (info->output)
        snprintf(name, PX_ONNX_NAME, "output");
    else if (info->op == PX_OP_VARIABLE)
        snprintf(name, PX_ONNX_NAME, "%s", dot ? dot + 1 : info->name);
    else
        snprintf(name, PX_ONNX_NAME, "value_%d", node);
}

/* -- nodes */

static void add_input(const px_onnx *w, px_text *node, px_node input)
{
    char name[PX_ONNX_NAME];
    px_onnx_name(w, input, name);
    px_proto_text(node, NODE_INPUT, name);
}

static void add_attribute(px_text *node, const char *name, int type, px_text *attribute)
{
    px_proto_text(attribute, ATTRIBUTE_NAME, name);
    px_proto_varint(attribute, ATTRIBUTE_TYPE, (uint64_t)type);
    px_proto_message(node, NODE_ATTRIBUTE, attribute);
}

static void add_int(px_text *node, const char *name, int64_t value)
{
    px_text attribute = {0};
    px_proto_varint(&attribute, ATTRIBUTE_I, (uint64_t)value);
    add_attribute(node, name, OF_INT, &attribute);
}

static void add_float(px_text *node, const char *name, float value)
{
    px_text attribute = {0};
    px_proto_float(&attribute, ATTRIBUTE_F, value);
    add_attribute(node, name, OF_FLOAT, &attribute);
}

static void add_string(px_text *node, const char *name, const char *value)
{
    px_text attribute = {0};
    px_proto_text(&attribute, ATTRIBUTE_S, value);
    add_attribute(node, name, OF_STRING, &attribute);
}

static void add_ints(px_text *node, const char *name, int a, int b, int count)
{
    px_text attribute = {0};
    for (int i = 0; i < count; i++)
        px_proto_varint(&attribute, ATTRIBUTE_INTS, (uint64_t)(i % 2 ? b : a));
    add_attribute(node, name, OF_INTS, &attribute);
}

/* Ends a node whose value is that of `node` in the graph. */
static void finish(px_onnx *w, px_text *made, const char *op, px_node node)
{
    char name[PX_ONNX_NAME], called[PX_NAME_SIZE + 48];
    px_onnx_name(w, node, name);
    snprintf(called, sizeof called, "%s_%d", op, node);
    px_proto_text(made, NODE_OUTPUT, name);
    px_proto_text(made, NODE_NAME, called);
    px_proto_text(made, NODE_OP, op);
    px_proto_message(&w->body, GRAPH_NODE, made);
}

/* A small constant: 64-bit integers, or floats that are all the same. */
static void add_constant(px_onnx *w, const char *name, int type, const int64_t *integers, float value, int count)
{
    px_text tensor = {0}, raw = {0};
    px_proto_varint(&tensor, TENSOR_DIMS, (uint64_t)count);
    px_proto_varint(&tensor, TENSOR_TYPE, (uint64_t)type);
    px_proto_text(&tensor, TENSOR_NAME, name);
    for (int i = 0; i < count; i++) {
        if (type == TYPE_INT64)
            px_text_add_bytes(&raw, (const char *)&integers[i], sizeof *integers);
        else
            px_text_add_bytes(&raw, (const char *)&value, sizeof value);
    }
    px_proto_message(&tensor, TENSOR_RAW, &raw);
    px_proto_message(&w->body, GRAPH_INITIALIZER, &tensor);
}

/* An instance norm without weights of its own still has them in ONNX. */
static void add_unit_weights(px_onnx *w, px_text *node, int channels)
{
    char ones[32], zeros[32];
    bool known = false;
    snprintf(ones, sizeof ones, "ones_%d", channels);
    snprintf(zeros, sizeof zeros, "zeros_%d", channels);
    for (int i = 0; i < w->channel_count; i++)
        known = known || w->channels[i] == channels;
    if (!known && w->channel_count < (int)(sizeof w->channels / sizeof *w->channels)) {
        w->channels[w->channel_count++] = channels;
        add_constant(w, ones, TYPE_FLOAT, NULL, 1, channels);
        add_constant(w, zeros, TYPE_FLOAT, NULL, 0, channels);
    }
    px_proto_text(node, NODE_INPUT, ones);
    px_proto_text(node, NODE_INPUT, zeros);
}

/* At a batch of one, which translating is, the batch's statistics are the picture's. */
static void add_norm(px_onnx *w, px_node node, const px_node_info *n)
{
    const px_node_info *stats = px_graph_node(w->graph, n->inputs[1]);
    px_text made = {0};
    add_input(w, &made, n->inputs[0]);
    if (n->input_count > 2) {
        add_input(w, &made, n->inputs[2]);
        add_input(w, &made, n->inputs[3]);
    } else {
        add_unit_weights(w, &made, n->shape.c);
    }
    add_float(&made, "epsilon", n->attrs.value);
    if (stats->op == PX_OP_NORM_RUNNING) {
        add_input(w, &made, stats->inputs[0]);
        add_input(w, &made, stats->inputs[1]);
        finish(w, &made, "BatchNormalization", node);
    } else {
        finish(w, &made, "InstanceNormalization", node);
    }
}

bool px_onnx_is_read(const px_graph *graph, px_node node)
{
    for (px_node i = node + 1; (size_t)i < graph->count; i++)
        for (int k = 0; k < px_graph_node(graph, i)->input_count; k++)
            if (px_graph_node(graph, i)->inputs[k] == node)
                return true;
    return false;
}

/* The only reader of a node's value is a bias: then the convolution has it. */
static bool has_bias_behind(const px_graph *graph, px_node node)
{
    int readers = 0, biases = 0;
    for (px_node i = node + 1; (size_t)i < graph->count; i++) {
        const px_node_info *n = px_graph_node(graph, i);
        for (int k = 0; k < n->input_count; k++) {
            readers += n->inputs[k] == node;
            biases += n->inputs[k] == node && k == 0 && n->op == PX_OP_BIAS;
        }
    }
    return readers == 1 && biases == 1;
}

/* The value of the convolution `conv`, plus `bias` if it is a node, is that of `node`. */
static void add_conv(px_onnx *w, px_node conv, px_node bias, px_node node)
{
    const px_node_info *n = px_graph_node(w->graph, conv);
    const int kernel = px_graph_node(w->graph, n->inputs[1])->shape.h;
    px_text made = {0};
    add_input(w, &made, n->inputs[0]);
    add_input(w, &made, n->inputs[1]);
    if (bias != PX_NONE)
        add_input(w, &made, bias);
    add_ints(&made, "kernel_shape", kernel, kernel, 2);
    add_ints(&made, "strides", n->attrs.stride, n->attrs.stride, 2);
    add_ints(&made, "pads", n->attrs.pad, n->attrs.pad, 4);
    if (n->op == PX_OP_CONV_T)
        add_ints(&made, "output_padding", n->attrs.output_pad_h, n->attrs.output_pad_w, 2);
    finish(w, &made, n->op == PX_OP_CONV ? "Conv" : "ConvTranspose", node);
}

static void add_pad(px_onnx *w, px_node node, const px_node_info *n)
{
    const int64_t p = n->attrs.pad, pads[] = {0, 0, p, p, 0, 0, p, p};
    char name[32];
    px_text made = {0};
    snprintf(name, sizeof name, "pads_%d", node);
    add_constant(w, name, TYPE_INT64, pads, 0, 8);
    add_input(w, &made, n->inputs[0]);
    px_proto_text(&made, NODE_INPUT, name);
    add_string(&made, "mode", "reflect");
    finish(w, &made, "Pad", node);
}

/* Each pixel four times. */
static void add_upsample(px_onnx *w, px_node node, const px_node_info *n)
{
    char name[32];
    px_text made = {0}, tensor = {0}, raw = {0};
    static const float scales[] = {1, 1, 2, 2};
    snprintf(name, sizeof name, "scales_%d", node);
    px_proto_varint(&tensor, TENSOR_DIMS, 4);
    px_proto_varint(&tensor, TENSOR_TYPE, TYPE_FLOAT);
    px_proto_text(&tensor, TENSOR_NAME, name);
    px_text_add_bytes(&raw, (const char *)scales, sizeof scales);
    px_proto_message(&tensor, TENSOR_RAW, &raw);
    px_proto_message(&w->body, GRAPH_INITIALIZER, &tensor);
    add_input(w, &made, n->inputs[0]);
    px_proto_text(&made, NODE_INPUT, ""); /* no region of interest */
    px_proto_text(&made, NODE_INPUT, name);
    add_string(&made, "mode", "nearest");
    add_string(&made, "coordinate_transformation_mode", "asymmetric");
    add_string(&made, "nearest_mode", "floor");
    finish(w, &made, "Resize", node);
}

static void add_simple(px_onnx *w, px_node node, const px_node_info *n, const char *op)
{
    px_text made = {0};
    for (int k = 0; k < n->input_count; k++)
        add_input(w, &made, n->inputs[k]);
    if (strcmp(op, "Concat") == 0)
        add_int(&made, "axis", 1);
    if (strcmp(op, "LeakyRelu") == 0)
        add_float(&made, "alpha", n->attrs.value);
    finish(w, &made, op, node);
}

static pixcl_status add_node(px_onnx *w, px_node node, pixcl_error *err)
{
    const px_node_info *n = px_graph_node(w->graph, node);
    if (n->op == PX_OP_INPUT || n->op == PX_OP_VARIABLE || n->op == PX_OP_NORM_STATS || n->op == PX_OP_NORM_RUNNING)
        return PIXCL_OK; /* what reads them writes them */
    if (n->op == PX_OP_CONV || n->op == PX_OP_CONV_T) {
        if (!has_bias_behind(w->graph, node))
            add_conv(w, node, PX_NONE, node);
    } else if (n->op == PX_OP_BIAS && has_bias_behind(w->graph, n->inputs[0])) {
        add_conv(w, n->inputs[0], n->inputs[1], node);
    } else if (n->op == PX_OP_NORM) {
        add_norm(w, node, n);
    } else if (n->op == PX_OP_REFLECT_PAD) {
        add_pad(w, node, n);
    } else if (n->op == PX_OP_UPSAMPLE) {
        add_upsample(w, node, n);
    } else if (n->op == PX_OP_LEAKY) {
        add_simple(w, node, n, n->attrs.value == 0 ? "Relu" : "LeakyRelu");
    } else if (n->op == PX_OP_TANH) {
        add_simple(w, node, n, "Tanh");
    } else if (n->op == PX_OP_ADD) {
        add_simple(w, node, n, "Add");
    } else if (n->op == PX_OP_CONCAT) {
        add_simple(w, node, n, "Concat");
    } else {
        return px_fail(err, PIXCL_ERROR_INTERNAL, "ONNX has no word for %s", px_op_describe(n->op)->name);
    }
    return PIXCL_OK;
}

/* Halves become floats again before anything computes with them. */
static void add_casts(px_onnx *w)
{
    for (px_node i = 0; w->half && (size_t)i < w->graph->count; i++) {
        char name[PX_ONNX_NAME];
        px_text made = {0};
        if (px_graph_node(w->graph, i)->op != PX_OP_VARIABLE || !px_onnx_is_read(w->graph, i))
            continue;
        px_onnx_name(w, i, name);
        snprintf(name + strlen(name), sizeof name - strlen(name), ".half");
        px_proto_text(&made, NODE_INPUT, name);
        add_int(&made, "to", TYPE_FLOAT);
        finish(w, &made, "Cast", i);
    }
}

pixcl_status px_onnx_add_nodes(px_onnx *w, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    add_casts(w);
    for (px_node i = 0; status == PIXCL_OK && (size_t)i < w->graph->count; i++)
        status = add_node(w, i, err);
    if (status == PIXCL_OK && w->body.failed)
        status = px_fail(err, PIXCL_ERROR_MEMORY, "out of memory, at the nodes of an ONNX model");
    return status;
}
