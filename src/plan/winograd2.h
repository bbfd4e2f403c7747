/* How a convolution is cut into the tiles of "winograd2" (cl/winograd2_rows.cl), and the transforms of its maps.
 * Private to room plan. */
#ifndef PX_PLAN_WINOGRAD2_H
#define PX_PLAN_WINOGRAD2_H

#include "plan/planner.h"

typedef struct px_winograd2 {
    int kernel, stride;
    int m;                       /* outputs of the inner form along a side: F(m x m, 2x2) */
    int points, out;             /* products, and outputs, of a tile along a side */
    int tile_rows, tile_columns; /* of one picture */
    int rows;                    /* of tiles, of all pictures */
    /* How transformed maps are stored, the caller's to settle: tiles of a group, and of a run; for how many a run has
     * room. */
    int group_tiles, run_tiles, padded_run;
} px_winograd2;

/* Which inner tiles waste less on a map that they cover: of 2x2 outputs or of 3x3. */
int px_winograd2_inner(int stride, px_shape map);
/* The tiles over so many pictures of h x w positions, of 2x2 outputs in each phase or of 3x3. */
px_winograd2 px_winograd2_tiles(int kernel, int stride, int m, int pictures, int h, int w);
/* Products of a tile, of all phases, for two channels. */
double px_winograd2_products(const px_winograd2 *t);
/* Channel blocks of the transform of a map with so many channels. */
int px_winograd2_blocks(int channels, bool phases);
/* Rows of tiles to do at a time, so that the transforms of maps with so many channel blocks altogether stay small. */
int px_winograd2_rows_at_once(const px_planner *p, const px_winograd2 *t, int blocks);
/* A buffer for the transform of so many rows of tiles; -1 without memory. */
int px_winograd2_buffer(px_planner *p, const px_winograd2 *t, int rows, int blocks);
/* The definitions of cl/winograd2_rows.cl. */
char *px_winograd2_defines(const px_planner *p, const px_winograd2 *t);

/* Transforms rows of tiles of a map into a buffer: of a convolution's input, or of the large map of a weight gradient,
 * in phases or not; and of the gradient towards the result. */
pixcl_status px_winograd2_input(px_planner *p, px_node node, const px_winograd2 *t, const px_value *from,
                                px_shape shape, bool phases, int pad, int first_row, int rows, int buffer);
pixcl_status px_winograd2_gradient(px_planner *p, px_node node, const px_winograd2 *t, const px_value *from,
                                   px_shape shape, int first_row, int rows, int buffer);

/* Weight gradients (lower_conv_winograd2_wgrad.c). */
pixcl_status px_lower_winograd2_wgrad(px_planner *p, px_node node);
pixcl_status px_check_winograd2_wgrad(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err);
int px_winograd2_wgrad_cuts(const px_target *target, const px_conv_problem *problem, px_cut cuts[PX_MOST_CUTS]);

#endif
