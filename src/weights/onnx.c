/* A generator as a model of ONNX (onnx.proto): the nodes, the weights behind them, and what a user must know.
 *
 * All but the weights is made in memory. The weights follow one by one, as each is read: a model is a message whose
 * length stands before it, so the first pass over them counts and the second writes. */
#include "weights/onnx.h"

#include <stdio.h>
#include <string.h>

#include "store/protobuf.h"
#include "weights/onnx_parts.h"
#include "weights/weights.h"

enum { OPSET = 13, IR_VERSION = 7, MOST_BYTES = INT32_MAX };

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
static void begin_tensor(const px_onnx *w, px_node node, px_text *head, size_t *bytes)
{
    const px_node_info *info = px_graph_node(w->graph, node);
    char name[PX_ONNX_NAME];
    int64_t shape[4];
    const int rank = px_variable_shape(info, shape);
    px_onnx_name(w, node, name);
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
    px_onnx *w = context;
    if (!px_onnx_is_read(graph, node))
        return PIXCL_OK;
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

/* -- the model around them */

static void add_value(px_onnx *w, int field, const char *name, int channels)
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
static void end_model(const px_onnx *w, px_way way, px_text *model)
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
static pixcl_status make_graph(px_onnx *w, px_way way, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    size_t largest = 0;
    px_proto_text(&w->body, GRAPH_NAME, w->generator->trained.netG);
    status = px_onnx_add_nodes(w, err);
    for (px_node i = 0; status == PIXCL_OK && (size_t)i < w->graph->count; i++) {
        const size_t count = px_shape_count(px_graph_node(w->graph, i)->shape);
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

static pixcl_status write_model(px_onnx *w, px_way way, const char *path, pixcl_error *err)
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
    px_onnx w = {.generator = generator, .graph = program->graph, .eval = eval, .half = half};
    pixcl_status status = make_graph(&w, way, err);
    if (status == PIXCL_OK)
        status = write_model(&w, way, path, err);
    *tensors = w.tensors;
    px_text_free(&w.body);
    px_free(w.stored);
    px_training_destroy(&program);
    return status;
}
