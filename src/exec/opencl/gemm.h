/* Matrix multiplication by CLBlast. */
#ifndef PX_EXEC_OPENCL_GEMM_H
#define PX_EXEC_OPENCL_GEMM_H

#include "exec/opencl/device.h"
#include "plan/target.h"

/* Bytes of scratch memory px_cl_gemm() needs for this product with A, B and C so many elements from the start of their
 * buffers; false when CLBlast does not tell. `device` is a px_cl_device. */
bool px_cl_gemm_scratch(void *device, const px_gemm *gemm, const size_t offsets[3], size_t *bytes);

/* A matrix: a buffer and how many elements from its start. */
typedef struct px_cl_operand {
    cl_mem buffer;
    size_t offset;
} px_cl_operand;

/* The elements from `first` up to `end` of a buffer as an operand, which the caller releases: a sub-buffer where the
 * product wants it, beginning at the last place before `first` that the device allows. */
pixcl_status px_cl_gemm_operand(const px_cl_device *device, const px_gemm *gemm, cl_mem buffer, size_t first,
                                size_t end, px_cl_operand *operand, pixcl_error *err);

/* Queues C = op(A) * op(B) + beta * C with the operands A, B, C. `event` may be NULL. */
pixcl_status px_cl_gemm(px_cl_device *device, const px_gemm *gemm, const px_cl_operand operands[3], cl_mem scratch,
                        cl_event *event, pixcl_error *err);

#endif
