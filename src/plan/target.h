/* What the planner knows of the device it plans for. No OpenCL here: exec/opencl fills the facts from the device, tests
 * make them up. A device class only fills in *traits* (target.c): nothing else in the planner asks for the class. */
#ifndef PX_PLAN_TARGET_H
#define PX_PLAN_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/device_class.h"

/* Ways to do a convolution; each is a file (plan/conv_method.h). NONE is the planner's own choice. */
typedef enum px_conv_algorithm {
    PX_ALGORITHM_NONE,
    PX_ALGORITHM_WINOGRAD,
    PX_ALGORITHM_WINOGRAD2,
    PX_ALGORITHM_GEMM,
    PX_ALGORITHM_PLANES,
    PX_ALGORITHM_LANE,
    PX_ALGORITHM_PIXEL,
    PX_ALGORITHM_DOT,
    PX_ALGORITHM_DIRECT,
    PX_ALGORITHM_COUNT
} px_conv_algorithm;

/* C = op(A) * op(B) + beta * C, row-major. */
typedef struct px_gemm {
    bool transpose_a, transpose_b;
    size_t m, n, k;
    size_t lda, ldb, ldc;
    float beta;
    /* How CLBlast is asked for it (px_gemm_settle). */
    bool column_major; /* with the operands exchanged: C' = op(B)' op(A)', the same memory read column by column */
    bool sub_buffers;  /* each operand as a buffer of its own, since it copies those that do not begin theirs */
    size_t scratch;    /* bytes to which it copies operands, and from which it copies the result */
    int copies;        /* kernels that do it */
} px_gemm;

/* Vectors of 16 results that a tile of a CPU's kernels keeps in registers, beside what it loads: 24 with 32 registers
 * of 16 floats (AVX-512), 6 with 16 of 8 (AVX2) or 32 of 4 (NEON), 2 with 16 of 4 (SSE). Larger tiles load less, but
 * one that does not fit is stored and loaded again with each product. Results are the same bits. */
enum { PX_TILE_KINDS = 3 };
extern const int px_tile_sums[PX_TILE_KINDS];
/* Channel blocks of a tile of so many sums where pixels are many; the pixels are the rest. */
int px_tile_vectors(int sums);

struct px_tuning;

typedef struct px_target {
    /* Facts */
    px_device_class device_class;
    size_t max_allocation; /* bytes of the largest single buffer */
    size_t memory;         /* bytes the plan may use altogether */
    size_t max_work_group; /* work-items of a group; 0: unknown, taken as 256 */
    size_t local_memory;   /* bytes that a work-group may use; 0: unknown, taken as 16 KB */
    int compute_units;     /* 0: unknown, taken as 16 */
    int sub_group;         /* work-items that run in step, as the driver says; 0: unknown */
    size_t alignment;      /* bytes, a power of two: where a sub-buffer may begin; 0: unknown, there are none */
    double gflops, gbps;   /* measured: multiply-adds count two, a copy counts what it reads and writes; 0: unknown */
    double launch_seconds; /* measured: from one short launch to the next; 0: unknown */
    int tile_sums;         /* of a CPU, measured: one of px_tile_sums; 0: unknown, taken as the first */

    /* Traits, by class (px_target_default) */
    bool single_groups;  /* a work-item is a function call that works on wide vectors: work-groups of one */
    int lanes;           /* work-items of a wave, across which channels are laid; 1 with single_groups */
    int group;           /* work-items of a group in kernels without a shape of their own; 1 with single_groups */
    int vector_width;    /* floats of an activation that a work-item handles at once, at most */
    int run_length;      /* elements of a work-item in kernels that only move */
    int waves;           /* groups of `lanes` work-items that keep the whole device busy */
    bool uploads_ahead;  /* inputs go to the device while the step before computes: twice their size of memory more */
    size_t weight_cache; /* elements of weights that stay in a core's cache beside the pictures */

    /* Choices */
    int block;               /* the layout's b: 1, 2, 4, 8 or 16 */
    px_conv_algorithm conv;  /* for convolutions that it can do, before the table and the planner's own choice */
    double max_launch_flops; /* larger launches are cut into pieces; 0: never */
    double max_launch_bytes; /* the same of what they read and write */
    double max_gemm_flops;   /* larger matrix products are made of slices of their columns; 0: never */
    size_t weight_slice;     /* elements of a larger weight that are repacked, or have a gradient, at a time; 0: all */
    size_t column_slice;     /* elements of the columns (convolutions by GEMM) that are in memory at a time; 0: all */
    size_t map_slice;        /* elements of transformed maps (winograd2) that are in memory at a time; 0: all */
    /* Passes that are switched off, for finding a defect by halves. */
    bool no_fuse, no_alias, no_reuse;
    const struct px_tuning *tuning; /* measured cuts (plan/tuning.h), which must outlive the plan; NULL: defaults */
    /* Bytes of scratch memory the GEMM needs with A, B and C so many elements from the start of their buffers; false
     * when that cannot be told. NULL: none. */
    bool (*gemm_scratch)(void *user, const px_gemm *gemm, const size_t offsets[3], size_t *bytes);
    void *user;
} px_target;

/* Fills traits and choices from the facts, which are the caller's to fill before; then PIXCL_BLOCK, PIXCL_CONV,
 * PIXCL_PLAN_OFF, PIXCL_MAX_LAUNCH and PIXCL_MEMORY_LIMIT have their say. */
void px_target_default(px_target *target);

/* The traits alone. */
void px_target_traits(px_target *target);

/* Settles how CLBlast is asked for a product: so that it needs the least scratch memory. False when it does not tell.
 * Where in their buffers the operands are does not decide: it would change bits. */
bool px_gemm_settle(const px_target *target, px_gemm *gemm);

/* What CLBlast 1.5.3 copies, for devices that are not there: its kernel for large matrices is one of two. */
typedef struct px_gemm_kernel {
    bool row_major; /* GEMMK 1: wants A, B and the result row by row. GEMMK 0: column by column, B transposed */
    size_t tile;    /* what divides the sizes of matrices that it does not pad */
    size_t
        smallest; /* rows, columns and terms of a product that it is for; smaller ones have another, without copies */
} px_gemm_kernel;
/* px_target.gemm_scratch of such a kernel, which `user` points to. */
bool px_gemm_kernel_scratch(void *user, const px_gemm *gemm, const size_t offsets[3], size_t *bytes);

#endif
