/* How a 4x4 convolution is cut into Winograd's tiles (cl/winograd4_rows.cl), and the transforms of its maps. Private to
 * room plan. */
#ifndef PX_PLAN_WINOGRAD4_H
#define PX_PLAN_WINOGRAD4_H

#include "plan/planner.h"

typedef struct px_winograd4 {
    int stride;
    int m;                       /* outputs of the inner form along a side: F(m x m, 2x2) */
    int points, out;             /* products, and outputs, of a tile along a side */
    int tile_rows, tile_columns; /* of one picture */
    int rows;                    /* of tiles, of all pictures */
    /* How transformed maps are stored, the caller's to settle: tiles of a group, and of a run; for how many a run has
     * room. */
    int group_tiles, run_tiles, padded_run;
} px_winograd4;

/* The tiles over so many pictures of h x w positions, of 2x2 outputs in each phase or of 3x3. */
px_winograd4 px_winograd4_tiles(int stride, int m, int pictures, int h, int w);
/* Channel blocks of the transform of a map with so many channels. */
int px_winograd4_blocks(int channels, bool phases);
/* Rows of tiles to do at a time, so that the transforms of maps with so many channel blocks altogether stay small. */
int px_winograd4_rows_at_once(const px_planner *p, const px_winograd4 *t, int blocks);
/* A buffer for the transform of so many rows of tiles; -1 without memory. */
int px_winograd4_buffer(px_planner *p, const px_winograd4 *t, int rows, int blocks);
/* The definitions of cl/winograd4_rows.cl. */
char *px_winograd4_defines(const px_planner *p, const px_winograd4 *t);

/* Transforms rows of tiles of a map into a buffer: of a convolution's input, or of the large map of a weight gradient,
 * in phases or not; and of the gradient towards the result. */
pixcl_status px_winograd4_input(px_planner *p, px_node node, const px_winograd4 *t, const px_value *from,
                                px_shape shape, bool phases, int pad, int first_row, int rows, int buffer);
pixcl_status px_winograd4_gradient(px_planner *p, px_node node, const px_winograd4 *t, const px_value *from,
                                   px_shape shape, int first_row, int rows, int buffer);

pixcl_status px_lower_winograd4_wgrad(px_planner *p, px_node node);

#endif
