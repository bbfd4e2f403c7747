/* Large matrix products, checked. CLBlast has two ways of multiplying: one kernel for small matrices, and from a size
 * on, which depends on the device, another one around which it pads and transposes what it does not get as it wants it.
 * Convolutions of the sizes that people train take the second one, and the cases of `pixcl check` the first. */
#ifndef PX_EXEC_OPENCL_GEMM_CHECK_H
#define PX_EXEC_OPENCL_GEMM_CHECK_H

#include "exec/opencl/device.h"
#include "plan/target.h"

/* Completes a product (its transpose_a, transpose_b and beta are the caller's) to the smallest one that takes the
 * second way on this device, asked for as the planner does (px_gemm_settle): an awkward one, of which each matrix is
 * padded, or one of even sizes, of which as few as can be are copied. False when none of up to 2048 rows does. */
bool px_cl_gemm_large(px_cl_device *device, bool even, px_gemm *gemm);

/* Multiplies matrices of whole numbers, whose product is exact in float, with gaps between their rows where the strides
 * leave some. *wrong: how many rows of the result are not what they should be, gaps included. The error is about
 * running at all. */
pixcl_status px_cl_gemm_try(px_cl_device *device, const px_gemm *gemm, size_t *wrong, pixcl_error *err);

#endif
