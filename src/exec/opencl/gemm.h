/* Matrix multiplication by CLBlast. */
#ifndef PX_EXEC_OPENCL_GEMM_H
#define PX_EXEC_OPENCL_GEMM_H

#include "exec/opencl/device.h"
#include "plan/target.h"

/* Bytes of scratch memory px_cl_gemm() needs for this shape at any offsets; false when CLBlast does not tell. `device`
 * is a px_cl_device. */
bool px_cl_gemm_scratch(void *device, const px_gemm *gemm, size_t *bytes);

/* Queues C = op(A) * op(B) + beta * C; offsets in elements. `event` may be NULL. */
pixcl_status px_cl_gemm(px_cl_device *device, const px_gemm *gemm, cl_mem a, size_t a_offset, cl_mem b, size_t b_offset,
                        cl_mem c, size_t c_offset, cl_mem scratch, cl_event *event, pixcl_error *err);

#endif
