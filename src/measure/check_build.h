/* What the files of check cases share. Private to room measure. */
#ifndef PX_MEASURE_CHECK_BUILD_H
#define PX_MEASURE_CHECK_BUILD_H

#include "measure/check_cases.h"

/* Where a case is being built. */
typedef struct px_check_builder {
    px_check_graph *to;
    px_graph *graph; /* to->graph */
    px_check_size size;
    int next_name;
    uint64_t next_stream; /* of the next source's numbers */
} px_check_builder;

typedef struct px_check_family {
    px_check_group group;
    const char *what; /* the start of the cases' names */
    void (*build)(px_check_builder *b);
    const px_check_size *sizes; /* one case each */
    size_t count;
    double conditioning; /* 0 stands for 1 */
} px_check_family;

#define PX_CHECK_SIZES(array) array, sizeof array / sizeof array[0]

/* Each file of cases gives its families. */
const px_check_family *px_check_single_ops(size_t *count);
const px_check_family *px_check_chains(size_t *count);

/* Sources that get filled; names are made up. */
px_node px_check_input(px_check_builder *b, px_shape shape);
px_node px_check_variable(px_check_builder *b, px_kind kind, px_shape shape, px_check_fill fill);
/* Makes a node's value (or a variable's, after the effects) a result to compare. */
void px_check_output(px_check_builder *b, px_node node);

/* Shorthands. */
static inline px_shape px_check_shape(const px_check_builder *b)
{
    return (px_shape){b->size.n, b->size.c, b->size.h, b->size.w};
}

static inline px_node px_check_picture(px_check_builder *b)
{
    return px_check_input(b, px_check_shape(b));
}

static inline px_node px_check_vector(px_check_builder *b, int channels)
{
    return px_check_variable(b, PX_PLAIN, (px_shape){1, channels, 1, 1}, PX_CHECK_SIGNED);
}

static inline px_node px_check_weight(px_check_builder *b, int d0, int d1)
{
    return px_check_variable(b, PX_WEIGHT, (px_shape){d0, d1, b->size.kernel, b->size.kernel}, PX_CHECK_SIGNED);
}

#endif
