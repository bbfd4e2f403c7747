/* CLBlast's C interface, with scratch memory that the plan owns, so that nothing is allocated in a step.
 *
 * Never its batched calls: where CLBlast 1.5.3 need not copy, StridedBatched ignores offsets and strides
 * (tests/kernel/test_gemm_forms.c). */
#include "exec/opencl/gemm.h"

#include <clblast_c.h>

/* A product as CLBlast gets it. Read column by column the same memory is the transposed matrices, so that the operands
 * change places; each is transposed as before. */
typedef struct call {
    CLBlastLayout layout;
    CLBlastTranspose transpose[2];
    int operand[2]; /* which of A, B, C is the first, the second */
    size_t m, n, ld[2];
} call;

static CLBlastTranspose transpose(bool yes)
{
    return yes ? CLBlastTransposeYes : CLBlastTransposeNo;
}

static call call_of(const px_gemm *gemm)
{
    const CLBlastTranspose a = transpose(gemm->transpose_a), b = transpose(gemm->transpose_b);
    if (gemm->column_major)
        return (call){CLBlastLayoutColMajor, {b, a}, {1, 0}, gemm->n, gemm->m, {gemm->ldb, gemm->lda}};
    return (call){CLBlastLayoutRowMajor, {a, b}, {0, 1}, gemm->m, gemm->n, {gemm->lda, gemm->ldb}};
}

bool px_cl_gemm_scratch(void *device, const px_gemm *gemm, const size_t offsets[3], size_t *bytes)
{
    px_cl_device *d = device;
    const call it = call_of(gemm);
    *bytes = 0;
    return CLBlastSGemmTempBufferSize(it.layout, it.transpose[0], it.transpose[1], it.m, it.n, gemm->k,
                                      offsets[it.operand[0]], it.ld[0], offsets[it.operand[1]], it.ld[1], offsets[2],
                                      gemm->ldc, &d->queue, bytes) == CLBlastSuccess;
}

pixcl_status px_cl_gemm_operand(const px_cl_device *device, const px_gemm *gemm, cl_mem buffer, size_t first,
                                size_t end, px_cl_operand *operand, pixcl_error *err)
{
    const size_t unit = device->limits.alignment / sizeof(float), begin = first / unit * unit;
    cl_int code;
    if (gemm->sub_buffers) {
        const cl_buffer_region region = {begin * sizeof(float), (end - begin) * sizeof(float)};
        *operand = (px_cl_operand){
            clCreateSubBuffer(buffer, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, &code), first - begin};
        if (code != CL_SUCCESS)
            return px_cl_fail(err, code, "clCreateSubBuffer", "%zu bytes from byte %zu on, aligned to %u", region.size,
                              region.origin, (unsigned)device->limits.alignment);
        return PIXCL_OK;
    }
    code = clRetainMemObject(buffer);
    *operand = (px_cl_operand){code == CL_SUCCESS ? buffer : NULL, first};
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clRetainMemObject", "%s", "");
}

pixcl_status px_cl_gemm(px_cl_device *device, const px_gemm *gemm, const px_cl_operand operands[3], cl_mem scratch,
                        cl_event *event, pixcl_error *err)
{
    const call it = call_of(gemm);
    const px_cl_operand *a = &operands[it.operand[0]], *b = &operands[it.operand[1]], *c = &operands[2];
    CLBlastStatusCode code = CLBlastSgemmWithTempBuffer(
        it.layout, it.transpose[0], it.transpose[1], it.m, it.n, gemm->k, 1.0f, a->buffer, a->offset, it.ld[0],
        b->buffer, b->offset, it.ld[1], gemm->beta, c->buffer, c->offset, gemm->ldc, &device->queue, event, scratch);
    if (code == CLBlastSuccess)
        return PIXCL_OK;
    return px_cl_fail(err, (cl_int)code, "CLBlastSgemm", "%zu x %zu x %zu", gemm->m, gemm->n, gemm->k);
}
