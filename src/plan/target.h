/* What the planner knows of the device it plans for. No OpenCL here: exec/opencl fills it from the device, tests make
 * it up. */
#ifndef PX_PLAN_TARGET_H
#define PX_PLAN_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/device_class.h"

typedef enum px_conv_choice {
    PX_CONV_WINOGRAD, /* as DIRECT, but 3x3 convolutions of stride 1 by Winograd's F(4x4,3x3) */
    PX_CONV_DIRECT,   /* direct kernels over the blocked layout: wide vectors, big private caches (CPUs) */
    PX_CONV_GEMM      /* im2col / col2im and CLBlast's GEMM (GPUs) */
} px_conv_choice;

/* C = alpha * op(A) * op(B) + beta * C, row-major, as CLBlast's Sgemm; alpha is 1. */
typedef struct px_gemm {
    bool transpose_a, transpose_b;
    size_t m, n, k;
    size_t lda, ldb, ldc;
    float beta;
} px_gemm;

struct px_tuning;

typedef struct px_target {
    px_device_class device_class;
    int block; /* the layout's b: 1, 2, 4, 8 or 16 */
    px_conv_choice conv;
    size_t max_allocation;   /* bytes of the largest single buffer */
    size_t memory;           /* bytes the plan may use altogether */
    double max_launch_flops; /* larger launches are cut into pieces; 0: never */
    double max_launch_bytes; /* the same of what they read and write */
    double max_gemm_flops;   /* larger matrix products are made of slices of their columns; 0: never */
    size_t weight_slice;     /* elements of a larger weight that are repacked, or have a gradient, at a time; 0: all */
    size_t column_slice;     /* elements of the columns (convolutions by GEMM) that are in memory at a time; 0: all */
    /* Passes that are switched off, for finding a defect by halves. */
    bool no_fuse, no_alias, no_reuse;
    const struct px_tuning *tuning; /* measured cuts (plan/tuning.h), which must outlive the plan; NULL: defaults */
    /* Bytes of scratch memory the GEMM needs; false when that cannot be told. NULL: none. */
    bool (*gemm_scratch)(void *user, const px_gemm *gemm, size_t *bytes);
    void *user;
} px_target;

/* Defaults by device class: block and convolutions, overridden by PIXCL_BLOCK, PIXCL_CONV, PIXCL_PLAN_OFF and
 * PIXCL_MEMORY_LIMIT. The limits are the caller's to fill before. */
void px_target_default(px_target *target);

#endif
