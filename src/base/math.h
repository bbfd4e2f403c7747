/* Elementary functions that give the same bits everywhere: of additions, multiplications and divisions alone, which
 * IEEE 754 defines to the last bit, where the functions of C libraries differ in it. What comes from them are first
 * weights, augmentation and colours, and so every bit of a training. */
#ifndef PX_BASE_MATH_H
#define PX_BASE_MATH_H

#include <stdint.h>

/* Natural logarithm of a positive, normal number; within 2 units in the last place. */
double px_ln(double x);
/* e^x for x in -700 to 700; within 2 units in the last place. */
double px_exp(double x);
/* x^y for positive x; the relative error grows with |y log x|, 1e-15 for colours. */
double px_pow(double x, double y);
/* x^n by squaring. */
double px_power(double x, uint64_t n);
/* Sine and cosine of an angle in turns of 2^-32 (0x40000000 is a right angle); within 2e-16. */
void px_sin_cos(uint32_t turn, double *sine, double *cosine);
/* Cosine of pi x for x of 0 and above; within 2e-16. */
double px_cos_pi(double x);

#endif
