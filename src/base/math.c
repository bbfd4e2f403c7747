/* Reduced to a small range, where a few terms of the series reach the last bit. The build forbids the compiler to fuse
 * additions and multiplications (-ffp-contract=off). */
#include "base/math.h"

#include <math.h>

static const double LN2_HIGH = 0x1.62e42fee00000p-1, LN2_LOW = 0x1.a39ef35793c76p-33; /* their sum is ln 2 */

double px_ln(double x)
{
    int exponent;
    double m = frexp(x, &exponent); /* 0.5 <= m < 1 */

    if (m < 0x1.6a09e667f3bcdp-1) { /* sqrt(1/2) */
        m *= 2;
        exponent--;
    }
    /* log m = 2 atanh s = 2 (s + s^3/3 + s^5/5 + ..), |s| < 0.172 */
    const double s = (m - 1) / (m + 1), q = s * s;
    double sum = 1.0 / 21;
    for (int k = 19; k >= 3; k -= 2)
        sum = sum * q + 1.0 / k;
    return exponent * LN2_HIGH + (2 * s + (2 * s * q * sum + exponent * LN2_LOW));
}

double px_exp(double x)
{
    const double n = floor(x * 0x1.71547652b82fep0 + 0.5); /* x / ln 2 to the nearest */
    const double r = (x - n * LN2_HIGH) - n * LN2_LOW;     /* |r| < 0.347 */
    double sum = 1;

    for (int k = 14; k >= 1; k--)
        sum = 1 + r / k * sum;
    return ldexp(sum, (int)n);
}

double px_pow(double x, double y)
{
    return px_exp(y * px_ln(x));
}

double px_power(double x, uint64_t n)
{
    double result = 1;

    for (; n > 0; n >>= 1, x *= x)
        if (n & 1)
            result *= x;
    return result;
}

/* For |x| up to pi/4. */
static void series(double x, double *sine, double *cosine)
{
    const double q = x * x;
    double s = 1, c = 1;

    for (int k = 18; k >= 2; k -= 2) {
        s = 1 - q / (k * (k + 1)) * s;
        c = 1 - q / (k * (k - 1)) * c;
    }
    *sine = x * s;
    *cosine = c;
}

void px_sin_cos(uint32_t turn, double *sine, double *cosine)
{
    /* To the nearest quarter, exactly; what is left is between -1/8 and 1/8 of a turn. */
    const uint32_t quarter = (turn + 0x20000000u) >> 30;
    double s, c;

    series((double)(int32_t)(turn - (quarter << 30)) * (6.283185307179586 * 0x1p-32), &s, &c);
    *sine = quarter % 2 == 0 ? s : c;
    *cosine = quarter % 2 == 0 ? c : s;
    if (quarter == 2 || quarter == 3)
        *sine = -*sine;
    if (quarter == 1 || quarter == 2)
        *cosine = -*cosine;
}

double px_cos_pi(double x)
{
    const double pi = 3.141592653589793;
    double s, c;

    x = fmod(x, 2); /* exact, as the next */
    x = x > 1 ? 2 - x : x;
    if (x > 0.75) {
        series((1 - x) * pi, &s, &c);
        return -c;
    }
    if (x <= 0.25) {
        series(x * pi, &s, &c);
        return c;
    }
    series((0.5 - x) * pi, &s, &c);
    return s;
}
