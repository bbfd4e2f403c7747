/* What the writers of an ONNX model share: the field numbers of onnx.proto and the model in the making. */
#ifndef PX_WEIGHTS_ONNX_PARTS_H
#define PX_WEIGHTS_ONNX_PARTS_H

#include "base/file.h"
#include "base/memory.h"
#include "graph/graph.h"
#include "weights/generator_file.h"

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

typedef struct px_onnx {
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
} px_onnx;

/* What a node's value is called. Weights have their keys, which people know. */
enum { PX_ONNX_NAME = PX_NAME_SIZE + 16 };
void px_onnx_name(const px_onnx *w, px_node node, char name[PX_ONNX_NAME]);

/* Whether anything reads the value. Running statistics are variables of the graph where nothing does. */
bool px_onnx_is_read(const px_graph *graph, px_node node);

/* Adds what ONNX has for each node of the graph to the body. PIXCL_ERROR_INTERNAL for an operation that it has no word
 * for. */
pixcl_status px_onnx_add_nodes(px_onnx *w, pixcl_error *err);

#endif
