/* CLBlast's C interface, with scratch memory that the plan owns, so that nothing is allocated in a step. */
#include "exec/opencl/gemm.h"

#include <clblast_c.h>

static CLBlastTranspose transpose(bool yes)
{
    return yes ? CLBlastTransposeYes : CLBlastTransposeNo;
}

bool px_cl_gemm_scratch(void *device, const px_gemm *gemm, size_t *bytes)
{
    px_cl_device *d = device;
    *bytes = 0;
    /* Offsets that are not zero ask for at least as much as any others. */
    CLBlastStatusCode code = CLBlastSGemmTempBufferSize(CLBlastLayoutRowMajor, transpose(gemm->transpose_a),
                                                        transpose(gemm->transpose_b), gemm->m, gemm->n, gemm->k, 1,
                                                        gemm->lda, 1, gemm->ldb, 1, gemm->ldc, &d->queue, bytes);
    return code == CLBlastSuccess;
}

pixcl_status px_cl_gemm(px_cl_device *device, const px_gemm *gemm, cl_mem a, size_t a_offset, cl_mem b, size_t b_offset,
                        cl_mem c, size_t c_offset, cl_mem scratch, cl_event *event, pixcl_error *err)
{
    CLBlastStatusCode code =
        CLBlastSgemmWithTempBuffer(CLBlastLayoutRowMajor, transpose(gemm->transpose_a), transpose(gemm->transpose_b),
                                   gemm->m, gemm->n, gemm->k, 1.0f, a, a_offset, gemm->lda, b, b_offset, gemm->ldb,
                                   gemm->beta, c, c_offset, gemm->ldc, &device->queue, event, scratch);
    if (code == CLBlastSuccess)
        return PIXCL_OK;
    return px_cl_fail(err, (cl_int)code, "CLBlastSgemm", "%zu x %zu x %zu", gemm->m, gemm->n, gemm->k);
}
