/* What the files of the reference executor share: the call that every op function gets, and their declarations from
 * ops.def.
 *
 * This folder says what each op means. Plain loops over float arrays in PyTorch's order (N,C,H,W), every sum
 * accumulated in double, nothing fused, nothing reused; a kernel is right when it agrees with the function of its
 * name here. */
#ifndef PX_EXEC_REFERENCE_H
#define PX_EXEC_REFERENCE_H

#include "exec/exec.h"

typedef struct px_reference_call {
    const px_node_info *node;       /* attributes and output shape */
    const px_step *step;            /* seed, number and learning rates of this step */
    const px_optimiser *optimisers; /* the graph's */
    px_shape shape[PX_MAX_INPUTS];  /* of each input */
    float *x[PX_MAX_INPUTS];        /* each input's values; only an EFFECT writes them */
    float *y;                       /* the output's values; an EFFECT's are those of its first input */
    double *plane;                  /* scratch: as many sums as the largest picture of the graph has pixels */
} px_reference_call;

#define OP(id, stem, ...) void reference_##stem(const px_reference_call *call);
#include "graph/ops.def"
#undef OP

/* Elements of the output. */
static inline size_t px_reference_count(const px_reference_call *call)
{
    return px_shape_count(call->node->shape);
}

#endif
