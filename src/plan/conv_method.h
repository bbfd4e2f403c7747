/* Convolution algorithms. Each is a table of functions in a file of its own (lower_conv_*.c); conv_method.c lists them
 * in the order in which the planner asks. A new one is a line in px_conv_algorithm, one in that list, and its file. */
#ifndef PX_PLAN_CONV_METHOD_H
#define PX_PLAN_CONV_METHOD_H

#include "plan/planner.h"

typedef struct px_conv_method {
    const char *name; /* in PIXCL_CONV, in tuning files, for people */
    double noise;     /* how many times more it may round than a direct sum */
    /* The share of the device's multiply-adds that the inner loop of its kernels allows, for estimates (estimate.h). On
     * a CPU it is what they reach altogether, measured; on a GPU multiply-adds among all instructions, counted. */
    double (*density)(const px_target *target, const px_conv_problem *problem);
    bool needs_single_groups; /* made for a core's cache as a work-item's memory: never on a target without */
    bool epilogue;            /* takes a bias and an activation that follow (fuse.c) */
    /* Whether a convolution without padding of its own takes a padding by reflection before it, so wide, into its load.
     * NULL: never. */
    bool (*reflects)(const px_conv_problem *problem, int pad);
    /* Whether it does this convolution rightly, on any device that it is for. */
    bool (*applies)(const px_conv_problem *problem);
    /* Whether it is the planner's own choice for it; asked in the order of the list, of those that apply. */
    bool (*suits)(const px_target *target, const px_conv_problem *problem);
    /* The layout of the weights that a conv or conv_t reads. A weight gradient is made in its weight's layout, or
     * repacked into it. */
    px_weight_layout (*weights)(const px_target *target, const px_conv_problem *problem);
    pixcl_status (*lower)(px_planner *p, px_node node);
    /* Whether a cut is right for the problem: PIXCL_ERROR_ARGUMENT, with the reason, when it is not. The problem is
     * known to be one that the method applies to. */
    pixcl_status (*check)(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err);
    /* Cuts worth a try by the tuner, all right for the problem, and how many: without `tile` how many results stay in
     * registers; for a given tile how many rows or splits, and how much of the weights at a time. */
    int (*cuts)(const px_target *target, const px_conv_problem *problem, const px_cut *tile, px_cut cuts[PX_MOST_CUTS]);
} px_conv_method;

extern const px_conv_method px_conv_winograd, px_conv_winograd2, px_conv_planes, px_conv_pixel, px_conv_lane,
    px_conv_gemm, px_conv_dot, px_conv_direct;

/* Of any algorithm but NONE. */
const px_conv_method *px_conv_method_of(px_conv_algorithm algorithm);
/* The algorithm of that name, NONE when there is none. */
px_conv_algorithm px_conv_algorithm_named(const char *name);
/* The planner's own choice: the target's, where it applies, else the table's, else the first that suits. */
px_conv_algorithm px_conv_choose(const px_target *target, const px_conv_problem *problem);

/* Tiles of the direct kernels (conv_tiles.c): conv_direct.cl and conv_dot.cl, and conv_wgrad.cl. */
pixcl_status px_check_forward_tile(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err);
pixcl_status px_check_gradient_tile(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err);
int px_forward_tiles(const px_target *target, const px_conv_problem *problem, px_conv_algorithm algorithm,
                     px_cut cuts[PX_MOST_CUTS]);
int px_gradient_tiles(const px_target *target, const px_conv_problem *problem, px_conv_algorithm algorithm,
                      px_cut cuts[PX_MOST_CUTS]);
/* Whether a tile of so many sums is worth a try: enough for two multiply-add units with a latency of four cycles, and
 * hardly more than px_target.tile_sums. */
bool px_fits_registers(const px_target *target, int sums);
/* The planner's own tiles, of so many sums in registers (px_target.tile_sums). `row`: pixels of a row that share their
 * taps; `groups`: channel blocks of the output, or channels with `dot`. */
px_cut px_forward_tile(int sums, int row, int groups, bool dot);
/* Of so many scalar channels, in blocks of `block`, by channel blocks in vectors. `small_map`: storing the sums takes
 * the time, rather than adding them up. */
px_cut px_gradient_tile(int sums, int scalar_channels, int block, int vector_blocks, bool small_map);
/* The weight gradients of "lane" and "planes" (lower_conv_wgrad_lane.c). */
bool px_wgrad_lane_applies(const px_conv_problem *problem);
bool px_wgrad_planes_applies(const px_conv_problem *problem);
pixcl_status px_lower_wgrad_lane(px_planner *p, px_node node);
pixcl_status px_check_wgrad_lane(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err);
int px_wgrad_lane_cuts(const px_conv_problem *problem, const px_cut *tile, px_cut cuts[PX_MOST_CUTS]);
/* px_conv_method.weights of kernels with output channels, or input channels, across their lanes. */
px_weight_layout px_weights_output_lanes(const px_target *target, const px_conv_problem *problem);
px_weight_layout px_weights_input_lanes(const px_target *target, const px_conv_problem *problem);
/* For a method that has one way to cut a problem: no number of a cut is right but 0, and there is nothing to try. */
pixcl_status px_check_no_tile(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err);
int px_no_cuts(const px_target *target, const px_conv_problem *problem, const px_cut *tile, px_cut cuts[PX_MOST_CUTS]);
/* Adds a cut when it is right and there is room. */
void px_add_cut(const px_conv_problem *problem, px_cut cut, px_cut cuts[PX_MOST_CUTS], int *count);

#endif
