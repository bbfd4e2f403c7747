/* The graph of a generator in ONNX's words (onnx.proto, opset 13).
 *
 * All but the weights is made in memory. The weights follow one by one, as each is read: a model is a message whose
 * length stands before it, so the first pass over them counts and the second writes. */
#include "train/onnx.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/protobuf.h"
#include "train/weights.h"

enum { OPSET = 13, IR_VERSION = 7, MOST_BYTES = INT32_MAX };

/* Fields of onnx.proto. */
enum {
    MODEL_IR_VERSION = 1,
    MODEL_PRODUCER = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_GRAPH = 7,
    MODEL_OPSET = 8,
    MODEL_METADATA = 14,
    OPSET_DOMAIN = 1,
    OPSET_VERSION = 2,
    ENTRY_KEY = 1,
    ENTRY_VALUE = 2,
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_NAME = 3,
    NODE_OP = 4,
    NODE_ATTRIBUTE = 5,
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_F = 2,
    ATTRIBUTE_I = 3,
    ATTRIBUTE_S = 4,
    ATTRIBUTE_INTS = 8,
    ATTRIBUTE_TYPE = 20,
    TENSOR_DIMS = 1,
    TENSOR_TYPE = 2,
    TENSOR_NAME = 8,
    TENSOR_RAW = 9,
    VALUE_NAME = 1,
    VALUE_TYPE = 2,
    TYPE_TENSOR = 1,
    TENSOR_ELEMENT = 1,
    TENSOR_SHAPE = 2,
    SHAPE_DIM = 1,
    DIM_VALUE = 1,
    DIM_NAME = 2
};
enum { TYPE_FLOAT = 1, TYPE_INT64 = 7, TYPE_HALF = 10 };       /* TensorProto.DataType */
enum { OF_FLOAT = 1, OF_INT = 2, OF_STRING = 3, OF_INTS = 7 }; /* AttributeProto.AttributeType */

typedef struct writer {
    const px_generator_file *generator;
    const px_graph *graph;
    bool eval, half;
    size_t tensors;
    px_text body;         /* of the graph, but for the weights */
    uint64_t weights;     /* their bytes in it */
    px_file_writer *file; /* NULL in the pass that counts */
    uint8_t *stored;      /* the largest weight as it is stored */
    int channels[64];     /* with constants "ones_C" and "zeros_C" */
    int channel_count;
} writer;

/* -- names */

/* What a node's value is called. Weights have their keys, which people know. */
static void name_of(const writer *w, px_node node, char name[PX_NAME_SIZE + 16])
{
    const px_node_info *info = px_graph_node(w->graph, node);
    const char *dot = strchr(info->name, '.');
    if (info->op == PX_OP_INPUT)
        snprintf(name, PX_NAME_SIZE + 16, "input");
    else if (info->output)
        snprintf(name, PX_NAME_SIZE + 16, "output");
    else if (info->op == PX_OP_VARIABLE)
        snprintf(name, PX_NAME_SIZE + 16, "%s", dot ? dot + 1 : info->name);
    else
        snprintf(name, PX_NAME_SIZE + 16, "value_%d", node);
}

/* -- nodes */

static void add_input(const writer *w, px_text *node, px_node input)
{
    char name[PX_NAME_SIZE + 16];
    name_of(w, input, name);
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
static void finish(writer *w, px_text *made, const char *op, px_node node)
{
    char name[PX_NAME_SIZE + 16], called[PX_NAME_SIZE + 48];
    name_of(w, node, name);
    snprintf(called, sizeof called, "%s_%d", op, node);
    px_proto_text(made, NODE_OUTPUT, name);
    px_proto_text(made, NODE_NAME, called);
    px_proto_text(made, NODE_OP, op);
    px_proto_message(&w->body, GRAPH_NODE, made);
}

/* A small constant: 64-bit integers, or floats that are all the same. */
static void add_constant(writer *w, const char *name, int type, const int64_t *integers, float value, int count)
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
static void add_unit_weights(writer *w, px_text *node, int channels)
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
static void add_norm(writer *w, px_node node, const px_node_info *n)
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
static void add_conv(writer *w, px_node conv, px_node bias, px_node node)
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

static void add_pad(writer *w, px_node node, const px_node_info *n)
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
static void add_upsample(writer *w, px_node node, const px_node_info *n)
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

static void add_simple(writer *w, px_node node, const px_node_info *n, const char *op)
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

static pixcl_status add_node(writer *w, px_node node, pixcl_error *err)
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

/* -- weights */

/* Rounded to the nearest half, ties to even. False when it is too large for one. */
static bool half_of(float value, uint16_t *half)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    if (magnitude >= 0x477ff000) /* 65520, which would become infinite; NaN too */
        return false;
    if (magnitude < 0x38800000) { /* below 2^-14: a multiple of 2^-24 */
        float scaled;
        memcpy(&scaled, &magnitude, sizeof scaled);
        scaled = scaled * 0x1p24f + 8388608.0f; /* rounds to a whole number */
        memcpy(&bits, &scaled, sizeof bits);
        *half = (uint16_t)(sign | (bits & 0x7fffff));
        return true;
    }
    const uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
    *half = (uint16_t)(sign | ((rounded - 0x38000000) >> 13));
    return true;
}

/* What the tensor's message holds before its values. */
static void begin_tensor(const writer *w, px_node node, px_text *head, size_t *bytes)
{
    const px_node_info *info = px_graph_node(w->graph, node);
    char name[PX_NAME_SIZE + 16];
    int64_t shape[4];
    const int rank = px_variable_shape(info, shape);
    name_of(w, node, name);
    if (w->half)
        snprintf(name + strlen(name), sizeof name - strlen(name), ".half");
    for (int i = 0; i < rank; i++)
        px_proto_varint(head, TENSOR_DIMS, (uint64_t)shape[i]);
    px_proto_varint(head, TENSOR_TYPE, w->half ? TYPE_HALF : TYPE_FLOAT);
    px_proto_text(head, TENSOR_NAME, name);
    *bytes = px_shape_count(info->shape) * (w->half ? 2 : 4);
    px_proto_begin(head, TENSOR_RAW, *bytes);
}

/* One initializer, counted or written. A px_take_values. */
static pixcl_status take_weight(void *context, const px_graph *graph, px_node node, const float *values,
                                pixcl_error *err)
{
    writer *w = context;
    const size_t count = px_shape_count(px_graph_node(graph, node)->shape);
    px_text head = {0}, begin = {0};
    size_t bytes;
    begin_tensor(w, node, &head, &bytes);
    px_proto_begin(&begin, GRAPH_INITIALIZER, head.length + bytes);
    const bool failed = head.failed || begin.failed;
    pixcl_status status =
        failed ? px_fail(err, PIXCL_ERROR_MEMORY, "out of memory, at %s", px_graph_node(graph, node)->name) : PIXCL_OK;
    if (!w->file) {
        w->tensors++;
        w->weights += begin.length + head.length + bytes;
    } else if (!failed) {
        for (size_t i = 0; status == PIXCL_OK && w->half && i < count; i++) {
            uint16_t half = 0;
            if (!half_of(values[i], &half))
                status = px_fail(err, PIXCL_ERROR_FORMAT, "--half: %s has the value %g, and float16 ends at 65504",
                                 px_graph_node(graph, node)->name, (double)values[i]);
            memcpy(w->stored + 2 * i, &half, sizeof half);
        }
        if (status == PIXCL_OK)
            status = px_file_writer_add(w->file, begin.data, begin.length, err);
        if (status == PIXCL_OK)
            status = px_file_writer_add(w->file, head.data, head.length, err);
        if (status == PIXCL_OK)
            status = px_file_writer_add(w->file, w->half ? (const void *)w->stored : values, bytes, err);
    }
    px_text_free(&head);
    px_text_free(&begin);
    return status;
}

/* Halves become floats again before anything computes with them. */
static void add_casts(writer *w)
{
    for (px_node i = 0; w->half && (size_t)i < w->graph->count; i++) {
        char name[PX_NAME_SIZE + 16];
        px_text made = {0};
        if (px_graph_node(w->graph, i)->op != PX_OP_VARIABLE)
            continue;
        name_of(w, i, name);
        snprintf(name + strlen(name), sizeof name - strlen(name), ".half");
        px_proto_text(&made, NODE_INPUT, name);
        add_int(&made, "to", TYPE_FLOAT);
        finish(w, &made, "Cast", i);
    }
}

/* -- the model around them */

static void add_value(writer *w, int field, const char *name, int channels)
{
    const char *const sides[] = {"batch", NULL, "height", "width"};
    px_text shape = {0}, tensor = {0}, type = {0}, value = {0};
    for (int i = 0; i < 4; i++) {
        px_text dim = {0};
        if (sides[i])
            px_proto_text(&dim, DIM_NAME, sides[i]);
        else
            px_proto_varint(&dim, DIM_VALUE, (uint64_t)channels);
        px_proto_message(&shape, SHAPE_DIM, &dim);
    }
    px_proto_varint(&tensor, TENSOR_ELEMENT, TYPE_FLOAT);
    px_proto_message(&tensor, TENSOR_SHAPE, &shape);
    px_proto_message(&type, TYPE_TENSOR, &tensor);
    px_proto_text(&value, VALUE_NAME, name);
    px_proto_message(&value, VALUE_TYPE, &type);
    px_proto_message(&w->body, field, &value);
}

static void add_metadata(px_text *model, const char *key, const char *value)
{
    px_text entry = {0};
    px_proto_text(&entry, ENTRY_KEY, key);
    px_proto_text(&entry, ENTRY_VALUE, value);
    px_proto_message(model, MODEL_METADATA, &entry);
}

static const char *colours_of(int channels)
{
    return channels == 1 ? "grey" : channels == 2 ? "a and b of L*a*b*, divided by 110" : "RGB";
}

/* What stands behind the graph. */
static void end_model(const writer *w, px_way way, px_text *model)
{
    const pixcl_options *o = &w->generator->trained;
    const int multiple = px_model_multiple(o->netG), smallest = px_model_smallest(o->netG);
    const bool lab = strcmp(o->model, "colorization") == 0;
    const bool back = way == PX_BACK, trained_back = strcmp(o->direction, "BtoA") == 0;
    char number[16];
    px_text opset = {0};
    px_proto_text(&opset, OPSET_DOMAIN, "");
    px_proto_varint(&opset, OPSET_VERSION, OPSET);
    px_proto_message(model, MODEL_OPSET, &opset);
    add_metadata(model, "network", o->netG);
    add_metadata(model, "model", o->model);
    add_metadata(model, "direction", back != trained_back ? "BtoA" : "AtoB");
    add_metadata(model, "range", "-1 to 1: a pixel of 0 to 255 is 2 * pixel / 255 - 1");
    add_metadata(model, "input_channels",
                 lab ? "L of L*a*b*, divided by 50, less 1" : colours_of(px_generator_input_nc(w->generator, way)));
    add_metadata(model, "output_channels", colours_of(px_generator_output_nc(w->generator, way)));
    snprintf(number, sizeof number, "%d", multiple);
    add_metadata(model, "sides_are_multiples_of", number);
    snprintf(number, sizeof number, "%d", smallest);
    add_metadata(model, "smallest_side", number);
    add_metadata(model, "norm", o->norm);
    add_metadata(model, "statistics", w->eval ? "running ones" : "of each picture");
    add_metadata(model, "dropout", "left out");
}

/* The body of the graph, and how many bytes the weights will take. */
static pixcl_status make_graph(writer *w, px_way way, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    size_t largest = 0;
    px_proto_text(&w->body, GRAPH_NAME, w->generator->trained.netG);
    add_casts(w);
    for (px_node i = 0; status == PIXCL_OK && (size_t)i < w->graph->count; i++) {
        const size_t count = px_shape_count(px_graph_node(w->graph, i)->shape);
        status = add_node(w, i, err);
        if (px_graph_node(w->graph, i)->op == PX_OP_VARIABLE && count > largest)
            largest = count;
    }
    add_value(w, GRAPH_INPUT, "input", px_generator_input_nc(w->generator, way));
    add_value(w, GRAPH_OUTPUT, "output", px_generator_output_nc(w->generator, way));
    if (status == PIXCL_OK && w->body.failed)
        status = px_fail(err, PIXCL_ERROR_MEMORY, "out of memory, at the nodes of an ONNX model");
    if (status == PIXCL_OK && w->half && !(w->stored = px_calloc(largest, 2, err)))
        status = PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK)
        status =
            px_weights_of_generator(w->graph, w->generator->file, w->generator->other, w->eval, take_weight, w, err);
    return status;
}

static pixcl_status write_model(writer *w, px_way way, const char *path, pixcl_error *err)
{
    px_text begin = {0}, end = {0};
    px_proto_varint(&begin, MODEL_IR_VERSION, IR_VERSION);
    px_proto_text(&begin, MODEL_PRODUCER, "pixcl");
    px_proto_text(&begin, MODEL_PRODUCER_VERSION, PIXCL_VERSION);
    px_proto_begin(&begin, MODEL_GRAPH, w->body.length + w->weights);
    end_model(w, way, &end);
    pixcl_status status = PIXCL_OK;
    if (begin.failed || end.failed)
        status = px_fail(err, PIXCL_ERROR_MEMORY, "out of memory, at the metadata of an ONNX model");
    else if (begin.length + w->body.length + w->weights + end.length > MOST_BYTES)
        status = px_fail(err, PIXCL_ERROR_MEMORY,
                         "%s: an ONNX model has at most 2 GB, and this one has %.1f: --half "
                         "halves it",
                         path, 1e-9 * (double)(w->body.length + w->weights));
    if (status == PIXCL_OK)
        w->file = px_file_writer_create(path, err);
    if (status == PIXCL_OK && !w->file)
        status = err->status;
    if (status == PIXCL_OK)
        status = px_file_writer_add(w->file, begin.data, begin.length, err);
    if (status == PIXCL_OK)
        status = px_file_writer_add(w->file, w->body.data, w->body.length, err);
    if (status == PIXCL_OK)
        status =
            px_weights_of_generator(w->graph, w->generator->file, w->generator->other, w->eval, take_weight, w, err);
    if (status == PIXCL_OK)
        status = px_file_writer_add(w->file, end.data, end.length, err);
    if (status == PIXCL_OK)
        status = px_file_writer_commit(&w->file, err);
    px_file_writer_abandon(&w->file);
    px_text_free(&begin);
    px_text_free(&end);
    return status;
}

pixcl_status px_onnx_write(const px_generator_file *generator, px_way way, bool eval, bool half, const char *path,
                           size_t *tensors, pixcl_error *err)
{
    const int side = px_model_smallest(generator->trained.netG);
    pixcl_error local = {0};
    err = err ? err : &local;
    px_training *program =
        px_generator_program(generator, way, (px_test_mode){.running = eval, .no_dropout = true}, side, side, err);
    if (!program)
        return err->status;
    writer w = {.generator = generator, .graph = program->graph, .eval = eval, .half = half};
    pixcl_status status = make_graph(&w, way, err);
    if (status == PIXCL_OK)
        status = write_model(&w, way, path, err);
    *tensors = w.tensors;
    px_text_free(&w.body);
    px_free(w.stored);
    px_training_destroy(&program);
    return status;
}
