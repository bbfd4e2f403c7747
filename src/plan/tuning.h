/* Measured ways to do convolutions: a table from the numbers that decide a convolution's speed to how it is done
 * fastest on a device. Without a table, or for what it does not hold, the planner takes its defaults
 * (conv_method.c, lower_conv_*.c).
 *
 * A table never makes a wrong plan: px_tuning_set() takes only cuts that are right for their problem. How a convolution
 * is cut decides the order of some sums, so results with and without a table differ by rounding. */
#ifndef PX_PLAN_TUNING_H
#define PX_PLAN_TUNING_H

#include "graph/graph.h"
#include "plan/target.h"

/* "direct", "dot", "winograd", "gemm", ..; "" for NONE. */
const char *px_conv_algorithm_name(px_conv_algorithm algorithm);

/* A convolution as the table knows it. Bias and activation cost too little to matter. */
typedef struct px_conv_problem {
    px_op op; /* conv, conv_t or conv_wgrad */
    int kernel, stride, pad;
    int block;         /* of the layout (px_target) */
    bool vector_large; /* conv_wgrad: the vector axis of the result is x's channels (PX_WEIGHT_AXIS1) */
    px_shape x, y;     /* the first input; the result (conv_wgrad: the second input) */
} px_conv_problem;

/* How it is done. Numbers that are 0 are left to the planner. */
typedef struct px_cut {
    px_conv_algorithm algorithm;
    int width, channels;          /* conv, conv_t: tile of pixels by channel blocks (dot: by channels); both or none */
    int rows, blocks;             /* conv, conv_t: rows of a work-item, input channel blocks at a time; both or none */
    int scalars, vectors, splits; /* conv_wgrad: tile of scalar by vector channels, both or none; splits of the rows */
} px_cut;

/* How many cuts a tuner looks at for one convolution in one go. */
enum { PX_MOST_CUTS = 48 };

typedef struct px_tuned {
    px_conv_problem problem;
    px_cut cut;
} px_tuned;

typedef struct px_tuning {
    px_tuned *entries;
    size_t count, capacity;
} px_tuning;

px_tuning *px_tuning_create(pixcl_error *err);
/* Accepts NULL, clears the pointer. */
void px_tuning_destroy(px_tuning **tuning);

/* PIXCL_ERROR_ARGUMENT, with the reason, for a cut that does not suit its problem. */
pixcl_status px_cut_check(const px_conv_problem *problem, const px_cut *cut, pixcl_error *err);
/* Adds or replaces an entry, after px_cut_check(). */
pixcl_status px_tuning_set(px_tuning *tuning, const px_conv_problem *problem, const px_cut *cut, pixcl_error *err);
void px_tuning_remove(px_tuning *tuning, const px_conv_problem *problem);
/* NULL when the table is NULL or does not know the problem. */
const px_cut *px_tuning_find(const px_tuning *tuning, const px_conv_problem *problem);

#endif
