/* Small graphs that together use every op, in shapes that are awkward on purpose. `pixcl check` and the kernel tests
 * run them on a device and on the reference executor.
 *
 * Cases of one group share one graph, so that a driver compiles one program for dozens of cases. They share no node:
 * a wrong case does not spoil its neighbours. */
#ifndef PX_MEASURE_CHECK_CASES_H
#define PX_MEASURE_CHECK_CASES_H

#include "graph/build.h"

typedef enum px_check_group {
    PX_CHECK_CONV,      /* convolutions, their epilogues, and views in and out of them */
    PX_CHECK_TRAINING,  /* layers and small networks with gradients and Adam, over several steps */
    PX_CHECK_POINTWISE, /* single pointwise ops and fused chains */
    PX_CHECK_NORM,
    PX_CHECK_LOSS,
    PX_CHECK_MOVE,
    PX_CHECK_EFFECT,
    PX_CHECK_GROUP_COUNT
} px_check_group;

/* A shape and the numbers of a convolution, as far as the case has one. */
typedef struct px_check_size {
    int n, c, h, w;
    int out, kernel, stride, pad, output_pad;
} px_check_size;

/* What a variable or input is filled with. */
typedef enum px_check_fill {
    PX_CHECK_SIGNED,   /* uniform in [-1,1); whole numbers from -3 to 3 */
    PX_CHECK_POSITIVE, /* uniform in [0.5,1.5); whole numbers from 1 to 4: variances, second moments */
    PX_CHECK_DISTANT,  /* uniform in [63,65): a mean far from zero */
    PX_CHECK_ZERO      /* never written: memory of the engine begins as zeros */
} px_check_fill;

typedef struct px_check_source {
    px_node node;
    px_check_fill fill;
    uint64_t stream; /* of random numbers, from the case's name: other cases do not change it */
} px_check_source;

typedef struct px_check_result {
    px_node node;
    int part;       /* index of the case */
    double allowed; /* largest error against the largest reference value of this node, after one step */
} px_check_result;

typedef struct px_check_part {
    char name[96];
    px_node first, end;  /* its nodes: first <= node < end */
    double conditioning; /* how many times more than the sum of its ops a case may err */
    bool exact;          /* from whole numbers it makes numbers that float holds exactly, in any order of summation */
} px_check_part;

/* Cases in one graph. */
typedef struct px_check_graph {
    px_graph *graph;
    px_check_source *sources;
    px_check_result *results;
    px_check_part *parts;
    size_t source_count, source_capacity, result_count, result_capacity, part_count, part_capacity;
} px_check_graph;

const char *px_check_group_name(px_check_group group);

/* The cases of a group whose names contain `only` (NULL: all), at most `most` of them from index `first` on (of those).
 * part_count is 0 when there is none. */
px_check_graph *px_check_graph_create(px_check_group group, const char *only, size_t first, size_t most,
                                      pixcl_error *err);
void px_check_graph_destroy(px_check_graph **graph);

#endif
