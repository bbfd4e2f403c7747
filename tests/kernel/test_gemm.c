/* The check of large matrix products: it takes CLBlast's way for large ones, agrees with it, and notices one element
 * that is wrong.
 *
 * This program's own CLBlastSgemmWithTempBuffer stands before CLBlast's, and can spoil what that one computes. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "device_fixture.h"

#include <clblast_c.h>

#include "exec/opencl/gemm.h"
#include "exec/opencl/gemm_check.h"

static bool spoil;
static size_t spoilt_row, spoilt_column;

CLBlastStatusCode CLBlastSgemmWithTempBuffer(const CLBlastLayout layout, const CLBlastTranspose a_transpose,
                                             const CLBlastTranspose b_transpose, const size_t m, const size_t n,
                                             const size_t k, const float alpha, const cl_mem a, const size_t a_offset,
                                             const size_t a_ld, const cl_mem b, const size_t b_offset,
                                             const size_t b_ld, const float beta, cl_mem c, const size_t c_offset,
                                             const size_t c_ld, cl_command_queue *queue, cl_event *event,
                                             cl_mem scratch)
{
    CLBlastStatusCode (*next)(CLBlastLayout, CLBlastTranspose, CLBlastTranspose, size_t, size_t, size_t, float, cl_mem,
                              size_t, size_t, cl_mem, size_t, size_t, float, cl_mem, size_t, size_t, cl_command_queue *,
                              cl_event *, cl_mem);
    *(void **)&next = dlsym(RTLD_NEXT, "CLBlastSgemmWithTempBuffer");
    CLBlastStatusCode code = next(layout, a_transpose, b_transpose, m, n, k, alpha, a, a_offset, a_ld, b, b_offset,
                                  b_ld, beta, c, c_offset, c_ld, queue, event, scratch);
    if (spoil) {
        const float wrong = 1234.0f;
        const size_t at = (c_offset + spoilt_row * c_ld + spoilt_column) * sizeof wrong;
        assert_int_equal(clEnqueueWriteBuffer(*queue, c, CL_TRUE, at, sizeof wrong, &wrong, 0, NULL, NULL), CL_SUCCESS);
    }
    return code;
}

static size_t wrong_rows(const px_gemm *gemm)
{
    pixcl_error err = {0};
    size_t wrong = 99999;
    if (px_cl_gemm_try(device, gemm, &wrong, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    return wrong;
}

static void large_products_are_right(void **state)
{
    (void)state;
    int without_copies = 0;
    for (int form = 0; form < 16; form++) {
        const bool even = form & 8;
        px_gemm gemm = {.transpose_a = form & 1, .transpose_b = form & 2, .beta = form & 4 ? 1.0f : 0.0f};
        if (!px_cl_gemm_large(device, even, &gemm))
            skip(); /* this device has one way for all sizes */
        size_t scratch;
        assert_true(px_cl_gemm_scratch(device, &gemm, (const size_t[3]){0, 0, 0}, &scratch));
        assert_true(even || scratch > 0);
        without_copies += scratch == 0;
        assert_int_equal(wrong_rows(&gemm), 0);
    }
    assert_int_equal(without_copies, 2); /* one form, with and without adding */
}

static void one_wrong_element_is_noticed(void **state)
{
    static const struct {
        size_t row, column;
    } places[] = {{0, 0}, {31, 7}, {12, 22}, {31, 22} /* between the rows */};
    px_gemm gemm = {.m = 32, .n = 20, .k = 24, .lda = 24, .ldb = 20, .ldc = 23, .beta = 1};

    (void)state;
    assert_int_equal(wrong_rows(&gemm), 0);
    spoil = true;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        spoilt_row = places[i].row;
        spoilt_column = places[i].column;
        assert_int_equal(wrong_rows(&gemm), 1);
    }
    spoil = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_products_are_right),
        cmocka_unit_test(one_wrong_element_is_noticed),
    };
    return cmocka_run_group_tests_name("gemm", tests, open_device, close_device);
}
