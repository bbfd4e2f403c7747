/* Large matrix products, in the forms that convolutions have: each matrix transposed or not, padded or not. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "exec/opencl/gemm_check.h"
#include "measure/check_run.h"

static void tell(px_cl_device *device, const char *name, const px_gemm *gemm, const px_check_listener *listener)
{
    pixcl_error err = {0};
    char message[240] = "";
    size_t wrong = 0;
    const bool ran = px_cl_gemm_try(device, gemm, &wrong, &err) == PIXCL_OK;
    if (wrong > 0)
        snprintf(
            message, sizeof message,
            "%zu of %zu rows come out different of whole numbers, which float holds exactly: this CLBlast and this "
            "driver do not go together. PIXCL_CONV=direct does without, more slowly",
            wrong, gemm->m);
    const pixcl_check_row row = {.group = "matrix products",
                                 .name = name,
                                 .lowering = "CLBlast",
                                 .error = ran ? (double)wrong / (double)gemm->m : INFINITY,
                                 .passed = ran && wrong == 0,
                                 .message = ran ? message : err.message};
    listener->row(listener->user, &row);
}

void px_check_gemm_run(px_cl_device *device, const char *only, const px_check_listener *listener)
{
    for (int form = 0; form < 8; form++) {
        const bool even = form & 4;
        px_gemm gemm = {.transpose_a = form & 1, .transpose_b = form & 2, .beta = even == (bool)(form & 2) ? 1 : 0};
        char name[80];
        if (!px_cl_gemm_large(device, even, &gemm))
            continue; /* one way for all sizes, which the other cases take */
        snprintf(name, sizeof name, "A%s B%s of %zu x %zu x %zu%s", gemm.transpose_a ? "'" : "",
                 gemm.transpose_b ? "'" : "", gemm.m, gemm.n, gemm.k, gemm.column_major ? ", column-major" : "");
        if (!only || strstr(name, only))
            tell(device, name, &gemm, listener);
    }
}
