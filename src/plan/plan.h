/* The plan: a flat list of kernel launches over one arena, made once and run thousands of times.
 *
 * Layouts. An activation (N,C,H,W) is stored as (N, C/b, H, W, b) with b = gcd(C, target.block): b channels are the
 * vector lane. With block 1 that is NCHW. RGB edges have b = 1, and no lane is ever padding. Convolution weights
 * (d0,d1,k,k) are stored plain, or with the vector along axis a: (da/bv, ds/bs, k, k, bs, bv), s being the other axis,
 * bv = gcd(da, block), bs = gcd(ds, block), or transposed: (d1, k, k, d0). */
#ifndef PX_PLAN_PLAN_H
#define PX_PLAN_PLAN_H

#include <stdio.h>

#include "graph/graph.h"
#include "plan/target.h"
#include "plan/tuning.h"

typedef enum px_weight_layout {
    PX_WEIGHT_PLAIN,
    PX_WEIGHT_AXIS0,
    PX_WEIGHT_AXIS1,
    PX_WEIGHT_TRANSPOSED,
    PX_WEIGHT_LAYOUTS
} px_weight_layout;

/* Where a node's value lies. */
typedef struct px_value {
    int buffer;              /* index in plan->buffers, -1 when the value is never in memory (fused away) */
    size_t offset;           /* elements from the buffer's start */
    size_t stride_n;         /* elements between two pictures (activations) */
    int block;               /* activations: b */
    px_weight_layout layout; /* weights */
} px_value;

typedef struct px_buffer {
    size_t elements; /* of 4 bytes */
    bool persistent; /* lives from step to step: variables, inputs, constants, zeros */
    bool kept;       /* an output: not reused after its last launch */
    int first, last; /* launches that touch it; first = -1: none does */
    int chunk;       /* which of the arena's chunks */
    size_t place;    /* elements from the chunk's start */
    px_node node;    /* whose value it was made for, PX_NONE for scratch */
} px_buffer;

typedef enum px_arg_type { PX_ARG_READ, PX_ARG_WRITE, PX_ARG_INT, PX_ARG_FLOAT, PX_ARG_STEP, PX_ARG_LOCAL } px_arg_type;

/* READ and WRITE become two kernel arguments: the chunk's buffer and the element offset (uint). STEP is the small
 * buffer with what changes from step to step (cl/step.cl). LOCAL is memory of the work-group, of `i` elements. */
typedef struct px_arg {
    px_arg_type type;
    int buffer;
    size_t offset;
    int i;
    float f;
} px_arg;

/* A kernel's program: sources from cl/, with `preamble` (defines) in front of them. */
enum { PX_MAX_SOURCES = 4 };
typedef struct px_kernel_program {
    const char *sources[PX_MAX_SOURCES]; /* file stems, NULL after the last */
    char *preamble;
    const char *kernel;
} px_kernel_program;

typedef enum px_launch_type { PX_LAUNCH_KERNEL, PX_LAUNCH_GEMM } px_launch_type;

typedef struct px_launch {
    px_launch_type type;
    int stage;
    px_node node;               /* the (last) node it computes */
    char label[96];             /* for people: "conv_direct 8x2 G.model.model.0.weight" */
    int program;                /* kernels: index in plan->programs */
    size_t first[3], global[3]; /* work-items: where they begin, how many */
    size_t local[3];            /* work-items of a group, which divide the global ones; 0: the driver's choice */
    px_gemm gemm;               /* GEMM: args are A, B, C */
    size_t first_arg;           /* in plan->args */
    int arg_count;
    double flops, bytes; /* for roofline figures: bytes that must move at least */
} px_launch;

typedef struct px_plan {
    px_target target;
    px_node node_count;
    px_node_info *nodes; /* a copy of the graph's */
    px_optimiser optimisers[PX_MAX_OPTIMISERS];
    px_value *values;              /* one a node */
    px_conv_algorithm *algorithms; /* the same; NONE where it is no convolution of the plan */
    px_buffer *buffers;
    size_t buffer_count, buffer_capacity;
    px_kernel_program *programs;
    size_t program_count, program_capacity;
    px_launch *launches;
    size_t launch_count, launch_capacity;
    px_arg *args; /* of all launches */
    size_t arg_count, arg_capacity;
    size_t *chunks; /* elements of each chunk of the arena */
    size_t chunk_count, chunk_capacity;
    size_t gemm_scratch; /* bytes */
    size_t bytes;        /* all device memory: chunks + GEMM scratch + the step buffer */
} px_plan;

enum { PX_STEP_WORDS = 16 }; /* of the step buffer */

/* Whether a node's values are uploaded before the step that reads them, to so many buffers in turn. */
enum { PX_UPLOADS_AHEAD = 2 };
bool px_uploads_ahead(const px_plan *plan, px_node node);

/* The arguments of a launch, launch->arg_count of them. */
static inline const px_arg *px_args_of(const px_plan *plan, const px_launch *launch)
{
    return plan->args + launch->first_arg;
}

/* Plans a verified graph. Fails with PIXCL_ERROR_MEMORY, saying what would fit, when target->memory is too small. */
px_plan *px_plan_create(const px_graph *graph, const px_target *target, pixcl_error *err);
void px_plan_destroy(px_plan **plan);

/* Drops all launches but those of one node, and their programs: for measuring it by itself. */
void px_plan_keep_only(px_plan *plan, px_node node);
/* What decides the speed of a convolution of the plan. */
px_conv_problem px_conv_problem_of(const px_plan *plan, px_node node);

/* The plan as a table for people, as Graphviz dot, or as JSON (px_free); NULL: without an estimate. */
struct px_estimate;
typedef enum px_dump_format { PX_DUMP_TEXT, PX_DUMP_DOT, PX_DUMP_JSON } px_dump_format;
char *px_plan_dump(const px_plan *plan, px_dump_format format, const struct px_estimate *estimate, pixcl_error *err);

/* Elements between the start of plain weights/activations and element (i0,i1,i2,i3) in the given layout: how engines
 * move values in and out. `shape` and the indices are PyTorch's. A weight's is the sum of what d0, d1 and the tap (in
 * steps of its own) add, each alone. */
size_t px_weight_index(px_shape shape, px_weight_layout layout, int block, int d0, int d1, int kh, int kw);
size_t px_activation_index(px_shape shape, const px_value *value, int n, int c, int h, int w);

#endif
