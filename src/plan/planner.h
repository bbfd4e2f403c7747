/* What the planner's passes share. Private to room plan. */
#ifndef PX_PLAN_PLANNER_H
#define PX_PLAN_PLANNER_H

#include "base/memory.h"
#include "plan/plan.h"
#include "plan/tuning.h"

enum { PX_GROUP_NODES = 6 };

/* Pointwise nodes that become one kernel, in order; a reduction can only be the last. */
typedef struct px_group {
    px_node nodes[PX_GROUP_NODES];
    int count;
} px_group;

/* What a convolution does to its result before storing it. */
typedef struct px_epilogue {
    px_node bias;       /* the bias variable, or PX_NONE */
    px_node activation; /* the leaky or tanh node, or PX_NONE */
    px_node result;     /* the node whose value is stored */
} px_epilogue;

typedef struct px_planner {
    const px_graph *graph;
    px_plan *plan;
    const px_target *target;
    pixcl_error *err;
    px_node *order; /* live nodes in the order of execution */
    int order_count;
    int *position;                /* of each node in `order`, -1 when dead */
    int *consumer_count;          /* live readers */
    px_conv_algorithm *algorithm; /* plan->algorithms */
    px_epilogue *epilogue;        /* of each convolution */
    bool *absorbed;    /* the node is done by the convolution before it: its epilogue, or a sum of gradients */
    px_node *added_to; /* of each weight gradient: the earlier one that it is added to where that lies, or PX_NONE */
    int *group;        /* fusion group of each pointwise or reduce node, -1: none */
    px_group *groups;
    size_t group_count, group_capacity;
    int zeros;   /* a buffer of zeros, as long as the largest block */
    bool failed; /* there was no memory for an argument; err tells */
} px_planner;

static inline const px_node_info *px_at(const px_planner *p, px_node node)
{
    return &p->graph->nodes[node];
}

static inline px_value *px_value_of(const px_planner *p, px_node node)
{
    return &p->plan->values[node];
}

int px_gcd(int a, int b);
/* The largest of the candidates that divides n; 1 if none does. */
int px_largest_divisor(int n, const int *candidates, int count);

/* The passes, in order. */
pixcl_status px_pass_schedule(px_planner *p);
pixcl_status px_pass_choose(px_planner *p);
pixcl_status px_pass_fuse(px_planner *p);
pixcl_status px_pass_layout(px_planner *p);
pixcl_status px_pass_lower(px_planner *p);
pixcl_status px_pass_split(px_planner *p);
pixcl_status px_pass_liveness(px_planner *p);
pixcl_status px_pass_arena(px_planner *p);
pixcl_status px_pass_check(px_planner *p);

/* Lowering by family (lower_*.c), called by px_pass_lower; those of class MOVE and EFFECT are in lower.h. */
pixcl_status px_lower_conv_wgrad(px_planner *p, px_node node);
pixcl_status px_lower_group(px_planner *p, const px_group *group);

/* What a convolution, or a weight gradient, reads as its first input: where it does a padding by reflection in its load
 * (choose.c), that is what gets padded, and by how much. */
typedef struct px_padded {
    px_node source;
    bool reflect;
    int pad;
} px_padded;
px_padded px_padded_input(const px_planner *p, px_node conv);

/* A convolution, or a part of one, for kernels that make it at once. */
typedef struct px_direct {
    bool dot, transposed;
    bool reflect; /* x is padded by reflection, in the load (lane, planes, pixel) */
    int kernel, stride, pad;
    px_shape x, y;
    px_value from, to; /* where they lie: buffer, offset, stride_n, block */
    int weights;       /* buffer */
    size_t weights_offset;
    size_t weights_stride_n;     /* each picture has its own weights, so far apart; 0: all share them (dot: always) */
    bool add;                    /* to what lies in `to` (direct, without an epilogue) */
    const px_epilogue *epilogue; /* NULL: none */
} px_direct;
/* As the node says, but for `dot` and the weights. */
px_direct px_direct_of(const px_planner *p, px_node node);
/* The launch of conv_direct.cl, conv_dot.cl or conv_planes.cl, or those of conv_lane.cl or conv_pixel.cl. The first one
 * has the label "KERNEL TILE"; its work is the caller's to say. */
typedef pixcl_status px_emit_conv(px_planner *p, px_node node, const px_direct *d);
px_emit_conv px_emit_direct, px_emit_lane, px_emit_planes, px_emit_pixel;
/* The sum of so many partial results, one behind the other without gaps, with the epilogue (conv_sum.cl). */
pixcl_status px_emit_conv_sum(px_planner *p, px_node node, const px_direct *d, int from, int splits);
/* The same, with the node's work, of which each slice has its share, and a label for people. */
pixcl_status px_emit_conv_labelled(px_planner *p, px_node node, const px_direct *d, px_emit_conv *emit, int slices);
/* A convolution with its weights in a layout. Where they are stored in another and nothing follows, slices of at least
 * so many input channels are repacked and emitted one after the other, each adding to the result. */
pixcl_status px_lower_with_weights(px_planner *p, px_node node, px_weight_layout layout, int least, px_emit_conv *emit);

/* conv_wgrad.cl, and the sum of its splits. */
typedef struct px_wgrad {
    int kernel, stride, pad;
    bool reflect; /* padding of the large map is by reflection (wgrad_planes.cl) */
    px_shape large, small;
    px_value large_at, small_at;
    bool vector_large; /* the large map's channels are the lanes of the result */
    int pictures;      /* that are summed; a multiple of it gives as many results behind one another */
    int result;        /* buffer */
    size_t offset;
    bool add; /* to what lies in the result */
} px_wgrad;
pixcl_status px_emit_wgrad(px_planner *p, px_node node, const px_wgrad *g);
/* The same by wgrad_lane.cl or wgrad_planes.cl (lower_conv_wgrad_lane.c): into how many parts each result is split, and
 * the launch that makes them, one behind the other. */
int px_wgrad_lane_splits(const px_planner *p, px_node node, const px_wgrad *g);
pixcl_status px_emit_wgrad_lane(px_planner *p, px_node node, const px_wgrad *g, int splits);
/* The sum of so many parts of `count` elements, to or onto the result. */
pixcl_status px_emit_sum_splits(px_planner *p, px_node node, const px_wgrad *g, int splits, size_t count, int from);

/* How the device's table says to cut a convolution; numbers that are 0, all without a table, are the lowering's to
 * choose. */
px_cut px_cut_for(const px_planner *p, px_node node);

/* Of a convolution: its work, its traffic, its epilogue as defines (of so many channels at once) and as argument. */
double px_conv_flops(const px_planner *p, px_node node);
double px_conv_bytes(const px_planner *p, px_node node);
char *px_epilogue_defines(const px_planner *p, const px_epilogue *e, int lanes);
void px_arg_bias(px_planner *p, const px_epilogue *e);

/* Emission helpers (emit.c). A launch is built in place: px_emit_kernel returns it or NULL (error filled), then
 * arguments are added, always to the launch that was emitted last. Groups are of one work-item where the target wants
 * that, else the driver's choice until px_local or px_local_usual says more. */
int px_new_buffer(px_planner *p, size_t elements, px_node node);
px_launch *px_emit_kernel(px_planner *p, px_node node, const char *kernel, const char *const *sources,
                          const char *preamble, const size_t global[3]);
/* Where something begins that a launch reads or writes. */
typedef struct px_operand {
    int buffer;
    size_t offset;
} px_operand;
/* C = op(A) * op(B) + beta * C with the operands A, B, C, in the form that px_gemm_settle() finds. */
pixcl_status px_emit_gemm(px_planner *p, px_node node, const px_gemm *gemm, const px_operand operands[3]);
void px_arg_buffer(px_planner *p, px_arg_type type, int buffer, size_t offset);
void px_arg_value(px_planner *p, px_arg_type type, px_node node);
void px_arg_int(px_planner *p, int64_t value);
void px_arg_float(px_planner *p, float value);
void px_arg_step(px_planner *p);
void px_arg_local(px_planner *p, size_t elements);
/* Groups of exactly so many work-items, which divide the global ones. */
void px_local(px_launch *launch, size_t x, size_t y, size_t z);
/* Groups of the target's usual size along dimension 0, whose count is rounded up to whole groups: for kernels whose
 * work-items beyond the end do nothing. No effect with single groups. */
void px_local_usual(const px_planner *p, px_launch *launch);
/* Kernels that only move elements work on runs of target->run_length: long ones on a CPU, where a work-item is a
 * function call, single ones on a GPU, where neighbours should touch neighbouring memory. */
size_t px_count_runs(size_t count, int length);
/* Kernels over pixels with blocks of channels: how many channels of a block a work-item handles (VW in cl/), all of
 * them on a CPU, and how many work-items there are for so many runs of pixels. */
int px_vector_width(const px_planner *p, int block);
size_t px_run_items(const px_planner *p, size_t runs, int block);
void px_label(px_launch *launch, const char *format, ...) PX_PRINTF(2, 3);

/* Into how many equal slices along an axis of `channels` a large weight is cut (px_target.weight_slice), each a
 * multiple of `least` channels. */
int px_weight_slices(const px_planner *p, px_shape weight, int channels, int least);

/* Adam on one of so many equal slices of its weights in memory, whose gradient begins at the buffer's `offset`, in so
 * many splits one behind the other. */
pixcl_status px_emit_adam(px_planner *p, px_node adam, int gradient, size_t offset, int slice, int slices, int splits);
/* The Adam step that takes this gradient next, and is the only one to need it; PX_NONE when there is none. */
px_node px_adam_behind(const px_planner *p, px_node gradient);
/* For a kernel that ends in adam_update.cl, on so many weights at once: what it wants defined, and its arguments. */
char *px_adam_defines(const px_planner *p, px_node adam, int width);
void px_arg_adam(px_planner *p, px_node adam);

/* The weight in the layout that `reader` asks for, repacking it when it is stored otherwise: buffer and offset. */
pixcl_status px_weight_in(px_planner *p, px_node reader, px_node weight, px_weight_layout layout, int *buffer,
                          size_t *offset);
pixcl_status px_emit_repack(px_planner *p, px_node node, px_shape shape, px_weight_layout from, int from_buffer,
                            size_t from_offset, px_weight_layout to, int to_buffer, size_t to_offset, bool add);
/* Copies channels between activations of any block. */
pixcl_status px_emit_copy(px_planner *p, px_node node, px_shape shape, const px_value *from, const px_value *to);
bool px_same_weight_layout(const px_planner *p, px_weight_layout a, px_weight_layout b);

#endif
