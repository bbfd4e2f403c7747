/* The graph: operations on values of shape (N,C,H,W), in the order in which they were added.
 *
 * A node is its index. A node's inputs have lower indices, so the order of creation is a valid order of execution; it
 * is also the one that counts where variables change: a node that reads a variable sees what the nodes before it have
 * left there.
 *
 * Building is sticky: the first error marks the graph, later calls return PX_NONE and do nothing, and
 * px_graph_check() reports the error with op, node name and shapes. So a model reads as plain calls, with one check
 * at the end. */
#ifndef PX_GRAPH_GRAPH_H
#define PX_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef int px_node;
enum { PX_NONE = -1, PX_MAX_INPUTS = 8, PX_NAME_SIZE = 192, PX_MAX_OPTIMISERS = 4 };

typedef enum px_op {
#define OP(id, stem, ...) PX_OP_##id,
#include "graph/ops.def"
#undef OP
    PX_OP_COUNT
} px_op;

typedef enum px_op_class { PX_SOURCE, PX_POINTWISE, PX_REDUCE, PX_CONV, PX_MOVE, PX_EFFECT } px_op_class;

/* What is made of the terms that a reduction sums. */
typedef enum px_sum {
    PX_SUM_NONE,
    PX_SUM_ROWS,    /* their sum per channel */
    PX_SUM_MOMENTS, /* their mean and their biased variance per channel */
    PX_SUM_MEAN,    /* the mean of all */
    PX_SUM_ROOT,    /* of each picture the root of the sum */
    PX_SUM_COUNT
} px_sum;

/* What an operation does with an input. */
typedef enum px_access {
    /* A pointwise operation or a reduction reads */
    PX_ACCESS_ELEMENT = 'e',    /* the element itself */
    PX_ACCESS_VECTOR = 'v',     /* the channel's number, of (1,C,1,1) or (S,1,1,C) */
    PX_ACCESS_STATISTICS = 's', /* the channel's two numbers, of (S,2,1,C) */
    PX_ACCESS_SCALAR = '1',     /* one number, or one for each picture: (N,1,1,1) */
    PX_ACCESS_SHAPE = '-',      /* nothing: only its shape counts */
    /* An effect */
    PX_ACCESS_READ = 'r',
    PX_ACCESS_CHANGE = 'w'
} px_access;

/* An operation's line in ops.def, where the columns are explained. */
typedef struct px_op_info {
    const char *name; /* the stem */
    int fewest, most; /* inputs */
    px_op_class op_class;
    double tolerance;
    const char *help;
    const char *access;                /* a px_access for each input */
    const char *setup, *body, *second; /* OpenCL C: before the loop over pixels; an element, or a term of a sum */
    px_sum sum;
} px_op_info;

const px_op_info *px_op_describe(px_op op);
/* Whether the op changes what its input k is: effects alone do. */
bool px_op_changes(px_op op, int k);

typedef struct px_shape {
    int n, c, h, w; /* each >= 1 */
} px_shape;

size_t px_shape_count(px_shape shape);
bool px_shape_equal(px_shape a, px_shape b);

/* What a value is; it decides how a device stores it. */
typedef enum px_kind {
    PX_ACTIVATION, /* pictures and feature maps: a blocked layout */
    PX_WEIGHT,     /* convolution weights in PyTorch's order (d0,d1,k,k): a layout of the planner's choice */
    PX_PLAIN       /* vectors, statistics, scalars: row-major */
} px_kind;

/* Only what the op's line in ops.def names has a meaning. */
typedef struct px_attrs {
    int kernel, stride, pad;        /* convolutions; pad: padding by reflection too */
    int output_pad_h, output_pad_w; /* conv_t */
    int from, count;
    int id;         /* dropout, mix, pool: tells its random stream from others; adam: the optimiser */
    bool per_image; /* statistics per picture (instance norm) instead of per batch */
    float value;
} px_attrs;

typedef struct px_node_info {
    px_op op;
    px_kind kind;
    px_shape shape;
    px_attrs attrs;
    int input_count;
    px_node inputs[PX_MAX_INPUTS];
    int stage;               /* the stage it was added in: pix2pix has forward G, update D, update G */
    bool output;             /* the caller reads it after a step */
    bool state;              /* variables: saved in a checkpoint but no weight (running statistics, moments, a pool) */
    char name[PX_NAME_SIZE]; /* unique among variables and inputs ("G.model.model.0.weight"), for people elsewhere */
} px_node_info;

typedef struct px_optimiser {
    double beta1, beta2, epsilon; /* double: 1 - 0.999f is 1.3e-5 off 0.001, the number that PyTorch takes */
} px_optimiser;

typedef struct px_graph {
    px_node_info *nodes;
    size_t count, capacity;
    int stage;       /* given to nodes added from now on */
    int next_random; /* the id of the next dropout, mix or pool */
    px_optimiser optimisers[PX_MAX_OPTIMISERS];
    int optimiser_count;
    pixcl_error error; /* the first one */
} px_graph;

px_graph *px_graph_create(pixcl_error *err);
void px_graph_destroy(px_graph **graph);
/* PIXCL_OK, or the first error of the building calls. */
pixcl_status px_graph_check(const px_graph *graph, pixcl_error *err);
const px_node_info *px_graph_node(const px_graph *graph, px_node node);
/* The variable or input of that name, PX_NONE when there is none. */
px_node px_graph_find(const px_graph *graph, const char *name);
/* Keeps a node's value readable after the step, under that name. Returns the node. */
px_node px_graph_output(px_graph *graph, px_node node, const char *name);
/* Marks the graph as failed. */
px_node px_graph_fail(px_graph *graph, const char *format, ...) PX_PRINTF(2, 3);

/* Adds a node of any op; the calls of graph/build.h are easier to read. The name may be NULL. */
px_node px_graph_add(px_graph *graph, px_op op, const px_node *inputs, int input_count, const px_attrs *attrs,
                     const char *name);

/* Independent check of a finished graph: arity, order, shapes recomputed, names unique. */
pixcl_status px_graph_verify(const px_graph *graph, pixcl_error *err);

/* Gradients of the scalar `loss` towards `count` nodes. Adds ordinary nodes in the current stage, and only those that a
 * wanted gradient needs. gradients[i] is PX_NONE when the loss does not depend on wanted[i]. */
void px_graph_gradients(px_graph *graph, px_node loss, const px_node *wanted, int count, px_node *gradients);
/* The same for any `y`, from the gradient `dy` of y's shape that arrives there: a vector-Jacobian product. */
void px_graph_backward(px_graph *graph, px_node y, px_node dy, const px_node *wanted, int count, px_node *gradients);

#endif
