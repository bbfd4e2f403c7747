/* Gram-Schmidt in double. A matrix of normal numbers is far enough from singular for that: its vectors come out
 * orthogonal to better than float's precision. The diagonal of R is a norm, so its signs need no repair. */
#include "model/orthogonal.h"

#include <math.h>

#include "base/memory.h"

enum { AT_ONCE = 4 }; /* earlier vectors taken off in one pass: each pass is bound by reading `vector` */

/* vector -= its projections on the four orthonormal vectors that stand one after the other in `basis`. */
static void take_off_four(double *vector, const double *basis, size_t length)
{
    const double *a = basis, *b = a + length, *c = b + length, *d = c + length;
    double on_a = 0, on_b = 0, on_c = 0, on_d = 0;
    for (size_t e = 0; e < length; e++) {
        on_a += vector[e] * a[e];
        on_b += vector[e] * b[e];
        on_c += vector[e] * c[e];
        on_d += vector[e] * d[e];
    }
    for (size_t e = 0; e < length; e++)
        vector[e] -= on_a * a[e] + on_b * b[e] + on_c * c[e] + on_d * d[e];
}

static double dot(const double *a, const double *b, size_t length)
{
    double sum = 0;
    for (size_t e = 0; e < length; e++)
        sum += a[e] * b[e];
    return sum;
}

static void take_off(double *vector, const double *basis, size_t length)
{
    const double on_basis = dot(vector, basis, length);
    for (size_t e = 0; e < length; e++)
        vector[e] -= on_basis * basis[e];
}

static void orthonormalise(double *vectors, size_t count, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        double *vector = vectors + i * length;
        size_t done = 0;
        for (; done + AT_ONCE <= i; done += AT_ONCE)
            take_off_four(vector, vectors + done * length, length);
        for (; done < i; done++)
            take_off(vector, vectors + done * length, length);
        const double norm = sqrt(dot(vector, vector, length));
        for (size_t e = 0; e < length && norm > 0; e++)
            vector[e] /= norm;
    }
}

pixcl_status px_orthogonalise(float *matrix, size_t rows, size_t columns, float gain, pixcl_error *err)
{
    const int tall = rows > columns;
    const size_t count = tall ? columns : rows, length = tall ? rows : columns;
    double *vectors = px_calloc(count * length, sizeof *vectors, err);
    if (!vectors)
        return PIXCL_ERROR_MEMORY;
    for (size_t i = 0; i < count; i++)
        for (size_t e = 0; e < length; e++)
            vectors[i * length + e] = tall ? matrix[e * columns + i] : matrix[i * columns + e];
    orthonormalise(vectors, count, length);
    for (size_t i = 0; i < count; i++)
        for (size_t e = 0; e < length; e++)
            matrix[tall ? e * columns + i : i * columns + e] = (float)(gain * vectors[i * length + e]);
    px_free(vectors);
    return PIXCL_OK;
}
