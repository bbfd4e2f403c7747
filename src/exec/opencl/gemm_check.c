/* C * v = op(A) * (op(B) * v) + beta * C' * v for any vector v (Freivalds 1977): what takes a device a moment is
 * checked in a moment, too. v has no zeros, so that one wrong element never goes unnoticed. */
#include "exec/opencl/gemm_check.h"

#include <math.h>

#include "base/memory.h"
#include "base/rng.h"
#include "exec/opencl/exec.h"
#include "exec/opencl/gemm.h"

enum { FIRST_SIZE = 65, STEP = 32, LAST_SIZE = 2048, OFFSET = 17 };
enum { EVEN = 128 };              /* a multiple of all of CLBlast's tiles */
static const float GAP = 1234.5f; /* behind the rows of the result */

typedef struct matrix {
    size_t rows, columns, stride;
    size_t place; /* elements from the start of its buffer on the device */
    float *values;
    cl_mem buffer;
} matrix;

static void set_sizes(px_gemm *gemm, size_t size, bool even)
{
    gemm->m = even ? size + 2 * EVEN : size + 6;
    gemm->n = even ? size + EVEN : size + 2;
    gemm->k = size;
    gemm->lda = (gemm->transpose_a ? gemm->m : gemm->k) + (even ? 0 : 3);
    gemm->ldb = (gemm->transpose_b ? gemm->k : gemm->n) + (even ? 0 : 5);
    gemm->ldc = gemm->n + (even ? 0 : 7);
}

bool px_cl_gemm_large(px_cl_device *device, bool even, px_gemm *gemm)
{
    const px_target target = px_cl_target(device);
    for (size_t size = even ? EVEN : FIRST_SIZE; size <= LAST_SIZE; size += even ? EVEN : STEP) {
        set_sizes(gemm, size, even);
        if (px_gemm_settle(&target, gemm) && (gemm->scratch > 0 || gemm->sub_buffers))
            return true;
    }
    return false;
}

static cl_mem create_buffer(const px_cl_device *device, size_t bytes, pixcl_error *err)
{
    cl_int code;
    cl_mem buffer = clCreateBuffer(device->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    if (code == CL_SUCCESS)
        return buffer;
    px_cl_fail(err, code, "clCreateBuffer", "%zu bytes", bytes);
    return NULL;
}

static size_t count_of(const matrix *x)
{
    return x->rows * x->stride;
}

/* Whole numbers, or NaN where nothing must be read; `gap` between the rows. */
static pixcl_status fill(px_cl_device *device, matrix *x, bool unread, float gap, px_rng *rng, pixcl_error *err)
{
    x->values = px_calloc(count_of(x), sizeof *x->values, err);
    x->buffer = x->values ? create_buffer(device, (x->place + count_of(x)) * sizeof *x->values, err) : NULL;
    if (!x->buffer)
        return err ? err->status : PIXCL_ERROR_MEMORY;
    for (size_t row = 0; row < x->rows; row++)
        for (size_t column = 0; column < x->stride; column++)
            x->values[row * x->stride + column] = column >= x->columns ? gap
                                                  : unread             ? NAN
                                                                       : (float)px_rng_below(rng, 17) - 8;
    cl_int code = clEnqueueWriteBuffer(device->queue, x->buffer, CL_TRUE, x->place * sizeof *x->values,
                                       count_of(x) * sizeof *x->values, x->values, 0, NULL, NULL);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueWriteBuffer", "%zu floats", count_of(x));
}

static void drop(matrix *x)
{
    px_free(x->values);
    if (x->buffer)
        clReleaseMemObject(x->buffer);
}

/* out += op(X) * in */
static void multiply(const matrix *x, bool transpose, const double *in, double *out)
{
    for (size_t row = 0; row < x->rows; row++)
        for (size_t column = 0; column < x->columns; column++)
            out[transpose ? column : row] += (double)x->values[row * x->stride + column] * in[transpose ? row : column];
}

static pixcl_status multiply_on(px_cl_device *device, const px_gemm *gemm, const px_cl_operand operands[3],
                                pixcl_error *err)
{
    const size_t offsets[3] = {operands[0].offset, operands[1].offset, operands[2].offset};
    size_t bytes;
    px_cl_gemm_scratch(device, gemm, offsets,
                       &bytes); /* 0 where it does not tell: then the product says what is wrong */
    cl_mem scratch = bytes > 0 ? create_buffer(device, bytes, err) : NULL;
    if (bytes > 0 && !scratch)
        return err ? err->status : PIXCL_ERROR_MEMORY;
    pixcl_status status = px_cl_gemm(device, gemm, operands, scratch, NULL, err);
    if (scratch)
        clReleaseMemObject(scratch);
    return status;
}

static pixcl_status run(px_cl_device *device, const px_gemm *gemm, const matrix *a, const matrix *b, matrix *c,
                        pixcl_error *err)
{
    const matrix *const all[3] = {a, b, c};
    px_cl_operand operands[3] = {{0}};
    pixcl_status status = PIXCL_OK;
    for (int i = 0; status == PIXCL_OK && i < 3; i++)
        status = px_cl_gemm_operand(device, gemm, all[i]->buffer, all[i]->place, all[i]->place + count_of(all[i]),
                                    &operands[i], err);
    if (status == PIXCL_OK)
        status = multiply_on(device, gemm, operands, err);
    if (status == PIXCL_OK) {
        cl_int code = clEnqueueReadBuffer(device->queue, c->buffer, CL_TRUE, c->place * sizeof *c->values,
                                          count_of(c) * sizeof *c->values, c->values, 0, NULL, NULL);
        if (code != CL_SUCCESS)
            status = px_cl_fail(err, code, "clEnqueueReadBuffer", "a product of %zu x %zu", gemm->m, gemm->n);
    }
    for (int i = 0; i < 3; i++)
        if (operands[i].buffer)
            clReleaseMemObject(operands[i].buffer);
    return status;
}

static size_t count_wrong(const matrix *c, const double *got, const double *expected)
{
    size_t wrong = 0;
    for (size_t row = 0; row < c->rows; row++) {
        bool right = got[row] == expected[row];
        for (size_t column = c->columns; column < c->stride; column++)
            right = right && c->values[row * c->stride + column] == GAP;
        wrong += !right;
    }
    return wrong;
}

pixcl_status px_cl_gemm_try(px_cl_device *device, const px_gemm *gemm, size_t *wrong, pixcl_error *err)
{
    const size_t m = gemm->m, n = gemm->n, k = gemm->k;
    const bool keeps = gemm->beta != 0;
    px_rng rng = {.seed = 1};
    const size_t place = gemm->sub_buffers ? device->limits.alignment / sizeof(float) : OFFSET;
    matrix a = {gemm->transpose_a ? k : m, gemm->transpose_a ? m : k, gemm->lda, place, NULL, NULL},
           b = {gemm->transpose_b ? n : k, gemm->transpose_b ? k : n, gemm->ldb, place, NULL, NULL},
           c = {m, n, gemm->ldc, place, NULL, NULL};
    double *vectors = px_calloc(n + k + 2 * m, sizeof *vectors, err);
    pixcl_status status = vectors ? fill(device, &a, false, NAN, &rng, err) : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK)
        status = fill(device, &b, false, NAN, &rng, err);
    if (status == PIXCL_OK)
        status = fill(device, &c, !keeps, GAP, &rng, err);
    if (status == PIXCL_OK) {
        double *v = vectors, *bv = v + n, *expected = bv + k, *got = expected + m;
        for (size_t i = 0; i < n; i++)
            v[i] = (double)px_rng_below(&rng, 9) + 1;
        multiply(&b, gemm->transpose_b, v, bv);
        multiply(&a, gemm->transpose_a, bv, expected);
        if (keeps)
            multiply(&c, false, v, expected); /* beta is 1 */
        status = run(device, gemm, &a, &b, &c, err);
        multiply(&c, false, v, got);
        *wrong = count_wrong(&c, got, expected);
    }
    drop(&a);
    drop(&b);
    drop(&c);
    px_free(vectors);
    return status;
}
